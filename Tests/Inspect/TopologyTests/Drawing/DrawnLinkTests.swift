import FlowModel
import Testing
import Topology

/// What joins VNets, as the map tells it and both drawings show it.
struct DrawnLinkTests {
    private func check(_ network: TestNetwork, _ expected: [String]) throws {
        let map = try network.topology().map()
        let links = map.links.map { link in
            let members = link.members.map { $0.split(separator: "/").last ?? "" }.joined(separator: " ")
            return "\(link.kind.rawValue) \(members): \(link.state.rawValue)"
        }
        #expect(links.sorted() == expected.sorted())
        let svg = try #require(DrawnDocument(map.svg()))
        let titles = svg.all("link").map(\.title)
        #expect(Set(titles).count == map.links.count && titles.count == map.links.count)
        // In dot a link is an edge; a group of VNets is a node of its own with an edge to each.
        let dot = map.dot()
        for link in map.links { #expect(link.members.allSatisfy { dot.contains(name(of: $0, in: map)) }) }
    }

    private func name(of id: String, in map: TopologyMap) -> String {
        map.domains.flatMap(\.vnets).first { $0.id == id }?.name ?? id
    }

    @Test func hubsOfAVirtualWANAndTheirConnections() throws {
        var network = TestNetwork()
        for number in [1, 2, 3] { network.addNumbered(number) }
        network.addHub("hub-1", 100, vnets: ["v1", "v3"], hasIntent: true)
        network.addHub("hub-2", 200, vnets: ["v2"], hasIntent: false)
        try check(
            network,
            [
                "hub_connection hub-1 v1: works", "hub_connection hub-1 v3: works", "hub_connection hub-2 v2: works",
                "virtual_wan hub-1 hub-2: works",
            ])
    }

    @Test func aConnectedGroup() throws {
        var network = TestNetwork()
        for number in [1, 2, 3] { network.addNumbered(number) }
        network.addMesh("nm", of: ["v1", "v2", "v3"])
        try check(network, ["connected_group v1 v2 v3: works"])
    }

    @Test func gatewaysThatAConnectionJoins() throws {
        var network = TestNetwork()
        for number in [1, 2] {
            network.addNumbered(number, extraSubnets: [TestNetwork.gatewaySubnet(number)])
            network.addGateway("gw\(number)", vnet: "v\(number)")
        }
        let ends = [1, 2].map { number in
            "\"virtualNetworkGateway\(number)\":{\"id\":\"\(TestNetwork.network("virtualNetworkGateways", "gw\(number)"))\"}"
        }
        network.add("connections", "both", "\"connectionType\":\"Vnet2Vnet\",\(ends.joined(separator: ","))")
        try check(network, ["gateway_connection v1 v2: works"])
    }

    @Test func peeringsThatDoNotWork() throws {
        var network = TestNetwork()
        network.addNumbered(1, peers: [TestNetwork.peering(to: "v2"), TestNetwork.peering(to: "gone")])
        network.addNumbered(2)
        network.addNumbered(3, peers: [TestNetwork.peering(to: "v4", state: "Disconnected")])
        network.addNumbered(4, peers: [TestNetwork.peering(to: "v3")])
        try check(
            network, ["peering v1 v2: one_sided", "peering gone v1: believed", "peering v3 v4: not_connected"])
    }
}
