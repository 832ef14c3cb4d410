import Foundation
import TestSupport
import Testing

private let samples = ProcessInfo.processInfo.environment["FLOWSIGHT_SAMPLES"]

/// Real logs of real systems, read where they are; the counts are those of an independent script.
@Suite(.serialized, .enabled(if: samples != nil, "needs FLOWSIGHT_SAMPLES, a folder of real logs"))
struct SampleTests {
    private static let flows: [(file: String, records: Int, flows: Int, metrics: Int)] = [
        ("nsg-v1.json", 3, 1_758, 0), ("nsg-v2.json", 8, 153, 0), ("vnet-v4-nic.json", 4, 61, 0),
        ("vnet-v4-subnet.json", 4, 68, 0), ("vnet-v4-vnet.json", 8, 166, 0), ("AZFWNetworkRule.jsonl", 65, 65, 0),
        ("AzureFirewallNetworkRule.jsonl", 65, 65, 0), ("AZFWDnsQuery.jsonl", 4, 4, 0),
        ("AzureFirewallDnsProxy.jsonl", 4, 4, 0), ("azure-metrics.json", 6, 0, 6),
    ]

    private func path(_ file: String) -> String { "\(samples ?? "")/\(file)" }

    @Test func decodeCountsWhatTheIndexSays() throws {
        for sample in SampleTests.flows {
            let result = try Program.run("flowsight", ["decode", "--summary", "--json", path(sample.file)])
            let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
            #expect(object?["records"] as? Int == sample.records, "\(sample.file)")
            #expect(object?["flows"] as? Int == sample.flows, "\(sample.file)")
            #expect(object?["metrics"] as? Int == sample.metrics, "\(sample.file)")
            #expect(object?["dead_letters"] as? Int == 0, "\(sample.file)")
        }
    }

    @Test(.enabled(if: testDatabaseIsConfigured, "needs FLOWSIGHT_TEST_DATABASE: make test"))
    func replayStoresAndCountsOnceUnderWhateverNames() throws {
        try withFolder { folder in
            try withTemporaryDatabase { database in
                let configuration = folder.appending(path: "flowsight.json")
                let document: [String: Any] = [
                    "state_directory": folder.path, "database": ["uri": try uri(of: database)],
                ]
                try JSONSerialization.data(withJSONObject: document).write(to: configuration)
                #expect(try Program.run("flowsight", ["migrate", "--config", configuration.path]).status == 0)
                let copies = folder.appending(path: "copies")
                try FileManager.default.createDirectory(at: copies, withIntermediateDirectories: true)
                for (index, sample) in SampleTests.flows.enumerated() {
                    let copy = copies.appending(path: "other-\(index).json")
                    try FileManager.default.copyItem(atPath: path(sample.file), toPath: copy.path)
                    #expect(try shell("chmod u+w '\(copy.path)' && gzip '\(copy.path)'") == 0)
                }
                let all = SampleTests.flows.map { path($0.file) }
                for (round, paths) in [all, all, [copies.path]].enumerated() {
                    let result = try Program.run(
                        "flowsight", ["replay", "--json", "--config", configuration.path] + paths)
                    let counts = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
                    #expect(result.status == 0, "\(result.talk)")
                    #expect(counts?["dead_letters"] as? Int == 0)
                    #expect(counts?["flows"] as? Int == (round == 0 ? 2_215 : 0))
                    #expect(counts?["metrics"] as? Int == (round == 0 ? 3 : 0))
                    #expect(
                        try query(
                            database,
                            "SELECT count(*), count(*) FILTER (WHERE counted), (SELECT count(*) FROM flowsight.metric) FROM flowsight.flow"
                        ) == ["2215", "2133", "3"])
                }
            }
        }
    }
}

/// Runs a line of shell and returns its exit status.
func shell(_ line: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", line]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
}
