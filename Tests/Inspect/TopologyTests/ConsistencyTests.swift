import FlowModel
import Testing
import Topology

/// Every contradiction is told with its resource and field; each case stands beside the nearest one that is right.
@Suite struct ConsistencyTests {
    private typealias Network = TestNetwork

    /// Hub with firewall, gateway and on-premises range, one spoke: nothing is wrong with it.
    private struct World {
        var hubSubnets: [String] = []
        var spokeSubnets = [Network.subnet("spoke", "app", "10.2.1.0/24", table: "rt")]
        var hubRanges = ["10.1.0.0/16"]
        var spokeRanges = ["10.2.0.0/16"]
        var toSpoke = Network.peering(to: "spoke", transit: true)
        var toHub = Network.peering(to: "hub", remoteGateways: true)
        var routes = [Network.route("0.0.0.0/0", "VirtualAppliance", "10.1.1.4")]
        var firewallTable: String?
        var gatewayTable: String?
        var onPremises = "192.168.0.0/16"
        var hasGateway = true
        var semantics = ""
        var overlay = ""

        func network() -> TestNetwork {
            var network = TestNetwork()
            network.addVNet(
                "hub", hubRanges,
                subnets: [
                    Network.subnet("hub", "AzureFirewallSubnet", "10.1.1.0/26", table: firewallTable),
                    Network.subnet("hub", "GatewaySubnet", "10.1.2.0/27", table: gatewayTable),
                ] + hubSubnets, peerings: [toSpoke])
            network.addVNet("spoke", spokeRanges, subnets: spokeSubnets, peerings: [toHub])
            network.addFirewall("fw", "10.1.1.4", vnet: "hub")
            if hasGateway { network.addGateway("gw", vnet: "hub") }
            network.addTable("rt", routes)
            network.overlays.append(
                "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"\(onPremises)\"]}],"
                    + "\"semantics\":{\(semantics)}\(overlay)}")
            return network
        }
    }

    private func problems(_ network: TestNetwork) throws -> [TopologyProblem] { try network.topology().problems }

    /// Exactly one problem, at this resource and field, that says this.
    private func expect(
        _ network: TestNetwork, _ resource: String, _ field: String, _ text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let all = try problems(network)
        let found = all.filter { $0.field == field && $0.resource.hasSuffix(resource) && $0.problem.contains(text) }
        #expect(found.count == 1, "\(all)", sourceLocation: sourceLocation)
        #expect(all.count == 1, "\(all)", sourceLocation: sourceLocation)
    }

    @Test func theWorldWithoutFaultHasNoProblem() throws { #expect(try problems(World().network()) == []) }

    // MARK: Address spaces

    @Test func overlappingRangesOfOneDomainAreToldOnceWithBothVNets() throws {
        var world = World(toSpoke: Network.peering(to: "spoke", transit: true) + "," + Network.peering(to: "other"))
        var network = world.network()
        network.addVNet("other", ["10.2.128.0/17"], subnets: [], peerings: [Network.peering(to: "hub")])
        try expect(network, "/other", "addressSpace", "10.2.128.0/17 overlaps 10.2.0.0/16 of /subscriptions")
        // Equal ranges in another routing domain are normal (topology exports, 16).
        world.toSpoke = Network.peering(to: "spoke", transit: true)
        network = world.network()
        network.addVNet("other", ["10.2.0.0/16"], subnets: [])
        #expect(try problems(network) == [])
    }

    @Test func anOnPremisesRangeInsideAVNetIsAProblemAndOneAroundItIsNone() throws {
        try expect(
            World(onPremises: "10.2.7.0/24").network(), "/spoke", "addressSpace", "holds on-premises range 10.2.7.0/24")
        #expect(try problems(World(onPremises: "10.0.0.0/8").network()) == [])
    }

    @Test func aThousandVNetsOfOneRangeAreListedUpToALimit() throws {
        var network = World(
            toSpoke: (["spoke"] + (0..<60).map { "s\($0)" }).map { Network.peering(to: $0, transit: true) }
                .joined(separator: ",")
        ).network()
        for index in 0..<60 {
            network.addVNet("s\(index)", ["10.9.0.0/16"], subnets: [], peerings: [Network.peering(to: "hub")])
        }
        let all = try problems(network)
        #expect(all.count { $0.problem.contains("overlaps") } <= 1_100)
        #expect(all.contains { $0.problem.contains("further overlaps") })
    }

    @Test func subnetsOutsideTheirVNetOrOverATwinAreTold() throws {
        var world = World()
        world.spokeSubnets.append(Network.subnet("spoke", "lost", "10.3.1.0/24"))
        try expect(world.network(), "/subnets/lost", "addressPrefix", "10.3.1.0/24 lies outside the ranges of spoke")
        world.spokeSubnets[1] = Network.subnet("spoke", "twin", "10.2.1.128/25")
        try expect(
            world.network(), "/subnets/twin", "addressPrefix", "10.2.1.128/25 overlaps 10.2.1.0/24 of subnet spoke/app")
        world.spokeSubnets[1] = Network.subnet("spoke", "next", "10.2.2.0/24")
        #expect(try problems(world.network()) == [])
    }

    @Test func oneAddressOfTwoNICsIsAProblemInsideAVNetOnly() throws {
        var network = World().network()
        network.addNIC("a", "10.2.1.7", vnet: "spoke", subnet: "app")
        network.addNIC("b", "10.2.1.7", vnet: "spoke", subnet: "app", mac: "00-0D-3A-00-00-02")
        try expect(
            network, "/networkinterfaces/b", "ipConfigurations.privateIPAddress", "10.2.1.7 is also the address of")
        network = World().network()
        network.addVNet("alone", ["10.2.0.0/16"], subnets: [Network.subnet("alone", "app", "10.2.1.0/24")])
        network.addNIC("a", "10.2.1.7", vnet: "spoke", subnet: "app")
        network.addNIC("b", "10.2.1.7", vnet: "alone", subnet: "app", mac: "00-0D-3A-00-00-02")
        #expect(try problems(network) == [])
    }

    // MARK: Peerings

    @Test func peeringFlagsThatContradictAreTold() throws {
        try expect(
            World(toSpoke: Network.peering(to: "spoke")).network(), "/to-hub", "useRemoteGateways",
            "does not allow gateway transit")
        let both = try problems(World(toSpoke: Network.peering(to: "spoke", remoteGateways: true)).network())
        #expect(both.count { $0.problem.contains("both sides use the other's gateways") } == 2)
        #expect(both.contains { $0.resource.hasSuffix("/to-spoke") && $0.problem.contains("has a gateway of its own") })
        let twice = try problems(
            World(
                toHub: Network.peering(to: "hub", remoteGateways: true) + ","
                    + Network.peering(to: "outside", remoteGateways: true)
            ).network())
        #expect(
            twice.contains { $0.resource.hasSuffix("/spoke") && $0.problem.hasPrefix("2 peerings use remote gateways") }
        )
    }

    @Test func aPeeringToAVNetOutsideTheExportIsNeitherOneSidedNorMakesNextHopsNobody() throws {
        let world = World(
            toHub: Network.peering(to: "hub", remoteGateways: true) + "," + Network.peering(to: "outside"),
            routes: [Network.route("0.0.0.0/0", "VirtualAppliance", "10.77.0.4")])
        try expect(world.network(), "/to-outside", "remoteVirtualNetwork.id", "is not in the export")
    }

    // MARK: Routes

    @Test(arguments: [
        ("10.1.1.9", "no resource of the export that spoke/app reaches directly has the address 10.1.1.9"),
        ("10.2.1.9", "10.2.1.9 is plain-vm, which does not forward: IP forwarding of its NIC is off"),
        ("10.2.1.8", "10.2.1.8 is private endpoint pe, which does not forward"),
        ("192.168.3.3", "192.168.3.3 lies on-premises (hq): a next hop must be reached directly"),
    ])
    func aNextHopThatIsNobodyOrDoesNotForwardIsTold(hop: String, text: String) throws {
        var network = World(routes: [Network.route("10.0.0.0/8", "VirtualAppliance", hop)]).network()
        network.addNIC("plain", "10.2.1.9", vnet: "spoke", subnet: "app", machine: "plain-vm")
        network.addPrivateEndpoint("pe", "10.2.1.8", vnet: "spoke", subnet: "app")
        try expect(network, "/routetables/rt", "routes.r-10.0.0.0-8.nextHopIpAddress", text)
    }

    /// The appliance stands in a subnet of its own: under the clients' table its packets would go in a circle.
    private var forwardingWorld: World {
        var world = World(routes: [Network.route("10.0.0.0/8", "VirtualAppliance", "10.2.3.9")])
        world.spokeSubnets.append(Network.subnet("spoke", "nva", "10.2.3.0/24"))
        return world
    }

    @Test func aNextHopThatForwardsIsRight() throws {
        var network = forwardingWorld.network()
        network.addNIC("nva", "10.2.3.9", vnet: "spoke", subnet: "nva", machine: "nva-vm", forwards: true)
        #expect(try problems(network) == [])
    }

    @Test func aLoadBalancerWhoseMachinesDoNotForwardIsTold() throws {
        for forwards in [true, false] {
            var network = forwardingWorld.network()
            network.addNIC("nva", "10.2.3.10", vnet: "spoke", subnet: "nva", forwards: forwards)
            network.add(
                "loadBalancers", "lb",
                "\"frontendIPConfigurations\":[{\"properties\":{\"privateIPAddress\":\"10.2.3.9\",\"subnet\":{\"id\":"
                    + "\"\(Network.subnetID("spoke", "nva"))\"}}}],\"backendAddressPools\":[{\"properties\":{\"backendIPConfigurations\":"
                    + "[{\"id\":\"\(Network.network("networkInterfaces", "nva"))/ipConfigurations/a\"}]}}]")
            if forwards {
                #expect(try problems(network) == [])
            } else {
                try expect(network, "/networkinterfaces/nva", "enableIPForwarding", "is off behind load balancer lb")
            }
        }
    }

    @Test(arguments: [(400, 0), (401, 1)])
    func moreRoutesThanTheLimitAreTold(count: Int, expected: Int) throws {
        let routes = (0..<count).map {
            Network.route("10.9.\($0 / 256).\($0 % 256)/32", "VirtualAppliance", "10.1.1.4")
        }
        let all = try problems(World(routes: routes).network())
        #expect(all.count == expected, "\(all)")
        #expect(
            all.allSatisfy {
                $0.resource.hasSuffix("/rt") && $0.problem.contains("401 user routes, more than the limit of 400")
            })
        #expect(try problems(World(routes: routes, semantics: "\"route_limit_per_table\":500").network()) == [])
    }

    @Test func twoRoutesOfOnePrefixAndMoreTagsThanTheLimitAreTold() throws {
        let twin = Network.route("10.9.0.0/16", "VirtualAppliance", "10.1.1.4")
        try expect(
            World(routes: [twin, twin.replacing("r-10.9", with: "x-10.9")]).network(), "/rt",
            "routes.x-10.9.0.0-16.addressPrefix", "is also the prefix of route")
        let tags = (0..<26).map { Network.route("Storage.Region\($0)", "Internet") }
        try expect(World(routes: tags).network(), "/rt", "routes", "26 routes with a service tag")
        #expect(try problems(World(routes: Array(tags.dropLast())).network()) == [])
    }

    // MARK: The gateway's and the firewall's subnets

    @Test func defaultRouteAndMissingPropagationOnGatewaySubnetAreTold() throws {
        var network = World(gatewayTable: "gt").network()
        network.addTable("gt", [Network.route("0.0.0.0/0", "VirtualAppliance", "10.1.1.4")])
        try expect(network, "/gt", "routes.r-0.0.0.0-0.addressPrefix", "is not supported on hub/GatewaySubnet")
        network = World(gatewayTable: "gt").network()
        network.addTable("gt", [], propagation: false)
        try expect(network, "/gt", "disableBgpRoutePropagation", "a gateway does not work without its own routes")
        network = World(gatewayTable: "gt").network()
        network.addTable("gt", [Network.route("10.2.0.0/16", "VirtualAppliance", "10.1.1.4")])
        #expect(try problems(network) == [])
    }

    @Test func aFirewallWithoutARouteBackToOnPremisesIsTold() throws {
        func network(_ routes: [String], hasGateway: Bool = true) -> TestNetwork {
            var network = World(
                toHub: Network.peering(to: "hub", remoteGateways: hasGateway), firewallTable: "ft",
                hasGateway: hasGateway
            ).network()
            network.addTable("ft", routes, propagation: false)
            return network
        }
        let toInternet = Network.route("0.0.0.0/0", "Internet")
        try expect(
            network([toInternet]), "/ft", "disableBgpRoutePropagation",
            "fw has no route back to on-premises (hq 192.168.0.0/16)")
        #expect(try problems(network([toInternet, Network.route("192.168.0.0/16", "VirtualNetworkGateway")])) == [])
        #expect(try problems(network([toInternet], hasGateway: false)) == [], "no gateway, nothing to go back to")
    }

    @Test func aFirewallWhoseRoutesLeadBackToItselfIsTold() throws {
        var network = World(firewallTable: "ft").network()
        network.addTable("ft", [Network.route("0.0.0.0/0", "VirtualAppliance", "10.1.1.4")])
        try expect(network, "/ft", "routes.r-0.0.0.0-0.nextHopIpAddress", "back to fw itself")
    }

    // MARK: Private endpoints

    @Test func aPrivateEndpointWithoutAddressAndPoliciesThatAreNotSaidAreTold() throws {
        var world = World()
        world.spokeSubnets.append(Network.subnet("spoke", "data", "10.2.2.0/24", policies: nil))
        var network = world.network()
        #expect(try problems(network) == [], "a subnet without private endpoints needs none")
        network.add("privateEndpoints", "pe", "\"subnet\":{\"id\":\"\(Network.subnetID("spoke", "data"))\"}")
        let all = try problems(network)
        #expect(all.count == 2, "\(all)")
        #expect(all.contains { $0.field == "networkInterfaces" && $0.problem.hasPrefix("no address") })
        #expect(all.contains { $0.field == "privateEndpointNetworkPolicies" && $0.resource.hasSuffix("/subnets/data") })
    }

    @Test(arguments: [(1_000, false, 0), (1_001, false, 1), (1_001, true, 0)])
    func morePrivateEndpointsThanThePlatformTakesAreTold(count: Int, isHighScale: Bool, expected: Int) throws {
        var network = World().network()
        // High scale needs the subnet to obey routes.
        let subnet = Network.subnet("many", "pe", "10.5.0.0/16", policies: isHighScale ? "Enabled" : "Disabled")
        network.add(
            "virtualNetworks", "many",
            "\"addressSpace\":{\"addressPrefixes\":[\"10.5.0.0/16\"]},\"subnets\":[\(subnet)]"
                + (isHighScale ? ",\"privateEndpointVNetPolicies\":\"Basic\"" : ""))
        for index in 0..<count {
            network.addPrivateEndpoint(
                "pe\(index)", "10.5.\(index / 250).\(index % 250 + 4)", vnet: "many", subnet: "pe")
        }
        let all = try problems(network)
        #expect(all.count == expected, "\(all.prefix(3))")
        #expect(all.allSatisfy { $0.resource.hasSuffix("/many") && $0.field == "privateEndpoints" })
    }

    @Test(arguments: [(810, false, 4_050), (790, false, nil), (4_010, true, 20_050), (810, true, nil)])
    func privateEndpointsOfPeeredVNetsAreAddedUp(count: Int, isHighScale: Bool, tooMany: Int?) throws {
        let names = (0..<5).map { "e\($0)" }
        var network = World(
            toSpoke: (["spoke"] + names).map { Network.peering(to: $0, transit: true) }.joined(separator: ",")
        ).network()
        for (number, name) in names.enumerated() {
            let subnet = Network.subnet(
                name, "pe", "10.1\(number).0.0/16", policies: isHighScale ? "Enabled" : "Disabled")
            network.add(
                "virtualNetworks", name,
                "\"addressSpace\":{\"addressPrefixes\":[\"10.1\(number).0.0/16\"]},\"subnets\":[\(subnet)],"
                    + "\"virtualNetworkPeerings\":[\(Network.peering(to: "hub"))]"
                    + (isHighScale ? ",\"privateEndpointVNetPolicies\":\"Basic\"" : ""))
            for index in 0..<count {
                network.addPrivateEndpoint(
                    "\(name)-\(index)", "10.1\(number).\(index / 250).\(index % 250 + 4)", vnet: name, subnet: "pe")
            }
        }
        guard let tooMany else { return #expect(try problems(network) == []) }
        try expect(
            network, "/hub", "privateEndpoints", "\(tooMany) private endpoints in hub and the VNets peered with it")
    }

    // MARK: The overlay

    @Test func firewallsThatTheOverlayNamesAndTheExportLacksAreTold() throws {
        let rule = "{\"private_endpoints\":[\"*\"],\"from\":[\"*\"],\"by\":[\"NAME\"]}"
        for (name, isKnown) in [("fw", true), ("FW", true), ("wall", false)] {
            let all = try problems(World(overlay: ",\"inspect\":[\(rule.replacing("NAME", with: name))]").network())
            #expect(all.isEmpty == isKnown, "\(all)")
        }
    }
}
