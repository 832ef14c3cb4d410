internal import FlowModel

/// What follows from all resources together: appliances, peerings that work, who has which address, what dangles.
extension NetworkReader {
    /// Appliances of the overlay, and NICs or load balancers that a route names and that forward (design 4.5).
    mutating func makeAppliances() {
        if !network.overlay.appliances.isEmpty {
            let owners = interfacesByAddress()
            for device in network.overlay.appliances { makeAppliance(device, owners) }
        }
        let taken = Set(network.appliances.values.flatMap(\.addresses))
        let hops = Set(network.routeTables.values.flatMap(\.routes).flatMap(\.nextHops)).subtracting(taken)
        for balancer in network.loadBalancers.values where balancer.addresses.contains(where: hops.contains) {
            assume(id: balancer.id, name: balancer.name, addresses: balancer.addresses, subnet: balancer.subnet)
        }
        for nic in network.interfaces.values
        where nic.forwards && nic.privateEndpoint == nil && nic.addresses.contains(where: hops.contains) {
            assume(
                id: nic.id, name: machineName(of: nic), addresses: nic.addresses, subnet: nic.subnet,
                returnsWithoutTranslation: nic.returnsWithoutTranslation)
        }
    }

    private mutating func assume(
        id: String, name: String, addresses: [IPAddress], subnet: String, returnsWithoutTranslation: Bool = false
    ) {
        let isRouter = network.subnets[subnet]?.isRoutingApplianceSubnet ?? false
        network.appliances[id] = Appliance(
            id: id, name: name, kind: isRouter ? .router : .networkAppliance, addresses: addresses, subnet: subnet,
            inspects: !isRouter, isAssumed: !isRouter, translation: .never, tier: "appliance", capacityMbps: nil,
            singleFlowMbps: nil, returnsWithoutTranslation: returnsWithoutTranslation)
    }

    private func interfacesByAddress() -> [String: [String]] {
        var owners: [String: [String]] = [:]
        for nic in network.interfaces.values {
            for address in nic.addresses { owners[address.description, default: []].append(nic.id) }
        }
        return owners
    }

    /// `owners`: address → NICs that have it.
    private mutating func makeAppliance(_ device: Overlay.Device, _ owners: [String: [String]]) {
        let ids = Set(device.interfaces.flatMap { [$0] + (owners[$0] ?? []) })
        let nics = ids.sorted().compactMap { network.interfaces[$0] }
        let balancer = device.loadBalancer.flatMap { network.loadBalancers[$0] }
        guard let subnet = balancer?.subnet ?? nics.first?.subnet else {
            return report("overlay", "appliances.\(device.name)", "none of its interfaces is in the export")
        }
        let id = balancer?.id ?? nics[0].id
        network.appliances[id] = Appliance(
            id: id, name: device.name, kind: .networkAppliance,
            addresses: (balancer?.addresses ?? []) + nics.flatMap(\.addresses), subnet: subnet,
            inspects: device.inspects, isAssumed: false, translation: device.translation, tier: "appliance",
            capacityMbps: device.capacityMbps, singleFlowMbps: nil,
            returnsWithoutTranslation: nics.contains { $0.returnsWithoutTranslation })
        for nic in nics { network.interfaces[nic.id]?.forwards = true }
    }

    private func machineName(of nic: NetworkInterface) -> String {
        nic.machine.map { network.names[$0] ?? lastPart($0) } ?? nic.name
    }

    /// A peering works where both sides are Connected; the side that the export lacks is believed (topology exports, 15).
    mutating func makeLinks() {
        var backs: [String: [String: Peering]] = [:]
        for vnet in network.vnets.values {
            backs[vnet.id] = Dictionary(vnet.peerings.map { ($0.remote, $0) }) { first, _ in first }
        }
        for vnet in network.vnets.values.sorted(by: { $0.id < $1.id }) {
            let links = vnet.peerings.sorted(by: { $0.id < $1.id }).compactMap { link($0, of: vnet, backs) }
            if !links.isEmpty { network.links[vnet.id] = links }
        }
    }

    private mutating func link(
        _ peering: Peering, of vnet: VirtualNetwork, _ backs: [String: [String: Peering]]
    ) -> PeeringLink? {
        guard peering.isConnected else {
            report(peering.id, "peeringState", "is \(peering.state ?? ""), not Connected: nothing passes")
            return nil
        }
        guard let remote = network.vnets[peering.remote] else {
            report(peering.id, "remoteVirtualNetwork.id", "is not in the export: \(peering.remote)")
            return PeeringLink(local: peering, remote: nil)
        }
        guard let back = backs[remote.id]?[vnet.id], back.isConnected else {
            report(peering.id, "remoteVirtualNetwork.id", "one-sided: \(remote.name) has no connected peering back")
            return nil
        }
        return PeeringLink(local: peering, remote: back)
    }

    mutating func makeHosts() {
        for balancer in network.loadBalancers.values.sorted(by: { $0.id > $1.id }) {
            place(.loadBalancer(balancer.id), balancer.addresses, in: balancer.subnet)
        }
        for gateway in network.gateways.values.sorted(by: { $0.id > $1.id }) {
            place(.gateway(gateway.id), gateway.addresses, in: gateway.subnet)
        }
        for id in interfaceIDs.reversed() {
            guard let nic = network.interfaces[id], nic.privateEndpoint == nil else { continue }
            place(.nic(id), nic.addresses, in: nic.subnet)
        }
        for id in endpointIDs.reversed() {
            guard let endpoint = network.privateEndpoints[id] else { continue }
            place(.privateEndpoint(id), endpoint.addresses, in: endpoint.subnet)
        }
        // Last: an appliance's NIC is an appliance.
        for appliance in network.appliances.values.sorted(by: { $0.id > $1.id }) {
            place(.appliance(appliance.id), appliance.addresses, in: appliance.subnet)
        }
    }

    private mutating func place(_ host: Network.Host, _ addresses: [IPAddress], in subnet: String) {
        guard let vnet = network.subnets[subnet]?.vnet else { return }
        for address in addresses { network.hosts[vnet, default: [:]][address] = host }
    }

    mutating func checkReferences() {
        let hops = holdersOfHops()
        for subnet in network.subnets.values {
            if let table = subnet.routeTable, network.routeTables[table] == nil {
                report(subnet.id, "routeTable.id", "is not in the export: \(table)")
            }
            if let group = subnet.securityGroup, !securityGroups.contains(group) {
                report(subnet.id, "networkSecurityGroup.id", "is not in the export: \(group)")
            }
            checkNextHops(of: subnet, hops)
        }
        for nic in network.interfaces.values where network.subnets[nic.subnet] == nil {
            report(nic.id, "ipConfigurations.subnet.id", "is not in the export: \(nic.subnet)")
        }
        for endpoint in network.privateEndpoints.values where network.subnets[endpoint.subnet] == nil {
            report(endpoint.id, "subnet.id", "is not in the export: \(endpoint.subnet)")
        }
        for appliance in network.appliances.values where network.subnets[appliance.subnet] == nil {
            report(appliance.id, "ipConfigurations.subnet.id", "is not in the export: \(appliance.subnet)")
        }
        for gateway in network.gateways.values where network.subnets[gateway.subnet] == nil {
            report(gateway.id, "ipConfigurations.subnet.id", "is not in the export: \(gateway.subnet)")
        }
        for log in network.flowLogs where !isKnown(log.target) {
            report(log.id, "targetResourceId", "is not in the export: \(log.target)")
        }
    }

    private func isKnown(_ id: String) -> Bool {
        network.vnets[id] != nil || network.subnets[id] != nil || network.interfaces[id] != nil
            || securityGroups.contains(id)
    }

    /// Each address that a route names as next hop → VNets that have it.
    private func holdersOfHops() -> [IPAddress: Set<String>] {
        var holders: [IPAddress: Set<String>] = [:]
        for table in network.routeTables.values {
            for route in table.routes {
                for hop in route.nextHops { holders[hop] = [] }
            }
        }
        guard !holders.isEmpty else { return holders }
        for (vnet, hosts) in network.hosts {
            for address in hosts.keys where holders[address] != nil { holders[address]?.insert(vnet) }
        }
        return holders
    }

    /// A next hop must be an address of the subnet's VNet or of one peered with it directly [learn: udr-overview].
    private mutating func checkNextHops(of subnet: Subnet, _ holders: [IPAddress: Set<String>]) {
        guard let table = subnet.routeTable.flatMap({ network.routeTables[$0] }) else { return }
        let links = network.links[subnet.vnet] ?? []
        guard links.allSatisfy({ network.vnets[$0.peer] != nil }) else { return }
        var isReached: [IPAddress: Bool] = [:]
        for route in table.routes where route.hop == .appliance || route.hop == .applianceECMP {
            for hop in route.nextHops where isReached[hop] != true {
                let holders = holders[hop] ?? []
                isReached[hop] = holders.contains(subnet.vnet) || links.contains { holders.contains($0.peer) }
                if isReached[hop] == true { continue }
                report(
                    table.id, "routes.\(route.name).nextHopIpAddress",
                    "no resource that \(network.subnetName(subnet.id)) reaches directly has the address \(hop)")
            }
        }
    }
}
