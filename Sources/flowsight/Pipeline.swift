import Logging
import Notify
import Runtime
import ServiceLifecycle
import UnixSignals

/// The daemon, wired on one screen: drop → Tail → Inflate → Decode → Locate → Store → Correlate → Detect → Ledger →
/// Notify → webhook.
///
/// Three threads: one reads, stores and judges, one delivers, one reads the topology anew when it changes. The first two
/// meet in the database only, so that a kill at any point loses nothing: rows and checkpoints commit together (Store),
/// findings and alerts together (Ledger), and a delivery is marked after its answer (Notify).
struct Pipeline: Service {
    var configuration: Configuration
    var database: Database
    var topology: TopologyReading
    var log: Logger

    /// Runs until SIGTERM or SIGINT.
    func runUntilSignal() async throws {
        let service = ServiceGroupConfiguration.ServiceConfiguration(
            service: self, failureTerminationBehavior: .gracefullyShutdownGroup, serviceName: "pipeline")
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        ).run()
    }

    /// Runs the threads until a graceful shutdown; one signal stops them together.
    func run() async throws {
        let stop = StopSignal()
        let dispatcher = try makeDispatcher(
            configuration, database: database, stop: stop, log: log.labelled("notify"))
        let topologies = TopologyDesk(topology)
        let reload = TopologyReload(
            desk: topologies, database: database, stop: stop, log: log.labelled("topology"))
        let ingest = Ingest(
            configuration: configuration, database: database, topologies: topologies, stop: stop,
            log: log.labelled("ingest"), onDecision: { dispatcher.wake() })
        let threads = [
            WorkerThread.start(name: "notify") { dispatcher.run() },
            WorkerThread.start(name: "ingest") { IngestLoop(ingest).run() },
            WorkerThread.start(name: "topology") { reload.run() },
        ]
        await withGracefulShutdownHandler {
            await withTaskGroup { group in
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { topologies.request() }
                }
                for thread in threads { await thread.finished() }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            stop.fire()
        }
    }
}

extension Logger {
    /// The same log with a stage's name beside each line.
    func labelled(_ stage: String) -> Logger {
        var logger = self
        logger[metadataKey: "stage"] = "\(stage)"
        return logger
    }
}
