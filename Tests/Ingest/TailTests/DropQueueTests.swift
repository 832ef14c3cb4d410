import Tail
import Testing

@Suite struct DropQueueTests {
    @Test func liveDropsGoFirstAndTheBacklogGetsEachFourthTurn() {
        var queue = DropQueue()
        for index in 0..<6 { queue.add("old\(index)", isLive: false) }
        for index in 0..<6 { queue.add("new\(index)", isLive: true) }
        var order: [String] = []
        while let turn = queue.next() { order.append(turn.path) }
        #expect(
            order == [
                "new0", "new1", "new2", "old0", "new3", "new4", "new5", "old1", "old2", "old3", "old4", "old5",
            ])
        #expect(queue.isEmpty)
    }

    @Test func aDropThatAlwaysHasMoreHoldsUpNobody() {
        var queue = DropQueue()
        queue.add("huge", isLive: true)
        for index in 0..<5 { queue.add("small\(index)", isLive: true) }
        queue.add("old", isLive: false)
        var served: Set<String> = []
        for _ in 0..<8 {
            guard let turn = queue.next() else { break }
            served.insert(turn.path)
            if turn.path == "huge" { queue.add("huge", isLive: true) }
        }
        #expect(served.count == 7)
    }

    @Test func aDropWaitsOnceAndAFullLaneSaysSo() {
        var queue = DropQueue(liveLimit: 2, backlogLimit: 1)
        func add(_ path: String, isLive: Bool = true) -> Bool { queue.add(path, isLive: isLive) }
        #expect(add("a"))
        #expect(add("a"))
        #expect(queue.liveRoom == 1)
        #expect(add("b"))
        #expect(!add("c"))
        #expect(add("a"))
        #expect(add("old", isLive: false))
        #expect(!add("older", isLive: false))
        #expect(queue.count == 3)
        let first = queue.next()
        #expect(first?.path == "a")
        #expect(add("c"))
    }
}
