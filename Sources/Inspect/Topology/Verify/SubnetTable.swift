internal import FlowModel

/// All rows of the model's table at a subnet, a row for each private endpoint in reach among them.
struct SubnetTable {
    let network: Network
    let subnet: Subnet

    var rows: [EffectiveRoute] {
        let users = userRoutes
        return users + systemRoutes(users) + gatewayRoutes + endpointRoutes(users)
    }

    private var table: RouteTable? { network.table(ofSubnet: subnet.id) }
    private var links: [PeeringLink] { network.links[subnet.vnet] ?? [] }

    private var userRoutes: [EffectiveRoute] {
        (table?.routes ?? []).compactMap { route in
            route.prefix.map { EffectiveRoute(prefix: $0, source: .user, hop: route.hop, nextHops: route.nextHops) }
        }
    }

    private func systemRoutes(_ users: [EffectiveRoute]) -> [EffectiveRoute] {
        var routes = (network.vnets[subnet.vnet]?.ranges ?? []).map {
            EffectiveRoute(prefix: $0, source: .system, hop: .vnetLocal, target: subnet.vnet)
        }
        if table?.dropsPeeringRoutes != true { routes += links.flatMap(peeringRoutes) }
        let reachable = Set(routes.map(\.prefix))
        routes += ["0.0.0.0/0", "::/0"].compactMap { IPPrefix($0) }.map {
            EffectiveRoute(prefix: $0, source: .system, hop: .internet)
        }
        let removesReserved = users.contains {
            $0.prefix.isIPv4 && $0.prefix.length == 0 && [.appliance, .applianceECMP, .gateway].contains($0.hop)
        }
        guard !removesReserved else { return routes }
        return routes
            + Appliance.defaultPrivateRanges.filter { !reachable.contains($0) }.map {
                EffectiveRoute(prefix: $0, source: .system, hop: .none)
            }
    }

    private func peeringRoutes(_ link: PeeringLink) -> [EffectiveRoute] {
        let peer = network.vnets[link.peer]
        var prefixes = peer?.ranges ?? link.local.remoteRanges
        if let names = link.local.remoteSubnetNames {
            prefixes =
                peer?.subnets.compactMap { network.subnets[$0] }.filter { names.contains($0.name.lowercased()) }
                .flatMap(\.prefixes) ?? link.local.remoteRanges
        }
        return prefixes.filter { !$0.isIPv4 || link.local.carriesIPv4 }.map {
            EffectiveRoute(prefix: $0, source: .system, hop: .vnetPeering, target: link.peer)
        }
    }

    private var gatewayRoutes: [EffectiveRoute] {
        guard table?.propagatesGatewayRoutes ?? true || subnet.isGatewaySubnet else { return [] }
        return gateways.flatMap { gateway in
            network.onPremises.filter { network.leads(gateway, to: $0) }.map {
                EffectiveRoute(prefix: $0.prefix, source: .bgp, hop: .gateway, target: gateway.id)
            }
        }
    }

    /// Its VNet's own, and a peer's by transit.
    var gateways: [Gateway] {
        let transit = links.filter { $0.local.usesRemoteGateways && $0.remote?.allowsGatewayTransit ?? true }
        let homes = Set([subnet.vnet] + transit.map(\.peer))
        return network.gateways.values.filter { homes.contains(network.subnets[$0.subnet]?.vnet ?? "") }
            .sorted { $0.id < $1.id }
    }

    private func endpointRoutes(_ users: [EffectiveRoute]) -> [EffectiveRoute] {
        let routes = EffectiveRoutes(network: network)
        let addresses = Set(([subnet.vnet] + links.map(\.peer)).flatMap(endpointAddresses))
        return addresses.compactMap { address in
            routes.privateEndpointRoute(
                at: subnet, to: address, users: users.filter { $0.prefix.contains(address) }
            ).route
        }
    }

    private func endpointAddresses(_ vnet: String) -> [IPAddress] {
        (network.hosts[vnet] ?? [:]).compactMap { address, host in
            if case .privateEndpoint = host { return address }
            return nil
        }
    }
}
