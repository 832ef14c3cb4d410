import Correlate
import Detect
import FlowModel
import Ledger
import Runtime
import Store
import Topology

/// Holds the inspector and writes what it decides: sightings in, findings and alerts in the database.
///
/// One thread's. After a database error it is thrown away and made anew: the rows and the ledger are the state, this is
/// a cache of their last window.
final class Judge {
    private let store: Store
    private let ledger: Ledger
    private let shelf: TopologyShelf
    private let receivers: [String]
    private var inspector: Inspector
    /// True where the rows may hold sightings that the inspector lacks.
    private var mustRebuild = true

    private let stop: StopSignal
    private(set) var opened = 0
    private(set) var resolved = 0

    /// Sightings past the lateness that may wait in memory for a tick (a backlog); more are given up and read back from
    /// the rows.
    private static let pendingLimit = 400_000
    private static let rowsPerBatch = 20_000

    /// - Parameters:
    ///   - store: reads the rows back.
    ///   - ledger: on another connection than the store's, which is busy while rows come back and ticks are decided.
    ///   - shelf: on the ledger's connection, or one of its own, for the same reason.
    init(store: Store, ledger: Ledger, shelf: TopologyShelf, receivers: [String], stop: StopSignal) throws {
        self.store = store
        self.ledger = ledger
        self.shelf = shelf
        self.receivers = receivers
        self.stop = stop
        inspector = Inspector(versions: try shelf.versions(at: .earliest), open: [], evaluatedUntil: nil)
    }

    /// Sightings that came too late for any tick.
    var late: Int64 { inspector.lateSightings }
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

    /// The versions of the topology that judge what is in memory.
    var versions: TopologyVersions { inspector.versions }

    /// Takes a version of the topology that the shelf has taken: all event time from its beginning on is judged by it.
    ///
    /// - Parameter ready: the versions with the new one, where they were made of `versions` beforehand.
    func take(_ validity: TopologyTimeline.Validity, _ topology: Topology, ready: TopologyDesk.Ready?) {
        guard !mustRebuild else { return }
        guard inspector.admitsVersion(from: validity.firstMinute) else {
            mustRebuild = true
            return
        }
        inspector.take(
            ready?.versions ?? inspector.versions.appending(topology, from: validity.firstMinute),
            prepared: ready?.paths)
    }

    /// The paths that are remembered.
    var paths: PathCache { inspector.paths }

    /// Versions of the topology that judge nothing any more.
    func forgottenVersions() -> [VersionFrame] { inspector.forgottenVersions() }

    /// Decides every tick that is due.
    ///
    /// - Parameter limit: the newest event time that may move the watermark; nil where no drop has more to read.
    /// - Returns: true where something was decided.
    @discardableResult
    func evaluate(newest limit: EventTime? = nil) throws -> Bool {
        guard mustRebuild else { return try decide(newest: limit) }
        // A limit that lies far behind the rows would let them pile up here; the next round's lies nearer.
        if let limit, let newest = try newest(), limit.advanced(seconds: inspector.windowSeconds) < newest {
            return false
        }
        return try rebuild(newest: limit)
    }

    /// Reads the window back from the rows, in the order of event time, and decides on the way: however much lies
    /// there, memory holds one window of it.
    private func rebuild(newest limit: EventTime?) throws -> Bool {
        var hasDecided = false
        let evaluatedUntil = try ledger.evaluatedUntil()
        let from = evaluatedUntil?.advanced(seconds: -inspector.windowSeconds) ?? .earliest
        inspector = Inspector(
            versions: try shelf.versions(at: from), open: try findings(until: evaluatedUntil),
            evaluatedUntil: evaluatedUntil)
        try store.flows(from: from, to: nil, limit: Judge.rowsPerBatch) { flows in
            if let first = flows.times?.lowerBound, let last = flows.times?.upperBound {
                try takeVersions(until: last, from: first)
            }
            inspector.observe(try shelf.locate(flows))
            if try decide(newest: limit) { hasDecided = true }
        }
        // What comes next is the newest, and of the version that is valid now.
        try takeVersions(until: EventTime(microseconds: .max), from: inspector.newest ?? .earliest)
        mustRebuild = false
        return try decide(newest: limit) || hasDecided
    }

    /// Takes the versions that begin up to a time, as rows reach them; those that ended a window before are left out.
    private func takeVersions(until last: EventTime, from first: EventTime) throws {
        inspector.take(
            try shelf.versions(
                inspector.versions, until: last, from: first.advanced(seconds: -inspector.windowSeconds)))
    }

    /// The findings that may still change: those that are not resolved, and those that were resolved so lately that
    /// opening again would be flapping.
    private func findings(until evaluatedUntil: EventTime?) throws -> [Finding] {
        let earliest = evaluatedUntil?.advanced(seconds: -DetectSettings().flappingSeconds) ?? .earliest
        return try ledger.findings().filter { finding in finding.resolvedAt.map { $0 >= earliest } ?? true }
    }

    private func decide(newest limit: EventTime?) throws -> Bool {
        var hasDecided = false
        while !stop.isFired, let evaluation = inspector.evaluate(newest: limit) {
            let receipt = try ledger.record(evaluation, receivers: receivers)
            guard receipt.recorded else {
                // Somebody else, a replay, has judged further meanwhile: what we believe is not what is written.
                mustRebuild = true
                return hasDecided
            }
            hasDecided = true
            opened += evaluation.changes.count { $0.kind == .opened }
            resolved += evaluation.changes.count { $0.kind == .resolved }
        }
        return hasDecided
    }
}

extension FlowBatch {
    /// The earliest and the latest event time of rows and metric points; nil where there are none.
    fileprivate var times: ClosedRange<EventTime>? {
        var first = EventTime(microseconds: .max)
        var last = EventTime(microseconds: .min)
        for row in rows { (first, last) = (min(first, row.time), max(last, row.time)) }
        for point in metrics { (first, last) = (min(first, point.time), max(last, point.time)) }
        return first <= last ? first...last : nil
    }
}
