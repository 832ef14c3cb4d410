import FlowModel
import Topology
import Testing

/// Who sees a session: yes, no, or cannot tell, with the reason.
@Suite struct WitnessTests {
    private let lab = HubAndSpoke(seed: 5)

    private func view(_ answer: Explanation, _ vantage: String) throws -> String {
        let visibility = try #require(answer.sees.first { $0.vantage == vantage })
        func word(_ value: Bool?) -> String { value.map { "\($0)" } ?? "null" }
        return "\(word(visibility.forward)) \(visibility.forwardReason.rawValue), "
            + "\(word(visibility.back)) \(visibility.backReason.rawValue)"
    }

    @Test func aBypassIsSeenAtTheClientOnly() throws {
        let answer = try lab.explain(lab.machine, lab.endpoint, IPProtocol.tcp)
        #expect(try view(answer, lab.machineID) == "true on_path, true on_path")
        #expect(try view(answer, lab.firewallID) == "false not_on_path, false not_on_path")
        #expect(try view(answer, lab.endpointID) == "null endpoint_never_logs, null endpoint_never_logs")
    }

    @Test func aPingIsSeenAtTheFirewallOnly() throws {
        let answer = try lab.explain(lab.machine, lab.endpoint, IPProtocol.icmp)
        #expect(try view(answer, lab.machineID) == "null protocol_not_logged, null protocol_not_logged")
        #expect(try view(answer, lab.firewallID) == "true on_path, false not_on_path")
    }

    @Test func anUnansweredProbeIsSeenGoingAndNotComing() throws {
        let answer = try lab.explain(lab.machine, lab.endpoint, IPProtocol.udp)
        #expect(try view(answer, lab.machineID) == "true on_path, false not_on_path")
    }

    @Test func theFirewallLogsNoReturn() throws {
        let answer = try lab.explain(lab.machine, lab.endpoint, IPProtocol.tcp, .init(isFixed: true))
        #expect(try view(answer, lab.firewallID) == "true on_path, null direction_not_logged")
    }

    @Test func anAsymmetricSessionIsSeenAtTheServerBothWaysAndNotOpenedAtTheFirewall() throws {
        let answer = try lab.explain(lab.client, lab.machine, IPProtocol.tcp)
        #expect(try view(answer, lab.machineID) == "true on_path, true on_path")
        #expect(try view(answer, lab.firewallID) == "false not_on_path, null direction_not_logged")
    }

    @Test func onlyWhereTheExportHoldsFlowLogsTheirAbsenceMeansSomething() throws {
        let dns = TestNetwork.network("networkInterfaces", "dns-nic").lowercased()
        let without = try lab.explain(lab.machine, lab.dns, IPProtocol.tcp)
        #expect(try view(without, dns) == "true on_path, true on_path")
        let with = try lab.explain(lab.machine, lab.dns, IPProtocol.tcp, .init(hasFlowLogs: true))
        #expect(try view(with, dns) == "null logging_not_enabled, null logging_not_enabled")
        #expect(try view(with, lab.machineID) == "true on_path, true on_path")
        let topology = try lab.network(.init(hasFlowLogs: true)).topology()
        #expect(topology.flowLogCovers(subnet: lab.application) == true)
        #expect(topology.flowLogCovers(subnet: TestNetwork.subnetID("hub", "dns").lowercased()) == false)
        #expect(try lab.network().topology().flowLogCovers(subnet: lab.application) == nil)
    }
}
