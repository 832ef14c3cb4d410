/// What stands in the VNets.
extension SlowWorldGenerator {
    func members(of world: SlowWorld) -> [SlowWorld.VNet] { world.vnets.filter { members.contains($0.name) } }

    private func subnetAddress(_ vnet: String, _ subnet: String, _ host: Int) -> SlowAddress? {
        world.subnet(vnet, subnet)?.prefixes.first.map { $0.host(host) }
    }

    mutating func addFirewalls() {
        for (index, name) in members.enumerated() where chance(index == 0 ? 65 : 35) {
            guard let address = subnetAddress(name, "AzureFirewallSubnet", 4) else { continue }
            let never = [SlowPrefix.everything]
            let always = [SlowPrefix(255, 255, 255, 255, 32)]
            world.firewalls.append(
                .init(
                    name: "\(name)-fw", address: address, vnet: name,
                    privateRanges: pick([nil, nil, nil, never, always, always, [SlowPrefix(10, 0, 0, 0, 8)]])))
        }
    }

    /// A gateway in one VNet of the domain, whose peers may use it.
    mutating func addGateways(_ prefix: String) {
        guard chance(55) else { return }
        let hub = chance(75) ? members[0] : pick(members)
        let name = "\(hub)-gw"
        world.gateways.append(.init(name: name, vnet: hub, isExpressRoute: chance(35)))
        let isExpressRoute = world.gateways.last?.isExpressRoute == true
        var prefixes = [
            pick([SlowPrefix(192, 168, 0, 0, 16), SlowPrefix(192, 168, 20, 0, 24), SlowPrefix(172, 30, 0, 0, 16)])
        ]
        if members(of: world).contains(where: { $0.ranges.contains { $0.contains(prefixes[0]) } }) {
            prefixes = [SlowPrefix(192, 168, 0, 0, 16)]
        }
        // More specific than a VNet's own range: the system route of the VNet must still win.
        if chance(15) { prefixes.append(SlowPrefix(pick(members(of: world)).ranges[0].host(256), 24)) }
        world.sites.append(
            .init(name: "\(prefix)site", prefixes: prefixes, gateway: name, isOverlay: isExpressRoute || chance(50)))
        for index in world.vnets.indices {
            for peering in world.vnets[index].peerings.indices {
                if world.vnets[index].name == hub { world.vnets[index].peerings[peering].allowsTransit = chance(85) }
                let isWhole = world.vnets[index].peerings[peering].localSubnets == nil
                if isWhole, world.vnets[index].peerings[peering].remote == hub {
                    world.vnets[index].peerings[peering].usesRemoteGateways = chance(80)
                }
            }
        }
    }

    mutating func addInterfaces() {
        for name in members {
            addInterface("\(name)-vm", name, "app", 4)
            if chance(40) { addInterface("\(name)-tool", name, "tools", 4) }
            if chance(60) { addInterface("\(name)-more", name, "extra", 4) }
            if chance(35) { addAppliance(name) }
        }
    }

    private mutating func addInterface(_ name: String, _ vnet: String, _ subnet: String, _ host: Int) {
        guard let address = subnetAddress(vnet, subnet, host) else { return }
        world.interfaces.append(.init(name: name, address: address, vnet: vnet, subnet: subnet))
    }

    private mutating func addAppliance(_ vnet: String) {
        let name = "\(vnet)-nva"
        addInterface(name, vnet, "tools", 9)
        guard let index = world.interfaces.firstIndex(where: { $0.name == name }) else { return }
        world.interfaces[index].forwards = !chance(15)
        world.interfaces[index].hasMappingTag = chance(20)
        guard chance(75) else { return }
        let inspects = !chance(25)
        world.appliances.append(
            .init(
                name: "\(name)-box", interface: name, inspects: inspects,
                translates: inspects ? pick(["never", "never", "always", "private_endpoints"]) : "never"))
    }

    mutating func addPrivateEndpoints() {
        let home = pick(members)
        for name in members {
            if name == home || chance(35) { addEndpoint("\(name)-pe", name, "data", 5) }
            if chance(15) { addEndpoint("\(name)-pe-app", name, "app", 8) }
            if chance(40) { addEndpoint("\(name)-pe-more", name, "extra", 8) }
        }
    }

    private mutating func addEndpoint(_ name: String, _ vnet: String, _ subnet: String, _ host: Int) {
        guard let address = subnetAddress(vnet, subnet, host) else { return }
        world.privateEndpoints.append(
            .init(
                name: name, address: address, vnet: vnet, subnet: subnet, isOwnService: chance(25),
                status: chance(6) ? "Pending" : "Approved"))
    }

    mutating func addFlowLogs() {
        guard chance(45) else { return }
        for number in 0..<self.number(1...3) {
            let vnet = pick(world.vnets)
            let target: SlowWorld.FlowLog.Target
            switch self.number(0...3) {
            case 0: target = .vnet(vnet.name)
            case 1: target = .subnet(vnet.name, pick(["app", "data", "tools"]))
            case 2: target = .interface(pick(world.interfaces).name)
            default: target = .securityGroup(addSecurityGroup(vnet.name))
            }
            world.flowLogs.append(
                .init(name: "log\(number)", target: target, isEnabled: !chance(20), isFiltered: chance(20)))
        }
    }

    /// On a subnet or on a NIC.
    private mutating func addSecurityGroup(_ vnet: String) -> String {
        let name = "nsg\(world.securityGroups.count)"
        world.securityGroups.append(name)
        if chance(50), let index = world.interfaces.indices.filter({ world.interfaces[$0].vnet == vnet }).first {
            world.interfaces[index].securityGroup = name
        } else if let index = world.vnets.firstIndex(where: { $0.name == vnet }) {
            world.vnets[index].subnets[chance(60) ? 0 : 2].securityGroup = name
        }
        return name
    }

    mutating func setSemantics() {
        func any(_ documented: Bool?, _ generator: inout SlowWorldGenerator) -> Bool? {
            generator.chance(70) ? documented : generator.pick([true, false, nil])
        }
        if chance(10) { world.semantics.platformProtocols = ["tcp", "udp"] }
        if chance(10) { world.semantics.ownServiceProtocols = ["tcp"] }
        world.semantics.gatewaySubnetObeys = any(true, &self)
        world.semantics.overrideWins = any(true, &self)
        world.semantics.subnetPeeringSpreads = any(nil, &self)
        world.semantics.disabledPeeringRemoves = any(nil, &self)
        world.semantics.expressRouteReply = any(true, &self)
        world.semantics.hubSpokeReply = any(nil, &self)
    }
}
