internal import FlowModel

/// One row of a subnet's effective routes.
struct EffectiveRoute {
    /// For equal prefixes the greater wins: user beats BGP beats system [learn: virtual-networks-udr-overview].
    enum Source: Int {
        case system, bgp, user

        var name: String { self == .system ? "system" : self == .bgp ? "bgp" : "user" }
    }

    var prefix: IPPrefix
    var source: Source
    var hop: NextHopType
    var nextHops: [IPAddress] = []
    /// Peered VNet, gateway or private endpoint behind the hop.
    var target: String?
    /// Protocols that it steers; nil = all.
    var protocols: Set<String>?
    /// Why it is listed and does nothing; nil where it is active.
    var invalid: String?
    var overridesGatewayRoutes = false

    func steers(_ name: String) -> Bool { protocols?.contains(name) ?? true }
}

/// Which route wins at a subnet for a destination and a protocol.
struct RouteDecision {
    var subnet: String
    var winner: EffectiveRoute?
    /// Why the winner cannot be told; the fact that it would take is in no export.
    var uncertain: String?
    var considered: [ConsideredRoute] = []
    var facts: [Fact] = []
}

/// A disputed, previewed, inferred or assumed fact that an answer rests on.
struct Fact: Hashable {
    var text: String
    /// The best that an answer which rests on it can be.
    var confidence: Confidence
}

/// The rules by which Azure chooses a route [learn: virtual-networks-udr-overview, unless said otherwise].
struct EffectiveRoutes {
    let network: Network

    /// The longest prefix wins; then user, BGP, system. VNet and peering routes beat BGP routes of any length.
    func decide(at subnet: String, to destination: IPAddress, protocolName: String) -> RouteDecision {
        var decision = RouteDecision(subnet: subnet)
        guard let home = network.subnets[subnet], let vnet = network.vnets[home.vnet] else {
            decision.uncertain = "the subnet is not in the export"
            return decision
        }
        let users = userRoutes(at: home).filter { $0.prefix.contains(destination) }
        var routes = users
        routes += systemRoutes(at: home, of: vnet, users: userRoutes(at: home)).filter {
            $0.prefix.contains(destination)
        }
        routes += gatewayRoutes(at: home).filter { $0.prefix.contains(destination) }
        let endpoint = privateEndpointRoute(at: home, to: destination, users: users)
        if let route = endpoint.route { routes.append(route) }
        let active = routes.filter { $0.invalid == nil && $0.steers(protocolName) }
        decision.facts = endpoint.facts + tagFacts(at: home, to: destination)
        decision.winner = best(of: active, facts: &decision.facts)
        decision.uncertain = endpoint.uncertain(protocolName, decision.winner) ?? missingTable(of: home)
        decision.considered = routes.sorted(by: isBefore).map {
            consider($0, against: decision.winner, at: subnet, protocolName)
        }
        return decision
    }

    /// A route table that the subnet names and the export does not hold may say anything.
    private func missingTable(of subnet: Subnet) -> String? {
        guard let id = subnet.routeTable, network.routeTables[id] == nil else { return nil }
        return "route table \(lastPart(id)) of subnet \(network.subnetName(subnet.id)) is not in the export"
    }

    private func best(of active: [EffectiveRoute], facts: inout [Fact]) -> EffectiveRoute? {
        var active = active
        if active.contains(where: { $0.source == .system && ($0.hop == .vnetLocal || $0.hop == .vnetPeering) }) {
            active.removeAll { $0.source == .bgp }
        }
        if network.semantics.bgpOverrideWins == true, active.contains(where: \.overridesGatewayRoutes),
            active.contains(where: { $0.source == .bgp })
        {
            active.removeAll { $0.source == .bgp }
            facts.append(Fact(text: "bgp_override_wins: seen in exports only", confidence: .low))
        }
        return active.sorted(by: isBefore).first
    }

    /// Longer prefixes first, then the stronger source, then what is stable.
    private func isBefore(_ left: EffectiveRoute, _ right: EffectiveRoute) -> Bool {
        if left.prefix.mappedLength != right.prefix.mappedLength {
            return left.prefix.mappedLength > right.prefix.mappedLength
        }
        if left.source != right.source { return left.source.rawValue > right.source.rawValue }
        return (left.target ?? "") < (right.target ?? "")
    }

    private func userRoutes(at subnet: Subnet) -> [EffectiveRoute] {
        (network.table(ofSubnet: subnet.id)?.routes ?? []).compactMap { route in
            guard let prefix = route.prefix else { return nil }
            return EffectiveRoute(
                prefix: prefix, source: .user, hop: route.hop, nextHops: route.nextHops,
                overridesGatewayRoutes: route.overridesGatewayRoutes)
        }
    }

    private func tagFacts(at subnet: Subnet, to destination: IPAddress) -> [Fact] {
        guard !destination.isPrivate, let table = network.table(ofSubnet: subnet.id),
            let tagged = table.routes.first(where: { $0.prefix == nil })
        else { return [] }
        return [
            Fact(
                text: "the ranges of service tag \(tagged.text) in route table \(table.name) are in no export",
                confidence: .low)
        ]
    }

    private func systemRoutes(at subnet: Subnet, of vnet: VirtualNetwork, users: [EffectiveRoute]) -> [EffectiveRoute] {
        var routes = vnet.ranges.map { EffectiveRoute(prefix: $0, source: .system, hop: .vnetLocal, target: vnet.id) }
        if network.table(ofSubnet: subnet.id)?.dropsPeeringRoutes != true {
            for link in network.links[vnet.id] ?? [] { routes += peeringRoutes(link) }
        }
        let reachable = Set(routes.map(\.prefix))
        routes += EffectiveRoutes.defaultRoutes
        guard !removesReservedRoutes(users) else { return routes }
        // A reserved route gives way only to a VNet, one's own or a peered one, that has exactly that prefix. For the
        // peered one this is inferred: the other way round, such a peering could carry nothing.
        routes += EffectiveRoutes.reservedRoutes.filter { !reachable.contains($0.prefix) }
        return routes
    }

    private static let defaultRoutes = ["0.0.0.0/0", "::/0"].compactMap { IPPrefix($0) }.map {
        EffectiveRoute(prefix: $0, source: .system, hop: .internet)
    }

    private static let reservedRoutes = Appliance.defaultPrivateRanges.map {
        EffectiveRoute(prefix: $0, source: .system, hop: .none)
    }

    /// A user route 0.0.0.0/0 to an appliance or a gateway takes the reserved None routes away; one to None does not.
    private func removesReservedRoutes(_ users: [EffectiveRoute]) -> Bool {
        users.contains {
            $0.prefix.isIPv4 && $0.prefix.length == 0 && [.appliance, .applianceECMP, .gateway].contains($0.hop)
        }
    }

    /// Each range of the peered VNet; of a subnet peering, the subnets' [learn: how-to-configure-subnet-peering].
    private func peeringRoutes(_ link: PeeringLink) -> [EffectiveRoute] {
        var prefixes = network.vnets[link.peer]?.ranges ?? link.local.remoteRanges
        if let names = link.local.remoteSubnetNames, let peer = network.vnets[link.peer] {
            prefixes = peer.subnets.compactMap { network.subnets[$0] }.filter { names.contains($0.name.lowercased()) }
                .flatMap(\.prefixes)
        } else if link.local.remoteSubnetNames != nil {
            prefixes = link.local.remoteRanges
        }
        return prefixes.filter { !$0.isIPv4 || link.local.carriesIPv4 }.map {
            EffectiveRoute(prefix: $0, source: .system, hop: .vnetPeering, target: link.peer)
        }
    }

    /// What a gateway knows reaches all subnets, unless their route table disables propagation. On GatewaySubnet
    /// propagation must stay on, so the gateway's own knowledge counts there whatever the table says.
    private func gatewayRoutes(at subnet: Subnet) -> [EffectiveRoute] {
        let propagates = network.table(ofSubnet: subnet.id)?.propagatesGatewayRoutes ?? true
        guard propagates || subnet.isGatewaySubnet else { return [] }
        return network.gateways(ofVNet: subnet.vnet).flatMap { gateway in
            network.onPremises.filter { network.leads(gateway, to: $0) }.map {
                EffectiveRoute(prefix: $0.prefix, source: .bgp, hop: .gateway, target: gateway.id)
            }
        }
    }

    private func consider(
        _ route: EffectiveRoute, against winner: EffectiveRoute?, at subnet: String, _ protocolName: String
    ) -> ConsideredRoute {
        let isChosen = winner.map { isSame($0, route) } ?? false
        return ConsideredRoute(
            subnet: subnet, prefix: route.prefix.description, source: route.source.name,
            nextHopType: route.hop.rawValue,
            nextHop: route.nextHops.isEmpty ? nil : route.nextHops.map(\.description).joined(separator: ","),
            appliesTo: ["tcp", "udp", "icmp"].filter(route.steers), chosen: isChosen,
            reason: isChosen ? winningReason(route) : losingReason(route, against: winner, protocolName))
    }

    private func isSame(_ left: EffectiveRoute, _ right: EffectiveRoute) -> Bool {
        left.prefix == right.prefix && left.source == right.source && left.hop == right.hop
            && left.target == right.target
    }

    private func winningReason(_ route: EffectiveRoute) -> String {
        if route.hop == .interfaceEndpoint {
            return "the longest match: the route of private endpoint \(name(route.target))"
        }
        if route.hop == .vnetPeering { return "the longest match: peering with \(name(route.target))" }
        if route.hop == .gateway, let target = route.target {
            return "the longest match: known to gateway \(name(target))"
        }
        return route.source == .user ? "the longest match: a user route" : "the longest match"
    }

    private func losingReason(_ route: EffectiveRoute, against winner: EffectiveRoute?, _ protocolName: String)
        -> String
    {
        if let invalid = route.invalid { return invalid }
        if !route.steers(protocolName) {
            return "does not steer \(protocolName): the route of private endpoint \(name(route.target))"
        }
        guard let winner else { return "cannot tell" }
        if winner.prefix.mappedLength > route.prefix.mappedLength {
            return "shorter than \(winner.prefix) → \(winner.hop.rawValue)"
        }
        if winner.prefix.mappedLength < route.prefix.mappedLength {
            return winner.source == .user
                ? "user route \(winner.prefix) overrides gateway routes"
                : "a gateway's route loses to VNet and peering routes, whatever its length"
        }
        return winner.source == route.source
            ? "equal to the chosen one" : "equally long, but \(winner.source.name) beats \(route.source.name)"
    }

    private func name(_ id: String?) -> String { id.map { network.names[$0] ?? lastPart($0) } ?? "" }
}
