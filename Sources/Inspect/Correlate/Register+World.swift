import FlowModel

/// What of a minute's aggregates is still evidence: a change of the topology makes two worlds of one window.
extension Register {
    /// A pair's minute without the clients and sessions whose paths have changed since.
    mutating func ofThisWorld(_ pair: PairMinute, of minute: Int64) -> PairMinute {
        guard hasChanged(since: minute) else { return pair }
        var kept = pair
        kept.probes = pair.probes.filter { isOfThisWorld($0, minute) }
        kept.firewallTCP = pair.firewallTCP.filter { isOfThisWorld($0, minute) }
        kept.clientTCP = pair.clientTCP.filter { isOfThisWorld($0, minute) }
        kept.sessions = pair.sessions.filter { isOfThisWorld($0, minute) }
        kept.reached = pair.reached.filter { isOfThisWorld($0.session, minute) }
        guard kept.size < pair.size else { return pair }
        // A row of the evidence names no domain: it stays where its client has anything left.
        let clients = Set(kept.probes.entries.keys.map(\.address) + kept.clientTCP.entries.keys.map(\.address))
        for (kind, sample) in pair.evidence {
            kept.evidence[kind] = sample.filter { clients.contains($0.sourceAddress) }
        }
        return kept
    }

    /// A direction's minute without the sessions whose paths have changed since. Its evidence is shown of sessions that
    /// were judged alone.
    mutating func ofThisWorld(_ direction: DirectionMinute, of minute: Int64) -> DirectionMinute {
        guard hasChanged(since: minute) else { return direction }
        var kept = direction
        kept.answered = direction.answered.filter { isOfThisWorld($0, minute) }
        kept.openings = direction.openings.filter { isOfThisWorld($0.session, minute) }
        kept.strays = direction.strays.filter { isOfThisWorld($0.session, minute) }
        return kept
    }

    private mutating func isOfThisWorld(_ client: PairClient, _ minute: Int64) -> Bool {
        isOfThisWorld(client: client.address, server: client.server, domain: client.domain, minute: minute)
    }

    private mutating func isOfThisWorld(_ session: SessionKey, _ minute: Int64) -> Bool {
        isOfThisWorld(client: session.client, server: session.server, domain: session.domain, minute: minute)
    }
}

extension PairMinute {
    /// Keys that are told apart.
    fileprivate var size: Int {
        probes.entries.count + firewallTCP.entries.count + clientTCP.entries.count + sessions.entries.count
            + reached.entries.count
    }
}
