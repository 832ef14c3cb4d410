internal import Synchronization

/// A first-in-first-out queue between threads that holds at most `limit` elements: a full queue holds the producer
/// back.
///
/// For batches, not for records: each push and each pop costs a few system calls. Two pipes hold a byte for each
/// element and for each free place, so that a wait ends with the stop signal like any other wait.
package final class BoundedQueue<Element: Sendable>: Sendable {
    /// The most elements that the queue holds.
    package let limit: Int
    private let elements: Mutex<Ring>
    private let filled: CountingEvent
    private let free: CountingEvent

    /// - Parameter limit: 1 to 4096 (a pipe holds a byte for each place).
    package init(limit: Int) {
        precondition((1...4096).contains(limit), "a queue of \(limit) elements")
        self.limit = limit
        elements = Mutex(Ring(limit: limit))
        filled = CountingEvent(count: 0)
        free = CountingEvent(count: limit)
    }

    /// How many elements wait now.
    package var depth: Int { elements.withLock { $0.count } }

    /// Adds an element, waiting for a free place as long as it takes; false (and the element is not queued) when the
    /// stop fires first.
    package func push(_ element: Element, stop: StopSignal?) -> Bool {
        guard free.take(until: .never, stop: stop) else { return false }
        elements.withLock { $0.append(element) }
        filled.give()
        return true
    }

    /// Takes the oldest element; nil when the deadline passes or the stop fires first.
    package func pop(until deadline: Deadline, stop: StopSignal?) -> Element? {
        guard filled.take(until: deadline, stop: stop) else { return nil }
        let element = elements.withLock { $0.removeFirst() }
        free.give()
        return element
    }

    private struct Ring {
        private var slots: [Element?]
        private var head = 0
        private(set) var count = 0

        init(limit: Int) { slots = Array(repeating: nil, count: limit) }

        mutating func append(_ element: Element) {
            precondition(count < slots.count, "an element without a free place")
            slots[(head + count) % slots.count] = element
            count += 1
        }

        mutating func removeFirst() -> Element {
            guard let element = slots[head].take() else {
                preconditionFailure("an element was counted that is not there")
            }
            head = (head + 1) % slots.count
            count -= 1
            return element
        }
    }
}

/// A counting semaphore that `poll(2)` can wait for.
private final class CountingEvent: Sendable {
    private let pipe = Pipe()

    init(count: Int) {
        for _ in 0..<count { pipe.put() }
    }

    func give() { pipe.put() }

    func take(until deadline: Deadline, stop: StopSignal?) -> Bool {
        while true {
            if let stop, stop.isFired { return false }
            if pipe.take() { return true }
            // Another thread may take the byte between the poll and the read: then wait again.
            guard case .ready = poll(pipe.reading, for: .read, stop: stop, deadline: deadline) else { return false }
        }
    }
}
