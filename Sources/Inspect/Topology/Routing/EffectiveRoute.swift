internal import FlowModel

/// One row of a subnet's effective routes.
struct EffectiveRoute {
    /// For equal prefixes the greater wins: user beats BGP beats system [learn: virtual-networks-udr-overview].
    enum Source: Int {
        case system, bgp, user

        var name: String { self == .system ? "system" : self == .bgp ? "bgp" : "user" }
    }

    var prefix: IPPrefix
    var source: Source
    var hop: NextHopType
    var nextHops: [IPAddress] = []
    /// A user route's name.
    var name: String?
    /// Peered VNet, gateway, virtual hub or private endpoint behind the hop.
    var target: String?
    /// Protocols that it steers; nil = all.
    var protocols: Set<String>?
    /// Why it is listed and does nothing; nil where it is active.
    var invalid: String?
    var overridesGatewayRoutes = false
    /// No export tells it: on-premises ranges that a gateway is believed to know.
    var isAssumed = false

    func steers(_ name: String) -> Bool { protocols?.contains(name) ?? true }

    /// Leads to the VNet itself or to one that it is joined to.
    var isInside: Bool { hop == .vnetLocal || hop == .vnetPeering || hop == .connectedGroup }

    func isSame(_ other: EffectiveRoute) -> Bool {
        prefix == other.prefix && source == other.source && hop == other.hop && target == other.target
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
