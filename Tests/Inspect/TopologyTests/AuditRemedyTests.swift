import FlowModel
import Testing
import Topology

/// A remedy, done to the export by the JSON alone, mends what it claims and breaks nothing.
@Suite struct AuditRemedyTests {
    @Test(arguments: [1, 7, 42, 1_234_567] as [UInt64]) func theLabIsCleanAfterItsRemedy(seed: UInt64) throws {
        let documents = HubAndSpoke(seed: seed).network().documents
        let before = try KeptAudit(documents)
        #expect(before.pairs.count { $0.isOpen } == 3, "the endpoint's own subnet holds nothing that opens sessions")
        let after = try before.mended(documents)
        #expect(before.faults(after: after) == [])
        #expect(after.pairs.count == 4 && after.pairs.count { $0.counts && $0.verdict == .inspected } == 3)
        let rest = after.pairs.filter { $0.counts && ($0.isOpen || !$0.remedy.isEmpty || $0.remedyNote != nil) }
        #expect(rest == [])
    }

    @Test(arguments: AuditWorlds.scenarios) func eachLayoutOfTheGuideIsCleanAfterItsRemedy(
        scenario: (name: String, network: TestNetwork)
    ) throws {
        let documents = scenario.network.documents
        let before = try KeptAudit(documents)
        #expect(!before.isClean, "\(scenario.name): \(before.text)")
        let after = try before.mended(documents)
        #expect(before.faults(after: after) == [], "\(scenario.name)")
        #expect(after.isClean, "\(scenario.name): \(after.text)")
    }

    /// The negative control of all the above: without any one of its required changes, the remedy does not do.
    @Test(arguments: AuditWorlds.scenarios) func everyRequiredChangeIsNeeded(
        scenario: (name: String, network: TestNetwork)
    ) throws {
        let documents = scenario.network.documents
        let before = try KeptAudit(documents)
        for change in Set(try before.lines.flatMap { try RemedyApplier.changes(pair: $0) }).sorted() {
            let after = try before.mended(documents, leavingOut: change)
            #expect(
                before.faults(after: after).contains { $0.hasPrefix("not mended") },
                "\(scenario.name) without \(change)")
        }
    }

    @Test func remediesOfRandomNetworksMendWhatTheyClaimAndBreakNothing() throws {
        var mended = 0
        for seed in UInt64(1)...60 {
            let documents = AuditWorlds.random(seed: seed).documents
            let before = try KeptAudit(documents)
            let after = try before.mended(documents)
            #expect(before.faults(after: after) == [], "seed \(seed)")
            let broken = brokenSessions(before.topology, after.topology)
            #expect(broken == [], "seed \(seed)")
            mended += before.pairs.count { !$0.remedy.isEmpty }
            for pair in before.pairs where pair.isOpen && pair.remedy.isEmpty {
                #expect(pair.remedyNote?.isEmpty == false, "seed \(seed): \(pair)")
            }
        }
        #expect(mended > 400, "the random networks do not exercise the remedies: \(mended)")
    }

    /// Sessions between machines, and to on-premises, that worked before and do not any more.
    private func brokenSessions(_ before: Topology, _ after: Topology) -> [String] {
        let addresses = ["10.0.3.4", "192.168.7.7"] + (1...4).flatMap { ["10.\($0).1.4", "10.\($0).2.200"] }
        var broken: [String] = []
        for from in addresses {
            for to in addresses where from != to {
                let ends = [from, to].compactMap { IPAddress($0) }.map { before.place($0, domain: 0) }
                guard ends.count == 2, ends.allSatisfy({ $0.endpoint.kind == .nic || $0.endpoint.kind == .onPremises })
                else {
                    continue
                }
                let works = [before, after].map {
                    $0.explain(from: ends[0], to: ends[1], ipProtocol: IPProtocol.tcp, port: 443).works
                }
                if works[0] == true, works[1] != true { broken.append("\(from) → \(to)") }
            }
        }
        return broken
    }
}
