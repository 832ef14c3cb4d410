internal import FlowModel

/// Makes the map of a network; goes through each kind of resource once.
struct TopologyMapBuilder {
    private typealias Thing = TopologyMap.Thing

    private let network: Network
    /// NICs that the path meets, by id, with the names of its hops: the only ones that are named.
    private let named: [String: String]
    private var things: [String: [Thing]] = [:]
    private var interfaceCounts: [String: Int] = [:]
    private var unplaced: [Thing] = []

    init(network: Network, named: [String: String]) {
        self.network = network
        self.named = named
        collect()
    }

    func map() -> TopologyMap {
        var map = TopologyMap()
        map.links = LinkCollector(network: network).links()
        map.domains = domains(ghosts: ghosts(of: map.links))
        map.unplaced = unplaced.sorted(by: TopologyMapBuilder.precedes)
        map.unreached = sites(of: nil)
        return map
    }

    // MARK: What stands where

    private mutating func collect() {
        var parts: Set<String> = []
        for device in network.appliances.values {
            parts.formUnion(device.interfaces.map(\.id))
            let kind: Thing.Kind =
                switch device.kind {
                case .azureFirewall: .firewall
                case .networkAppliance: .appliance
                case .router: .router
                }
            add(kind, device.id, device.name, device.addresses, device.subnet, device.tier)
        }
        for gateway in network.gateways.values {
            add(
                .gateway, gateway.id, gateway.name, gateway.addresses, gateway.subnet,
                gateway.isExpressRoute ? "ExpressRoute" : "VPN")
        }
        // A public load balancer stands in no subnet.
        for balancer in network.loadBalancers.values
        where network.appliances[balancer.id] == nil && !balancer.subnet.isEmpty {
            add(.loadBalancer, balancer.id, balancer.name, balancer.addresses, balancer.subnet, nil)
        }
        for endpoint in network.privateEndpoints.values {
            add(
                .privateEndpoint, endpoint.id, endpoint.name, endpoint.addresses, endpoint.subnet,
                endpoint.isApproved ? nil : "not approved")
        }
        collectInterfaces(but: parts)
    }

    private mutating func collectInterfaces(but parts: Set<String>) {
        for nic in network.interfaces.values where nic.privateEndpoint == nil && network.appliances[nic.id] == nil {
            guard !parts.contains(nic.id) else { continue }
            interfaceCounts[nic.subnet, default: 0] += 1
            if let name = named[nic.id] { add(.nic, nic.id, name, nic.addresses, nic.subnet, nil) }
        }
    }

    private mutating func add(
        _ kind: Thing.Kind, _ id: String, _ name: String, _ addresses: [IPAddress], _ subnet: String, _ detail: String?
    ) {
        let thing = Thing(
            kind: kind, id: id, name: name, addresses: addresses.map(\.description),
            detail: detail.flatMap { $0.isEmpty ? nil : $0 })
        if network.subnets[subnet] == nil { unplaced.append(thing) } else { things[subnet, default: []].append(thing) }
    }

    private static func precedes(_ left: Thing, _ right: Thing) -> Bool {
        guard left.kind == right.kind else { return rank(left.kind) < rank(right.kind) }
        return (left.name, left.id) < (right.name, right.id)
    }

    private static func rank(_ kind: Thing.Kind) -> Int {
        switch kind {
        case .firewall: 0
        case .appliance: 1
        case .router: 2
        case .gateway: 3
        case .loadBalancer: 4
        case .nic: 5
        case .privateEndpoint: 6
        }
    }

    // MARK: VNets

    /// VNets that peerings name and the export lacks → the domain of a VNet that names them.
    private func ghosts(of links: [TopologyMap.Link]) -> [String: Int32] {
        var ghosts: [String: Int32] = [:]
        for link in links {
            let domain = link.members.compactMap { network.domains[$0] }.min() ?? -1
            for member in link.members where network.vnets[member] == nil {
                ghosts[member] = min(ghosts[member] ?? domain, domain)
            }
        }
        return ghosts
    }

    private func domains(ghosts: [String: Int32]) -> [TopologyMap.Domain] {
        var vnets: [Int32: [TopologyMap.VNet]] = [:]
        for vnet in network.vnets.values { vnets[network.domains[vnet.id] ?? -1, default: []].append(describe(vnet)) }
        let remoteRanges = ghosts.isEmpty ? [:] : remoteRanges()
        for (id, domain) in ghosts {
            vnets[domain, default: []].append(
                TopologyMap.VNet(id: id, name: lastPart(id), kind: .notExported, ranges: remoteRanges[id] ?? []))
        }
        return vnets.sorted { $0.key < $1.key }.map { number, vnets in
            TopologyMap.Domain(
                number: Int(number), vnets: vnets.sorted { ($0.name, $0.id) < ($1.name, $1.id) },
                sites: sites(of: number))
        }
    }

    /// What peerings say of VNets that the export lacks.
    private func remoteRanges() -> [String: [String]] {
        var ranges: [String: Set<IPPrefix>] = [:]
        for vnet in network.vnets.values {
            for peering in vnet.peerings where network.vnets[peering.remote] == nil {
                ranges[peering.remote, default: []].formUnion(peering.remoteRanges)
            }
        }
        return ranges.mapValues { $0.sorted().map(\.description) }
    }

    private func describe(_ vnet: VirtualNetwork) -> TopologyMap.VNet {
        TopologyMap.VNet(
            id: vnet.id, name: vnet.name, kind: network.hubs[vnet.id] == nil ? .vnet : .virtualHub,
            ranges: vnet.ranges.sorted().map(\.description), subnets: subnets(of: vnet))
    }

    private func subnets(of vnet: VirtualNetwork) -> [TopologyMap.Subnet] {
        let ids = network.hubs[vnet.id] == nil ? vnet.subnets : hubSubnets(vnet.id)
        return ids.compactMap { network.subnets[$0] }
            .sorted { left, right in
                guard let first = left.prefixes.min(), let second = right.prefixes.min(), first != second else {
                    return left.id < right.id
                }
                return first < second
            }
            .map(describe)
    }

    /// A hub has subnets in the model only: those where something stands are told.
    private func hubSubnets(_ hub: String) -> [String] {
        ["AzureFirewallSubnet", "GatewaySubnet"].map { VirtualHub.subnet($0, of: hub) }.filter { things[$0] != nil }
    }

    private func describe(_ subnet: Subnet) -> TopologyMap.Subnet {
        TopologyMap.Subnet(
            id: subnet.id, name: subnet.name, prefixes: subnet.prefixes.sorted().map(\.description),
            routeTable: subnet.routeTable.map { network.routeTables[$0]?.name ?? lastPart($0) },
            securityGroup: subnet.securityGroup.map { network.securityGroups[$0]?.name ?? lastPart($0) },
            policies: policies(of: subnet), delegations: subnet.delegations.sorted(),
            things: (things[subnet.id] ?? []).sorted(by: TopologyMapBuilder.precedes),
            interfaceCount: interfaceCounts[subnet.id] ?? 0)
    }

    /// [learn: disable-private-endpoint-network-policy].
    private func policies(of subnet: Subnet) -> String? {
        switch (subnet.privateEndpointPolicies, subnet.endpointsObeySecurityGroups) {
        case (.notSaid, _): nil
        case (.obeysRoutes, true?): "Enabled"
        case (.obeysRoutes, _): "RouteTableEnabled"
        case (.ignoresRoutes, true?): "NetworkSecurityGroupEnabled"
        case (.ignoresRoutes, _): "Disabled"
        }
    }

    // MARK: On-premises

    /// Ranges by name, with the domain's gateways that lead there; without a domain, those to which none leads.
    private func sites(of domain: Int32?) -> [TopologyMap.Site] {
        if let domain, !hasGateway(domain) { return [] }
        var sites: [String: (prefixes: Set<IPPrefix>, gateways: Set<String>, isAssumed: Bool)] = [:]
        for range in network.onPremises {
            let leading = domain.map { gateways(to: range, of: $0) } ?? []
            guard domain == nil ? !isReached(range) : !leading.isEmpty else { continue }
            var site = sites[range.name] ?? ([], [], true)
            site.prefixes.insert(range.prefix)
            site.gateways.formUnion(leading.map(\.id))
            site.isAssumed = site.isAssumed && range.isAssumed
            sites[range.name] = site
        }
        return sites.sorted { $0.key < $1.key }.map { name, site in
            TopologyMap.Site(
                id: "\(domain ?? -1)/\(name)", name: name, prefixes: site.prefixes.sorted().map(\.description),
                gateways: site.gateways.sorted(), isAssumed: site.isAssumed)
        }
    }

    private func hasGateway(_ domain: Int32) -> Bool {
        domain >= 0 && Int(domain) < network.tables.domainGateways.count
            && !network.tables.domainGateways[Int(domain)].isEmpty
    }

    private func gateways(to range: OnPremises, of domain: Int32) -> [Gateway] {
        network.tables.domainGateways[Int(domain)].filter { network.leads($0, to: range) }
    }

    private func isReached(_ range: OnPremises) -> Bool {
        guard range.gateways.isEmpty else { return range.gateways.contains { network.gateways[$0] != nil } }
        return !network.gateways.isEmpty
    }
}
