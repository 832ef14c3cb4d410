internal import FlowModel

/// Route tables that Azure does not take, and routes that lead nowhere [learn: virtual-networks-udr-overview].
extension Consistency {
    /// Routes of a table with a service tag as prefix [learn: virtual-networks-udr-overview].
    private static let tagLimit = 25
    /// In a table that Virtual Network Manager made [learn: concept-user-defined-route].
    private static let managedRouteLimit = 1_000

    mutating func checkTables() {
        let limit = network.semantics.routeLimitPerTable
        for table in network.routeTables.values {
            if table.routes.count > limit {
                let exception =
                    table.routes.count <= Consistency.managedRouteLimit
                    ? " (a table that Virtual Network Manager made may hold \(Consistency.managedRouteLimit))" : ""
                report(
                    table.id, "routes",
                    "\(table.routes.count) user routes, more than the limit of \(limit)\(exception): Azure refuses more; "
                        + "summarise, or split the subnets over several tables")
            }
            let tags = table.routes.count { $0.prefix == nil }
            if tags > Consistency.tagLimit {
                report(
                    table.id, "routes",
                    "\(tags) routes with a service tag, more than the limit of \(Consistency.tagLimit)")
            }
            checkDuplicates(in: table)
            for route in table.routes where [.appliance, .applianceECMP].contains(route.hop) && route.nextHops.isEmpty {
                if let device = route.device, network.appliances[device] != nil { continue }
                report(
                    table.id, "routes.\(route.name).nextHopIpAddress",
                    "is missing or no address: where \(route.text) leads cannot be told")
            }
        }
    }

    private mutating func checkDuplicates(in table: RouteTable) {
        var seen: [IPPrefix: String] = [:]
        for route in table.routes.sorted(by: { $0.name < $1.name }) {
            guard let prefix = route.prefix else { continue }
            if let other = seen[prefix] {
                report(
                    table.id, "routes.\(route.name).addressPrefix",
                    "\(prefix) is also the prefix of route \(other): which of them wins cannot be told")
            } else {
                seen[prefix] = route.name
            }
        }
    }

    // MARK: Next hops

    /// A next hop must be an address of the subnet's VNet or of one peered with it directly, and must forward.
    mutating func checkNextHops() {
        let named = Set(network.routeTables.values.flatMap(\.routes).flatMap(\.nextHops))
        var holders: [IPAddress: [String]] = [:]
        for (vnet, hosts) in network.hosts {
            for address in hosts.keys where named.contains(address) { holders[address, default: []].append(vnet) }
        }
        var users: [String: [String: String]] = [:]  // Table → VNet → one of its subnets, for the sentence.
        for subnet in network.subnets.values {
            guard let table = subnet.routeTable, network.routeTables[table] != nil else { continue }
            users[table, default: [:]][subnet.vnet] = min(users[table]?[subnet.vnet] ?? subnet.id, subnet.id)
        }
        for (id, vnets) in users {
            guard let table = network.routeTables[id] else { continue }
            // Many routes and many VNets, and few next hops: those are what is judged.
            var routes: [IPAddress: [UserRoute]] = [:]
            for route in table.routes where route.hop == .appliance || route.hop == .applianceECMP {
                for hop in route.nextHops { routes[hop, default: []].append(route) }
            }
            for (vnet, subnet) in vnets {
                for (hop, routes) in routes {
                    guard let problem = problem(of: hop, at: subnet, of: vnet, holders[hop] ?? []) else { continue }
                    for route in routes {
                        report(
                            table.id, "routes.\(route.name).nextHopIpAddress",
                            "\(problem); what \(network.subnetName(subnet)) sends to \(route.text) is lost")
                    }
                }
            }
        }
    }

    private func problem(of hop: IPAddress, at subnet: String, of vnet: String, _ holders: [String]) -> String? {
        let peers = peers[vnet] ?? []
        let holder = holders.filter { $0 == vnet || peers.contains($0) }.min()
        if let hub = holder.flatMap({ network.hubs[$0] }), hub.id != vnet {
            return "\(hop) is in virtual hub \(hub.name): a next hop must be reached directly, not behind a virtual WAN"
        }
        return holder.map { notForwarding(hop, in: $0) } ?? missing(hop, at: subnet, of: vnet, peers)
    }

    private func notForwarding(_ hop: IPAddress, in vnet: String) -> String? {
        switch network.hosts[vnet]?[hop] {
        case .nic(let id)?:
            return "\(hop) is \(network.displayName(id)), which does not forward: IP forwarding of its NIC is off"
        case .privateEndpoint(let id)?:
            return "\(hop) is private endpoint \(network.displayName(id)), which does not forward"
        case .gateway(let id)?:
            return "\(hop) is gateway \(network.displayName(id)): its own address is no next hop of a user route"
        case .appliance, .loadBalancer, nil: return nil
        }
    }

    private func missing(_ hop: IPAddress, at subnet: String, of vnet: String, _ peers: Set<String>) -> String? {
        let name = network.subnetName(subnet)
        // A routing appliance's address is in no export: its subnet holds nothing that is listed.
        let around = [vnet] + peers
        if around.contains(where: { network.subnet(holding: hop, inVNet: $0)?.isRoutingApplianceSubnet == true }) {
            return nil
        }
        guard peers.allSatisfy({ network.vnets[$0] != nil }) else { return nil }
        let isInside = around.contains { network.vnets[$0]?.holds(hop) == true }
        if !isInside, let range = network.onPremises(holding: hop, domain: network.domains[vnet] ?? -1)?.range {
            return "\(hop) lies on-premises (\(range.name)): a next hop must be reached directly, not through a gateway"
        }
        return "no resource of the export that \(name) reaches directly has the address \(hop)"
    }

    // MARK: The gateway's own subnet

    mutating func checkGatewaySubnets() {
        for subnet in network.subnets.values where subnet.isGatewaySubnet {
            guard let table = network.table(of: subnet) else { continue }
            if !table.propagatesGatewayRoutes {
                report(
                    table.id, "disableBgpRoutePropagation",
                    "is on for \(network.subnetName(subnet.id)): a gateway does not work without its own routes")
            }
            for route in table.routes where route.prefix?.length == 0 && route.prefix?.isIPv4 == true {
                report(
                    table.id, "routes.\(route.name).addressPrefix",
                    "0.0.0.0/0 is not supported on \(network.subnetName(subnet.id)): the gateway loses its management traffic"
                )
            }
        }
    }
}
