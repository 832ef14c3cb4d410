package import Ledger

/// `generic`: the alert's own JSON as a POST, in the manner of Standard Webhooks 1.0.0.
///
/// Headers: `webhook-id` (the same at every attempt), `webhook-timestamp` (of the attempt), and `webhook-signature`
/// where the configuration names a `secret_file`. The body is what the outbox holds, unchanged.
package struct GenericReceiver: Receiver {
    package static let type = "generic"

    package let name: String
    package let url: ReceiverURL
    private let secret: WebhookSecret?

    package init(_ configuration: ReceiverConfiguration) throws(NotifyError) {
        name = configuration.name
        url = try ReceiverURL(configuration.url, receiver: configuration.name)
        if let file = configuration.secretFile {
            secret = try WebhookSecret(file: file, receiver: configuration.name)
        } else {
            secret = nil
        }
    }

    package func request(for alert: DueAlert, timestamp: Int64) -> WebhookRequest {
        let id = alert.key.webhookID
        var headers = [
            (name: "Content-Type", value: "application/json"),
            (name: "User-Agent", value: "flowsight"),
            (name: "webhook-id", value: id),
            (name: "webhook-timestamp", value: String(timestamp)),
        ]
        if let secret {
            let signature = webhookSignature(secret: secret, id: id, timestamp: timestamp, body: alert.body)
            headers.append((name: "webhook-signature", value: signature))
        }
        return WebhookRequest(url: url.url, headers: headers, body: alert.body)
    }
}
