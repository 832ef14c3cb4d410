import Topology
import Testing

/// Scenario 3 of the vendor's guide: one VNet for clients, firewall and endpoints. Translation is required.
/// [learn: inspect-traffic-with-azure-firewall; seed, lab]
///
///     vnet 10.0.0.0/16: clients 10.0.1.0/24, firewall 10.0.2.4, endpoints 10.0.3.0/24 (10.0.3.5)
@Suite struct ScenarioThreeTests {
    struct Changes {
        var routes = ["10.0.3.5/32"]
        var policies = "Disabled"
        var translates = true
    }

    static func fixture(_ name: String, _ rows: [ExpectedSession], _ changes: Changes = Changes()) -> Fixture {
        var network = TestNetwork()
        network.addVNet(
            "vnet", ["10.0.0.0/16"],
            subnets: [
                TestNetwork.subnet("vnet", "clients", "10.0.1.0/24", table: "rt"),
                TestNetwork.subnet("vnet", "AzureFirewallSubnet", "10.0.2.0/26"),
                TestNetwork.subnet("vnet", "endpoints", "10.0.3.0/24", policies: changes.policies),
            ])
        network.addTable("rt", to: "10.0.2.4", changes.routes)
        network.addGuideFirewall("10.0.2.4", vnet: "vnet", translates: changes.translates)
        network.addNIC("client", "10.0.1.10", vnet: "vnet", subnet: "clients", machine: "client-vm")
        network.addPrivateEndpoint("pe", "10.0.3.5", vnet: "vnet", subnet: "endpoints")
        return Fixture(
            name: name, network: network, client: .machine("10.0.1.10", nic: "client", subnet: "vnet/clients"),
            endpoint: "10.0.3.5", rows: rows)
    }

    static func through(_ route: String, tcp: Outcome) -> [ExpectedSession] {
        ScenarioOneTests.through(route, tcp: tcp)
    }

    static func past(_ others: String, _ outcome: Outcome) -> [ExpectedSession] {
        [.tcp("10.0.3.5/32 InterfaceEndpoint", .bypass), .udp(others, outcome), .icmp(others, outcome)]
    }

    static let right = fixture("a /32 per endpoint", through("10.0.3.5/32", tcp: .inspected))

    @Test(arguments: [
        right,
        fixture(
            "subnet's prefix and policy", through("10.0.3.0/24", tcp: .inspected),
            Changes(routes: ["10.0.3.0/24"], policies: "RouteTableEnabled")),
        fixture(
            "VNet's range and policy", through("10.0.0.0/16", tcp: .inspected),
            Changes(routes: ["10.0.0.0/16"], policies: "Enabled")),
    ])
    func configuredRight(_ fixture: Fixture) throws { try fixture.check() }

    static let mistakes = [
        fixture(
            "no route for the endpoint on the client's subnet", past("10.0.0.0/16 VnetLocal", .unanswered),
            Changes(routes: ["0.0.0.0/0"])),
        fixture(
            "policy Disabled under a summary", past("10.0.3.0/24 VirtualAppliance", .unansweredBehindFirewall),
            Changes(routes: ["10.0.3.0/24"])),
        fixture(
            "summary wider than the VNet's range", past("10.0.0.0/16 VnetLocal", .unanswered),
            Changes(routes: ["10.0.0.0/8"], policies: "RouteTableEnabled")),
        fixture(
            "no translation", through("10.0.3.5/32", tcp: .droppedBehindFirewall), Changes(translates: false)
        ),
        fixture(
            "summary and policy, no translation", through("10.0.3.0/24", tcp: .droppedBehindFirewall),
            Changes(routes: ["10.0.3.0/24"], policies: "RouteTableEnabled", translates: false)
        ),
    ]

    @Test(arguments: mistakes) func withAMistake(_ fixture: Fixture) throws { try fixture.check() }

    @Test(arguments: mistakes) func everyMistakeShows(_ fixture: Fixture) throws {
        #expect(fixture.rows != ScenarioThreeTests.right.rows)
        #expect(try !fixture.differences(from: ScenarioThreeTests.right).isEmpty)
    }
}
