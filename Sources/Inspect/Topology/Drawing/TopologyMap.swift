/// What `topology show` tells and draws: what was understood of the exports, and one session's way through it.
///
/// A pure value. Everything in it is sorted: the same documents, in any order, give the same map.
package struct TopologyMap: Sendable, Hashable {
    /// VNets between which a private address means one thing.
    package struct Domain: Sendable, Hashable {
        package var number: Int
        /// By name, then id.
        package var vnets: [VNet]
        package var sites: [Site]
    }

    package struct VNet: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            case vnet
            case virtualHub = "virtual_hub"
            /// A peering names it, and the export lacks it.
            case notExported = "not_exported"
        }

        /// Lower-cased resource id.
        package var id: String
        package var name: String
        package var kind: Kind
        package var ranges: [String]
        package var subnets: [Subnet] = []
    }

    package struct Subnet: Sendable, Hashable {
        package var id: String
        package var name: String
        package var prefixes: [String]
        package var routeTable: String?
        package var securityGroup: String?
        /// Policies towards private endpoints in Azure's word; nil where the export says nothing.
        package var policies: String?
        package var delegations: [String] = []
        /// All but NICs; of those only the ones that the path meets.
        package var things: [Thing] = []
        /// NICs of machines: neither an appliance's nor a private endpoint's.
        package var interfaceCount = 0

        package var endpoints: [Thing] { things.filter { $0.kind == .privateEndpoint } }
    }

    /// What stands in a subnet.
    package struct Thing: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            case firewall, appliance, router, gateway
            case loadBalancer = "load_balancer"
            case privateEndpoint = "private_endpoint"
            case nic
        }

        package var kind: Kind
        package var id: String
        package var name: String
        package var addresses: [String]
        /// `Standard` of a firewall, `ExpressRoute` of a gateway; nil where there is nothing to say.
        package var detail: String?
    }

    /// What joins VNets.
    package struct Link: Sendable, Hashable {
        package enum Kind: String, Sendable, Hashable {
            case peering
            case hubConnection = "hub_connection"
            case gatewayConnection = "gateway_connection"
            case connectedGroup = "connected_group"
            case virtualWAN = "virtual_wan"
        }

        package enum State: String, Sendable, Hashable, CaseIterable {
            case works
            /// Connected on one side, and the other has no peering back: nothing passes.
            case oneSided = "one_sided"
            /// A side is not Connected: nothing passes.
            case notConnected = "not_connected"
            /// The other VNet is not in the export: believed.
            case believed
        }

        package var kind: Kind
        package var state: State
        /// Ids of the VNets, sorted: two, or all members of a group.
        package var members: [String]
        /// The group's name, else empty.
        package var name: String
        /// What Azure or the export says of the state.
        package var text: String
    }

    /// Ranges outside Azure under one name, and the gateways that lead there.
    package struct Site: Sendable, Hashable {
        package var id: String
        package var name: String
        package var prefixes: [String]
        /// Ids, sorted.
        package var gateways: [String]
        /// No export names the ranges: gateways are believed to lead there.
        package var isAssumed: Bool
    }

    /// Where a hop of a path stands on the map.
    package enum Spot: Sendable, Hashable {
        case thing(String), subnet(String), vnet(String), site(String)
        /// On no resource of the map: the Internet, or an address that nothing claims.
        case outside(String)
    }

    package struct Station: Sendable, Hashable {
        package var hop: Hop
        /// Nil for a drop, which is where the packets were before.
        package var spot: Spot?
    }

    /// The session whose way is drawn.
    package struct Way: Sendable, Hashable {
        package var explanation: Explanation
        package var port: Int?
        package var forward: [Station]
        package var back: [Station]
        /// The routing domain where it runs; -1 where there is none.
        package var domain: Int
    }

    package var domains: [Domain] = []
    package var links: [Link] = []
    /// What stands in a subnet that the export lacks.
    package var unplaced: [Thing] = []
    /// On-premises ranges to which no gateway of the export leads.
    package var unreached: [Site] = []
    package var problems: [TopologyProblem] = []
    /// What people call the resources and files that the problems name.
    var problemNames: [String: String] = [:]
    package var notUnderstood: [String] = []
    package var version = ""
    package var way: Way?
    /// Nil where it is not known how old the files are.
    package var dating: Dating?
    /// VNets that were left out to keep a drawing legible.
    package var omittedCount = 0

    package var vnetCount: Int { domains.reduce(0) { $0 + $1.vnets.count } }
}
