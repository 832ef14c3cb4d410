import Foundation

/// Writes what arrives, one line of JSON each, and decides on the answer.
final class WebhookLog {
    private let key: [UInt8]?
    private let failFirst: Int
    private let descriptor: Int32
    /// Requests so far, by webhook-id.
    private var attempts: [String: Int] = [:]

    init(path: String, key: [UInt8]?, failFirst: Int) throws(LabError) {
        self.key = key
        self.failFirst = failFirst
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw LabError("cannot open \(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Writes the line of `request` and returns the status to answer. The line is in the file before the answer goes.
    func receive(_ request: WebhookRequest) throws(LabError) -> Int {
        guard request.method == "POST" else { return 405 }
        let id = request.headers["webhook-id"]
        let attempt = (attempts[id ?? ""] ?? 0) + 1
        attempts[id ?? ""] = attempt
        let status = attempt <= failFirst ? 503 : 204
        let members: [(String, String)] = [
            ("received_at", JSON.quoted(Clock.text(Int64(Date().timeIntervalSince1970 * 1e6), .sixDigits))),
            ("method", JSON.quoted(request.method)), ("path", JSON.quoted(request.path)),
            ("webhook_id", optional(id)), ("webhook_timestamp", optional(request.headers["webhook-timestamp"])),
            ("attempt", String(attempt)), ("answered", String(status)), ("signature_valid", verdict(request)),
        ]
        let line = members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
        try append("{\(line),\(body(request.body))}\n")
        return status
    }

    private func optional(_ text: String?) -> String { text.map(JSON.quoted) ?? "null" }

    private func verdict(_ request: WebhookRequest) -> String {
        guard let key else { return "null" }
        guard let header = request.headers["webhook-signature"], let id = request.headers["webhook-id"],
            let timestamp = request.headers["webhook-timestamp"]
        else { return "false" }
        let isValid = WebhookSignature.isValid(
            header: header, id: id, timestamp: timestamp, body: request.body, key: key)
        return isValid ? "true" : "false"
    }

    /// The body as it came where it is JSON; line ends are blanks there, since none can stand inside a JSON string.
    private func body(_ bytes: [UInt8]) -> String {
        // try? since the failure itself is the answer: a body that is no JSON is kept as text.
        let isJSON = (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
        guard isJSON else {
            return "\"body\":null,\"body_text\":\(JSON.quoted(String(decoding: bytes, as: UTF8.self)))"
        }
        // Byte by byte: as Characters, a carriage return and a line feed together are neither of the two.
        let flat = bytes.map { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0 }
        return "\"body\":" + String(decoding: flat, as: UTF8.self)
    }

    private func append(_ line: String) throws(LabError) {
        let bytes = Array(line.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw LabError("cannot write the line: \(String(cString: strerror(errno)))") }
            written += count
        }
    }
}
