import Detect
import FlowModel
import Testing
import Topology

/// A machine of the hub whose TCP to the spoke's private endpoint goes through the hub's own firewall, which does not
/// translate: dropped behind it.
@Suite struct InspectionBrokenTests {
    private func network(target: String = "Microsoft.Sql/servers") -> Network {
        var network = Network()
        network.target = target
        network.sharedRoutes = [("10.2.2.5/32", "VirtualAppliance", "10.0.1.4")]
        return network
    }

    /// One try a minute.
    private func tries(
        _ minutes: Range<Int>, port: Int32 = 1433, isAnswered: Bool = false, isAllowed: Bool = true,
        isAtFirewall: Bool = true, counts: Bool = true, begins: Bool = true, packets: Int64 = 4, bytes: Int64 = 240,
        ports: Int32 = 0
    ) -> Logs {
        var logs = Logs(seed: UInt64(minutes.lowerBound) &* 77 &+ UInt64(port))
        logs.tries(
            minutes, port: port, isAnswered: isAnswered, isAllowed: isAllowed, isAtFirewall: isAtFirewall,
            counts: counts, begins: begins, packets: packets, bytes: bytes, ports: ports)
        return logs
    }

    private func healthy(_ minutes: Range<Int>, _ acts: Logs...) -> Logs {
        var logs = Logs()
        logs.healthy(minutes: minutes)
        for act in acts { logs.add(act) }
        return logs
    }

    @Test func firesWhereNothingComesBackThroughTheAppliance() throws {
        let inspection = try Inspection(healthy(0..<60, tries(5..<15)), in: network())
        let finding = try #require(inspection.sorted.first)
        #expect(inspection.sorted.map(\.detector) == [InspectionBrokenDetector.id])
        #expect(
            finding.subject == [
                "private_endpoint": Network.privateEndpoint, "client_subnet": Network.sharedSubnet,
                "appliance": Network.firewall,
            ])
        #expect(finding.proof == .proven && finding.severity == .warning)
        #expect(finding.counts.sessions == 10 && finding.counts.clients == 1 && finding.counts.bytesReceived == 0)
        #expect(finding.why.contains("The routes say why") && finding.why.contains("dropped"), "\(finding.why)")
        #expect(Set(finding.evidence.map(\.vantage)) == [Network.firewall, Network.hub])
        #expect(finding.remedy.contains { $0.contains("translate") })
        #expect(finding.explain.contains("--from 10.0.2.4"))
    }

    @Test func isSureOfTheCauseWhereTheRoutesAre() throws {
        func confidence(_ target: String, port: Int32) throws -> Confidence? {
            try Inspection(healthy(0..<60, tries(5..<15, port: port)), in: network(target: target)).sorted.first?
                .confidence
        }
        #expect(try confidence("Microsoft.Sql/servers", port: 1433) == .high)
        // Reports conflict: only evidence decides.
        #expect(try confidence("Microsoft.Storage/storageAccounts", port: 443) == .medium)
    }

    @Test func staysQuietWhereAnswersComeBack() throws {
        #expect(try Inspection(healthy(0..<60, tries(5..<15, isAnswered: true)), in: network()).sorted.isEmpty)
    }

    @Test func nearMissesStayQuiet() throws {
        func isQuiet(_ acts: Logs..., in network: Network? = nil) throws -> Bool {
            var logs = Logs()
            logs.healthy(minutes: 0..<60)
            for act in acts { logs.add(act) }
            return try Inspection(logs, in: network ?? self.network()).findings(InspectionBrokenDetector.id).isEmpty
        }
        #expect(try isQuiet(tries(5..<9)), "four are too few")
        #expect(try isQuiet(tries(5..<15, counts: false)), "openings alone, however often")
        #expect(try isQuiet(tries(5..<15, isAllowed: false)), "what is denied does not reach it")
        #expect(try isQuiet(tries(5..<15, isAtFirewall: false)), "no row of theirs at the appliance")
        #expect(try isQuiet(tries(5..<15, port: 2_000, ports: 1)), "a scan: nothing listens there")
        #expect(try isQuiet(tries(5..<15, begins: false)), "began before the window, as far as one can see")
        #expect(try isQuiet(tries(5..<15, packets: 9, bytes: 5_000)), "more than openings: a row is missing")
        #expect(try isQuiet(tries(5..<15), tries(15..<16, isAnswered: true)), "answered since")
        #expect(try isQuiet(tries(5..<15), in: Network()), "the routes lead past it")
        #expect(try isQuiet(tries(50..<58)), "too young")
    }

    @Test func resolvesWhenEnoughSessionsAreAnsweredAndNeitherBySilenceNorByFew() throws {
        let silent = try Inspection(healthy(0..<150, tries(5..<15)), in: network())
        #expect(silent.sorted.first?.state == .open)
        let few = try Inspection(
            healthy(0..<90, tries(5..<15), tries(40..<43, isAnswered: true)), in: network())
        #expect(few.sorted.first?.state == .open)
        let mended = try Inspection(
            healthy(0..<90, tries(5..<15), tries(40..<50, isAnswered: true)), in: network())
        #expect(mended.sorted.first?.state == .resolved)
        let half = try Inspection(
            healthy(0..<120, tries(5..<15), tries(40..<50, isAnswered: true), tries(50..<60)), in: network())
        #expect(half.sorted.first?.state == .open, "answered for a while")
        let past = try Inspection(
            healthy(0..<90, tries(5..<15), tries(40..<50, isAnswered: true, isAtFirewall: false)), in: network())
        #expect(past.sorted.first?.state == .open, "answered, and not through the appliance")
    }
}
