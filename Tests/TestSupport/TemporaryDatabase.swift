internal import Foundation
package import Postgres
package import Runtime

/// True where the environment names a server for tests (`Tests/with-postgres` does); else tests of SQL are skipped,
/// visibly.
package var testDatabaseIsConfigured: Bool { ProcessInfo.processInfo.environment["FLOWSIGHT_TEST_DATABASE"] != nil }

/// Makes an empty database of its own on the server of FLOWSIGHT_TEST_DATABASE, and drops it when `body` has ended.
package func withTemporaryDatabase(_ body: (ConnectionConfiguration) throws -> Void) throws {
    let database = try TemporaryDatabase()
    defer { database.drop() }
    try body(database.configuration)
}

/// The same for a body that waits.
package func withTemporaryDatabase(_ body: (ConnectionConfiguration) async throws -> Void) async throws {
    let database = try TemporaryDatabase()
    defer { database.drop() }
    try await body(database.configuration)
}

/// A connection with a deadline that a healthy server keeps by far.
package func connect(_ configuration: ConnectionConfiguration, stop: StopSignal? = nil) throws -> Connection {
    try Connection(configuration, stop: stop, deadline: .after(.seconds(30)))
}

private struct TemporaryDatabase {
    private let server: ConnectionConfiguration
    let configuration: ConnectionConfiguration
    private let name: String

    init() throws {
        let uri = ProcessInfo.processInfo.environment["FLOWSIGHT_TEST_DATABASE"] ?? ""
        server = try ConnectionConfiguration(uri: uri)
        name = "test_\(ProcessInfo.processInfo.processIdentifier)_\(UInt32.random(in: 0 ... .max))"
        var own = server
        own.database = name
        configuration = own
        try connect(server).execute("CREATE DATABASE \(name)", deadline: .after(.seconds(60)))
    }

    func drop() {
        do {
            try connect(server).execute("DROP DATABASE \(name) WITH (FORCE)", deadline: .after(.seconds(60)))
        } catch {
            FileHandle.standardError.write(Data("the test database \(name) was not dropped: \(error)\n".utf8))
        }
    }
}
