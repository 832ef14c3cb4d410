import FlowModel
import Topology
import Testing

/// Scenario 4 of the vendor's guide: on-premises, gateway, firewall, endpoint; the endpoint in a spoke, or beside the
/// firewall. The routes stand at GatewaySubnet, the firewall's subnet must reach back, and translation is required.
/// [learn: inspect-traffic-with-azure-firewall]
///
///     192.168.0.0/16 ══ hub 10.0.0.0/16 (gateway, firewall 10.0.1.4, endpoints 10.0.3.0/24) ── spoke 10.1.0.0/16
@Suite struct ScenarioFourTests {
    struct Changes {
        var gateway = "Vpn"
        var routes = ["10.1.2.5/32"]
        var policies = "Disabled"
        var translates = true
        var firewallPropagates = true
        var isInHub = false
    }

    static func fixture(_ name: String, _ rows: [ExpectedSession], _ changes: Changes = Changes()) -> Fixture {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.0.0.0/16"],
            subnets: [
                TestNetwork.subnet("hub", "AzureFirewallSubnet", "10.0.1.0/26", table: "rt-firewall"),
                TestNetwork.subnet("hub", "GatewaySubnet", "10.0.2.0/27", table: "rt-gateway"),
                TestNetwork.subnet("hub", "endpoints", "10.0.3.0/24", policies: changes.policies),
            ], peerings: [TestNetwork.peering(to: "spoke", transit: true)])
        network.addVNet(
            "spoke", ["10.1.0.0/16"],
            subnets: [TestNetwork.subnet("spoke", "endpoints", "10.1.2.0/24", policies: changes.policies)],
            peerings: [TestNetwork.peering(to: "hub", remoteGateways: true)])
        network.addTable("rt-gateway", to: "10.0.1.4", changes.routes)
        // The firewall itself goes to the Internet: that is no default route to an appliance, the None routes stay.
        network.addTable(
            "rt-firewall", [TestNetwork.route("0.0.0.0/0", "Internet")], propagation: changes.firewallPropagates)
        network.addGuideFirewall("10.0.1.4", vnet: "hub", translates: changes.translates)
        network.addGateway("gw", vnet: "hub", type: changes.gateway)
        network.addSite("192.168.0.0/16")
        let endpoint = changes.isInHub ? "10.0.3.5" : "10.1.2.5"
        network.addPrivateEndpoint("pe", endpoint, vnet: changes.isInHub ? "hub" : "spoke", subnet: "endpoints")
        return Fixture(
            name: "\(changes.gateway): \(name)", network: network,
            client: .onPremises("192.168.5.10", gatewayIn: "hub"), endpoint: endpoint, rows: rows)
    }

    static func through(_ route: String, tcp: Outcome) -> [ExpectedSession] {
        ScenarioOneTests.through(route, tcp: tcp)
    }

    static func past(_ others: String, _ outcome: Outcome) -> [ExpectedSession] {
        ScenarioTwoTests.past(others, outcome)
    }

    /// That a gateway obeys summarisation is a practitioner's report of 2025.
    static let byGatewaySummary = Outcome.inspected.with { $0.atBest = .medium }

    static func right(_ gateway: String) -> Fixture {
        fixture("a /32 at GatewaySubnet", through("10.1.2.5/32", tcp: .inspected), Changes(gateway: gateway))
    }

    @Test(arguments: ["Vpn", "ExpressRoute"]) func configuredRight(gateway: String) throws {
        try ScenarioFourTests.right(gateway).check()
        try ScenarioFourTests.fixture(
            "subnet's prefix and policy",
            ScenarioFourTests.through("10.1.2.0/24", tcp: ScenarioFourTests.byGatewaySummary),
            Changes(gateway: gateway, routes: ["10.1.2.0/24"], policies: "RouteTableEnabled")
        ).check()
        try ScenarioFourTests.fixture(
            "VNet's range and policy",
            ScenarioFourTests.through("10.1.0.0/16", tcp: ScenarioFourTests.byGatewaySummary),
            Changes(gateway: gateway, routes: ["10.1.0.0/16"], policies: "Enabled")
        ).check()
        try ScenarioFourTests.fixture(
            "the endpoint beside the firewall, a /32",
            ScenarioFourTests.through("10.0.3.5/32", tcp: .inspected),
            Changes(gateway: gateway, routes: ["10.0.3.5/32"], isInHub: true)
        ).check()
    }

    static func mistakes(_ gateway: String) -> [Fixture] {
        [
            fixture(
                "no route at GatewaySubnet", past("10.1.0.0/16 VNetPeering", .unanswered),
                Changes(gateway: gateway, routes: [])),
            fixture(
                "policy Disabled under a summary", past("10.1.2.0/24 VirtualAppliance", .unansweredBehindFirewall),
                Changes(gateway: gateway, routes: ["10.1.2.0/24"])),
            fixture(
                "summary wider than the VNet's range", past("10.1.0.0/16 VNetPeering", .unanswered),
                Changes(gateway: gateway, routes: ["10.0.0.0/8"], policies: "Enabled")),
            // The answer reaches the firewall, where 192.168.0.0/16 → None is all that is left for it.
            fixture(
                "propagation off at the firewall's subnet",
                through("10.1.2.5/32", tcp: noWayHome), Changes(gateway: gateway, firewallPropagates: false)),
            // Gateway and firewall in the hub, the endpoint in a spoke: reports conflict.
            fixture(
                "no translation", through("10.1.2.5/32", tcp: .answerUnknown),
                Changes(gateway: gateway, translates: false)),
        ]
    }

    static let noWayHome = Outcome.inspected.with {
        $0.back = "endpoint firewall drop"
        $0.works = "false"
        $0.symmetric = "null"
    }

    @Test(arguments: mistakes("Vpn") + mistakes("ExpressRoute"))
    func withAMistake(_ fixture: Fixture) throws { try fixture.check() }

    @Test(arguments: mistakes("Vpn")) func everyMistakeShows(_ fixture: Fixture) throws {
        let right = ScenarioFourTests.right("Vpn")
        #expect(fixture.rows != right.rows)
        #expect(try !fixture.differences(from: right).isEmpty)
    }

    /// With all three in one VNet the VPN gateway's packets are dropped [lab].
    @Test func withoutTranslationInOneVNetTheVPNGatewaysPacketsAreDropped() throws {
        try ScenarioFourTests.fixture(
            "one VNet, no translation", ScenarioFourTests.through("10.0.3.5/32", tcp: .droppedBehindFirewall),
            Changes(gateway: "Vpn", routes: ["10.0.3.5/32"], translates: false, isInHub: true)
        ).check()
    }

    /// Those of an ExpressRoute gateway are said to arrive, which nobody tested [lab].
    @Test func withoutTranslationInOneVNetExpressRouteIsSaidToWork() throws {
        try ScenarioFourTests.fixture(
            "one VNet, no translation",
            ScenarioFourTests.through("10.0.3.5/32", tcp: .inspected.with { $0.atBest = .low }),
            Changes(gateway: "ExpressRoute", routes: ["10.0.3.5/32"], translates: false, isInHub: true)
        ).check()
    }
}
