import FlowModel
import Topology
import Testing

/// github.com/HoussemDellai/azure-network-course, lesson 955_network_policy: a hub with Azure Firewall and two spokes, SQL's
/// endpoint in the second one; the policy has one application rule (HTTP, HTTPS, MSSQL to anywhere), the spokes' tables
/// a default route to the firewall, the second spoke's the endpoint's /32 as well.
@Suite struct PublishedCourseTests {
    static func fixture(
        _ name: String, from spoke: Int, hasEndpointRoute: Bool = true, policies: String = "Disabled",
        _ rows: [ExpectedSession]
    ) -> Fixture {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.0.0.0/16"], subnets: [TestNetwork.subnet("hub", "AzureFirewallSubnet", "10.0.0.0/26")],
            peerings: [TestNetwork.peering(to: "spoke1"), TestNetwork.peering(to: "spoke2")])
        for number in [1, 2] {
            let name = "spoke\(number)"
            network.addVNet(
                name, ["10.\(number).0.0/16"],
                subnets: [
                    TestNetwork.subnet(name, "vm", "10.\(number).0.0/24", table: "rt\(number)"),
                    TestNetwork.subnet(name, "pe", "10.\(number).1.0/24", policies: policies),
                ], peerings: [TestNetwork.peering(to: "hub")])
            network.addNIC("vm\(number)", "10.\(number).0.4", vnet: name, subnet: "vm", machine: "vm\(number)")
            network.addTable(
                "rt\(number)", to: "10.0.0.4", ["0.0.0.0/0"] + (number == 2 && hasEndpointRoute ? ["10.2.1.4/32"] : []),
                propagation: false)
        }
        network.addFirewall("fw", "10.0.0.4", vnet: "hub", policy: "policy")
        network.add("firewallPolicies", "policy", "\"sku\":{\"tier\":\"Standard\"}")
        network.addResource(
            """
            {"id":"\(TestNetwork.network("firewallPolicies", "policy"))/ruleCollectionGroups/allow","name":"allow",\
            "type":"Microsoft.Network/FirewallPolicies/RuleCollectionGroups","properties":{"priority":100,\
            "ruleCollections":[{"ruleCollectionType":"FirewallPolicyFilterRuleCollection","name":"all","priority":100,\
            "action":{"type":"Allow"},"rules":[{"ruleType":"ApplicationRule","name":"all","sourceAddresses":["*"],\
            "targetFqdns":["*"],"protocols":[{"protocolType":"Http","port":80},{"protocolType":"Https","port":443},\
            {"protocolType":"Mssql","port":1433}]}]}]}}
            """)
        network.addPrivateEndpoint(
            "pe", "10.2.1.4", vnet: "spoke2", subnet: "pe", target: "Microsoft.Sql/servers")
        var fixture = Fixture(
            name: name, network: network,
            client: .machine("10.\(spoke).0.4", nic: "vm\(spoke)", subnet: "spoke\(spoke)/vm"), endpoint: "10.2.1.4",
            rows: rows)
        fixture.port = 1433
        return fixture
    }

    /// UDP and ICMP meet a firewall without a rule for them, or an endpoint that does not speak them: no answer.
    private static let unanswered = Outcome.unansweredBehindFirewall.with { $0.forward = "client firewall *" }

    static func through(_ route: String) -> [ExpectedSession] {
        [
            .tcp("\(route) VirtualAppliance", .inspected), .udp("\(route) VirtualAppliance", unanswered),
            .icmp("\(route) VirtualAppliance", unanswered),
        ]
    }

    @Test(arguments: [
        fixture("from the first spoke the default route is enough", from: 1, through("0.0.0.0/0")),
        fixture("from the second spoke the /32 is needed", from: 2, through("10.2.1.4/32")),
        fixture(
            "without it TCP passes the firewall by", from: 2, hasEndpointRoute: false,
            [
                .tcp("10.2.1.4/32 InterfaceEndpoint", .bypass), .udp("10.2.0.0/16 VnetLocal", .unanswered),
                .icmp("10.2.0.0/16 VnetLocal", .unanswered),
            ]),
        fixture(
            "and policies do not help a default route", from: 2, hasEndpointRoute: false, policies: "Enabled",
            [
                .tcp("10.2.1.4/32 InterfaceEndpoint", .bypass), .udp("10.2.0.0/16 VnetLocal", .unanswered),
                .icmp("10.2.0.0/16 VnetLocal", .unanswered),
            ]),
    ])
    func theLesson(_ fixture: Fixture) throws { try fixture.check() }
}
