internal import Glibc

/// What a wait on a descriptor is for.
package enum Readiness: Sendable {
    case read
    case write
    case readOrWrite
}

/// How a wait on a descriptor ended.
package enum PollOutcome: Sendable, Equatable {
    /// The descriptor can be read or written without blocking; an error or hang-up counts as both, so that the next
    /// call meets it.
    case ready(read: Bool, write: Bool)
    /// The stop signal had fired, whatever the descriptor's state.
    case stopped
    case timedOut
}

/// Waits until `descriptor` is ready, the stop signal fires, or the deadline passes: the one place where the daemon
/// waits for a descriptor.
///
/// The stop comes first: a descriptor that is always ready cannot hide it. A deadline that is already past still looks
/// once.
package func poll(
    _ descriptor: Int32, for readiness: Readiness, stop: StopSignal?, deadline: Deadline
) -> PollOutcome {
    var watched = [pollfd(fd: descriptor, events: readiness.events, revents: 0)]
    if let stop { watched.append(pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0)) }
    while true {
        if let stop, stop.isFired { return .stopped }
        let count = Glibc.poll(&watched, nfds_t(watched.count), deadline.remainingMilliseconds)
        if let stop, stop.isFired { return .stopped }
        if count > 0 {
            let events = Int32(watched[0].revents)
            let broken = events & (POLLERR | POLLHUP | POLLNVAL) != 0
            return .ready(read: broken || events & POLLIN != 0, write: broken || events & POLLOUT != 0)
        }
        // A signal handler ran (EINTR), or more milliseconds are left than poll can count: look again.
        if count == 0, deadline.isPast { return .timedOut }
        precondition(count == 0 || errno == EINTR || errno == ENOMEM, "poll: \(errno)")
    }
}

extension Readiness {
    fileprivate var events: Int16 {
        switch self {
        case .read: Int16(POLLIN)
        case .write: Int16(POLLOUT)
        case .readOrWrite: Int16(POLLIN | POLLOUT)
        }
    }
}
