import Detect
import FlowModel
import Testing
import Topology

private let detector = PrivateEndpointICMPUDPOnlyDetector.id

@Suite struct PrivateEndpointICMPUDPOnlyTests {
    /// The case that the product exists for: probes at the firewall, blobs past it.
    private func bypass() -> Logs {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.probes(minutes: 5..<15)
        logs.blobs(minutes: 6..<20)
        return logs
    }

    @Test func firesWhereProbesAreSeenAndTCPIsProvenToBypass() throws {
        let inspection = try Inspection(bypass())
        let finding = try #require(inspection.sorted.first)
        #expect(inspection.sorted.count == 1)
        #expect(finding.detector == detector)
        #expect(
            finding.subject == [
                "private_endpoint": Network.privateEndpoint, "client_subnet": Network.applicationSubnet,
            ])
        #expect(finding.state == .open)
        #expect(finding.proof == .proven)
        #expect(finding.severity == .warning)
        #expect(finding.cause == Network.applicationTable)
        #expect(finding.why.contains("ping does not test this path"))
        #expect(finding.why.contains("10.2.2.5/32"))
        #expect(finding.why.contains("10.2.2.0/24"))
        #expect(finding.counts.sessions == 14)
        #expect(finding.counts.bytesSent == 56_000)
        #expect(finding.counts.bytesReceived == 1_120_000)
        #expect(finding.clients.map(\.address) == ["10.2.1.4"])
        #expect(finding.explain.hasPrefix("flowsight explain --topology"))
        #expect(finding.fingerprint == fingerprint(detector: detector, subject: finding.subject))
    }

    @Test func carriesEvidenceOfBothSidesAndRoutesOfBothProtocols() throws {
        let finding = try #require(try Inspection(bypass()).sorted.first)
        #expect(finding.evidence.count == Finding.evidenceLimit)
        #expect(Set(finding.evidence.map(\.ipProtocol)) == ["icmp", "udp", "tcp"])
        #expect(Set(finding.evidence.map(\.vantage)) == [Network.firewall, Network.spoke])
        #expect(finding.evidence.map(\.time) == finding.evidence.map(\.time).sorted())
        let winners = finding.routes.filter(\.chosen)
        #expect(winners.contains { $0.prefix == "10.2.2.5/32" && $0.nextHopType == "InterfaceEndpoint" })
        #expect(winners.contains { $0.prefix == "10.2.2.0/24" && $0.nextHop == "10.0.1.4" })
        let remedy = try #require(finding.remedy.first)
        #expect(remedy.contains("rt-app"))
        #expect(remedy.contains("10.2.2.5/32"))
        #expect(remedy.contains("10.0.1.4"))
    }

    @Test(arguments: [
        ([161], "UDP goes to port 161 (SNMP)"), ([443], "QUIC"), ([9_000, 9_001], "UDP goes to ports 9000, 9001"),
        (Array(1_000..<1_200), "ports or more is a scan"),
    ])
    func saysWhatTheProbesLookLike(ports: [Int32], text: String) throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.blobs(minutes: 6..<20)
        for minute in 5..<15 {
            for (place, port) in ports.enumerated() {
                logs.firewall(
                    Double(minute * 60) + Double(place) / 4, "10.2.1.4", 40_000, "10.2.2.5", port,
                    ipProtocol: IPProtocol.udp)
            }
        }
        let why = try #require(try Inspection(logs).sorted.first?.why)
        #expect(why.contains(text) && why.contains("answers none of it") && !why.contains("ICMP is"), "\(why)")
        let probed = try #require(try Inspection(bypass()).sorted.first?.why)
        #expect(probed.contains("ICMP is what ping and monitoring send; UDP goes to port 9000"), "\(probed)")
    }

    /// The proof of a fix: enough sessions on the right way, none past it since, and logs that would show one.
    @Test(arguments: [(3, false), (10, true)])
    func aFewSessionsAreNoFix(minutes: Int, resolves: Bool) throws {
        var logs = bypass()
        logs.healthy(minutes: 60..<140)
        logs.blobs(minutes: 70..<70 + minutes, inspected: true)
        #expect(try Inspection(logs).sorted.map(\.state) == [resolves ? .resolved : .open])
    }

    /// No log shows the client's TCP, before or after: the firewall's rows are all there is.
    @Test func aFixIsProvenByTheFirewallAloneWhereNoTCPWasEverLogged() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<140)
        logs.probes(minutes: 5..<15)
        for minute in 90..<100 {
            logs.firewall(Double(minute * 60), "10.2.1.4", Int32(51_000 + minute), "10.2.2.5", 443)
        }
        #expect(try Inspection(logs).sorted.map(\.state) == [.resolved])
    }

    @Test func denialsAndSessionsBesideThemAreNoFix() throws {
        var denied = bypass()
        denied.healthy(minutes: 60..<140)
        for minute in 30..<60 {
            denied.firewall(
                Double(minute * 60), "10.2.1.4", Int32(51_000 + minute), "10.2.2.5", 443, action: .deny)
        }
        #expect(try Inspection(denied).sorted.map(\.state) == [.open])
        var half = bypass()
        half.healthy(minutes: 60..<140)
        half.blobs(minutes: 70..<90, inspected: true)
        // The other client of the subnet still goes past it.
        for minute in 70..<120 {
            let second = Double(minute * 60) + 40
            half.flow(
                second, "10.2.1.5", Int32(52_000 + minute), "10.2.2.5", 443, state: .begin, mac: Network.backupMAC)
            half.flow(
                second + 9, "10.2.1.5", Int32(52_000 + minute), "10.2.2.5", 443, state: .end, sent: (9, 900),
                received: (9, 900), mac: Network.backupMAC)
        }
        #expect(try Inspection(half).sorted.map(\.state) == [.open])
    }

    /// The client's flow log has fallen silent: a session past the firewall would not show.
    @Test func aSilentWitnessProvesNoFix() throws {
        var logs = bypass()
        for minute in 60..<140 { logs.firewall(Double(minute * 60), "10.0.2.4", 30_000, "203.0.113.10", 443) }
        for minute in 70..<90 { logs.firewall(Double(minute * 60), "10.2.1.4", Int32(minute), "10.2.2.5", 443) }
        #expect(try Inspection(logs).sorted.map(\.state) == [.open])
    }

    @Test func staysOpenWhileThePairWindowHoldsOrNothingContradictsIt() throws {
        var logs = bypass()
        logs.healthy(minutes: 60..<110)
        #expect(try Inspection(logs).sorted.map(\.state) == [.open])
    }

    @Test func staysQuietWhereTheNetworkIsRight() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.probes(minutes: 5..<15)
        logs.blobs(minutes: 6..<20, inspected: true)
        #expect(try Inspection(logs, in: .fixed).sorted.isEmpty)
    }

    @Test func staysQuietWhereRoutesInspectTCPAndNoneIsSeen() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.probes(minutes: 5..<15)
        #expect(try Inspection(logs, in: .fixed).sorted.isEmpty)
    }

    @Test func nearMissADeniedTCPRowIsTheFirewallsTCP() throws {
        var logs = bypass()
        logs.firewall(8 * 60, "10.2.1.4", 51_000, "10.2.2.5", 443, action: .deny)
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    @Test(arguments: [true, false]) func nearMissAnApplicationRuleNamesTheServiceAlone(isNamedByZone: Bool) throws {
        var network = Network()
        network.isNamedByZone = isNamedByZone
        var logs = bypass()
        #expect(try !Inspection(logs, in: network).sorted.isEmpty)
        logs.firewall(
            8 * 60, "10.2.1.4", 51_000, nil, 443, format: .azfwApplicationRule, fqdn: "acme.blob.example.net")
        #expect(try Inspection(logs, in: network).sorted.isEmpty)
    }

    @Test func nearMissTCPWithoutProbesAndWithoutAWish() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.blobs(minutes: 6..<20)
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    @Test func cannotTellWhereTheFirewallHasNotSpoken() throws {
        // The firewall writes the probes and then falls silent; the client's flow log goes on.
        var logs = Logs()
        logs.probes(minutes: 5..<6)
        logs.blobs(minutes: 30..<90)
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    @Test func aSessionThatBeganBeforeTheWindowProvesNothing() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.probes(minutes: 5..<15)
        for minute in 5..<40 {
            logs.flow(
                Double(minute * 60), "10.2.1.4", 50_000, "10.2.2.5", 443, state: .continue, sent: (9, 900),
                received: (9, 9_000))
        }
        let finding = try #require(try Inspection(logs).sorted.first)
        #expect(finding.proof == .unproven)
        #expect(finding.severity == .warning)
    }

    @Test func missingTCPThatALogWouldShowIsOnlyWorthKnowing() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.probes(minutes: 5..<15)
        let finding = try #require(try Inspection(logs).sorted.first)
        #expect(finding.severity == .info)
        #expect(finding.proof == Finding.Proof.none)
    }

    @Test func withoutAFlowLogTheRoutesSayItUnproven() throws {
        var logs = Logs()
        for minute in 0..<60 { logs.firewall(Double(minute * 60) + 7, "10.2.1.5", 20_000, "203.0.113.10", 443) }
        for minute in 5..<15 {
            logs.firewall(Double(minute * 60), "10.2.1.4", -1, "10.2.2.5", -1, ipProtocol: IPProtocol.icmp)
        }
        let finding = try #require(try Inspection(logs).sorted.first)
        #expect(finding.proof == .unproven)
        #expect(finding.severity == .warning)
        #expect(finding.counts.bytesSent == nil)
    }

    @Test func resolvesOnceTheFirewallSeesTheTCP() throws {
        var logs = bypass()
        logs.healthy(minutes: 60..<120)
        logs.probes(minutes: 60..<80)
        logs.blobs(minutes: 62..<80, inspected: true)
        let inspection = try Inspection(logs)
        #expect(inspection.sorted.map(\.state) == [.resolved])
        #expect(inspection.sorted.first?.resolvedBecause?.contains("firewall sees the TCP") == true)
    }

    @Test func goesStaleAndNeverResolvesWhereDataIsMissing() throws {
        var logs = bypass()
        // Only a metric goes on: nothing speaks of the private endpoint.
        for minute in 60..<260 { logs.processed(Double(minute * 60), bytes: 1_000) }
        let inspection = try Inspection(logs)
        #expect(inspection.sorted.map(\.state) == [.stale])
        #expect(inspection.sorted.first?.resolvedAt == nil)
    }
}
