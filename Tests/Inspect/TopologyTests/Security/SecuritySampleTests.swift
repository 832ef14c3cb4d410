import FlowModel
import Foundation
import Testing
import Topology

private let samples = ProcessInfo.processInfo.environment["FLOWSIGHT_SAMPLES"]

/// Published exports, none of which is ours.
@Suite(.enabled(if: samples != nil, "FLOWSIGHT_SAMPLES names no folder of real exports"))
struct SecuritySampleTests {
    private func topology(_ name: String) throws -> Topology {
        let url = URL(fileURLWithPath: samples ?? "").appendingPathComponent("topology/\(name)")
        return try Topology(documents: [TopologyDocument(name: name, bytes: Array(Data(contentsOf: url)))])
    }

    @Test(arguments: ["rest-mixed-children-twice.json", "powershell-pascal-case.json"])
    func everyRuleOfAPublishedGroupCanBeRead(name: String) throws {
        #expect(try topology(name).problems.filter { $0.field.hasPrefix("securityRules") } == [])
    }

    /// Its policy is in another export: nothing is denied by silence.
    @Test func aFirewallWithoutItsPolicyHasNoKnownRuling() throws {
        let topology = try topology("rest-firewall-basic.json")
        let firewall = try #require(topology.firewalls.first)
        let address = try #require(IPAddress("10.1.1.4"))
        let flow = FirewallFlow(source: address, destination: address, ipProtocol: 6, port: 443)
        #expect(topology.firewallRuling(firewall.id, flow)?.allows == nil)
    }
}
