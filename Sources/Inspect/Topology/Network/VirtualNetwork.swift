internal import FlowModel

struct VirtualNetwork {
    var id: String
    var name: String
    var ranges: [IPPrefix]
    var peerings: [Peering]
    /// Ids, sorted.
    var subnets: [String] = []
    /// `privateEndpointVNetPolicies: Basic`: more private endpoints than else [learn: increase-private-endpoint-vnet-limits].
    var isHighScale = false

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
    var carriesIPv4: Bool

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
    /// Lower-cased service names, `microsoft.web/serverfarms`.
    var delegations: [String]
    /// Its `ipConfigurations` name machines of scale sets or gateways, whose NICs no export lists (topology exports, 17).
    var holdsUnlistedMachines = false

    var isGatewaySubnet: Bool { name.lowercased() == "gatewaysubnet" }
    var isFirewallSubnet: Bool { name.lowercased() == "azurefirewallsubnet" }
    /// Of a virtual network routing appliance (preview 2026-02): routes, and inspects nothing.
    var isRoutingApplianceSubnet: Bool { name.lowercased() == "virtualnetworkappliancesubnet" }

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
    var peer: String { local.remote }
}
