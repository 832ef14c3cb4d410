import FlowModel
import Inflate
import Tail
import TestSupport
import Testing

private let gzip = GzipWriter()

/// What a reader makes of input that is broken, cut off, or no log at all.
@Suite struct DropReaderDamageTests {
    private let folder = ScratchFolder()
    private let store = MemoryStore()

    @Test func randomBytesAreOneDeadLetterWhileRunningToo() throws {
        folder.write([0x80, 0x81, 0x82] + Array("no log".utf8), to: "a.json")
        let reader = DropReader(path: folder.at("a.json"), clock: clock)
        for _ in 0..<3 {
            _ = try readAll(reader, store)
            #expect(store.reasons() == [.notJSON])
        }
        // More of the same is the same dead letter.
        folder.append("still no log", to: "a.json")
        _ = try readAll(reader, store)
        #expect(store.reasons() == [.notJSON])
        #expect(store.deadLettersTold == 1)
        // Another content is another one.
        folder.write("something else", to: "a.json")
        _ = try readAll(reader, store)
        #expect(store.reasons() == [.notJSON, .notJSON])
        #expect(store.stored.isEmpty && store.states.isEmpty)
    }

    @Test func roomSetAsideThatIsFilledLaterIsNoDeadLetter() throws {
        let whole = drop([record(1), record(2)])
        folder.write([UInt8](repeating: 0, count: whole.count), to: "a.json")
        let reader = DropReader(path: folder.at("a.json"), clock: clock)
        _ = try readAll(reader, store)
        folder.overwrite(whole, in: "a.json", at: 0)
        _ = try readAll(reader, store)
        store.expectExactly([record(1), record(2)])
        #expect(store.deadLetters.isEmpty)
    }

    @Test(arguments: ["", "{\"records\":[]}", "{\"records\":["])
    func dropsWithoutARecordAreNothing(text: String) throws {
        folder.write(text, to: "a.json")
        try readOnce(folder.at("a.json"), store, finish: true)
        #expect(store.deadLetters.isEmpty && store.states.isEmpty)
    }

    @Test func anUnfinishedRecordWaitsWhileRunningAndIsCutOffInAReplay() throws {
        let whole = drop([record(1), record(2)])
        folder.write(Array(whole.dropLast(20)), to: "a.json")
        try readOnce(folder.at("a.json"), store)
        #expect(store.deadLetters.isEmpty)
        let replayed = MemoryStore()
        try readOnce(folder.at("a.json"), replayed, finish: true)
        replayed.expectExactly([record(1)])
        #expect(replayed.reasons() == [.cutOff])
        // The closing bracket alone is none.
        folder.write(Array(whole.dropLast(2)), to: "a.json")
        let bracketless = MemoryStore()
        try readOnce(folder.at("a.json"), bracketless, finish: true)
        #expect(bracketless.reasons().isEmpty)
        bracketless.expectExactly([record(1), record(2)])
    }

    @Test func aCorruptGzipIsOneDeadLetterAfterTheGoodRecords() throws {
        let lines = (0..<3).map { record($0) }
        let good = gzip.member(Array((lines.joined(separator: "\n") + "\n").utf8))
        folder.write(good + Array("garbage".utf8), to: "a.json.gz")
        let reader = DropReader(path: folder.at("a.json.gz"), clock: clock)
        for _ in 0..<3 { _ = try readAll(reader, store) }
        store.expectExactly(lines)
        #expect(store.reasons() == [.badGzip])
        #expect(store.deadLetters.first?.offset == Int64(lines.joined().utf8.count + 3))
        // More garbage is no other damage.
        folder.append("more", to: "a.json.gz")
        _ = try readAll(reader, store)
        #expect(store.reasons() == [.badGzip])
        #expect(store.deadLettersTold == 1)
        // Mended by another copy: what was read before is not read again.
        let more = gzip.member(Array((record(3) + "\n").utf8))
        folder.write(good + more, to: "a.json.gz")
        _ = try readAll(reader, store)
        store.expectExactly(lines + [record(3)])
        #expect(store.states.count == 1)
    }

    @Test func aCorruptGzipOfAKnownLineageSaysSoToo() throws {
        let lines = (0..<3).map { record($0) }
        folder.write(lines.joined(separator: "\n") + "\n", to: "a.json")
        try readOnce(folder.at("a.json"), store)
        let half = gzip.member(Array((lines[0] + "\n").utf8))
        folder.write(half + [1, 2, 3], to: "b.json.gz")
        try readOnce(folder.at("b.json.gz"), store)
        store.expectExactly(lines)
        #expect(store.reasons() == [.badGzip])
        #expect(store.states.count == 1)
    }

    @Test func aGzipThatIsCorruptFromTheStartIsUnidentifiedAndSaysSoOnce() throws {
        folder.write([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], to: "a.json.gz")
        let reader = DropReader(path: folder.at("a.json.gz"), clock: clock)
        for _ in 0..<3 {
            guard case .unidentified = try readAll(reader, store) else { throw Unexpected() }
        }
        #expect(store.reasons() == [.badGzip])
    }

    @Test func aGzipCutShortWaitsWhileRunningAndIsADeadLetterInAReplay() throws {
        let lines = (0..<3).map { record($0) }
        let whole = gzip.member(Array((lines.joined(separator: "\n") + "\n").utf8))
        // All data are there, the trailer is not.
        folder.write(Array(whole.dropLast(8)), to: "a.json.gz")
        try readOnce(folder.at("a.json.gz"), store)
        store.expectExactly(lines)
        #expect(store.deadLetters.isEmpty)
        try readOnce(folder.at("a.json.gz"), store, finish: true)
        #expect(store.reasons() == [.badGzip])
        // One byte of the magic number is no log.
        folder.write([0x1f], to: "b.json.gz")
        let alone = MemoryStore()
        try readOnce(folder.at("b.json.gz"), alone)
        #expect(alone.deadLetters.isEmpty)
        try readOnce(folder.at("b.json.gz"), alone, finish: true)
        #expect(alone.reasons() == [.notJSON])
    }

    @Test func aBombIsReadInBoundedTurnsAndEndsAtItsLimit() throws {
        var limits = TailLimits()
        limits.inflate.outputBytes = 8_000_000
        limits.workBytes = 1 << 20
        let first = Array((record(1) + "\n").utf8)
        folder.write(
            gzip.member(first + [UInt8](repeating: 0x20, count: 9_000_000)), to: "a.json.gz")
        let reader = DropReader(path: folder.at("a.json.gz"), clock: clock, limits: limits)
        var turns = 0
        while true {
            var batch = FlowBatch()
            let outcome = try reader.read(into: &batch, lineages: store)
            guard case .batch(let advance) = outcome else {
                _ = store.commit(batch, nil)
                break
            }
            if let id = store.commit(batch, advance) { reader.committed(lineage: id) }
            turns += 1
        }
        #expect(turns >= 7)
        #expect(store.reasons() == [.overLimit])
        store.expectExactly([record(1)])
    }

    @Test func finishSaysNothingAfterADropThatEndedWell() throws {
        folder.write(drop([record(1)]), to: "a.json")
        folder.write(gzip.member(drop([record(2)])) + [0, 0, 0], to: "b.json.gz")
        try readOnce(folder.at("a.json"), store, finish: true)
        try readOnce(folder.at("b.json.gz"), store, finish: true)
        try readOnce(folder.at("none.json"), store, finish: true)
        #expect(store.deadLetters.isEmpty)
        store.expectExactly([record(1), record(2)])
    }
}
