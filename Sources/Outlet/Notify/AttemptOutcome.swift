internal import FlowModel

/// Why an attempt failed. A bounded set: a metric label, and `last_reason` of the outbox.
package enum FailureReason: String, Sendable, Hashable, CaseIterable {
    /// No answer within the attempt's time.
    case timeout
    /// No connection, no name, no trust in the certificate, or it broke off.
    case connection
    /// 3xx: never followed, because a receiver's answer does not decide where alerts go.
    case redirected
    /// 4xx: the receiver will hardly change its mind soon, but the operator may mend it.
    case refused
    /// 429, or an answer that says when to come back.
    case throttled
    /// 5xx and what is no HTTP status.
    case server
    /// 410: the endpoint asks to be left alone.
    case gone
}

/// How an attempt ended.
package enum AttemptOutcome: Sendable, Hashable {
    case delivered(status: Int)
    /// - Parameter waitSeconds: how long the receiver asked to wait (`Retry-After`).
    case failed(FailureReason, status: Int?, waitSeconds: Int64?)

    /// What a status means by Standard Webhooks 1.0.0: 2xx alone is success, 3xx a failure, 410 the end, and
    /// `Retry-After` of 429 and 503 is to be honoured.
    /// - Parameters:
    ///   - retryAfter: the header as it came.
    ///   - now: wall clock, microseconds since 1970: for a `Retry-After` that is a date.
    package init(status: Int, retryAfter: String?, now: Int64) {
        let wait = retryAfter.flatMap { retryAfterSeconds($0, now: now) }
        switch status {
        case 200...299: self = .delivered(status: status)
        case 300...399: self = .failed(.redirected, status: status, waitSeconds: nil)
        case 410: self = .failed(.gone, status: status, waitSeconds: nil)
        case 429: self = .failed(.throttled, status: status, waitSeconds: wait)
        case 408: self = .failed(.timeout, status: status, waitSeconds: wait)
        case 400...499: self = .failed(.refused, status: status, waitSeconds: wait)
        default: self = .failed(wait == nil ? .server : .throttled, status: status, waitSeconds: wait)
        }
    }
}

/// Seconds to wait by a `Retry-After` header (RFC 9110, 10.2.3): whole seconds, or an HTTP date in its one preferred
/// form. nil for anything else; 0 for a date that has passed.
package func retryAfterSeconds(_ text: String, now: Int64) -> Int64? {
    let text = text.split(separator: " ", omittingEmptySubsequences: true)
    if text.count == 1, let digits = text.first, digits.utf8.allSatisfy({ (48...57).contains($0) }) {
        // More digits than Int64 holds is a very long time: the policy's limit cuts it.
        return Int64(digits) ?? .max
    }
    // `Sun, 06 Nov 1994 08:49:37 GMT`
    guard text.count == 6, text[5] == "GMT", let day = Int64(text[1]), let year = Int64(text[3]),
        let month = months.firstIndex(of: String(text[2]))
    else { return nil }
    let clock = text[4].split(separator: ":").compactMap { Int64($0) }
    guard clock.count == 3,
        let date = EventTime(
            year: year, month: Int64(month) + 1, day: day, hour: clock[0], minute: clock[1], second: clock[2])
    else { return nil }
    return max(0, (date.microseconds - now + 999_999) / 1_000_000)
}

private let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
