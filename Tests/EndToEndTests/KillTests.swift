import Foundation
import Postgres
import TestSupport
import Testing

/// `kill -9` at random moments of `run`, while the drops grow: nothing is lost, nothing is twice.
@Suite(.serialized, .enabled(if: testDatabaseIsConfigured, "needs FLOWSIGHT_TEST_DATABASE: make test"))
struct KillTests {
    private let seed = UInt64(ProcessInfo.processInfo.environment["FLOWSIGHT_SEED"] ?? "") ?? 11
    private let kills = Int(ProcessInfo.processInfo.environment["FLOWSIGHT_KILLS"] ?? "") ?? 5

    @Test func aKilledDaemonLosesNothingAndDoublesNothing() throws {
        print("KillTests: seed \(seed), \(kills) kills")
        var generator = Generator(state: seed)
        try withFolder { folder in
            let lab = try Lab(in: folder, seed: Int(seed))
            let reference = try findingsOfReplay(lab)
            var killed = 0
            var round = 0
            while killed < kills {
                round += 1
                try withTemporaryDatabase { database in
                    let growing = folder.appending(path: "growing-\(round)")
                    let configuration = try lab.configuration(
                        database: database, name: "kill-\(round)", drops: growing.path)
                    var growth = try Growth(from: URL(filePath: lab.drops), to: growing)
                    while killed < kills, !growth.isComplete {
                        let moment = Double(generator.next() % 900) / 1_000
                        let daemon = try start(configuration, folder: folder)
                        let step = growth.remaining / 3 + 1
                        let end = Date().addingTimeInterval(moment)
                        while Date() < end { try growth.grow(by: step / 20 + 1) }
                        kill(daemon.processIdentifier, SIGKILL)
                        daemon.waitUntilExit()
                        killed += 1
                        let flows = try query(database, "SELECT count(*) FROM flowsight.flow")[0]
                        print("kill \(killed) after \(Int(moment * 1_000)) ms: \(flows) flows stored")
                    }
                    try finish(lab, growth: &growth, configuration: configuration, database: database, reference: reference)
                }
            }
        }
    }

    /// Lets the daemon run to the end of the drops, and holds what is stored against what was written.
    private func finish(
        _ lab: Lab, growth: inout Growth, configuration: String, database: ConnectionConfiguration, reference: String
    ) throws {
        try growth.grow(by: .max)
        let daemon = try start(configuration, folder: lab.folder)
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        let isSame = try eventually(within: 60) { try Lab.findings(configuration).text == reference }
        #expect(isSame, "seed \(seed): the findings are those of a replay")
        #expect(try query(database, "SELECT count(*) FROM flowsight.flow") == ["\(lab.truth.counts.flows)"])
        #expect(
            try query(
                database, "SELECT count(*) FROM (SELECT DISTINCT record_hash, origin ->> 'tuple' FROM flowsight.flow) AS tuples")
                == ["\(lab.truth.counts.flows)"])
        #expect(try query(database, "SELECT count(*) FROM flowsight.dead_letter") == ["0"])
        #expect(try query(database, "SELECT count(*), count(DISTINCT fingerprint) FROM flowsight.finding") == ["3", "3"])
    }

    private func findingsOfReplay(_ lab: Lab) throws -> String {
        try withTemporaryDatabase { database in
            let configuration = try lab.configuration(database: database, name: "reference")
            _ = try replay(configuration, lab.drops)
            return try Lab.findings(configuration).text
        }
    }

    private func start(_ configuration: String, folder: URL) throws -> Process {
        try Program.start(
            "flowsight", ["run", "--config", configuration], output: folder.appending(path: "run.out"),
            talk: folder.appending(path: "run.log"))
    }
}

/// Copies drops into another folder piece by piece, cut at any byte, as an exporter lets them grow.
private struct Growth {
    private var pieces: [(source: URL, target: URL, size: Int, written: Int)] = []
    private var turn = 0

    init(from source: URL, to target: URL) throws {
        let files = FileManager.default.enumerator(at: source, includingPropertiesForKeys: [.fileSizeKey])
        for case let file as URL in files ?? .init() {
            let values = try file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
            guard values.isRegularFile == true, let size = values.fileSize else { continue }
            let place = target.appending(path: String(file.path.dropFirst(source.path.count + 1)))
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            FileManager.default.createFile(atPath: place.path, contents: nil)
            pieces.append((file, place, size, 0))
        }
        pieces.sort { $0.target.path < $1.target.path }
    }

    var remaining: Int { pieces.reduce(0) { $0 + $1.size - $1.written } }
    var isComplete: Bool { remaining == 0 }

    /// Appends the next bytes to the next drops, in turn.
    mutating func grow(by bytes: Int) throws {
        var left = min(bytes, remaining)
        let share = max(1, left / max(1, pieces.count))
        while left > 0 {
            let index = turn % pieces.count
            turn += 1
            let piece = pieces[index]
            let count = min(share, left, piece.size - piece.written)
            guard count > 0 else { continue }
            let input = try FileHandle(forReadingFrom: piece.source)
            try input.seek(toOffset: UInt64(piece.written))
            let data = try input.read(upToCount: count) ?? Data()
            try input.close()
            let output = try FileHandle(forWritingTo: piece.target)
            try output.seekToEnd()
            try output.write(contentsOf: data)
            try output.close()
            pieces[index].written += data.count
            left -= data.count
        }
    }
}

private struct Generator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state >> 33
    }
}
