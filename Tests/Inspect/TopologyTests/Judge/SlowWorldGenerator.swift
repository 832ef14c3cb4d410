import Runtime

/// Makes small worlds at random, the same for the same seed: one to six VNets in one or two routing domains, with all that
/// the page on Azure routes speaks of, right and wrong.
struct SlowWorldGenerator {
    var random: SplitMix64
    var world = SlowWorld()
    /// Names of the VNets of the domain in the making; the first is the hub, or an end of the chain.
    var members: [String] = []

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    static func world(seed: UInt64) -> SlowWorld {
        var generator = SlowWorldGenerator(seed: seed)
        generator.addDomains()
        generator.addFlowLogs()
        generator.setSemantics()
        return generator.world
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[Int.random(in: 0..<list.count, using: &random)] }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    /// Two domains get equal ranges: private addresses mean something inside one only.
    private mutating func addDomains() {
        let count = number(1...4)
        let block = number(1...90)
        let style = pick([0, 0, 0, 0, 1, 2])
        addDomain(prefix: "a", count: count, block: block, style: style)
        if count <= 3, chance(25) { addDomain(prefix: "b", count: count, block: block, style: style) }
    }

    private mutating func addDomain(prefix: String, count: Int, block: Int, style: Int) {
        members = (0..<count).map { "\(prefix)vnet\($0)" }
        for (index, name) in members.enumerated() {
            world.vnets.append(.init(name: name, ranges: ranges(index, block, style), isHighScale: chance(10)))
            addSubnets(name)
        }
        addPeerings()
        addFirewalls()
        addGateways(prefix)
        addInterfaces()
        addPrivateEndpoints()
        addTables()
    }

    /// `style` 1: the first VNet has exactly 10.0.0.0/8, 2: exactly 172.16.0.0/12.
    private mutating func ranges(_ index: Int, _ block: Int, _ style: Int) -> [SlowPrefix] {
        if index == 0, style == 1 { return [SlowPrefix(10, 0, 0, 0, 8)] }
        if index == 0, style == 2 { return [SlowPrefix(172, 16, 0, 0, 12)] }
        let first = style == 1 ? SlowPrefix(172, 20 + index, 0, 0, 16) : SlowPrefix(10, block + index, 0, 0, 16)
        guard chance(30) else { return [first] }
        let second =
            style == 0 && chance(60)
            ? SlowPrefix(10, block + index + 100, 0, 0, 20) : SlowPrefix(100, 65, 16 * index, 0, 20)
        return [first, second]
    }

    private mutating func addSubnets(_ name: String) {
        guard let index = world.vnets.firstIndex(where: { $0.name == name }) else { return }
        let ranges = world.vnets[index].ranges
        func block(_ number: Int, _ length: Int) -> [SlowPrefix] { [SlowPrefix(ranges[0].host(256 * number), length)] }
        var subnets: [SlowWorld.Subnet] = [
            .init(name: "app", prefixes: block(1, 24)), .init(name: "data", prefixes: block(2, 24)),
            .init(name: "tools", prefixes: block(3, 24)), .init(name: "AzureFirewallSubnet", prefixes: block(4, 26)),
            .init(name: "GatewaySubnet", prefixes: block(5, 27)),
        ]
        if ranges.count > 1 { subnets.append(.init(name: "extra", prefixes: [SlowPrefix(ranges[1].host(0), 24)])) }
        for number in subnets.indices where ["data", "extra", "app"].contains(subnets[number].name) {
            subnets[number].policy = pick([
                nil, "Disabled", "Disabled", "Enabled", "Enabled", "RouteTableEnabled", "NetworkSecurityGroupEnabled",
            ])
        }
        if chance(10) {
            subnets[2].delegation = pick([
                "Microsoft.Web/serverFarms", "Microsoft.ContainerInstance/containerGroups",
            ])
        }
        world.vnets[index].subnets = subnets
    }

    /// A star, a chain, or all with all; now and then an edge that does not work.
    private mutating func addPeerings() {
        let shape = number(0...2)
        for left in members.indices {
            for right in members.indices where right > left {
                let isEdge = shape == 0 ? left == 0 : shape == 1 ? right == left + 1 : true
                if isEdge || chance(5) { addPeering(members[left], members[right]) }
            }
        }
    }

    private mutating func addPeering(_ left: String, _ right: String) {
        var there = SlowWorld.Peering(remote: right, allowsForwarded: !chance(15))
        var back = SlowWorld.Peering(remote: left, allowsForwarded: !chance(15))
        there.allowsAccess = !chance(2)
        if chance(6) { back.state = pick(["Disconnected", "Initiated"]) }
        if chance(2) { (there.isIPv6Only, back.isIPv6Only) = (true, true) }
        if chance(12) {
            (there.localSubnets, there.remoteSubnets) = (["app", "AzureFirewallSubnet"], ["app", "data"])
            (back.localSubnets, back.remoteSubnets) = (["app", "data"], ["app", "AzureFirewallSubnet"])
        }
        let isOneSided = chance(5)
        for index in world.vnets.indices {
            if world.vnets[index].name == left { world.vnets[index].peerings.append(there) }
            if world.vnets[index].name == right, !isOneSided { world.vnets[index].peerings.append(back) }
        }
    }
}
