import FlowModel
import Topology
import Testing

/// “Choosing a route”: peerings, and which of their switches must be on.
@Suite struct PeeringFacts {
    private func two(_ first: String, _ second: String, ranges: [String] = ["10.2.0.0/16"]) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1, peers: [first])
        network.addVNet("v2", ranges, subnets: [TestNetwork.subnet("v2", "a", "10.2.1.0/24")], peerings: [second])
        network.addNIC("n2", "10.2.1.10", vnet: "v2", subnet: "a", machine: "m2")
        return network
    }

    private static func peering(to vnet: String, without flag: String) -> String {
        TestNetwork.peering(to: vnet).replacing("\"\(flag)\":true", with: "\"\(flag)\":false")
    }

    @Test("each range of a peered VNet is a peering route")
    func everyRange() throws {
        var network = two(
            TestNetwork.peering(to: "v2"), TestNetwork.peering(to: "v1"), ranges: ["10.2.0.0/16", "10.77.0.0/20"])
        network.addNIC("far", "10.77.0.9", vnet: "v2", subnet: "a")
        #expect(try network.chosen("10.1.1.10", "10.2.1.10") == "10.2.0.0/16 system VNetPeering")
        #expect(try network.chosen("10.1.1.10", "10.77.0.9") == "10.77.0.0/20 system VNetPeering")
    }

    @Test("peering is not transitive")
    func notTransitive() throws {
        var network = TestNetwork()
        network.addNumbered(1, peers: [TestNetwork.peering(to: "v2")])
        network.addNumbered(2, peers: [TestNetwork.peering(to: "v1"), TestNetwork.peering(to: "v3")])
        network.addNumbered(3, peers: [TestNetwork.peering(to: "v2")])
        #expect(try network.answer("10.1.1.10", "10.2.1.10").works == true)
        #expect(try network.answer("10.1.1.10", "10.3.1.10").works == false)
        #expect(try network.chosen("10.1.1.10", "10.3.1.10") == "10.0.0.0/8 system None")
    }

    @Test(
        "a spoke has the hub's gateway routes where it uses remote gateways and the hub allows transit",
        arguments: [(true, true), (true, false), (false, true), (false, false)])
    func transit(uses: Bool, allows: Bool) throws {
        var network = TestNetwork()
        network.addNumbered(
            0, peers: [TestNetwork.peering(to: "v1", transit: allows)], extraSubnets: [TestNetwork.gatewaySubnet(0)])
        network.addNumbered(1, peers: [TestNetwork.peering(to: "v0", remoteGateways: uses)])
        network.addGateway("gw", vnet: "v0")
        network.addSite("192.168.0.0/16")
        let expected =
            uses && allows ? "192.168.0.0/16 bgp VirtualNetworkGateway" : "192.168.0.0/16 system None"
        #expect(try network.chosen("10.1.1.10", "192.168.7.9") == expected)
    }

    /// A spoke with an endpoint at a hub with a gateway to a site, whose peering has gateway transit, or not.
    private func announced(_ type: String, transit: Bool) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(
            0, peers: [TestNetwork.peering(to: "v1", transit: transit)], extraSubnets: [TestNetwork.gatewaySubnet(0)])
        network.addNumbered(1, peers: [TestNetwork.peering(to: "v0", remoteGateways: transit)])
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        network.addGateway("gw", vnet: "v0", type: type)
        network.addSite("192.168.0.0/16")
        return network
    }

    @Test(
        "without transit a gateway does not announce the spoke: a circuit's other end has no way there",
        arguments: ["ExpressRoute", "Vpn"])
    func announcement(type: String) throws {
        #expect(try announced(type, transit: true).answer("192.168.7.9", "10.1.2.5").works == true)
        let answer = try announced(type, transit: false).answer("192.168.7.9", "10.1.2.5")
        #expect(answer.works == (type == "Vpn" ? true : nil))
        #expect(answer.confidence < .high && answer.restsOn.contains { $0.contains("does not announce v1") })
    }

    @Test("of several gateways that lead to a site, the one that a VNet uses takes the session")
    func knowingGateway() throws {
        var network = TestNetwork()
        for hub in [0, 1] {
            network.addNumbered(
                hub,
                peers: [TestNetwork.peering(to: "v\(hub + 2)", transit: true), TestNetwork.peering(to: "v\(1 - hub)")],
                extraSubnets: [TestNetwork.gatewaySubnet(hub)])
            network.addNumbered(hub + 2, peers: [TestNetwork.peering(to: "v\(hub)", remoteGateways: true)])
            network.addGateway("gw\(hub)", vnet: "v\(hub)", type: "ExpressRoute")
        }
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\"]}]}")
        for spoke in [2, 3] {
            let answer = try network.answer("192.168.7.9", "10.\(spoke).1.10")
            #expect(answer.works == true && answer.symmetric == true, "v\(spoke)")
        }
    }

    /// v1 and v2 behind the firewall of v0.
    private func forwarded(_ flags: (Bool, Bool), translates: Bool) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(
            0, peers: [TestNetwork.peering(to: "v1"), TestNetwork.peering(to: "v2")],
            extraSubnets: [TestNetwork.firewallSubnet(0)])
        for (number, isAllowed) in [(1, flags.0), (2, flags.1)] {
            network.addNumbered(
                number, table: "rt\(number)", peers: [TestNetwork.peering(to: "v0", forwarded: isAllowed)])
            network.addTable("rt\(number)", to: "10.0.3.4", ["10.\(3 - number).0.0/16"])
        }
        network.addGuideFirewall("10.0.3.4", vnet: "v0", translates: translates)
        return network
    }

    @Test("without forwarded traffic a peering drops what its neighbour hands on, which some saw otherwise")
    func forwardedTraffic() throws {
        #expect(try forwarded((true, true), translates: false).answer("10.1.1.10", "10.2.1.10").works == true)
        let answer = try forwarded((true, false), translates: false).answer("10.1.1.10", "10.2.1.10")
        #expect(answer.works == false && answer.confidence == .medium)
    }

    @Test("whether a translated session's answers need it is not stated")
    func answersOfTranslated() throws {
        let answer = try forwarded((false, true), translates: true).answer("10.1.1.10", "10.2.1.10")
        #expect(answer.works == nil && answer.confidence == .low)
        #expect(try forwarded((false, true), translates: false).answer("10.1.1.10", "10.2.1.10").works == false)
    }

    @Test("a next hop beyond a subnet peering that leaves the subnet out is left open", arguments: ["a", "e"])
    func nextHopOverSubnetPeering(local: String) throws {
        func peering(_ vnet: String, _ local: String, _ remote: String) -> String {
            TestNetwork.peering(
                to: vnet,
                extra:
                    ",\"peerCompleteVnets\":false,\"localSubnetNames\":[\"\(local)\"],\"remoteSubnetNames\":[\"\(remote)\"]"
            )
        }
        var network = TestNetwork()
        network.addNumbered(1, table: "rt", peers: [peering("v2", local, "AzureFirewallSubnet")])
        network.addNumbered(
            2, peers: [peering("v1", "AzureFirewallSubnet", local)], extraSubnets: [TestNetwork.firewallSubnet(2)])
        network.addTable("rt", to: "10.2.3.4", ["203.0.113.0/24"])
        network.addGuideFirewall("10.2.3.4", vnet: "v2", translates: true)
        #expect(try network.answer("10.1.1.10", "203.0.113.9").inspected == (local == "a" ? true : nil))
    }

    /// [learn: virtual-network-connectivity-guidance]: unless the operator forbids it.
    @Test(
        "VNets of two ExpressRoute gateways may reach each other over a common circuit, those of one gateway do not",
        arguments: [
            (["ExpressRoute", "ExpressRoute"], nil), (["ExpressRoute", "Vpn"], false),
            (["Vpn", "ExpressRoute"], false), (["ExpressRoute"], false),
        ] as [([String], Bool?)])
    func circuits(gateways: [String], works: Bool?) throws {
        var network = TestNetwork()
        // v2 and v3 are spokes of v0 and v1, or both of v0 where there is one gateway.
        let homes = [0, gateways.count - 1]
        for hub in gateways.indices {
            let spokes = homes.indices.filter { homes[$0] == hub }.map { "v\($0 + 2)" }
            let hubs = gateways.indices.filter { $0 != hub }.map { "v\($0)" }
            network.addNumbered(
                hub, peers: (spokes + hubs).map { TestNetwork.peering(to: $0, transit: true) },
                extraSubnets: [TestNetwork.gatewaySubnet(hub)])
            network.addGateway("gw\(hub)", vnet: "v\(hub)", type: gateways[hub])
        }
        for (index, hub) in homes.enumerated() {
            network.addNumbered(index + 2, peers: [TestNetwork.peering(to: "v\(hub)", remoteGateways: true)])
        }
        #expect(try network.answer("10.2.1.10", "10.3.1.10").works == works)
    }

    @Test("packets whose source is not in the peer need allowForwardedTraffic", arguments: [true, false])
    func forwarded(allowed: Bool) throws {
        // v1 → firewall in v0 → v2, whose side decides.
        var network = TestNetwork()
        network.addNumbered(
            0, peers: [TestNetwork.peering(to: "v1"), TestNetwork.peering(to: "v2")],
            extraSubnets: [TestNetwork.firewallSubnet(0)])
        network.addNumbered(1, table: "rt", peers: [TestNetwork.peering(to: "v0")])
        network.addNumbered(2, table: "rt", peers: [TestNetwork.peering(to: "v0", forwarded: allowed)])
        network.addTable("rt", to: "10.0.3.4", ["10.0.0.0/8"])
        network.addGuideFirewall("10.0.3.4", vnet: "v0", translates: false)
        #expect(try network.answer("10.1.1.10", "10.2.1.10").works == allowed)
        #expect(try network.answer("10.0.1.10", "10.2.1.10").works == true, "its source lies in the peer")
    }

    @Test("allowVirtualNetworkAccess must be on, on both sides")
    func access() throws {
        let on = TestNetwork.peering(to: "v1")
        #expect(try two(TestNetwork.peering(to: "v2"), on).answer("10.1.1.10", "10.2.1.10").works == true)
        let off = PeeringFacts.peering(to: "v1", without: "allowVirtualNetworkAccess")
        #expect(try two(TestNetwork.peering(to: "v2"), off).answer("10.1.1.10", "10.2.1.10").works != true)
        let offHere = PeeringFacts.peering(to: "v2", without: "allowVirtualNetworkAccess")
        #expect(try two(offHere, on).answer("10.1.1.10", "10.2.1.10").works != true)
    }

    @Test("whether an endpoint's /32 leads over a peering without access is not known")
    func accessToEndpoints() throws {
        for (flag, works) in [("allowVirtualNetworkAccess", nil), ("none", true)] as [(String, Bool?)] {
            var network = TestNetwork()
            network.addNumbered(1, peers: [TestNetwork.peering(to: "v2")])
            network.addNumbered(2, peers: [PeeringFacts.peering(to: "v1", without: flag)])
            network.addPrivateEndpoint("pe", "10.2.2.5", vnet: "v2", subnet: "e")
            let answer = try network.answer("10.1.1.10", "10.2.2.5")
            #expect(answer.works == works && (answer.inspected == nil) == (works == nil))
        }
    }

    @Test("a peering works only when both sides are connected", arguments: ["Initiated", "Disconnected"])
    func connected(state: String) throws {
        for (first, second) in [(state, "Connected"), ("Connected", state), (state, state)] {
            let network = two(
                TestNetwork.peering(to: "v2", state: first), TestNetwork.peering(to: "v1", state: second))
            #expect(try network.chosen("10.1.1.10", "10.2.1.10") == "10.0.0.0/8 system None", "\(first), \(second)")
        }
    }

    private func subnetPeering(names: String) -> TestNetwork {
        var network = TestNetwork()
        let names = ",\"peerCompleteVnets\":false,\"localSubnetNames\":[\"a\"],\"remoteSubnetNames\":[\"\(names)\"]"
        network.addNumbered(1, peers: [TestNetwork.peering(to: "v2", extra: names)])
        network.addNumbered(
            2,
            peers: [
                TestNetwork.peering(
                    to: "v1",
                    extra: ",\"peerCompleteVnets\":false,\"localSubnetNames\":[\"a\"],\"remoteSubnetNames\":[\"a\"]")
            ])
        network.addPrivateEndpoint("pe", "10.2.2.5", vnet: "v2", subnet: "e")
        return network
    }

    @Test("subnet peering routes the subnets' prefixes")
    func subnetPrefixes() throws {
        let network = subnetPeering(names: "a")
        #expect(try network.chosen("10.1.1.10", "10.2.1.10") == "10.2.1.0/24 system VNetPeering")
        #expect(try network.answer("10.1.1.10", "10.2.9.9").works != true)
    }

    @Test("whether the /32 of an endpoint outside the peered subnets spreads is unknown")
    func subnetPeeringAndEndpoints() throws {
        let answer = try subnetPeering(names: "a").answer("10.1.1.10", "10.2.2.5")
        #expect(answer.works == nil && !answer.restsOn.isEmpty)
    }

    private static let onlyIPv6 =
        ",\"peerCompleteVnets\":false,\"enableOnlyIPv6Peering\":true,\"localSubnetNames\":[\"a\"],"
        + "\"remoteSubnetNames\":[\"a\"]"

    @Test("a peering for IPv6 only gives no IPv4 route")
    func onlyIPv6() throws {
        let flag = PeeringFacts.onlyIPv6
        let network = two(TestNetwork.peering(to: "v2", extra: flag), TestNetwork.peering(to: "v1", extra: flag))
        #expect(try network.chosen("10.1.1.10", "10.2.1.10") == "10.0.0.0/8 system None")
    }

    @Test("a peering for IPv6 only gives the IPv6 routes")
    func onlyIPv6HasRoutes() throws {
        let flag = PeeringFacts.onlyIPv6
        var network = TestNetwork()
        for (number, other) in [(1, 2), (2, 1)] {
            network.addVNet(
                "v\(number)", ["10.\(number).0.0/16", "fd00:\(number)::/48"],
                subnets: [
                    "{\"id\":\"\(TestNetwork.subnetID("v\(number)", "a"))\",\"name\":\"a\",\"properties\":"
                        + "{\"addressPrefixes\":[\"10.\(number).1.0/24\",\"fd00:\(number):0:1::/64\"]}}"
                ], peerings: [TestNetwork.peering(to: "v\(other)", extra: flag)])
            network.addNIC("n\(number)", "fd00:\(number):0:1::10", vnet: "v\(number)", subnet: "a")
        }
        #expect(try network.chosen("fd00:1:0:1::10", "fd00:2:0:1::10") == "fd00:2:0:1::/64 system VNetPeering")
        #expect(try network.answer("fd00:1:0:1::10", "fd00:2:0:1::10").works == true)
    }

    @Test("IPv6 routes and endpoints' IPv4 routes do not mix")
    func families() throws {
        var network = TestNetwork()
        network.addVNet(
            "v1", ["fd00:1::/48", "10.1.0.0/16"],
            subnets: [
                "{\"id\":\"\(TestNetwork.subnetID("v1", "a"))\",\"name\":\"a\",\"properties\":{\"addressPrefixes\":"
                    + "[\"10.1.1.0/24\",\"fd00:1:0:1::/64\"],"
                    + "\"routeTable\":{\"id\":\"\(TestNetwork.network("routeTables", "rt"))\"}}}",
                TestNetwork.firewallSubnet(1),
            ])
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: false)
        network.addTable("rt", to: "10.1.3.4", ["0.0.0.0/0"])
        network.addNIC("n1", "fd00:1:0:1::10", vnet: "v1", subnet: "a")
        #expect(try network.chosen("fd00:1:0:1::10", "2001:db8::1") == "::/0 system Internet")
    }

    /// A client in v1 whose table suppresses peering routes, a firewall in v1, a machine and an endpoint in v2.
    private func suppressed(_ suppresses: Bool) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(
            1, table: "rt", peers: [TestNetwork.peering(to: "v2")], extraSubnets: [TestNetwork.firewallSubnet(1)])
        network.addNumbered(2, peers: [TestNetwork.peering(to: "v1")])
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: true)
        network.add(
            "routeTables", "rt",
            "\"disableBgpRoutePropagation\":false,\(suppresses ? "\"disablePeeringRoute\":\"All\"," : "")\"routes\":["
                + TestNetwork.route("10.0.0.0/8", "VirtualAppliance", "10.1.3.4") + "]")
        network.addPrivateEndpoint("pe", "10.2.2.5", vnet: "v2", subnet: "e")
        return network
    }

    @Test("disablePeeringRoute suppresses the peering routes, and a summary wins")
    func disablePeeringRoute() throws {
        #expect(try suppressed(false).chosen("10.1.1.10", "10.2.1.10") == "10.2.0.0/16 system VNetPeering")
        #expect(try suppressed(true).chosen("10.1.1.10", "10.2.1.10") == "10.0.0.0/8 user VirtualAppliance")
    }

    @Test("what disablePeeringRoute does to a peer's /32 is unknown")
    func disablePeeringRouteAndEndpoints() throws {
        let answer = try suppressed(true).answer("10.1.1.10", "10.2.2.5")
        #expect(answer.inspected == nil && !answer.restsOn.isEmpty)
    }
}
