internal import FlowModel

/// Azure's answer where it gives none: `{"error":{"code":…,"message":…}}`, or what is inside it alone
/// [github.com/microsoft/api-guidelines, azure/Guidelines.md: handling errors].
extension ResourceSet {
    /// Longer messages are cut.
    private static let messageLimit = 160
    /// Codes that end with a login or a role.
    private static let accessCodes = ["authoriz", "authentic", "forbidden", "token", "accessdenied"]

    /// What the document is and what to do; nil where it is no error.
    func refusal(_ envelope: Envelope, _ bytes: Span<UInt8>) throws -> String? {
        let error = try envelope.has("error") ? value("error", envelope, bytes) : json(envelope.start, bytes)
        guard let code = error?["code"]?.string, let message = error?["message"]?.string else { return nil }
        let words = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let cut = words.count > ResourceSet.messageLimit ? "\(words.prefix(ResourceSet.messageLimit))…" : words
        let isAccess = ResourceSet.accessCodes.contains(where: code.lowercased().contains)
        let remedy = isAccess ? "log in with `az login`, or get the role Reader, and export again" : "export again"
        return "an error of Azure, no export: \(code.prefix(80)): \(cut); \(remedy)"
    }
}
