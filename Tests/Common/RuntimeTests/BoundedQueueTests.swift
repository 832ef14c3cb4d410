import Runtime
import Testing

@Suite struct BoundedQueueTests {
    @Test func givesElementsInTheirOrderAndCountsThem() {
        let queue = BoundedQueue<Int>(limit: 3)
        for round in 0..<5 {
            for value in 0..<3 { #expect(queue.push(round * 3 + value, stop: nil)) }
            #expect(queue.depth == 3)
            for value in 0..<3 { #expect(queue.pop(until: .never, stop: nil) == round * 3 + value) }
        }
        #expect(queue.depth == 0 && queue.limit == 3)
    }

    @Test func anEmptyQueueGivesNothingAtTheDeadline() {
        #expect(BoundedQueue<Int>(limit: 1).pop(until: .after(.zero), stop: nil) == nil)
    }

    @Test func aStopEndsAPushIntoAFullQueueAndKeepsWhatIsThere() {
        let queue = BoundedQueue<Int>(limit: 1)
        let stop = StopSignal()
        #expect(queue.push(1, stop: stop))
        let thread = WorkerThread.start(name: "stopper") { stop.fire() }
        #expect(!queue.push(2, stop: stop))
        thread.join()
        #expect(queue.pop(until: .never, stop: stop) == nil, "the stop comes first")
        #expect(queue.pop(until: .never, stop: nil) == 1)
        #expect(queue.depth == 0)
    }

    @Test func aFullQueueHoldsTheProducerBackUntilAPlaceIsFree() {
        let queue = BoundedQueue<Int>(limit: 2)
        let producer = WorkerThread.start(name: "producer") {
            for value in 0..<1000 { _ = queue.push(value, stop: nil) }
        }
        for value in 0..<1000 {
            #expect(queue.depth <= 2)
            #expect(queue.pop(until: .after(.seconds(60)), stop: nil) == value)
        }
        producer.join()
    }

    @Test func severalThreadsLoseAndDoubleNothing() {
        let queue = BoundedQueue<Int>(limit: 4)
        let sums = BoundedQueue<Int>(limit: 4)
        let producers = (0..<3).map { part in
            WorkerThread.start(name: "producer") {
                for value in 0..<500 { _ = queue.push(part * 500 + value, stop: nil) }
            }
        }
        let consumers = (0..<3).map { _ in
            WorkerThread.start(name: "consumer") {
                var sum = 0
                for _ in 0..<500 { sum += queue.pop(until: .after(.seconds(60)), stop: nil) ?? 0 }
                _ = sums.push(sum, stop: nil)
            }
        }
        (producers + consumers).forEach { $0.join() }
        var total = 0
        for _ in 0..<3 { total += sums.pop(until: .after(.zero), stop: nil) ?? 0 }
        #expect(total == 1500 * 1499 / 2)
    }
}
