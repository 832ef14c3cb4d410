internal import FlowModel

/// Addresses, service tags and application security groups of a rule against one side of a flow.
extension SecurityJudge {
    /// `subnet` is that of the NIC at which the group stands: the tag `VirtualNetwork` differs by it.
    func match(_ addresses: RuleAddresses, _ side: SecurityFlow.Side, subnet: String) -> RuleMatch {
        if addresses.isAny || addresses.ranges.contains(side.address) { return .yes }
        var result = RuleMatch.no
        for tag in addresses.tags {
            result = result.or(match(tag, side, subnet: subnet))
            if result == .yes { return .yes }
        }
        if !addresses.groups.isEmpty { result = result.or(match(groups: addresses.groups, side)) }
        if let reason = addresses.unknowns.first { result = result.or(.maybe(reason)) }
        return result
    }

    private func match(_ tag: ServiceTag, _ side: SecurityFlow.Side, subnet: String) -> RuleMatch {
        let address = side.address
        switch tag {
        case .virtualNetwork: return virtualNetwork(side, subnet: subnet).match
        case .internet: return internet(side, subnet: subnet)
        case .azureLoadBalancer: return address == ServiceTag.host ? .yes : .no
        case .platform(let platform): return address == platform ? .yes : .no
        case .service(let name):
            // Tags of services hold public addresses: a private endpoint's is in none.
            if address.isPrivate || isInNetwork(address, virtualNetworkTag(ofSubnet: subnet)) { return .no }
            return .maybe("no export holds the addresses of the service tag \(name)")
        }
    }

    private func virtualNetworkTag(ofSubnet id: String) -> VirtualNetworkTag? {
        network.subnets[id].flatMap { network.virtualNetworkTags[$0.vnet] }
    }

    private func isInNetwork(_ address: IPAddress, _ tag: VirtualNetworkTag?) -> Bool {
        tag?.ranges.longestMatch(address) != nil
    }

    // MARK: VirtualNetwork and Internet

    private enum Membership {
        case own, byRoute, outside
        case maybe(String)

        var match: RuleMatch {
            switch self {
            case .own, .byRoute: return .yes
            case .outside: return .no
            case .maybe(let reason): return .maybe(reason)
            }
        }
    }

    /// Ranges of the VNet, its peers and on-premises, the host's address, and the prefixes of the subnet's user routes:
    /// a default route to an appliance makes the tag hold everything [learn: service-tags-overview; field: azure-docs
    /// 22178].
    private func virtualNetwork(_ side: SecurityFlow.Side, subnet: String) -> Membership {
        let address = side.address
        let tag = virtualNetworkTag(ofSubnet: subnet)
        if isInNetwork(address, tag) || address == ServiceTag.host { return .own }
        let table = network.table(ofSubnet: subnet)
        let byRoute = userRoutes(table, address)
        if case .byRoute = byRoute { return byRoute }
        if let tag, network.virtualNetworkTags.holdsOnPremises(address, tag) || side.isOnPremises && tag.hasGateway {
            if table?.propagatesGatewayRoutes ?? true { return .byRoute }
            return .maybe(
                "no source says whether VirtualNetwork holds on-premises ranges without gateway route propagation")
        }
        if case .maybe = byRoute { return byRoute }
        if address.isPrivate, let gap = tag?.gap { return .maybe("VirtualNetwork may hold \(address): \(gap)") }
        return .outside
    }

    /// Reports are of routes to an appliance; the vendor's page speaks of all user routes.
    private func userRoutes(_ table: RouteTable?, _ address: IPAddress) -> Membership {
        var other: String?
        for route in table?.routes ?? [] {
            guard let prefix = route.prefix else {
                if !address.isPrivate { other = other ?? route.name }
                continue
            }
            guard prefix.contains(address) else { continue }
            switch route.hop {
            case .appliance, .applianceECMP, .gateway: return .byRoute
            default: other = other ?? route.name
            }
        }
        return other.map { .maybe("VirtualNetwork may hold the prefix of route \($0)") } ?? .outside
    }

    /// What is public and not in the virtual network. Whether a public address that a route puts into VirtualNetwork is
    /// in Internet, too, is disputed [field: azure-docs 81801, 101300].
    private func internet(_ side: SecurityFlow.Side, subnet: String) -> RuleMatch {
        let address = side.address
        if address.isPrivate || address.isLinkLocal { return .no }
        switch virtualNetwork(side, subnet: subnet) {
        case .own: return .no
        case .outside: return .yes
        case .byRoute:
            return .maybe(
                "a route puts \(address) into VirtualNetwork, and whether it is in Internet, too, is disputed")
        case .maybe(let reason): return .maybe(reason)
        }
    }

    // MARK: Application security groups

    private func match(groups: [String], _ side: SecurityFlow.Side) -> RuleMatch {
        let members = [side.interface, endpoint(of: side)].compactMap { $0 }
        for member in members where network.applicationGroups[member]?.contains(where: groups.contains) ?? false {
            return .yes
        }
        if members.contains(where: { network.interfaces[$0] != nil || network.privateEndpoints[$0] != nil }) {
            return .no
        }
        // Only NICs and private endpoints are members: nothing outside the VNets, and no platform device.
        guard let subnet = side.subnet.flatMap({ network.subnets[$0] }), !subnet.takesNoSecurityGroup else {
            return .no
        }
        return .maybe("no NIC of the export has the address \(side.address), and \(lastPart(groups[0])) may hold it")
    }
}

extension IPAddress {
    /// 169.254.0.0/16: never leaves the host.
    var isLinkLocal: Bool { isIPv4 && ipv4Bits >> 16 == 0xa9fe }
}
