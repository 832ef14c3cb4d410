import FlowModel
import Testing
import Topology

/// "Virtual WAN", and what its hubs hand to each other [learn: how-to-routing-policies, virtual-wan-global-transit].
struct VirtualHubFacts {
    /// A secured hub with private routing intent, a connected VNet v1 with an endpoint, v2 beside it, a site by VPN.
    private func virtualWAN(policies: String, prefixes: [String] = []) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1, policies: policies)
        network.addNumbered(2)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        network.addHub("hub", 100, vnets: ["v1", "v2"], hasIntent: true, prefixes: prefixes)
        network.add("vpnGateways", "gw", "\"virtualHub\":{\"id\":\"\(TestNetwork.network("virtualHubs", "hub"))\"}")
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

    private func withoutPrivateIntent(
        _ destination: String, static prefix: String? = nil, tables: [String]? = ["defaultRouteTable"]
    ) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1)
        network.addNumbered(2)
        network.addHub("hub", 100, vnets: ["v1", "v2"], hasIntent: false, tables: tables)
        let hub = TestNetwork.network("virtualHubs", "hub")
        let firewall = TestNetwork.network("azureFirewalls", "fw-hub")
        if let prefix {
            network.addHubRoutes("hub", [prefix])
        } else {
            network.addResource(
                """
                {"id":"\(hub)/routingIntent/i","name":"i","type":"Microsoft.Network/virtualHubs/routingIntent",\
                "properties":{"routingPolicies":[{"name":"internet","destinations":["\(destination)"],\
                "nextHop":"\(firewall)"}]}}
                """)
        }
        return network
    }

    @Test("Internet routing intent inspects what goes to the Internet, and not what goes from VNet to VNet")
    func internetIntent() throws {
        let network = withoutPrivateIntent("Internet")
        let inside = try network.answer("10.1.1.10", "10.2.1.10")
        #expect(inside.works == true && inside.inspected == false && inside.symmetric == true)
        #expect(try network.answer("10.1.1.10", "203.0.113.9").inspected == true)
    }

    @Test(
        "a static route of a hub wins by its length only",
        arguments: [("10.0.0.0/8", false), ("10.2.0.0/16", true), ("10.2.1.0/24", true)])
    func staticRoute(prefix: String, inspects: Bool) throws {
        let answer = try withoutPrivateIntent("", static: prefix).answer("10.1.1.10", "10.2.1.10")
        #expect(answer.inspected == inspects)
    }

    /// [learn: about-virtual-hub-routing; Firewall Manager lets connections propagate to noneRouteTable].
    @Test(
        "what connections do not propagate to the default route table competes with no static route",
        arguments: [(["noneRouteTable"], true), (["defaultRouteTable"], false), (nil, nil)] as [([String]?, Bool?)])
    func propagation(tables: [String]?, inspects: Bool?) throws {
        let network = withoutPrivateIntent("", static: "10.0.0.0/8", tables: tables)
        #expect(try network.answer("10.1.1.10", "10.2.1.10").inspected == inspects)
    }

    /// Without the other VNet's range a spoke has the default route alone, which may not beat its reserved routes.
    @Test(
        "nor with a static default route",
        arguments: [(["noneRouteTable"], nil), (["defaultRouteTable"], false), (nil, nil)]
            as [([String]?, Bool?)])
    func staticDefault(tables: [String]?, inspects: Bool?) throws {
        let network = withoutPrivateIntent("", static: "0.0.0.0/0", tables: tables)
        #expect(try network.answer("10.1.1.10", "10.2.1.10").inspected == inspects)
    }

    @Test("Azure writes the intent's rows into the hub's default route table, too")
    func intentInTable() throws {
        var network = virtualWAN(policies: "Disabled")
        network.addHubRoutes("hub", ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], name: "_policy_PrivateTraffic")
        #expect(try network.answer("10.1.1.10", "10.2.1.10").inspected == true)
        #expect(try network.answer("192.168.7.9", "10.2.1.10").inspected == true)
    }

    @Test("what nothing explains is on-premises behind a virtual hub with a gateway, too", arguments: [true, false])
    func assumedBehindHub(hasGateway: Bool) throws {
        var network = TestNetwork()
        network.addNumbered(1)
        network.addHub("hub", 100, vnets: ["v1"], hasIntent: false)
        if hasGateway {
            network.add(
                "vpnGateways", "gw", "\"virtualHub\":{\"id\":\"\(TestNetwork.network("virtualHubs", "hub"))\"}")
        }
        let there = try network.answer("10.1.1.10", "192.168.1.4")
        #expect(there.works == hasGateway && (there.confidence <= .medium || !hasGateway))
        if hasGateway { #expect(try network.answer("192.168.1.4", "10.1.1.10").works == true) }
    }

    @Test("a user route to a virtual hub's firewall is a problem, and leaves the way open")
    func userRouteIntoHub() throws {
        var network = TestNetwork()
        network.addNumbered(1, table: "rt")
        network.addNumbered(2)
        network.addTable("rt", to: "10.100.0.132", ["10.2.0.0/16"])
        network.addHub("hub", 100, vnets: ["v1", "v2"], hasIntent: false)
        #expect(try network.answer("10.1.1.10", "10.2.1.10").works == nil)
        #expect(try network.problems().contains { $0.contains("virtual hub hub") && $0.contains("10.100.0.132") })
    }

    @Test("the remedy for what passes a hub's routing intent by is the endpoint's own policy")
    func remedyAtHub() throws {
        let remedy = try virtualWAN(policies: "Disabled").answer("192.168.7.9", "10.1.2.5").remedy
        #expect(remedy.count == 1 && remedy[0].contains("v1/e to RouteTableEnabled"), "\(remedy)")
    }

    /// v1 with an endpoint at one hub, v2 at another.
    private func twoHubs(wans: [String] = ["wan", "wan"], hasIntent: Bool) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1, policies: "Enabled")
        network.addNumbered(2)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        network.addHub("hub-1", 100, vnets: ["v1"], hasIntent: hasIntent, wan: wans[0])
        network.addHub("hub-2", 200, vnets: ["v2"], hasIntent: hasIntent, wan: wans[1])
        return network
    }

    @Test("between VNets of two hubs with private routing intent the firewalls of both inspect")
    func bothHubsInspect() throws {
        for (from, to) in [("10.2.1.10", "10.1.1.10"), ("10.1.1.10", "10.2.1.10")] {
            let answer = try twoHubs(hasIntent: true).answer(from, to)
            #expect(answer.works == true && answer.inspected == true && answer.symmetric == true)
            #expect(answer.forwardInspectors.count == 2)
            #expect(Set(answer.forwardInspectors) == Set(answer.backInspectors))
        }
        let endpoint = try twoHubs(hasIntent: true).answer("10.2.1.10", "10.1.2.5")
        #expect(endpoint.inspected == true && endpoint.works != false)
    }

    @Test("of two hubs that both lead to a site each takes its own gateway, both ways", arguments: [1, 2])
    func ownGateway(spoke: Int) throws {
        var network = twoHubs(hasIntent: true)
        for hub in [1, 2] {
            network.add(
                "vpnGateways", "gw-\(hub)",
                "\"virtualHub\":{\"id\":\"\(TestNetwork.network("virtualHubs", "hub-\(hub)"))\"}")
        }
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\"]}]}")
        let answer = try network.answer("192.168.7.9", "10.\(spoke).1.10")
        #expect(answer.works == true && answer.symmetric == true && answer.forwardInspectors.count == 1)
    }

    @Test("without it the hubs of one virtual WAN lead from VNet to VNet, those of two do not")
    func hubsOfOneWAN() throws {
        let answer = try twoHubs(hasIntent: false).answer("10.2.1.10", "10.1.1.10")
        #expect(answer.works == true && answer.inspected == false)
        #expect(answer.forward.compactMap(\.id).filter { $0.contains("/virtualhubs/") }.count == 2)
        let apart = try twoHubs(wans: ["one", "other"], hasIntent: false).answer(
            "10.2.1.10@v2", "10.1.1.10")
        #expect(apart.works != true)
    }
}

extension TestNetwork {
    /// Routes of a hub's default route table to its firewall.
    mutating func addHubRoutes(_ name: String, _ prefixes: [String], name route: String = "r") {
        let hub = TestNetwork.network("virtualHubs", name)
        let destinations = prefixes.map { "\"\($0)\"" }.joined(separator: ",")
        addResource(
            """
            {"id":"\(hub)/hubRouteTables/defaultRouteTable","name":"defaultRouteTable",\
            "type":"Microsoft.Network/virtualHubs/hubRouteTables","properties":{"routes":[{"name":"\(route)",\
            "destinationType":"CIDR","destinations":[\(destinations)],"nextHopType":"ResourceId",\
            "nextHop":"\(TestNetwork.network("azureFirewalls", "fw-\(name)"))"}]}}
            """)
    }

    /// A virtual hub 10.`number`.0.0/23 with a firewall, and its connected VNets.
    mutating func addHub(
        _ name: String, _ number: Int, vnets: [String], hasIntent: Bool, prefixes: [String] = [], wan: String = "wan",
        tables: [String]? = nil
    ) {
        let hub = TestNetwork.network("virtualHubs", name)
        let firewall = TestNetwork.network("azureFirewalls", "fw-\(name)")
        let extra = prefixes.map { "\"\($0)\"" }.joined(separator: ",")
        add(
            "virtualHubs", name,
            "\"addressPrefix\":\"10.\(number).0.0/23\",\"virtualWan\":{\"id\":\"\(TestNetwork.network("virtualWans", wan))\"},"
                + "\"azureFirewall\":{\"id\":\"\(firewall)\"},\"privateTrafficPrefixes\":[\(extra)]")
        let ids = (tables ?? []).map { "{\"id\":\"\(hub)/hubRouteTables/\($0)\"}" }.joined(separator: ",")
        let routing =
            tables == nil
            ? "" : ",\"routingConfiguration\":{\"propagatedRouteTables\":{\"labels\":[],\"ids\":[\(ids)]}}"
        for vnet in vnets {
            addResource(
                """
                {"id":"\(hub)/hubVirtualNetworkConnections/\(vnet)","name":"\(vnet)",\
                "type":"Microsoft.Network/virtualHubs/hubVirtualNetworkConnections","properties":{\
                "remoteVirtualNetwork":{"id":"\(TestNetwork.network("virtualNetworks", vnet))"},\
                "enableInternetSecurity":true\(routing)}}
                """)
        }
        if hasIntent {
            addResource(
                """
                {"id":"\(hub)/routingIntent/i","name":"i","type":"Microsoft.Network/virtualHubs/routingIntent",\
                "properties":{"routingPolicies":[{"name":"private","destinations":["PrivateTraffic"],\
                "nextHop":"\(firewall)"}]}}
                """)
        }
        add(
            "azureFirewalls", "fw-\(name)",
            "\"sku\":{\"name\":\"AZFW_Hub\",\"tier\":\"Standard\"},\"virtualHub\":{\"id\":\"\(hub)\"},"
                + "\"hubIPAddresses\":{\"privateIPAddress\":\"10.\(number).0.132\"}")
    }
}
