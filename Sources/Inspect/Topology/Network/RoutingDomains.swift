/// Connected components of VNets: inside one, a private address means one thing; between two it may mean two.
///
/// Joined are VNets whose peering works, also over a VNet that the export lacks, and VNets whose gateways a
/// VNet-to-VNet connection joins. Sharing an on-premises network joins nothing: two hubs with equal ranges may.
struct RoutingDomains {
    private var parents: [String: String] = [:]

    /// Gives each VNet of the network the index of its domain; domains are numbered by their least VNet id.
    static func number(_ network: inout Network) {
        var sets = RoutingDomains()
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
        var numbers: [String: Int32] = [:]
        for vnet in network.vnets.keys.sorted() {
            let root = sets.root(vnet)
            let number = numbers[root] ?? Int32(numbers.count)
            numbers[root] = number
            network.domains[vnet] = number
        }
        network.domainCount = Int32(numbers.count)
    }

    private mutating func root(_ vnet: String) -> String {
        var root = vnet
        while let parent = parents[root] { root = parent }
        if root != vnet { parents[vnet] = root }  // Shortens the way for the next look-up.
        return root
    }

    private mutating func join(_ first: String, _ second: String) {
        let one = root(first)
        let other = root(second)
        if one != other { parents[max(one, other)] = min(one, other) }
    }
}
