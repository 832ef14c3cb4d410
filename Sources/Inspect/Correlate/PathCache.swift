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
    /// Firewalls on each path, in order, by number (`VersionFrame`).
    package var forward: [Int32]
    package var back: [Int32]
    /// Number of the set of firewalls that the session crosses either way; -1: none.
    package var crossing: Int32
}

/// Explanations of pairs of addresses, each asked for once of each version of the topology.
///
/// A cache and nothing else: what it answers depends on the topology alone. It forgets everything when it is full.
package struct PathCache: Sendable {
    private struct Key: Hashable {
        var source: IPAddress
        var destination: IPAddress
        var domain: Int32
        var ipProtocol: Int16
        var version: Int32

        /// Two words for IPv4, which is nearly all there is: it is asked for every flow of a log.
        func hash(into hasher: inout Hasher) {
            if source.isIPv4, destination.isIPv4 {
                hasher.combine(UInt64(source.ipv4Bits) << 32 | UInt64(destination.ipv4Bits))
            } else {
                hasher.combine(source)
                hasher.combine(destination)
            }
            hasher.combine(
                UInt64(UInt32(bitPattern: domain)) << 32 | UInt64(UInt16(bitPattern: ipProtocol)) << 16
                    | UInt64(UInt16(truncatingIfNeeded: version)))
        }
    }

    /// The version that is asked.
    package internal(set) var frame: VersionFrame
    private let limit: Int
    private var facts: [Key: PathFacts] = [:]
    private var crossingNumbers: [[Int32]: Int32] = [:]
    /// Sets of firewalls that sessions cross, each sorted by number; the same over versions.
    package private(set) var crossings: [[Int32]] = []

    package init(frame: VersionFrame, limit: Int) {
        self.frame = frame
        self.limit = limit
    }

    /// The number of a firewall of this version.
    package func firewallNumber(_ id: String) -> Int32? { frame.firewallNumber(id) }

    package mutating func facts(
        from source: IPAddress, to destination: IPAddress, domain: Int32, ipProtocol: Int16
    ) -> PathFacts {
        // Looked up before the frame is handed on: copying it costs more than the look-up.
        let key = Key(
            source: source, destination: destination, domain: domain, ipProtocol: ipProtocol, version: frame.serial)
        return facts[key] ?? find(key, in: frame)
    }

    /// The same, of any version.
    mutating func facts(
        from source: IPAddress, to destination: IPAddress, domain: Int32, ipProtocol: Int16, in frame: VersionFrame
    ) -> PathFacts {
        let key = Key(
            source: source, destination: destination, domain: domain, ipProtocol: ipProtocol, version: frame.serial)
        return facts[key] ?? find(key, in: frame)
    }

    private mutating func find(_ key: Key, in frame: VersionFrame) -> PathFacts {
        if facts.count >= limit { facts.removeAll(keepingCapacity: true) }
        let found = explain(key, in: frame)
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
        frame.explanation(from: source, to: destination, domain: domain, ipProtocol: ipProtocol, port: port)
    }

    private mutating func explain(_ key: Key, in frame: VersionFrame) -> PathFacts {
        let judgement = frame.topology.judge(
            from: frame.place(key.source, domain: key.domain), to: frame.place(key.destination, domain: key.domain),
            ipProtocol: key.ipProtocol)
        let forward = judgement.forwardInspectors.compactMap { frame.firewallNumber($0) }
        let back = judgement.backInspectors.compactMap { frame.firewallNumber($0) }
        return PathFacts(
            inspected: judgement.inspected, reachesPrivateEndpoint: judgement.reachesPrivateEndpoint,
            symmetric: judgement.symmetric, forward: forward, back: back,
            crossing: crossing(Set(forward + back).sorted()))
    }

    /// Number of a set of firewalls, sorted by number; -1 for none.
    package mutating func crossing(_ firewalls: [Int32]) -> Int32 {
        guard !firewalls.isEmpty else { return -1 }
        if let number = crossingNumbers[firewalls] { return number }
        let number = Int32(crossings.count)
        crossings.append(firewalls)
        crossingNumbers[firewalls] = number
        return number
    }
}

extension VersionFrame {
    /// What a session between two addresses of a domain does.
    func explanation(
        from source: IPAddress, to destination: IPAddress, domain: Int32, ipProtocol: Int16, port: Int? = nil
    ) -> Explanation {
        topology.explain(
            from: place(source, domain: domain), to: place(destination, domain: domain), ipProtocol: ipProtocol,
            port: port)
    }
}

extension IPAddress {
    /// The address by which routes are looked up: public ones by their /24 or /48, so that the Internet's many
    /// addresses do not each cost an explanation. User routes to single public addresses are the price.
    package var routingAddress: IPAddress {
        isPrivate ? self : masked(to: isIPv4 ? 24 + 96 : 48)
    }
}
