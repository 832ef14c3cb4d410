import CLibCrypto
import Foundation

/// Standard Webhooks 1.0.0, scheme v1: base64 of HMAC-SHA256 over `id.timestamp.body`.
enum WebhookSignature {
    /// The key of a secret `whsec_` + base64; nil where the text is none.
    static func key(secret: String) -> [UInt8]? {
        let text = secret.trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.hasPrefix("whsec_"), let key = Data(base64Encoded: String(text.dropFirst(6))), !key.isEmpty else {
            return nil
        }
        return [UInt8](key)
    }

    /// Whether one of the signatures of `header` (separated by blanks) is right.
    static func isValid(header: String, id: String, timestamp: String, body: [UInt8], key: [UInt8]) -> Bool {
        let wanted = "v1," + Data(code(Array("\(id).\(timestamp).".utf8) + body, key: key)).base64EncodedString()
        return header.split(separator: " ").contains { $0 == wanted }
    }

    private static func code(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &result, &length)
        return Array(result.prefix(Int(length)))
    }
}
