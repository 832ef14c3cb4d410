package import Runtime

/// How often and how long a delivery is tried.
///
/// Standard Webhooks 1.0.0 advises retries over days, with jitter, and shows a schedule that ends after 75 hours. Ours
/// ends then, too, but is denser: an alert about a network should not wait hours after its receiver has come back.
/// Every failure is retried, a refusal as well: what it takes for granted (a path, a token) is often mended within the
/// hour.
package struct DeliveryPolicy: Sendable {
    /// The longest first wait of an alert; the next ones double, each between half and all of it.
    package var firstDelaySeconds: Int64 = 1
    /// The longest wait of an alert.
    package var longestDelaySeconds: Int64 = 900
    /// The longest pause of a receiver that failed, during which its other alerts are not tried either.
    package var longestPauseSeconds: Int64 = 60
    /// How long a receiver may ask to wait; longer is cut.
    package var longestRetryAfterSeconds: Int64 = 86_400
    /// How long after its first attempt an alert that failed again is given up.
    package var lifetimeSeconds: Int64 = 75 * 3_600
    /// How long an attempt may take.
    package var attemptSeconds: Int64 = 15

    package init() {}
}

/// What is to be done about an alert after an attempt.
package enum DeliveryAction: Sendable, Hashable {
    case markDelivered(status: Int)
    /// Try again at a wall-clock time, microseconds since 1970.
    case retry(at: Int64, FailureReason, status: Int?)
    case giveUp(FailureReason, status: Int?)
}

/// One receiver's way out: at most one request at a time, and a pause after a failure.
///
/// Pure: time and outcomes come in, decisions go out. A receiver that is down costs one attempt a pause however many
/// alerts wait, and an alert that a receiver cannot digest holds the others up for no longer than the first pause,
/// since those have been due for longer.
package struct DeliveryLane: Sendable {
    package enum State: Sendable, Hashable {
        /// May claim an alert: → `sending`.
        case ready
        /// A request is on its way: → `ready`, `paused`, `disabled`.
        case sending
        /// Waits until a wall-clock time, microseconds since 1970: → `sending`.
        case paused(until: Int64)
        /// The receiver said 410: nothing more is sent by this process. A restart asks once more.
        case disabled
    }

    package private(set) var state = State.ready
    private let policy: DeliveryPolicy
    private var generator: SplitMix64
    /// Failures in a row, of whatever alerts.
    private var failures = 0

    package init(policy: DeliveryPolicy, generator: SplitMix64) {
        self.policy = policy
        self.generator = generator
    }

    /// Whether an alert may be claimed now.
    package func mayBegin(now: Int64) -> Bool {
        switch state {
        case .ready: true
        case .paused(let until): until <= now
        case .sending, .disabled: false
        }
    }

    /// An alert was claimed and is being sent.
    package mutating func begin() {
        precondition(state != .sending && state != .disabled, "a request begins in a lane that is \(state)")
        state = .sending
    }

    /// The request was given up without an outcome, as at a stop.
    package mutating func abandon() {
        if state == .sending { state = .ready }
    }

    /// The attempt is over.
    /// - Parameters:
    ///   - attempt: 1 for the first.
    ///   - firstAttemptAt, now: wall clock, microseconds since 1970.
    package mutating func finish(
        _ outcome: AttemptOutcome, attempt: Int, firstAttemptAt: Int64, now: Int64
    ) -> DeliveryAction {
        precondition(state == .sending, "a request ends in a lane that is \(state)")
        switch outcome {
        case .delivered(let status):
            failures = 0
            state = .ready
            return .markDelivered(status: status)
        case .failed(.gone, let status, _):
            // The alert stays pending: it is due when a later process, or another URL, takes the receiver up again.
            state = .disabled
            return .retry(at: now, .gone, status: status)
        case .failed(let reason, let status, let waitSeconds):
            failures += 1
            let asked = min(waitSeconds ?? 0, policy.longestRetryAfterSeconds) * 1_000_000
            let pause = delay(after: failures, longestSeconds: policy.longestPauseSeconds)
            state = .paused(until: now + max(pause, asked))
            guard now - firstAttemptAt < policy.lifetimeSeconds * 1_000_000 else {
                return .giveUp(reason, status: status)
            }
            let wait = max(delay(after: attempt, longestSeconds: policy.longestDelaySeconds), asked)
            return .retry(at: now + wait, reason, status: status)
        }
    }

    /// Microseconds: doubling from the first delay, between half and all of it, so that receivers which many daemons
    /// lost at once are not met by all of them at once.
    private mutating func delay(after failures: Int, longestSeconds: Int64) -> Int64 {
        let doubled = policy.firstDelaySeconds << Int64(min(max(failures, 1) - 1, 30))
        let ceiling = min(doubled, longestSeconds) * 1_000_000
        return Int64.random(in: ceiling / 2...ceiling, using: &generator)
    }
}
