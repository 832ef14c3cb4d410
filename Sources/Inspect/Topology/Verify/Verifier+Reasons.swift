internal import FlowModel

/// Which rule, and which field of which resource, a side's row rests on.
extension Verifier {
    private var vnetName: String { network.vnets[subnet.vnet]?.name ?? lastPart(subnet.vnet) }

    func azureReason(_ route: Route) -> String {
        let source = [.user: "User", .bgp: "VirtualNetworkGateway", .system: "Default"][route.key.source] ?? ""
        let hops = route.nextHops.isEmpty ? "" : " \(route.nextHops.map(\.description).joined(separator: ","))"
        return "source \(source), state \(route.isActive ? "Active" : "Invalid"), next hop \(route.hopText)\(hops)"
    }

    // MARK: Why the model has it

    func modelReason(_ route: Route) -> String {
        let origin = origin(of: route)
        if let invalid = route.invalid { return "\(origin); \(invalid)" }
        guard route.isOverridden else { return route.key.isEndpoint ? "\(origin); \(validity(of: route))" : origin }
        let user = Key(prefix: route.prefix, source: .user, isEndpoint: false)
        if let winner = model[user] { return "\(origin); overridden by \(self.origin(of: winner))" }
        return "\(origin); overridden by a gateway's route of the same prefix"
    }

    private func origin(of route: Route) -> String {
        let target = route.target.map { network.name(of: $0) } ?? ""
        switch (route.key.source, route.hop) {
        case (.user, _): return userOrigin(route)
        case (.bgp, _): return gatewayOrigin(route, target)
        case (_, .vnetLocal): return "a range of VNet \(vnetName) (addressSpace.addressPrefixes)"
        case (_, .vnetPeering): return peeringOrigin(route, target)
        case (_, .interfaceEndpoint): return "private endpoint \(target), in the VNet or in one peered with it directly"
        case (_, .connectedGroup): return "a connected group of Virtual Network Manager with VNet \(target)"
        case (_, .none): return "a reserved range that no VNet in reach has exactly"
        default: return "a system route of every subnet"
        }
    }

    private func userOrigin(_ route: Route) -> String {
        guard let table = network.table(of: subnet) else { return "a user route" }
        let names = table.routes.filter { $0.prefix == route.prefix }.map(\.name).sorted().joined(separator: ", ")
        return "user route \(names) of route table \(table.name) (routes.\(names).addressPrefix)"
    }

    private func gatewayOrigin(_ route: Route, _ gateway: String) -> String {
        guard let range = network.onPremises.filter({ $0.prefix == route.prefix }).min(by: { $0.name < $1.name }) else {
            return "known to \(gateway)"
        }
        return range.isOverlay
            ? "gateway \(gateway) leads to \(range.name) (overlay: on_premises.prefixes)"
            : "gateway \(gateway) leads to local network gateway \(range.name) "
                + "(localNetworkAddressSpace.addressPrefixes)"
    }

    private func peeringOrigin(_ route: Route, _ target: String) -> String {
        let link = (network.links[subnet.vnet] ?? []).first { $0.peer == route.target }
        let field =
            network.vnets[route.target ?? ""] == nil
            ? "remoteAddressSpace, the VNet itself is not in any export"
            : link?.local.remoteSubnetNames == nil ? "addressSpace.addressPrefixes" : "remoteSubnetNames"
        return "peering \(link?.local.name ?? "") with VNet \(target) (\(field))"
    }

    /// Why a private endpoint's /32 stands although user routes hold its address.
    private func validity(of route: Route) -> String {
        guard let endpoint = route.target.flatMap({ network.privateEndpoints[$0] }),
            let home = network.subnets[endpoint.subnet]
        else { return "nothing invalidates it" }
        let name = network.subnetName(home.id)
        switch home.privateEndpointPolicies {
        case .ignoresRoutes: return "privateEndpointNetworkPolicies of \(name) does not let user routes invalidate it"
        case .notSaid: return "privateEndpointNetworkPolicies of \(name) is in no export: taken as Disabled"
        case .obeysRoutes:
            return "no user route of the subnet that holds it is as long as the range of the endpoint's VNet"
        }
    }

    // MARK: Why the model lacks it

    func absenceReason(_ route: Route) -> String {
        switch route.key.source {
        case .user:
            guard let table = network.table(of: subnet) else {
                return "subnet \(network.subnetName(subnet.id)) has no route table (routeTable.id)"
            }
            return "route table \(table.name) holds no such route (routes)"
        case .bgp:
            let table = network.table(of: subnet)?.name ?? ""
            return "route table \(table) keeps gateways' routes away (disableBgpRoutePropagation)"
        case .system: return route.key.isEndpoint ? endpointAbsence(route) : systemAbsence(route)
        }
    }

    private func systemAbsence(_ route: Route) -> String {
        switch route.hop {
        case .vnetLocal: return "VNet \(vnetName) has no such range (addressSpace.addressPrefixes)"
        case .none:
            let whole = Key(prefix: IPPrefix("0.0.0.0/0") ?? route.prefix, source: .user, isEndpoint: false)
            if let winner = model[whole], winner.hop != .none {
                return "\(userOrigin(winner)) leads to \(winner.hopText): that removes the reserved ranges"
            }
            return "a VNet in reach has exactly this range"
        case .vnetPeering, .connectedGroup:
            let isOff = network.table(of: subnet)?.dropsPeeringRoutes == true
            if isOff { return "the route table keeps peerings' routes away (disablePeeringRoute)" }
            return "no working peering of VNet \(vnetName) leads to a VNet with such a range (virtualNetworkPeerings)"
        default: return "no resource of the exports brings such a route"
        }
    }

    private func endpointAbsence(_ route: Route) -> String {
        let near = Set([subnet.vnet] + (network.links[subnet.vnet] ?? []).map(\.peer))
        let found = network.privateEndpoints.values.filter { $0.addresses.contains(route.prefix.address) }
            .sorted { $0.id < $1.id }
        for endpoint in found where near.contains(network.subnets[endpoint.subnet]?.vnet ?? "") && !endpoint.isApproved
        {
            return "private endpoint \(endpoint.name) is not approved (privateLinkServiceConnectionState.status)"
        }
        if let endpoint = found.first {
            return "private endpoint \(endpoint.name) is at \(network.subnetName(endpoint.subnet)), whose VNet is not "
                + "peered with \(vnetName) directly"
        }
        return "no private endpoint of the exports has this address: the export may be old"
    }
}
