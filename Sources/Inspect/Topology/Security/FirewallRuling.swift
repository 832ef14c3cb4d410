package import FlowModel

/// A flow as an Azure Firewall's rules see it.
package struct FirewallFlow: Sendable, Hashable {
    package var source: IPAddress
    package var destination: IPAddress
    package var ipProtocol: Int16
    /// Destination port; nil = not known.
    package var port: Int?
    /// Names by which clients ask for the destination; nil = not known.
    package let names: [String]?
    /// Read once, not at each rule; empty = not known.
    let askedNames: [AskedName]
    /// TCP ports that stand for an unknown one, of `EndpointPorts`; empty = any.
    package var usualPorts: [Int]

    package init(
        source: IPAddress, destination: IPAddress, ipProtocol: Int16, port: Int?, names: [String]? = nil,
        usualPorts: [Int] = []
    ) {
        self.source = source
        self.destination = destination
        self.ipProtocol = ipProtocol
        self.port = port
        self.names = names
        askedNames = (names ?? []).map { AskedName($0) }
        self.usualPorts = usualPorts
    }

    var hasPorts: Bool { ipProtocol == 6 || ipProtocol == 17 }
    var ports: PortRanges { PortRanges(asked: port, usual: usualPorts, ipProtocol: ipProtocol) }
}

/// What an Azure Firewall's rules do with a flow.
package struct FirewallRuling: Sendable, Hashable {
    package enum Decision: Sendable, Hashable {
        /// Names are `group/collection/rule`.
        case networkRule(String, allows: Bool)
        /// The firewall is a proxy: the destination sees the firewall's address.
        case applicationRule(String, allows: Bool)
        /// A DNAT rule lets it pass, towards the translated address.
        case natRule(String)
        /// Denied, as everything that no rule allows.
        case noRule
        case unknown(reason: String)
    }

    /// Which source address the destination sees.
    package enum Translation: Sendable, Hashable {
        /// The firewall's.
        case always
        /// The firewall's, unless the destination is in the private ranges (`Appliance.translation`).
        case outsidePrivateRanges
        /// The client's or the firewall's.
        case notKnown(reason: String)
    }

    package var decision: Decision
    /// Of no meaning where it is denied.
    package var translation: Translation
    /// What follows by another rule: the further ports of SQL's redirect mode.
    package var note: String?
    /// The translation of what follows, where that is allowed.
    package var noteTranslation: Translation?
    /// What it rests on that is no documented rule.
    package var knownIssue: String?

    /// Nil where it is not known.
    package var allows: Bool? {
        switch decision {
        case .networkRule(_, let allows), .applicationRule(_, let allows): return allows
        case .natRule: return true
        case .noRule: return false
        case .unknown: return nil
        }
    }
}

extension FirewallRuling: CustomStringConvertible {
    /// One clause for an answer.
    package var description: String {
        switch decision {
        case .networkRule(let name, let allows): return "network rule \(name) \(allows ? "allows" : "denies") it"
        case .applicationRule(let name, let allows):
            return "application rule \(name) \(allows ? "allows" : "denies") it"
        case .natRule(let name): return "DNAT rule \(name) lets it pass"
        case .noRule: return "no rule allows it"
        case .unknown(let reason): return reason
        }
    }
}
