internal import FlowModel

/// The network with changes tried on it, and taken back.
///
/// One copy serves all trials: changing it in place copies nothing as long as no judgement holds on to it.
struct Trial {
    private(set) var network: Network
    private var tables: [String: RouteTable?] = [:]
    private var subnets: [String: Subnet] = [:]
    private var appliances: [String: Appliance] = [:]
    private var links: [String: [PeeringLink]] = [:]

    init(network: Network) { self.network = network }

    mutating func apply(_ actions: [RemedyAction]) { for action in actions { apply(action) } }

    /// Back to the network as the export has it.
    mutating func reset() {
        for (id, table) in tables {
            network.routeTables[id] = table
            readTable(id)
        }
        for (id, subnet) in subnets { network.subnets[id] = subnet }
        for (id, appliance) in appliances { network.appliances[id] = appliance }
        for (vnet, links) in links {
            network.links[vnet] = links
            network.tables.replaceLinks(of: vnet, links)
        }
        tables = [:]
        subnets = [:]
        appliances = [:]
        links = [:]
    }

    private mutating func apply(_ action: RemedyAction) {
        switch action.kind {
        case .addRoute: addRoute(action)
        case .setPolicies:
            guard let id = action.subnet else { return }
            save(subnet: id)
            network.subnets[id]?.privateEndpointPolicies = .obeysRoutes
        case .translate: translate(action)
        case .allowForwardedTraffic: allowForwardedTraffic(action)
        case .propagateGatewayRoutes:
            guard let id = action.routeTable else { return }
            save(table: id)
            network.routeTables[id]?.propagatesGatewayRoutes = true
        }
    }

    /// The routes that are looked up follow the table.
    private mutating func readTable(_ id: String) {
        if let table = network.routeTables[id] { network.tables.read(table) } else { network.tables.forget(table: id) }
    }

    private mutating func addRoute(_ action: RemedyAction) {
        guard let id = action.routeTable, let prefix = action.prefix.flatMap({ IPPrefix($0) }) else { return }
        save(table: id)
        if network.routeTables[id] == nil {
            network.routeTables[id] = RouteTable(
                id: id, name: lastPart(id), routes: [], propagatesGatewayRoutes: true, dropsPeeringRoutes: false)
        }
        if action.createsTable, let subnet = action.subnet {
            save(subnet: subnet)
            network.subnets[subnet]?.routeTable = id
        }
        let address = action.nextHop.flatMap { IPAddress($0) }
        network.routeTables[id]?.routes.removeAll { $0.prefix == prefix }
        network.routeTables[id]?.routes.append(
            UserRoute(
                name: action.routeName ?? prefix.description, text: prefix.description, prefix: prefix,
                hop: address == nil ? NextHopType(action.nextHop ?? "") : .appliance,
                nextHops: address.map { [$0] } ?? [], overridesGatewayRoutes: false))
        readTable(id)
    }

    /// An Azure Firewall translates towards what is not among its private ranges [learn: snat-private-range].
    private mutating func translate(_ action: RemedyAction) {
        guard let id = action.resource, let device = network.appliances[id] else { return }
        if appliances[id] == nil { appliances[id] = device }
        if case .outside(let ranges) = device.translation, let prefix = action.prefix.flatMap({ IPPrefix($0) }) {
            network.appliances[id]?.translation = .outside(ranges.flatMap { $0.subtracting(prefix) })
        } else {
            network.appliances[id]?.translation = .privateEndpoints
        }
    }

    private mutating func allowForwardedTraffic(_ action: RemedyAction) {
        guard let id = action.resource else { return }
        let vnet = parentID(id)
        guard let own = network.links[vnet]?.firstIndex(where: { $0.local.id == id }),
            let peer = network.links[vnet]?[own].peer
        else { return }
        save(linksOf: vnet)
        save(linksOf: peer)
        network.links[vnet]?[own].local.allowsForwardedTraffic = true
        if let other = network.links[peer]?.firstIndex(where: { $0.peer == vnet }) {
            network.links[peer]?[other].remote?.allowsForwardedTraffic = true
        }
        for id in [vnet, peer] { network.tables.replaceLinks(of: id, network.links[id] ?? []) }
    }

    private mutating func save(table id: String) {
        if tables[id] == nil { tables[id] = .some(network.routeTables[id]) }
    }

    private mutating func save(subnet id: String) {
        if subnets[id] == nil { subnets[id] = network.subnets[id] }
    }

    private mutating func save(linksOf vnet: String) {
        if links[vnet] == nil { links[vnet] = network.links[vnet] }
    }
}

extension IPPrefix {
    /// The prefixes that hold exactly what lies in this one and not in the other.
    func subtracting(_ other: IPPrefix) -> [IPPrefix] {
        guard overlaps(other) else { return [self] }
        guard length < other.length else { return [] }
        var rest: [IPPrefix] = []
        for length in (length + 1)...other.length {
            guard let half = IPPrefix(other.address, length: length) else { continue }
            let bit = hostLength - length
            let flipped =
                bit < 64
                ? IPAddress(upper: half.address.upper, lower: half.address.lower ^ (1 << UInt64(bit)))
                : IPAddress(upper: half.address.upper ^ (1 << UInt64(bit - 64)), lower: half.address.lower)
            if let sibling = IPPrefix(flipped, length: length) { rest.append(sibling) }
        }
        return rest.sorted()
    }
}
