import Foundation
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: testDatabaseIsConfigured, "needs FLOWSIGHT_TEST_DATABASE: make test"))
struct LabTests {
    private let seed = Int(ProcessInfo.processInfo.environment["FLOWSIGHT_SEED"] ?? "") ?? 7

    @Test(arguments: [0, 1])
    func findsWhatIsWrongAndNothingElse(offset: Int) throws {
        try judge(seed: seed + offset) { lab, found in
            #expect(lab.truth.findings.count == 3)
            #expect(Set(found.map(\.expected)) == Set(lab.truth.findings), "seed \(seed + offset)")
            #expect(found.count == 3)
            for finding in found {
                #expect(!finding.evidence.isEmpty, "\(finding.detector)")
                #expect(!finding.routes.isEmpty, "\(finding.detector)")
                #expect(!finding.remedy.isEmpty && !finding.explain.isEmpty, "\(finding.detector)")
            }
        }
    }

    @Test func theLabConfiguredRightIsSilent() throws {
        try judge(seed: seed, fixed: true) { lab, found in
            #expect(lab.truth.findings.isEmpty)
            #expect(found.isEmpty, "seed \(seed)")
        }
    }

    @Test func theWishToInspectMakesTheBypassCritical() throws {
        try judge(seed: seed, wish: true) { lab, found in
            #expect(lab.truth.findings.contains { $0.detector == "inspection-bypassed" })
            #expect(Set(found.map(\.expected)) == Set(lab.truth.findings), "seed \(seed)")
        }
    }

    @Test func replayedTwiceAndUnderOtherNamesNothingIsTwice() throws {
        try withFolder { folder in
            let lab = try Lab(in: folder, seed: seed)
            let copies = folder.appending(path: "copies").path
            #expect(
                try Program.run("flowgen", ["copies", "--from", lab.drops, "--to", copies, "--seed", "\(seed)"]).status
                    == 0)
            var texts: [String] = []
            try withTemporaryDatabase { database in
                let configuration = try lab.configuration(database: database)
                for paths in [lab.drops, lab.drops, copies] {
                    let counts = try replay(configuration, paths)
                    #expect(counts["dead_letters"] as? Int == 0)
                    if paths == copies || texts.count > 0 { #expect(counts["flows"] as? Int == 0) }
                    #expect(try query(database, "SELECT count(*) FROM flowsight.flow") == ["\(lab.truth.counts.flows)"])
                    texts.append(try Lab.findings(configuration).text)
                }
            }
            try withTemporaryDatabase { database in
                let configuration = try lab.configuration(database: database, name: "other")
                _ = try replay(configuration, copies)
                texts.append(try Lab.findings(configuration).text)
            }
            #expect(Set(texts).count == 1, "seed \(seed)")
        }
    }

    private func judge(
        seed: Int, fixed: Bool = false, wish: Bool = false, _ body: (Lab, [Lab.Found]) throws -> Void
    ) throws {
        try withFolder { folder in
            let lab = try Lab(in: folder, seed: seed, fixed: fixed, wish: wish)
            try withTemporaryDatabase { database in
                let configuration = try lab.configuration(database: database)
                let counts = try replay(configuration, lab.drops)
                #expect(counts["flows"] as? Int == lab.truth.counts.flows)
                #expect(counts["metrics"] as? Int == lab.truth.counts.metrics)
                try body(lab, try Lab.findings(configuration).values)
            }
        }
    }
}

/// `flowsight replay --json` and what it printed.
func replay(_ configuration: String, _ paths: String...) throws -> [String: Any] {
    let result = try Program.run("flowsight", ["replay", "--json", "--config", configuration] + paths)
    try #require(result.status == 0, "\(result.talk)")
    let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(object as? [String: Any])
}
