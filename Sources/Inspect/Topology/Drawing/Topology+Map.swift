internal import FlowModel

extension Topology {
    /// The map of everything that was understood.
    package func map() -> TopologyMap { map(named: [:]) }

    /// The same, with the way of a session that `from` opens to `to`, as `explain` tells it.
    package func map(from: Place, to: Place, ipProtocol: Int16, port: Int?) -> TopologyMap {
        let explanation = explain(from: from, to: to, ipProtocol: ipProtocol, port: port)
        let destination = destination(to, from: from)
        let hops = (explanation.forward + explanation.back).compactMap { hop in hop.id.map { ($0, hop.name) } }
        var map = map(named: Dictionary(hops) { first, _ in first })
        let domain = from.domain < 0 ? destination.domain : from.domain
        let locator = HopLocator(topology: self, places: [from, destination], domain: domain)
        map.way = TopologyMap.Way(
            explanation: explanation, port: port, forward: locator.stations(explanation.forward),
            back: locator.stations(explanation.back), domain: Int(domain))
        return map
    }

    private func map(named: [String: String]) -> TopologyMap {
        var map = TopologyMapBuilder(network: network, named: named).map()
        map.problems = problems
        let names = ProblemNames(problems, in: network)
        map.problemNames = Dictionary(
            problems.map { ($0.resource, names.name(of: $0.resource)) }
        ) { first, _ in first }
        map.notUnderstood = notUnderstood
        map.version = version
        return map
    }
}

/// Says where on the map a hop stands.
struct HopLocator {
    let topology: Topology
    /// Both ends of the session.
    let places: [Place]
    let domain: Int32

    func stations(_ hops: [Hop]) -> [TopologyMap.Station] {
        hops.map { TopologyMap.Station(hop: $0, spot: $0.kind == .drop ? nil : spot(of: $0)) }
    }

    private func spot(of hop: Hop) -> TopologyMap.Spot {
        if let id = hop.id, let spot = spot(ofID: id) { return spot }
        switch hop.kind {
        case .onPremises: return .site("\(domain)/\(hop.name)")
        case .internet: return .outside("Internet")
        default: break
        }
        if let address = hop.address.flatMap({ IPAddress($0) }), let subnet = subnet(of: address) {
            return .subnet(subnet)
        }
        return .outside(hop.name)
    }

    private func spot(ofID id: String) -> TopologyMap.Spot? {
        let network = topology.network
        if network.subnets[id] != nil { return .subnet(id) }
        if network.vnets[id] != nil { return .vnet(id) }
        guard let subnet = subnet(ofThing: id), network.subnets[subnet] != nil else { return nil }
        // What is a part of a device is drawn as the device.
        return network.interfaces[id] != nil && network.appliances[id] == nil
            ? (isPart(id) ? .subnet(subnet) : .thing(id)) : .thing(id)
    }

    private func isPart(_ interface: String) -> Bool {
        topology.network.interfaces[interface]?.privateEndpoint != nil
            || topology.network.appliances.values.contains { $0.interfaces.contains { $0.id == interface } }
    }

    private func subnet(ofThing id: String) -> String? {
        let network = topology.network
        return network.appliances[id]?.subnet ?? network.privateEndpoints[id]?.subnet ?? network.gateways[id]?.subnet
            ?? network.interfaces[id]?.subnet ?? network.loadBalancers[id]?.subnet
    }

    private func subnet(of address: IPAddress) -> String? {
        if let place = places.first(where: { $0.address == address }), let subnet = place.endpoint.subnet {
            return topology.network.subnets[subnet] == nil ? nil : subnet
        }
        return topology.place(address, domain: domain).endpoint.subnet.flatMap {
            topology.network.subnets[$0] == nil ? nil : $0
        }
    }
}
