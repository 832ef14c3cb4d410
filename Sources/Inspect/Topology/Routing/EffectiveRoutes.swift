internal import FlowModel

/// The rules by which Azure chooses a route [learn: virtual-networks-udr-overview, unless said otherwise].
struct EffectiveRoutes {
    let shared: SharedNetwork
    var network: Network { shared.network }

    /// The longest prefix wins; then user, BGP, system. VNet and peering routes beat BGP routes of any length.
    ///
    /// `isAssumed`: nothing explains the destination. A gateway of which no range is known is believed to lead to it; any
    /// gateway is, where a session came from there (`isAnswer`).
    func decide(
        at subnet: String, to destination: IPAddress, protocolName: String, isAssumed: Bool = false,
        isAnswer: Bool = false
    ) -> RouteDecision {
        var decision = RouteDecision(subnet: subnet, destination: destination, protocolName: protocolName)
        guard let home = network.subnets[subnet], network.vnets[home.vnet] != nil else {
            decision.uncertain = "the subnet is not in the export"
            return decision
        }
        decision.routes = routes(at: home, holding: destination, facts: &decision.facts)
        if isAssumed {
            decision.routes += assumedRoutes(at: home, to: destination, isAnswer: isAnswer, facts: &decision.facts)
        }
        let users = decision.routes.filter { $0.source == .user }
        let endpoint = privateEndpointRoute(at: home, to: destination, users: users)
        if let route = endpoint.route { decision.routes.append(route) }
        decision.routes.sort(by: isBefore)
        decision.facts += endpoint.facts
        decision.winner = best(of: &decision, at: home, isAnswer: isAnswer)
        if let doubt = endpoint.uncertain(protocolName, decision.winner) {
            decision.uncertain = decision.uncertain ?? doubt
            if let fact = endpoint.doubtFact { decision.facts.append(fact) }
        }
        decision.uncertain = decision.uncertain ?? missingTable(of: home)
        if let fact = gatewayDefault(of: decision.winner, at: home) { decision.facts.append(fact) }
        if decision.uncertain == nil, let doubt = doubt(of: decision, at: home, isAssumed: isAssumed) {
            decision.uncertain = doubt
            decision.facts.append(Fact(text: doubt, confidence: .low))
        }
        return decision
    }

    /// Every row of a subnet that holds the address, but for private endpoints'.
    private func routes(
        at subnet: Subnet, holding destination: IPAddress, facts: inout [Fact]
    ) -> [EffectiveRoute] {
        guard let table = network.tables.vnets[subnet.vnet] else { return [] }
        let routeTable = network.table(of: subnet)
        var routes = userRoutes(at: subnet, holding: destination)
        let keepsReserved = subnet.routeTable.map { !network.tables.carryingTables.contains($0) } ?? true
        let dropsPeers = routeTable?.dropsPeeringRoutes == true
        var isDropped = false
        table.system.forEachMatch(destination) { _, rows in
            let kept = dropsPeers ? rows.filter { $0.hop != .vnetPeering } : rows
            isDropped = isDropped || kept.count < rows.count
            routes += kept
        }
        if isDropped { facts.append(Fact(text: "disablePeeringRoute: a preview", confidence: .medium)) }
        for (names, rows) in table.partial where !dropsPeers && names.contains(subnet.name.lowercased()) {
            routes += rows.filter { $0.prefix.contains(destination) }
        }
        if keepsReserved {
            let reserved = dropsPeers ? table.reservedWithoutPeers : table.reserved
            routes += reserved.filter { $0.prefix.contains(destination) }
        }
        routes.append(destination.isIPv4 ? EffectiveRoutes.defaultRoute : EffectiveRoutes.defaultIPv6Route)
        // On GatewaySubnet propagation must stay on: the gateway's own knowledge counts there whatever the table says.
        if hasGatewayRoutes(subnet, routeTable) {
            for gateway in table.gateways {
                network.tables.gatewayRoutes[gateway.id]?.forEachMatch(destination) { _, rows in routes += rows }
            }
            table.hub.forEachMatch(destination) { _, rows in routes += rows }
        }
        return routes
    }

    func hasGatewayRoutes(_ subnet: Subnet) -> Bool { hasGatewayRoutes(subnet, network.table(of: subnet)) }

    private func hasGatewayRoutes(_ subnet: Subnet, _ table: RouteTable?) -> Bool {
        table?.propagatesGatewayRoutes ?? true || subnet.isGatewaySubnet
    }

    private func assumedRoutes(
        at subnet: Subnet, to destination: IPAddress, isAnswer: Bool, facts: inout [Fact]
    ) -> [EffectiveRoute] {
        let gateways = hasGatewayRoutes(subnet) ? network.tables.vnets[subnet.vnet]?.gateways ?? [] : []
        let hubs = hubsWithGateways(at: subnet)
        guard !gateways.isEmpty || !hubs.isEmpty else { return [] }
        facts.append(
            Fact(
                text: "no export holds what the gateway learns: what nothing else explains is taken for on-premises",
                confidence: .medium))
        let range = Appliance.defaultPrivateRanges.first { $0.contains(destination) }
        guard let range else { return [] }
        func isUntold(_ gateway: Gateway) -> Bool { !network.tables.toldGateways.contains(gateway.id) }
        let targets =
            gateways.filter { isAnswer || isUntold($0) }.map(\.id)
            + hubs.filter { isAnswer || $0.gateways.contains(where: isUntold) }.map(\.hub.id)
        return targets.map {
            EffectiveRoute(prefix: range, source: .bgp, hop: .gateway, target: $0, isAssumed: true)
        }
    }

    /// Virtual hubs that the VNet is connected to and that have gateways, themselves or by another hub of their WAN.
    func hubsWithGateways(at subnet: Subnet) -> [(hub: VirtualHub, gateways: [Gateway])] {
        guard !network.hubs.isEmpty, hasGatewayRoutes(subnet), network.hubs[subnet.vnet] == nil else { return [] }
        let hubs = (network.tables.vnets[subnet.vnet]?.links.keys.sorted() ?? []).compactMap { network.hubs[$0] }
        return hubs.compactMap { hub in
            let gateways = network.hubs.values.filter { $0.id == hub.id || ($0.wan != nil && $0.wan == hub.wan) }
                .flatMap { network.gatewaysOfHub[$0.id] ?? [] }
            return gateways.isEmpty ? nil : (hub, gateways)
        }
    }

    private func userRoutes(at subnet: Subnet, holding destination: IPAddress) -> [EffectiveRoute] {
        var routes: [EffectiveRoute] = []
        if let id = subnet.routeTable {
            network.tables.userRoutes[id]?.forEachMatch(destination) { _, rows in routes += rows }
        }
        if subnet.isGatewaySubnet, let hub = network.hubs[subnet.vnet] {
            // What a hub inspects goes to its firewall from its gateways, too.
            routes += hub.inspected.filter { $0.prefix.contains(destination) }.map { range in
                EffectiveRoute(
                    prefix: range.prefix, source: .user, hop: .appliance,
                    nextHops: network.appliances[range.device]?.addresses ?? [],
                    name: range.isIntent ? "routing intent" : "static route", target: range.device)
            }
        }
        return routes
    }

    /// The row of a hub's private routing intent at its GatewaySubnet.
    func privateIntent(among routes: [EffectiveRoute], at subnet: Subnet) -> EffectiveRoute? {
        guard subnet.isGatewaySubnet, let hub = network.hubs[subnet.vnet] else { return nil }
        return routes.first { route in
            route.source == .user && hub.inspected.contains { $0.isPrivateIntent && $0.prefix == route.prefix }
        }
    }

    private func best(
        of decision: inout RouteDecision, at subnet: Subnet, isAnswer: Bool
    ) -> EffectiveRoute? {
        let name = decision.protocolName
        var active = decision.routes.filter { $0.invalid == nil && $0.steers(name) }
        // What a hub inspects comes before the ranges of its VNets; their endpoints' /32s come before it [learn:
        // how-to-routing-policies].
        if subnet.isGatewaySubnet, let hub = network.hubs[subnet.vnet] {
            switch network.inspection(by: hub, towards: decision.destination) {
            case .device: active.removeAll { $0.source != .user && $0.hop != .interfaceEndpoint }
            case .passes: active.removeAll { $0.source == .user }
            case .open(let reason): decision.uncertain = reason
            }
        }
        let hasGatewayRoute = active.contains { $0.source == .bgp }
        if hasGatewayRoute, active.contains(where: { $0.source == .system && $0.isInside }) {
            active.removeAll { $0.source == .bgp }
        } else if hasGatewayRoute, active.contains(where: \.overridesGatewayRoutes) {
            override(&active, &decision)
        }
        guard let assumed = active.first(where: \.isAssumed) else { return active.first }
        // What the export names wins over what is only believed; over nothing but a drop the belief wins.
        active.removeAll(where: \.isAssumed)
        guard let winner = active.first, winner.source != .system else { return assumed }
        // A session came from there: its gateway knows a way back, which is longer than a default route unless on-premises
        // announces nothing else.
        if isAnswer, winner.source == .user, winner.prefix.length == 0 {
            decision.facts.append(
                Fact(
                    text: "the gateway knows a longer route to \(decision.destination) than \(winner.prefix): assumed",
                    confidence: .low))
            return assumed
        }
        if winner.source == .user, winner.hop != .gateway, winner.prefix != IPPrefix(host: decision.destination) {
            decision.uncertain =
                "the gateway may know a longer route to \(decision.destination) than user route \(winner.prefix): what it "
                + "learns is in no export, and no overlay names it"
        }
        return winner
    }

    /// `hasBgpOverride`: a user route that wins over gateway routes of any length.
    private func override(_ active: inout [EffectiveRoute], _ decision: inout RouteDecision) {
        let others = active.filter { $0.source != .bgp }
        switch network.semantics.bgpOverrideWins {
        case true?:
            let isDecisive = active.first?.source == .bgp
            active = others
            guard isDecisive else { return }
            decision.facts.append(Fact(text: "bgp_override_wins: seen in exports only", confidence: .low))
        case false?: return
        case nil:
            guard let one = active.first, let other = others.first, !one.isSame(other) else { return }
            decision.uncertain = "whether \(other.prefix) overrides the gateway's \(one.prefix) is set to unknown"
        }
    }

    /// Longer prefixes first, then the stronger source, then what is stable.
    private func isBefore(_ left: EffectiveRoute, _ right: EffectiveRoute) -> Bool {
        if left.prefix.mappedLength != right.prefix.mappedLength {
            return left.prefix.mappedLength > right.prefix.mappedLength
        }
        if left.source != right.source { return left.source.rawValue > right.source.rawValue }
        // The /32 of a private endpoint before a range of the same length.
        if (left.hop == .interfaceEndpoint) != (right.hop == .interfaceEndpoint) {
            return left.hop == .interfaceEndpoint
        }
        // A hub's own gateway before what another hub has behind it.
        let isHub = (isBehindHub(left), isBehindHub(right))
        if isHub.0 != isHub.1 { return isHub.1 }
        if left.target != right.target { return (left.target ?? "") < (right.target ?? "") }
        return (left.name ?? "") < (right.name ?? "")
    }

    private func isBehindHub(_ route: EffectiveRoute) -> Bool {
        !network.hubs.isEmpty && route.hop == .gateway && route.target.map { network.hubs[$0] != nil } ?? false
    }

    // MARK: System routes

    private static let defaultRoute = systemRoute("0.0.0.0/0", .internet)
    private static let defaultIPv6Route = systemRoute("::/0", .internet)

    /// Ranges without a route of their own are dropped.
    static let reservedRoutes = Appliance.defaultPrivateRanges.map {
        EffectiveRoute(prefix: $0, source: .system, hop: .none)
    }

    /// Further ranges that real tables drop; which of them a subnet has is in no export [field: a dozen dumps].
    static let furtherReserved = ["25.0.0.0/8", "127.0.0.0/8", "198.18.0.0/15"].compactMap { IPPrefix($0) }

    private static func systemRoute(_ text: String, _ hop: NextHopType) -> EffectiveRoute {
        EffectiveRoute(
            prefix: IPPrefix(text) ?? IPPrefix(host: IPAddress(ipv4: 0)), source: .system, hop: hop)
    }
}
