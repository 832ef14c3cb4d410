package import Ledger

/// Where alerts go. A receiver knows how an alert looks on its wire and what an answer means; the rest is the
/// dispatcher's.
package protocol Receiver: Sendable {
    /// The `type` of the configuration.
    static var type: String { get }
    /// The operator's name for it: the key of its outbox rows.
    var name: String { get }
    /// Where it listens; prints without what may be secret.
    var url: ReceiverURL { get }

    init(_ configuration: ReceiverConfiguration) throws(NotifyError)

    /// The request of one attempt.
    /// - Parameter timestamp: whole Unix seconds of the attempt.
    func request(for alert: DueAlert, timestamp: Int64) -> WebhookRequest

    /// What an answer means. By default that of `AttemptOutcome.init(status:…)`.
    func outcome(of response: WebhookResponse, now: Int64) -> AttemptOutcome
}

extension Receiver {
    package func outcome(of response: WebhookResponse, now: Int64) -> AttemptOutcome {
        AttemptOutcome(status: response.status, retryAfter: response.retryAfter, now: now)
    }
}

/// One entry of `receivers` in the configuration.
package struct ReceiverConfiguration: Sendable {
    package var name: String
    package var type: String
    package var url: String
    /// Path of the file that holds the secret; nil where requests are not signed.
    package var secretFile: String?

    package init(name: String, type: String, url: String, secretFile: String?) {
        self.name = name
        self.type = type
        self.url = url
        self.secretFile = secretFile
    }
}

/// All receivers there are: a new one is its file, its test, and a line here.
package let receiverCatalogue: [any Receiver.Type] = [
    GenericReceiver.self
]

/// Sets a receiver up; reads its secret.
package func makeReceiver(_ configuration: ReceiverConfiguration) throws(NotifyError) -> any Receiver {
    guard let type = receiverCatalogue.first(where: { $0.type == configuration.type }) else {
        let known = receiverCatalogue.map { $0.type }.joined(separator: ", ")
        throw NotifyError(
            .type, place: configuration.name, message: "there is no receiver type '\(configuration.type)'",
            hint: "the types are: \(known)")
    }
    return try type.init(configuration)
}
