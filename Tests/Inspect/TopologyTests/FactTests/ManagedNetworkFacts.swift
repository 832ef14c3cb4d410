import FlowModel
import Topology
import Testing

/// “Choosing a route” and what follows the scenarios: Virtual Network Manager and virtual WAN.
@Suite struct ManagedNetworkFacts {
    private let manager = TestNetwork.network("networkManagers", "nm")

    /// Two VNets without a peering, members of one group; an endpoint in v2.
    private func members(configuration: Bool, semantics: String = "") -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1)
        network.addNumbered(2)
        network.addPrivateEndpoint("pe", "10.2.2.5", vnet: "v2", subnet: "e")
        if !semantics.isEmpty { network.addSemantics(semantics) }
        guard configuration else { return network }
        network.addResource(
            """
            {"id":"\(manager)/connectivityConfigurations/mesh","name":"mesh",\
            "type":"Microsoft.Network/networkManagers/connectivityConfigurations","properties":{\
            "connectivityTopology":"Mesh","isGlobal":"False","appliesToGroups":[{"networkGroupId":\
            "\(manager)/networkGroups/g","groupConnectivity":"DirectlyConnected","useHubGateway":"False"}]}}
            """)
        network.addResource(
            """
            {"id":"\(manager)/networkGroups/g","name":"g","type":"Microsoft.Network/networkManagers/networkGroups",\
            "properties":{"memberType":"VirtualNetwork"}}
            """)
        for number in [1, 2] {
            network.addResource(
                """
                {"id":"\(manager)/networkGroups/g/staticMembers/m\(number)","name":"m\(number)",\
                "type":"Microsoft.Network/networkManagers/networkGroups/staticMembers","properties":{"resourceId":\
                "\(TestNetwork.network("virtualNetworks", "v\(number)"))"}}
                """)
        }
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
            {"id":"\(manager)","name":"nm","type":"Microsoft.Network/networkManagers","properties":{\
            "networkManagerScopes":{"subscriptions":["/subscriptions/00000000-0000-0000-0000-0000000000aa"]},\
            "networkManagerScopeAccesses":["Connectivity"]}}
            """)
        let managed = network
        let answer = try managed.answer("10.1.1.10", "10.2.1.10")
        #expect(answer.works == nil && !answer.restsOn.isEmpty)
    }

    /// A secured hub with private routing intent, a connected VNet v1 with an endpoint, v2 beside it, a site by VPN.
    private func virtualWAN(policies: String, prefixes: [String] = []) -> TestNetwork {
        let hub = TestNetwork.network("virtualHubs", "hub")
        var network = TestNetwork()
        network.addNumbered(1, policies: policies)
        network.addNumbered(2)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        let extra = prefixes.map { "\"\($0)\"" }.joined(separator: ",")
        network.add(
            "virtualHubs", "hub",
            "\"addressPrefix\":\"10.100.0.0/23\",\"virtualWan\":{\"id\":\"\(TestNetwork.network("virtualWans", "wan"))\"},"
                + "\"azureFirewall\":{\"id\":\"\(TestNetwork.network("azureFirewalls", "fw"))\"},"
                + "\"privateTrafficPrefixes\":[\(extra)]")
        for number in [1, 2] {
            network.addResource(
                """
                {"id":"\(hub)/hubVirtualNetworkConnections/c\(number)","name":"c\(number)",\
                "type":"Microsoft.Network/virtualHubs/hubVirtualNetworkConnections","properties":{\
                "remoteVirtualNetwork":{"id":"\(TestNetwork.network("virtualNetworks", "v\(number)"))"},\
                "enableInternetSecurity":true}}
                """)
        }
        network.addResource(
            """
            {"id":"\(hub)/routingIntent/i","name":"i","type":"Microsoft.Network/virtualHubs/routingIntent",\
            "properties":{"routingPolicies":[{"name":"private","destinations":["PrivateTraffic"],"nextHop":\
            "\(TestNetwork.network("azureFirewalls", "fw"))"}]}}
            """)
        network.add(
            "azureFirewalls", "fw",
            "\"sku\":{\"name\":\"AZFW_Hub\",\"tier\":\"Standard\"},\"virtualHub\":{\"id\":\"\(hub)\"},"
                + "\"hubIPAddresses\":{\"privateIPAddress\":\"10.100.0.132\"}")
        network.add("vpnGateways", "gw", "\"virtualHub\":{\"id\":\"\(hub)\"}")
        network.addSite("192.168.0.0/16")
        return network
    }

    @Test(
        "with private routing intent a site reaches an endpoint past the hub's firewall",
        arguments: [[], ["10.1.2.5/32"]])
    func routingIntentPassesEndpointsBy(prefixes: [String]) throws {
        let answer = try virtualWAN(policies: "Disabled", prefixes: prefixes).answer("192.168.7.9", "10.1.2.5")
        #expect(answer.inspected == false)
        #expect(answer.symmetric != true, "replies go to the firewall")
    }

    @Test("unless the endpoint's subnet has route table policies", arguments: ["RouteTableEnabled", "Enabled"])
    func routingIntentAndPolicies(policies: String) throws {
        let answer = try virtualWAN(policies: policies).answer("192.168.7.9", "10.1.2.5")
        #expect(answer.inspected == true && answer.symmetric == true)
    }

    @Test("a virtual hub's firewall has the /32 of connected VNets, other connected VNets have not")
    func hubHasEndpointRoutes() throws {
        let answer = try virtualWAN(policies: "Disabled").answer("10.2.1.10", "10.1.2.5")
        let client = answer.routes.filter { $0.subnet == TestNetwork.subnetID("v2", "a").lowercased() }
        #expect(client.allSatisfy { $0.nextHopType != "InterfaceEndpoint" })
        #expect(answer.inspected == true)
    }
}
