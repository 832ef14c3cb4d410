import FlowModel
import Testing
import Topology

/// What is not shown to be safe is not advised, and says why; what is advised is written so that it can be run.
@Suite struct AuditSafetyTests {
    private typealias Network = TestNetwork

    /// Hub with firewall, spoke with clients and `count` private endpoints in a subnet of their own.
    private func network(
        endpoints count: Int, limit: Int = 400, routes: [String] = [], extraSubnets: [String] = [],
        table: String = "rt",
        policies: String? = "Disabled"
    ) -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.1.0.0/16"], subnets: [Network.subnet("hub", "AzureFirewallSubnet", "10.1.1.0/26")],
            peerings: [Network.peering(to: "spoke")])
        network.addVNet(
            "spoke", ["10.2.0.0/16"],
            subnets: [
                Network.subnet("spoke", "app", "10.2.1.0/24", table: table),
                Network.subnet("spoke", "pe", "10.2.2.0/24", policies: policies),
            ] + extraSubnets, peerings: [Network.peering(to: "hub")])
        network.addFirewall("fw", "10.1.1.4", vnet: "hub", policy: "policy")
        network.add("firewallPolicies", "policy", "")
        network.addTable(table, routes)
        network.addNIC("vm", "10.2.1.4", vnet: "spoke", subnet: "app")
        for index in 0..<count {
            network.addPrivateEndpoint("pe\(index)", "10.2.2.\(index + 4)", vnet: "spoke", subnet: "pe")
        }
        network.overlays.append("{\"flowsight_overlay\":1,\"semantics\":{\"route_limit_per_table\":\(limit)}}")
        return network
    }

    private func application(_ audit: KeptAudit) -> [AuditPair] {
        audit.pairs.filter { $0.clientSubnet.hasSuffix("/app") }
    }

    @Test(arguments: [(5, false), (4, true)])
    func whereSingleRoutesDoNotFitTheSubnetIsSummarisedAndItsPoliciesAreSet(limit: Int, isSummarised: Bool) throws {
        let documents = network(endpoints: 5, limit: limit).documents
        let before = try KeptAudit(documents)
        let actions = Set(application(before).flatMap(\.remedy).filter(\.isRequired))
        #expect(actions.contains { $0.kind == .setPolicies } == isSummarised)
        let prefixes = Set(actions.compactMap(\.prefix))
        #expect(isSummarised ? prefixes == ["10.2.2.0/24"] : prefixes.count == 5)
        let table = try #require(before.audit.routeTables.first { $0.id.hasSuffix("/rt") })
        #expect(table.routeCount == 0 && table.hostRoutesNeeded == 5 && table.limit == limit)
        #expect(table.advice == (isSummarised ? .summaryRoutes : .hostRoutes))
        let after = try before.mended(documents)
        #expect(before.faults(after: after) == [])
        #expect(after.topology.problems == [], "within the limit")
    }

    /// Run as printed: `RouteTableEnabled` would switch off what security groups do for the endpoints.
    @Test(
        arguments: [
            ("NetworkSecurityGroupEnabled", "Enabled", false), ("Disabled", "RouteTableEnabled", false),
            (nil, "RouteTableEnabled", true),
        ] as [(String?, String, Bool)])
    func policiesThatAreSetLeaveSecurityGroupsAsTheyWere(now: String?, then: String, isGuess: Bool) throws {
        let documents = network(endpoints: 5, limit: 4, policies: now).documents
        let before = try KeptAudit(documents)
        let plan = before.plan
        #expect(before.lines.contains { $0.contains("\"value\":\"\(then)\"") }, "\(before.lines)")
        #expect(plan.routesText().contains("privateEndpointNetworkPolicies of subnet spoke/pe to \(then)"))
        #expect(plan.shellScript().contains("--private-endpoint-network-policies \(then)\n"))
        #expect(plan.terraform().contains("private_endpoint_network_policies = \"\(then)\"\n"))
        for text in [plan.routesText(), plan.shellScript(), plan.terraform()] {
            #expect(text.contains("NetworkSecurityGroupEnabled") == isGuess, "\(text)")
        }
        let after = try before.mended(documents)
        #expect(before.faults(after: after) == [])
        #expect(application(after).allSatisfy { $0.verdict == .inspected })
    }

    @Test func aSubnetThatHoldsMachinesIsNeverSummarised() throws {
        var network = network(endpoints: 5, limit: 5)
        network.addNIC("beside", "10.2.2.200", vnet: "spoke", subnet: "pe", mac: "00-0D-3A-00-00-07")
        let actions = try KeptAudit(network.documents).pairs.flatMap(\.remedy)
        #expect(!actions.contains { $0.kind == .setPolicies || $0.prefix == "10.2.2.0/24" })
        #expect(!actions.isEmpty)
        network.overlays = ["{\"flowsight_overlay\":1,\"semantics\":{\"route_limit_per_table\":4}}"]
        let audit = try KeptAudit(network.documents)
        #expect(audit.pairs.allSatisfy { $0.remedy.isEmpty && $0.remedyNote?.contains("would hold 5 routes") == true })
        #expect(audit.audit.routeTables.allSatisfy { $0.advice == .split })
    }

    /// Clients of the spoke, by tables `rt` and `rt-own`, and of a VNet that shares `rt` and does not reach the firewall.
    private func sharedTable(others: [String: String] = [:]) -> [TopologyDocument] {
        var network = network(
            endpoints: 1, extraSubnets: [Network.subnet("spoke", "own", "10.2.3.0/24", table: "rt-own")])
        network.addTable("rt-own", [])
        for (address, target) in others {
            network.addPrivateEndpoint("pe-\(address)", address, vnet: "spoke", subnet: "pe", target: target)
        }
        // Peered with the endpoints' VNet, and not with the hub: the firewall is no next hop there.
        let shared = Network.subnet("far", "app2", "10.3.1.0/24", table: "rt")
        network.addVNet("far", ["10.3.0.0/16"], subnets: [shared], peerings: [Network.peering(to: "spoke")])
        var spokeNetwork = TestNetwork()
        spokeNetwork.addVNet(
            "spoke", ["10.2.0.0/16"], subnets: [],
            peerings: [Network.peering(to: "hub"), Network.peering(to: "far")])
        return network.documents
            + [TopologyDocument(name: "more.json", bytes: Array("[\(spokeNetwork.resources.joined())]".utf8))]
    }

    @Test func aSecondFailureOfOneCauseTakesNothingElseBack() throws {
        let before = try KeptAudit(sharedTable(others: ["10.2.2.9": "Microsoft.Network/privateLinkServices"]))
        for endpoint in ["/pe0", "/pe-10.2.2.9"] {
            #expect(try #require(before.pair("/app", endpoint)).remedy.isEmpty)
            let own = try #require(before.pair("/own", endpoint))
            #expect(own.remedy.contains { $0.kind == .addRoute }, "another table is not to blame: \(own)")
        }
    }

    @Test func aTableThatAVNetWithoutTheFirewallSharesGetsNoRoute() throws {
        let before = try KeptAudit(sharedTable())
        let far = try #require(before.pair("/app2", "/pe0"))
        #expect(far.verdict == .bypassed && far.remedy.isEmpty, "\(far)")
        let near = try #require(before.pair("/app", "/pe0"))
        #expect(near.remedy.isEmpty, "\(near.remedy)")
        #expect(
            near.remedyNote?.hasPrefix("not shown to be safe: with it, far/app2 → pe0 is bypassed now") == true,
            "\(near)")
        let own = try #require(before.pair("/own", "/pe0"))
        #expect(own.remedy.contains { $0.kind == .addRoute }, "another table is not to blame: \(own)")
    }

    @Test func theAppliancesOwnTableGetsNoRouteToIt() throws {
        var network = TestNetwork()
        network.addVNet(
            "v", ["10.1.0.0/16"],
            subnets: [
                Network.subnet("v", "app", "10.1.1.0/24", table: "t"),
                Network.subnet("v", "nva", "10.1.4.0/24", table: "t"),
                Network.subnet("v", "pe", "10.1.6.0/24"),
            ])
        network.addTable("t", [Network.route("10.9.0.0/16", "VirtualAppliance", "10.1.4.4")])
        network.addNIC("vm", "10.1.1.4", vnet: "v", subnet: "app")
        network.addNIC("nva", "10.1.4.4", vnet: "v", subnet: "nva", mac: "00-0D-3A-00-00-09", forwards: true)
        network.addPrivateEndpoint("pe", "10.1.6.4", vnet: "v", subnet: "pe")
        let pair = try #require(try KeptAudit(network.documents).pair("/app", "/pe"))
        #expect(pair.verdict == .bypassed && pair.remedy.isEmpty)
        #expect(pair.remedyNote?.contains("circle") == true, "\(pair)")
    }

    @Test func aRouteOfTheSamePrefixIsChangedUnderItsOwnName() throws {
        let network = network(endpoints: 1, routes: [Network.route("10.2.2.4/32", "VnetLocal")])
        let pair = try #require(try KeptAudit(network.documents).pair("/app", "/pe0"))
        let route = try #require(pair.remedy.first { $0.kind == .addRoute })
        #expect(route.routeName == "r-10.2.2.4-32" && route.prefix == "10.2.2.4/32")
    }

    @Test func aRouteTableThatTheExportLacksIsNotWrittenInto() throws {
        var network = network(endpoints: 1)
        network.addVNet(
            "other", ["10.4.0.0/16"], subnets: [])
        var text = network.documents.map { String(decoding: $0.bytes, as: UTF8.self) }
        text[0] = text[0].replacing("routeTables/rt\"}", with: "routeTables/gone\"}")
        let documents = text.enumerated().map { TopologyDocument(name: "\($0.offset)", bytes: Array($0.element.utf8)) }
        let pair = try #require(try KeptAudit(documents).pair("/app", "/pe0"))
        #expect(pair.verdict == .unknown && pair.remedy.isEmpty)
        #expect(pair.remedyNote == "route table gone is not in the export: what it holds may contradict")
    }

    // MARK: Scripts

    @Test func theScriptTranslatesFirstAndAttachesNewTablesLast() throws {
        let lab = HubAndSpoke(seed: 1)
        let script = try KeptAudit(lab.network().documents).plan.shellScript()
        let steps = [
            "az network firewall policy update", "az network route-table create", "az network route-table route create",
            "--route-table /",
        ]
        let places = try steps.map { try #require(script.ranges(of: $0).first?.lowerBound, "\($0)") }
        #expect(places == places.sorted())
        let lastRoute = try #require(script.ranges(of: "route create").last?.lowerBound)
        #expect(lastRoute < places[3], "a table is attached when all its routes stand in it")
        #expect(
            script.contains(
                "--route-table-name rt-app --name to-\(lab.endpoint)-32 --address-prefix \(lab.endpoint)/32"))
        #expect(script.contains("--subscription 00000000-0000-0000-0000-0000000000aa --resource-group rg-net"))
        #expect(script.contains("--private-ranges "))
        #expect(script.contains("az extension add --name azure-firewall"), "not part of the CLI itself")
        #expect(!script.contains("--private-ranges 10.0.0.0/8 "), "the endpoints' subnet is taken out")
        #expect(
            script.contains("route-table show") && script.contains("|| \\"), "a table that is there is not made anew")
        let creations = script.ranges(of: "route-table route create").count
        #expect(creations == 3, "each route once, whatever number of pairs needs it")
    }

    @Test func namesOfTheExportCannotEscapeIntoTheShell() throws {
        let evil = "rt '$(reboot)'\\nrm -rf /"
        let script = try KeptAudit(network(endpoints: 1, table: evil).documents).plan.shellScript()
        #expect(script.contains("--route-table-name 'rt '\\''$(reboot)'\\''"))
        for line in script.split(separator: "\n") where line.hasPrefix("rm") { Issue.record("\(line)") }
    }

    @Test func terraformHasEachRouteOnceAndSpellsIdsAsAzureDoes() throws {
        let text = try KeptAudit(HubAndSpoke(seed: 1).network().documents).plan.terraform()
        #expect(text.ranges(of: "resource \"azurerm_route\" ").count == 3)
        #expect(text.ranges(of: "resource \"azurerm_route_table\" ").count == 1)
        #expect(text.ranges(of: "resource \"azurerm_subnet_route_table_association\" ").count == 1)
        #expect(text.contains("/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub/subnets/dns"))
        let names = text.split(separator: "\n").filter { $0.hasPrefix("resource ") }
        #expect(Set(names).count == names.count)
    }
}
