package import FlowModel

/// A private endpoint seen from one client subnet: numbers of the name table.
package struct PairSubject: Hashable, Sendable {
    /// Lower-cased id of the private endpoint.
    package var privateEndpoint: Int32
    /// Lower-cased id of the subnet, or the on-premises prefix.
    package var clientSubnet: Int32

    package init(privateEndpoint: Int32, clientSubnet: Int32) {
        self.privateEndpoint = privateEndpoint
        self.clientSubnet = clientSubnet
    }
}

/// One client of a subject, one protocol, as one log tells it.
package struct PairClient: Hashable, Sendable {
    package var address: IPAddress
    package var server: IPAddress
    package var domain: Int32
    package var ipProtocol: Int16
    /// Number of the firewall (`VersionFrame`); -1 for a flow log.
    package var firewall: Int32
    /// Number of the flow log; -1 for a firewall.
    package var log: Int32
    /// The observer that logged (flow logs), and the one behind the client; -1 unknown.
    package var observer: Int32
    package var clientObserver: Int32
    package var sourceRank: SourceRank
}

extension PairClient: RankedKey {
    package var rank: UInt64 {
        var mixer = Mixer()
        mixer.mix(address.upper)
        mixer.mix(address.lower)
        return mixer.value
    }

    package var folded: PairClient? {
        var folded = self
        folded.address = .none
        folded.clientObserver = -1
        return folded
    }
}

/// Rows of a client in one minute.
package struct PairCounts: Mergeable {
    package var first: EventTime
    package var last: EventTime
    package var records: Int64 = 1
    /// Sessions that began: `begin` rows at a flow log, every row at a firewall.
    package var begins: Int64
    package var bytesSent: Int64
    package var bytesReceived: Int64

    package mutating func merge(_ other: PairCounts) {
        first = min(first, other.first)
        last = max(last, other.last)
        records += other.records
        begins += other.begins
        bytesSent = saturatingSum(bytesSent, other.bytesSent)
        bytesReceived = saturatingSum(bytesReceived, other.bytesReceived)
    }
}

/// All that one minute holds of a subject.
package struct PairMinute: Sendable {
    /// ICMP and UDP at firewalls.
    package var probes: BoundedTable<PairClient, PairCounts>
    /// TCP at firewalls, whatever was done with it.
    package var firewallTCP: BoundedTable<PairClient, PairCounts>
    /// TCP at the client's flow log.
    package var clientTCP: BoundedTable<PairClient, PairCounts>
    package var sessions: BoundedTable<SessionKey, SessionCounts>
    /// TCP openings that a firewall lets pass.
    package var reached: BoundedTable<FirewallSession, SeenSpan>
    /// The latest row of a client that shows something received.
    package var answered: EventTime?
    /// A client's row counts what was sent, and nothing received.
    package var hasUnanswered = false
    package var evidence: [PairEvidence: EvidenceSample] = [:]
    /// The overlay wants TCP of one of these clients inspected.
    package var isWanted = false

    package init(_ settings: CorrelateSettings) {
        probes = BoundedTable(limit: settings.clientsPerMinute)
        firewallTCP = BoundedTable(limit: settings.clientsPerMinute)
        clientTCP = BoundedTable(limit: settings.clientsPerMinute)
        sessions = BoundedTable(limit: settings.sessionsPerMinute)
        reached = BoundedTable(limit: settings.sessionsPerMinute)
    }

    /// What a client's row says of answers.
    mutating func note(_ counts: SessionCounts) {
        if let time = counts.answered {
            answered = max(answered ?? time, time)
        } else if counts.packetsSent > 0 {
            hasUnanswered = true
        }
    }

    mutating func sample(_ row: EvidenceRow, as kind: PairEvidence, limit: Int) {
        evidence[kind, default: EvidenceSample(limit: limit)].insert(row)
    }

    mutating func settle() {
        probes.settle()
        firewallTCP.settle()
        clientTCP.settle()
        sessions.settle()
        reached.settle()
    }
}

/// The kinds of rows that a pair window keeps as evidence, each with a sample of its own: none crowds out another.
package enum PairEvidence: UInt8, Sendable, CaseIterable {
    case icmp, udp, clientTCP, firewallTCP

    /// The kind of a firewall's row of this protocol; nil for TCP and for what nobody probes with.
    package static func probe(_ ipProtocol: Int16) -> PairEvidence? {
        switch ipProtocol {
        case IPProtocol.icmp, IPProtocol.icmpV6: return .icmp
        case IPProtocol.udp: return .udp
        default: return nil
        }
    }
}
