import Foundation
import Postgres
import Runtime
import TestSupport
import Testing

/// What stands in a drop folder beside good drops: everything else still loads, and the daemon lives.
@Suite(.serialized, .enabled(if: testDatabaseIsConfigured, "needs FLOWSIGHT_TEST_DATABASE: make test"))
struct DropFolderTests {
    private let record = """
        {"time":"2026-03-01T10:00:00.100000Z","category":"AZFWNetworkRule","resourceId":"/SUBSCRIPTIONS/S/RESOURCEGROUPS/R/\
        PROVIDERS/MICROSOFT.NETWORK/AZUREFIREWALLS/F","properties":{"Protocol":"TCP","SourceIp":"10.9.0.4","SourcePort":PORT,\
        "DestinationIp":"10.9.1.4","DestinationPort":443,"Action":"Allow","Policy":"","RuleCollectionGroup":"",\
        "RuleCollection":"","Rule":"","ActionReason":""}}
        """

    private func records(_ ports: ClosedRange<Int>) -> [String] {
        ports.map { record.replacingOccurrences(of: "PORT", with: "\($0)") }
    }

    /// Writes the folder of the issue's list; returns how many flows are whole in it.
    private func fill(_ folder: URL) throws -> Int {
        try FileManager.default.createDirectory(
            at: folder.appending(path: "x.json.gz"), withIntermediateDirectories: true)
        try Data().write(to: folder.appending(path: "empty.json"))
        try Data(#"{"records":[]}"#.utf8).write(to: folder.appending(path: "none.json"))
        var random = SplitMix64(seed: 5)
        try Data([0x9d] + (0..<4_095).map { _ in UInt8(truncatingIfNeeded: random.next()) })
            .write(to: folder.appending(path: "random.json"))
        let whole = #"{"records":["# + records(1000...1009).joined(separator: ",") + "]}"
        try Data(whole.utf8).write(to: folder.appending(path: "whole.json"))
        let cut = #"{"records":["# + records(2000...2009).joined(separator: ",")
        try Data(cut.utf8.dropLast(20)).write(to: folder.appending(path: "cut.json"))
        let zipped = folder.appending(path: "cut-gz.json")
        try Data((#"{"records":["# + records(3000...3199).joined(separator: ",") + "]}").utf8).write(to: zipped)
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", zipped.path]
        try gzip.run()
        gzip.waitUntilExit()
        let bytes = try Data(contentsOf: zipped.appendingPathExtension("gz"))
        try bytes.dropLast(bytes.count / 4).write(to: zipped.appendingPathExtension("gz"))
        return 10 + 9
    }

    private func configuration(_ database: ConnectionConfiguration, _ folder: URL, _ drops: URL) throws -> String {
        let file = folder.appending(path: "flowsight.json")
        let document: [String: Any] = [
            "state_directory": folder.path, "database": ["uri": try uri(of: database)],
            "drops": [["path": drops.path]],
        ]
        try JSONSerialization.data(withJSONObject: document).write(to: file)
        #expect(try Program.run("flowsight", ["migrate", "--config", file.path]).status == 0)
        return file.path
    }

    @Test func replayLoadsWhatIsWholeAndTellsTheRest() throws {
        try withFolder { folder in
            try withTemporaryDatabase { database in
                let drops = folder.appending(path: "drops")
                let whole = try fill(drops)
                let configuration = try configuration(database, folder, drops)
                for round in 1...2 {
                    let counts = try replay(configuration, drops.path)
                    let flows = try #require(Int(try query(database, "SELECT count(*) FROM flowsight.flow")[0]))
                    #expect(flows > whole, "the whole records of the cut gzip are there too")
                    if round == 1 {
                        #expect(counts["dead_letters_by_reason"] as? [String: Int] == ["cut_off": 2, "not_json": 1])
                        #expect(counts["flows"] as? Int == flows)
                    } else {
                        #expect(counts["flows"] as? Int == 0)
                    }
                    #expect(
                        try query(
                            database,
                            "SELECT string_agg(reason, ',' ORDER BY reason) FROM flowsight.dead_letter")
                            == ["cut_off,cut_off,not_json"])
                }
            }
        }
    }

    @Test func runLoadsWhatIsWholeAndWaitsForTheRest() throws {
        try withFolder { folder in
            try withTemporaryDatabase { database in
                let drops = folder.appending(path: "drops")
                _ = try fill(drops)
                let configuration = try configuration(database, folder, drops)
                let log = folder.appending(path: "run.log")
                let daemon = try Program.start(
                    "flowsight", ["run", "--config", configuration], output: folder.appending(path: "out"), talk: log)
                #expect(
                    try eventually(within: 30) {
                        try query(
                            database,
                            """
                            SELECT count(*) FILTER (WHERE src_port < 2000) = 10
                               AND count(*) FILTER (WHERE src_port BETWEEN 2000 AND 2999) = 9
                               AND count(*) FILTER (WHERE src_port >= 3000) > 20 FROM flowsight.flow
                            """) == ["t"]
                    })
                #expect(
                    try query(database, "SELECT string_agg(reason, ',') FROM flowsight.dead_letter") == ["not_json"])
                // The cut drop grows: the rest of its last record, and its end.
                let rest = #"{"records":["# + records(2000...2009).joined(separator: ",") + "]}"
                let file = try FileHandle(forWritingTo: drops.appending(path: "cut.json"))
                let size = try file.seekToEnd()
                try file.write(contentsOf: Data(rest.utf8.dropFirst(Int(size))))
                try file.close()
                #expect(
                    try eventually(within: 30) {
                        try query(
                            database, "SELECT count(*) FROM flowsight.flow WHERE src_port BETWEEN 2000 AND 2999") == [
                                "10"
                            ]
                    })
                #expect(daemon.isRunning)
                daemon.terminate()
                daemon.waitUntilExit()
                #expect(daemon.terminationStatus == 0)
                let talk = try String(contentsOf: log, encoding: .utf8)
                #expect(talk.split(separator: "\n").count { $0.contains("x.json.gz") } == 1)
            }
        }
    }

    @Test func aStoppedBackendNeverHangsTheDaemon() throws {
        try withFolder { folder in
            try withTemporaryDatabase { database in
                let drops = folder.appending(path: "drops")
                try FileManager.default.createDirectory(at: drops, withIntermediateDirectories: true)
                let configuration = try configuration(database, folder, drops)
                let small = #"{"records":["# + records(60_001...60_001)[0] + "]}"
                try Data(small.utf8).write(to: drops.appending(path: "small.json"))
                let daemon = try Program.start(
                    "flowsight", ["run", "--config", configuration], output: folder.appending(path: "out"),
                    talk: folder.appending(path: "run.log"))
                // The day's partition is there: the next batch goes straight to its COPY.
                #expect(
                    try eventually(within: 20) { try query(database, "SELECT count(*) FROM flowsight.flow") == ["1"] })
                // A lock on the table holds the COPY where it is; then its backend is stopped in the middle of it.
                let blocker = try Connection(database, stop: nil, deadline: .after(.seconds(10)))
                defer { blocker.close() }
                _ = try blocker.execute(
                    "BEGIN; LOCK TABLE flowsight.flow_record IN ACCESS EXCLUSIVE MODE", deadline: .after(.seconds(10)))
                let big = #"{"records":["# + records(1...60_000).joined(separator: ",") + "]}"
                try Data(big.utf8).write(to: drops.appending(path: "big.json"))
                let waiting =
                    "SELECT max(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    + "AND wait_event_type = 'Lock' AND query LIKE 'COPY %'"
                var pid: Int32 = 0
                #expect(
                    try eventually(within: 30) {
                        pid = Int32(try query(database, waiting)[0]) ?? 0
                        return pid > 0
                    })
                try #require(pid > 0)
                kill(pid, SIGSTOP)
                defer { kill(pid, SIGCONT) }
                let asked = Date()
                daemon.terminate()
                #expect(eventually(within: 10) { !daemon.isRunning })
                #expect(Date().timeIntervalSince(asked) < 10)
                #expect(!daemon.isRunning && daemon.terminationStatus == 0)
                let talk = try String(contentsOf: folder.appending(path: "run.log"), encoding: .utf8)
                #expect(!talk.contains(" error ") && !talk.contains(" critical "), "\(talk)")
                if daemon.isRunning { kill(daemon.processIdentifier, SIGKILL) }
            }
        }
    }
}
