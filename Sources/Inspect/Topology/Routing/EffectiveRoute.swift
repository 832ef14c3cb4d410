internal import FlowModel

/// One row of a subnet's effective routes. By reference: rows are made once, and compared for every session.
final class EffectiveRoute: Sendable {
    /// For equal prefixes the greater wins: user beats BGP beats system [learn: virtual-networks-udr-overview].
    enum Source: Int {
        case system, bgp, user

        var name: String { self == .system ? "system" : self == .bgp ? "bgp" : "user" }
    }

    let prefix: IPPrefix
    let source: Source
    let hop: NextHopType
    let nextHops: [IPAddress]
    /// A user route's name.
    let name: String?
    /// Peered VNet, gateway, virtual hub or private endpoint behind the hop.
    let target: String?
    /// Protocols that it steers; nil = all.
    let protocols: Set<String>?
    /// Why it is listed and does nothing; nil where it is active.
    let invalid: String?
    let overridesGatewayRoutes: Bool
    /// No export tells it: on-premises ranges that a gateway is believed to know.
    let isAssumed: Bool

    init(
        prefix: IPPrefix, source: Source, hop: NextHopType, nextHops: [IPAddress] = [], name: String? = nil,
        target: String? = nil, protocols: Set<String>? = nil, invalid: String? = nil,
        overridesGatewayRoutes: Bool = false, isAssumed: Bool = false
    ) {
        self.prefix = prefix
        self.source = source
        self.hop = hop
        self.nextHops = nextHops
        self.name = name
        self.target = target
        self.protocols = protocols
        self.invalid = invalid
        self.overridesGatewayRoutes = overridesGatewayRoutes
        self.isAssumed = isAssumed
    }

    /// The same row with fewer protocols, or listed as invalid; nil leaves what stands.
    func changed(protocols: Set<String>? = nil, invalid: String? = nil) -> EffectiveRoute {
        EffectiveRoute(
            prefix: prefix, source: source, hop: hop, nextHops: nextHops, name: name, target: target,
            protocols: protocols ?? self.protocols, invalid: invalid ?? self.invalid,
            overridesGatewayRoutes: overridesGatewayRoutes, isAssumed: isAssumed)
    }

    func steers(_ name: String) -> Bool { protocols?.contains(name) ?? true }

    /// Leads to the VNet itself or to one that it is joined to.
    var isInside: Bool { hop == .vnetLocal || hop == .vnetPeering || hop == .connectedGroup }

    func isSame(_ other: EffectiveRoute) -> Bool {
        self === other
            || prefix == other.prefix && source == other.source && hop == other.hop && target == other.target
                && nextHops == other.nextHops
    }
}

/// Which route wins at a subnet for a destination and a protocol.
struct RouteDecision {
    var subnet: String
    var destination: IPAddress
    var protocolName: String
    var winner: EffectiveRoute?
    /// Why the winner cannot be told; the fact that it would take is in no export.
    var uncertain: String?
    /// All rows that hold the destination, the strongest first.
    var routes: [EffectiveRoute] = []
    var facts: [Fact] = []
}

/// A disputed, previewed, inferred or assumed fact that an answer rests on.
struct Fact: Hashable {
    var text: String
    /// The best that an answer which rests on it can be.
    var confidence: Confidence
}
