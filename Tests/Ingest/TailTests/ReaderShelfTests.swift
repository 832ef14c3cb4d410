import FlowModel
import Tail
import Testing

@Suite struct ReaderShelfTests {
    private let folder = ScratchFolder()

    @Test func theLongestUnusedReaderGoesFirstAndOneAwaitingItsCommitStays() throws {
        let store = MemoryStore()
        for name in ["a", "b", "c", "d"] { folder.write(drop([record(1, note: name)]), to: name) }
        let shelf = ReaderShelf(clock: clock, readersLimit: 2)
        let first = shelf.reader(of: folder.at("a"))
        var batch = FlowBatch()
        guard case .caughtUp(let advance?) = try first.read(into: &batch, lineages: store) else { throw Unexpected() }
        let second = shelf.reader(of: folder.at("b"))
        #expect(shelf.reader(of: folder.at("b")) === second)
        _ = shelf.reader(of: folder.at("c"))
        shelf.trim()
        #expect(shelf.count == 2)
        #expect(shelf.reader(of: folder.at("a")) === first)
        #expect(shelf.reader(of: folder.at("b")) !== second)
        first.committed(lineage: try #require(store.commit(batch, advance)))
        _ = shelf.reader(of: folder.at("c"))
        shelf.trim()
        #expect(shelf.count == 2)
        #expect(shelf.reader(of: folder.at("a")) !== first)
        shelf.remove(folder.at("a"))
        #expect(shelf.count == 2)
    }

    @Test func memoryIsBoundedToo() {
        let shelf = ReaderShelf(clock: clock, bytesLimit: 20_000)
        for index in 0..<10 {
            _ = shelf.reader(of: "drop\(index)")
            shelf.trim()
            #expect(shelf.memoryBytes <= 20_000)
        }
        #expect(shelf.count > 1)
    }
}
