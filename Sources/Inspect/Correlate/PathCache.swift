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
    fileprivate struct Key: Hashable {
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
    /// What was asked of a version beforehand; looked at where `facts` lacks a key.
    private var prepared: [Key: PathFacts] = [:]
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
        var found = prepared[key] ?? key.explain(in: frame)
        found.crossing = crossing(Set(found.forward + found.back).sorted())
        facts[key] = found
        return found
    }

    /// The answers of a newer version to all that this cache knows of one: what its rows will ask first. Takes some
    /// microseconds for each: for another thread than the one that reads the rows.
    package func prepared(for newer: VersionFrame, asBy known: VersionFrame) -> PreparedPaths {
        var prepared = PreparedPaths()
        for key in facts.keys where key.version == known.serial {
            var next = key
            next.version = newer.serial
            prepared.facts[next] = next.explain(in: newer)
        }
        return prepared
    }

    /// Takes answers that were prepared, in place of those before; they do not count against the limit.
    mutating func take(_ paths: PreparedPaths) { prepared = paths.facts }

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

/// Paths that were asked of a version before its rows came. Of the versions that they were made of, and of no others.
package struct PreparedPaths: Sendable {
    /// Their crossings have no numbers yet: those are the cache's.
    fileprivate var facts: [PathCache.Key: PathFacts] = [:]

    package var count: Int { facts.count }
}

extension PathCache.Key {
    /// What its version, `frame`, answers; the crossing is not numbered.
    fileprivate func explain(in frame: VersionFrame) -> PathFacts {
        let judgement = frame.topology.judge(
            from: frame.place(source, domain: domain), to: frame.place(destination, domain: domain),
            ipProtocol: ipProtocol)
        return PathFacts(
            inspected: judgement.inspected, reachesPrivateEndpoint: judgement.reachesPrivateEndpoint,
            symmetric: judgement.symmetric,
            forward: judgement.forwardInspectors.compactMap { frame.firewallNumber($0) },
            back: judgement.backInspectors.compactMap { frame.firewallNumber($0) }, crossing: -1)
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
