internal import Glibc
internal import Synchronization

/// The wall clock, injected wherever it is read: it drives timers and delivery times, never a finding.
package protocol WallClock: Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    var microseconds: Int64 { get }
}

/// The machine's clock.
package struct SystemClock: WallClock {
    package init() {}

    package var microseconds: Int64 {
        var now = timespec()
        // Cannot fail: the clock exists on every Linux and the pointer is ours.
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }
}

/// A clock that stands until it is moved: for tests, from any thread.
package final class ManualClock: WallClock {
    private let now: Atomic<Int64>

    package init(microseconds: Int64) { now = Atomic(microseconds) }

    package var microseconds: Int64 {
        get { now.load(ordering: .acquiring) }
        set { now.store(newValue, ordering: .releasing) }
    }

    package func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        now.add(seconds * 1_000_000 + attoseconds / 1_000_000_000_000, ordering: .acquiringAndReleasing)
    }
}
