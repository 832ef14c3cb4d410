internal import FlowModel

/// The rules of one Azure Firewall in the order in which it asks them: first the kind (NAT, network, application), then
/// the policy (a base policy before its heirs), the group's and the collection's priority
/// [learn: firewall rule-processing].
struct FirewallRules {
    /// Why the exports do not hold all rules: a policy, a group of it; nil where they do.
    var gap: String?
    var nat: [FirewallNATRule] = []
    var network: [FirewallNetworkRule] = []
    var application: [FirewallApplicationRule] = []
    /// Network rules may name FQDNs only where the firewall is the clients' DNS proxy.
    var isDNSProxy: Bool?
    /// The private ranges that are not translated towards are learnt, too: the export does not hold them all
    /// [learn: snat-private-range].
    var learnsPrivateRanges: Bool?

    /// These rules, then those of an heir; what the heir says of itself wins.
    func followed(by heir: FirewallRules) -> FirewallRules {
        var rules = heir
        rules.gap = gap ?? heir.gap
        rules.nat = nat + heir.nat
        rules.network = network + heir.network
        rules.application = application + heir.application
        rules.isDNSProxy = heir.isDNSProxy ?? isDNSProxy
        rules.learnsPrivateRanges = heir.learnsPrivateRanges ?? learnsPrivateRanges
        return rules
    }
}

/// Translates what is sent to an address of the firewall, and lets it pass.
struct FirewallNATRule {
    /// `group/collection/rule`; without group for classic rules.
    var name: String
    var protocols: [RuleProtocol]
    var source: RuleAddresses
    var destination: RuleAddresses
    var ports: PortRanges
    /// Nil for an FQDN.
    var translatedAddress: IPAddress?
    /// Nil where it stays or cannot be read.
    var translatedPort: Int?
    var unreadable: String?

    /// Any source: then the implicit network rule translates, too [learn: firewall known-issues].
    var hasAnySource: Bool { source.isAny || source.ranges.holdsAllIPv4 }
}

/// By addresses, ports and protocol.
struct FirewallNetworkRule {
    var name: String
    var allows: Bool
    var protocols: [RuleProtocol]
    var source: RuleAddresses
    var destination: RuleAddresses
    var ports: PortRanges
    var names: [FQDNPattern]
    var unreadable: String?
}

/// By the name that an HTTP, HTTPS or SQL client asks for; the firewall is a proxy then.
struct FirewallApplicationRule {
    var name: String
    var allows: Bool
    var source: RuleAddresses
    /// Addresses that must hold beside the name; usually any.
    var destination: RuleAddresses
    var ports: PortRanges
    var names: [FQDNPattern]
    /// FQDN tags, web categories, URLs: what no export resolves.
    var opaque: String?
    var unreadable: String?
}

/// A name in a rule: `x.y`, `*.y`, `*`.
enum FQDNPattern: Hashable {
    case any
    case exactly(String)
    /// What follows the star.
    case endingIn(String)

    init(_ text: String) {
        let text = text.lowercased()
        if text == "*" {
            self = .any
        } else {
            self = text.hasPrefix("*") ? .endingIn(String(text.dropFirst())) : .exactly(text)
        }
    }

    /// The name of a flow is in lower case; a private endpoint may have one with a star (`*.apps.example`).
    func matches(_ name: String) -> RuleMatch {
        switch self {
        case .any: return .yes
        case .endingIn(let end): return name.hasSuffix(end) ? .yes : .no
        case .exactly(let text):
            if text == name { return .yes }
            guard name.hasPrefix("*"), text.hasSuffix(name.dropFirst()) else { return .no }
            return .maybe("it names \(text) alone, and the endpoint has all of \(name)")
        }
    }
}
