internal import FlowModel

/// The resources of the exports as the rules need them, keyed by lower-cased id, with what the overlay adds.
///
/// Nothing here is computed later: look-ups are dictionaries, so the value stays pure and can be shared.
struct Network {
    var vnets: [String: VirtualNetwork] = [:]
    var subnets: [String: Subnet] = [:]
    var routeTables: [String: RouteTable] = [:]
    var interfaces: [String: NetworkInterface] = [:]
    var privateEndpoints: [String: PrivateEndpoint] = [:]
    var gateways: [String: Gateway] = [:]
    /// Pairs of gateways that a VNet-to-VNet connection joins.
    var gatewayConnections: [(String, String)] = []
    var loadBalancers: [String: LoadBalancer] = [:]
    /// Azure Firewalls and appliances.
    var appliances: [String: Appliance] = [:]
    var onPremises: [OnPremises] = []
    var flowLogs: [FlowLog] = []
    /// True where the export holds a flow-log resource, on or off.
    var tellsFlowLogs = false
    /// Names of VMs and of resources that have no model of their own, by lower-cased id.
    var names: [String: String] = [:]
    var overlay = Overlay()

    /// Network security groups.
    var securityGroups: [String: SecurityGroup] = [:]
    /// NIC or private endpoint → the application security groups that it belongs to.
    var applicationGroups: [String: Set<String>] = [:]
    /// What the service tag `VirtualNetwork` stands for in each VNet.
    var virtualNetworkTags = VirtualNetworkTags()
    /// Azure Firewall → its rules.
    var firewallRules: [String: FirewallRules] = [:]
    /// Private endpoint → the ports at which clients usually speak to its service.
    var endpointPorts: [String: [Int]] = [:]

    /// Peerings that work, by VNet, in the order of the peerings' ids.
    var links: [String: [PeeringLink]] = [:]
    /// Routing domain of each VNet.
    var domains: [String: Int32] = [:]
    var domainCount: Int32 = 0
    /// VNet → address → what has it there.
    var hosts: [String: [IPAddress: Host]] = [:]

    struct LoadBalancer {
        var id: String
        var name: String
        var addresses: [IPAddress]
        var subnet: String
        /// Lower-cased ids of the NICs behind it.
        var interfaces: [String]
    }

    /// What has an address inside a VNet.
    enum Host: Hashable {
        case nic(String), privateEndpoint(String), appliance(String), gateway(String), loadBalancer(String)
    }

    var semantics: Semantics { overlay.semantics }

    func vnet(ofSubnet id: String) -> VirtualNetwork? { subnets[id].flatMap { vnets[$0.vnet] } }

    func domain(ofSubnet id: String) -> Int32 { subnets[id].flatMap { domains[$0.vnet] } ?? -1 }

    /// `vnet/subnet`, for sentences.
    func subnetName(_ id: String) -> String {
        guard let subnet = subnets[id] else { return lastPart(id) }
        return "\(vnets[subnet.vnet]?.name ?? lastPart(subnet.vnet))/\(subnet.name)"
    }

    func link(from vnet: String, to peer: String) -> PeeringLink? { links[vnet]?.first { $0.peer == peer } }

    func table(ofSubnet id: String) -> RouteTable? { subnets[id]?.routeTable.flatMap { routeTables[$0] } }

    /// The subnet of a VNet that holds the address, the narrowest one.
    func subnet(holding address: IPAddress, inVNet vnet: String) -> Subnet? {
        var best: (length: Int, subnet: Subnet)?
        for id in vnets[vnet]?.subnets ?? [] {
            guard let subnet = subnets[id] else { continue }
            for prefix in subnet.prefixes where prefix.contains(address) && prefix.length > best?.length ?? -1 {
                best = (prefix.length, subnet)
            }
        }
        return best?.subnet
    }

    /// The gateways whose routes a VNet has: its own, and a peer's by transit.
    func gateways(ofVNet vnet: String) -> [Gateway] {
        gateways.values.filter { gateway in
            guard let home = subnets[gateway.subnet]?.vnet else { return false }
            if home == vnet { return true }
            guard let link = link(from: vnet, to: home), link.local.usesRemoteGateways else { return false }
            return link.remote?.allowsGatewayTransit ?? true
        }.sorted { $0.id < $1.id }
    }

    /// Whether a gateway leads to an on-premises range.
    func leads(_ gateway: Gateway, to range: OnPremises) -> Bool {
        range.gateways.isEmpty || range.gateways.contains(gateway.id)
    }

    /// The narrowest on-premises range that holds the address and that a gateway of the domain leads to.
    func onPremises(holding address: IPAddress, domain: Int32) -> (range: OnPremises, gateways: [Gateway])? {
        let ranges = onPremises.filter { $0.prefix.contains(address) }
            .sorted { ($1.prefix.length, $0.name) < ($0.prefix.length, $1.name) }
        for range in ranges {
            let leading = gateways.values.filter { leads($0, to: range) && self.domain(ofSubnet: $0.subnet) == domain }
            if !leading.isEmpty { return (range, leading.sorted { $0.id < $1.id }) }
        }
        return ranges.first { $0.isOverlay }.map { ($0, []) }
    }
}
