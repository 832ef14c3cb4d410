import FlowModel
import Topology
import Testing

/// “Choosing a route”: what a user route may lead to. [learn: virtual-networks-udr-overview; REST 2026-01-01]
@Suite struct UserRouteFacts {
    /// A client in v1 and a server in v1's subnet `s` (10.1.7.0/24), with a table at both.
    private func oneVNet(_ routes: [String], extraSubnets: [String] = []) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(
            1, table: "rt",
            extraSubnets: [
                TestNetwork.subnet("v1", "s", "10.1.7.0/24", table: "back"),
                TestNetwork.subnet("v1", "n", "10.1.8.0/24"),
                TestNetwork.firewallSubnet(1),
            ] + extraSubnets)
        network.addNIC("server", "10.1.7.10", vnet: "v1", subnet: "s", machine: "server")
        network.addTable("rt", routes)
        return network
    }

    private func back(_ network: inout TestNetwork, to hop: String) {
        network.addTable("back", to: hop, ["10.1.1.0/24"])
    }

    @Test("a user route may lead to a NIC with IP forwarding, and to none without it", arguments: [true, false])
    func interface(forwards: Bool) throws {
        var network = oneVNet([TestNetwork.route("10.1.7.0/24", "VirtualAppliance", "10.1.8.4")])
        back(&network, to: "10.1.8.4")
        network.addNIC("nva", "10.1.8.4", vnet: "v1", subnet: "n", machine: "nva", forwards: forwards)
        let answer = try network.answer("10.1.1.10", "10.1.7.10")
        if forwards {
            #expect(answer.works == true && answer.inspected == true)
            #expect(answer.confidence == .low, "that it inspects and does not translate is assumed")
        } else {
            #expect(answer.works != true)
            let problems = try network.problems()
            #expect(!problems.isEmpty)
        }
    }

    @Test("a user route may lead to an internal load balancer")
    func loadBalancer() throws {
        var network = oneVNet([TestNetwork.route("10.1.7.0/24", "VirtualAppliance", "10.1.8.100")])
        back(&network, to: "10.1.8.100")
        network.addBalancedAppliances(ports: 0, protocol: "All")
        let answer = try network.answer("10.1.1.10", "10.1.7.10")
        #expect(answer.inspected == true)
        #expect(
            answer.forward.contains { $0.kind == .loadBalancer } || answer.forward.contains { $0.kind == .appliance })
        #expect(answer.forward.last?.address == "10.1.7.10")
    }

    @Test("a user route may lead to a firewall")
    func firewall() throws {
        var network = oneVNet([TestNetwork.route("10.1.7.0/24", "VirtualAppliance", "10.1.3.4")])
        back(&network, to: "10.1.3.4")
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: false)
        let answer = try network.answer("10.1.1.10", "10.1.7.10")
        #expect(answer.works == true && answer.symmetric == true && answer.inspected == true)
    }

    @Test("the appliance must be reachable directly: not over two peerings, not behind a gateway")
    func reachableDirectly() throws {
        var network = TestNetwork()
        network.addNumbered(1, table: "rt", peers: [TestNetwork.peering(to: "v2", remoteGateways: true)])
        network.addNumbered(
            2, peers: [TestNetwork.peering(to: "v1", transit: true), TestNetwork.peering(to: "v3")],
            extraSubnets: [TestNetwork.gatewaySubnet(2)])
        network.addNumbered(
            3, peers: [TestNetwork.peering(to: "v2")], extraSubnets: [TestNetwork.firewallSubnet(3)])
        network.addGuideFirewall("10.3.3.4", vnet: "v3", translates: false)
        network.addGateway("gw", vnet: "v2", type: "ExpressRoute")
        network.addSite("192.168.0.0/16")
        network.addTable(
            "rt",
            [
                TestNetwork.route("203.0.113.0/24", "VirtualAppliance", "10.3.3.4"),
                TestNetwork.route("198.51.100.0/24", "VirtualAppliance", "192.168.1.1"),
            ])
        for address in ["203.0.113.9", "198.51.100.9"] {
            let answer = try network.answer("10.1.1.10", address)
            #expect(answer.works == false, "\(address)")
            #expect(answer.forward.last?.kind == .drop, "\(address)")
        }
    }

    private func severalHops(translates: Bool) -> TestNetwork {
        let hops = "\"nextHop\":{\"nextHopIpAddresses\":[\"10.1.8.4\",\"10.1.8.5\"]}"
        func route(_ prefix: String) -> String {
            TestNetwork.route(prefix, "VirtualApplianceEcmp", nil, extra: ",\(hops)")
        }
        var network = oneVNet([route("10.1.7.0/24")])
        network.addTable("back", [route("10.1.1.0/24")])
        for (name, address) in [("nva1", "10.1.8.4"), ("nva2", "10.1.8.5")] {
            network.addAppliance(name, address, vnet: "v1", subnet: "n", snat: translates ? "always" : "never")
        }
        return network
    }

    @Test("either address of an ECMP route counts as through the appliance")
    func severalHopsInspect() throws {
        let answer = try severalHops(translates: false).answer("10.1.1.10", "10.1.7.10")
        #expect(answer.inspected == true)
        #expect(answer.routes.first { $0.chosen }?.nextHopType == "VirtualApplianceEcmp")
    }

    @Test("without translation the way back of an ECMP route may take another one", arguments: [true, false])
    func severalHopsBack(translates: Bool) throws {
        let answer = try severalHops(translates: translates).answer("10.1.1.10", "10.1.7.10")
        if translates {
            #expect(answer.symmetric == true)
        } else {
            #expect(answer.symmetric == nil)
        }
    }

    @Test("a next hop that is the destination itself arrives, with or without IP forwarding", arguments: [true, false])
    func itself(forwards: Bool) throws {
        var network = oneVNet([TestNetwork.route("10.1.8.0/24", "VirtualAppliance", "10.1.8.4")])
        network.addNIC("n", "10.1.8.4", vnet: "v1", subnet: "n", machine: "m", forwards: forwards)
        let answer = try network.answer("10.1.1.10", "10.1.8.4")
        #expect(answer.works == true && answer.confidence == .medium)
        #expect(try network.answer("10.1.1.10", "10.1.8.9").works != true)
    }

    /// A template names the firewall, and not its address: the same must hold of it.
    @Test("a next hop by expression must be reached directly, too", arguments: [true, false])
    func nextHopByExpression(isPeered: Bool) throws {
        var network = TestNetwork()
        let firewall = TestNetwork.network("azureFirewalls", "fw")
        let peers = ["v2"] + (isPeered ? ["v0"] : [])
        network.addNumbered(1, table: "rt", peers: peers.map { TestNetwork.peering(to: $0) })
        network.addNumbered(2, peers: ["v0", "v1"].map { TestNetwork.peering(to: $0) })
        network.addNumbered(
            0, peers: (["v2"] + (isPeered ? ["v1"] : [])).map { TestNetwork.peering(to: $0) },
            extraSubnets: [TestNetwork.firewallSubnet(0)])
        network.addGuideFirewall("10.0.3.4", vnet: "v0", translates: true)
        network.addTable(
            "rt",
            [
                TestNetwork.route(
                    "203.0.113.0/24", "VirtualAppliance", nil, extra: ",\"nextHopResource\":{\"id\":\"\(firewall)\"}")
            ])
        let answer = try network.answer("10.1.1.10", "203.0.113.9")
        #expect(answer.inspected == isPeered && answer.works == isPeered)
        if isPeered { #expect(answer.restsOn.contains { $0.contains("expression") } && answer.confidence == .medium) }
    }

    @Test("an IPv4 and an IPv6 address open no session")
    func families() throws {
        let answer = try oneVNet([]).answer("10.1.1.10", "2001:db8::1")
        #expect(answer.works == nil && answer.confidence == .low)
    }

    @Test("next hops of an ECMP route that are not alike leave it open", arguments: ["router", "nobody", "translator"])
    func unlikeHops(other: String) throws {
        let hops = "\"nextHop\":{\"nextHopIpAddresses\":[\"10.1.8.4\",\"10.1.8.5\"]}"
        var network = oneVNet([TestNetwork.route("10.1.7.0/24", "VirtualApplianceEcmp", nil, extra: ",\(hops)")])
        network.addAppliance("nva1", "10.1.8.4", vnet: "v1", subnet: "n")
        if other == "translator" { network.addAppliance("nva2", "10.1.8.5", vnet: "v1", subnet: "n", snat: "always") }
        if other == "router" {
            network.addNIC("nva2", "10.1.8.5", vnet: "v1", subnet: "n", forwards: true)
            network.overlays.append(
                "{\"flowsight_overlay\":1,\"appliances\":[{\"name\":\"r\",\"interfaces\":[\"10.1.8.5\"],\"inspects\":false}]}"
            )
        }
        let answer = try network.answer("10.1.1.10", "10.1.7.10")
        #expect(answer.works == nil && answer.inspected == nil)
    }

    @Test("an endpoint's answer comes back to the one of several next hops that has the tag", arguments: [true, false])
    func taggedHops(isTagged: Bool) throws {
        let hops = "\"nextHop\":{\"nextHopIpAddresses\":[\"10.1.8.4\",\"10.1.8.5\"]}"
        var network = oneVNet([TestNetwork.route("10.1.2.5/32", "VirtualApplianceEcmp", nil, extra: ",\(hops)")])
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        for (name, address) in [("nva1", "10.1.8.4"), ("nva2", "10.1.8.5")] {
            network.addAppliance(
                name, address, vnet: "v1", subnet: "n", tag: isTagged ? "\"disableSnatOnPL\":\"true\"" : nil)
        }
        let answer = try network.answer("10.1.1.10", "10.1.2.5")
        #expect(answer.works == isTagged && answer.symmetric == (isTagged ? true : nil))
    }

    @Test("VirtualNetworkGateway as a user route's next hop means a VPN gateway", arguments: ["Vpn", "ExpressRoute"])
    func gatewayHop(type: String) throws {
        var network = TestNetwork()
        network.addNumbered(1, table: "rt", extraSubnets: [TestNetwork.gatewaySubnet(1)])
        network.addTable("rt", [TestNetwork.route("192.168.0.0/17", "VirtualNetworkGateway")])
        network.addGateway("gw", vnet: "v1", type: type)
        network.addSite("192.168.0.0/16")
        let answer = try network.answer("10.1.1.10", "192.168.7.9")
        #expect(answer.works == true || type != "Vpn")
        #expect(answer.works != true || type == "Vpn")
    }

    @Test("next hop types VnetLocal, Internet and None do what they say")
    func plainHops() throws {
        var network = oneVNet([
            TestNetwork.route("10.1.7.10/32", "VnetLocal"), TestNetwork.route("198.51.100.0/24", "None"),
            TestNetwork.route("203.0.113.0/24", "Internet"),
        ])
        network.addTable("back", [])
        #expect(try network.answer("10.1.1.10", "10.1.7.10").works == true)
        #expect(try network.answer("10.1.1.10", "198.51.100.9").works == false)
        #expect(try network.answer("10.1.1.10", "203.0.113.9").forward.last?.kind == .internet)
    }

    private func tagged(_ routes: [String]) -> TestNetwork {
        var network = oneVNet(routes)
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: false)
        return network
    }

    /// The tag's addresses stand in no export.
    @Test("a prefix may be a service tag: whether it holds a public address is unknown")
    func serviceTag() throws {
        let routes = [
            TestNetwork.route("0.0.0.0/0", "VirtualAppliance", "10.1.3.4"), TestNetwork.route("Storage", "Internet"),
        ]
        let answer = try tagged(routes).answer("10.1.1.10", "20.60.1.1")
        #expect(answer.inspected == nil && !answer.restsOn.isEmpty)
        #expect(
            try tagged(routes).answer("10.1.1.10", "10.200.0.1").inspected == true, "no tag holds a private address")
    }

    @Test("an explicit prefix beats a service tag")
    func explicitBeatsTag() throws {
        let answer = try tagged([
            TestNetwork.route("20.60.1.1/32", "VirtualAppliance", "10.1.3.4"), TestNetwork.route("Storage", "Internet"),
        ]).answer("10.1.1.10", "20.60.1.1")
        #expect(answer.inspected == true)
        #expect(answer.routes.first { $0.chosen }?.prefix == "20.60.1.1/32")
    }

    @Test("of service tags the regional one wins, then the top-level one, then AzureCloud's region, then AzureCloud")
    func tagOrder() throws {
        let order = ["AzureCloud", "AzureCloud.WestEurope", "Storage", "Storage.WestEurope"]
        let routes = order.map { TestNetwork.route($0, $0 == "Storage.WestEurope" ? "Internet" : "None") }
        let listed = try tagged(routes).answer("10.1.1.10", "20.60.1.1").routes.map(\.prefix)
            .filter { order.contains($0) }
        #expect(listed == order.reversed())
    }

    @Test("a table has at most 25 routes for service tags", arguments: [25, 26])
    func tagLimit(count: Int) throws {
        let routes = (0..<count).map { TestNetwork.route("Storage.Region\($0)", "Internet") }
        let problems = try tagged(routes).problems().filter { $0.contains("25") && $0.lowercased().contains("tag") }
        if count <= 25 {
            #expect(problems.isEmpty)
        } else {
            #expect(!problems.isEmpty)
        }
    }

    @Test("no default route on a VPN gateway's subnet, and propagation stays on there", arguments: [true, false])
    func gatewaySubnet(propagates: Bool) throws {
        var network = TestNetwork()
        network.addNumbered(
            1, extraSubnets: [TestNetwork.gatewaySubnet(1, table: "gw"), TestNetwork.firewallSubnet(1)])
        network.addGateway("gw", vnet: "v1")
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: false)
        network.addTable("gw", to: "10.1.3.4", propagates ? ["0.0.0.0/0"] : ["10.1.1.0/24"], propagation: propagates)
        let problems = try network.problems()
        #expect(problems.contains { $0.lowercased().contains("gatewaysubnet") })
    }

    @Test("a table has at most 400 routes, which is a setting", arguments: [(400, 400), (401, 400), (401, 1000)])
    func routeLimit(count: Int, limit: Int) throws {
        let routes = (0..<count).map { TestNetwork.route("10.200.\($0 / 250).\($0 % 250)/32", "None") }
        var network = oneVNet(routes)
        network.addSemantics("\"route_limit_per_table\":\(limit)")
        let problems = try network.problems().filter { $0.contains("\(limit)") }
        if count <= limit {
            #expect(problems.isEmpty)
        } else {
            #expect(!problems.isEmpty)
        }
    }

    @Test(
        "next hop names compare without case and spaces",
        arguments: [
            ("VNetLocal", "VnetLocal"), ("VNet peering", "VNetPeering"), ("VNetGlobalPeering", "VNetPeering"),
            ("GlobalVNetPeering", "VNetPeering"), ("virtual appliance", "VirtualAppliance"), ("INTERNET", "Internet"),
            ("none", "None"), ("VirtualNetworkServiceEndpoint", "VirtualNetworkServiceEndpoint"),
            ("InterfaceEndpoint", "InterfaceEndpoint"), ("ConnectedGroup", "ConnectedGroup"),
            ("Virtual network gateway", "VirtualNetworkGateway"),
        ])
    func names(written: String, read: String) throws {
        let network = oneVNet([TestNetwork.route("203.0.113.9/32", written, "10.1.8.4")])
        let route = try network.answer("10.1.1.10", "203.0.113.9").routes.first { $0.prefix == "203.0.113.9/32" }
        #expect(route?.nextHopType == read)
    }

    @Test("a virtual network routing appliance routes and does not inspect")
    func routingAppliance() throws {
        var network = oneVNet(
            [TestNetwork.route("10.1.7.0/24", "VirtualAppliance", "10.1.9.4")],
            extraSubnets: [TestNetwork.subnet("v1", "VirtualNetworkApplianceSubnet", "10.1.9.0/27")])
        back(&network, to: "10.1.9.4")
        network.add(
            "virtualNetworkAppliances", "router",
            "\"subnet\":{\"id\":\"\(TestNetwork.subnetID("v1", "VirtualNetworkApplianceSubnet"))\"},"
                + "\"ipConfigurations\":[{\"properties\":{\"privateIPAddress\":\"10.1.9.4\","
                + "\"subnet\":{\"id\":\"\(TestNetwork.subnetID("v1", "VirtualNetworkApplianceSubnet"))\"}}}]")
        let answer = try network.answer("10.1.1.10", "10.1.7.10")
        #expect(answer.works == true && answer.inspected == false)
        #expect(answer.sees.allSatisfy { !$0.vantage.hasSuffix("/router") || $0.forward != true }, "it logs nothing")
    }

    @Test("a VPN gateway carries spoke to spoke as a hairpin, past the firewall", arguments: [true, false])
    func hairpin(transit: Bool) throws {
        var network = TestNetwork()
        network.addNumbered(
            0,
            peers: [TestNetwork.peering(to: "v1", transit: transit), TestNetwork.peering(to: "v2", transit: transit)],
            extraSubnets: [TestNetwork.gatewaySubnet(0), TestNetwork.firewallSubnet(0)])
        for spoke in [1, 2] {
            network.addNumbered(
                spoke, table: "rt", peers: [TestNetwork.peering(to: "v0", remoteGateways: transit)])
        }
        network.addTable("rt", [TestNetwork.route("0.0.0.0/0", "VirtualNetworkGateway")])
        network.addGateway("gw", vnet: "v0")
        network.addGuideFirewall("10.0.3.4", vnet: "v0", translates: false)
        let answer = try network.answer("10.1.1.10", "10.2.1.10")
        if transit {
            #expect(answer.works == true && answer.inspected == false)
            #expect(answer.forward.map(\.kind) == [.nic, .gateway, .nic])
        } else {
            #expect(answer.works != true)
        }
    }
}
