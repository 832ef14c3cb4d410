import FlowModel
import Topology
import Testing

/// “Choosing a route” and what follows the scenarios: Virtual Network Manager and virtual WAN.
@Suite struct ManagedNetworkFacts {
    /// Two VNets without a peering, members of one group; an endpoint in v2.
    private func members(configuration: Bool, semantics: String = "") -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1)
        network.addNumbered(2)
        network.addPrivateEndpoint("pe", "10.2.2.5", vnet: "v2", subnet: "e")
        if !semantics.isEmpty { network.addSemantics(semantics) }
        if configuration { network.addMesh("nm", of: ["v1", "v2"]) }
        return network
    }

    @Test("members of a connected group reach each other although the export holds no peering")
    func connectedGroup() throws {
        #expect(try members(configuration: false).answer("10.1.1.10", "10.2.1.10").works != true)
        let answer = try members(configuration: true).answer("10.1.1.10", "10.2.1.10")
        #expect(answer.works == true)
        #expect(answer.routes.first { $0.chosen }?.nextHopType == "ConnectedGroup")
    }

    @Test("endpoints' /32 spread over a connected group, which is a setting", arguments: ["", "true", "false"])
    func connectedGroupSpreads(setting: String) throws {
        let semantics = setting.isEmpty ? "" : "\"connected_group_spreads_endpoint_routes\":\(setting)"
        let answer = try members(configuration: true, semantics: semantics).answer("10.1.1.10", "10.2.2.5")
        let hop = setting == "false" ? "ConnectedGroup" : "InterfaceEndpoint"
        #expect(answer.routes.first { $0.chosen }?.nextHopType == hop)
        #expect(answer.confidence < .high && !answer.restsOn.isEmpty)
    }

    /// A manager that is exported without its configurations may have joined any of its VNets.
    @Test("with a manager and neither configuration nor effective routes it is unknown")
    func managerWithoutConfiguration() throws {
        var network = members(configuration: false)
        network.addResource(
            """
            {"id":"\(TestNetwork.network("networkManagers", "nm"))","name":"nm","type":"Microsoft.Network/networkManagers","properties":{\
            "networkManagerScopes":{"subscriptions":["/subscriptions/00000000-0000-0000-0000-0000000000aa"]},\
            "networkManagerScopeAccesses":["Connectivity"]}}
            """)
        let managed = network
        let answer = try managed.answer("10.1.1.10", "10.2.1.10")
        #expect(answer.works == nil && !answer.restsOn.isEmpty)
    }
}

extension TestNetwork {
    /// A Network Manager whose mesh joins VNets to one connected group `g`.
    mutating func addMesh(_ name: String, of vnets: [String]) {
        let manager = TestNetwork.network("networkManagers", name)
        addResource(
            """
            {"id":"\(manager)/connectivityConfigurations/mesh","name":"mesh",\
            "type":"Microsoft.Network/networkManagers/connectivityConfigurations","properties":{\
            "connectivityTopology":"Mesh","isGlobal":"False","appliesToGroups":[{"networkGroupId":\
            "\(manager)/networkGroups/g","groupConnectivity":"DirectlyConnected","useHubGateway":"False"}]}}
            """)
        addResource(
            """
            {"id":"\(manager)/networkGroups/g","name":"g","type":"Microsoft.Network/networkManagers/networkGroups",\
            "properties":{"memberType":"VirtualNetwork"}}
            """)
        for vnet in vnets {
            addResource(
                """
                {"id":"\(manager)/networkGroups/g/staticMembers/\(vnet)","name":"\(vnet)",\
                "type":"Microsoft.Network/networkManagers/networkGroups/staticMembers","properties":{"resourceId":\
                "\(TestNetwork.network("virtualNetworks", vnet))"}}
                """)
        }
    }
}
