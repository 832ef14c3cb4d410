internal import Glibc

/// A point in time after which a wait is given up. Monotonic: setting the wall clock moves no deadline.
package struct Deadline: Sendable, Hashable, Comparable {
    /// Nanoseconds of `CLOCK_MONOTONIC`; `Int64.max` stands for "never".
    private let nanoseconds: Int64

    private init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// No deadline. Only for waits that a stop signal ends.
    package static let never = Deadline(nanoseconds: .max)

    /// The deadline that lies `duration` from now. A negative duration is past at once; one too long to count is never.
    package static func after(_ duration: Duration) -> Deadline {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? Deadline(nanoseconds: 0) : .never }
        let (sum, tooFar) = monotonicNanoseconds().addingReportingOverflow(scaled)
        guard !tooFar else { return .never }
        let (instant, beyond) = sum.addingReportingOverflow(attoseconds / 1_000_000_000)
        return beyond ? .never : Deadline(nanoseconds: instant)
    }

    /// What is left, for `poll(2)`: -1 for never, 0 when past, else rounded up, so that a wait never ends early and
    /// spins.
    package var remainingMilliseconds: Int32 {
        guard self != .never else { return -1 }
        let left = nanoseconds - monotonicNanoseconds()
        guard left > 0 else { return 0 }
        return Int32(min((left - 1) / 1_000_000 + 1, Int64(Int32.max)))
    }

    /// True once the deadline has passed.
    package var isPast: Bool { self != .never && monotonicNanoseconds() >= nanoseconds }

    package static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
}

private func monotonicNanoseconds() -> Int64 {
    var now = timespec()
    // Cannot fail: the clock exists on every Linux and the pointer is ours.
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}
