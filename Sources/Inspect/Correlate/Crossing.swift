package import FlowModel

/// Who opens to whom, where the routes say that the answer takes another way: numbers of the name table.
package struct DirectionSubject: Hashable, Sendable {
    /// Subnet id or on-premises prefix of the opener, and of the answering machine.
    package var from: Int32
    package var to: Int32

    package init(from: Int32, to: Int32) {
        self.from = from
        self.to = to
    }
}

/// A session at one firewall.
package struct FirewallSession: Hashable, Sendable {
    package var session: SessionKey
    /// Number of the firewall (`VersionFrame`).
    package var firewall: Int32
}

extension FirewallSession: RankedKey {
    package var rank: UInt64 { session.rank }
    package var folded: FirewallSession? { nil }
}

/// When rows of a session stood in a firewall's log.
package struct SeenSpan: Mergeable {
    package var first: EventTime
    package var last: EventTime
    package var records: Int64 = 1
    /// Earliest row whose flag names a SYN-ACK: an answer beyond doubt. A bare `INVALID` may be any packet, of either side.
    package var answer: EventTime?

    package mutating func merge(_ other: SeenSpan) {
        answer = earlier(answer, other.answer)
        first = min(first, other.first)
        last = max(last, other.last)
        records += other.records
    }
}

/// All that one minute holds of a direction whose way back differs.
package struct DirectionMinute: Sendable {
    /// At the answering machine's flow log.
    package var answered: BoundedTable<SessionKey, SessionCounts>
    /// Opening rows at firewalls, whatever was done with them.
    package var openings: BoundedTable<FirewallSession, SeenSpan>
    /// Answers without state in a firewall's flow trace.
    package var strays: BoundedTable<FirewallSession, SeenSpan>
    /// Samples of rows by session, so that only rows of sessions that were judged are shown.
    package var evidence: EvidenceSample
    package var strayEvidence: EvidenceSample

    package init(_ settings: CorrelateSettings) {
        answered = BoundedTable(limit: settings.sessionsPerMinute)
        openings = BoundedTable(limit: settings.sessionsPerMinute)
        strays = BoundedTable(limit: settings.sessionsPerMinute)
        evidence = EvidenceSample(limit: settings.evidencePerMinute)
        strayEvidence = EvidenceSample(limit: settings.evidencePerMinute)
    }

    mutating func settle() {
        answered.settle()
        openings.settle()
        strays.settle()
    }
}
