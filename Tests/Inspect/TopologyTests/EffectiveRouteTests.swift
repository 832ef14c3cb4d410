import FlowModel
import Topology
import Testing

private let tcp = IPProtocol.tcp

/// Which route wins: each rule of the choice, and beside it the case where it does not apply.
@Suite struct EffectiveRouteTests {
    private let lab = HubAndSpoke(seed: 11)

    private func chosen(_ from: String, _ to: String, _ changes: HubAndSpoke.Changes = .init()) throws -> String {
        let answer = try lab.explain(from, to, tcp, changes)
        let route = try #require(answer.routes.first { $0.chosen })
        return "\(route.prefix) \(route.source) \(route.nextHopType)"
    }

    @Test func reservedRangesAreDroppedUntilADefaultRouteToAnApplianceTakesThemAway() throws {
        // The hub's DNS subnet has no table: a private address outside every peering is dropped, not sent out.
        let changes = HubAndSpoke.Changes(hasGateway: false)
        #expect(try chosen(lab.dns, "172.31.255.9", changes) == "172.16.0.0/12 system None")
        #expect(try lab.explain(lab.dns, "172.31.255.9", tcp, changes).works == false)
        #expect(try chosen(lab.machine, "172.31.255.9", changes) == "0.0.0.0/0 user VirtualAppliance")
    }

    @Test func whatNothingExplainsIsTakenForOnPremisesWhereTheDomainHasAGateway() throws {
        // The client lies in no range of the overlay: believed behind the gateway, and its answers go back there.
        let answer = try lab.explain("172.31.255.9", lab.dns, tcp)
        #expect(answer.forward.map(\.kind) == [.onPremises, .gateway, .nic])
        #expect(answer.back.map(\.kind) == [.nic, .gateway, .onPremises])
        #expect(answer.works == true && answer.confidence == .medium && !answer.restsOn.isEmpty)
        // Propagation that is off takes the way back to it away.
        #expect(try lab.explain("172.31.255.9", lab.machine, tcp).symmetric == false)
        // Nobody has come from there yet: where the gateway's ranges are named, this one is not among them.
        let dropped = try lab.explain(lab.dns, "172.31.255.9", tcp)
        #expect(dropped.works == nil && !dropped.restsOn.isEmpty)
        // Where nothing is known of the gateway, it may lead there.
        #expect(
            try explain(behindAnUnknownGateway: "172.31.255.9").forward.map(\.kind) == [.nic, .gateway, .onPremises])
        // A public address is public.
        #expect(try lab.explain(lab.dns, "203.0.113.9", tcp).forward.last?.kind == .internet)
    }

    private func explain(behindAnUnknownGateway address: String) throws -> Explanation {
        var network = TestNetwork()
        network.addVNet(
            "v", ["10.1.0.0/16"],
            subnets: [
                TestNetwork.subnet("v", "a", "10.1.1.0/24"), TestNetwork.subnet("v", "GatewaySubnet", "10.1.2.0/27"),
            ])
        network.addGateway("gw", vnet: "v")
        let topology = try network.topology()
        return topology.explain(
            from: try topology.place("10.1.1.4"), to: try topology.place(address), ipProtocol: tcp, port: nil)
    }

    @Test(arguments: [
        ("None", "172.16.0.0/12 system None"), ("VirtualNetworkGateway", "0.0.0.0/0 user VirtualNetworkGateway"),
        ("VirtualAppliance", "0.0.0.0/0 user VirtualAppliance"), ("Internet", "172.16.0.0/12 system None"),
    ])
    func onlyADefaultRouteThatCarriesTakesThemAway(hop: String, expected: String) throws {
        var network = TestNetwork()
        network.addVNet(
            "v", ["10.1.0.0/16"],
            subnets: [
                TestNetwork.subnet("v", "a", "10.1.1.0/24", table: "t"),
                TestNetwork.subnet("v", "GatewaySubnet", "10.1.2.0/27"),
            ])
        if hop == "VirtualNetworkGateway" { network.addGateway("gw", vnet: "v") }
        network.addTable("t", [TestNetwork.route("0.0.0.0/0", hop)])
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place("10.1.1.4"), to: topology.place(IPAddress(ipv4: 0xac1f_0001), domain: 0),
            ipProtocol: tcp, port: nil)
        let route = try #require(answer.routes.first { $0.chosen })
        #expect("\(route.prefix) \(route.source) \(route.nextHopType)" == expected)
    }

    @Test func aVNetThatIsAReservedRangeIsLocal() throws {
        var network = TestNetwork()
        network.addVNet("v", ["192.168.0.0/16"], subnets: [TestNetwork.subnet("v", "a", "192.168.1.0/24")])
        network.addNIC("n", "192.168.1.9", vnet: "v", subnet: "a")
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place("192.168.1.4"), to: try topology.place("192.168.1.9"), ipProtocol: tcp, port: nil)
        #expect(answer.routes.filter(\.chosen).allSatisfy { $0.nextHopType == "VnetLocal" })
        #expect(answer.routes.allSatisfy { $0.nextHopType != "None" })
    }

    @Test func aPeeredVNetThatIsAReservedRangeIsReached() throws {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["172.20.0.0/16"], subnets: [TestNetwork.subnet("hub", "a", "172.20.1.0/24")],
            peerings: [TestNetwork.peering(to: "spoke")])
        network.addVNet(
            "spoke", ["192.168.0.0/16"], subnets: [TestNetwork.subnet("spoke", "b", "192.168.1.0/24")],
            peerings: [TestNetwork.peering(to: "hub")])
        network.addNIC("n", "192.168.1.9", vnet: "spoke", subnet: "b")
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place("172.20.1.4"), to: try topology.place("192.168.1.9"), ipProtocol: tcp, port: nil)
        #expect(answer.routes.first { $0.chosen }?.nextHopType == "VNetPeering")
        #expect(answer.works == true)
    }

    /// The table may lie in a subscription that was not exported: it may say anything.
    @Test func aRouteTableThatTheExportLacksIsNotTakenForNone() throws {
        func answer(withTable: Bool) throws -> Explanation {
            var network = TestNetwork()
            network.addVNet("v", ["10.1.0.0/16"], subnets: [TestNetwork.subnet("v", "a", "10.1.1.0/24", table: "t")])
            network.addNIC("n", "10.1.1.9", vnet: "v", subnet: "a")
            if withTable { network.addTable("t", []) }
            let topology = try network.topology()
            return topology.explain(
                from: try topology.place("10.1.1.4"), to: try topology.place("10.1.1.9"), ipProtocol: tcp, port: nil)
        }
        #expect(try answer(withTable: true).inspected == false)
        #expect(try answer(withTable: false).inspected == nil)
        #expect(try answer(withTable: false).works == nil)
    }

    @Test func userBeatsGatewayForEqualPrefixesAndLengthBeatsBoth() throws {
        let site = "\(lab.site).0.0/16"
        #expect(
            try chosen(lab.machine, lab.client, .init(applicationPropagates: true))
                == "\(site) bgp VirtualNetworkGateway")
        let equal = HubAndSpoke.Changes(
            applicationPropagates: true, extraRoutes: [TestNetwork.route(site, "VirtualAppliance", lab.firewall)])
        #expect(try chosen(lab.machine, lab.client, equal) == "\(site) user VirtualAppliance")
        let longer = HubAndSpoke.Changes(
            applicationPropagates: true, extraRoutes: [TestNetwork.route("\(lab.client)/32", "None")])
        #expect(try chosen(lab.machine, lab.client, longer) == "\(lab.client)/32 user None")
    }

    @Test func withPropagationOffNoGatewayRouteIsConsidered() throws {
        #expect(
            try lab.explain(lab.machine, lab.client, tcp).routes.allSatisfy {
                $0.subnet != lab.application || $0.source != "bgp"
            })
        #expect(try chosen(lab.machine, lab.client) == "0.0.0.0/0 user VirtualAppliance")
    }

    @Test func peeringRoutesBeatLongerGatewayRoutes() throws {
        var network = lab.network(.init(applicationPropagates: true))
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"leak\",\"prefixes\":[\"\(lab.hub).3.0/24\"],\"via\":\"gw\"}]}"
        )
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place(lab.machine), to: try topology.place("\(lab.dns)@hub"), ipProtocol: tcp, port: nil)
        let route = try #require(answer.routes.first { $0.chosen })
        #expect(route.nextHopType == "VNetPeering" && route.prefix == "\(lab.hub).0.0/16")
        let loser = try #require(answer.routes.first { $0.prefix == "\(lab.hub).3.0/24" })
        #expect(loser.reason.contains("whatever its length"))
    }

    @Test func aUserRouteMayOverrideGatewayRoutesOfAnyLength() throws {
        let routes = [
            TestNetwork.route("\(lab.site).0.0/15", "VirtualAppliance", lab.firewall, extra: ",\"hasBgpOverride\":true")
        ]
        let changes = HubAndSpoke.Changes(applicationPropagates: true, extraRoutes: routes)
        let answer = try lab.explain(lab.machine, lab.client, tcp, changes)
        #expect(answer.routes.first { $0.chosen }?.source == "user")
        #expect(answer.confidence == .low)
        var off = changes
        off.semantics = "\"bgp_override_wins\":false"
        #expect(try chosen(lab.machine, lab.client, off) == "\(lab.site).0.0/16 bgp VirtualNetworkGateway")
    }

    @Test(arguments: [
        ("VNet peering", "VNetPeering"), ("none", "None"), ("Virtual Appliance", "VirtualAppliance"),
        ("VnetLocal", "VnetLocal"), ("IPAddress", "unknown"),
    ])
    func nextHopTypesHaveOneSpelling(written: String, read: String) throws {
        let changes = HubAndSpoke.Changes(extraRoutes: [TestNetwork.route("\(lab.dns)/32", written, lab.firewall)])
        let answer = try lab.explain(lab.machine, lab.dns, tcp, changes)
        #expect(answer.routes.first { $0.prefix == "\(lab.dns)/32" }?.nextHopType == read)
    }
}
