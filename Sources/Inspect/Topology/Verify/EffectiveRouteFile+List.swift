/// What PowerShell prints as a list: a line for each attribute, and blank lines between the routes.
extension EffectiveRouteFile {
    /// False where the text is no such list.
    mutating func readList(_ text: String) -> Bool {
        var isList = false
        var route: [String: Substring] = [:]
        var start = 0
        var last: String?
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            if let (key, value) = attribute(line) {
                // Blank lines get lost where people paste.
                if route[key] != nil || route.isEmpty {
                    finish(route, at: start)
                    (route, start) = ([:], index + 1)
                }
                route[key] = value
                last = key
                isList = isList || key == "nexthoptype"
            } else if line.allSatisfy(\.isWhitespace) {
                last = nil
            } else if let last, line.first?.isWhitespace == true {
                // A long list goes on in the next line.
                route[last]?.append(contentsOf: " \(line)")
            }
        }
        finish(route, at: start)
        if !isList { unreadLines = [] }
        return isList
    }

    /// `NextHopType      : VnetLocal`.
    private func attribute(_ line: Substring) -> (key: String, value: Substring)? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let key = line[..<colon].filter { !$0.isWhitespace }.lowercased()
        let value = line[line.index(after: colon)...]
        guard !key.isEmpty, key.allSatisfy(\.isLetter), value.first?.isWhitespace ?? true else { return nil }
        return (key, value)
    }

    private mutating func finish(_ route: [String: Substring], at line: Int) {
        guard let hop = route["nexthoptype"] else { return }
        let words: (String) -> [String] = { EffectiveRouteFile.words(of: route[$0] ?? "") }
        let row = row(
            source: words("source").joined(), state: words("state").first ?? "Active",
            destinations: words("addressprefix"),
            rest: (EffectiveRouteFile.words(of: hop) + words("nexthopipaddress"))[...])
        if let row { append(row) } else { unreadLines.append(line) }
    }
}
