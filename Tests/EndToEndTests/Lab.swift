import Foundation
import Postgres
import Runtime
import TestSupport
import Testing

/// A generated lab and a configuration over it. What must be found comes from the generator, never from the test.
struct Lab {
    struct Truth: Decodable {
        struct Expected: Decodable, Hashable {
            var detector: String
            var subject: [String: String]
        }

        struct Counts: Decodable {
            var records: Int
            var flows: Int
            var metrics: Int
        }

        var findings: [Expected]
        var counts: Counts
    }

    struct Found: Decodable {
        var detector: String
        var subject: [String: String]
        var state: String
        var fingerprint: String
        var evidence: [Anything]
        var routes: [Anything]
        var remedy: [String]
        var explain: String

        /// An object of which only the presence counts here.
        struct Anything: Decodable {}

        var expected: Truth.Expected { Truth.Expected(detector: detector, subject: subject) }
    }

    let folder: URL
    /// Empty until the lab is written.
    private(set) var truth = Truth(findings: [], counts: Truth.Counts(records: 0, flows: 0, metrics: 0))

    var drops: String { folder.appending(path: "lab/drops").path }
    var topology: String { folder.appending(path: "lab/topology").path }

    /// A lab that is still being written under `folder`.
    init(in folder: URL) { self.folder = folder }

    /// Generates the lab under `folder`, or takes the one that was written there.
    init(in folder: URL, seed: Int, fixed: Bool = false, wish: Bool = false, isWritten: Bool = false) throws {
        self.folder = folder
        if !isWritten { try Lab.generate(in: folder, seed: seed, fixed: fixed, wish: wish) }
        truth = try JSONDecoder().decode(
            Truth.self, from: Data(contentsOf: folder.appending(path: "lab/truth.json")))
    }

    private static func generate(in folder: URL, seed: Int, fixed: Bool, wish: Bool) throws {
        var arguments = ["lab", "--output", folder.appending(path: "lab").path, "--seed", "\(seed)", "--small"]
        if fixed { arguments.append("--fixed") }
        if wish { arguments.append("--wish") }
        let result = try Program.run("flowgen", arguments)
        try #require(result.status == 0, "\(result.talk)")
    }

    /// Writes a configuration for a database; `drops` is the folder that `run` tails.
    func configuration(
        database: ConnectionConfiguration, name: String = "flowsight", drops: String? = nil, receiver: String? = nil
    ) throws -> String {
        var document: [String: Any] = [
            "state_directory": folder.appending(path: "state").path,
            "database": ["uri": try uri(of: database)],
            "drops": [["path": drops ?? self.drops]],
            "topology": ["paths": [topology]],
        ]
        if let receiver { document["receivers"] = [["name": "ops", "type": "generic", "url": receiver]] }
        let file = folder.appending(path: "\(name).json")
        try JSONSerialization.data(withJSONObject: document, options: .sortedKeys).write(to: file)
        let migration = try Program.run("flowsight", ["migrate", "--config", file.path])
        try #require(migration.status == 0, "\(migration.talk)")
        return file.path
    }

    /// `flowsight findings --json`, as text and as values.
    static func findings(_ configuration: String) throws -> (text: String, values: [Found]) {
        let result = try Program.run("flowsight", ["findings", "--json", "--config", configuration])
        try #require(result.status == 0, "\(result.talk)")
        return (result.output, try JSONDecoder().decode([Found].self, from: Data(result.output.utf8)))
    }
}

/// What a configuration file says of a test's database.
func uri(of database: ConnectionConfiguration) throws -> String {
    let server = try #require(
        URLComponents(string: ProcessInfo.processInfo.environment["FLOWSIGHT_TEST_DATABASE"] ?? ""))
    var own = server
    own.path = "/" + (try #require(database.database))
    return try #require(own.string)
}

/// The first row of a query, as texts.
func query(_ database: ConnectionConfiguration, _ sql: String) throws -> [String] {
    let connection = try Connection(database, stop: nil, deadline: .after(.seconds(10)))
    defer { connection.close() }
    let rows = try connection.execute(sql, deadline: .after(.seconds(30)))
    guard let row = rows.first else { return [] }
    return (0..<row.count).map { row.string($0) ?? "null" }
}
