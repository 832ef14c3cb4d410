import Detect
import FlowModel
import Ledger
import Locate
import Store
import Topology

/// Holds the inspector and writes what it decides: sightings in, findings and alerts in the database.
///
/// One thread's. After a database error it is thrown away and made anew: the rows and the ledger are the state, this is
/// a cache of their last window.
final class Judge {
    private let store: Store
    private let ledger: Ledger
    private let topology: Topology
    private let locator: Locator
    private let receivers: [String]
    private var inspector: Inspector
    /// True where the rows may hold sightings that the inspector lacks.
    private var mustRebuild = true

    private(set) var opened = 0
    private(set) var resolved = 0

    /// Sightings that may wait in memory for a tick; past it they are given up and read back from the rows.
    static let pendingLimit = 400_000
    private static let rowsPerBatch = 20_000

    /// - Parameters:
    ///   - store: reads the rows back.
    ///   - ledger: on another connection than the store's, which is busy while rows come back and ticks are decided.
    init(store: Store, ledger: Ledger, topology: Topology, receivers: [String]) throws {
        self.store = store
        self.ledger = ledger
        self.topology = topology
        self.receivers = receivers
        locator = Locator(topology.placement)
        inspector = Inspector(topology: topology, open: [], evaluatedUntil: nil)
    }

    /// Sightings that no tick has covered yet.
    var undecided: Int64 { inspector.undecided }

    /// The largest event time that is known, of the rows where they have not been read back yet.
    func newest() throws -> EventTime? { mustRebuild ? try store.latestEventTime() : inspector.newest }

    /// Takes sightings whose rows are committed. Too many at once are left to `evaluate`, which reads them back.
    func observe(_ batch: SightingBatch) {
        guard !mustRebuild else { return }
        inspector.observe(batch)
        if inspector.pendingSightings > Judge.pendingLimit { mustRebuild = true }
    }

    /// Decides every tick that is due.
    ///
    /// - Parameter limit: the newest event time that may move the watermark; nil where no drop has more to read.
    /// - Returns: true where something was decided.
    @discardableResult
    func evaluate(newest limit: EventTime? = nil) throws -> Bool {
        if mustRebuild { try rebuild(newest: limit) }
        return try decide(newest: limit)
    }

    /// Reads the window back from the rows, in the order of event time, and decides on the way: however much lies
    /// there, memory holds one window of it.
    private func rebuild(newest limit: EventTime?) throws {
        let evaluatedUntil = try ledger.evaluatedUntil()
        inspector = Inspector(
            topology: topology, open: try findings(until: evaluatedUntil), evaluatedUntil: evaluatedUntil)
        let from = evaluatedUntil?.advanced(seconds: -inspector.windowSeconds) ?? .earliest
        try store.flows(from: from, to: nil, limit: Judge.rowsPerBatch) { flows in
            inspector.observe(locator.locate(flows))
            try decide(newest: limit)
        }
        mustRebuild = false
    }

    /// The findings that may still change: those that are not resolved, and those that were resolved so lately that
    /// opening again would be flapping.
    private func findings(until evaluatedUntil: EventTime?) throws -> [Finding] {
        let earliest = evaluatedUntil?.advanced(seconds: -3_600) ?? .earliest
        return try ledger.findings().filter { finding in finding.resolvedAt.map { $0 >= earliest } ?? true }
    }

    @discardableResult
    private func decide(newest limit: EventTime?) throws -> Bool {
        guard let evaluation = inspector.evaluate(newest: limit) else { return false }
        try ledger.record(evaluation, receivers: receivers)
        opened += evaluation.changes.count { $0.kind == .opened }
        resolved += evaluation.changes.count { $0.kind == .resolved }
        return true
    }
}
