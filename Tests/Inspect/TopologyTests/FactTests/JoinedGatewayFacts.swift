import FlowModel
import Testing
import Topology

/// VNets whose VPN gateways a VNet-to-VNet connection joins [learn: vpn-gateway-howto-vnet-vnet-resource-manager-portal].
@Suite struct JoinedGatewayFacts {
    /// v1 and v2 with a gateway each, joined or not; v3 is a spoke of v2.
    private func network(isJoined: Bool) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1, extraSubnets: [TestNetwork.gatewaySubnet(1)])
        network.addNumbered(
            2, peers: [TestNetwork.peering(to: "v3", transit: true)], extraSubnets: [TestNetwork.gatewaySubnet(2)])
        network.addNumbered(3, peers: [TestNetwork.peering(to: "v2", remoteGateways: true)])
        network.addPrivateEndpoint("pe", "10.2.2.5", vnet: "v2", subnet: "e")
        for (name, number) in [("gw1", 1), ("gw2", 2)] { network.addGateway(name, vnet: "v\(number)") }
        guard isJoined else { return network }
        for (name, near, far) in [("c1", "gw1", "gw2"), ("c2", "gw2", "gw1")] {
            network.add(
                "connections", name,
                "\"connectionType\":\"Vnet2Vnet\",\"virtualNetworkGateway1\":{\"id\":"
                    + "\"\(TestNetwork.network("virtualNetworkGateways", near))\"},\"virtualNetworkGateway2\":{\"id\":"
                    + "\"\(TestNetwork.network("virtualNetworkGateways", far))\"}")
        }
        return network
    }

    @Test(
        "the gateways lead from VNet to VNet, both ways",
        arguments: [("10.1.1.10", "10.2.1.10"), ("10.2.1.10", "10.1.1.10")])
    func bothWays(from: String, to: String) throws {
        let answer = try network(isJoined: true).answer(from, to)
        #expect(answer.works == true && answer.inspected == false && answer.symmetric == true)
        #expect(answer.forward.map(\.kind) == [.nic, .gateway, .gateway, .nic])
        #expect(answer.back.map(\.kind) == [.nic, .gateway, .gateway, .nic])
        #expect(answer.confidence <= .medium)
        #expect(try network(isJoined: false).answer(from, to).works != true)
    }

    @Test("to a private endpoint of the other VNet, too")
    func endpoint() throws {
        let answer = try network(isJoined: true).answer("10.1.1.10", "10.2.2.5")
        #expect(answer.works == true && answer.inspected == false)
        #expect(answer.forward.map(\.kind) == [.nic, .gateway, .gateway, .privateEndpoint])
    }

    @Test("a connection to elsewhere tells nothing of the spokes of one's own hub")
    func ownSpokes() throws {
        var hub = TestNetwork()
        hub.addNumbered(
            0, peers: [TestNetwork.peering(to: "v6", transit: true), TestNetwork.peering(to: "v7", transit: true)],
            extraSubnets: [TestNetwork.gatewaySubnet(0)])
        for spoke in [6, 7] { hub.addNumbered(spoke, peers: [TestNetwork.peering(to: "v0", remoteGateways: true)]) }
        hub.addNumbered(1, extraSubnets: [TestNetwork.gatewaySubnet(1)])
        for (name, number) in [("gw0", 0), ("gw1", 1)] { hub.addGateway(name, vnet: "v\(number)") }
        hub.add(
            "connections", "c",
            "\"virtualNetworkGateway1\":{\"id\":\"\(TestNetwork.network("virtualNetworkGateways", "gw0"))\"},"
                + "\"virtualNetworkGateway2\":{\"id\":\"\(TestNetwork.network("virtualNetworkGateways", "gw1"))\"}")
        #expect(try hub.answer("10.6.1.10", "10.7.1.10").works == false)
        #expect(try hub.answer("10.6.1.10", "10.1.1.10").forward.contains { $0.kind == .gateway })
    }

    @Test("what lies behind the other VNet is left open: only BGP would hand it on")
    func behind() throws {
        for (from, to) in [("10.1.1.10", "10.3.1.10"), ("10.3.1.10", "10.1.1.10")] {
            #expect(try network(isJoined: true).answer(from, to).works == nil, "\(from) → \(to)")
        }
    }
}
