import Logging
import Notify
import Runtime
import ServiceLifecycle
import Topology
import UnixSignals

/// The daemon, wired on one screen: drop → Tail → Inflate → Decode → Locate → Store → Correlate → Detect → Ledger →
/// Notify → webhook.
///
/// Two threads: one reads, stores and judges, the other delivers. They meet in the database only, so that a kill at any
/// point loses nothing: rows and checkpoints commit together (Store), findings and alerts together (Ledger), and a
/// delivery is marked after its answer (Notify).
struct Pipeline: Service {
    var configuration: Configuration
    var database: Database
    var topology: Topology
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

    /// Runs both threads until a graceful shutdown; one signal stops them together.
    func run() async throws {
        let stop = StopSignal()
        let dispatcher = try makeDispatcher(
            configuration, database: database, stop: stop, log: log.labelled("notify"))
        let ingest = Ingest(
            configuration: configuration, database: database, topology: topology, stop: stop,
            log: log.labelled("ingest"), onDecision: { dispatcher.wake() })
        let threads = [
            WorkerThread.start(name: "notify") { dispatcher.run() },
            WorkerThread.start(name: "ingest") { IngestLoop(ingest).run() },
        ]
        await withGracefulShutdownHandler {
            for thread in threads { await thread.finished() }
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
