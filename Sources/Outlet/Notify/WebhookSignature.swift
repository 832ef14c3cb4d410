internal import Digest
internal import Foundation

/// The key of a receiver's signatures. Prints as nothing of it.
package struct WebhookSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let key: [UInt8]

    /// The key lengths that Standard Webhooks 1.0.0 allows for `whsec_` secrets.
    package static let keyLengths = 24...64
    /// The longest secret file that is read.
    package static let fileLimit = 4_096

    /// Reads `whsec_` and base64 (the key is what it decodes to), or any other text (the key is its bytes).
    /// White space around it does not count: files end with a newline.
    package init(_ text: String, receiver: String) throws(NotifyError) {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else {
            throw NotifyError(
                .secret, place: receiver, message: "the secret is empty",
                hint: "write whsec_ and 24 to 64 random bytes in base64 into secret_file")
        }
        guard trimmed.hasPrefix("whsec_") else {
            key = Array(trimmed.utf8)
            return
        }
        guard let data = Data(base64Encoded: padded(String(trimmed.dropFirst("whsec_".count)))) else {
            throw NotifyError(
                .secret, place: receiver, message: "the secret begins with whsec_, but what follows is not base64",
                hint: "copy the secret again as a whole, as the receiver's side shows it")
        }
        guard WebhookSecret.keyLengths.contains(data.count) else {
            throw NotifyError(
                .secret, place: receiver, message: "the key of the secret has \(data.count) bytes",
                hint: "Standard Webhooks asks for 24 to 64 bytes: make one with `openssl rand -base64 32`")
        }
        key = Array(data)
    }

    /// Reads the secret from a file.
    package init(file: String, receiver: String) throws(NotifyError) {
        let handle = FileHandle(forReadingAtPath: file)
        defer { try? handle?.close() }  // Only read from: nothing is lost where closing fails.
        // A missing file and one that cannot be read are the same to the operator: the hint names both.
        guard let handle, let data = try? handle.read(upToCount: WebhookSecret.fileLimit + 1) ?? Data() else {
            throw NotifyError(
                .secret, place: receiver, message: "secret_file \(file) cannot be read",
                hint: "does it exist, and may the user of the service read it?")
        }
        guard data.count <= WebhookSecret.fileLimit, let text = String(data: data, encoding: .utf8) else {
            throw NotifyError(
                .secret, place: receiver, message: "secret_file \(file) is no text of at most 4096 bytes",
                hint: "it holds the secret alone, on one line")
        }
        try self.init(text, receiver: receiver)
    }

    package var description: String { "(secret)" }
    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(reflecting: description) }
}

/// Base64 without its closing `=` is common where secrets are copied.
private func padded(_ base64: String) -> String {
    base64 + String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
}

/// The value of `webhook-signature`: `v1,` and base64 of HMAC-SHA256 over id, timestamp and body, joined by dots.
///
/// Standard Webhooks 1.0.0,
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
/// - Parameters:
///   - id: as in `webhook-id`; holds no dot.
///   - timestamp: as in `webhook-timestamp`: whole Unix seconds of the attempt.
package func webhookSignature(secret: WebhookSecret, id: String, timestamp: Int64, body: [UInt8]) -> String {
    let signed = Array("\(id).\(timestamp).".utf8) + body
    return "v1," + Data(hmacSHA256(key: secret.key, message: signed)).base64EncodedString()
}
