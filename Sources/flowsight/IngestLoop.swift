import Correlate
import FlowModel
import Ledger
import Logging
import Postgres
import Runtime
import Store
import Tail
import Topology

/// What the ingest thread works with.
struct Ingest: Sendable {
    let configuration: Configuration
    let database: Database
    /// Where the topology of the files lies, and newer ones as they are read.
    let topologies: TopologyDesk
    let stop: StopSignal
    let log: Logger
    /// Called on the ingest thread when findings may have changed.
    let onDecision: @Sendable () -> Void
}

/// Tails the drop folders, stores what they bring, and judges between two rounds of reading. One thread's.
///
/// While the database is away, reading stops: the drops themselves are the buffer. Every database error leads back to new
/// connections, with backoff, and is logged once a state. Folders, readers and the window are then made anew, too: what
/// was committed last may be gone with the server, so every drop is identified again by what is stored.
final class IngestLoop {
    private let ingest: Ingest
    private let stop: StopSignal
    private let log: Logger
    private var backoff = Backoff(
        first: .milliseconds(200), limit: .seconds(10),
        generator: SplitMix64(seed: UInt64(truncatingIfNeeded: SystemClock().microseconds)))
    private var isDown = false
    private var lateTold: Int64 = 0
    private static let lookEvery = Duration.seconds(1)

    init(_ ingest: Ingest) {
        self.ingest = ingest
        stop = ingest.stop
        log = ingest.log
    }

    func run() {
        while !stop.isFired {
            do {
                try work()
            } catch {
                guard !stop.isFired else { return }
                if !isDown { log.warning("database error; reading waits", metadata: ["error": "\(error)"]) }
                isDown = true
                stop.wait(until: .after(backoff.next()))
            }
        }
    }

    /// Works on one pair of connections until it breaks or the daemon stops.
    private func work() throws {
        let connection = try ingest.database.connect(stop: stop)
        defer { connection.close() }
        let ledgerConnection = try ingest.database.connect(stop: stop)
        defer { ledgerConnection.close() }
        let store = Store(connection: connection, deadline: Database.patience)
        let shelf = try TopologyShelf(
            ingest.topologies.current, in: TopologyStore(connection: ledgerConnection, deadline: Database.patience))
        ingest.topologies.stored()
        let judge = try Judge(
            store: store, ledger: Ledger(connection: ledgerConnection), shelf: shelf,
            receivers: ingest.configuration.receivers.map(\.name), stop: stop)
        let loader = Loader(store: store, shelf: shelf)
        var intake = Intake(folders: ingest.configuration.drops)
        var round: ReadingRound?
        while !stop.isFired {
            takeTopology(shelf, judge)
            let isIdle = try intake.queue.isEmpty && round?.newest == newest(judge)
            for notice in intake.look(until: .after(isIdle ? IngestLoop.lookEvery : .zero), stop: stop) {
                log.warning("\(notice)")
            }
            if intake.watcher.isCaughtUp, round?.isComplete ?? true {
                if let newest = round?.newest { try evaluate(judge, newest: newest) }
                round = ReadingRound(drops: intake.queue.waiting, newest: try newest(judge))
            }
            guard let turn = intake.queue.next() else { continue }
            if try read(turn, &intake, with: loader, judge: judge) == .done { round?.finish(turn.path) }
            settle()
        }
    }

    /// Takes the topology that was read and stored meanwhile, if one was. Reading, building and comparing were done by
    /// another thread: this takes no longer however large the topology is.
    private func takeTopology(_ shelf: TopologyShelf, _ judge: Judge) {
        ingest.topologies.lend(judge.versions, disposing: judge.forgottenVersions())
        ingest.topologies.lend { judge.paths }
        guard let update = ingest.topologies.take() else { return }
        let waste = shelf.take(update.topology, update.timeline)
        // The versions so far may be another copy than the one that was lent: freed here, its names would take 50 ms.
        let old = judge.versions
        defer { ingest.topologies.lend(judge.versions, disposing: waste + [old]) }
        guard let validity = update.timeline.validities.last else { return }
        let begin = ContinuousClock.now
        judge.take(validity, update.topology, ready: update.ready)
        log.debug(
            "topology taken",
            metadata: [
                "topology.version": "\(validity.version)", "topology.pause": "\(ContinuousClock.now - begin)",
                "topology.prepared_paths": "\(update.ready?.paths.map { "\($0.count)" } ?? "none")",
            ])
    }

    /// The newest event that may move the watermark: a source whose clock is fast must not carry the others' ticks away.
    private func newest(_ judge: Judge) throws -> EventTime? {
        let now = EventTime(microseconds: SystemClock().microseconds)
        return try judge.newest().map { min($0, now) }
    }

    private func evaluate(_ judge: Judge, newest: EventTime) throws {
        if try judge.evaluate(newest: newest) { ingest.onDecision() }
        if judge.late > lateTold {
            log.warning(
                "rows came too late to be judged; they are stored",
                metadata: ["late.rows": "\(judge.late - lateTold)"])
        }
        lateTold = judge.late
        settle()
    }

    /// Something has worked: the database is there.
    private func settle() {
        if isDown { log.notice("database is back") }
        isDown = false
        backoff.reset()
    }

    private enum Progress { case more, done }

    private func read(
        _ turn: DropQueue.Turn, _ intake: inout Intake, with loader: Loader, judge: Judge
    ) throws -> Progress {
        let reader = intake.readers.reader(of: turn.path)
        defer { intake.readers.trim() }
        do {
            let step = try loader.step(reader)
            if let sightings = step.sightings { judge.observe(sightings) }
            switch step.progress {
            case .more: return intake.queue.add(turn.path, isLive: turn.isLive) ? .more : .done
            case .caughtUp: return .done
            case .vanished: intake.readers.remove(turn.path)
            }
        } catch let error as StoreError where error.code == .staleReader {
            // Another drop of the same lineage, or another daemon, has moved it on: look again at what is stored.
            reader.rewind()
            return intake.queue.add(turn.path, isLive: turn.isLive) ? .more : .done
        } catch let error as TailError where error.underlying == nil {
            // This drop alone cannot be read: it is left until it changes, the others go on.
            log.error("drop cannot be read", metadata: ["drop.path": "\(turn.path)", "error": "\(error)"])
            intake.readers.remove(turn.path)
        }
        return .done
    }
}

/// The folders, and which of their drops is read next.
private struct Intake {
    let watcher: FolderWatcher
    var queue = DropQueue()
    let readers = ReaderShelf(clock: SystemClock())

    init(folders: [DropFolder]) { watcher = FolderWatcher(folders: folders, clock: SystemClock()) }

    /// Takes what has changed since the last look; what the operator should know comes back.
    mutating func look(until deadline: Deadline, stop: StopSignal) -> [WatchNotice] {
        let report = watcher.changes(
            liveLimit: queue.liveRoom, backlogLimit: queue.backlogRoom, until: deadline, stop: stop)
        for change in report.changes {
            switch change.kind {
            case .present: queue.add(change.path, isLive: change.isLive)
            case .gone: readers.remove(change.path)
            }
        }
        return report.notices
    }
}
