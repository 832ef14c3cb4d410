import FlowModel

/// How findings look on a terminal: a list of a line or three each, and one finding in full.
///
/// Wraps at `width` columns. Colour only where `isColoured`: that is a terminal's to say, not this type's.
struct FindingText {
    /// Columns; less than `narrowest` counts as that.
    var width: Int
    var isColoured: Bool

    static let narrowest = 40
    /// Two columns of routes need at least this many; below, one stands under the other.
    private static let sideBySide = 100
    private static let clientsShown = 10

    init(width: Int, isColoured: Bool) {
        self.width = max(width, FindingText.narrowest)
        self.isColoured = isColoured
    }

    // MARK: The list

    /// All findings, shortly, or with why, the routes that won and what to do; says so where there are none.
    func list(_ findings: [Finding], withWhy: Bool = false) -> String {
        guard !findings.isEmpty else { return "No findings.\n" }
        return findings.map { brief($0) + (withWhy ? reasons($0) : "") }.joined(separator: "\n")
    }

    private func reasons(_ finding: Finding) -> String {
        var lines = section("Why", [finding.why])
        lines += routes(finding, onlyChosen: true)
        lines += section("Remedy", finding.remedy.enumerated().map { "\($0.offset + 1). \($0.element)" })
        return lines.joined(separator: "\n") + "\n"
    }

    private func brief(_ finding: Finding) -> String {
        var lines = [headline(finding)]
        lines += wrap(finding.title, indent: 2)
        lines += wrap(subject(finding).joined(separator: ", "), indent: 2)
        lines += wrap(span(finding), indent: 2)
        lines += wrap(finding.fingerprint, indent: 2)
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: One finding

    /// Everything that a person needs to understand a finding and to mend what it is about.
    func show(_ finding: Finding) -> String {
        var lines = [headline(finding)]
        lines += wrap(finding.title)
        lines += wrap(span(finding))
        lines += wrap("Fingerprint \(finding.fingerprint)")
        lines += section("Subject", subject(finding) + ids(finding))
        lines += section("Why", [finding.why])
        lines += section("Proof", [proof(finding)])
        lines += section("Cause", finding.cause.isEmpty ? [] : [called(finding.cause, in: finding), finding.cause])
        lines += section("Counts", [counts(finding)])
        lines += section("Clients", clients(finding))
        lines += routes(finding)
        lines += section("Evidence", finding.evidence.map(evidence))
        lines += section("Remedy", finding.remedy.enumerated().map { "\($0.offset + 1). \($0.element)" })
        // Not wrapped: it is there to be copied.
        if !finding.explain.isEmpty { lines += ["", styled("Explain", .bold), "  " + plain(finding.explain)] }
        return lines.joined(separator: "\n") + "\n"
    }

    private func headline(_ finding: Finding) -> String {
        let style: Style =
            switch (finding.state, finding.severity) {
            case (.resolved, _): .green
            case (_, .critical): .red
            case (_, .warning): .yellow
            case (_, .info): .bold
            }
        let state = finding.state.rawValue.uppercased()
        let flapping = finding.flapping ? ", flapping" : ""
        let rest = "\(finding.severity.rawValue), \(finding.confidence.rawValue) confidence\(flapping)"
        return styled(state, style) + " " + styled(plain(finding.detector), .bold) + " (\(rest))"
    }

    private func span(_ finding: Finding) -> String {
        var text = "opened \(short(finding.openedAt)), seen \(short(finding.firstSeen)) to \(short(finding.lastSeen))"
        if let resolvedAt = finding.resolvedAt { text += ", resolved \(short(resolvedAt))" }
        if let because = finding.resolvedBecause { text += ": \(because)" }
        return text
    }

    private func subject(_ finding: Finding) -> [String] {
        finding.subject.sorted { $0.key < $1.key }.map { key, value in
            "\(words(key)): \(called(value, in: finding))"
        }
    }

    /// The ids behind the names of the subject, as a script would need them.
    private func ids(_ finding: Finding) -> [String] {
        finding.subject.sorted { $0.key < $1.key }.map(\.value).filter { called($0, in: finding) != $0 }
    }

    /// `name (addresses or prefixes)`; the id itself where nobody named it.
    private func called(_ id: String, in finding: Finding) -> String {
        guard let name = finding.names[id] else { return shortened(id) }
        let places = name.addresses + name.prefixes
        return places.isEmpty || places == [name.name] ? name.name : "\(name.name) (\(places.joined(separator: ", ")))"
    }

    /// A subnet that is only passed through has no name in the finding: `vnet/subnet` says enough.
    private func shortened(_ id: String) -> String {
        let parts = id.split(separator: "/")
        guard parts.count > 4, parts[parts.count - 2] == "subnets" else { return id }
        return "\(parts[parts.count - 3])/\(parts[parts.count - 1])"
    }

    private func proof(_ finding: Finding) -> String {
        finding.proofWhy.isEmpty ? finding.proof.rawValue : "\(finding.proof.rawValue): \(finding.proofWhy)"
    }

    private func counts(_ finding: Finding) -> String {
        let counts = finding.counts
        var parts = ["\(counts.sessions) sessions", "\(counts.clients) clients", "\(counts.records) records"]
        if let bytes = counts.bytesSent { parts.append("\(bytes) bytes sent") }
        if let bytes = counts.bytesReceived { parts.append("\(bytes) bytes received") }
        return parts.joined(separator: ", ")
    }

    private func clients(_ finding: Finding) -> [String] {
        var lines = finding.clients.prefix(FindingText.clientsShown).map { client in
            "\(client.address): \(client.sessions) sessions" + (client.bytes.map { ", \($0) bytes" } ?? "")
        }
        let more = finding.counts.clients - Int64(lines.count)
        if more > 0, !lines.isEmpty { lines.append("and \(more) more") }
        return lines
    }

    private func evidence(_ row: Finding.Evidence) -> String {
        let source = row.sourceAddress ?? "?"
        let destination = (row.destinationAddress ?? "?") + (row.destinationPort.map { ":\($0)" } ?? "")
        var text = "\(short(row.time)) \(row.ipProtocol) \(source) -> \(destination): \(row.what)"
        if row.bytesSent != nil || row.bytesReceived != nil {
            let sent = row.bytesSent.map(String.init) ?? "?"
            let received = row.bytesReceived.map(String.init) ?? "?"
            text += " (\(sent) bytes sent, \(received) received)"
        }
        return text
    }
}

// MARK: - Routes, side by side

extension FindingText {
    /// The routes that won first, two beside each other where there is room: the contradiction of most findings lies
    /// between the two, one for TCP and one for the rest, or one there and one back.
    private func routes(_ finding: Finding, onlyChosen: Bool = false) -> [String] {
        let chosen = finding.routes.filter(\.chosen)
        // What one protocol passed over, another may have chosen: it is shown once, as chosen.
        let passedOver = finding.routes.filter { route in
            !route.chosen && !onlyChosen && !chosen.contains { isSame($0, route) }
        }
        let ordered = chosen + passedOver
        let blocks = ordered.map { route($0, finding) }
        guard width >= FindingText.sideBySide else {
            return section("Routes", Array(blocks.map { $0 + [""] }.joined().dropLast()))
        }
        var lines: [String] = []
        for start in stride(from: 0, to: blocks.count, by: 2) {
            lines.append("")
            if start == 0 { lines.append(styled("Routes", .bold)) }
            lines += beside(blocks[start], start + 1 < blocks.count ? blocks[start + 1] : [])
        }
        return lines
    }

    private func beside(_ left: [String], _ right: [String]) -> [String] {
        let column = (width - 5) / 2
        let first = left.flatMap { wrap($0, to: column) }
        let second = right.flatMap { wrap($0, to: column) }
        return (0..<max(first.count, second.count)).map { index in
            let one = index < first.count ? first[index] : ""
            guard !second.isEmpty else { return "  " + one }
            return trimmed("  " + pad(one, to: column) + " | " + (index < second.count ? second[index] : ""))
        }
    }

    private func isSame(_ left: ConsideredRoute, _ right: ConsideredRoute) -> Bool {
        left.subnet == right.subnet && left.prefix == right.prefix && left.source == right.source
            && left.nextHopType == right.nextHopType && left.nextHop == right.nextHop
    }

    /// The protocols that a chosen route really carries: not those that a longer chosen route at the same subnet takes.
    private func carried(_ route: ConsideredRoute, _ finding: Finding) -> [String] {
        guard route.chosen, let prefix = IPPrefix(route.prefix) else { return route.appliesTo }
        let taken = finding.routes.filter { other in
            guard other.chosen, other.subnet == route.subnet, let longer = IPPrefix(other.prefix) else { return false }
            return longer.length > prefix.length && prefix.contains(longer)
        }.flatMap(\.appliesTo)
        return route.appliesTo.filter { !taken.contains($0) }
    }

    private func route(_ route: ConsideredRoute, _ finding: Finding) -> [String] {
        let hop = route.nextHop.map { " \($0)" } ?? ""
        let protocols = carried(route, finding).joined(separator: ", ").uppercased()
        return [
            "\(route.chosen ? "chosen" : "passed over") for \(protocols)",
            "\(route.prefix) -> \(route.nextHopType)\(hop) (\(route.source) route)",
            "at \(called(route.subnet, in: finding))",
            route.reason,
        ]
    }
}

// MARK: - Lines

extension FindingText {
    private enum Style: String {
        case bold = "1", red = "1;31", yellow = "1;33", green = "1;32"
    }

    private func styled(_ text: String, _ style: Style) -> String {
        isColoured ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }

    private func section(_ name: String, _ paragraphs: [String]) -> [String] {
        guard paragraphs.contains(where: { !$0.isEmpty }) else { return [] }
        return ["", styled(name, .bold)] + paragraphs.flatMap { wrap($0, indent: 2) }
    }

    private func wrap(_ text: String, indent: Int = 0) -> [String] {
        let margin = String(repeating: " ", count: indent)
        return wrap(text, to: width - indent).map { trimmed(margin + $0) }
    }

    /// Breaks at spaces; a word that is longer than the line (a resource id) is cut where a `/` allows, else anywhere.
    private func wrap(_ text: String, to limit: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in plain(text).split(separator: " ", omittingEmptySubsequences: true) {
            var rest = String(word)
            if !line.isEmpty, line.count + 1 + rest.count <= limit {
                line += " " + rest
                continue
            }
            if !line.isEmpty { lines.append(line) }
            while rest.count > limit {
                let head = rest.prefix(limit)
                let slash = head.dropFirst().lastIndex(of: "/") ?? head.endIndex
                lines.append(String(rest[..<slash]))
                rest = String(rest[slash...])
            }
            line = rest
        }
        return lines + [line]
    }

    /// Logs are not to be trusted with a terminal: their control characters could move its cursor or set its title.
    private func plain(_ text: String) -> String {
        String(
            text.unicodeScalars.map { scalar in
                let isControl = scalar.value < 32 || (0x7f...0x9f).contains(scalar.value)
                return isControl ? " " : Character(scalar)
            })
    }

    private func pad(_ text: String, to columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - text.count))
    }

    private func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }

    private func words(_ key: String) -> String { key.split(separator: "_").joined(separator: " ") }

    /// To the second: the fraction of a minute's tick says nothing.
    private func short(_ time: EventTime) -> String { time.description.prefix(19) + "Z" }
}
