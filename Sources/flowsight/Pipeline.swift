import FlowModel
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
struct Pipeline {
    var configuration: Configuration
    var database: Database
    var topology: Topology
    var log: Logger

    /// Runs until SIGTERM or SIGINT, or until a stage ends by itself.
    func run() async throws {
        // A signal each: the group shuts its services down one after the other, the last one first.
        let deliveryStop = StopSignal()
        let dispatcher = try makeDispatcher(
            configuration, database: database, stop: deliveryStop, log: log.labelled("notify"))
        let ingest = IngestService(
            configuration: configuration, database: database, topology: topology, stop: StopSignal(),
            log: log.labelled("ingest"), onDecision: { dispatcher.wake() })
        try await ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(
                        service: DeliveryService(dispatcher: dispatcher, stop: deliveryStop),
                        successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: ingest, successTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: log)
        ).run()
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

/// A thread as a service: starts it, fires the stop on a graceful shutdown, and waits for the thread's end.
func runThread(_ name: String, stop: StopSignal, _ body: @Sendable @escaping () -> Void) async {
    let thread = WorkerThread.start(name: name, body)
    await withGracefulShutdownHandler {
        await thread.finished()
    } onGracefulShutdown: {
        stop.fire()
    }
}
