import FlowModel
import Testing
import Topology

/// What a route to the Internet leads to, and what may take its place that no export holds.
@Suite struct InternetFacts {
    /// A client in v1; v2, peered with it or with its hub alone, uses the public range 20.50.0.0/16 inside.
    private func inside(isPeered: Bool) -> TestNetwork {
        var network = TestNetwork()
        let peers = isPeered ? ["v0", "v2"] : ["v0"]
        network.addNumbered(0, peers: [TestNetwork.peering(to: "v1"), TestNetwork.peering(to: "v2")])
        network.addNumbered(1, peers: peers.map { TestNetwork.peering(to: $0) })
        network.addVNet(
            "v2", ["20.50.0.0/16"], subnets: [TestNetwork.subnet("v2", "a", "20.50.1.0/24")],
            peerings: (isPeered ? ["v0", "v1"] : ["v0"]).map { TestNetwork.peering(to: $0) })
        network.addNIC("n2", "20.50.1.10", vnet: "v2", subnet: "a", machine: "m2")
        return network
    }

    @Test("a VNet's public range is not reached through the Internet", arguments: [true, false])
    func publicRangeInside(isPeered: Bool) throws {
        let answer = try inside(isPeered: isPeered).answer("10.1.1.10", "20.50.1.10")
        #expect(answer.works == isPeered)
    }

    @Test("whether the Internet leads to a public range on-premises is not known")
    func publicRangeOnPremises() throws {
        var network = TestNetwork()
        network.addNumbered(1)
        network.addSite("20.50.0.0/16")
        let answer = try network.answer("10.1.1.10", "20.50.1.10")
        #expect(answer.works == nil && answer.inspected == nil)
    }

    @Test(
        "ranges that real tables drop beside the private ones are left open",
        arguments: ["25.1.1.1", "127.0.0.1", "198.19.0.1"])
    func furtherReserved(address: String) throws {
        var network = TestNetwork()
        network.addNumbered(1)
        #expect(try network.answer("10.1.1.10", address).works == nil)
        #expect(try network.answer("10.1.1.10", "203.0.113.9").works == true)
    }

    /// v1 with a gateway, a Route Server, or neither; its table may turn propagation off.
    private func announced(server: Bool, gateway: Bool, propagation: Bool = true) -> TestNetwork {
        var network = TestNetwork()
        let extra = [TestNetwork.gatewaySubnet(1), TestNetwork.subnet("v1", "RouteServerSubnet", "10.1.6.0/27")]
        network.addNumbered(1, table: "rt", extraSubnets: server ? extra : [extra[0]])
        network.addTable("rt", [], propagation: propagation)
        if gateway { network.addGateway("gw", vnet: "v1") }
        return network
    }

    @Test("a Route Server may hand on a default route, unless propagation is off", arguments: [true, false])
    func routeServer(propagation: Bool) throws {
        let answer = try announced(server: true, gateway: false, propagation: propagation)
            .answer("10.1.1.10", "203.0.113.9")
        #expect(answer.works == (propagation ? nil : true))
        let none = try announced(server: true, gateway: false, propagation: propagation)
            .answer("10.1.1.10", "10.200.0.1")
        #expect(none.works == (propagation ? nil : false))
    }

    @Test("a gateway may learn a default route: the answer rests on it", arguments: [true, false])
    func gateway(propagation: Bool) throws {
        let answer = try announced(server: false, gateway: true, propagation: propagation)
            .answer("10.1.1.10", "203.0.113.9")
        #expect(answer.works == true && answer.inspected == false)
        #expect(answer.restsOn.contains { $0.contains("default route") } == propagation)
    }

    /// A machine on a subnet without default outbound access.
    private func noDefault(extra: String = "", configuration: String = "", flag: String = "false") -> TestNetwork {
        var network = TestNetwork()
        let subnet =
            "{\"id\":\"\(TestNetwork.subnetID("v1", "a"))\",\"name\":\"a\",\"properties\":{\"addressPrefix\":\"10.1.1.0/24\","
            + "\"defaultOutboundAccess\":\(flag)\(extra)}}"
        network.addVNet("v1", ["10.1.0.0/16"], subnets: [subnet])
        network.add(
            "networkInterfaces", "n1",
            "\"ipConfigurations\":[{\"name\":\"a\",\"properties\":{\"privateIPAddress\":\"10.1.1.10\",\"subnet\":{\"id\":"
                + "\"\(TestNetwork.subnetID("v1", "a"))\"}\(configuration)}}]")
        return network
    }

    @Test("without default outbound access a machine needs a way out of its own [learn: default-outbound-access]")
    func defaultOutbound() throws {
        func works(_ network: TestNetwork) throws -> Bool? { try network.answer("10.1.1.10", "203.0.113.9").works }
        #expect(try works(noDefault()) == false)
        #expect(try works(noDefault(flag: "true")) == true)
        #expect(
            try works(noDefault(extra: ",\"natGateway\":{\"id\":\"\(TestNetwork.network("natGateways", "g"))\"}"))
                == true)
        let address = ",\"publicIPAddress\":{\"id\":\"\(TestNetwork.network("publicIPAddresses", "p"))\"}"
        #expect(try works(noDefault(configuration: address)) == true)
        let pool =
            ",\"loadBalancerBackendAddressPools\":[{\"id\":\"\(TestNetwork.network("loadBalancers", "l"))/backendAddressPools/p\"}]"
        #expect(try works(noDefault(configuration: pool)) == nil)
        #expect(try works(noDefault(configuration: pool, flag: "true")) == nil, "behind an internal load balancer")
        #expect(try works(noDefault(extra: ",\"serviceEndpoints\":[{\"service\":\"Microsoft.Storage\"}]")) == nil)
    }

    @Test("a machine behind a public load balancer has default outbound access")
    func publicBalancer() throws {
        var network = noDefault(flag: "true")
        network.add(
            "loadBalancers", "l",
            "\"frontendIPConfigurations\":[{\"name\":\"f\",\"properties\":{\"publicIPAddress\":{\"id\":"
                + "\"\(TestNetwork.network("publicIPAddresses", "p"))\"}}}],\"backendAddressPools\":[{\"name\":\"p\",\"properties\":"
                + "{\"backendIPConfigurations\":[{\"id\":\"\(TestNetwork.network("networkInterfaces", "n1"))/ipConfigurations/a\"}]}}]"
        )
        #expect(try network.answer("10.1.1.10", "203.0.113.9").works == true)
    }

    @Test("what a gateway does with public addresses that are sent to it is in no export")
    func forcedTunnel() throws {
        var network = announced(server: false, gateway: true)
        network.addTable("rt", [TestNetwork.route("0.0.0.0/0", "VirtualNetworkGateway")])
        #expect(try network.answer("10.1.1.10", "8.8.8.8").works == nil)
    }
}
