/// A small network in plain words: what the slow evaluator reads, and what is written as an export for the fast one.
///
/// Things name each other by name, as they do in an export.
struct SlowWorld {
    struct VNet {
        var name: String
        var ranges: [SlowPrefix]
        var subnets: [Subnet] = []
        var peerings: [Peering] = []
        /// `privateEndpointVNetPolicies: Basic`.
        var isHighScale = false
    }

    struct Subnet {
        var name: String
        var prefixes: [SlowPrefix]
        var table: String?
        /// `privateEndpointNetworkPolicies` as the export spells it; nil where it lacks the property.
        var policy: String?
        var delegation: String?
        var securityGroup: String?
    }

    struct Peering {
        var remote: String
        var state = "Connected"
        var allowsAccess = true
        var allowsForwarded = true
        var allowsTransit = false
        var usesRemoteGateways = false
        var isIPv6Only = false
        /// Names of the peered subnets, here and there; nil where the whole VNets are peered.
        var localSubnets: [String]?
        var remoteSubnets: [String]?
    }

    struct Table {
        var name: String
        var propagates = true
        /// `disablePeeringRoute: All`.
        var hidesPeerings = false
        var routes: [UserRoute] = []
    }

    struct UserRoute {
        var prefix: SlowPrefix
        var hop: String
        var address: SlowAddress?
        /// `hasBgpOverride`.
        var overridesBGP = false
    }

    struct Interface {
        var name: String
        var address: SlowAddress
        var vnet: String
        var subnet: String
        var forwards = false
        var securityGroup: String?
        /// Tag `disableSnatOnPL`.
        var hasMappingTag = false
    }

    struct PrivateEndpoint {
        var name: String
        var address: SlowAddress
        var vnet: String
        var subnet: String
        /// The target is a `privateLinkServices`, else a platform service.
        var isOwnService = false
        var status = "Approved"
    }

    struct Firewall {
        var name: String
        var address: SlowAddress
        var vnet: String
        /// The policy's `snat.privateRanges`; nil where it says nothing.
        var privateRanges: [SlowPrefix]?
    }

    struct Gateway {
        var name: String
        var vnet: String
        var isExpressRoute = false
    }

    /// On-premises networks behind one gateway.
    struct Site {
        var name: String
        var prefixes: [SlowPrefix]
        var gateway: String
        /// By the overlay, else by a local network gateway with a connection.
        var isOverlay = true
    }

    /// What the overlay says of a forwarding NIC.
    struct Appliance {
        var name: String
        var interface: String
        var inspects = true
        var translates = "never"
    }

    struct FlowLog {
        enum Target: Hashable {
            case vnet(String)
            case subnet(String, String)
            case interface(String)
            case securityGroup(String)
        }

        var name: String
        var target: Target
        var isEnabled = true
        var isFiltered = false
    }

    /// The overlay's settings; nil is null, "cannot tell".
    struct Semantics {
        var platformProtocols = ["tcp"]
        var ownServiceProtocols = ["tcp", "udp"]
        var gatewaySubnetObeys: Bool? = true
        var overrideWins: Bool? = true
        var subnetPeeringSpreads: Bool?
        var disabledPeeringRemoves: Bool?
        var expressRouteReply: Bool? = true
        var hubSpokeReply: Bool?
    }

    var vnets: [VNet] = []
    var tables: [Table] = []
    var interfaces: [Interface] = []
    var privateEndpoints: [PrivateEndpoint] = []
    var firewalls: [Firewall] = []
    var gateways: [Gateway] = []
    var sites: [Site] = []
    var appliances: [Appliance] = []
    var securityGroups: [String] = []
    var flowLogs: [FlowLog] = []
    var semantics = Semantics()
}

extension SlowWorld {
    func vnet(_ name: String) -> VNet? { vnets.first { $0.name == name } }

    func subnet(_ vnet: String, _ name: String) -> Subnet? {
        self.vnet(vnet)?.subnets.first { $0.name == name }
    }

    func table(_ vnet: String, _ subnet: String) -> Table? {
        let name = self.subnet(vnet, subnet)?.table
        return tables.first { $0.name == name }
    }
}

/// The two ends of a session.
struct SlowPair: Hashable {
    enum Place: Hashable {
        case interface(String)
        case privateEndpoint(String)
        /// An address of a site.
        case site(String, SlowAddress)
        case internet(SlowAddress)
        /// A private address that nothing in the export explains, asked from the client's domain.
        case nowhere(SlowAddress)
    }

    var client: Place
    var destination: Place
    /// `tcp`, `udp`, or `icmp`.
    var protocolName: String
}
