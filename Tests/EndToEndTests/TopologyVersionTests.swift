import Foundation
import Postgres
import TestSupport
import Testing

/// The topology changes while flows come in, and between two starts: each flow is judged by the version of its time.
@Suite(.serialized, .enabled(if: testDatabaseIsConfigured, "needs FLOWSIGHT_TEST_DATABASE: make test"))
struct TopologyVersionTests {
    private let seed = Int(ProcessInfo.processInfo.environment["FLOWSIGHT_SEED"] ?? "") ?? 7

    /// A lab, the topology of the same lab configured right, and the findings where nothing changes.
    private struct Scene {
        let lab: Lab
        let folder: URL
        let mended: Data
        let broken: Data
        /// Event time ten minutes after the last finding opened.
        var change = ""
        var unchanged = ""

        var resources: URL { folder.appending(path: "lab/topology/resources.json") }

        init(in folder: URL, seed: Int) throws {
            self.folder = folder
            lab = try Lab(in: folder, seed: seed)
            broken = try Data(contentsOf: folder.appending(path: "lab/topology/resources.json"))
            let other = folder.appending(path: "mended")
            let result = try Program.run(
                "flowgen", ["lab", "--output", other.path, "--seed", "\(seed)", "--small", "--fixed"])
            try #require(result.status == 0, "\(result.talk)")
            mended = try Data(contentsOf: other.appending(path: "topology/resources.json"))
            try #require(mended != broken)
            try withTemporaryDatabase { database in
                let configuration = try lab.configuration(database: database, name: "unchanged")
                _ = try replay(configuration, lab.drops)
                unchanged = try Lab.findings(configuration).text
                change = try query(
                    database, "SELECT extract(epoch FROM max(opened_at) + interval '10 minutes') FROM flowsight.finding"
                )[0]
            }
        }

        /// Writes the topology as an export job does: beside its place, dated, then renamed.
        func write(_ bytes: Data, at time: String) throws {
            let draft = resources.deletingLastPathComponent().appending(path: "draft")
            try bytes.write(to: draft)
            let date = Date(timeIntervalSince1970: try #require(Double(time)))
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: draft.path)
            try #require(rename(draft.path, resources.path) == 0)
        }

        func start(_ configuration: String) throws -> Process {
            try Program.start(
                "flowsight", ["run", "--config", configuration], output: folder.appending(path: "run.out"),
                talk: folder.appending(path: "run.log"))
        }

        var log: String { get throws { try String(contentsOf: folder.appending(path: "run.log"), encoding: .utf8) } }
    }

    private func validities(_ database: ConnectionConfiguration) throws -> Int {
        try Int(query(database, "SELECT count(*) FROM flowsight.topology_version")[0]) ?? 0
    }

    private func end(_ daemon: Process) {
        daemon.terminate()
        daemon.waitUntilExit()
        #expect(daemon.terminationStatus == 0)
    }

    /// Lets a daemon store a version: it reads no drop.
    private func visit(_ scene: Scene, _ database: ConnectionConfiguration, versions: Int) throws {
        let empty = scene.folder.appending(path: "empty")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        let daemon = try scene.start(
            scene.lab.configuration(database: database, name: "visit", drops: empty.path))
        #expect(try eventually(within: 20) { try validities(database) == versions })
        end(daemon)
    }

    @Test func oldFlowsAreJudgedByTheVersionOfTheirTimeWhateverTheFilesSayToday() throws {
        try withFolder { folder in
            let scene = try Scene(in: folder, seed: seed)
            try withTemporaryDatabase { database in
                try visit(scene, database, versions: 1)
                try scene.write(scene.mended, at: "\(Date().timeIntervalSince1970)")
                let configuration = try scene.lab.configuration(database: database)
                _ = try replay(configuration, scene.lab.drops)
                #expect(try validities(database) == 2)
                #expect(try Lab.findings(configuration).text == scene.unchanged)
            }
            // The control: a database that knows the mended network alone finds the load, which no route mends.
            try withTemporaryDatabase { database in
                let configuration = try scene.lab.configuration(database: database, name: "control")
                _ = try replay(configuration, scene.lab.drops)
                #expect(try validities(database) == 1)
                #expect(try Lab.findings(configuration).values.map(\.detector) == ["firewall-bottleneck"])
            }
        }
    }

    @Test(arguments: [true, false])
    func aTopologyThatIsMendedWhileTheDaemonRunsJudgesWhatComesAfterIt(bySignal: Bool) throws {
        try withFolder { folder in
            let scene = try Scene(in: folder, seed: seed)
            var texts: [String] = []
            try withTemporaryDatabase { database in
                let drops = folder.appending(path: "live")
                try FileManager.default.createDirectory(at: drops, withIntermediateDirectories: true)
                let configuration = try scene.lab.configuration(database: database, drops: drops.path)
                let daemon = try scene.start(configuration)
                #expect(try eventually(within: 20) { try validities(database) == 1 })
                try scene.write(scene.mended, at: scene.change)
                if bySignal { kill(daemon.processIdentifier, SIGHUP) }
                #expect(try eventually(within: 20) { try scene.log.contains("topology changed") })
                #expect(try validities(database) == 2)
                let copy = folder.appending(path: "copy")
                try FileManager.default.copyItem(at: URL(filePath: scene.lab.drops), to: copy)
                try #require(rename(copy.path, drops.appending(path: "drops").path) == 0)
                let isResolved = try eventually(within: 120) {
                    try query(database, "SELECT count(*) = 3 AND bool_and(state = 'resolved') FROM flowsight.finding")
                        == ["t"]
                }
                let states = try query(database, "SELECT string_agg(detector || state, ' ') FROM flowsight.finding")
                let read = try query(database, "SELECT count(*) FROM flowsight.flow")
                #expect(isResolved, "\(states), \(read) flows of \(scene.lab.truth.counts.flows)")
                let because = try query(
                    database,
                    "SELECT count(*) FROM flowsight.finding WHERE resolved_because LIKE 'the topology changed%'")
                #expect(because == ["2"])
                texts.append(try Lab.findings(configuration).text)
                end(daemon)
                // A start that finds both versions in the database changes nothing.
                let again = try scene.start(configuration)
                #expect(eventually(within: 3) { !again.isRunning } == false)
                texts.append(try Lab.findings(configuration).text)
                end(again)
            }
            // The same versions, known before the first flow is read.
            try scene.write(scene.broken, at: "\(1_700_000_000)")
            try withTemporaryDatabase { database in
                try visit(scene, database, versions: 1)
                try scene.write(scene.mended, at: scene.change)
                let configuration = try scene.lab.configuration(database: database, name: "replayed")
                _ = try replay(configuration, scene.lab.drops)
                texts.append(try Lab.findings(configuration).text)
            }
            #expect(Set(texts).count == 1)
            #expect(texts.first != scene.unchanged, "the change is seen")
        }
    }

    @Test func aBrokenFileIsToldOnceAndTheTopologyBeforeStays() throws {
        try withFolder { folder in
            let scene = try Scene(in: folder, seed: seed)
            try withTemporaryDatabase { database in
                let configuration = try scene.lab.configuration(database: database)
                let daemon = try scene.start(configuration)
                #expect(try eventually(within: 30) { try Lab.findings(configuration).text == scene.unchanged })
                try scene.write(Data("{\"data\": [".utf8), at: "\(Date().timeIntervalSince1970)")
                #expect(try eventually(within: 20) { try scene.log.contains("topology cannot be used") })
                try scene.write(Data("{\"data\": [".utf8), at: "\(Date().timeIntervalSince1970)")
                #expect(eventually(within: 4) { !daemon.isRunning } == false)
                func told() throws -> [Substring] {
                    try scene.log.split(separator: "\n").filter { $0.contains("topology cannot be used") }
                }
                #expect(try told().count == 1 && told().allSatisfy { $0.contains("resources.json") })
                // Broken in another place is another problem, and told of.
                try scene.write(Data("{\"data\": [[ ".utf8), at: "\(Date().timeIntervalSince1970)")
                #expect(try eventually(within: 20) { try told().count == 2 })
                #expect(try validities(database) == 1)
                // What was broken is mended: back to what it was, and no new version.
                try scene.write(scene.broken, at: "\(Date().timeIntervalSince1970)")
                kill(daemon.processIdentifier, SIGHUP)
                #expect(try eventually(within: 20) { try scene.log.contains("topology read anew, unchanged") })
                #expect(try validities(database) == 1)
                #expect(try Lab.findings(configuration).text == scene.unchanged)
                end(daemon)
            }
        }
    }
}
