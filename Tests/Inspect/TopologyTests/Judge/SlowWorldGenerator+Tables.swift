/// Route tables, with routes that mean something in the domain.
extension SlowWorldGenerator {
    mutating func addTables() {
        for name in members {
            for subnet in world.vnet(name)?.subnets ?? [] { addTable(name, subnet.name) }
        }
    }

    private mutating func addTable(_ vnet: String, _ subnet: String) {
        let wanted = ["app": 85, "tools": 55, "extra": 70, "data": 20, "AzureFirewallSubnet": 20, "GatewaySubnet": 60]
        guard chance(wanted[subnet] ?? 0) else { return }
        var table = SlowWorld.Table(name: "\(vnet)-\(subnet.lowercased())-rt")
        // The gateway's own subnet must propagate, and takes no default route.
        if subnet != "GatewaySubnet" { table.propagates = !chance(30) }
        table.hidesPeerings = chance(6)
        if ["app", "extra", "GatewaySubnet"].contains(subnet), chance(subnet == "GatewaySubnet" ? 70 : 45) {
            table.routes.append(endpointRoute(vnet))
        }
        if subnet == "app", !world.sites.isEmpty, chance(15) {
            table.routes.append(appliance(.everything, true, from: vnet))
        }
        for _ in 0..<number(1...5) {
            let route = userRoute(in: subnet, of: vnet)
            let isDefault = route.prefix == .everything
            if subnet == "GatewaySubnet", isDefault || route.hop == "VirtualNetworkGateway" { continue }
            if !table.routes.contains(where: { $0.prefix == route.prefix }) { table.routes.append(route) }
        }
        world.tables.append(table)
        for index in world.vnets.indices where world.vnets[index].name == vnet {
            for place in world.vnets[index].subnets.indices where world.vnets[index].subnets[place].name == subnet {
                world.vnets[index].subnets[place].table = table.name
            }
        }
    }

    /// As the vendor's guide asks: the endpoint's own address to an appliance.
    private mutating func endpointRoute(_ vnet: String) -> SlowWorld.UserRoute {
        let endpoints = world.privateEndpoints.filter { members.contains($0.vnet) }.map(\.address)
        return appliance(SlowPrefix(host: pick(endpoints)), false, from: vnet)
    }

    private mutating func userRoute(in subnet: String, of vnet: String) -> SlowWorld.UserRoute {
        let isQuiet = subnet == "AzureFirewallSubnet"
        let kind = number(0...99)
        let prefix = routePrefix()
        let override = chance(15)
        switch isQuiet ? kind + 40 : kind {
        case 0..<66: return appliance(prefix, override, from: vnet)
        case 66..<72: return .init(prefix: prefix, hop: "None", overridesBGP: override)
        case 72..<79: return .init(prefix: prefix, hop: "Internet", overridesBGP: override)
        case 79..<85: return .init(prefix: prefix, hop: "VnetLocal", overridesBGP: override)
        case 85..<92: return .init(prefix: prefix, hop: "VirtualNetworkGateway", overridesBGP: override)
        default: return appliance(prefix, override, from: vnet)
        }
    }

    /// Mostly a firewall or a forwarding NIC of the domain; also one that does not forward, and nobody.
    private mutating func appliance(
        _ prefix: SlowPrefix, _ override: Bool, from vnet: String
    ) -> SlowWorld.UserRoute {
        // An appliance two peerings away is out of reach: mostly a mistake, so it is rare.
        let peers = world.vnet(vnet)?.peerings.map(\.remote) ?? []
        let near = chance(85) ? [vnet] + peers : members
        let firewalls = world.firewalls.filter { near.contains($0.vnet) }.map(\.address)
        let machines = world.interfaces.filter { near.contains($0.vnet) && $0.name.hasSuffix("-nva") }.map(\.address)
        var candidates = firewalls + firewalls + firewalls + machines + machines
        if chance(8) || candidates.isEmpty {
            candidates = world.interfaces.filter { members.contains($0.vnet) }.map(\.address)
        }
        if chance(4), let home = world.vnet(pick(members)) { candidates = [home.ranges[0].host(3 * 256 + 77)] }
        return .init(prefix: prefix, hop: "VirtualAppliance", address: pick(candidates), overridesBGP: override)
    }

    private mutating func routePrefix() -> SlowPrefix {
        let domain = members(of: world)
        let vnet = pick(domain)
        let range = pick(vnet.ranges)
        let endpoints = world.privateEndpoints.filter { members.contains($0.vnet) }.map(\.address)
        let sites = world.sites.filter { $0.name.hasPrefix(members[0].prefix(1)) }.flatMap(\.prefixes)
        switch number(0...11) {
        case 0, 1: return .everything
        case 2, 3, 4: return range
        case 5: return SlowPrefix(range.address, max(0, range.length - number(1...8)))
        case 6, 7: return SlowPrefix(pick(vnet.subnets).prefixes[0].address, 24)
        case 8, 9: return SlowPrefix(host: pick(endpoints))
        case 10: return SlowPrefix(host: pick(world.interfaces.filter { members.contains($0.vnet) }).address)
        default: return sites.isEmpty ? range : pick(sites)
        }
    }
}
