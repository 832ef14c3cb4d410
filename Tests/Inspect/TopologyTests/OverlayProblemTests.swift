import FlowModel
import Testing
import Topology

/// What an overlay names and the export does not hold is told with the overlay's file, the entry, and what is wanted.
@Suite struct OverlayProblemTests {
    private typealias Network = TestNetwork

    /// A spoke with a client and a private endpoint behind a hub with a firewall and a gateway: nothing is wrong with it.
    /// The overlay that is under test is the second file.
    private func network(_ overlay: String) -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.1.0.0/16"],
            subnets: [
                Network.subnet("hub", "AzureFirewallSubnet", "10.1.1.0/26"),
                Network.subnet("hub", "GatewaySubnet", "10.1.2.0/27"),
            ], peerings: [Network.peering(to: "spoke", transit: true)])
        network.addVNet(
            "spoke", ["10.2.0.0/16"],
            subnets: [
                Network.subnet("spoke", "app", "10.2.1.0/24"), Network.subnet("spoke", "data", "10.2.2.0/24"),
                Network.subnet("spoke", "nva", "10.2.3.0/24"),
            ], peerings: [Network.peering(to: "hub", remoteGateways: true)])
        network.addFirewall("fw", "10.1.1.4", vnet: "hub")
        network.addGateway("gw", vnet: "hub")
        network.addNIC("app-nic", "10.2.1.4", vnet: "spoke", subnet: "app", machine: "app-vm")
        network.addPrivateEndpoint("pe", "10.2.2.4", vnet: "spoke", subnet: "data")
        network.overlays = [
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\"]}]}",
            "{\"flowsight_overlay\":1,\(overlay)}",
        ]
        return network
    }

    private func problems(_ overlay: String) throws -> [TopologyProblem] { try network(overlay).topology().problems }

    /// Exactly one problem, at this place of the second overlay, that says all of this.
    private func expect(
        _ overlay: String, _ field: String, _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let all = try problems(overlay)
        #expect(all.count == 1, "\(all)", sourceLocation: sourceLocation)
        let problem = try #require(all.first, sourceLocation: sourceLocation)
        #expect(problem.resource == "overlay-1.json", sourceLocation: sourceLocation)
        #expect(problem.field == field, sourceLocation: sourceLocation)
        for text in texts {
            #expect(problem.problem.contains(text), "\(text) in \(problem.problem)", sourceLocation: sourceLocation)
        }
    }

    @Test func whatTheExportLacksIsToldWithFileEntryAndWhatIsWanted() throws {
        #expect(try problems("\"names\":{}") == [])
        try expect(
            "\"inspect\":[{\"private_endpoints\":[\"*\"],\"from\":[\"*\"],\"by\":[\"fw\",\"wall\"]}]", "inspect[0].by",
            "names no firewall or appliance of the export: wall", "an id or a name")
        try expect(
            "\"firewalls\":[{\"id\":\"fw\"},{\"id\":\"wall\",\"capacity_mbps\":1}]", "firewalls[1].id",
            "names no firewall of the export: wall", "an id or a name")
        try expect(
            "\"on_premises\":[{\"prefixes\":[\"192.168.1.0/24\"],\"via\":\"gate\"}]", "on_premises[0].via",
            "names no gateway of the export: gate", "a gateway's id or name")
        try expect(
            "\"appliances\":[{\"name\":\"nva\",\"interfaces\":[\"10.2.3.9\"]}]", "appliances[0].interfaces",
            "names no NIC of the export: 10.2.3.9", "a NIC's id or address", "nva is left out")
    }

    // MARK: Wishes

    private func wish(_ endpoint: String, from client: String) -> String {
        """
        "inspect":[{"private_endpoints":["*"],"from":["*"],"by":["fw"]},\
        {"private_endpoints":["*","\(endpoint)"],"from":["\(client)"],"by":["fw"]}]
        """
    }

    @Test(arguments: [
        "pe", "PE", TestNetwork.network("privateEndpoints", "pe"), "10.2.2.4", "10.2.2.0/24", "0.0.0.0/0", "*",
    ])
    func aWishForAnEndpointThatIsThereIsNoProblem(text: String) throws {
        #expect(try problems(wish(text, from: "*")) == [])
    }

    @Test(arguments: ["nope", "10.2.9.0/24", "10.300.0.0/16", TestNetwork.network("privateEndpoints", "nope")])
    func aWishForAnEndpointThatIsNowhereIsTold(text: String) throws {
        try expect(
            wish(text, from: "*"), "inspect[1].private_endpoints",
            "names no private endpoint of the export: \(text.lowercased())", "an id, a name, a prefix")
    }

    @Test(arguments: [
        "app", "spoke/app", "SPOKE/App", TestNetwork.subnetID("spoke", "app"), "10.2.1.0/24", "10.2.1.4/32",
        "10.0.0.0/8",
        "192.168.7.0/24", "*",
    ])
    func aWishOfAClientThatIsThereIsNoProblem(text: String) throws {
        #expect(try problems(wish("*", from: text)) == [])
    }

    /// The gateway may lead to 10.77.0.0/16, which nothing names: what is only assumed hides no mistyped prefix.
    @Test(arguments: ["spoke2/ap2", "spoke", "10.300.0.0/16", "10.77.0.0/16", TestNetwork.subnetID("spoke", "nope")])
    func aWishOfAClientThatIsNowhereIsTold(text: String) throws {
        try expect(
            wish("*", from: text), "inspect[1].from",
            "names no subnet and no range of a client: \(text.lowercased())", "vnet/subnet, a prefix")
    }

    // MARK: Appliances

    private func appliances(_ balancer: String, interfaces: String = "\"10.2.3.4\",\"10.2.3.5\"") throws -> Topology {
        var network = network("\"names\":{}")
        network.addBalancedAppliances(
            ports: 0, protocol: "All", vnet: "spoke", subnet: "nva", addresses: ["10.2.3.4", "10.2.3.5"],
            frontend: "10.2.3.100")
        network.overlays[1] =
            "{\"flowsight_overlay\":1,\"appliances\":[{\"name\":\"nva\",\"interfaces\":[\(interfaces)],"
            + "\"load_balancer\":\"\(balancer)\"}]}"
        network.overlays.removeLast()
        if balancer == "twin" {
            for group in ["one", "two"] {
                let text = network.resources.first { $0.contains("loadbalancers\",") } ?? ""
                network.addText(
                    text.replacing("/RG-net/", with: "/\(group)/").replacing(
                        "loadBalancers/lb", with: "loadBalancers/twin"
                    )
                    .replacing("\"name\":\"lb\"", with: "\"name\":\"twin\"")
                    .replacing("10.2.3.100", with: group == "one" ? "10.2.3.101" : "10.2.3.102"))
            }
        }
        return try network.topology()
    }

    @Test(arguments: ["lb", "LB", TestNetwork.network("loadBalancers", "lb")])
    func aLoadBalancerGoesByItsIdOrByANameThatItAloneHas(text: String) throws {
        let topology = try appliances(text)
        #expect(topology.problems == [])
        let device = try #require(topology.firewalls.first { $0.name == "nva" })
        #expect(device.id == TestNetwork.network("loadBalancers", "lb").lowercased())
        #expect(device.addresses.map(\.description).contains("10.2.3.100"))
    }

    @Test(arguments: [
        ("ilb", "names no load balancer of the export with a private frontend: ilb"),
        (TestNetwork.network("loadBalancers", "gone"), "names no load balancer of the export"),
        ("twin", "is the name of 2 load balancers"),
    ])
    func aLoadBalancerThatIsNowhereOrNoSingleOneIsTold(text: String, problem: String) throws {
        let topology = try appliances(text)
        let told = topology.problems.filter { $0.resource == "overlay-1.json" }
        #expect(told.map(\.field) == ["appliances[0].load_balancer"], "\(topology.problems)")
        #expect(told.first?.problem.contains(problem) == true, "\(told)")
        #expect(topology.firewalls.contains { $0.name == "nva" }, "its interfaces are used")
    }

    @Test func anInterfaceThatTheExportLacksIsToldAndTheOthersAreUsed() throws {
        let topology = try appliances("lb", interfaces: "\"10.2.3.4\",\"10.2.3.9\"")
        #expect(topology.problems.map(\.field) == ["appliances[0].interfaces"])
        #expect(topology.problems.first?.problem.contains("names no NIC of the export: 10.2.3.9") == true)
        #expect(topology.firewalls.contains { $0.name == "nva" })
    }

    /// A client that reaches a machine through an appliance that the overlay names.
    private func throughAppliance(_ translation: String) throws -> (topology: Topology, answer: Explanation) {
        var network = TestNetwork()
        network.addVNet(
            "v", ["10.1.0.0/16"],
            subnets: [
                Network.subnet("v", "app", "10.1.1.0/24", table: "rt"), Network.subnet("v", "nva", "10.1.2.0/24"),
                Network.subnet("v", "data", "10.1.3.0/24", table: "rt-back"),
            ])
        network.addTable("rt", [Network.route("10.1.3.0/24", "VirtualAppliance", "10.1.2.4")])
        network.addTable("rt-back", [Network.route("10.1.1.0/24", "VirtualAppliance", "10.1.2.4")])
        network.addNIC("nva", "10.1.2.4", vnet: "v", subnet: "nva", forwards: true)
        network.overlays = [
            "{\"flowsight_overlay\":1,\"appliances\":[{\"name\":\"pan\",\"interfaces\":[\"10.1.2.4\"]\(translation)}]}"
        ]
        let topology = try network.topology()
        let answer = topology.explain(
            from: try topology.place("10.1.1.4"), to: try topology.place("10.1.3.4"), ipProtocol: IPProtocol.tcp,
            port: nil)
        return (topology, answer)
    }

    @Test(arguments: ["", ",\"snat\":\"never\"", ",\"snat\":\"always\""])
    func aTranslationThatTheOverlaySaysIsBelieved(translation: String) throws {
        let (topology, answer) = try throughAppliance(translation)
        #expect(topology.problems == [] && answer.confidence > .low, "\(answer.restsOn)")
    }

    @Test(arguments: ["\"sometimes\"", "true", "[]"])
    func aTranslationThatCannotBeReadIsToldAndOnlyAssumed(word: String) throws {
        let (topology, answer) = try throughAppliance(",\"snat\":\(word)")
        #expect(topology.problems.map(\.field) == ["appliances[0].snat"])
        let text =
            word == "\"sometimes\"" ? "is sometimes; it is one of never, always, private_endpoints" : "is no text"
        #expect(topology.problems.first?.problem.hasPrefix(text) == true)
        #expect(answer.confidence == .low)
        #expect(answer.restsOn.contains { $0.hasPrefix("pan inspects and does not translate: assumed") })
    }

    // MARK: The notice

    @Test func aNoticeCountsTheProblems() throws {
        #expect(try network("\"names\":{}").topology().problemNotice == nil)
        #expect(
            try network("\"color\":1").topology().problemNotice
                == "topology: 1 problem of exports and overlays: `flowsight topology show` lists them")
        #expect(
            try network("\"color\":1,\"size\":2").topology().problemNotice?.hasPrefix("topology: 2 problems") == true)
    }
}
