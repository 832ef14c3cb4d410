internal import FlowModel

/// Effective routes as text: `-o table` with the columns Source, State, Address Prefix, Next Hop Type, Next Hop IP; a
/// table or list of the portal or of PowerShell, with separators of their own.
///
/// People paste it indented, with other spaces, with the prompt above it: so a line is a row where it holds a state
/// and, after it, a prefix, or a service tag and a next hop; columns are told apart by what stands in them, not by their
/// places. PowerShell cuts what does not fit, and ends it with dots.
extension EffectiveRouteFile {
    static let shortened = "PowerShell shortened it: print it with `| ConvertTo-Json`"

    mutating func readText(_ text: String) throws(VerificationError) {
        if !readList(text) { readTable(text) }
        if rows.contains(where: { $0.isShortened || $0.destinations.contains(where: EffectiveRouteFile.isCut) }) {
            gap = "the table is not whole; \(EffectiveRouteFile.shortened)"
        }
        guard rows.isEmpty else { return }
        let head = text.lowercased()
        if head.contains("as path") || head.contains("aspath") { throw hubRefusal() }
        guard head.contains("address") && head.contains("hop") else {
            throw refusal("is neither JSON nor a table of effective routes")
        }
        if let line = unreadLines.first { throw refusal("line \(line) of its table is no row that can be read") }
    }

    private mutating func readTable(_ text: String) {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = EffectiveRouteFile.words(of: line)
            guard let state = words.firstIndex(where: { isState($0) }) else { continue }
            if let row = row(words, state: state) ?? tagRow(words, state: state) {
                append(row)
            } else if words.count >= 3 {
                unreadLines.append(index + 1)
            }
        }
    }

    static func words(of text: Substring) -> [String] {
        text.split { $0.isWhitespace || "|,;{}\"'".contains($0) }.map(String.init)
    }

    private func row(_ words: [String], state: Int) -> Row? {
        guard let start = words.firstIndex(where: { isPrefix($0) || isCutPrefix($0) }), state < start else {
            return nil
        }
        let end = words[start...].firstIndex { !isPrefix($0) && !isCutPrefix($0) } ?? words.endIndex
        let source = words[..<start].filter { !isState($0) }.joined()
        return row(
            source: source, state: words[state], destinations: Array(words[start..<end]), rest: words[end...])
    }

    /// A row of a service tag: state and source in either order, the tag, a next hop that is known.
    private func tagRow(_ words: [String], state: Int) -> Row? {
        let isSource: (String) -> Bool = { ["default", "user"].contains($0.lowercased()) }
        guard let source = words.prefix(state + 2).lastIndex(where: isSource) else { return nil }
        let start = max(state, source) + 1
        let hop = words.indices.dropFirst(start + 1).first { hopLength(words[$0...]) > 0 }
        guard let hop, words[start..<hop].allSatisfy(isTag) else { return nil }
        return row(
            source: words[source], state: words[state], destinations: Array(words[start..<hop]), rest: words[hop...])
    }

    /// `rest`: the next hop and its addresses.
    func row(source: String, state: String, destinations: [String], rest: ArraySlice<String>) -> Row? {
        guard !destinations.isEmpty, let first = rest.first else { return nil }
        let length = max(1, hopLength(rest))
        let hop = rest.prefix(length).joined(separator: " ")
        let addresses = rest.dropFirst(length).prefix { IPAddress($0) != nil }
        let next = rest.dropFirst(length + addresses.count).first
        return Row(
            source: EffectiveRouteFile.source(EffectiveRouteFile.knownSource(source)),
            isActive: state.lowercased() == "active", destinations: destinations, hop: NextHopType(hop), hopText: hop,
            nextHops: addresses.compactMap { IPAddress($0) },
            isShortened: EffectiveRouteFile.isCut(first) || next.map(isCutPrefix) ?? false)
    }

    /// Beside the source there may stand a name, a number or a prompt; the source itself may be cut.
    private static func knownSource(_ text: String) -> String {
        let text = text.lowercased()
        if isCut(text), text.hasPrefix("virtualnet") { return "virtualnetworkgateway" }
        return ["user", "virtualnetworkgateway"].first { text.hasSuffix($0) || text.hasPrefix($0) } ?? ""
    }

    /// How many words name a next hop, as many as can be; 0 where none knows it.
    private func hopLength(_ words: ArraySlice<String>) -> Int {
        stride(from: min(5, words.count), to: 0, by: -1).first {
            NextHopType(words.prefix($0).joined(separator: " ")) != .unknown
        } ?? 0
    }

    private func isState(_ word: String) -> Bool { ["active", "invalid"].contains(word.lowercased()) }

    /// A bare address is a next hop, not a prefix.
    private func isPrefix(_ word: String) -> Bool { word.contains("/") && IPPrefix(word) != nil }

    static func isCut(_ word: String) -> Bool { word.hasSuffix("...") || word.hasSuffix("…") }

    /// What is left of a prefix or an address, or the mark alone where a list goes on.
    private func isCutPrefix(_ word: String) -> Bool {
        guard EffectiveRouteFile.isCut(word), let first = word.first else { return false }
        return first.isNumber || first == "." || first == "…" || word.contains(":")
    }

    /// `AzureMonitor`, `Storage.WestEurope`.
    private func isTag(_ word: String) -> Bool {
        word.first?.isLetter == true && word.allSatisfy { $0.isLetter || $0.isNumber || ".-_…".contains($0) }
    }
}
