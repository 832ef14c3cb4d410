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
    /// NICs behind load balancers of any kind, public ones among them.
    var balancedInterfaces: Set<String> = []
    /// Those behind a public one.
    var publicInterfaces: Set<String> = []
    /// Azure Firewalls and appliances.
    var appliances: [String: Appliance] = [:]
    var onPremises: [OnPremises] = []
    var flowLogs: [FlowLog] = []
    /// True where the export holds a flow-log resource, on or off.
    var tellsFlowLogs = false
    /// Names of all resources but NICs and private endpoints, by lower-cased id: ask `knownName(of:)`.
    var names: [String: String] = [:]
    var overlay = Overlay()
    /// Documents whose further pages are missing, sorted: what they lack is not known.
    var incompleteDocuments: [String] = []

    /// Network security groups.
    var securityGroups: [String: SecurityGroup] = [:]
    /// NIC or private endpoint → the application security groups that it belongs to.
    var applicationGroups: [String: Set<String>] = [:]
    /// What the service tag `VirtualNetwork` stands for in each VNet.
    var virtualNetworkTags = VirtualNetworkTags()
    /// Azure Firewall → its rules.
    var firewallRules: [String: FirewallRules] = [:]

    /// Peerings that work, by VNet, in the order of the peerings' ids.
    var links: [String: [PeeringLink]] = [:]
    /// Routing domain of each VNet.
    var domains: [String: Int32] = [:]
    var domainCount: Int32 = 0
    /// VNet → address → what has it there.
    var hosts: [String: [IPAddress: Host]] = [:]
    /// Hubs of virtual WANs; each is a VNet, too.
    var hubs: [String: VirtualHub] = [:]
    /// Gateways of a hub, by hub.
    var gatewaysOfHub: [String: [Gateway]] = [:]
    /// True where the export holds Network Manager's connectivity configurations.
    var tellsConnectedGroups = false
    /// VNets that Network Manager has touched, or may have.
    var managedVNets: Set<String> = []
    /// What the routes come to; made when everything else is known.
    var tables = RoutingTables()

    /// What has an address inside a VNet.
    enum Host: Hashable {
        case nic(String), privateEndpoint(String), appliance(String), gateway(String), loadBalancer(String)
    }

    var semantics: Semantics { overlay.semantics }

    func vnet(ofSubnet id: String) -> VirtualNetwork? { subnets[id].flatMap { vnets[$0.vnet] } }

    func domain(ofSubnet id: String) -> Int32 { subnets[id].flatMap { domains[$0.vnet] } ?? -1 }

    /// What the export calls a resource, by its lower-cased id; else the last part of the id.
    func name(of id: String) -> String { knownName(of: id) ?? lastPart(id) }

    /// Nil for what the export does not hold.
    func knownName(of id: String) -> String? { privateEndpoints[id]?.name ?? interfaces[id]?.name ?? names[id] }

    /// `vnet/subnet`, for sentences.
    func subnetName(_ id: String) -> String {
        guard let subnet = subnets[id] else { return lastPart(id) }
        return "\(vnets[subnet.vnet]?.name ?? lastPart(subnet.vnet))/\(subnet.name)"
    }

    /// VNets whose gateways a VNet uses over its peerings: the VNet says so, and the peer, where the export holds it, allows
    /// it [learn: vpn-gateway-peering-gateway-transit].
    func transitPeers(of vnet: String) -> [String] {
        (links[vnet] ?? []).filter { $0.local.usesRemoteGateways && $0.remote?.allowsGatewayTransit ?? true }.map(
            \.peer)
    }

    func link(from vnet: String, to peer: String) -> PeeringLink? { tables.vnets[vnet]?.links[peer] }

    func table(ofSubnet id: String) -> RouteTable? { subnets[id].flatMap(table) }

    func table(of subnet: Subnet) -> RouteTable? { subnet.routeTable.flatMap { routeTables[$0] } }

    /// The subnet of a VNet that holds the address, the narrowest one.
    func subnet(holding address: IPAddress, inVNet vnet: String) -> Subnet? {
        tables.vnets[vnet]?.subnets.longestMatch(address).flatMap { subnets[$0] }
    }

    /// The VNet itself or one joined to it directly, whichever has something at the address.
    func vnet(having address: IPAddress, near vnet: String) -> String? {
        if hosts[vnet]?[address] != nil { return vnet }
        var peers: [String] = []
        tables.vnets[vnet]?.system.forEachMatch(address) { _, rows in peers += rows.compactMap(\.target) }
        peers += tables.vnets[vnet]?.partialPeers ?? []
        return peers.filter { hosts[$0]?[address] != nil }.min()
    }

    /// Whether a gateway leads to an on-premises range.
    func leads(_ gateway: Gateway, to range: OnPremises) -> Bool {
        range.gateways.isEmpty || range.gateways.contains(gateway.id)
    }

    /// Whether a gateway leads to an address.
    func leads(_ gateway: Gateway, to address: IPAddress) -> Bool {
        tables.gatewayRoutes[gateway.id]?.longestMatch(address) != nil
    }

    /// The narrowest on-premises range that holds the address and that a gateway of the domain leads to.
    func onPremises(holding address: IPAddress, domain: Int32) -> (range: OnPremises, gateways: [Gateway])? {
        var ranges: [OnPremises] = []
        tables.onPremises.forEachMatch(address) { _, indexes in ranges += indexes.map { onPremises[$0] } }
        ranges.sort { ($1.prefix.length, $0.name) < ($0.prefix.length, $1.name) }
        for range in ranges where domain >= 0 && Int(domain) < tables.domainGateways.count {
            let leading = tables.domainGateways[Int(domain)].filter { leads($0, to: range) }
            if !leading.isEmpty { return (range, leading) }
        }
        return ranges.first { $0.isOverlay }.map { ($0, []) }
    }
}
