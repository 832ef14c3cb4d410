import FlowModel

/// What differs between two versions of a topology: resources, and the pairs of client subnet and private endpoint that
/// packets take another way between.
package struct TopologyDiff: Sendable, Hashable {
    package struct Resource: Sendable, Hashable, Comparable {
        /// Lower-cased id; `overlay` for all overlays together.
        package var id: String
        /// Lower-cased type.
        package var type: String

        package static func < (left: Resource, right: Resource) -> Bool {
            (left.type, left.id) < (right.type, right.id)
        }
    }

    package struct Pair: Sendable, Hashable, Comparable {
        package var clientSubnet: String
        package var privateEndpoint: String

        package init(clientSubnet: String, privateEndpoint: String) {
            self.clientSubnet = clientSubnet
            self.privateEndpoint = privateEndpoint
        }

        package static func < (left: Pair, right: Pair) -> Bool {
            (left.privateEndpoint, left.clientSubnet) < (right.privateEndpoint, right.clientSubnet)
        }
    }

    /// Sorted by type, then id.
    package private(set) var added: [Resource] = []
    package private(set) var removed: [Resource] = []
    package private(set) var changed: [Resource] = []
    /// Pairs that both versions hold and between which TCP, UDP or ICMP takes another way now, sorted.
    package private(set) var pairs: [Pair] = []
    /// Pairs that were looked at: those that a changed resource can touch.
    package private(set) var pairsCompared = 0
    /// True where more pairs than `pairsLimit` could have changed: the rest was not looked at.
    package private(set) var isCut = false

    /// Pairs that are compared at most: six explanations each.
    package static let pairsLimit = 10_000

    package var isEmpty: Bool { added.isEmpty && removed.isEmpty && changed.isEmpty }

    /// - Parameters:
    ///   - old: the version before and its resources.
    ///   - new: the version after it.
    package init(
        from old: (topology: Topology, resources: [String: ResourceSummary]),
        to new: (topology: Topology, resources: [String: ResourceSummary])
    ) {
        for (id, summary) in new.resources {
            guard let before = old.resources[id] else {
                added.append(Resource(id: id, type: summary.type))
                continue
            }
            if before != summary { changed.append(Resource(id: id, type: summary.type)) }
        }
        for (id, summary) in old.resources where new.resources[id] == nil {
            removed.append(Resource(id: id, type: summary.type))
        }
        added.sort()
        removed.sort()
        changed.sort()
        comparePairs(old.topology.network, new.topology.network, old.topology, new.topology)
    }

    private mutating func comparePairs(_ before: Network, _ after: Network, _ old: Topology, _ new: Topology) {
        var reach = ChangeReach(before: before, after: after)
        for resource in added + removed + changed { reach.take(resource) }
        let both = SharedPairs(before: before, after: after)
        for endpoint in both.privateEndpoints {
            let isTouched = reach.isEverything || reach.privateEndpoints.contains(endpoint)
            guard isTouched || !reach.subnets.isEmpty else { continue }
            let domain = after.domain(ofSubnet: after.privateEndpoints[endpoint]?.subnet ?? "")
            for subnet in both.subnets[domain] ?? [] where isTouched || reach.subnets.contains(subnet) {
                guard pairsCompared < TopologyDiff.pairsLimit else {
                    isCut = true
                    return
                }
                pairsCompared += 1
                if PairWay(subnet, endpoint, in: old) != PairWay(subnet, endpoint, in: new) {
                    pairs.append(Pair(clientSubnet: subnet, privateEndpoint: endpoint))
                }
            }
        }
        pairs.sort()
    }
}

/// Which pairs changed resources can touch.
private struct ChangeReach {
    let before: Network
    let after: Network
    private(set) var subnets: Set<String> = []
    private(set) var privateEndpoints: Set<String> = []
    /// A device, a gateway, a policy or an overlay may turn any way.
    private(set) var isEverything = false
    /// VNets that hold a device or a gateway, of both versions.
    private var deviceVNets: Set<String> = []
    private var endpointsOfVNet: [String: Set<String>] = [:]
    private var subnetsOfTable: [String: Set<String>] = [:]

    init(before: Network, after: Network) {
        self.before = before
        self.after = after
        for network in [before, after] {
            for device in network.appliances.values {
                if let vnet = network.subnets[device.subnet]?.vnet { deviceVNets.insert(vnet) }
            }
            for endpoint in network.privateEndpoints.values {
                guard let vnet = network.subnets[endpoint.subnet]?.vnet else { continue }
                endpointsOfVNet[vnet, default: []].insert(endpoint.id)
            }
            for subnet in network.subnets.values {
                if let table = subnet.routeTable { subnetsOfTable[table, default: []].insert(subnet.id) }
            }
        }
    }

    mutating func take(_ resource: TopologyDiff.Resource) {
        guard !isEverything else { return }
        switch resource.type {
        case "microsoft.network/privateendpoints": privateEndpoints.insert(resource.id)
        case "microsoft.network/virtualnetworks/subnets": take(subnet: resource.id)
        case "microsoft.network/virtualnetworks": take(vnet: resource.id)
        case "microsoft.network/routetables": take(table: resource.id)
        case "microsoft.network/networkinterfaces": take(interface: resource.id)
        case "microsoft.network/networkwatchers/flowlogs", "microsoft.network/publicipaddresses",
            "microsoft.compute/virtualmachines":
            break  // No packet goes another way for it.
        default: isEverything = true
        }
    }

    private mutating func take(subnet id: String) {
        for network in [before, after] {
            guard let subnet = network.subnets[id] else { continue }
            if subnet.isGatewaySubnet || subnet.isFirewallSubnet { isEverything = true }
        }
        subnets.insert(id)
    }

    private mutating func take(vnet id: String) {
        for network in [before, after] {
            for subnet in network.vnets[id]?.subnets ?? [] { take(subnet: subnet) }
        }
        // Others pass through it, or reach by its peerings what stands in it.
        if deviceVNets.contains(id) { isEverything = true }
        privateEndpoints.formUnion(endpointsOfVNet[id] ?? [])
    }

    private mutating func take(table id: String) {
        for subnet in subnetsOfTable[id] ?? [] { take(subnet: subnet) }
    }

    private mutating func take(interface id: String) {
        for network in [before, after] {
            guard let interface = network.interfaces[id] else { continue }
            if interface.forwards || network.appliances[id] != nil { isEverything = true }
            if let endpoint = interface.privateEndpoint { privateEndpoints.insert(endpoint) }
            subnets.insert(interface.subnet)
        }
    }
}

/// What both versions hold.
private struct SharedPairs {
    /// Client subnets by routing domain of the newer version, sorted.
    var subnets: [Int32: [String]] = [:]
    /// Sorted.
    var privateEndpoints: [String]

    init(before: Network, after: Network) {
        for (id, subnet) in after.subnets
        where before.subnets[id] != nil && !subnet.isGatewaySubnet && !subnet.isFirewallSubnet {
            subnets[after.domain(ofSubnet: id), default: []].append(id)
        }
        subnets = subnets.mapValues { $0.sorted() }
        privateEndpoints = after.privateEndpoints.keys.filter { before.privateEndpoints[$0] != nil }.sorted()
    }
}

/// The way between a client subnet and a private endpoint, as far as it is compared.
private struct PairWay: Hashable {
    private struct Leg: Hashable {
        var works: Bool?
        var symmetric: Bool?
        var forward: [String]
        var back: [String]
        var end: Hop.Kind?
    }

    private var legs: [Leg] = []

    init(_ subnet: String, _ endpoint: String, in topology: Topology) {
        guard let client = topology.network.sampleAddress(ofSubnet: subnet),
            let server = topology.network.privateEndpoints[endpoint]?.addresses.first
        else { return }
        let domain = topology.network.domain(ofSubnet: subnet)
        let from = topology.place(client, domain: domain)
        let to = topology.place(server, domain: domain)
        for ipProtocol in [IPProtocol.tcp, IPProtocol.udp, server.isIPv4 ? IPProtocol.icmp : IPProtocol.icmpV6] {
            let explanation = topology.explain(from: from, to: to, ipProtocol: ipProtocol, port: nil)
            legs.append(
                Leg(
                    works: explanation.works, symmetric: explanation.symmetric,
                    forward: explanation.forwardInspectors, back: explanation.backInspectors,
                    end: explanation.forward.last?.kind))
        }
    }
}

extension Network {
    /// An address that stands for a subnet's clients: the first that Azure gives out.
    fileprivate func sampleAddress(ofSubnet id: String) -> IPAddress? {
        guard let prefix = subnets[id]?.prefixes.first else { return nil }
        // The first four are Azure's own [learn: virtual-networks-faq].
        let (lower, overflow) = prefix.address.lower.addingReportingOverflow(4)
        return overflow ? nil : IPAddress(upper: prefix.address.upper, lower: lower)
    }
}
