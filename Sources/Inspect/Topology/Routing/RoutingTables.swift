internal import FlowModel

/// The routes of the whole network, ready to be looked up: what would else be searched for at each question.
struct RoutingTables {
    /// By VNet.
    private(set) var vnets: [String: VNetTable] = [:]
    /// User routes, by route table.
    private(set) var userRoutes: [String: PrefixTable<[EffectiveRoute]>] = [:]
    /// Route tables whose default route takes the reserved None routes away: 0.0.0.0/0 to an appliance or a gateway; one
    /// to None does not.
    private(set) var carryingTables: Set<String> = []
    /// What a gateway leads to, by gateway.
    private(set) var gatewayRoutes: [String: PrefixTable<[EffectiveRoute]>] = [:]
    /// What ExpressRoute gateways announce to their circuits: ranges of the VNets that have their routes → gateways.
    private(set) var announcedByExpressRoute = PrefixTable<[Gateway]>()
    /// Ranges outside Azure: indexes into `Network.onPremises`.
    private(set) var onPremises = PrefixTable<[Int]>()
    /// Gateways of which an export or the overlay names a range behind them.
    private(set) var toldGateways: Set<String> = []
    /// Gateways at the other end of a gateway's VNet-to-VNet connections, by gateway.
    private(set) var joinedGateways: [String: [Gateway]] = [:]
    /// Gateways of each routing domain, by id.
    private(set) var domainGateways: [[Gateway]] = []
    /// Firewalls and appliances of each routing domain, by id; routers, which log nothing, are left out.
    private(set) var domainDevices: [[Appliance]] = []
    /// Flow logs by what they log.
    private(set) var flowLogs: [String: [FlowLog]] = [:]

    /// What all subnets of a VNet have in common.
    struct VNetTable {
        /// System routes to the VNet itself and to whole VNets that it is joined to.
        var system = PrefixTable<[EffectiveRoute]>()
        /// Routes of subnet peerings, and the local subnets that get them.
        var partial: [(subnets: Set<String>, routes: [EffectiveRoute])] = []
        /// VNets joined by subnet peering.
        var partialPeers: [String] = []
        /// Reserved ranges that no VNet, its own or a joined one, has exactly.
        var reserved: [EffectiveRoute] = []
        /// The same without the routes of peerings.
        var reservedWithoutPeers: [EffectiveRoute] = []
        /// What virtual hubs announce.
        var hub = PrefixTable<[EffectiveRoute]>()
        /// Gateways whose routes the VNet has: its own, and a peer's by transit.
        var gateways: [Gateway] = []
        var links: [String: PeeringLink] = [:]
        /// A Route Server stands in the VNet, or in a peer whose gateways it uses.
        var hasRouteServer = false
        /// Ids, by prefix.
        var subnets = PrefixTable<String>()
    }

    init() {}

    init(_ network: Network) {
        flowLogs = Dictionary(grouping: network.flowLogs, by: \.target)
        domainGateways = Array(repeating: [], count: Int(network.domainCount))
        domainDevices = domainGateways.map { _ in [] }
        for (first, second) in network.gatewayConnections { join(first, second, of: network) }
        for gateway in network.gateways.values.sorted(by: { $0.id < $1.id }) { add(gateway, of: network) }
        for device in network.appliances.values.sorted(by: { $0.id < $1.id }) where device.kind != .router {
            let domain = Int(network.domain(ofSubnet: device.subnet))
            if domain >= 0 { domainDevices[domain].append(device) }
        }
        for (index, range) in network.onPremises.enumerated() {
            onPremises.update(at: range.prefix, default: []) { $0.append(index) }
        }
        for table in network.routeTables.values { read(table) }
        let homes = Dictionary(grouping: network.gateways.values) { network.subnets[$0.subnet]?.vnet ?? "" }
        for vnet in network.vnets.values { vnets[vnet.id] = table(of: vnet, in: network, gateways: homes) }
        addHubRoutes(network)
        for vnet in network.vnets.values {
            let gateways = (vnets[vnet.id]?.gateways ?? []).filter(\.isExpressRoute)
            guard !gateways.isEmpty else { continue }
            for range in vnet.ranges { announcedByExpressRoute.update(at: range, default: []) { $0 += gateways } }
        }
    }

    /// Takes a route table up, or takes it up again after a change.
    mutating func read(_ table: RouteTable) {
        userRoutes[table.id] = RoutingTables.userRoutes(of: table)
        let carries = table.routes.contains { route in
            route.prefix?.isIPv4 == true && route.prefix?.length == 0
                && [.appliance, .applianceECMP, .gateway].contains(route.hop)
        }
        if carries { carryingTables.insert(table.id) } else { carryingTables.remove(table.id) }
    }

    mutating func forget(table id: String) {
        userRoutes[id] = nil
        carryingTables.remove(id)
    }

    /// Takes the flags of a VNet's peerings up after a change; which VNets they join stays.
    mutating func replaceLinks(of vnet: String, _ links: [PeeringLink]) {
        for link in links { vnets[vnet]?.links[link.peer] = link }
    }

    private mutating func add(_ gateway: Gateway, of network: Network) {
        let domain = Int(network.domain(ofSubnet: gateway.subnet))
        if domain >= 0 { domainGateways[domain].append(gateway) }
        var routes = PrefixTable<[EffectiveRoute]>()
        for range in network.onPremises where !range.isAssumed && network.leads(gateway, to: range) {
            let route = EffectiveRoute(prefix: range.prefix, source: .bgp, hop: .gateway, target: gateway.id)
            if routes.value(at: range.prefix) == nil { routes.insert([route], at: range.prefix) }
        }
        if !routes.isEmpty { toldGateways.insert(gateway.id) }
        // The ranges of the VNet at the other end; what lies behind it, the two hand each other by BGP only.
        for far in joinedGateways[gateway.id] ?? [] {
            for prefix in network.vnet(ofSubnet: far.subnet)?.ranges ?? [] where routes.value(at: prefix) == nil {
                let route = EffectiveRoute(prefix: prefix, source: .bgp, hop: .gateway, target: gateway.id)
                routes.insert([route], at: prefix)
            }
        }
        gatewayRoutes[gateway.id] = routes
    }

    /// The two sides of one link are two connections: each names both gateways.
    private mutating func join(_ first: String, _ second: String, of network: Network) {
        for (near, far) in [(first, second), (second, first)] {
            guard let far = network.gateways[far], joinedGateways[near]?.contains(where: { $0.id == far.id }) != true
            else { continue }
            joinedGateways[near, default: []].append(far)
        }
    }

    private static func userRoutes(of table: RouteTable) -> PrefixTable<[EffectiveRoute]> {
        var routes = PrefixTable<[EffectiveRoute]>()
        for route in table.routes {
            guard let prefix = route.prefix else { continue }
            let row = EffectiveRoute(
                prefix: prefix, source: .user, hop: route.hop, nextHops: route.nextHops, name: route.name,
                target: route.nextHops.isEmpty ? route.device : nil,
                overridesGatewayRoutes: route.overridesGatewayRoutes)
            routes.update(at: prefix, default: []) { $0.append(row) }
        }
        return routes
    }

    private func table(
        of vnet: VirtualNetwork, in network: Network, gateways homes: [String: [Gateway]]
    ) -> VNetTable {
        var table = VNetTable()
        for range in vnet.ranges {
            let route = EffectiveRoute(prefix: range, source: .system, hop: .vnetLocal, target: vnet.id)
            table.system.update(at: range, default: []) { $0.append(route) }
        }
        var gateways = homes[vnet.id] ?? []
        for link in network.links[vnet.id] ?? [] {
            if table.links[link.peer] == nil { table.links[link.peer] = link }
            add(link, to: &table, in: network)
        }
        let peers = network.transitPeers(of: vnet.id)
        gateways += peers.flatMap { homes[$0] ?? [] }
        table.hasRouteServer = ([vnet.id] + peers).contains { hasRouteServer($0, network) }
        table.gateways = gateways.sorted { $0.id < $1.id }
        table.reservedWithoutPeers = EffectiveRoutes.reservedRoutes.filter { !vnet.ranges.contains($0.prefix) }
        table.reserved = EffectiveRoutes.reservedRoutes.filter { table.system.value(at: $0.prefix) == nil }
        for id in vnet.subnets {
            for prefix in network.subnets[id]?.prefixes ?? [] where table.subnets.value(at: prefix) == nil {
                table.subnets.insert(id, at: prefix)
            }
        }
        return table
    }

    private func hasRouteServer(_ vnet: String, _ network: Network) -> Bool {
        network.subnets["\(vnet)/subnets/routeserversubnet"] != nil
    }

    /// Each range of the peered VNet; of a subnet peering, the subnets' [learn: how-to-configure-subnet-peering].
    private func add(_ link: PeeringLink, to table: inout VNetTable, in network: Network) {
        var prefixes = network.vnets[link.peer]?.ranges ?? link.local.remoteRanges
        if link.local.remoteSubnetNames != nil, link.local.carriesIPv4 { table.partialPeers.append(link.peer) }
        if let names = link.local.remoteSubnetNames, let peer = network.vnets[link.peer] {
            prefixes = peer.subnets.compactMap { network.subnets[$0] }
                .filter { names.contains($0.name.lowercased()) }.flatMap(\.prefixes)
        } else if link.local.remoteSubnetNames != nil {
            prefixes = link.local.remoteRanges
        }
        let routes = prefixes.filter { !$0.isIPv4 || link.local.carriesIPv4 }.map {
            EffectiveRoute(
                prefix: $0, source: .system, hop: link.isConnectedGroup ? .connectedGroup : .vnetPeering,
                target: link.peer)
        }
        if let subnets = link.local.localSubnetNames { return table.partial.append((subnets, routes)) }
        for route in routes { table.system.update(at: route.prefix, default: []) { $0.append(route) } }
    }

    /// What a hub announces to its VNets: ranges that it sends to its firewall, and the ranges of the other VNets.
    private mutating func addHubRoutes(_ network: Network) {
        for hub in network.hubs.values.sorted(by: { $0.id < $1.id }) {
            let announced = network.announced(by: hub)
            for connection in hub.connections {
                let own = network.vnets[connection.vnet]?.ranges ?? []
                for prefix in announced
                where (prefix.length > 0 || connection.getsDefaultRoute) && !own.contains(prefix) {
                    let route = EffectiveRoute(
                        prefix: prefix, source: .bgp, hop: .gateway,
                        nextHops: network.hubFirewall(of: hub, towards: prefix)?.addresses ?? [], target: hub.id)
                    vnets[connection.vnet]?.hub.update(at: prefix, default: []) { $0.append(route) }
                }
            }
            // Hubs of one virtual WAN hand each other what lies behind them [learn: virtual-wan-global-transit].
            for other in network.hubs.values where other.id != hub.id && other.wan != nil && other.wan == hub.wan {
                for prefix in network.ranges(behind: other) {
                    let route = EffectiveRoute(prefix: prefix, source: .bgp, hop: .gateway, target: other.id)
                    vnets[hub.id]?.hub.update(at: prefix, default: []) { $0.append(route) }
                }
            }
        }
    }
}

extension Network {
    /// The firewall to which the hub sends what goes to one of the prefixes that it announces.
    func hubFirewall(of hub: VirtualHub, towards prefix: IPPrefix) -> Appliance? {
        let range = hub.inspected.first { $0.prefix == prefix || $0.isPrivateIntent && $0.prefix.contains(prefix) }
        return range.flatMap { appliances[$0.device] }
    }

    /// Private intent comes before everything; a default route and static routes win where nothing behind the hubs of the
    /// WAN, as far as the default route table learns it, is longer.
    func inspection(by hub: VirtualHub, towards destination: IPAddress) -> VirtualHub.Inspection {
        let holding = hub.inspected.filter { $0.prefix.contains(destination) }
        guard let longest = holding.first else { return .passes }
        if holding.contains(where: \.isPrivateIntent) { return .device(longest) }
        var learnt = -1
        var perhaps = -1
        // What stands in the hub's own tables: its VNets, other hubs, its gateways.
        tables.vnets[hub.id]?.system.forEachMatch(destination) { prefix, rows in
            let connections = hub.connections.filter { connection in rows.contains { $0.target == connection.vnet } }
            if connections.isEmpty || connections.contains(where: { $0.propagates == true }) {
                learnt = max(learnt, prefix.length)
            } else if connections.contains(where: { $0.propagates == nil }) {
                perhaps = max(perhaps, prefix.length)
            }
        }
        func note(_ prefix: IPPrefix, _: [EffectiveRoute]) { learnt = max(learnt, prefix.length) }
        tables.vnets[hub.id]?.hub.forEachMatch(destination, note)
        for gateway in gatewaysOfHub[hub.id] ?? [] {
            tables.gatewayRoutes[gateway.id]?.forEachMatch(destination, note)
        }
        if learnt > longest.prefix.length { return .passes }
        guard perhaps > longest.prefix.length else { return .device(longest) }
        // With an intent Azure itself lets connections propagate.
        if longest.isIntent { return .passes }
        return .open(
            "whether the default route table of virtual hub \(hub.name) learns a longer route to \(destination) than "
                + "\(longest.prefix) is not in the export (routingConfiguration of the connection)")
    }

    /// Prefixes that connected VNets learn from a hub, each but for its own, and a default route where it asks for that.
    func announced(by hub: VirtualHub) -> [IPPrefix] {
        var prefixes = Set(hub.inspected.map(\.prefix))
        let covered = hub.inspected.filter(\.isPrivateIntent).map(\.prefix)
        for other in hubs.values where other.id == hub.id || (other.wan != nil && other.wan == hub.wan) {
            for range in ranges(behind: other) where !covered.contains(where: { $0.contains(range) }) {
                prefixes.insert(range)
            }
        }
        return prefixes.sorted()
    }

    /// Ranges of a hub's VNets, as far as its default route table learns them, and what its gateways lead to.
    func ranges(behind hub: VirtualHub) -> [IPPrefix] {
        let told = hub.connections.filter { $0.propagates != false }
        var ranges = told.flatMap { vnets[$0.vnet]?.ranges ?? [] }
        let gateways = gatewaysOfHub[hub.id] ?? []
        for range in onPremises where !range.isAssumed && gateways.contains(where: { leads($0, to: range) }) {
            ranges.append(range.prefix)
        }
        return Set(ranges).sorted()
    }
}
