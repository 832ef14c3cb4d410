import FlowModel
import Topology
import Testing

private let tcp = IPProtocol.tcp

/// The table of what was seen without translation at the firewall, and translation as the way out of it.
@Suite struct ReturnPathTests {
    /// VNets a, b, c in a chain of peerings; client, firewall and endpoint stand where the case says.
    private func chain(client: String, device: String, endpoint: String, translates: Bool = false) throws -> Explanation
    {
        var network = TestNetwork()
        let peers = ["a": ["b"], "b": ["a", "c"], "c": ["b"]]
        for (number, vnet) in ["a", "b", "c"].enumerated() {
            var subnets = [
                TestNetwork.subnet(vnet, "clients", "10.\(number).1.0/24", table: "to-firewall"),
                TestNetwork.subnet(vnet, "endpoints", "10.\(number).2.0/24"),
            ]
            if vnet == device { subnets.append(TestNetwork.subnet(vnet, "AzureFirewallSubnet", "10.\(number).3.0/26")) }
            network.addVNet(
                vnet, ["10.\(number).0.0/16"], subnets: subnets,
                peerings: (peers[vnet] ?? []).map { TestNetwork.peering(to: $0) })
        }
        func number(_ vnet: String) -> Int { ["a": 0, "b": 1, "c": 2][vnet] ?? 9 }
        let firewall = "10.\(number(device)).3.4"
        let target = "10.\(number(endpoint)).2.5"
        network.addFirewall("fw", firewall, vnet: device, policy: "p")
        network.add("firewallPolicies", "p", translates ? "\"snat\":{\"privateRanges\":[\"255.255.255.255/32\"]}" : "")
        network.addTable(
            "to-firewall",
            [
                TestNetwork.route("\(target)/32", "VirtualAppliance", firewall),
                TestNetwork.route("0.0.0.0/0", "VirtualAppliance", firewall),
            ])
        network.addPrivateEndpoint(
            "pe", target, vnet: endpoint, subnet: "endpoints", target: "Microsoft.Sql/servers",
            group: "sqlServer")
        network.addNIC("n", "10.\(number(client)).1.9", vnet: client, subnet: "clients")
        let topology = try network.topology()
        return topology.explain(
            from: try topology.place("10.\(number(client)).1.9"), to: try topology.place(target), ipProtocol: tcp,
            port: nil)
    }

    @Test(arguments: [
        ("a", "a", "a", false), ("a", "a", "b", false), ("a", "b", "a", true), ("a", "b", "b", true),
        ("a", "b", "c", true),
    ])
    func withoutTranslationTheVNetsDecide(client: String, device: String, endpoint: String, works: Bool) throws {
        let answer = try chain(client: client, device: device, endpoint: endpoint)
        #expect(answer.works == works)
        #expect(answer.inspected == true)
        #expect(answer.symmetric == (works ? true : nil))
        // What is dropped dies at the device's host, before the endpoint: nothing comes back.
        #expect(answer.forward.last?.kind == (works ? .privateEndpoint : .drop))
        #expect(answer.back.last?.kind == (works ? .nic : nil))
        #expect(answer.remedy.isEmpty == works)
    }

    @Test(arguments: [("a", "a", "a"), ("a", "a", "b"), ("a", "b", "a"), ("a", "b", "c")])
    func withTranslationItWorksEverywhere(client: String, device: String, endpoint: String) throws {
        let answer = try chain(client: client, device: device, endpoint: endpoint, translates: true)
        #expect(answer.works == true && answer.symmetric == true && answer.remedy.isEmpty)
    }

    private let lab = HubAndSpoke(seed: 31)

    private func fromSite(_ changes: HubAndSpoke.Changes) throws -> Explanation {
        var changes = changes
        changes.gatewayRoutes = [TestNetwork.route("\(lab.endpoint)/32", "VirtualAppliance", lab.firewall)]
        return try lab.explain(lab.client, lab.endpoint, tcp, changes)
    }

    @Test func fromOnPremisesThroughTheHubToASpokeReportsConflict() throws {
        let answer = try fromSite(.init())
        #expect(answer.inspected == true)
        #expect(answer.works == nil && answer.symmetric == nil)
        #expect(answer.symmetricReason.contains("reports conflict"))
        #expect(answer.remedy.isEmpty, "nothing is advised from what is not known")
    }

    @Test func theOverlayOrATranslationSettlesIt() throws {
        #expect(try fromSite(.init(semantics: "\"gateway_hub_spoke_reply\":true")).works == true)
        #expect(try fromSite(.init(semantics: "\"gateway_hub_spoke_reply\":false")).works == false)
        let translated = try fromSite(.init(privateRanges: ["255.255.255.255/32"]))
        #expect(translated.works == true && translated.symmetric == true)
    }

    @Test func iANAPrivateRangesAreTheDefaultRanges() throws {
        #expect(try fromSite(.init(privateRanges: ["IANAPrivateRanges"])).works == nil)
    }

    @Test func aSessionThatTheFirewallSeesOnlyOpenIsNotSaidToFail() throws {
        // The opening goes through the firewall, the answer has a longer way home.
        let changes = HubAndSpoke.Changes(
            gatewayRoutes: [TestNetwork.route("\(lab.spoke).1.0/24", "VirtualAppliance", lab.firewall)],
            extraRoutes: [TestNetwork.route("\(lab.site).0.0/16", "VirtualNetworkGateway")])
        let answer = try lab.explain(lab.client, lab.machine, tcp, changes)
        #expect(answer.symmetric == false)
        #expect(answer.works == nil)
        #expect(
            answer.remedy == [
                "add to route table rt-app the route \(lab.site).0.0/16 → VirtualAppliance \(lab.firewall)"
            ])
    }

    @Test func forwardedTrafficMustBeAllowedForWhatTheFirewallDoesNotTranslate() throws {
        let changes = HubAndSpoke.Changes(isFixed: true, allowsForwardedTraffic: false)
        let answer = try lab.explain(lab.client, lab.machine, tcp, changes)
        #expect(answer.works == false)
        #expect(answer.why.contains("does not allow forwarded traffic"))
    }

    @Test func withPropagationOffAtTheFirewallThereIsNoWayBackToOnPremises() throws {
        var network = TestNetwork()
        network.addVNet(
            "v", ["10.1.0.0/16"],
            subnets: [
                TestNetwork.subnet("v", "AzureFirewallSubnet", "10.1.1.0/26", table: "off"),
                TestNetwork.subnet("v", "GatewaySubnet", "10.1.2.0/27", table: "gw"),
                TestNetwork.subnet("v", "app", "10.1.3.0/24", table: "app"),
            ])
        network.addFirewall("fw", "10.1.1.4", vnet: "v")
        network.addGateway("gw", vnet: "v")
        network.addNIC("n", "10.1.3.9", vnet: "v", subnet: "app")
        network.addTable("off", [], propagation: false)
        network.addTable("gw", [TestNetwork.route("10.1.3.0/24", "VirtualAppliance", "10.1.1.4")])
        network.addTable("app", [TestNetwork.route("0.0.0.0/0", "VirtualAppliance", "10.1.1.4")], propagation: false)
        network.overlays = [
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\"]}]}"
        ]
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place("192.168.4.4"), to: try topology.place("10.1.3.9"), ipProtocol: tcp, port: nil)
        #expect(answer.works == false)
        #expect(answer.back.last?.kind == .drop)
        #expect(answer.symmetric == nil)
    }
}
