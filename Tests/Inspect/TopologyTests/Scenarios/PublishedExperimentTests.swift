import FlowModel
import Topology
import Testing

/// Experiments that others published, with what they saw. Each is rebuilt from its facts.
@Suite struct PublishedExperimentTests {
    // MARK: github.com/mddazure/azure-privatelink-routing, topology 1: source, NVA and endpoint in one VNet; the target is a
    // private link service.

    private static func oneVNet(
        _ name: String, routes: [String], snat: String = "never", policies: String = "Disabled",
        target: String = "Microsoft.Network/privateLinkServices", _ rows: [ExpectedSession]
    ) -> Fixture {
        var network = TestNetwork()
        network.addVNet(
            "vnet", ["192.168.0.0/16"],
            subnets: [
                TestNetwork.subnet("vnet", "vm", "192.168.13.0/24", table: "rt"),
                TestNetwork.subnet("vnet", "nva", "192.168.16.0/24"),
                TestNetwork.subnet("vnet", "endpoints", "192.168.2.0/24", policies: policies),
            ])
        network.addTable("rt", to: "192.168.16.4", routes)
        network.addAppliance("nva", "192.168.16.4", vnet: "vnet", subnet: "nva", snat: snat)
        network.addNIC("vm", "192.168.13.4", vnet: "vnet", subnet: "vm", machine: "vm")
        network.addPrivateEndpoint("pe", "192.168.2.4", vnet: "vnet", subnet: "endpoints", target: target)
        var fixture = Fixture(
            name: name, network: network, client: .machine("192.168.13.4", nic: "vm", subnet: "vnet/vm"),
            endpoint: "192.168.2.4", rows: rows)
        fixture.firewall = [TestNetwork.network("networkInterfaces", "nva").lowercased()]
        return fixture
    }

    /// A summary for the endpoint's subnet does not override the /32, which carries UDP to such a target, too.
    @Test func aSubnetsRouteDoesNotOverrideTheEndpointsOwn() throws {
        try PublishedExperimentTests.oneVNet(
            "summary", routes: ["192.168.2.0/24"],
            [
                .tcp("192.168.2.4/32 InterfaceEndpoint", .bypass),
                .udp("192.168.2.4/32 InterfaceEndpoint", .bypass),
                .icmp("192.168.2.0/24 VirtualAppliance", .unansweredBehindFirewall),
            ]
        ).check()
    }

    /// With the /32 overridden and no translation, the packets leave the NVA and never arrive.
    @Test func theOverrideWithoutTranslationBreaksTheSession() throws {
        try PublishedExperimentTests.oneVNet(
            "override", routes: ["192.168.2.4/32"],
            [
                .tcp("192.168.2.4/32 VirtualAppliance", .droppedBehindFirewall),
                .udp("192.168.2.4/32 VirtualAppliance", .droppedBehindFirewall),
                .icmp("192.168.2.4/32 VirtualAppliance", .unansweredBehindFirewall),
            ]
        ).check()
    }

    /// All eight topologies, each with an NVA that does not translate, and the verdict that was published. Packets that
    /// did not arrive were seen leaving the NVA, and blocked at its host.
    @Test(
        "the eight topologies",
        arguments: [
            ReturnPathTableTests.Row(client: "a", device: "a", endpoint: "a", tcp: .droppedBehindFirewall),
            ReturnPathTableTests.Row(client: "a", device: "b", endpoint: "c", tcp: .inspectedWithoutTranslation),
            ReturnPathTableTests.Row(client: "a", device: "b", endpoint: "a", tcp: .inspectedWithoutTranslation),
            ReturnPathTableTests.Row(client: "a", device: "a", endpoint: "b", tcp: .droppedBehindFirewall),
            ReturnPathTableTests.Row(client: "a", device: "b", endpoint: "b", tcp: .inspectedWithoutTranslation),
            ReturnPathTableTests.Row(
                client: "a", device: "a", endpoint: "a", gateway: "ExpressRoute",
                tcp: .inspected.with { $0.atBest = .low }),
            ReturnPathTableTests.Row(
                client: "a", device: "a", endpoint: "a", gateway: "Vpn", tcp: .droppedBehindFirewall),
            ReturnPathTableTests.Row(
                client: "a", device: "b", endpoint: "c", gateway: "Vpn", tcp: .inspectedWithoutTranslation),
        ])
    func topologies(_ row: ReturnPathTableTests.Row) throws {
        try ReturnPathTableTests.fixture(row, .machine, target: "Microsoft.Network/privateLinkServices").check()
    }

    /// Topology 2 needs no /32: two peerings away a summary for the endpoints' VNet is enough.
    @Test func inTheChainASummaryIsEnough() throws {
        try ScenarioOneTests.fixture(
            "summary in the chain",
            ScenarioOneTests.through("10.2.0.0/16", tcp: .inspectedWithoutTranslation),
            ScenarioOneTests.Changes(translates: false)
        ).check()
    }

    // MARK: journeyofthegeek.com/2022/03/12: a router VM in the hub, one spoke with machine and endpoints, one with a machine
    // only; each spoke's table leads to the other spoke, the hub's test machine gets a route for the first spoke.

    private static func twoSpokes(policies: String) -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.0.0.0/16"],
            subnets: [
                TestNetwork.subnet("hub", "router", "10.0.1.0/24"),
                TestNetwork.subnet("hub", "test", "10.0.2.0/24", table: "rt"),
            ], peerings: [TestNetwork.peering(to: "one"), TestNetwork.peering(to: "two")])
        network.addVNet(
            "one", ["10.1.0.0/16"], subnets: [TestNetwork.subnet("one", "a", "10.1.1.0/24", policies: policies)],
            peerings: [TestNetwork.peering(to: "hub")])
        network.addVNet(
            "two", ["10.2.0.0/16"], subnets: [TestNetwork.subnet("two", "a", "10.2.1.0/24", table: "rt")],
            peerings: [TestNetwork.peering(to: "hub")])
        network.addTable("rt", to: "10.0.1.4", ["10.1.0.0/16"])
        network.addAppliance("router", "10.0.1.4", vnet: "hub", subnet: "router")
        network.addNIC("test", "10.0.2.10", vnet: "hub", subnet: "test", machine: "test")
        network.addNIC("two", "10.2.1.10", vnet: "two", subnet: "a", machine: "two")
        network.addPrivateEndpoint("pe", "10.1.1.5", vnet: "one", subnet: "a")
        network.addPrivateEndpoint(
            "vault", "10.1.1.6", vnet: "one", subnet: "a", target: "Microsoft.KeyVault/vaults")
        return network
    }

    @Test(
        "policies invalidate the /32 of every endpoint in the subnet",
        arguments: ["10.1.1.5", "10.1.1.6"], [("Disabled", false), ("RouteTableEnabled", true)])
    func policiesOfOneSubnet(endpoint: String, policies: (String, Bool)) throws {
        let network = PublishedExperimentTests.twoSpokes(policies: policies.0)
        let wanted = policies.1 ? "10.1.0.0/16 user VirtualAppliance" : "\(endpoint)/32 system InterfaceEndpoint"
        #expect(try network.chosen("10.0.2.10", endpoint) == wanted)
        // Two peerings away there never was a /32.
        #expect(try network.chosen("10.2.1.10", endpoint) == "10.1.0.0/16 user VirtualAppliance")
        #expect(try network.answer("10.2.1.10", endpoint).works == true)
    }

    // MARK: github.com/erjosito/azcli, plink_udr.azcli: the preview of summarisation, SQL and storage behind a Linux NVA.

    /// With policies on, the subnet's route makes the /32 invalid, which stays in the list; masquerading, it works.
    @Test func policiesMakeTheSubnetsRouteSummarise() throws {
        let fixture = PublishedExperimentTests.oneVNet(
            "masquerade", routes: ["192.168.2.0/24"], snat: "always", policies: "RouteTableEnabled",
            target: "Microsoft.Sql/servers", ScenarioOneTests.through("192.168.2.0/24", tcp: .inspected))
        try fixture.check()
        let listed = try #require(
            fixture.answer(IPProtocol.tcp).routes.first { $0.nextHopType == "InterfaceEndpoint" })
        #expect(!listed.chosen && listed.reason.lowercased().hasPrefix("invalid"))
    }

    /// The firewall's private ranges hold the client's subnet only: the endpoint's address is public to it, and what goes
    /// there is translated. Back at the default it is not.
    @Test(arguments: [("\"192.168.13.0/24\"", true), ("\"IANAPrivateRanges\"", false)])
    func privateRangesWithoutTheEndpointTranslate(ranges: String, translates: Bool) throws {
        var network = TestNetwork()
        network.addVNet(
            "vnet", ["192.168.0.0/16"],
            subnets: [
                TestNetwork.subnet("vnet", "vm", "192.168.13.0/24", table: "rt"),
                TestNetwork.subnet("vnet", "AzureFirewallSubnet", "192.168.15.0/24"),
                TestNetwork.subnet("vnet", "endpoints", "192.168.2.0/24"),
            ])
        network.addTable("rt", to: "192.168.15.4", ["192.168.2.4/32"])
        network.addFirewall("fw", "192.168.15.4", vnet: "vnet", policy: "p")
        network.add("firewallPolicies", "p", "\"snat\":{\"privateRanges\":[\(ranges)]}")
        network.addNIC("vm", "192.168.13.4", vnet: "vnet", subnet: "vm", machine: "vm")
        network.addPrivateEndpoint(
            "pe", "192.168.2.4", vnet: "vnet", subnet: "endpoints", target: "Microsoft.Sql/servers")
        let fixture = Fixture(
            name: ranges, network: network, client: .machine("192.168.13.4", nic: "vm", subnet: "vnet/vm"),
            endpoint: "192.168.2.4",
            rows: ScenarioOneTests.through("192.168.2.4/32", tcp: translates ? .inspected : .droppedBehindFirewall))
        try (translates ? fixture : fixture).check()
    }

    // MARK: github.com/MicrosoftDocs/azure-docs/issues/102599: the client in one VNet, firewall and endpoint in its peer; a
    // network rule, no translation, no route table at the endpoint: it works, for a customer and for support.

    @Test func firewallAndEndpointInThePeerWorkWithoutTranslation() throws {
        let row = ReturnPathTableTests.Row(
            client: "a", device: "b", endpoint: "b", tcp: .inspectedWithoutTranslation)
        try ReturnPathTableTests.fixture(row).check()
    }

    // MARK: github.com/MicrosoftDocs/azure-docs/issues/107366: policies alone invalidate nothing; a default route neither.

    @Test func aDefaultRouteDoesNotInvalidateTheEndpointsRoute() throws {
        try ScenarioTwoTests.fixture(
            "default route under policies", ScenarioTwoTests.past("10.1.0.0/16 VnetLocal", .unanswered),
            ScenarioTwoTests.Changes(routes: ["0.0.0.0/0"], policies: "Enabled")
        ).check()
    }

    // MARK: blog.cloudtrooper.net, January 2025, “Your routes might be lying”: from a site over a VPN gateway in the hub to an
    // endpoint in a spoke; the gateway used to ignore summarisation, and obeys it now.

    @Test(arguments: [true, false]) func theGatewayObeysSummarisationNow(obeys: Bool) throws {
        let summary = ScenarioFourTests.through("10.1.0.0/16", tcp: ScenarioFourTests.byGatewaySummary)
        let ignored: [ExpectedSession] = [
            .tcp("10.1.2.5/32 InterfaceEndpoint", .bypass),
            .udp("10.1.0.0/16 VirtualAppliance", .unansweredBehindFirewall),
            .icmp("10.1.0.0/16 VirtualAppliance", .unansweredBehindFirewall),
        ]
        let right = ScenarioFourTests.fixture(
            "gateway", obeys ? summary : ignored,
            ScenarioFourTests.Changes(routes: ["10.1.0.0/16"], policies: "RouteTableEnabled"))
        var network = right.network
        if !obeys { network.addSemantics("\"gateway_subnet_obeys_summarisation\":false") }
        try Fixture(
            name: right.name, network: network, client: right.client, endpoint: right.endpoint, rows: right.rows
        ).check()
    }

    // MARK: github.com/MicrosoftDocs/azure-docs/issues/119645: inside one subnet direct, everything else through the
    // firewall: a route for the subnet to VnetLocal, one for the VNet to the appliance, policies on.

    @Test(arguments: [false, true]) func aRouteToTheVNetItselfNeedsHighScale(hasHighScale: Bool) throws {
        var network = TestNetwork()
        let policy = hasHighScale ? ",\"privateEndpointVNetPolicies\":\"Basic\"" : ""
        let subnets = [
            TestNetwork.subnet("vnet", "zone", "10.4.1.0/24", table: "rt", policies: "Enabled"),
            TestNetwork.subnet("vnet", "nva", "10.4.9.0/24"),
        ]
        network.add(
            "virtualNetworks", "vnet",
            "\"addressSpace\":{\"addressPrefixes\":[\"10.4.0.0/16\"]},\"subnets\":[\(subnets.joined(separator: ","))]"
                + policy)
        network.addTable(
            "rt",
            [
                TestNetwork.route("10.4.0.0/16", "VirtualAppliance", "10.4.9.4"),
                TestNetwork.route("10.4.1.0/24", "VnetLocal"),
            ])
        network.addAppliance("nva", "10.4.9.4", vnet: "vnet", subnet: "nva", snat: "always")
        network.addNIC("vm", "10.4.1.10", vnet: "vnet", subnet: "zone", machine: "vm")
        network.addPrivateEndpoint("pe", "10.4.1.5", vnet: "vnet", subnet: "zone")
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place("10.4.1.10"), to: try topology.place("10.4.1.5"), ipProtocol: IPProtocol.tcp,
            port: 443)
        #expect(answer.inspected != true)
        if hasHighScale {
            #expect(answer.works == true && answer.inspected == false)
        } else {
            #expect(answer.works == false)
            #expect(answer.confidence < .high && !answer.restsOn.isEmpty)
        }
    }
}
