import Topology
import Testing

/// Scenario 1 of the vendor's guide: the endpoints in a VNet of their own, peered with the hub only, and the client in a
/// spoke. Two peerings away, so the /32 does not reach the client. [learn: inspect-traffic-with-azure-firewall; seed]
///
///     spoke 10.1.0.0/16 ── hub 10.0.0.0/16 (firewall 10.0.1.4) ── endpoints 10.2.0.0/16 (10.2.1.5)
@Suite struct ScenarioOneTests {
    struct Changes {
        var routes = ["10.2.0.0/16"]
        var policies = "Disabled"
        var translates = true
        /// State and forwarded traffic of the peerings: the spoke's and the endpoints' with the hub, each side.
        var spokeSide = "Connected"
        var endpointsSide = "Connected"
        var endpointsAcceptForwarded = true
    }

    static func fixture(_ name: String, _ rows: [ExpectedSession], _ changes: Changes = Changes()) -> Fixture {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.0.0.0/16"],
            subnets: [TestNetwork.subnet("hub", "AzureFirewallSubnet", "10.0.1.0/26")],
            peerings: [TestNetwork.peering(to: "spoke"), TestNetwork.peering(to: "endpoints")])
        network.addVNet(
            "spoke", ["10.1.0.0/16"], subnets: [TestNetwork.subnet("spoke", "clients", "10.1.1.0/24", table: "rt")],
            peerings: [TestNetwork.peering(to: "hub", state: changes.spokeSide)])
        network.addVNet(
            "endpoints", ["10.2.0.0/16"],
            subnets: [TestNetwork.subnet("endpoints", "a", "10.2.1.0/24", policies: changes.policies)],
            peerings: [
                TestNetwork.peering(
                    to: "hub", state: changes.endpointsSide, forwarded: changes.endpointsAcceptForwarded)
            ])
        network.addTable("rt", to: "10.0.1.4", changes.routes)
        network.addGuideFirewall("10.0.1.4", vnet: "hub", translates: changes.translates)
        network.addNIC("client", "10.1.1.10", vnet: "spoke", subnet: "clients", machine: "client-vm")
        network.addPrivateEndpoint("pe", "10.2.1.5", vnet: "endpoints", subnet: "a")
        return Fixture(
            name: name, network: network,
            client: .machine("10.1.1.10", nic: "client", subnet: "spoke/clients"), endpoint: "10.2.1.5", rows: rows)
    }

    /// One user route wins for all protocols: there is no /32 at the client that could win for TCP.
    static func through(_ route: String, tcp: Outcome) -> [ExpectedSession] {
        [
            .tcp("\(route) VirtualAppliance", tcp),
            .udp("\(route) VirtualAppliance", .unansweredBehindFirewall),
            .icmp("\(route) VirtualAppliance", .unansweredBehindFirewall),
        ]
    }

    static func all(_ route: String, _ outcome: Outcome) -> [ExpectedSession] {
        [.tcp(route, outcome), .udp(route, outcome), .icmp(route, outcome)]
    }

    static let right = fixture("one route for the endpoints' VNet", through("10.2.0.0/16", tcp: .inspected))

    @Test(arguments: [
        right,
        fixture(
            "summary and policy", through("10.2.0.0/16", tcp: .inspected), Changes(policies: "RouteTableEnabled")),
        fixture("a /32 per endpoint", through("10.2.1.5/32", tcp: .inspected), Changes(routes: ["10.2.1.5/32"])),
        // A default route to an appliance takes the reserved 10.0.0.0/8 → None away.
        fixture("0.0.0.0/0 alone", through("0.0.0.0/0", tcp: .inspected), Changes(routes: ["0.0.0.0/0"])),
        // A chain of three VNets works without translation, a summary route is enough [lab].
        fixture(
            "without translation", through("10.2.0.0/16", tcp: .inspectedWithoutTranslation),
            Changes(translates: false)),
        fixture(
            "a /32, without translation", through("10.2.1.5/32", tcp: .inspectedWithoutTranslation),
            Changes(routes: ["10.2.1.5/32"], translates: false)),
    ])
    func configuredRight(_ fixture: Fixture) throws { try fixture.check() }

    static let mistakes = [
        // Nothing carries a 10.x address that no peering explains: the reserved None route does not let it out.
        fixture("no route on the client's subnet", all("10.0.0.0/8 None", .stoppedAtClient), Changes(routes: [])),
        // The firewall's address is out of reach for the client.
        fixture(
            "the spoke's side of the peering is missing", all("10.2.0.0/16 VirtualAppliance", .stoppedAtClient),
            Changes(spokeSide: "Disconnected")
        ).inTwoDomains,
        // At the firewall, 10.0.0.0/8 → None is all that is left for the endpoints' VNet.
        fixture(
            "the endpoints' side of the peering is missing", all("10.2.0.0/16 VirtualAppliance", .stoppedAtFirewall),
            Changes(endpointsSide: "Initiated")
        ).inTwoDomains,
        // The packets' source lies in the spoke, which is not the hub.
        fixture(
            "neither forwarded traffic nor translation", all("10.2.0.0/16 VirtualAppliance", .stoppedAtFirewall),
            Changes(translates: false, endpointsAcceptForwarded: false)
        ),
    ]

    @Test(arguments: mistakes) func withAMistake(_ fixture: Fixture) throws { try fixture.check() }

    @Test(arguments: mistakes) func everyMistakeShows(_ fixture: Fixture) throws {
        #expect(fixture.rows != ScenarioOneTests.right.rows)
        #expect(try !fixture.differences(from: ScenarioOneTests.right).isEmpty)
    }

    /// With translation the source is the firewall's own address, which lies in the peer.
    @Test func translationMendsTheLackOfForwardedTraffic() throws {
        try ScenarioOneTests.fixture(
            "translation, no forwarded traffic", ScenarioOneTests.through("10.2.0.0/16", tcp: .inspected),
            Changes(endpointsAcceptForwarded: false)
        ).check()
    }
}
