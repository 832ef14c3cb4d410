import FlowModel
import Testing
import Topology

/// Private endpoints that are judged once for all get the answers that they would get alone, word for word.
@Suite struct AuditClassTests {
    private typealias Network = TestNetwork

    private func differences(_ network: TestNetwork) throws -> [String] {
        let together = try KeptAudit(network.documents)
        let alone = try KeptAudit(network.documents, isEachJudged: true)
        var differences = zip(together.lines, alone.lines).filter { $0 != $1 }.map { "\($0)\n\($1)" }
        if together.lines.count != alone.lines.count { differences.append("not as many pairs") }
        if together.text != alone.text { differences.append("\(together.text)\n\(alone.text)") }
        return differences
    }

    @Test func endpointsOfRandomNetworks() throws {
        for seed in UInt64(200)...230 {
            let found = try differences(AuditWorlds.random(seed: seed))
            #expect(found.isEmpty, "seed \(seed): \(found.first ?? "")")
        }
    }

    @Test func endpointsBehindGroupsRulesAndWishes() throws {
        var shared = 0
        for seed in UInt64(1)...40 {
            let network = AuditWorlds.guarded(seed: seed)
            let found = try differences(network)
            #expect(found.isEmpty, "seed \(seed): \(found.first ?? "")")
            let audit = Audit(topology: try network.topology())
            shared += audit.pairCount - audit.judgedCount
        }
        #expect(shared > 500, "hardly any endpoint is judged for another: \(shared)")
    }

    @Test func endpointsThatAStaticRouteOfAHubTellsApart() throws {
        var network = TestNetwork()
        network.addNumbered(1)
        for host in 5...7 { network.addPrivateEndpoint("pe\(host)", "10.1.2.\(host)", vnet: "v1", subnet: "e") }
        network.addHub("hub", 100, vnets: ["v1"], hasIntent: false)
        let hub = Network.network("virtualHubs", "hub")
        network.addHubRoutes("hub", ["10.1.2.6/32"])
        network.add("vpnGateways", "gw", "\"virtualHub\":{\"id\":\"\(hub)\"}")
        network.addSite("192.168.0.0/16")
        let audit = try KeptAudit(network.documents)
        #expect(audit.pair("192.168.0.0/16", "/pe6")?.verdict != audit.pair("192.168.0.0/16", "/pe5")?.verdict)
        #expect(try differences(network) == [])
    }

    @Test func endpointsOfWhichOneHasAnotherOnesAddress() throws {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.1.0.0/16"], subnets: [Network.subnet("hub", "app", "10.1.4.0/24")],
            peerings: [Network.peering(to: "s1"), Network.peering(to: "s2")])
        network.addNIC("vm", "10.1.4.4", vnet: "hub", subnet: "app")
        for spoke in ["s1", "s2"] {
            network.addVNet(
                spoke, ["10.2.0.0/16"], subnets: [Network.subnet(spoke, "pe", "10.2.2.0/24")],
                peerings: [Network.peering(to: "hub")])
        }
        network.addPrivateEndpoint("a", "10.2.2.4", vnet: "s1", subnet: "pe", status: "Pending")
        for (name, host) in [("x", 4), ("y", 5), ("z", 6)] {
            network.addPrivateEndpoint(name, "10.2.2.\(host)", vnet: "s2", subnet: "pe")
        }
        #expect(try differences(network) == [])
    }

    @Test func wordsOfOthersAreLeftAlone() throws {
        var network = TestNetwork()
        network.addVNet(
            "v", ["10.1.0.0/16"],
            subnets: [
                Network.subnet("v", "AzureFirewallSubnet", "10.1.1.0/26"),
                Network.subnet("v", "app", "10.1.4.0/24", table: "rt"),
                Network.subnet("v", "pe", "10.1.5.0/24", policies: nil),
            ])
        network.addFirewall("fw", "10.1.1.4", vnet: "v")
        // Its prefix begins with the address of one of those that it holds.
        network.addTable("rt", [Network.route("10.1.5.4/30", "VirtualAppliance", "10.1.1.4")])
        network.addNIC("vm", "10.1.4.4", vnet: "v", subnet: "app")
        for (name, host) in [("pe", 4), ("firewall", 5), ("app", 6)] {
            network.addPrivateEndpoint(name, "10.1.5.\(host)", vnet: "v", subnet: "pe")
        }
        #expect(Audit(topology: try network.topology()).judgedCount == 2)
        let why = try #require(try KeptAudit(network.documents).pair("/app", "/firewall")).why
        #expect(why.contains("10.1.5.4/30") && why.contains("of v/pe,"), "\(why)")
        #expect(try differences(network) == [])
    }

    @Test func aReasonNamesTheEndpointThatItIsOf() throws {
        var network = TestNetwork()
        network.addVNet(
            "v", ["203.0.113.0/24"],
            subnets: [
                Network.subnet("v", "app", "203.0.113.0/26", table: "rt"),
                Network.subnet("v", "pe", "203.0.113.64/26", policies: "Enabled"),
            ])
        network.addTable("rt", [Network.route("203.0.113.0/24", "Internet")])
        network.addNIC("vm", "203.0.113.10", vnet: "v", subnet: "app")
        for host in 70...72 { network.addPrivateEndpoint("pe\(host)", "203.0.113.\(host)", vnet: "v", subnet: "pe") }
        #expect(Audit(topology: try network.topology()).judgedCount == 2)
        let why = try #require(try KeptAudit(network.documents).pair("/app", "/pe72")).why
        #expect(why.contains("203.0.113.72 is public and inside pe72:"), "\(why)")
        #expect(try differences(network) == [])
    }
}
