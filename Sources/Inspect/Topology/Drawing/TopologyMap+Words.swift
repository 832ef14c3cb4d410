internal import FlowModel

/// Words that all forms of the map share.
extension TopologyMap {
    var names: [String: String] {
        var names: [String: String] = [:]
        for domain in domains {
            for vnet in domain.vnets { names[vnet.id] = vnet.name }
        }
        return names
    }

    /// `hub ↔ spoke`, or the group with the count of its members.
    func words(for link: Link, names: [String: String]) -> String {
        let ends = link.members.map { names[$0] ?? lastPart($0) }
        let state = link.text.isEmpty ? link.state.words : "\(link.state.words): \(link.text)"
        guard link.name.isEmpty else {
            let count = TopologyMap.count(ends.count, link.kind == .virtualWAN ? "hub" : "VNet")
            return "\(link.kind.words) \(link.name): \(count), \(state)"
        }
        return "\(link.kind.words) \(ends.joined(separator: " ↔ ")): \(state)"
    }

    var title: String {
        let total = vnetCount + omittedCount
        let drawn = omittedCount > 0 ? ", \(vnetCount) of them drawn" : ""
        return "\(TopologyMap.count(total, "VNet"))\(drawn), \(TopologyMap.count(domains.count, "routing domain"))"
    }

    /// What is left out, and how to see it; nil where nothing is.
    package var cutNotice: String? {
        guard omittedCount > 0 else { return nil }
        let hint =
            way == nil
            ? "--from, --to and --protocol draw the routing domain of one session"
            : "only what is near the session's way is drawn"
        return "\(vnetCount) of \(vnetCount + omittedCount) VNets are drawn; \(hint); --format table and json hold all"
    }

    static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

extension TopologyMap.Link.Kind {
    var words: String {
        switch self {
        case .peering: "peering"
        case .hubConnection: "hub connection"
        case .gatewayConnection: "gateway connection"
        case .connectedGroup: "connected group"
        case .virtualWAN: "virtual WAN"
        }
    }
}

extension TopologyMap.Link.State {
    var words: String {
        switch self {
        case .works: "works"
        case .oneSided: "one-sided, nothing passes"
        case .notConnected: "not connected, nothing passes"
        case .believed: "believed"
        }
    }
}

extension TopologyMap.Thing.Kind {
    var words: String {
        switch self {
        case .firewall: "firewall"
        case .appliance: "appliance"
        case .router: "routing appliance"
        case .gateway: "gateway"
        case .loadBalancer: "load balancer"
        case .privateEndpoint: "private endpoint"
        case .nic: "NIC"
        }
    }
}

extension TopologyMap.Way {
    /// `10.0.0.4 → 10.1.0.5, tcp 443`.
    var question: String {
        let port = port.map { " \($0)" } ?? ""
        return "\(explanation.from) → \(explanation.to), \(IPProtocol.name(explanation.ipProtocol))\(port)"
    }

    /// Verdicts, then the two ways, each with its label.
    var verdicts: [(label: String, text: String)] {
        let by = explanation.inspectedBy.isEmpty ? "" : " by \(explanation.inspectedBy.joined(separator: ", "))"
        return [
            ("works", "\(word(explanation.works)): \(explanation.why)"),
            ("symmetric", "\(word(explanation.symmetric)): \(explanation.symmetricReason)"),
            ("inspected", "\(word(explanation.inspected))\(by)"),
            ("forward", words(for: forward)),
            ("return", words(for: back)),
        ]
    }

    private func words(for stations: [TopologyMap.Station]) -> String {
        guard !stations.isEmpty else { return "nothing" }
        return stations.map { station in
            station.spot == nil ? "✕ \(station.hop.name)" : station.hop.name
        }.joined(separator: " → ")
    }

    private func word(_ value: Bool?) -> String { value.map { $0 ? "yes" : "no" } ?? "cannot tell" }
}

extension String {
    /// Without control characters, which would steer a terminal or break a file's line; what XML cannot hold is gone, too.
    var printable: String {
        String(
            String.UnicodeScalarView(
                unicodeScalars.map { scalar in
                    let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
                    // Marks that turn the direction of what follows, and what is no character.
                    let isHidden =
                        (0x202a...0x202e).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
                        || scalar.value == 0xfffe || scalar.value == 0xffff
                    return isControl ? " " : isHidden ? "\u{fffd}" : scalar
                }))
    }
}
