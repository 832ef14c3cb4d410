internal import FlowModel

/// Effective routes as text: `-o table` with the columns Source, State, Address Prefix, Next Hop Type, Next Hop IP; a
/// list of the portal or of PowerShell, with separators of their own.
///
/// People paste it indented, with other spaces, with the prompt above it: so a line is a row where it holds a state
/// and, after it, a prefix; columns are told apart by what stands in them, not by their places.
extension EffectiveRouteFile {
    mutating func readTable(_ text: String) throws(VerificationError) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0.isWhitespace || "|,;{}\"'".contains($0) }.map(String.init)
            if let row = row(words) { append(row) }
        }
        guard rows.isEmpty else { return }
        let head = text.lowercased()
        if head.contains("as path") || head.contains("aspath") { throw hubRefusal() }
        guard head.contains("address") && head.contains("hop") else {
            throw refusal("is neither JSON nor a table of effective routes")
        }
    }

    private func row(_ words: [String]) -> Row? {
        guard let start = words.firstIndex(where: { isPrefix($0) }) else { return nil }
        let before = words[..<start].map { $0.lowercased() }
        guard let state = before.first(where: { $0 == "active" || $0 == "invalid" }) else { return nil }
        let end = words[start...].firstIndex { !isPrefix($0) } ?? words.endIndex
        let (hop, rest) = hop(words[end...])
        guard let hop else { return nil }
        let source = before.filter { $0 != state }.joined()
        let known = ["user", "virtualnetworkgateway"].first { source.hasSuffix($0) || source.hasPrefix($0) } ?? ""
        return Row(
            source: EffectiveRouteFile.source(known), isActive: state == "active",
            destinations: Array(words[start..<end]), hop: NextHopType(hop), hopText: hop,
            nextHops: rest.prefix { IPAddress($0) != nil }.compactMap { IPAddress($0) })
    }

    /// The longest run of words that names a next hop; a single word that none knows is one all the same.
    private func hop(_ words: ArraySlice<String>) -> (String?, ArraySlice<String>) {
        for length in stride(from: min(5, words.count), to: 0, by: -1) {
            let text = words.prefix(length).joined(separator: " ")
            if NextHopType(text) != .unknown { return (text, words.dropFirst(length)) }
        }
        return (words.first, words.dropFirst())
    }

    /// A bare address is a next hop, not a prefix.
    private func isPrefix(_ word: String) -> Bool { word.contains("/") && IPPrefix(word) != nil }
}
