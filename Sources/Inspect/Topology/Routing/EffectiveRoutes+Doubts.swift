internal import FlowModel

/// What no export says, and what hangs on it.
extension EffectiveRoutes {
    /// A route table that the subnet names and the export does not hold may say anything.
    func missingTable(of subnet: Subnet) -> String? {
        guard let id = subnet.routeTable, network.routeTables[id] == nil else { return nil }
        return "route table \(lastPart(id)) of subnet \(network.subnetName(subnet.id)) is not in the export"
    }

    /// What a Network Manager joins without a peering, and a default route of BGP, may lead where the export drops.
    func doubt(of decision: RouteDecision, at subnet: Subnet, isAssumed: Bool) -> String? {
        guard let winner = decision.winner else { return nil }
        if !decision.destination.isPrivate {
            return publicDoubt(of: winner, to: decision.destination, at: subnet)
                ?? defaultRouteDoubt(of: winner, to: decision.destination, at: subnet)
        }
        guard winner.source == .system, winner.hop == .none else { return nil }
        if decision.routes.contains(where: { $0.source == .bgp && $0.prefix.length == 0 }) {
            return "whether a gateway's default route removes the reserved route \(winner.prefix) is not stated"
        }
        if hasRouteServer(subnet) {
            return "the routes of the Route Server are in no export: one of them may lead to \(decision.destination)"
        }
        if isAssumed, hasGatewayRoutes(subnet),
            network.tables.vnets[subnet.vnet]?.gateways.isEmpty == false || !hubsWithGateways(at: subnet).isEmpty
        {
            return
                "the gateway may know \(decision.destination): what it learns is in no export, and no overlay names it"
        }
        if hasGatewayRoutes(subnet), let doubt = joinedDoubt(to: decision.destination, at: subnet) { return doubt }
        if hasGatewayRoutes(subnet), let doubt = circuitDoubt(to: decision.destination, at: subnet) { return doubt }
        guard !network.tellsConnectedGroups, network.managedVNets.contains(subnet.vnet),
            network.managedVNets.contains(where: { network.vnets[$0]?.holds(decision.destination) == true })
        else { return nil }
        return
            "Network Manager may have joined \(network.vnets[subnet.vnet]?.name ?? "") to a connected group that leads "
            + "to \(decision.destination): its connectivityConfigurations are not in the export"
    }

    /// What two joined gateways hand each other of what lies behind them depends on BGP.
    private func joinedDoubt(to destination: IPAddress, at subnet: Subnet) -> String? {
        for near in network.tables.vnets[subnet.vnet]?.gateways ?? [] {
            guard let far = network.tables.joinedGateways[near.id]?.first, !uses(near, destination) else { continue }
            return
                "\(near.name) is joined with \(far.name), which may lead to \(destination): what it announces is in no export"
        }
        return nil
    }

    /// Whether the address is a VNet's that uses the gateway itself: of that the gateway at the other end tells nothing new.
    private func uses(_ gateway: Gateway, _ destination: IPAddress) -> Bool {
        let home = network.subnets[gateway.subnet]?.vnet ?? ""
        let holders = network.tables.vnets[home]?.system.longestMatch(destination)?.compactMap(\.target) ?? []
        return holders.contains { holder in
            network.tables.vnets[holder]?.gateways.contains { $0.id == gateway.id } == true
        }
    }

    /// VNets of two ExpressRoute gateways on one circuit reach each other through it unless the operator forbids it, and
    /// which circuits gateways share is in no export of theirs [learn: virtual-network-connectivity-guidance].
    private func circuitDoubt(to destination: IPAddress, at subnet: Subnet) -> String? {
        let own = network.tables.vnets[subnet.vnet]?.gateways ?? []
        guard let near = own.first(where: \.isExpressRoute) else { return nil }
        var others: [Gateway] = []
        network.tables.announcedByExpressRoute.forEachMatch(destination) { _, gateways in
            others += gateways.filter { gateway in !own.contains { $0.id == gateway.id } }
        }
        guard let far = others.min(by: { $0.id < $1.id }) else { return nil }
        return
            "\(near.name) and \(far.name) may share an ExpressRoute circuit, which would lead to \(destination): what they "
            + "learn is in no export"
    }

    /// The ranges of service tags and service endpoints are in no export: where they would lead elsewhere, the winner is
    /// not known. An address's own user route beats them.
    private func publicDoubt(of winner: EffectiveRoute, to destination: IPAddress, at subnet: Subnet) -> String? {
        guard winner.prefix != IPPrefix(host: destination) || winner.source != .user else { return nil }
        if let table = network.table(of: subnet),
            let tagged = tagRoutes(of: table).first(where: { $0.hop != winner.hop || $0.nextHops != winner.nextHops })
        {
            return
                "whether service tag \(tagged.text) of route table \(table.name) holds \(destination) is in no export"
        }
        guard let service = subnet.serviceEndpoints.first, winner.hop != .internet else { return nil }
        return
            "whether service endpoint \(service) of \(network.subnetName(subnet.id)) holds \(destination) is in no export"
    }

    /// A default route that a Route Server hands on stands in no export, and beats the platform's own.
    private func defaultRouteDoubt(
        of winner: EffectiveRoute, to destination: IPAddress, at subnet: Subnet
    ) -> String? {
        guard winner.source == .system, winner.prefix.length == 0, hasRouteServer(subnet) else { return nil }
        return "the routes of the Route Server are in no export: one of them may lead to \(destination)"
    }

    private func hasRouteServer(_ subnet: Subnet) -> Bool {
        hasGatewayRoutes(subnet) && network.tables.vnets[subnet.vnet]?.hasRouteServer == true
    }

    /// So may a gateway's: peers announce it to force all traffic through them.
    func gatewayDefault(of winner: EffectiveRoute?, at subnet: Subnet) -> Fact? {
        guard let winner, winner.source == .system, winner.prefix.length == 0, winner.hop == .internet,
            hasGatewayRoutes(subnet), let gateway = network.tables.vnets[subnet.vnet]?.gateways.first
        else { return nil }
        return Fact(
            text: "\(gateway.name) may learn a default route, which would win: in no export", confidence: .medium)
    }

    /// In the order in which they win over each other: regional tag, tag, AzureCloud of a region, AzureCloud.
    func tagRoutes(of table: RouteTable) -> [UserRoute] {
        func rank(_ tag: String) -> Int {
            let isRegional = tag.contains(".")
            if tag.lowercased().hasPrefix("azurecloud") { return isRegional ? 2 : 3 }
            return isRegional ? 0 : 1
        }
        return table.routes.filter { $0.prefix == nil }
            .sorted { (rank($0.text), $0.text) < (rank($1.text), $1.text) }
    }
}
