import Foundation
import Logging
import Notify
import Postgres
import Runtime

/// The dispatcher of a configuration's receivers, with its own connections to the database.
func makeDispatcher(
    _ configuration: Configuration, database: Database, stop: StopSignal, log: Logger
) throws -> Dispatcher {
    // A receiver that hangs up while it is written to is an error of that call, not the program's end.
    signal(SIGPIPE, SIG_IGN)
    let receivers: [any Receiver]
    do {
        receivers = try configuration.receivers.map { try makeReceiver($0.asNotifyTakesIt) }
    } catch {
        say("flowsight: \(error)")
        throw Exit.configuration
    }
    return Dispatcher(
        connect: { () throws(PostgresError) in try database.connect(stop: stop) }, receivers: receivers,
        clock: SystemClock(),
        seed: UInt64(truncatingIfNeeded: SystemClock().microseconds), stop: stop, report: { log.delivery($0) })
}

extension Configuration.Receiver {
    var asNotifyTakesIt: ReceiverConfiguration {
        ReceiverConfiguration(name: name, type: type, url: url, secretFile: secretFile)
    }
}

extension Logger {
    /// One line an event; the events hold neither secrets nor URLs.
    fileprivate func delivery(_ event: DeliveryEvent) {
        switch event {
        case .delivered(let receiver, let id, let attempt, let status):
            info("alert delivered", metadata: about(receiver, id, attempt, "\(status)"))
        case .failed(let receiver, let id, let attempt, let reason, let status, _):
            warning(
                "alert not delivered, will be tried again",
                metadata: about(receiver, id, attempt, status.map { "\($0)" } ?? reason.rawValue))
        case .gaveUp(let receiver, let id, let attempt, let reason, _):
            error("alert given up", metadata: about(receiver, id, attempt, reason.rawValue))
        case .receiverDisabled(let receiver):
            error("receiver answers 410 and is left alone until a restart", metadata: ["receiver.name": "\(receiver)"])
        case .databaseAway(let message, _):
            warning("deliveries wait for the database", metadata: ["error": "\(message)"])
        }
    }

    private func about(_ receiver: String, _ id: String, _ attempt: Int, _ outcome: String) -> Metadata {
        [
            "receiver.name": "\(receiver)", "webhook.id": "\(id)", "delivery.attempt": "\(attempt)",
            "delivery.outcome": "\(outcome)",
        ]
    }
}
