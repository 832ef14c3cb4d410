/// Connected components of VNets: inside one, a private address means one thing; between two it may mean two.
///
/// Joined are VNets whose peering works, also over a VNet that the export lacks, and VNets whose gateways a
/// VNet-to-VNet connection joins. Sharing an on-premises network joins nothing: two hubs with equal ranges may.
struct RoutingDomains {
    /// Of each VNet or peer, by number: another of its domain; the least one is its own parent.
    private var parents: [Int] = []
    private var numbers: [String: Int] = [:]

    /// Gives each VNet of the network the index of its domain; domains are numbered by their least VNet id.
    static func number(_ network: inout Network) {
        var sets = RoutingDomains()
        let vnets = network.vnets.keys.sorted()
        for vnet in vnets { _ = sets.number(vnet) }
        for (vnet, links) in network.links {
            for link in links { sets.join(vnet, link.peer) }
        }
        // Hubs of one virtual WAN reach each other's VNets.
        for hub in network.hubs.values {
            if let wan = hub.wan { sets.join(hub.id, wan) }
        }
        for (first, second) in network.gatewayConnections {
            if let one = network.gateways[first].flatMap({ network.subnets[$0.subnet]?.vnet }),
                let other = network.gateways[second].flatMap({ network.subnets[$0.subnet]?.vnet })
            {
                sets.join(one, other)
            }
        }
        var domains: [Int: Int32] = [:]
        for (number, vnet) in vnets.enumerated() {
            let root = sets.root(number)
            let domain = domains[root] ?? Int32(domains.count)
            domains[root] = domain
            network.domains[vnet] = domain
        }
        network.domainCount = Int32(domains.count)
    }

    private mutating func number(_ vnet: String) -> Int {
        if let number = numbers[vnet] { return number }
        numbers[vnet] = parents.count
        parents.append(parents.count)
        return parents.count - 1
    }

    private mutating func root(_ number: Int) -> Int {
        var root = number
        while parents[root] != root {
            parents[root] = parents[parents[root]]  // Halves the way for the next look-up.
            root = parents[root]
        }
        return root
    }

    private mutating func join(_ first: String, _ second: String) {
        let one = root(number(first))
        let other = root(number(second))
        if one != other { parents[max(one, other)] = min(one, other) }
    }
}
