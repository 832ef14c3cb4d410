import Foundation
import Postgres
import TestSupport
import Testing

/// `kill -9` at random moments of `run`, while the drops grow: nothing is lost, nothing is twice, and the findings are
/// those of a replay that nobody disturbed.
@Suite(.serialized, .enabled(if: testDatabaseIsConfigured, "needs FLOWSIGHT_TEST_DATABASE: make test"))
struct KillTests {
    private let seed = UInt64(ProcessInfo.processInfo.environment["FLOWSIGHT_SEED"] ?? "") ?? 11
    private let kills = Int(ProcessInfo.processInfo.environment["FLOWSIGHT_KILLS"] ?? "") ?? 5
    /// Kills while one lab is written; more kills take more labs.
    private static let killsPerLab = 10
    /// Seconds over which a lab is written: its drops grow all the while.
    private static let growthSeconds = 12

    @Test func aKilledDaemonLosesNothingAndDoublesNothing() throws {
        print("KillTests: seed \(seed), \(kills) kills")
        var generator = Generator(state: seed)
        var left = kills
        var labSeed = Int(seed)
        while left > 0 {
            let count = min(left, KillTests.killsPerLab)
            let moments = (0..<count).map { _ in Double(generator.next() % 1_000) / 1_000 }
            try withFolder { folder in try disturb(folder, labSeed: labSeed, moments: moments) }
            left -= count
            labSeed += 1
        }
    }

    /// Whole drops wait when the daemon starts, and it dies after its first commits: nothing may be judged before all
    /// that waits has been read, or the unread rows would never be.
    @Test(arguments: [SIGKILL, SIGTERM])
    func aBacklogCutShortIsJudgedAsAWhole(signal: Int32) throws {
        try withFolder { folder in
            let lab = try Lab(in: folder, seed: Int(seed))
            let reference = try findingsOfReplay(lab)
            try withTemporaryDatabase { database in
                let configuration = try writeConfiguration(in: folder, database: database)
                for round in 1...3 {
                    let daemon = try start(configuration, folder: folder)
                    _ = try eventually(within: 20) {
                        try query(database, "SELECT count(*) >= \(round * 2) FROM flowsight.batch") == ["t"]
                    }
                    kill(daemon.processIdentifier, signal)
                    daemon.waitUntilExit()
                }
                let daemon = try start(configuration, folder: folder)
                let isSame = try eventually(within: 60) { try Lab.findings(configuration).text == reference }
                daemon.terminate()
                daemon.waitUntilExit()
                #expect(isSame, "seed \(seed): the findings are those of a replay")
                try hold(lab, against: database)
            }
        }
    }

    /// Writes one lab slowly, kills the daemon at each moment (seconds after its start), and judges what is left.
    private func disturb(_ folder: URL, labSeed: Int, moments: [Double]) throws {
        let writer = try Program.start(
            "flowgen",
            [
                "lab", "--output", folder.appending(path: "lab").path, "--seed", "\(labSeed)", "--small", "--paced",
                "\(KillTests.growthSeconds)",
            ],
            output: folder.appending(path: "flowgen.out"), talk: folder.appending(path: "flowgen.log"))
        defer { if writer.isRunning { writer.terminate() } }
        let topology = ["lab/topology/resources.json", "lab/topology/overlay.json"].map {
            folder.appending(path: $0).path
        }
        try #require(eventually(within: 20) { topology.allSatisfy(FileManager.default.fileExists) })
        try withTemporaryDatabase { database in
            let configuration = try writeConfiguration(in: folder, database: database)
            for (index, moment) in moments.enumerated() {
                let daemon = try start(configuration, folder: folder)
                _ = eventually(within: moment) { !daemon.isRunning }
                #expect(daemon.isRunning, "the daemon ended by itself")
                kill(daemon.processIdentifier, SIGKILL)
                daemon.waitUntilExit()
                let flows = try query(database, "SELECT count(*) FROM flowsight.flow")[0]
                print("lab \(labSeed), kill \(index + 1) after \(Int(moment * 1_000)) ms: \(flows) flows stored")
            }
            writer.waitUntilExit()
            let lab = try Lab(in: folder, seed: labSeed, isWritten: true)
            let reference = try findingsOfReplay(lab)
            let daemon = try start(configuration, folder: folder)
            defer {
                daemon.terminate()
                daemon.waitUntilExit()
            }
            let isSame = try eventually(within: 60) { try Lab.findings(configuration).text == reference }
            #expect(isSame, "lab \(labSeed): the findings are those of a replay")
            try hold(lab, against: database)
        }
    }

    private func hold(_ lab: Lab, against database: ConnectionConfiguration) throws {
        #expect(try query(database, "SELECT count(*) FROM flowsight.flow") == ["\(lab.truth.counts.flows)"])
        #expect(
            try query(
                database,
                "SELECT count(*) FROM (SELECT DISTINCT record_hash, origin ->> 'tuple' FROM flowsight.flow) AS tuples")
                == ["\(lab.truth.counts.flows)"])
        #expect(try query(database, "SELECT count(*) FROM flowsight.metric") == ["\(lab.truth.counts.metrics)"])
        #expect(try query(database, "SELECT count(*) FROM flowsight.dead_letter") == ["0"])
        #expect(
            try query(database, "SELECT count(*), count(DISTINCT fingerprint) FROM flowsight.finding") == ["3", "3"])
        // One receiver: each opening and each resolving stands once in the outbox, however often its tick was decided.
        #expect(
            try query(database, "SELECT count(*), count(DISTINCT (fingerprint, transition)) FROM flowsight.outbox")
                == ["4", "4"])
    }

    private func findingsOfReplay(_ lab: Lab) throws -> String {
        var text = ""
        try withTemporaryDatabase { database in
            let configuration = try lab.configuration(database: database, name: "reference")
            _ = try replay(configuration, lab.drops)
            text = try Lab.findings(configuration).text
        }
        return text
    }

    private func writeConfiguration(in folder: URL, database: ConnectionConfiguration) throws -> String {
        let lab = Lab(in: folder)
        // Nobody listens there: alerts stay in the outbox, where they can be counted.
        return try lab.configuration(database: database, name: "killed", receiver: "http://127.0.0.1:9/")
    }

    private func start(_ configuration: String, folder: URL) throws -> Process {
        try Program.start(
            "flowsight", ["run", "--config", configuration], output: folder.appending(path: "run.out"),
            talk: folder.appending(path: "run.log"))
    }
}

private struct Generator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
