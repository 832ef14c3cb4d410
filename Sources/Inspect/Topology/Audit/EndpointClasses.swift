internal import FlowModel

/// Which private endpoints of a subnet fare alike, so that one is judged for all.
///
/// Two do where nothing that a judgement asks of an endpoint tells them apart: they have one address each that nobody else
/// has, the same kind of target, service, state and application security groups; the same of the overlay's wishes name
/// them; and they lie in the same of all prefixes and ranges that occur in routes, hubs, on-premises, translation and
/// rules. A /32 user route to one of them makes that one a class of its own.
struct EndpointClasses {
    private let topology: Topology
    private var prefixes = PrefixTable<Int>()
    private let ranges: RuleRanges
    private let names: RuleNames?
    /// Addresses that several resources of a routing domain have.
    private var shared: Set<Holding> = []

    private struct Holding: Hashable {
        var domain: Int32
        var address: IPAddress
    }

    private struct Key: Hashable {
        var prefix: Int?
        var stretch: RuleRanges.Stretch
        var isPrivate: Bool
        var kind: PrivateEndpoint.TargetKind
        var service: EndpointTarget.Service?
        var isApproved: Bool
        var groups: Set<String>
        var names: RuleNames.Match?
        var wishes: [Int]
    }

    private var network: Network { topology.network }

    init(topology: Topology) {
        self.topology = topology
        let network = topology.network
        ranges = RuleRanges(network)
        names = network.firewallRules.isEmpty ? nil : RuleNames(network.firewallRules.values)
        for (index, prefix) in EndpointClasses.prefixes(of: network).sorted().enumerated() {
            prefixes.insert(index, at: prefix)
        }
        var seen: Set<Holding> = []
        for (vnet, hosts) in network.hosts {
            let domain = network.domains[vnet] ?? -1
            for address in hosts.keys {
                let holding = Holding(domain: domain, address: address)
                if !seen.insert(holding).inserted { shared.insert(holding) }
            }
        }
    }

    /// All that an address is looked up in, and addresses that mean something else.
    private static func prefixes(of network: Network) -> Set<IPPrefix> {
        var all = Set(Appliance.defaultPrivateRanges)
        for route in network.routeTables.values.flatMap(\.routes) {
            if let prefix = route.prefix { all.insert(prefix) }
            all.formUnion(route.nextHops.map(IPPrefix.init(host:)))
        }
        for vnet in network.vnets.values { all.formUnion(vnet.ranges + vnet.peerings.flatMap(\.remoteRanges)) }
        all.formUnion(network.subnets.values.flatMap(\.prefixes))
        all.formUnion(network.onPremises.map(\.prefix))
        all.formUnion(network.hubs.values.flatMap(\.inspected).map(\.prefix))
        for appliance in network.appliances.values {
            if case .outside(let ranges) = appliance.translation { all.formUnion(ranges) }
            all.formUnion(appliance.addresses.map(IPPrefix.init(host:)))
        }
        return all
    }

    /// For each endpoint the index of the one that stands for it, the first of its class.
    func representatives(of endpoints: [PrivateEndpoint]) -> [Int] {
        var first: [Key: Int] = [:]
        return endpoints.indices.map { index in
            guard let key = key(of: endpoints[index]) else { return index }
            if let known = first[key] { return known }
            first[key] = index
            return index
        }
    }

    /// Nil for one that stands alone.
    private func key(of endpoint: PrivateEndpoint) -> Key? {
        guard endpoint.addresses.count == 1, let address = endpoint.addresses.first,
            !shared.contains(Holding(domain: network.domain(ofSubnet: endpoint.subnet), address: address)),
            network.vnet(ofSubnet: endpoint.subnet).flatMap({ network.hosts[$0.id]?[address] })
                == .privateEndpoint(endpoint.id)
        else { return nil }
        var match: RuleNames.Match?
        if let names {
            guard let found = names.match(endpoint) else { return nil }
            match = found
        }
        let wishes = network.overlay.inspect.enumerated().filter { rule in
            rule.element.privateEndpoints.contains { topology.matches($0, endpoint) }
        }
        return Key(
            prefix: prefixes.longestMatch(address), stretch: ranges.stretch(of: address), isPrivate: address.isPrivate,
            kind: endpoint.targetKind, service: endpoint.target?.service, isApproved: endpoint.isApproved,
            groups: network.applicationGroups[endpoint.id] ?? [], names: match, wishes: wishes.map(\.offset))
    }
}
