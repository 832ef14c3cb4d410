package import FlowModel
package import Topology

/// What the correlator needs of an explanation, for a pair of addresses and a protocol.
package struct PathFacts: Sendable, Hashable {
    /// True where a firewall or inspecting appliance stands on the forward path; nil: cannot tell.
    package var inspected: Bool?
    /// True where the model lets the session reach a private endpoint. A path that the model drops, or leads elsewhere, is
    /// no bypass: bytes over it contradict the model, not the operator.
    package var reachesPrivateEndpoint: Bool
    package var symmetric: Bool?
    /// Firewalls on each path, in order: indexes into `Topology.firewalls`. Appliances are left out: none of the logs
    /// that are understood is an appliance's.
    package var forward: [Int32]
    package var back: [Int32]
    /// Number of the set of firewalls that the session crosses either way; -1: none.
    package var crossing: Int32
}

/// Explanations of pairs of addresses, each asked for once.
///
/// A cache and nothing else: what it answers depends on the topology alone. It forgets everything when it is full.
package struct PathCache: Sendable {
    private struct Key: Hashable {
        var source: IPAddress
        var destination: IPAddress
        var domain: Int32
        var ipProtocol: Int16
    }

    private let topology: Topology
    private let limit: Int
    private let firewallIndexes: [String: Int32]
    private var facts: [Key: PathFacts] = [:]
    private var crossingNumbers: [[Int32]: Int32] = [:]
    /// Sets of firewalls that sessions cross: sorted indexes into `Topology.firewalls`.
    package private(set) var crossings: [[Int32]] = []

    package init(topology: Topology, limit: Int) {
        self.topology = topology
        self.limit = limit
        var indexes: [String: Int32] = [:]
        for (index, firewall) in topology.firewalls.enumerated() { indexes[firewall.id] = Int32(index) }
        firewallIndexes = indexes
    }

    package func firewallIndex(_ id: String) -> Int32? { firewallIndexes[id] }

    package mutating func facts(
        from source: IPAddress, to destination: IPAddress, domain: Int32, ipProtocol: Int16
    ) -> PathFacts {
        let key = Key(source: source, destination: destination, domain: domain, ipProtocol: ipProtocol)
        if let known = facts[key] { return known }
        if facts.count >= limit { facts.removeAll(keepingCapacity: true) }
        let found = explain(key)
        facts[key] = found
        return found
    }

    package mutating func facts(of session: SessionKey) -> PathFacts {
        facts(
            from: session.client.routingAddress, to: session.server.routingAddress, domain: session.domain,
            ipProtocol: session.ipProtocol)
    }

    /// The whole explanation, for a finding's text.
    package func explanation(
        from source: IPAddress, to destination: IPAddress, domain: Int32, ipProtocol: Int16, port: Int? = nil
    ) -> Explanation {
        topology.explain(
            from: topology.place(source, domain: domain), to: topology.place(destination, domain: domain),
            ipProtocol: ipProtocol, port: port)
    }

    private mutating func explain(_ key: Key) -> PathFacts {
        let explanation = explanation(
            from: key.source, to: key.destination, domain: key.domain, ipProtocol: key.ipProtocol)
        let forward = explanation.forwardInspectors.compactMap { firewallIndexes[$0] }
        let back = explanation.backInspectors.compactMap { firewallIndexes[$0] }
        return PathFacts(
            inspected: explanation.inspected,
            reachesPrivateEndpoint: explanation.works != false && explanation.forward.last?.kind == .privateEndpoint,
            symmetric: explanation.symmetric, forward: forward, back: back,
            crossing: crossing(Set(forward + back).sorted()))
    }

    /// Number of a set of firewalls, sorted by index; -1 for none.
    package mutating func crossing(_ firewalls: [Int32]) -> Int32 {
        guard !firewalls.isEmpty else { return -1 }
        if let number = crossingNumbers[firewalls] { return number }
        let number = Int32(crossings.count)
        crossings.append(firewalls)
        crossingNumbers[firewalls] = number
        return number
    }
}

extension IPAddress {
    /// The address by which routes are looked up: public ones by their /24 or /48, so that the Internet's many
    /// addresses do not each cost an explanation. User routes to single public addresses are the price.
    package var routingAddress: IPAddress {
        isPrivate ? self : masked(to: isIPv4 ? 24 + 96 : 48)
    }
}
