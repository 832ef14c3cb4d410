import FlowModel
import Topology
import Testing

/// The product's lab with its whole table: as it stands, configured right (`FIXED`), and with the wish that the private
/// endpoint be inspected (`WISH`).
///
///     192.168.0.0/16 ══ hub 10.0.0.0/16 (gateway, firewall 10.0.1.4, DNS 10.0.3.4) ── spoke 10.2.0.0/16
///     spoke: application 10.2.1.0/24 (machine .4, backup .5), data 10.2.2.0/24 (private endpoint .5)
@Suite struct LabTableTests {
    enum State: Sendable { case asItStands, fixed }

    static func network(_ state: State, wishes: Bool = false) -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.0.0.0/16"],
            subnets: [
                TestNetwork.subnet("hub", "AzureFirewallSubnet", "10.0.1.0/26"),
                TestNetwork.subnet("hub", "GatewaySubnet", "10.0.2.0/27", table: "rt-gateway"),
                TestNetwork.subnet("hub", "dns", "10.0.3.0/24"),
            ], peerings: [TestNetwork.peering(to: "spoke", transit: true)])
        network.addVNet(
            "spoke", ["10.2.0.0/16"],
            subnets: [
                TestNetwork.subnet("spoke", "app", "10.2.1.0/24", table: "rt-app"),
                TestNetwork.subnet("spoke", "data", "10.2.2.0/24"),
            ], peerings: [TestNetwork.peering(to: "hub", remoteGateways: true)])
        let isFixed = state == .fixed
        network.addTable(
            "rt-app", to: "10.0.1.4", ["0.0.0.0/0", "10.2.2.0/24"] + (isFixed ? ["10.2.2.5/32"] : []),
            propagation: false)
        network.addTable("rt-gateway", to: "10.0.1.4", ["10.2.1.5/32"] + (isFixed ? ["10.2.1.0/24"] : []))
        network.addGuideFirewall("10.0.1.4", vnet: "hub", translates: false)
        network.addGateway("gw", vnet: "hub")
        network.addNIC("dns", "10.0.3.4", vnet: "hub", subnet: "dns", machine: "dns-vm")
        network.addNIC("app", "10.2.1.4", vnet: "spoke", subnet: "app", machine: "app-vm")
        network.addNIC("backup", "10.2.1.5", vnet: "spoke", subnet: "app", machine: "backup-vm")
        network.addPrivateEndpoint("pe", "10.2.2.5", vnet: "spoke", subnet: "data")
        network.addSite("192.168.0.0/16")
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"firewalls\":[{\"id\":\"fw\",\"capacity_mbps\":1000}]}")
        if wishes {
            network.overlays.append(
                "{\"flowsight_overlay\":1,\"inspect\":[{\"private_endpoints\":[\"pe\"],\"from\":[\"*\"],\"by\":[\"fw\"]}]}"
            )
        }
        return network
    }

    static let app = Fixture.Client.machine("10.2.1.4", nic: "app", subnet: "spoke/app")
    static let backup = Fixture.Client.machine("10.2.1.5", nic: "backup", subnet: "spoke/app")
    static let site = Fixture.Client.onPremises("192.168.7.9", gatewayIn: "hub")

    static func pair(
        _ name: String, _ state: State, from client: Fixture.Client, to server: String, nic: String? = nil,
        _ rows: [ExpectedSession]
    ) -> Fixture {
        var fixture = Fixture(
            name: name, network: network(state), client: client, endpoint: server, rows: rows)
        if server != "10.2.2.5" {
            fixture.server = nic.map { TestNetwork.network("networkInterfaces", $0).lowercased() }
        }
        return fixture
    }

    static let seen = "true on_path, true on_path"

    /// Between two machines, or a machine and the site, past the firewall.
    static let direct = Outcome.bypass.with {
        $0.forward = "client server"
        $0.back = "server client"
        $0.server = seen
    }

    static let throughFirewall = Outcome.inspected.with {
        $0.forward = "client firewall server"
        $0.back = "server firewall client"
        $0.server = seen
    }

    /// The opening passes the firewall by, the answer goes to it: it has no session for it and drops it.
    static let answerLost = direct.with {
        $0.back = "server firewall drop"
        $0.works = "false"
        $0.symmetric = "false"
        $0.firewall = "false not_on_path, null direction_not_logged"
    }

    /// The opening goes through the firewall, the answer past it: what the firewall makes of the rest is not known.
    static let answerPastFirewall = throughFirewall.with {
        $0.back = "server client"
        $0.works = "null"
        $0.symmetric = "false"
        $0.firewall = "true on_path, false not_on_path"
    }

    /// What the facts leave open without a connection's state: whether a firewall lets a lone answer through.
    static func stateless(_ outcome: Outcome) -> Outcome {
        outcome.with {
            $0.works = "*"
            $0.back = outcome.back.hasSuffix("drop") ? "server firewall *" : outcome.back
            $0.firewall = outcome.firewall.hasPrefix("false") ? "false not_on_path, *" : outcome.firewall
        }
    }

    static func alike(_ route: String, _ outcome: Outcome) -> [ExpectedSession] {
        ScenarioOneTests.all(route, outcome)
    }

    static let bypass: [ExpectedSession] = [
        .tcp("10.2.2.5/32 InterfaceEndpoint", .bypass),
        .udp("10.2.2.0/24 VirtualAppliance", .unansweredBehindFirewall),
        .icmp("10.2.2.0/24 VirtualAppliance", .unansweredBehindFirewall),
    ]

    static let asItStands = [
        pair("machine → private endpoint", .asItStands, from: app, to: "10.2.2.5", bypass),
        pair("backup → private endpoint", .asItStands, from: backup, to: "10.2.2.5", bypass),
        pair(
            "site → private endpoint", .asItStands, from: site, to: "10.2.2.5",
            [
                .tcp("10.2.2.5/32 InterfaceEndpoint", .bypass), .udp("10.2.0.0/16 VNetPeering", .unanswered),
                .icmp("10.2.0.0/16 VNetPeering", .unanswered),
            ]),
        pair(
            "site → machine", .asItStands, from: site, to: "10.2.1.4", nic: "app",
            [
                .tcp("10.2.0.0/16 VNetPeering", answerLost), .udp("10.2.0.0/16 VNetPeering", stateless(answerLost)),
                .icmp("10.2.0.0/16 VNetPeering", stateless(answerLost)),
            ]),
        pair(
            "machine → site", .asItStands, from: app, to: "192.168.7.9",
            [
                .tcp("0.0.0.0/0 VirtualAppliance", answerPastFirewall),
                .udp("0.0.0.0/0 VirtualAppliance", stateless(answerPastFirewall)),
                .icmp("0.0.0.0/0 VirtualAppliance", stateless(answerPastFirewall)),
            ]
        ),
        pair(
            "backup → site", .asItStands, from: backup, to: "192.168.7.9",
            alike("0.0.0.0/0 VirtualAppliance", throughFirewall)),
        pair(
            "site → backup", .asItStands, from: site, to: "10.2.1.5", nic: "backup",
            alike("10.2.1.5/32 VirtualAppliance", throughFirewall)),
        pair(
            "machine → DNS", .asItStands, from: app, to: "10.0.3.4", nic: "dns",
            alike("10.0.0.0/16 VNetPeering", direct)),
    ]

    static let fixed = [
        pair(
            "machine → private endpoint", .fixed, from: app, to: "10.2.2.5",
            ScenarioOneTests.through("10.2.2.5/32", tcp: .inspectedWithoutTranslation)),
        pair(
            "site → machine", .fixed, from: site, to: "10.2.1.4", nic: "app",
            alike("10.2.1.0/24 VirtualAppliance", throughFirewall)),
        pair(
            "machine → site", .fixed, from: app, to: "192.168.7.9",
            alike("0.0.0.0/0 VirtualAppliance", throughFirewall)),
    ]

    @Test(arguments: asItStands) func theLabAsItStands(_ fixture: Fixture) throws { try fixture.check() }

    @Test(arguments: fixed) func theLabConfiguredRight(_ fixture: Fixture) throws {
        try fixture.check()
        let broken = try #require(LabTableTests.asItStands.first { $0.name == fixture.name })
        #expect(try !fixture.differences(from: broken).isEmpty)
    }

    @Test(arguments: [false, true]) func theWishChangesWhatIsWantedAndNotWhatHappens(wishes: Bool) throws {
        let topology = try LabTableTests.network(.asItStands, wishes: wishes).topology()
        let client = try topology.place("10.2.1.4")
        #expect(
            topology.wantsInspection(
                privateEndpoint: TestNetwork.network("privateEndpoints", "pe").lowercased(),
                clientSubnet: TestNetwork.subnetID("spoke", "app").lowercased(), client: client.address) == wishes)
        let answer = topology.explain(
            from: client, to: try topology.place("10.2.2.5"), ipProtocol: IPProtocol.tcp, port: 443)
        #expect(answer.inspected == false)
    }
}
