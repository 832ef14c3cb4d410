import FlowModel
import Topology
import Testing

/// “The private endpoint's route”: the /32, what it steers, and what overrides it.
@Suite struct EndpointRouteFacts {
    static let service = "Microsoft.Network/privateLinkServices"

    /// v0 – v1 – v2 – v3 in a chain, the endpoint 10.1.2.5 in v1, a firewall in v0; `rt` at v1's clients.
    private func network(
        _ routes: [String] = [], policies: String? = "Disabled", target: String = "Microsoft.KeyVault/vaults",
        status: String = "Approved"
    ) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(
            0, table: "rt", peers: [TestNetwork.peering(to: "v1", transit: true)],
            extraSubnets: [TestNetwork.firewallSubnet(0), TestNetwork.gatewaySubnet(0)])
        network.addNumbered(
            1, table: "rt",
            peers: [TestNetwork.peering(to: "v0", remoteGateways: true), TestNetwork.peering(to: "v2")],
            extraSubnets: [TestNetwork.subnet("v1", "bare", "10.1.5.0/24")], policies: policies)
        network.addNumbered(2, peers: [TestNetwork.peering(to: "v1"), TestNetwork.peering(to: "v3")])
        network.addNumbered(3, peers: [TestNetwork.peering(to: "v2")])
        network.addNIC("bare", "10.1.5.10", vnet: "v1", subnet: "bare", machine: "bare")
        network.addTable("rt", to: "10.0.3.4", routes)
        network.addGuideFirewall("10.0.3.4", vnet: "v0", translates: true)
        network.addGateway("gw", vnet: "v0")
        network.addSite("192.168.0.0/16")
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e", target: target, status: status)
        return network
    }

    @Test(
        "the /32 is on all subnets of its VNet and of direct peers, GatewaySubnet included",
        arguments: ["10.1.1.10", "10.1.5.10", "10.0.1.10", "10.2.1.10", "192.168.7.9"])
    func reaches(client: String) throws {
        #expect(try network().chosen(client, "10.1.2.5") == "10.1.2.5/32 system InterfaceEndpoint")
    }

    @Test("and not further")
    func notFurther() throws {
        let answer = try network().answer("10.3.1.10", "10.1.2.5")
        #expect(answer.routes.allSatisfy { $0.nextHopType != "InterfaceEndpoint" })
        #expect(answer.works == false)
    }

    @Test(
        "for a platform service it applies to TCP only",
        arguments: [
            "Microsoft.Storage/storageAccounts", "Microsoft.Sql/servers", "Microsoft.KeyVault/vaults",
            "Microsoft.Web/sites",
        ])
    func platform(target: String) throws {
        let network = network(["10.1.2.0/24"], target: target)
        #expect(try network.chosen("10.1.1.10", "10.1.2.5") == "10.1.2.5/32 system InterfaceEndpoint")
        for ipProtocol in [IPProtocol.udp, IPProtocol.icmp] {
            #expect(try network.chosen("10.1.1.10", "10.1.2.5", ipProtocol) == "10.1.2.0/24 user VirtualAppliance")
            #expect(try network.answer("10.1.1.10", "10.1.2.5", ipProtocol).works == false)
        }
        let listed = try network.answer("10.1.1.10", "10.1.2.5").routes.first { $0.nextHopType == "InterfaceEndpoint" }
        #expect(listed?.appliesTo == ["tcp"])
    }

    @Test("UDP and ICMP follow what would win without it")
    func othersWithoutUserRoute() throws {
        for ipProtocol in [IPProtocol.udp, IPProtocol.icmp] {
            #expect(try network().chosen("10.1.1.10", "10.1.2.5", ipProtocol) == "10.1.0.0/16 system VnetLocal")
            #expect(try network().chosen("10.0.1.10", "10.1.2.5", ipProtocol) == "10.1.0.0/16 system VNetPeering")
        }
    }

    @Test("for a private link service TCP and UDP take it and are answered, ICMP never")
    func ownService() throws {
        let network = network(["10.1.2.0/24"], target: EndpointRouteFacts.service)
        for ipProtocol in [IPProtocol.tcp, IPProtocol.udp] {
            #expect(try network.chosen("10.1.1.10", "10.1.2.5", ipProtocol) == "10.1.2.5/32 system InterfaceEndpoint")
            #expect(try network.answer("10.1.1.10", "10.1.2.5", ipProtocol).works == true)
        }
        #expect(try network.chosen("10.1.1.10", "10.1.2.5", IPProtocol.icmp) == "10.1.2.0/24 user VirtualAppliance")
        #expect(try network.answer("10.1.1.10", "10.1.2.5", IPProtocol.icmp).works == false)
    }

    @Test("which protocols it steers is a setting by target type")
    func settings() throws {
        var platform = network(["10.1.2.0/24"])
        platform.addSemantics("\"private_endpoint_route_protocols\":{\"platform\":[\"tcp\",\"udp\",\"icmp\"]}")
        for ipProtocol in [IPProtocol.udp, IPProtocol.icmp] {
            #expect(try platform.answer("10.1.1.10", "10.1.2.5", ipProtocol).inspected == false)
        }
        var own = network(["10.1.2.0/24"], target: EndpointRouteFacts.service)
        own.addSemantics("\"private_endpoint_route_protocols\":{\"private_link_service\":[\"tcp\"]}")
        #expect(try own.answer("10.1.1.10", "10.1.2.5", IPProtocol.udp).inspected == true)
    }

    @Test("a larger block shows the firewall the ping and not the traffic")
    func pingDoesNotTest() throws {
        let network = network(["10.1.2.0/24"])
        #expect(try network.answer("10.1.1.10", "10.1.2.5", IPProtocol.icmp).inspected == true)
        #expect(try network.answer("10.1.1.10", "10.1.2.5", IPProtocol.tcp).inspected == false)
    }

    @Test(
        "a user route for the same /32 always wins", arguments: ["Disabled", "Enabled", "NetworkSecurityGroupEnabled"])
    func override(policies: String) throws {
        let network = network(["10.1.2.5/32"], policies: policies)
        for ipProtocol in [IPProtocol.tcp, IPProtocol.udp, IPProtocol.icmp] {
            #expect(try network.chosen("10.1.1.10", "10.1.2.5", ipProtocol) == "10.1.2.5/32 user VirtualAppliance")
        }
        #expect(try network.answer("10.1.1.10", "10.1.2.5").inspected == true)
    }

    @Test("the override is needed on every subnet, in spokes and hub, and at GatewaySubnet for a site")
    func everySubnet() throws {
        let network = network(["10.1.2.5/32"])
        // `rt` stands at v0's and v1's clients only.
        for (client, inspected) in [
            ("10.1.1.10", true), ("10.0.1.10", true), ("10.1.5.10", false), ("10.2.1.10", false),
            ("192.168.7.9", false),
        ] {
            #expect(try network.answer(client, "10.1.2.5").inspected == inspected, "\(client)")
        }
    }

    @Test(
        "policies let a user route summarise that is as long as the VNet's range, or longer",
        arguments: [
            ("Enabled", "10.1.0.0/16", true), ("RouteTableEnabled", "10.1.0.0/16", true),
            ("RouteTableEnabled", "10.1.2.0/24", true), ("RouteTableEnabled", "10.1.2.4/31", true),
            ("RouteTableEnabled", "10.0.0.0/15", false), ("RouteTableEnabled", "10.0.0.0/8", false),
            ("RouteTableEnabled", "0.0.0.0/0", false), ("RouteTableEnabled", "10.1.4.0/24", false),
            ("Disabled", "10.1.2.0/24", false), ("NetworkSecurityGroupEnabled", "10.1.2.0/24", false),
        ])
    func summarisation(policies: String, prefix: String, summarises: Bool) throws {
        let answer = try network([prefix], policies: policies).answer("10.1.1.10", "10.1.2.5")
        #expect(answer.inspected == summarises)
        let listed = try #require(answer.routes.first { $0.nextHopType == "InterfaceEndpoint" })
        #expect(listed.chosen == !summarises)
        #expect(listed.reason.lowercased().contains("invalid") == summarises, "it stays listed")
    }

    @Test("it is the client's table that summarises, not the endpoint's")
    func clientsTable() throws {
        var network = TestNetwork()
        network.addVNet(
            "v1", ["10.1.0.0/16"],
            subnets: [
                TestNetwork.subnet("v1", "a", "10.1.1.0/24"),
                TestNetwork.subnet("v1", "e", "10.1.2.0/24", table: "rt", policies: "RouteTableEnabled"),
                TestNetwork.firewallSubnet(1),
            ])
        network.addNIC("n1", "10.1.1.10", vnet: "v1", subnet: "a")
        network.addTable("rt", to: "10.1.3.4", ["10.1.0.0/16"])
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: true)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        #expect(try network.answer("10.1.1.10", "10.1.2.5").inspected == false)
    }

    @Test("once it is invalid, all protocols follow the user route, which is inferred")
    func invalidForAll() throws {
        let network = network(["10.1.0.0/16"], policies: "RouteTableEnabled", target: EndpointRouteFacts.service)
        for ipProtocol in [IPProtocol.tcp, IPProtocol.udp, IPProtocol.icmp] {
            #expect(try network.chosen("10.1.1.10", "10.1.2.5", ipProtocol) == "10.1.0.0/16 user VirtualAppliance")
        }
        let answer = try network.answer("10.1.1.10", "10.1.2.5", IPProtocol.udp)
        #expect(answer.confidence < .high && !answer.restsOn.isEmpty)
    }

    /// (route, does it summarise an endpoint in 10.9.0.0/24 of a VNet with 10.1.0.0/16, too)
    @Test(
        "of several ranges the one that holds the endpoint counts, which is inferred",
        arguments: [("10.9.0.0/24", true), ("10.9.0.0/25", true), ("10.9.0.0/20", false), ("10.9.0.0/16", false)])
    func severalRanges(prefix: String, summarises: Bool) throws {
        var network = TestNetwork()
        network.addVNet(
            "v1", ["10.1.0.0/16", "10.9.0.0/24"],
            subnets: [
                TestNetwork.subnet("v1", "a", "10.1.1.0/24", table: "rt"),
                TestNetwork.subnet("v1", "e", "10.9.0.0/26", policies: "RouteTableEnabled"),
                TestNetwork.firewallSubnet(1),
            ])
        network.addNIC("n1", "10.1.1.10", vnet: "v1", subnet: "a")
        network.addTable("rt", to: "10.1.3.4", [prefix])
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: true)
        network.addPrivateEndpoint("pe", "10.9.0.5", vnet: "v1", subnet: "e")
        let answer = try network.answer("10.1.1.10", "10.9.0.5")
        #expect(answer.inspected == summarises)
        if summarises {
            #expect(answer.confidence < .high && !answer.restsOn.isEmpty)
        } else {
            // Held against the other range, it would summarise.
            #expect(answer.confidence < .high && !answer.restsOn.isEmpty)
        }
    }

    @Test("a gateway obeys summarisation by default, which is a setting", arguments: [true, false])
    func gatewaySummarisation(obeys: Bool) throws {
        var network = TestNetwork()
        network.addNumbered(
            0, extraSubnets: [TestNetwork.firewallSubnet(0), TestNetwork.gatewaySubnet(0, table: "rt")],
            policies: "RouteTableEnabled")
        network.addTable("rt", to: "10.0.3.4", ["10.0.2.0/24"])
        network.addGuideFirewall("10.0.3.4", vnet: "v0", translates: true)
        network.addGateway("gw", vnet: "v0")
        network.addSite("192.168.0.0/16")
        network.addPrivateEndpoint("pe", "10.0.2.5", vnet: "v0", subnet: "e")
        if !obeys { network.addSemantics("\"gateway_subnet_obeys_summarisation\":false") }
        let answer = try network.answer("192.168.7.9", "10.0.2.5")
        #expect(answer.inspected == obeys)
        #expect(answer.confidence <= .medium && !answer.restsOn.isEmpty)
    }

    @Test(
        "only an approved connection carries traffic", arguments: ["Approved", "Pending", "Rejected", "Disconnected"])
    func approval(status: String) throws {
        let answer = try network(status: status).answer("10.1.1.10", "10.1.2.5")
        #expect(answer.works == (status == "Approved"))
    }

    @Test("an address that was an endpoint's and is nobody's now leads nowhere")
    func formerAddress() throws {
        let answer = try network().answer("10.1.1.10", "10.1.2.77")
        #expect(answer.works != true)
        #expect(answer.routes.allSatisfy { $0.nextHopType != "InterfaceEndpoint" })
    }
}
