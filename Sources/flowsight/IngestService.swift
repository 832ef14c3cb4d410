import FlowModel
import Ledger
import Logging
import Postgres
import Runtime
import ServiceLifecycle
import Store
import Tail
import Topology

/// Tails the drop folders, stores what they bring, and judges it whenever there is nothing more to read.
///
/// While the database is away, reading stops: the drops themselves are the buffer. Every database error that passes
/// (connection, resources, shutdown) leads back to a new connection, with backoff, and is logged once a state.
struct IngestService: Service {
    let configuration: Configuration
    let database: Database
    let topology: Topology
    let stop: StopSignal
    let log: Logger
    /// Called on the ingest thread when findings may have changed.
    let onDecision: @Sendable () -> Void

    func run() async throws {
        await runThread("ingest", stop: stop) { IngestLoop(self).run() }
    }
}

/// The ingest thread's state.
private final class IngestLoop {
    private let service: IngestService
    private let stop: StopSignal
    private let log: Logger
    private let watcher: FolderWatcher
    private var queue = DropQueue()
    private let readers = ReaderShelf(clock: SystemClock())
    private var backoff = Backoff(
        first: .milliseconds(200), limit: .seconds(10),
        generator: SplitMix64(seed: UInt64(truncatingIfNeeded: SystemClock().microseconds)))
    private var isDown = false
    private static let lookEvery = Duration.seconds(1)

    init(_ service: IngestService) {
        self.service = service
        stop = service.stop
        log = service.log
        watcher = FolderWatcher(folders: service.configuration.drops, clock: SystemClock())
    }

    func run() {
        while !stop.isFired {
            do {
                try work()
            } catch  where isPassing(error) {
                report(error)
                stop.wait(until: .after(backoff.next()))
            } catch {
                log.critical("ingest cannot go on", metadata: ["error": "\(error)"])
                return
            }
        }
    }

    /// Works on one pair of connections until it breaks or the daemon stops.
    private func work() throws {
        let connection = try service.database.connect(stop: stop)
        defer { connection.close() }
        let ledgerConnection = try service.database.connect(stop: stop)
        defer { ledgerConnection.close() }
        let store = Store(connection: connection, deadline: Database.patience)
        let judge = try Judge(
            store: store, ledger: Ledger(connection: ledgerConnection), topology: service.topology,
            receivers: service.configuration.receivers.map(\.name))
        let loader = Loader(store: store, placement: service.topology.placement)
        if isDown { log.notice("database is back") }
        isDown = false
        backoff.reset()
        var round = ReadingRound(drops: queue.waiting, newest: try judge.newest())
        while !stop.isFired {
            let isIdle = try queue.isEmpty && round.newest == judge.newest()
            look(until: .after(isIdle ? IngestLoop.lookEvery : .zero))
            if round.isComplete {
                if watcher.isFirstWalkDone, try judge.evaluate(newest: round.newest) { service.onDecision() }
                round = ReadingRound(drops: queue.waiting, newest: try judge.newest())
            }
            guard let turn = queue.next() else { continue }
            if try read(turn, with: loader, judge: judge) == false { round.finish(turn.path) }
        }
    }

    /// Takes what has changed in the folders since the last look.
    private func look(until deadline: Deadline) {
        let report = watcher.changes(
            liveLimit: queue.liveRoom, backlogLimit: queue.backlogRoom, until: deadline, stop: stop)
        for notice in report.notices { log.warning("\(notice)") }
        for change in report.changes {
            switch change.kind {
            case .present: queue.add(change.path, isLive: change.isLive)
            case .gone: readers.remove(change.path)
            }
        }
    }

    /// - Returns: true where the drop has more to read.
    private func read(_ turn: DropQueue.Turn, with loader: Loader, judge: Judge) throws -> Bool {
        let reader = readers.reader(of: turn.path)
        defer { readers.trim() }
        do {
            let step = try loader.step(reader)
            if let sightings = step.sightings { judge.observe(sightings) }
            switch step.progress {
            case .more: return queue.add(turn.path, isLive: turn.isLive)
            case .caughtUp: break
            case .vanished: readers.remove(turn.path)
            }
            return false
        } catch  where isPassing(error) {
            // The fate of a commit that was under way is unknown: the drop is identified again by what is stored.
            reader.rewind()
            queue.add(turn.path, isLive: turn.isLive)
            throw error
        } catch {
            // What stays wrong concerns this drop alone: it is left until it changes, the others go on.
            log.error("drop cannot be read", metadata: ["drop.path": "\(turn.path)", "error": "\(error)"])
            readers.remove(turn.path)
            return false
        }
    }

    private func report(_ error: any Error) {
        guard !isDown, !stop.isFired else { return }
        isDown = true
        log.warning("database is away; reading waits", metadata: ["error": "\(error)"])
    }
}

/// True for errors that pass by themselves, and after which connections and readers must begin anew.
func isPassing(_ error: any Error) -> Bool {
    switch error {
    case let error as PostgresError: return error.isTransient || error.code == .stopped
    case let error as StoreError: return error.isTransient || error.code == .staleReader
    case let error as LedgerError: return error.isTransient
    case let error as TailError: return error.underlying.map(isPassing) ?? (error.code == .tooManyOpenFiles)
    default: return false
    }
}
