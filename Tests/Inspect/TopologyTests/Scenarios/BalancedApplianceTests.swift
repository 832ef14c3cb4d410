import FlowModel
import Topology
import Testing

/// Scenario 2 with a third party's firewall: two machines behind an internal load balancer with HA ports in the hub. [seed]
///
///     spoke 10.1.0.0/16 (clients, endpoints 10.1.2.0/24) ── hub 10.0.0.0/16 (balancer 10.0.8.100, machines .4 and .5)
@Suite struct BalancedApplianceTests {
    static func fixture(_ name: String, snat: String, route: String, policies: String = "Disabled", tcp: Outcome)
        -> Fixture
    {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.0.0.0/16"], subnets: [TestNetwork.subnet("hub", "private", "10.0.8.0/24")],
            peerings: [TestNetwork.peering(to: "spoke")])
        network.addVNet(
            "spoke", ["10.1.0.0/16"],
            subnets: [
                TestNetwork.subnet("spoke", "clients", "10.1.1.0/24", table: "rt"),
                TestNetwork.subnet("spoke", "endpoints", "10.1.2.0/24", policies: policies),
            ], peerings: [TestNetwork.peering(to: "hub")])
        network.addTable("rt", to: "10.0.8.100", [route])
        network.addBalancedAppliances(
            ports: 0, protocol: "All", snat: snat, vnet: "hub", subnet: "private", addresses: ["10.0.8.4", "10.0.8.5"],
            frontend: "10.0.8.100")
        network.addNIC("client", "10.1.1.10", vnet: "spoke", subnet: "clients", machine: "client-vm")
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "spoke", subnet: "endpoints")
        var fixture = Fixture(
            name: name, network: network, client: ScenarioTwoTests.spokeClient, endpoint: "10.1.2.5",
            rows: ScenarioOneTests.through(route, tcp: tcp))
        fixture.firewall = [
            TestNetwork.network("loadBalancers", "lb"), TestNetwork.network("networkInterfaces", "nva1"),
            TestNetwork.network("networkInterfaces", "nva2"),
        ].map { $0.lowercased() }
        return fixture
    }

    @Test(arguments: [
        fixture("a /32, translating", snat: "private_endpoints", route: "10.1.2.5/32", tcp: .inspected),
        fixture(
            "summary and policy, translating", snat: "always", route: "10.1.0.0/16", policies: "RouteTableEnabled",
            tcp: .inspected),
    ])
    func translating(_ fixture: Fixture) throws { try fixture.check() }

    /// The mapping's host is one of two; that the answer comes back to the very same one is what the lab saw of one.
    @Test func notTranslatingItIsNoBetterThanMedium() throws {
        let answer = try BalancedApplianceTests.fixture(
            "a /32", snat: "never", route: "10.1.2.5/32", tcp: .inspectedWithoutTranslation
        ).answer(IPProtocol.tcp)
        #expect(answer.inspected == true && answer.symmetric != false)
        #expect(answer.confidence < .high && !answer.restsOn.isEmpty)
    }
}
