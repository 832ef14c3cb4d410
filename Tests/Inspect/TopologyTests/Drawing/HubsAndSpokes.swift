import Topology

/// Networks to draw: hubs with firewall and gateway, spokes with endpoints, peerings in every state.
enum HubsAndSpokes {
    /// `spokes` in turn at `hubs` hubs, which are peered with each other; the last peerings are broken.
    static func network(hubs: Int, spokes: Int, endpoints: Int = 5) -> TestNetwork {
        var network = TestNetwork()
        for hub in 0..<hubs { add(hub: hub, of: hubs, spokes: spokes, to: &network) }
        for spoke in 0..<spokes { add(spoke: spoke, hub: spoke % hubs, count: spokes, endpoints, to: &network) }
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\"],"
                + "\"via\":\"gw-0\"}]}")
        return network
    }

    private static func add(hub: Int, of hubs: Int, spokes: Int, to network: inout TestNetwork) {
        let peers = (0..<hubs).filter { $0 != hub }.map { TestNetwork.peering(to: "hub-\($0)") }
        let own = stride(from: hub, to: spokes, by: hubs).filter { $0 != spokes - 1 }.map {
            TestNetwork.peering(
                to: "spoke-\($0)", state: $0 == spokes - 2 ? "Disconnected" : "Connected", transit: true)
        }
        network.addVNet(
            "hub-\(hub)", ["10.\(hub).0.0/16"],
            subnets: [
                TestNetwork.subnet("hub-\(hub)", "AzureFirewallSubnet", "10.\(hub).1.0/26"),
                TestNetwork.subnet("hub-\(hub)", "GatewaySubnet", "10.\(hub).2.0/27"),
            ], peerings: peers + own)
        network.addFirewall("fw-\(hub)", "10.\(hub).1.4", vnet: "hub-\(hub)")
        network.addGateway("gw-\(hub)", vnet: "hub-\(hub)")
    }

    private static func add(spoke: Int, hub: Int, count: Int, _ endpoints: Int, to network: inout TestNetwork) {
        let name = "spoke-\(spoke)"
        let block = "10.\(100 + spoke / 2).\(spoke % 2 * 128)"
        let base = "10.\(100 + spoke / 2)"
        let third = spoke % 2 * 128
        network.addVNet(
            name, ["\(block).0/17"],
            subnets: [
                TestNetwork.subnet(name, "app", "\(base).\(third + 1).0/24", table: "rt-\(hub)"),
                TestNetwork.subnet(name, "data", "\(base).\(third + 2).0/24"),
            ],
            peerings: [
                TestNetwork.peering(
                    to: "hub-\(hub)", state: spoke == count - 2 ? "Disconnected" : "Connected", remoteGateways: true)
            ])
        if spoke == hub {
            network.addTable("rt-\(hub)", [TestNetwork.route("0.0.0.0/0", "VirtualAppliance", "10.\(hub).1.4")])
        }
        network.addNIC("vm-\(spoke)-nic", "\(base).\(third + 1).4", vnet: name, subnet: "app", machine: "vm-\(spoke)")
        for number in 0..<(spoke % 3 == 0 ? endpoints : 1) {
            network.addPrivateEndpoint(
                "pe-\(spoke)-\(number)", "\(base).\(third + 2).\(4 + number)", vnet: name, subnet: "data")
        }
    }

    static func address(ofMachine spoke: Int) -> String { "10.\(100 + spoke / 2).\(spoke % 2 * 128 + 1).4" }
}
