import FlowModel
import Topology
import Testing

/// “The private endpoint's route”: the limits of sight. Unobservable is never a bypass.
@Suite struct SightFacts {
    /// A client in v1's subnet `a`, an endpoint, a firewall; `w` (10.1.6.0/24) is delegated to whoever is asked for.
    private func network(delegation: String? = nil, log: String? = nil, routed: Bool = false) -> TestNetwork {
        var network = TestNetwork()
        let delegations =
            delegation.map { ",\"delegations\":[{\"name\":\"d\",\"properties\":{\"serviceName\":\"\($0)\"}}]" } ?? ""
        network.addNumbered(
            1, table: routed ? "rt" : nil,
            extraSubnets: [
                TestNetwork.firewallSubnet(1), TestNetwork.gatewaySubnet(1),
                "{\"id\":\"\(TestNetwork.subnetID("v1", "w"))\",\"name\":\"w\",\"properties\":{\"addressPrefix\":"
                    + "\"10.1.6.0/24\"\(delegations)}}",
            ])
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: true)
        if routed { network.addTable("rt", to: "10.1.3.4", ["10.1.2.5/32"]) }
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        if let log {
            network.addResource(
                """
                {"id":"\(TestNetwork.network("networkWatchers", "w"))/flowLogs/l","name":"w/l",\
                "type":"Microsoft.Network/networkWatchers/flowLogs","properties":{"enabled":true,\
                "targetResourceId":"\(TestNetwork.network("virtualNetworks", "v1"))"\(log)}}
                """)
        }
        return network
    }

    private let client = TestNetwork.network("networkInterfaces", "n1").lowercased()
    private let firewall = TestNetwork.network("azureFirewalls", "fw").lowercased()
    private let endpoint = TestNetwork.network("privateEndpoints", "pe").lowercased()

    private func view(_ answer: Explanation, _ vantage: String) throws -> Visibility {
        try #require(answer.sees.first { $0.vantage == vantage })
    }

    @Test("no flow log has records taken at a private endpoint", arguments: [IPProtocol.tcp, 17, 1])
    func atEndpoint(ipProtocol: Int16) throws {
        for network in [network(), network(log: "")] {
            let view = try view(network.answer("10.1.1.10", "10.1.2.5", ipProtocol), endpoint)
            #expect(view.forward == nil && view.forwardReason == .endpointNeverLogs)
            #expect(view.back == nil && view.backReason == .endpointNeverLogs)
        }
    }

    @Test("the client's side records the session", arguments: [true, false])
    func atClient(routed: Bool) throws {
        let view = try view(network(log: "", routed: routed).answer("10.1.1.10", "10.1.2.5"), client)
        #expect(view.forward == true && view.back == true)
    }

    @Test("flow logs never record ICMP: a ping can be sighted at a firewall only")
    func ping() throws {
        let answer = try network(log: "", routed: true).answer("10.1.1.10", "10.1.2.5", IPProtocol.icmp)
        let atClient = try view(answer, client)
        #expect(atClient.forward == nil && atClient.forwardReason == .protocolNotLogged)
        #expect(try view(answer, firewall).forward == true)
    }

    @Test("nor ESP and AH", arguments: [Int16(50), 51])
    func tunnels(ipProtocol: Int16) throws {
        var network = network(log: "")
        network.addNIC("far", "10.1.2.99", vnet: "v1", subnet: "e", machine: "far")
        let view = try view(network.answer("10.1.1.10", "10.1.2.99", ipProtocol), client)
        #expect(view.forward == nil && view.forwardReason == .protocolNotLogged)
    }

    @Test(
        "what flow logs do not see is unobservable, not a bypass",
        arguments: [
            "Microsoft.Web/serverFarms", "Microsoft.App/environments", "Microsoft.ContainerInstance/containerGroups",
            "Microsoft.Network/dnsResolvers", "Microsoft.Logic/integrationServiceEnvironments",
        ])
    func workloads(delegation: String) throws {
        let answer = try network(delegation: delegation, log: "").answer("10.1.6.10", "10.1.2.5")
        #expect(answer.sees.allSatisfy { $0.vantage == firewall || $0.forward == nil })
        let views = answer.sees.filter { $0.vantage != firewall && $0.vantage != endpoint }
        #expect(!views.isEmpty)
        #expect(views.allSatisfy { $0.forwardReason == .workloadNotLogged && $0.backReason == .workloadNotLogged })
    }

    @Test("traffic by ExpressRoute FastPath is not seen by flow logs")
    func fastPath() throws {
        var network = network(log: "")
        network.addGateway("gw", vnet: "v1", type: "ExpressRoute")
        network.addSite("192.168.0.0/16")
        network.add(
            "connections", "c",
            "\"connectionType\":\"ExpressRoute\",\"expressRouteGatewayBypass\":true,\"virtualNetworkGateway1\":"
                + "{\"id\":\"\(TestNetwork.network("virtualNetworkGateways", "gw"))\"}")
        let view = try view(network.answer("192.168.7.9", "10.1.1.10"), client)
        #expect(view.forward == nil && view.forwardReason == .workloadNotLogged)
    }

    @Test(
        "a flow log that filters hides what it filters",
        arguments: [",\"enabledFilteringCriteria\":\"srcIP=10.9.9.9\"", ",\"recordTypes\":\"E\""])
    func filtered(log: String) throws {
        let view = try view(network(log: log).answer("10.1.1.10", "10.1.2.5"), client)
        #expect(view.forward == nil && view.forwardReason == .filtered)
        let plain = try self.view(network(log: "").answer("10.1.1.10", "10.1.2.5"), client)
        #expect(plain.forward == true)
    }

    @Test("a flow log that is off, or of another VNet, is not enabled here", arguments: [true, false])
    func notEnabled(isOff: Bool) throws {
        var network = network()
        network.addNumbered(5)
        network.addFlowLog(
            "l", target: TestNetwork.network("virtualNetworks", isOff ? "v1" : "v5"), enabled: !isOff)
        let view = try view(network.answer("10.1.1.10", "10.1.2.5"), client)
        #expect(view.forward == nil && view.forwardReason == .loggingNotEnabled)
    }
}
