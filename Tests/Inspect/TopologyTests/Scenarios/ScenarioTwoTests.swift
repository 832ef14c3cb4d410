import Topology
import Testing

/// Scenario 2 of the vendor's guide: the endpoints in the spoke, beside the clients, and the firewall in the hub. The
/// /32 reaches the spoke, the hub, and every other spoke that is peered with this one directly.
/// [learn: inspect-traffic-with-azure-firewall; seed]
///
///     other 10.3.0.0/16 ─┬─ spoke 10.1.0.0/16 (10.1.2.5) ── hub 10.0.0.0/16 (firewall 10.0.1.4)
///                        └──────────────────────────────────┘
@Suite struct ScenarioTwoTests {
    struct Changes {
        var routes = ["10.1.2.5/32"]
        var policies = "Disabled"
        var translates = true
        var spokeSide = "Connected"
        var spokeAcceptsForwarded = true
        var client = spokeClient
    }

    static let spokeClient = Fixture.Client.machine("10.1.1.10", nic: "client", subnet: "spoke/clients")
    static let hubClient = Fixture.Client.machine("10.0.3.10", nic: "hub-client", subnet: "hub/clients")
    static let otherClient = Fixture.Client.machine("10.3.1.10", nic: "other-client", subnet: "other/clients")

    static func fixture(_ name: String, _ rows: [ExpectedSession], _ changes: Changes = Changes()) -> Fixture {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.0.0.0/16"],
            subnets: [
                TestNetwork.subnet("hub", "AzureFirewallSubnet", "10.0.1.0/26"),
                TestNetwork.subnet("hub", "clients", "10.0.3.0/24", table: "rt"),
            ], peerings: [TestNetwork.peering(to: "spoke"), TestNetwork.peering(to: "other")])
        network.addVNet(
            "spoke", ["10.1.0.0/16"],
            subnets: [
                TestNetwork.subnet("spoke", "clients", "10.1.1.0/24", table: "rt"),
                TestNetwork.subnet("spoke", "endpoints", "10.1.2.0/24", policies: changes.policies),
            ],
            peerings: [
                TestNetwork.peering(to: "hub", state: changes.spokeSide, forwarded: changes.spokeAcceptsForwarded),
                TestNetwork.peering(to: "other"),
            ])
        network.addVNet(
            "other", ["10.3.0.0/16"], subnets: [TestNetwork.subnet("other", "clients", "10.3.1.0/24", table: "rt")],
            peerings: [TestNetwork.peering(to: "hub"), TestNetwork.peering(to: "spoke")])
        network.addTable("rt", to: "10.0.1.4", changes.routes)
        network.addGuideFirewall("10.0.1.4", vnet: "hub", translates: changes.translates)
        network.addNIC("client", "10.1.1.10", vnet: "spoke", subnet: "clients", machine: "client-vm")
        network.addNIC("hub-client", "10.0.3.10", vnet: "hub", subnet: "clients", machine: "hub-vm")
        network.addNIC("other-client", "10.3.1.10", vnet: "other", subnet: "clients", machine: "other-vm")
        network.addPrivateEndpoint(
            "pe", "10.1.2.5", vnet: "spoke", subnet: "endpoints", target: "Microsoft.Sql/servers", group: "sqlServer")
        return Fixture(name: name, network: network, client: changes.client, endpoint: "10.1.2.5", rows: rows)
    }

    static func through(_ route: String, tcp: Outcome) -> [ExpectedSession] {
        ScenarioOneTests.through(route, tcp: tcp)
    }

    /// The /32 wins for TCP; UDP and ICMP take what would win without it.
    static func past(_ others: String, _ outcome: Outcome) -> [ExpectedSession] {
        [
            .tcp("10.1.2.5/32 InterfaceEndpoint", .bypass), .udp(others, outcome), .icmp(others, outcome),
        ]
    }

    static let right = fixture("a /32 per endpoint", through("10.1.2.5/32", tcp: .inspected))

    @Test(arguments: [
        right,
        fixture(
            "subnet's prefix and policy", through("10.1.2.0/24", tcp: .inspected),
            Changes(routes: ["10.1.2.0/24"], policies: "RouteTableEnabled")),
        fixture(
            "VNet's range and policy", through("10.1.0.0/16", tcp: .inspected),
            Changes(routes: ["10.1.0.0/16"], policies: "Enabled")),
        fixture("from the hub", through("10.1.2.5/32", tcp: .inspected), Changes(client: hubClient)),
        fixture("from a spoke peered directly", through("10.1.2.5/32", tcp: .inspected), Changes(client: otherClient)),
        fixture(
            "from a spoke peered directly, summary and policy", through("10.1.0.0/16", tcp: .inspected),
            Changes(routes: ["10.1.0.0/16"], policies: "RouteTableEnabled", client: otherClient)),
        // Client and endpoint in A, the appliance in B: works with the /32 overridden [lab; seed].
        fixture(
            "without translation", through("10.1.2.5/32", tcp: .inspectedWithoutTranslation),
            Changes(translates: false)),
        fixture(
            "summary and policy, without translation", through("10.1.2.0/24", tcp: .inspectedWithoutTranslation),
            Changes(routes: ["10.1.2.0/24"], policies: "RouteTableEnabled", translates: false)),
    ])
    func configuredRight(_ fixture: Fixture) throws { try fixture.check() }

    static let mistakes = [
        fixture(
            "no route for the endpoint on the client's subnet", past("10.1.0.0/16 VnetLocal", .unanswered),
            Changes(routes: ["0.0.0.0/0"])),
        fixture("no route at all", past("10.1.0.0/16 VnetLocal", .unanswered), Changes(routes: [])),
        fixture(
            "policy Disabled under a summary", past("10.1.2.0/24 VirtualAppliance", .unansweredBehindFirewall),
            Changes(routes: ["10.1.2.0/24"])),
        fixture(
            "policy for NSGs only under a summary", past("10.1.2.0/24 VirtualAppliance", .unansweredBehindFirewall),
            Changes(routes: ["10.1.2.0/24"], policies: "NetworkSecurityGroupEnabled")),
        // Wider than 10.1.0.0/16: it neither invalidates the /32 nor beats the VNet's own route.
        fixture(
            "summary wider than the VNet's range", past("10.1.0.0/16 VnetLocal", .unanswered),
            Changes(routes: ["10.0.0.0/8"], policies: "Enabled")),
        fixture(
            "the spoke's side of the peering is missing",
            ScenarioOneTests.all("10.1.2.5/32 VirtualAppliance", .stoppedAtClient),
            Changes(spokeSide: "Disconnected")),
        fixture(
            "neither forwarded traffic nor translation",
            ScenarioOneTests.all("10.1.2.5/32 VirtualAppliance", .stoppedAtFirewall),
            Changes(translates: false, spokeAcceptsForwarded: false)
        ),
    ]

    @Test(arguments: mistakes) func withAMistake(_ fixture: Fixture) throws { try fixture.check() }

    @Test(arguments: mistakes) func everyMistakeShows(_ fixture: Fixture) throws {
        #expect(fixture.rows != ScenarioTwoTests.right.rows)
        #expect(try !fixture.differences(from: ScenarioTwoTests.right).isEmpty)
    }

    /// The same mistakes from the hub and from a spoke that is peered with the endpoint's VNet.
    @Test(arguments: [
        fixture(
            "hub, no route", past("10.1.0.0/16 VNetPeering", .unanswered),
            Changes(routes: ["0.0.0.0/0"], client: hubClient)),
        fixture(
            "other spoke, policy Disabled under a summary",
            past("10.1.2.0/24 VirtualAppliance", .unansweredBehindFirewall),
            Changes(routes: ["10.1.2.0/24"], client: otherClient)),
        fixture(
            "other spoke, summary wider than the VNet's range", past("10.1.0.0/16 VNetPeering", .unanswered),
            Changes(routes: ["10.0.0.0/8"], policies: "Enabled", client: otherClient)),
        // Client and appliance in A, the endpoint in B peered: dropped [lab; field].
        fixture(
            "hub, through its own firewall without translation", through("10.1.2.5/32", tcp: .droppedBehindFirewall),
            Changes(translates: false, client: hubClient)
        ),
    ])
    func fromElsewhere(_ fixture: Fixture) throws { try fixture.check() }
}
