package import FlowModel

/// The two changes of a finding's state that are told to receivers. Updates and stale findings are not.
package enum AlertTransition: String, Sendable, Hashable {
    case opened, resolved
}

/// What makes an alert to a receiver the same alert: doing a tick again finds the row that is already there.
package struct AlertKey: Sendable, Hashable {
    package var fingerprint: String
    package var transition: AlertTransition
    /// Event time at which the decision fell: the finding's `opened_at` or `resolved_at`.
    package var happenedAt: EventTime
    package var receiver: String

    package init(fingerprint: String, transition: AlertTransition, happenedAt: EventTime, receiver: String) {
        self.fingerprint = fingerprint
        self.transition = transition
        self.happenedAt = happenedAt
        self.receiver = receiver
    }

    /// The `webhook-id` of every attempt: made of the key alone, so that it survives restarts and even a lost outbox.
    ///
    /// Holds only letters, digits, `-` and `_`: Standard Webhooks 1.0.0 allows no dot in an id, and a header no line
    /// end.
    package var webhookID: String {
        [fingerprint, transition.rawValue, String(happenedAt.microseconds), receiver]
            .map(plain).joined(separator: "_")
    }
}

/// Letters and digits stay; any other byte is `-` and two hex digits, so that different texts stay different.
private func plain(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case 48...57, 65...90, 97...122: result.append(byte)
        default:
            result.append(UInt8(ascii: "-"))
            for digit in [byte >> 4, byte & 15] { result.append(digit < 10 ? 48 + digit : 87 + digit) }
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// The message about a change, as it is stored when it is decided and sent unchanged at every attempt.
///
/// `{"type":"finding.opened","timestamp":<event time of the decision>,"data":<the finding>}`: the payload that
/// Standard Webhooks 1.0.0 advises. One finding a message.
package func alertBody(transition: AlertTransition, happenedAt: EventTime, document: [UInt8]) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.key("type"); json.value("finding.\(transition.rawValue)")
    json.key("timestamp"); json.value(happenedAt)
    json.key("data"); json.raw(document)
    json.endObject()
    return json.bytes
}

/// An alert that was claimed from the outbox for one attempt.
package struct DueAlert: Sendable, Hashable {
    package var key: AlertKey
    package var body: [UInt8]
    /// Attempts with this one: 1 at the first.
    package var attempt: Int
    /// Wall clock of the first attempt, in microseconds since 1970.
    package var firstAttemptAt: Int64

    package init(key: AlertKey, body: [UInt8], attempt: Int, firstAttemptAt: Int64) {
        self.key = key
        self.body = body
        self.attempt = attempt
        self.firstAttemptAt = firstAttemptAt
    }
}
