import Foundation
import Postgres
import Runtime
import TestSupport

/// A database of its own for a test, with the schema of findings; dropped when the test has ended.
final class FindingsDatabase: Sendable {
    private let server: ConnectionConfiguration
    private let configuration: ConnectionConfiguration

    init() throws {
        let uri = ProcessInfo.processInfo.environment["FLOWSIGHT_TEST_DATABASE"] ?? ""
        let server = try ConnectionConfiguration(uri: uri)
        let name = "findings_" + UUID().uuidString.lowercased().replacing("-", with: "")
        var own = server
        own.database = name
        self.server = server
        configuration = own
        try TestSupport.connect(server).execute("CREATE DATABASE \(name)", deadline: .after(.seconds(60)))
        let connection = try connect()
        defer { connection.close() }
        try connection.execute("CREATE SCHEMA flowsight", deadline: .after(.seconds(30)))
        // The file itself, so that the tests run what a migration runs.
        let migration = String(decoding: try repositoryFile("Schemas/sql/v0002_findings.sql"), as: UTF8.self)
        try connection.execute(migration, deadline: .after(.seconds(30)))
    }

    deinit {
        do {
            let name = configuration.database ?? ""
            try TestSupport.connect(server).execute(
                "DROP DATABASE \(name) WITH (FORCE)", deadline: .after(.seconds(60)))
        } catch {
            FileHandle.standardError.write(Data("the test database was not dropped: \(error)\n".utf8))
        }
    }

    func connect(stop: StopSignal? = nil) throws(PostgresError) -> Connection {
        try Connection(configuration, stop: stop, deadline: .after(.seconds(30)))
    }
}

extension Connection {
    /// All rows of a query, columns joined by `|`, NULL as `-`.
    func lines(_ sql: String) throws -> [String] {
        try execute(sql, deadline: .after(.seconds(30))).map { row in
            (0..<row.count).map { row.string($0) ?? "-" }.joined(separator: "|")
        }
    }
}
