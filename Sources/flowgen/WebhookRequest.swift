import Foundation

/// One HTTP/1.1 request with a body of known length; all else is refused.
struct WebhookRequest {
    let method: String
    let path: String
    /// By lower-case name; of a repeated header the last one.
    let headers: [String: String]
    let body: [UInt8]

    static let headBytesLimit = 32 * 1_024
    static let bodyBytesLimit = 8 * 1_024 * 1_024

    enum Outcome {
        /// More bytes are needed; `continues` where the client waits for leave to send its body.
        case incomplete(continues: Bool)
        case request(WebhookRequest, consumed: Int)
        /// A status to answer before the connection is closed.
        case refused(status: Int)
    }

    /// Reads the first request of `bytes`.
    static func parse(_ bytes: [UInt8]) -> Outcome {
        guard let headEnd = endOfHead(bytes) else {
            return bytes.count > headBytesLimit ? .refused(status: 431) : .incomplete(continues: false)
        }
        guard headEnd <= headBytesLimit else { return .refused(status: 431) }
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self)
            .replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: true)
        let start = (lines.first ?? "").split(separator: " ")
        guard start.count == 3, start[2].hasPrefix("HTTP/1.") else { return .refused(status: 400) }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { return .refused(status: 400) }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            headers[line[..<colon].lowercased()] = value
        }
        guard headers["transfer-encoding"] == nil else { return .refused(status: 411) }
        guard let length = Int(headers["content-length"] ?? "0"), length >= 0 else { return .refused(status: 400) }
        guard length <= bodyBytesLimit else { return .refused(status: 413) }
        guard bytes.count >= headEnd + length else {
            let waits = headers["expect"]?.lowercased() == "100-continue" && bytes.count == headEnd
            return .incomplete(continues: waits)
        }
        let request = WebhookRequest(
            method: String(start[0]), path: String(start[1]), headers: headers,
            body: Array(bytes[headEnd..<headEnd + length]))
        return .request(request, consumed: headEnd + length)
    }

    /// The place after the empty line that ends the head.
    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for index in 3..<bytes.count where bytes[index] == 10 && bytes[index - 2] == 10 {
            if bytes[index - 1] == 13, bytes[index - 3] == 13 { return index + 1 }
        }
        return nil
    }
}
