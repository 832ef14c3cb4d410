internal import FlowModel

struct VirtualNetwork {
    var id: String
    var name: String
    var ranges: [IPPrefix]
    var peerings: [Peering]
    /// Ids, sorted.
    var subnets: [String] = []
    /// `privateEndpointVNetPolicies: Basic`, high scale [learn: increase-private-endpoint-vnet-limits].
    var hasHighScaleEndpoints = false
    /// Network Manager has made one of its peerings (`ANM_…`): it may stand in a connected group, too.
    var isManaged: Bool { peerings.contains { $0.name.lowercased().hasPrefix("anm_") } }

    func holds(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }
}

/// One side of a peering, as the VNet that holds it sees it.
struct Peering {
    var id: String
    var name: String
    var remote: String
    /// `Connected`, `Initiated`, `Disconnected`; nil where the export says nothing.
    var state: String?
    var allowsAccess: Bool
    var allowsForwardedTraffic: Bool
    var allowsGatewayTransit: Bool
    var usesRemoteGateways: Bool
    /// What the peering says of the other side, for a VNet that the export lacks.
    var remoteRanges: [IPPrefix]
    /// Subnet peering: only these subnets of the other side get a route; nil = the whole VNet
    /// [learn: how-to-configure-subnet-peering].
    var remoteSubnetNames: Set<String>?
    /// Subnet peering: only these subnets of this side get the routes; nil = all.
    var localSubnetNames: Set<String>?
    var carriesIPv4: Bool
    /// False where `remoteRanges` are older than the other side's.
    var isInSync = true

    /// What a hub's connection or a connected group comes to: everything passes, and no gateway is lent. A hub announces
    /// its routes itself; as a gateway of its VNets it would give them twice.
    static func joining(_ vnet: String, to remote: String, by id: String, name: String) -> Peering {
        Peering(
            id: "\(vnet)/virtualnetworkpeerings/\(lastPart(id))", name: name, remote: remote, state: nil,
            allowsAccess: true, allowsForwardedTraffic: true, allowsGatewayTransit: false, usesRemoteGateways: false,
            remoteRanges: [], remoteSubnetNames: nil, localSubnetNames: nil, carriesIPv4: true)
    }

    var isConnected: Bool { state.map { $0.lowercased() == "connected" } ?? true }
}

struct Subnet {
    /// Policy of the subnet towards its private endpoints [learn: disable-private-endpoint-network-policy].
    enum NetworkPolicies {
        case obeysRoutes, ignoresRoutes
        /// Absent in the export: taken as `Disabled`, with medium confidence.
        case notSaid
    }

    var id: String
    var name: String
    var vnet: String
    var prefixes: [IPPrefix]
    var routeTable: String?
    var securityGroup: String?
    var privateEndpointPolicies: NetworkPolicies
    /// Whether network security groups count for its private endpoints; nil where the export does not say so
    /// [learn: disable-private-endpoint-network-policy].
    var endpointsObeySecurityGroups: Bool?
    /// Lower-cased service names, `microsoft.web/serverfarms`.
    var delegations: [String]
    /// Names of service endpoints that it enables, `Microsoft.Storage`; their ranges are in no export.
    var serviceEndpoints: [String] = []
    /// `defaultOutboundAccess`: off, its machines have no way to the Internet of their own; nil where the export does not
    /// say so [learn: default-outbound-access].
    var hasDefaultOutbound: Bool?
    var hasNATGateway = false
    /// An application gateway stands in it: flow logs of NSGs do not see that [learn: nsg-flow-logs-overview].
    var holdsApplicationGateway = false
    /// Its `ipConfigurations` name machines of scale sets or gateways, whose NICs no export lists (topology exports, 17).
    var holdsUnlistedMachines = false

    var isGatewaySubnet: Bool { isNamed("gatewaysubnet") }
    var isFirewallSubnet: Bool { isNamed("azurefirewallsubnet") }
    /// Of a virtual network routing appliance (preview 2026-02): routes, and inspects nothing.
    var isRoutingApplianceSubnet: Bool { isNamed("virtualnetworkappliancesubnet") }

    /// Asked at every hop: mostly the lengths differ.
    private func isNamed(_ lowered: String) -> Bool {
        name.utf8.count == lowered.utf8.count && name.lowercased() == lowered
    }

    /// What traffic of its own a flow log does not see [learn: vnet-flow-logs-overview]; nil where it sees all.
    var unloggedWorkload: String? {
        delegations.first {
            [
                "microsoft.web", "microsoft.containerinstance", "microsoft.app", "microsoft.logic",
                "microsoft.network/dnsresolvers",
            ]
            .contains(where: $0.hasPrefix)
        }
    }
}

/// A peering that works: connected on this side, and on the other where the export holds it.
struct PeeringLink {
    var local: Peering
    /// The other side's peering; nil where the export lacks the other VNet.
    var remote: Peering?
    /// A Network Manager mesh: next hop `ConnectedGroup` instead of a peering.
    var isConnectedGroup = false
    var peer: String { local.remote }
    /// `allowVirtualNetworkAccess` of both sides.
    var allowsAccess: Bool { local.allowsAccess && remote?.allowsAccess ?? true }
}
