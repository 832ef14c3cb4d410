import FlowModel
import Store
import Tail

/// Reads drops into the database, a batch at a time: rows and checkpoint in one transaction.
///
/// One thread's.
final class Loader {
    /// What was read and stored, for people and for `replay --json`.
    struct Counts {
        var records: Int64 = 0
        var repeatedRecords: Int64 = 0
        var flows: Int64 = 0
        var metrics: Int64 = 0
        var deadLetters: Int64 = 0
        var deadLettersByReason: [String: Int64] = [:]
    }

    /// What one turn has done; whatever was read is stored.
    struct Step {
        enum Progress { case more, caughtUp, vanished }

        var progress: Progress
        /// Rows whose commit is done; nil where nothing new was read.
        var sightings: SightingBatch?
    }

    private let store: Store
    private let shelf: TopologyShelf
    private(set) var counts = Counts()
    /// Up to where findings are decided already: rows before it are stored and not judged again.
    private let judgedUntil: EventTime?
    private(set) var rowsBeforeJudged: Int64 = 0

    init(store: Store, shelf: TopologyShelf, judgedUntil: EventTime? = nil) {
        self.store = store
        self.judgedUntil = judgedUntil
        self.shelf = shelf
    }

    /// Reads one batch of a drop and commits it.
    func step(_ reader: DropReader) throws -> Step {
        var batch = FlowBatch()
        switch try reader.read(into: &batch, lineages: store) {
        case .batch(let advance): return Step(progress: .more, sightings: try commit(batch, advance, of: reader))
        case .caughtUp(let advance): return Step(progress: .caughtUp, sightings: try commit(batch, advance, of: reader))
        case .unidentified: return Step(progress: .caughtUp, sightings: try commit(batch, nil, of: reader))
        // Each batch is committed before the next drop is read: no other reader's commit is awaited here, but a later turn
        // answers all the same.
        case .held: return Step(progress: .more)
        case .vanished: return Step(progress: .vanished)
        }
    }

    /// Takes the end of the file for the end of the drop: what is unfinished becomes a dead letter.
    func finish(_ reader: DropReader) throws {
        var batch = FlowBatch()
        let advance = reader.finish(into: &batch)
        _ = try commit(batch, advance, of: reader)
    }

    private func commit(_ batch: FlowBatch, _ advance: LineageAdvance?, of reader: DropReader) throws -> SightingBatch?
    {
        counts.records += Int64(batch.records.count) + batch.repeatedRecords
        counts.repeatedRecords += batch.repeatedRecords
        guard advance != nil || !batch.isEmpty else { return nil }
        let sightings = try shelf.locate(batch)
        let receipt = try store.commit(Load(sightings: sightings, advances: advance.map { [$0] } ?? []))
        if let lineage = receipt.lineages.first { reader.committed(lineage: lineage) }
        if let judgedUntil { rowsBeforeJudged += Int64(sightings.flows.rows.count { $0.time < judgedUntil }) }
        counts.flows += Int64(receipt.flows)
        counts.metrics += Int64(receipt.metrics)
        counts.deadLetters += Int64(receipt.deadLetters)
        for (reason, count) in receipt.deadLettersByReason {
            counts.deadLettersByReason[reason.rawValue, default: 0] += Int64(count)
        }
        return sightings
    }
}
