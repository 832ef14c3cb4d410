/// Makes a world smaller as long as a question of it still fails.
enum SlowShrinker {
    static func shrunk(_ world: SlowWorld, while fails: (SlowWorld) -> Bool) -> SlowWorld {
        var world = world
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for candidate in smaller(world) where fails(candidate) {
                world = candidate
                isSmaller = true
                break
            }
        }
        return world
    }

    private static func smaller(_ world: SlowWorld) -> [SlowWorld] {
        withoutVNets(world) + without(\.flowLogs, world) + without(\.appliances, world) + without(\.sites, world)
            + without(\.gateways, world) + without(\.firewalls, world) + without(\.privateEndpoints, world)
            + without(\.interfaces, world) + insideVNets(world) + insideTables(world)
            + documented(world)
    }

    private static func without<Element>(
        _ list: WritableKeyPath<SlowWorld, [Element]>, _ world: SlowWorld
    ) -> [SlowWorld] {
        world[keyPath: list].indices.map { index in
            var smaller = world
            smaller[keyPath: list].remove(at: index)
            return smaller
        }
    }

    /// Without a VNet and what names it: a dangling reference is another question.
    private static func withoutVNets(_ world: SlowWorld) -> [SlowWorld] {
        world.vnets.map(\.name).map { name in
            var smaller = world
            smaller.vnets.removeAll { $0.name == name }
            for index in smaller.vnets.indices { smaller.vnets[index].peerings.removeAll { $0.remote == name } }
            smaller.interfaces.removeAll { $0.vnet == name }
            smaller.privateEndpoints.removeAll { $0.vnet == name }
            smaller.firewalls.removeAll { $0.vnet == name }
            let gateways = smaller.gateways.filter { $0.vnet == name }.map(\.name)
            smaller.gateways.removeAll { $0.vnet == name }
            smaller.sites.removeAll { gateways.contains($0.gateway) }
            smaller.appliances.removeAll { box in !smaller.interfaces.contains { $0.name == box.interface } }
            return smaller
        }
    }

    private static func insideVNets(_ world: SlowWorld) -> [SlowWorld] {
        world.vnets.indices.flatMap { vnet in
            without(\.vnets[vnet].peerings, world)
                + world.vnets[vnet].subnets.indices.filter { isEmpty(world.vnets[vnet], $0, world) }.map { subnet in
                    var smaller = world
                    smaller.vnets[vnet].subnets.remove(at: subnet)
                    return smaller
                }
                + world.vnets[vnet].subnets.indices.compactMap { subnet in
                    guard world.vnets[vnet].subnets[subnet].table != nil else { return nil }
                    var smaller = world
                    smaller.vnets[vnet].subnets[subnet].table = nil
                    return smaller
                }
        }
    }

    private static func isEmpty(_ vnet: SlowWorld.VNet, _ subnet: Int, _ world: SlowWorld) -> Bool {
        let prefixes = vnet.subnets[subnet].prefixes
        let residents =
            world.interfaces.filter { $0.vnet == vnet.name }.map(\.address)
            + world.privateEndpoints.filter { $0.vnet == vnet.name }.map(\.address)
            + world.firewalls.filter { $0.vnet == vnet.name }.map(\.address)
        let isGateway =
            vnet.subnets[subnet].name == "GatewaySubnet" && world.gateways.contains { $0.vnet == vnet.name }
        return !isGateway && !residents.contains { address in prefixes.contains { $0.contains(address) } }
    }

    private static func insideTables(_ world: SlowWorld) -> [SlowWorld] {
        world.tables.indices.flatMap { without(\.tables[$0].routes, world) }
    }

    private static func documented(_ world: SlowWorld) -> [SlowWorld] {
        let plain = SlowWorld.Semantics()
        var candidates: [SlowWorld] = []
        func reset<Value: Equatable>(_ setting: WritableKeyPath<SlowWorld.Semantics, Value>) {
            guard world.semantics[keyPath: setting] != plain[keyPath: setting] else { return }
            var smaller = world
            smaller.semantics[keyPath: setting] = plain[keyPath: setting]
            candidates.append(smaller)
        }
        reset(\.platformProtocols)
        reset(\.ownServiceProtocols)
        reset(\.gatewaySubnetObeys)
        reset(\.overrideWins)
        reset(\.subnetPeeringSpreads)
        reset(\.disabledPeeringRemoves)
        reset(\.expressRouteReply)
        reset(\.hubSpokeReply)
        return candidates
    }
}

extension SlowWorld {
    /// The world in a few lines, for a person who looks into a disagreement.
    var summary: String {
        var lines: [String] = []
        for vnet in vnets {
            lines.append("vnet \(vnet.name) \(vnet.ranges.map(\.text)) highScale \(vnet.isHighScale)")
            for subnet in vnet.subnets {
                let settings = [
                    subnet.table.map { "table \($0)" }, subnet.policy.map { "policy \($0)" },
                    subnet.delegation.map { "delegated \($0)" }, subnet.securityGroup,
                ]
                lines.append(
                    "  \(subnet.name) \(subnet.prefixes.map(\.text)) \(settings.compactMap(\.self).joined(separator: ", "))"
                )
            }
            for peering in vnet.peerings { lines.append("  \(peering)".replacing("Peering(", with: "peering(")) }
        }
        for table in tables where vnets.contains(where: { $0.subnets.contains { $0.table == table.name } }) {
            lines.append("table \(table.name) propagates \(table.propagates) hidesPeerings \(table.hidesPeerings)")
            for route in table.routes {
                lines.append(
                    "  \(route.prefix.text) → \(route.hop) \(route.address?.text ?? "")\(route.overridesBGP ? " overrides BGP" : "")"
                )
            }
        }
        lines += interfaces.map {
            "nic \($0.name) \($0.address.text) \($0.vnet)/\($0.subnet) forwards \($0.forwards) tag \($0.hasMappingTag) \($0.securityGroup ?? "")"
        }
        lines += privateEndpoints.map {
            "endpoint \($0.name) \($0.address.text) \($0.vnet)/\($0.subnet) own \($0.isOwnService) \($0.status)"
        }
        lines += firewalls.map {
            "firewall \($0.name) \($0.address.text) private \($0.privateRanges?.map(\.text).joined(separator: ",") ?? "default")"
        }
        lines += gateways.map { "gateway \($0.name) in \($0.vnet) express \($0.isExpressRoute)" }
        lines += sites.map { "site \($0.name) \($0.prefixes.map(\.text)) via \($0.gateway)" }
        lines += appliances.map { "\($0)" } + flowLogs.map { "\($0)" } + ["\(semantics)"]
        return lines.joined(separator: "\n")
    }
}
