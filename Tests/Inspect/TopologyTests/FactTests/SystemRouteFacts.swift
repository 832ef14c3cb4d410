import FlowModel
import Topology
import Testing

/// “Choosing a route”: which routes a subnet has, and which of them wins. [learn: virtual-networks-udr-overview]
@Suite struct SystemRouteFacts {
    /// A client in v1, a hub v0 with firewall and VPN gateway, a site behind it.
    private func network(
        _ routes: [String] = [], propagation: Bool = true, site: String = "192.168.0.0/16", table: Bool = true,
        hasGateway: Bool = true
    ) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(
            0, peers: [TestNetwork.peering(to: "v1", transit: true)],
            extraSubnets: [TestNetwork.firewallSubnet(0), TestNetwork.gatewaySubnet(0)])
        network.addNumbered(
            1, table: table ? "rt" : nil, peers: [TestNetwork.peering(to: "v0", remoteGateways: true)])
        network.addTable("rt", routes, propagation: propagation)
        network.addGuideFirewall("10.0.3.4", vnet: "v0", translates: false)
        guard hasGateway else { return network }
        network.addGateway("gw", vnet: "v0")
        network.addSite(site)
        return network
    }

    private static func toFirewall(_ prefix: String) -> String {
        TestNetwork.route(prefix, "VirtualAppliance", "10.0.3.4")
    }

    @Test("a subnet has system, user and gateway routes")
    func threeSources() throws {
        let routes = try network([SystemRouteFacts.toFirewall("192.168.0.0/15")]).answer("10.1.1.10", "192.168.7.9")
            .routes
        #expect(Set(routes.filter { $0.subnet.hasSuffix("/v1/subnets/a") }.map(\.source)) == ["user", "bgp", "system"])
    }

    @Test("the longest matching prefix wins, whatever its source")
    func longestPrefix() throws {
        let network = network([SystemRouteFacts.toFirewall("192.168.0.0/15")])
        #expect(try network.chosen("10.1.1.10", "192.168.7.9") == "192.168.0.0/16 bgp VirtualNetworkGateway")
        let longer = self.network([SystemRouteFacts.toFirewall("192.168.7.0/24")])
        #expect(try longer.chosen("10.1.1.10", "192.168.7.9") == "192.168.7.0/24 user VirtualAppliance")
    }

    @Test("for equal prefixes user beats BGP beats system")
    func equalPrefixes() throws {
        let user = network([SystemRouteFacts.toFirewall("192.168.0.0/16")])
        #expect(try user.chosen("10.1.1.10", "192.168.7.9") == "192.168.0.0/16 user VirtualAppliance")
        // The reserved 192.168.0.0/16 → None is a system route of the same prefix.
        #expect(try network().chosen("10.1.1.10", "192.168.7.9") == "192.168.0.0/16 bgp VirtualNetworkGateway")
    }

    @Test("the VNet's own route is preferred over a more specific gateway route")
    func localBeatsLongerGatewayRoute() throws {
        let network = network(site: "10.1.2.0/25")
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place("10.1.1.10"), to: try topology.place("10.1.2.9@v1"), ipProtocol: IPProtocol.tcp,
            port: nil)
        #expect(answer.routes.first { $0.chosen }?.nextHopType == "VnetLocal")
    }

    @Test("a peering's route is preferred over a more specific gateway route")
    func peeringBeatsLongerGatewayRoute() throws {
        let network = network(site: "10.0.1.0/25")
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place("10.1.1.10"), to: try topology.place("10.0.1.10@v0"), ipProtocol: IPProtocol.tcp,
            port: nil)
        #expect(answer.routes.first { $0.chosen }?.nextHopType == "VNetPeering")
    }

    /// What a service endpoint's prefixes are stands in no export: a public address may be one of them.
    @Test("a service endpoint's prefixes are routes of the subnet that enables it, and beat gateway routes")
    func serviceEndpoint() throws {
        var network = TestNetwork()
        let enabled = """
            {"id":"\(TestNetwork.subnetID("v1", "b"))","name":"b","properties":{"addressPrefix":"10.1.5.0/24",\
            "routeTable":{"id":"\(TestNetwork.network("routeTables", "rt"))"},\
            "serviceEndpoints":[{"service":"Microsoft.Storage","locations":["westeurope"]}]}}
            """
        network.addNumbered(1, table: "rt", extraSubnets: [enabled, TestNetwork.firewallSubnet(1)])
        network.addNIC("b", "10.1.5.10", vnet: "v1", subnet: "b")
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: false)
        network.addTable("rt", to: "10.1.3.4", ["0.0.0.0/0"])
        #expect(try network.answer("10.1.1.10", "20.60.1.1").inspected == true)
        let answer = try network.answer("10.1.5.10", "20.60.1.1")
        #expect(answer.inspected == nil)
        #expect(answer.confidence < .high && !answer.restsOn.isEmpty)
    }

    @Test("hasBgpOverride beats gateway routes of any length, at low confidence")
    func override() throws {
        // A site with public addresses: no reserved route takes part.
        func answer(_ extra: String) throws -> Explanation {
            let route = TestNetwork.route("203.0.112.0/20", "VirtualAppliance", "10.0.3.4", extra: extra)
            return try network([route], site: "203.0.113.0/24").answer("10.1.1.10", "203.0.113.9")
        }
        let with = try answer(",\"hasBgpOverride\":true")
        #expect(with.routes.first { $0.chosen }?.source == "user")
        #expect(with.confidence == .low && !with.restsOn.isEmpty)
        #expect(try answer("").routes.first { $0.chosen }?.source == "bgp")
    }

    @Test("each range of the VNet is local")
    func everyRangeIsLocal() throws {
        var network = TestNetwork()
        network.addVNet(
            "v", ["10.1.0.0/16", "10.9.0.0/24"],
            subnets: [
                TestNetwork.subnet("v", "a", "10.1.1.0/24"), TestNetwork.subnet("v", "b", "10.9.0.0/25"),
            ])
        network.addNIC("n", "10.9.0.9", vnet: "v", subnet: "b")
        #expect(try network.chosen("10.1.1.10", "10.9.0.9") == "10.9.0.0/24 system VnetLocal")
    }

    @Test("a public address goes to the Internet")
    func internet() throws {
        #expect(try network(table: false).chosen("10.1.1.10", "203.0.113.9") == "0.0.0.0/0 system Internet")
    }

    @Test(
        "the reserved private ranges are dropped",
        arguments: [
            ("10.200.0.1", "10.0.0.0/8"), ("172.20.0.1", "172.16.0.0/12"), ("192.168.9.1", "192.168.0.0/16"),
            ("100.64.0.1", "100.64.0.0/10"),
        ])
    func reserved(address: String, prefix: String) throws {
        // No gateway: behind one, a private address that no export explains would be on-premises.
        let network = network(table: false, hasGateway: false)
        #expect(try network.chosen("10.1.1.10", address) == "\(prefix) system None")
        #expect(try network.answer("10.1.1.10", address).works == false)
    }

    @Test("a reserved range is local only where the VNet has exactly that prefix")
    func exactReservedRange() throws {
        var exact = TestNetwork()
        exact.addVNet("v", ["10.0.0.0/8"], subnets: [TestNetwork.subnet("v", "a", "10.1.1.0/24")])
        #expect(try exact.chosen("10.1.1.10", "10.200.0.1") == "10.0.0.0/8 system VnetLocal")
        var part = TestNetwork()
        part.addVNet("v", ["10.1.0.0/16"], subnets: [TestNetwork.subnet("v", "a", "10.1.1.0/24")])
        #expect(try part.chosen("10.1.1.10", "10.200.0.1") == "10.0.0.0/8 system None")
    }

    @Test(
        "a default route to an appliance or a VPN gateway removes the reserved routes, one to None leaves them",
        arguments: [
            ("VirtualAppliance", "0.0.0.0/0 user VirtualAppliance"),
            ("VirtualNetworkGateway", "0.0.0.0/0 user VirtualNetworkGateway"), ("None", "10.0.0.0/8 system None"),
        ])
    func defaultRoute(hop: String, expected: String) throws {
        let route = TestNetwork.route("0.0.0.0/0", hop, hop == "VirtualAppliance" ? "10.0.3.4" : nil)
        let network = network([route], hasGateway: hop == "VirtualNetworkGateway")
        #expect(try network.chosen("10.1.1.10", "10.200.0.1") == expected)
    }

    /// The same table behind a gateway: what no export explains lies on-premises there, at medium confidence.
    @Test(
        "a private address that no export explains is on-premises where its domain has a gateway",
        arguments: [true, false])
    func unexplained(hasGateway: Bool) throws {
        let answer = try network(hasGateway: hasGateway).answer("10.1.1.10", "10.200.0.1")
        if hasGateway {
            #expect(answer.works != false && answer.confidence <= .medium && !answer.restsOn.isEmpty)
        } else {
            #expect(answer.works == false)
        }
    }

    /// The longest prefix wins, and what the gateway learns is in no export: it may be longer than the user route.
    @Test(
        "a user route to an address that only a gateway may know is left open, unless it is the address's own",
        arguments: [("10.0.0.0/8", false), ("10.200.0.0/16", false), ("10.200.0.1/32", true)])
    func assumedAgainstUserRoute(prefix: String, isKnown: Bool) throws {
        func inspected(_ propagation: Bool, hasGateway: Bool = true) throws -> Bool? {
            try network([SystemRouteFacts.toFirewall(prefix)], propagation: propagation, hasGateway: hasGateway)
                .answer("10.1.1.10", "10.200.0.1").inspected
        }
        // The gateway of this network leads to a site that is known; that it may lead further is believed of one of which
        // nothing is known.
        var unknown = network([SystemRouteFacts.toFirewall(prefix)], hasGateway: false)
        unknown.addGateway("gw", vnet: "v0")
        #expect(try unknown.answer("10.1.1.10", "10.200.0.1").inspected == (isKnown ? true : nil))
        #expect(try inspected(false) == true)
        #expect(try inspected(true, hasGateway: false) == true)
    }

    /// A session came from there, so its gateway knows a way back: longer than 0.0.0.0/0, perhaps not than a summary.
    @Test(
        "an answer to on-premises that no export names goes back to the gateway against a default route",
        arguments: [("0.0.0.0/0", true), ("192.168.0.0/16", nil)] as [(String, Bool?)])
    func answerAgainstUserRoute(prefix: String, symmetric: Bool?) throws {
        var unknown = network([SystemRouteFacts.toFirewall(prefix)], hasGateway: false)
        unknown.addGateway("gw", vnet: "v0")
        let answer = try unknown.answer("192.168.7.9", "10.1.1.10")
        #expect(answer.inspected == false && answer.symmetric == symmetric)
        if symmetric == true { #expect(answer.works == true && answer.confidence == .low) }
    }

    /// Such a default route stands in no export: only its Route Server does.
    @Test("a default route from a Route Server removes the reserved routes, too")
    func defaultRouteOfRouteServer() throws {
        var network = TestNetwork()
        network.addNumbered(
            1,
            extraSubnets: [TestNetwork.subnet("v1", "RouteServerSubnet", "10.1.6.0/27"), TestNetwork.gatewaySubnet(1)])
        network.add(
            "virtualHubs", "rs", "\"sku\":\"Standard\"",
            extra: ",\"kind\":\"RouteServer\"")
        network.addResource(
            """
            {"id":"\(TestNetwork.network("virtualHubs", "rs"))/ipConfigurations/c","name":"c",\
            "type":"Microsoft.Network/virtualHubs/ipConfigurations","properties":{"subnet":\
            {"id":"\(TestNetwork.subnetID("v1", "RouteServerSubnet"))"}}}
            """)
        let answer = try network.answer("10.1.1.10", "10.200.0.1")
        #expect(answer.works == nil && !answer.restsOn.isEmpty)
    }

    @Test(
        "a default route to the firewall alone carries other private addresses there",
        arguments: ["10.200.0.1", "172.20.0.1", "192.168.9.1"])
    func defaultRouteCarriesPrivateAddresses(address: String) throws {
        let answer = try network([SystemRouteFacts.toFirewall("0.0.0.0/0")], hasGateway: false)
            .answer("10.1.1.10", address)
        #expect(answer.inspected == true)
        #expect(answer.forward.dropFirst().first?.kind == .firewall)
    }

    @Test(
        "further reserved routes of real tables raise no problem", arguments: ["25.1.1.1", "198.18.0.1", "127.0.0.1"])
    func furtherReservedRoutes(address: String) throws {
        let network = network()
        _ = try network.answer("10.1.1.10", address)
        #expect(try network.problems().isEmpty)
    }

    @Test("a gateway's prefixes are on all subnets unless the table disables propagation")
    func propagation() throws {
        #expect(try network().chosen("10.1.1.10", "192.168.7.9") == "192.168.0.0/16 bgp VirtualNetworkGateway")
        #expect(try network().chosen("10.0.1.10", "192.168.7.9") == "192.168.0.0/16 bgp VirtualNetworkGateway")
        #expect(
            try network(propagation: false).chosen("10.1.1.10", "192.168.7.9") == "192.168.0.0/16 system None")
    }
}
