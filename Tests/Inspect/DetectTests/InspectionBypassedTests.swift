import Detect
import FlowModel
import Testing
import Topology

@Suite struct InspectionBypassedTests {
    private var wishing: Network {
        var network = Network()
        network.wantsInspection = true
        return network
    }

    @Test func firesInPlaceOfTheOtherAndCarriesTheProbes() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.probes(minutes: 5..<15)
        logs.blobs(minutes: 6..<20)
        let inspection = try Inspection(logs, in: wishing)
        let finding = try #require(inspection.sorted.first)
        #expect(inspection.sorted.map(\.detector) == [InspectionBypassedDetector.id])
        #expect(finding.severity == .critical)
        #expect(finding.proof == .proven)
        #expect(Set(finding.evidence.map(\.ipProtocol)) == ["icmp", "udp", "tcp"])
    }

    @Test func firesWithoutAnyProbe() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.blobs(minutes: 6..<20)
        let inspection = try Inspection(logs, in: wishing)
        #expect(inspection.sorted.map(\.detector) == [InspectionBypassedDetector.id])
    }

    @Test func staysQuietWhereTheNetworkIsRight() throws {
        var network = Network.fixed
        network.wantsInspection = true
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.probes(minutes: 5..<15)
        logs.blobs(minutes: 6..<20, inspected: true)
        #expect(try Inspection(logs, in: network).sorted.isEmpty)
    }

    @Test func nearMissWithoutProofTheWeakerFindingStands() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.probes(minutes: 5..<15)
        // Opening attempts that nobody answers: begin rows with zero counters, then nothing received.
        for minute in 6..<20 {
            logs.flow(Double(minute * 60), "10.2.1.4", Int32(50_000 + minute), "10.2.2.5", 443, state: .begin)
            logs.flow(
                Double(minute * 60) + 20, "10.2.1.4", Int32(50_000 + minute), "10.2.2.5", 443, state: .end,
                sent: (3, 180))
        }
        let inspection = try Inspection(logs, in: wishing)
        #expect(inspection.sorted.map(\.detector) == [PrivateEndpointICMPUDPOnlyDetector.id])
        #expect(inspection.sorted.first?.proof == .unproven)
    }

    @Test func nearMissTCPJustOutsideTheWindowExplainsTheSession() throws {
        // The opening row a moment before the client's: an hour later a window holds the one and not the other.
        var logs = Logs()
        logs.healthy(minutes: 0..<140)
        logs.firewall(119, "10.2.1.4", 50_000, "10.2.2.5", 443)
        logs.flow(121, "10.2.1.4", 50_000, "10.2.2.5", 443, state: .begin)
        logs.flow(125, "10.2.1.4", 50_000, "10.2.2.5", 443, state: .end, sent: (9, 900), received: (9, 900))
        #expect(try Inspection(logs, in: wishing).sorted.isEmpty)
    }

    @Test func replacesAWeakerFindingThatWasOpen() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<90)
        logs.probes(minutes: 5..<40)
        logs.blobs(minutes: 35..<40)
        let inspection = try Inspection(logs, in: wishing)
        #expect(inspection.findings(PrivateEndpointICMPUDPOnlyDetector.id).map(\.state) == [.resolved])
        #expect(
            inspection.findings(PrivateEndpointICMPUDPOnlyDetector.id).first?.resolvedBecause?.contains("superseded")
                == true)
        #expect(inspection.findings(InspectionBypassedDetector.id).map(\.state) == [.open])
    }
}
