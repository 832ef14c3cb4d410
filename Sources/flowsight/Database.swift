import Foundation
import Ledger
import Logging
import Postgres
import Runtime
import Store

/// The database that a configuration names: an external server, or a private one that lives as long as this value.
final class Database: Sendable {
    private let external: ConnectionConfiguration?
    private let server: PrivateServer?
    private let log: Logger

    /// How long one statement, COPY or transaction may take before the connection is given up.
    static let patience = Duration.seconds(60)
    /// How long the private server gets for an orderly end. With its immediate end after that (up to 6.5 s where a backend
    /// is halted) it stays inside the ten seconds in which the daemon stops.
    private static let serverPatience = Duration.seconds(2)

    /// Opens the database and sees to its schema: a private one is migrated, another one must be current.
    init(_ configuration: Configuration, log: Logger, migrating: Bool = false) throws {
        self.log = log
        switch configuration.database {
        case .embedded:
            external = nil
            server = try PrivateServer.start(stateDirectory: configuration.stateDirectory) { line in
                log.info("private server", metadata: ["postgres.message": "\(line)"])
            }
        case .external(let uri, let passwordFile):
            server = nil
            external = try connectionConfiguration(uri: uri, passwordFile: passwordFile)
        }
        try prepareSchema(migrating: migrating || server != nil)
        if let place = server?.configuration {
            // For `psql`: the private server has no port to guess.
            log.info(
                "private server is ready",
                metadata: [
                    "postgres.uri": "postgresql://\(PrivateServer.user)@/\(PrivateServer.user)?host=\(place.host ?? "")"
                ])
        }
    }

    /// A connection of the calling thread's own. A private server that has ended is started again first.
    func connect(stop: StopSignal?) throws(PostgresError) -> Connection {
        if let external { return try Connection(external, stop: stop, deadline: .after(.seconds(10))) }
        guard let server else { preconditionFailure("a database is external or private") }
        try server.ensureRunning(stop: stop) { [log] line in
            log.notice("private server", metadata: ["postgres.message": "\(line)"])
        }
        return try Connection(server.configuration, stop: stop, deadline: .after(.seconds(10)))
    }

    /// Stops the private server, where this value started one.
    func close() { server?.stop(patience: Database.serverPatience) }

    private func prepareSchema(migrating: Bool) throws {
        let connection = try connect(stop: nil)
        defer { connection.close() }
        let migrator = Migrator(Store.migrations)
        if migrating {
            for step in try migrator.migrate(connection, deadline: .after(Database.patience)) {
                log.info("schema brought forward", metadata: ["migration.name": "\(step.name)"])
            }
        } else {
            try migrator.requireCurrent(connection, deadline: .after(Database.patience))
        }
    }
}

/// What the configuration says of an external database, understood; else its problem.
func connectionConfiguration(
    uri: String, passwordFile: String?
) throws(ConfigurationProblem) -> ConnectionConfiguration {
    do {
        return try ConnectionConfiguration(uri: uri, passwordFile: passwordFile)
    } catch {
        throw ConfigurationProblem(key: "database.uri", problem: "\(error)")
    }
}

/// Opens the database for a command; what stands in the way is told, and ends it with 78 (schema, configuration) or 1.
func openDatabase(_ configuration: Configuration, log: Logger, migrating: Bool = false) throws -> Database {
    do {
        return try Database(configuration, log: log, migrating: migrating)
    } catch let error as PostgresError {
        say("flowsight: \(error)")
        throw error.code == .migration ? Exit.configuration : Exit.failed
    } catch let error as ConfigurationProblem {
        say("flowsight: \(error)")
        throw Exit.configuration
    }
}

/// Lends the ledger of a configuration's database to a command that reads it.
func withLedger(config: String, embedded: Bool, _ body: (Ledger) throws -> Void) throws {
    let configuration = try readConfiguration(file: config, embedded: embedded)
    let database = try openDatabase(configuration, log: makeLog(level: .warning))
    defer { database.close() }
    let connection = try database.connect(stop: nil)
    defer { connection.close() }
    try body(Ledger(connection: connection))
}

/// The daemon's and the commands' log: lines on standard error.
func makeLog(level: Logger.Level) -> Logger {
    var log = Logger(label: "flowsight") { StreamLogHandler.standardError(label: $0) }
    log.logLevel = level
    return log
}
