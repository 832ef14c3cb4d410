internal import FlowModel

/// What is a difference, and what is none although the two tables are not alike.
extension Verifier {
    private var table: RouteTable? { network.table(of: subnet) }

    private var missingTable: String? {
        guard let id = subnet.routeTable, network.routeTables[id] == nil else { return nil }
        return "route table \(lastPart(id)) of the subnet is not in any export"
    }

    // MARK: On both sides

    mutating func compare(_ azure: Route, _ model: Route) {
        if azure.hop == .none, model.hop != .none, azure.key.source == .user, isEndpointAddress(azure.prefix) {
            return leave(
                azure,
                "Azure shows a user route to a private endpoint's own address as None [field: a blog]; the model "
                    + "has \(model.hopText)")
        }
        guard isSameHop(azure, model) else {
            return differ(.otherNextHop, azure, azureReason(azure), model, modelReason(model))
        }
        let isActive = model.isActive && !model.isOverridden
        guard azure.isActive != isActive else { return agree() }
        if let reason = doubt(of: model) ?? stateIsNotComparable(azure, model) {
            return leave(azure, "\(reason); Azure says \(azure.isActive ? "Active" : "Invalid")")
        }
        differ(.otherState, azure, azureReason(azure), model, modelReason(model))
    }

    private func isSameHop(_ azure: Route, _ model: Route) -> Bool {
        let appliances: Set<NextHopType> = [.appliance, .applianceECMP]
        let both = [azure, model].map { Set($0.hops.map { appliances.contains($0) ? .appliance : $0 }) }
        guard both[0] == both[1] else { return false }
        // The model knows no addresses of gateways, and old tables print none.
        guard both[0] == [.appliance], !azure.nextHops.isEmpty else { return true }
        return azure.nextHops == model.nextHops
    }

    /// A user route of the same prefix that only one side has is told by itself; so is a route table that no export
    /// holds.
    private func stateIsNotComparable(_ azure: Route, _ model: Route) -> String? {
        let user = Key(prefix: azure.prefix, source: .user, isEndpoint: false)
        guard azure.key.source != .user else { return nil }
        if missingTable != nil { return missingTable }
        if (self.azure[user] == nil) != (self.model[user] == nil) {
            return "its state follows from a user route of the same prefix, which one side lacks"
        }
        // Whether Azure lists what loses to BGP or to a peering as invalid is not stated.
        if model.isOverridden, self.model[user] == nil {
            return "which of two rows of one prefix Azure lists as invalid is not stated"
        }
        return azure.key.source == .bgp
            ? "whether Azure lists a gateway's route that loses as invalid is not stated" : nil
    }

    /// What of a private endpoint's /32 the facts or the export leave open.
    private func doubt(of route: Route) -> String? {
        guard route.key.isEndpoint else { return nil }
        let users = model.values.filter { $0.key.source == .user && $0.prefix.contains(route.prefix.address) }.map {
            EffectiveRoute(prefix: $0.prefix, source: .user, hop: $0.hop, nextHops: $0.nextHops)
        }
        return EffectiveRoutes(shared: shared).privateEndpointRoute(
            at: subnet, to: route.prefix.address, users: users.sorted { $0.prefix < $1.prefix }
        ).doubt
    }

    // MARK: Only in Azure

    mutating func judgeOnlyInAzure(_ route: Route) {
        if let reason = provesNothing(route) { return leave(route, reason) }
        differ(.onlyInAzure, route, azureReason(route), nil, absenceReason(route))
    }

    private func provesNothing(_ route: Route) -> String? {
        if route.isOfServiceTag { return "ranges of a service tag: they are in no export" }
        if route.hop == .serviceEndpoint { return "ranges of a service endpoint: they are in no export" }
        switch route.key.source {
        case .user: return unknownUserRoute(route)
        case .bgp: return unknownGatewayRoute(route)
        case .system: return route.key.isEndpoint ? unknownPeers(with: route) : unknownSystemRoute(route)
        }
    }

    private func unknownUserRoute(_ route: Route) -> String? {
        if let missingTable { return missingTable }
        let isTagged = (table?.routes ?? []).contains { $0.prefix == nil && $0.hop == route.hop }
        guard isTagged, !route.prefix.address.isPrivate, route.prefix.length > 0 else { return nil }
        return "may be a range of a service tag of route table \(table?.name ?? ""): those are in no export"
    }

    private func unknownGatewayRoute(_ route: Route) -> String? {
        if let table, !table.propagatesGatewayRoutes, !subnet.isGatewaySubnet { return nil }
        return missingTable
            ?? "announced by BGP: what a gateway, a Route Server or a virtual hub learns is not in any export"
    }

    private func unknownSystemRoute(_ route: Route) -> String? {
        guard route.isActive else { return "invalid in Azure, and unknown to the model: it does nothing" }
        switch route.hop {
        case .none where !Appliance.defaultPrivateRanges.contains(route.prefix):
            return "a reserved range beyond the documented ones: they differ by year and region"
        case .none: return missingTable
        case .vnetPeering: return unknownPeers(with: route)
        case .connectedGroup where !model.values.contains { $0.hops.contains(.connectedGroup) }:
            return "a connected group of Virtual Network Manager: no export holds its connectivity configuration"
        case .unknown: return "next hop \(route.hopText) is not known to the model"
        default: return nil
        }
    }

    /// What a VNet has that no export holds, cannot be known: which ranges, unless its peering tells them, and which
    /// endpoints in them.
    private func unknownPeers(with route: Route) -> String? {
        let missing = (network.links[subnet.vnet] ?? []).filter { network.vnets[$0.peer] == nil }.map(\.local).filter {
            $0.remoteRanges.isEmpty || !$0.isInSync
                || route.key.isEndpoint && $0.remoteRanges.contains { $0.contains(route.prefix.address) }
        }.map(\.remote)
        guard !missing.isEmpty else { return nil }
        let names = Set(missing.map(lastPart)).sorted().joined(separator: ", ")
        return "may be of a peered VNet that is not in any export: \(names)"
    }

    // MARK: Only in the model

    mutating func judgeOnlyInModel(_ route: Route) {
        if let reason = isNoLoss(route) { return leave(route, reason) }
        differ(.onlyInModel, nil, "Azure lists no such route of the NIC", route, modelReason(route))
    }

    private func isNoLoss(_ route: Route) -> String? {
        if let gap = file.gap { return gap }
        if !route.isActive || route.isOverridden {
            return "does nothing in the model (\(modelReason(route))), and Azure does not list it"
        }
        if !route.prefix.isIPv4, !azure.values.contains(where: isIPv6RouteOfNIC) {
            return "Azure lists no IPv6 route: the NIC has no IPv6 address"
        }
        if route.key.source == .system, route.hop == .none {
            return "a reserved range that Azure does not list: they differ by year and region"
        }
        if route.key.source == .bgp, let missingTable { return "\(missingTable): it may keep gateways' routes away" }
        if route.key.source == .bgp,
            azure.values.contains(where: { $0.key.source == .bgp && $0.prefix.overlaps(route.prefix) })
        {
            return "gateways announce it in other ranges: \(modelReason(route))"
        }
        return doubt(of: route)
    }

    /// Ranges of services hold IPv6 ones at every NIC.
    private func isIPv6RouteOfNIC(_ route: Route) -> Bool {
        !route.prefix.isIPv4 && route.hop != .serviceEndpoint && route.hop != .none
    }

    func isEndpointAddress(_ prefix: IPPrefix) -> Bool {
        model[Key(prefix: prefix, source: .system, isEndpoint: true)] != nil
            || azure[Key(prefix: prefix, source: .system, isEndpoint: true)] != nil
    }
}
