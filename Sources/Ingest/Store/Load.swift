package import FlowModel

/// What one commit stores: located rows, and how far they carry their lineages.
package struct Load: Sendable {
    package var sightings: SightingBatch
    package var advances: [LineageAdvance]

    package init(sightings: SightingBatch, advances: [LineageAdvance]) {
        self.sightings = sightings
        self.advances = advances
    }
}

/// What one commit has stored.
package struct CommitReceipt: Sendable, Hashable {
    /// The id of the transaction; later commits have larger ones.
    package var batch: Int64
    /// The lineage of each advance, in the order of `Load.advances`.
    package var lineages: [Int64]
    /// Rows stored.
    package var flows: Int
    /// Metric points stored.
    package var metrics: Int
    /// Dead letters stored now: of the load's own those that were not stored before, and those of rows that Store
    /// refused.
    package var deadLetters: Int
    /// The same by reason.
    package var deadLettersByReason: [DeadLetterReason: Int]

    package init(
        batch: Int64, lineages: [Int64], flows: Int, metrics: Int, deadLettersByReason: [DeadLetterReason: Int]
    ) {
        self.batch = batch
        self.lineages = lineages
        self.flows = flows
        self.metrics = metrics
        self.deadLettersByReason = deadLettersByReason
        deadLetters = deadLettersByReason.values.reduce(0, +)
    }
}
