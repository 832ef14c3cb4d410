import FlowModel
import Topology
import Testing

/// The reverse proxy of the guide: a client asks an Application Gateway, which asks the private endpoint through the
/// firewall. The firewall sees the gateway's own addresses; NSG flow logs know nothing of a gateway's subnet. [seed]
///
///     web 10.1.0.0/16 (clients 10.1.1.0/24, gateway 10.1.4.0/24, endpoints 10.1.2.0/24) ── hub (firewall 10.0.1.4)
@Suite struct ReverseProxyTests {
    enum Log: CaseIterable, Sendable { case none, ofTheNSG, ofTheVNet }

    private func topology(delegated: Bool = false, log: Log = .none, hasRoute: Bool = true) throws -> Topology {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.0.0.0/16"], subnets: [TestNetwork.subnet("hub", "AzureFirewallSubnet", "10.0.1.0/26")],
            peerings: [TestNetwork.peering(to: "web")])
        let delegations =
            delegated
            ? ",\"delegations\":[{\"name\":\"d\",\"properties\":{\"serviceName\":\"Microsoft.Network/applicationGateways\"}}]"
            : ""
        let gatewaySubnet = """
            {"id":"\(TestNetwork.subnetID("web", "gateway"))","name":"gateway","properties":{"addressPrefix":"10.1.4.0/24",\
            "routeTable":{"id":"\(TestNetwork.network("routeTables", "rt"))"},\
            "networkSecurityGroup":{"id":"\(TestNetwork.network("networkSecurityGroups", "nsg"))"}\(delegations)}}
            """
        network.addVNet(
            "web", ["10.1.0.0/16"],
            subnets: [
                TestNetwork.subnet("web", "clients", "10.1.1.0/24"), gatewaySubnet,
                TestNetwork.subnet("web", "endpoints", "10.1.2.0/24"),
            ], peerings: [TestNetwork.peering(to: "hub")])
        network.addTable("rt", to: "10.0.1.4", hasRoute ? ["10.1.2.5/32"] : [])
        network.addGuideFirewall("10.0.1.4", vnet: "hub", translates: true)
        network.add("networkSecurityGroups", "nsg", "\"securityRules\":[]")
        network.add(
            "applicationGateways", "proxy",
            """
            "sku":{"name":"WAF_v2","tier":"WAF_v2"},"gatewayIPConfigurations":[{"name":"g","properties":{"subnet":\
            {"id":"\(TestNetwork.subnetID("web", "gateway"))"}}}],"frontendIPConfigurations":[{"name":"f","properties":\
            {"privateIPAddress":"10.1.4.100","subnet":{"id":"\(TestNetwork.subnetID("web", "gateway"))"}}}]
            """)
        network.addNIC("client", "10.1.1.10", vnet: "web", subnet: "clients", machine: "client-vm")
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "web", subnet: "endpoints")
        switch log {
        case .none: break
        case .ofTheNSG: network.addFlowLog("log", target: TestNetwork.network("networkSecurityGroups", "nsg"))
        case .ofTheVNet: network.addFlowLog("log", target: TestNetwork.network("virtualNetworks", "web"))
        }
        return try network.topology()
    }

    private func explain(_ topology: Topology, _ from: String, _ to: String, _ ipProtocol: Int16 = IPProtocol.tcp)
        throws -> Explanation
    {
        topology.explain(
            from: try topology.place(from), to: try topology.place(to), ipProtocol: ipProtocol, port: 443)
    }

    private let firewall = TestNetwork.network("azureFirewalls", "fw").lowercased()

    @Test(arguments: [false, true]) func theGatewaysSideGoesThroughTheFirewall(delegated: Bool) throws {
        let answer = try explain(topology(delegated: delegated), "10.1.4.7", "10.1.2.5")
        #expect(answer.works == true && answer.symmetric == true && answer.inspected == true)
        #expect(answer.forward.dropFirst().map(\.kind) == [.firewall, .privateEndpoint])
        #expect(answer.back.dropLast().map(\.kind) == [.privateEndpoint, .firewall])
        #expect(answer.forward.first?.address == "10.1.4.7", "the firewall sees the gateway's address")
        let chosen = try #require(answer.routes.first { $0.chosen })
        #expect("\(chosen.prefix) \(chosen.nextHopType)" == "10.1.2.5/32 VirtualAppliance")
        let view = try #require(answer.sees.first { $0.vantage == firewall })
        #expect(view.forward == true && view.back == nil && view.backReason == .directionNotLogged)
    }

    @Test func withoutItsRouteTheGatewayPassesTheFirewallBy() throws {
        let answer = try explain(topology(hasRoute: false), "10.1.4.7", "10.1.2.5")
        #expect(answer.works == true && answer.inspected == false)
        #expect(answer.routes.first { $0.chosen }?.nextHopType == "InterfaceEndpoint")
        let view = try #require(answer.sees.first { $0.vantage == firewall })
        #expect(view.forward == false && view.forwardReason == .notOnPath)
    }

    @Test(arguments: [IPProtocol.udp, IPProtocol.icmp])
    func nothingButTCPIsAnswered(ipProtocol: Int16) throws {
        let answer = try explain(topology(), "10.1.4.7", "10.1.2.5", ipProtocol)
        #expect(answer.works == false && answer.inspected == true)
    }

    /// The client's session ends at the gateway, and the firewall is not on its way.
    @Test func theClientsSideEndsAtTheGateway() throws {
        let answer = try explain(topology(), "10.1.1.10", "10.1.4.100")
        #expect(answer.inspected == false)
        #expect(answer.forward.first?.kind == .nic)
        let client = TestNetwork.network("networkInterfaces", "client").lowercased()
        let view = try #require(answer.sees.first { $0.vantage == client })
        #expect(view.forward == true)
        #expect(answer.works == true)
        #expect(view.back == true)
    }

    /// Every vantage point on the gateway's side, by its subnet, its own id, or whatever stands for it.
    private func atGateway(_ answer: Explanation) -> [Visibility] {
        answer.sees.filter { $0.vantage.contains("/subnets/gateway") || $0.vantage.contains("/applicationgateways/") }
    }

    @Test(arguments: [false, true]) func anNSGFlowLogDoesNotKnowTheGateway(delegated: Bool) throws {
        let answer = try explain(topology(delegated: delegated, log: .ofTheNSG), "10.1.4.7", "10.1.2.5")
        let views = atGateway(answer)
        #expect(!views.isEmpty)
        #expect(views.allSatisfy { $0.forward == nil && $0.forwardReason == .workloadNotLogged })
    }

    /// Unobservable is never a bypass: whatever log there is, nothing says that the gateway's own log must not show it.
    @Test(arguments: Log.allCases) func noLogIsSaidNotToSeeTheGateway(log: Log) throws {
        let answer = try explain(topology(log: log), "10.1.4.7", "10.1.2.5")
        #expect(atGateway(answer).allSatisfy { $0.forward != false && $0.back != false })
    }
}
