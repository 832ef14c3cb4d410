internal import Synchronization

/// A signal that is fired once and stays fired: every wait that watches it ends at once, in whatever thread.
///
/// Holds a descriptor, so that `poll(2)` can wait for a socket and for the stop in the same call.
package final class StopSignal: Sendable {
    private let fired = Atomic(false)
    private let pipe = Pipe()

    package init() {}

    /// Readable once the signal has fired. Watch it, never read it. Valid as long as this object lives.
    package var descriptor: Int32 { pipe.reading }

    /// Fires the signal. Doing it again changes nothing.
    package func fire() {
        guard !fired.exchange(true, ordering: .acquiringAndReleasing) else { return }
        pipe.put()
    }

    package var isFired: Bool { fired.load(ordering: .acquiring) }

    /// Waits until the signal fires or the deadline passes; true = fired.
    @discardableResult
    package func wait(until deadline: Deadline) -> Bool {
        if isFired { return true }
        if case .ready = poll(descriptor, for: .read, stop: nil, deadline: deadline) { return true }
        return isFired
    }
}
