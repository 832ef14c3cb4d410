/// What happened to a delivery: for the caller's log and counters. Holds no secret and no URL.
package enum DeliveryEvent: Sendable, Hashable {
    /// - Parameter attempt: 1 where the first attempt succeeded.
    case delivered(receiver: String, id: String, attempt: Int, status: Int)
    /// - Parameter retryAt: wall clock, microseconds since 1970.
    case failed(receiver: String, id: String, attempt: Int, reason: FailureReason, status: Int?, retryAt: Int64)
    /// The alert's time is over; it stays in the outbox as `given_up`.
    case gaveUp(receiver: String, id: String, attempt: Int, reason: FailureReason, status: Int?)
    /// The receiver said 410; its alerts stay pending, and are tried again after a restart.
    case receiverDisabled(receiver: String)
    /// The outbox cannot be reached; deliveries go on when it is back.
    case databaseAway(message: String, hint: String?)
}
