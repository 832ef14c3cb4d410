import FlowModel
import Topology
import Testing

private let tcp = IPProtocol.tcp
private let udp = IPProtocol.udp
private let icmp = IPProtocol.icmp

@Suite struct PrivateEndpointRouteTests {
    private let lab = HubAndSpoke(seed: 23)

    @Test func aPrivateLinkServiceAnswersUDPByItsRouteAndNeverICMP() throws {
        let own = HubAndSpoke.Changes(target: "Microsoft.Network/privateLinkServices")
        let answer = try lab.explain(lab.machine, lab.endpoint, udp, own)
        #expect(answer.works == true && answer.inspected == false)
        #expect(answer.routes.first { $0.chosen }?.appliesTo == ["tcp", "udp"])
        #expect(try lab.explain(lab.machine, lab.endpoint, icmp, own).works == false)
        #expect(try lab.explain(lab.machine, lab.endpoint, udp).works == false, "a platform service does not")
    }

    @Test func theOverlayMayChangeWhatTheRouteSteers() throws {
        let changes = HubAndSpoke.Changes(
            semantics: "\"private_endpoint_route_protocols\":{\"platform\":[\"tcp\",\"udp\"]}")
        #expect(try lab.explain(lab.machine, lab.endpoint, udp, changes).inspected == false)
    }

    /// (policies of the endpoint's subnet, user route, does the /32 still win)
    @Test(arguments: [
        ("Disabled", 24, true), ("NetworkSecurityGroupEnabled", 24, true), ("Enabled", 24, false),
        ("RouteTableEnabled", 24, false), ("RouteTableEnabled", 16, false), ("RouteTableEnabled", 15, true),
    ])
    func aUserRouteSummarisesWhereTheEndpointsSubnetObeysAndItIsLongEnough(policies: String, length: Int, wins: Bool)
        throws
    {
        var network = TestNetwork()
        network.addVNet(
            "v", ["10.4.0.0/16"],
            subnets: [
                TestNetwork.subnet("v", "a", "10.4.1.0/24", table: "t"),
                TestNetwork.subnet("v", "d", "10.4.2.0/24", policies: policies),
            ], peerings: [TestNetwork.peering(to: "h")])
        network.addVNet(
            "h", ["10.9.0.0/16"], subnets: [TestNetwork.subnet("h", "AzureFirewallSubnet", "10.9.1.0/26")],
            peerings: [TestNetwork.peering(to: "v")])
        network.addFirewall("fw", "10.9.1.4", vnet: "h")
        let prefix = try #require(IPPrefix("10.4.2.5/\(length)"))
        network.addTable(
            "t",
            [
                TestNetwork.route("\(prefix)", "VirtualAppliance", "10.9.1.4"),
                TestNetwork.route("0.0.0.0/0", "VirtualAppliance", "10.9.1.4"),
            ])
        network.addPrivateEndpoint("pe", "10.4.2.5", vnet: "v", subnet: "d")
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place("10.4.1.9"), to: try topology.place("10.4.2.5"), ipProtocol: tcp, port: nil)
        #expect(answer.inspected == !wins)
        let route = try #require(answer.routes.first { $0.nextHopType == "InterfaceEndpoint" })
        #expect(route.chosen == wins)
        #expect(route.reason.hasPrefix("invalid") == !wins)
    }

    @Test func policiesThatTheExportLacksMakeTheAnswerUnknownWhereTheyDecide() throws {
        let lacking = HubAndSpoke.Changes(endpointPolicies: nil)
        let answer = try lab.explain(lab.machine, lab.endpoint, tcp, lacking)
        #expect(answer.works == nil && answer.inspected == nil && answer.symmetric == nil)
        #expect(answer.why.contains("privateEndpointNetworkPolicies"))
        // From the DNS machine no user route summarises anything: nothing hangs on the policy.
        #expect(try lab.explain(lab.dns, lab.endpoint, tcp, lacking).inspected == false)
        // The same /32 by hand wins either way.
        var fixed = lacking
        fixed.isFixed = true
        #expect(try lab.explain(lab.machine, lab.endpoint, tcp, fixed).inspected == true)
    }

    @Test func theRouteReachesDirectPeersAndNotFurther() throws {
        var network = lab.network()
        network.addVNet(
            "far", ["10.250.0.0/16"].map { lab.hub == "10.250" || lab.spoke == "10.250" ? "10.251.0.0/16" : $0 },
            subnets: [
                TestNetwork.subnet(
                    "far", "a", lab.hub == "10.250" || lab.spoke == "10.250" ? "10.251.1.0/24" : "10.250.1.0/24")
            ])
        let topology = try network.topology()
        let far = try topology.place(lab.hub == "10.250" || lab.spoke == "10.250" ? "10.251.1.9" : "10.250.1.9")
        let answer = topology.explain(from: far, to: try topology.place(lab.endpoint), ipProtocol: tcp, port: nil)
        #expect(answer.routes.allSatisfy { $0.nextHopType != "InterfaceEndpoint" })
        #expect(answer.works == false)
        let near = topology.explain(
            from: try topology.place(lab.dns), to: try topology.place(lab.endpoint), ipProtocol: tcp, port: nil)
        #expect(near.routes.first { $0.chosen }?.nextHopType == "InterfaceEndpoint")
    }

    @Test func anEndpointThatIsNotApprovedCarriesNothing() throws {
        let answer = try lab.explain(lab.machine, lab.endpoint, tcp, .init(status: "Pending"))
        #expect(answer.works == false)
    }

    @Test func subnetPeeringLeavesTheRouteUnknownForOtherSubnets() throws {
        let network = { (names: String, semantics: String) throws -> Topology in
            var network = TestNetwork()
            network.addVNet(
                "a", ["10.1.0.0/16"], subnets: [TestNetwork.subnet("a", "c", "10.1.1.0/24")],
                peerings: [
                    TestNetwork.peering(
                        to: "b", extra: ",\"peerCompleteVnets\":false,\"remoteSubnetNames\":[\"\(names)\"]")
                ])
            network.addVNet(
                "b", ["10.2.0.0/16"],
                subnets: [TestNetwork.subnet("b", "d", "10.2.1.0/24"), TestNetwork.subnet("b", "e", "10.2.2.0/24")],
                peerings: [TestNetwork.peering(to: "a")])
            network.addPrivateEndpoint("pe", "10.2.1.5", vnet: "b", subnet: "d")
            network.overlays = ["{\"flowsight_overlay\":1,\"semantics\":{\(semantics)}}"]
            return try network.topology()
        }
        func works(_ topology: Topology) throws -> Bool? {
            topology.explain(
                from: try topology.place("10.1.1.4"), to: try topology.place("10.2.1.5"), ipProtocol: tcp, port: nil
            ).works
        }
        #expect(try works(network("d", "")) == true)
        #expect(try works(network("e", "")) == nil)
        #expect(try works(network("e", "\"subnet_peering_spreads_endpoint_routes\":false")) == false)
        #expect(try works(network("e", "\"subnet_peering_spreads_endpoint_routes\":true")) == true)
    }
}
