package import FlowModel

/// All that the correlator holds of one minute of event time.
package struct Minute: Sendable {
    /// The best log of an observer: the rows of every other one are told again.
    package struct Cover: Sendable, Hashable {
        package var rank: SourceRank
        package var log: Int32
    }

    /// Flow records and metric points of this minute, whatever became of them.
    package var sightings: Int64 = 0
    /// Observer → the best flow log that holds a row of it.
    package var covered: [Int32: Cover] = [:]
    /// Flow logs that hold a row, by number.
    package var logs: Set<Int32> = []
    /// Firewalls whose network-rule log holds a row: those can show an opening. By number (`VersionFrame`).
    package var speakingFirewalls: Set<Int32> = []
    /// Firewalls whose structured log holds a row: their legacy rows are told again.
    package var structuredFirewalls: Set<Int32> = []
    /// Firewall → bytes of `DataProcessed`.
    package var processed: [Int32: Int64] = [:]
    package var flows: BoundedTable<FlowKey, FlowMinute>
    /// Set of firewalls → rows with many bytes.
    package var flowEvidence: [Int32: EvidenceSample] = [:]
    package var pairs: [PairSubject: PairMinute] = [:]
    package var directions: [DirectionSubject: DirectionMinute] = [:]

    package init(_ settings: CorrelateSettings) {
        flows = BoundedTable(limit: settings.flowsPerMinute)
    }

    mutating func settle() {
        flows.settle()
        for subject in pairs.keys { pairs[subject]?.settle() }
        for subject in directions.keys { directions[subject]?.settle() }
    }

    /// Whether a flow log's row of this minute counts at all: no better log tells it.
    package func counts(log: Int32, observer: Int32) -> Bool {
        observer < 0 || covered[observer].map { $0.log == log } ?? true
    }

    /// Whether a firewall's row counts: its structured log does not tell it again.
    package func counts(firewall: Int32, rank: SourceRank) -> Bool {
        rank != .firewallLegacy || !structuredFirewalls.contains(firewall)
    }
}
