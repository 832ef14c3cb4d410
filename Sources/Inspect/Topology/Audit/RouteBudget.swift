internal import FlowModel

/// How many /32 routes each route table would need, and for which endpoint subnets a summary route is advised instead.
///
/// A /32 is needed on every table for every private endpoint of its own VNets and of those peered directly, unless the
/// endpoint's subnet obeys routes [learn: disable-private-endpoint-network-policy].
package struct RouteBudget {
    package enum Advice: String, Sendable, Hashable {
        /// All /32 routes fit.
        case hostRoutes = "host_routes"
        /// They do not: endpoint subnets are summarised, the largest first.
        case summaryRoutes = "summary_routes"
        /// They do not, and too many stand in subnets that hold machines, too.
        case split
    }

    package struct Table: Sendable, Hashable {
        /// Lower-cased id; of a table that is still to be made, too.
        package var id: String
        /// User routes that it has.
        package var routeCount: Int
        /// /32 routes that it lacks.
        package var hostRoutesNeeded: Int
        package var limit: Int
        package var advice: Advice

        /// Routes that it would hold with all those /32s.
        package var total: Int { routeCount + hostRoutesNeeded }
    }

    private(set) package var tables: [Table] = []
    /// Endpoint subnets, lower-cased ids, for which one route and `privateEndpointNetworkPolicies` are advised.
    private(set) var summarised: Set<String> = []
    /// Subnets that hold private endpoints and nothing else, as far as the export says.
    let dedicated: Set<String>

    init(topology: Topology, clients: AuditClients, dedicated: Set<String>) {
        self.dedicated = dedicated
        let network = topology.network
        let byVNet = RouteBudget.hostPrefixes(topology)
        for (id, vnets) in RouteBudget.usedTables(network, clients).sorted(by: { $0.key < $1.key }) {
            add(id, vnets, byVNet, network)
        }
    }

    /// Subnets that hold private endpoints and, as far as the export says, nothing else.
    static func dedicatedSubnets(_ topology: Topology) -> Set<String> {
        let network = topology.network
        let homes = Set(topology.privateEndpoints.map(\.subnet)).filter { id in
            network.subnets[id].map { !$0.holdsUnlistedMachines && $0.delegations.isEmpty } ?? false
        }
        let machines = Set(network.interfaces.values.filter { $0.privateEndpoint == nil }.map(\.subnet))
        let others = network.appliances.values.map(\.subnet) + network.loadBalancers.values.map(\.subnet)
        // Without any NIC in the export nothing says what else a subnet holds.
        return machines.isEmpty ? [] : homes.subtracting(machines).subtracting(others)
    }

    /// VNet → endpoint subnet → its /32s, of endpoints that are to be inspected and whose subnets ignore routes.
    private static func hostPrefixes(_ topology: Topology) -> [String: [String: [IPPrefix]]] {
        let network = topology.network
        var prefixes: [String: [String: [IPPrefix]]] = [:]
        for endpoint in topology.privateEndpoints where endpoint.isApproved {
            guard let subnet = network.subnets[endpoint.subnet], topology.wantsInspection(of: endpoint) else {
                continue
            }
            if case .obeysRoutes = subnet.privateEndpointPolicies { continue }
            prefixes[subnet.vnet, default: [:]][subnet.id, default: []] += endpoint.addresses.map(IPPrefix.init(host:))
        }
        return prefixes
    }

    /// Tables that decide first for a client, those to be made included, with the VNets where they do.
    private static func usedTables(_ network: Network, _ clients: AuditClients) -> [String: Set<String>] {
        var used: [String: Set<String>] = [:]
        for client in clients.byDomain.values.joined() where !client.isVacant {
            for entry in client.entrySubnets {
                // No table can be given to a virtual hub.
                guard let subnet = network.subnets[entry], network.hubs[subnet.vnet] == nil else { continue }
                // A table that the subnet names and the export lacks: nothing is known of its room.
                if let id = subnet.routeTable, network.routeTables[id] == nil { continue }
                let table = subnet.routeTable ?? RemedySearch.newTable(forSubnet: entry, in: network)
                used[table, default: []].insert(subnet.vnet)
            }
        }
        return used
    }

    private mutating func add(
        _ id: String, _ vnets: Set<String>, _ byVNet: [String: [String: [IPPrefix]]], _ network: Network
    ) {
        let around = vnets.union(vnets.flatMap { (network.links[$0] ?? []).map(\.peer) })
        let known = network.routeTables[id]
        let existing = Set((known?.routes ?? []).compactMap(\.prefix))
        var missing: [(subnet: String, count: Int)] = []
        for vnet in around.sorted() {
            for (subnet, prefixes) in (byVNet[vnet] ?? [:]).sorted(by: { $0.key < $1.key }) {
                let count = prefixes.count { !existing.contains($0) }
                if count > 0 { missing.append((subnet, count)) }
            }
        }
        let needed = missing.reduce(0) { $0 + $1.count }
        guard needed > 0 else { return }
        var left = (known?.routes.count ?? 0) + needed - network.semantics.routeLimitPerTable
        var advice = left > 0 ? Advice.summaryRoutes : .hostRoutes
        for item in missing.sorted(by: { ($1.count, $0.subnet) < ($0.count, $1.subnet) })
        where left > 0 && dedicated.contains(item.subnet) {
            summarised.insert(item.subnet)
            left -= item.count - 1
        }
        if left > 0 { advice = .split }
        tables.append(
            Table(
                id: id, routeCount: known?.routes.count ?? 0, hostRoutesNeeded: needed,
                limit: network.semantics.routeLimitPerTable, advice: advice))
    }
}

extension Topology {
    /// Whether any client's traffic to the private endpoint is to be inspected; every one's where no overlay says which.
    func wantsInspection(of endpoint: PrivateEndpoint) -> Bool {
        network.overlay.inspect.isEmpty
            || network.overlay.inspect.contains { $0.privateEndpoints.contains { matches($0, endpoint) } }
    }
}
