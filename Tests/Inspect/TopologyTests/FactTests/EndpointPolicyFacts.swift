import FlowModel
import Topology
import Testing

/// “The private endpoint's route”: how the policy is spelled in exports, and the limits of endpoints.
@Suite struct EndpointPolicyFacts {
    /// A client whose table has the endpoint's /24, and the endpoint's subnet with a policy or without one.
    private func network(policies: String?, routes: [String] = ["10.1.2.0/24"], vnetPolicies: String = "")
        -> TestNetwork
    {
        var network = TestNetwork()
        let subnets = [
            TestNetwork.subnet("v1", "a", "10.1.1.0/24", table: "rt"),
            TestNetwork.subnet("v1", "e", "10.1.2.0/24", policies: policies), TestNetwork.firewallSubnet(1),
        ]
        network.add(
            "virtualNetworks", "v1",
            "\"addressSpace\":{\"addressPrefixes\":[\"10.1.0.0/16\"]},\"subnets\":[\(subnets.joined(separator: ","))]"
                + vnetPolicies)
        network.addNIC("n1", "10.1.1.10", vnet: "v1", subnet: "a")
        network.addTable("rt", to: "10.1.3.4", routes)
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: true)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        return network
    }

    @Test(
        "the property's four values, compared without case",
        arguments: [
            ("Enabled", true), ("RouteTableEnabled", true), ("Disabled", false), ("NetworkSecurityGroupEnabled", false),
            ("routetableenabled", true), ("DISABLED", false),
        ])
    func values(policies: String, summarises: Bool) throws {
        #expect(try network(policies: policies).answer("10.1.1.10", "10.1.2.5").inspected == summarises)
    }

    @Test("absent in an export it is Disabled at medium confidence")
    func absent() throws {
        let answer = try network(policies: nil, routes: []).answer("10.1.1.10", "10.1.2.5")
        #expect(answer.inspected == false, "no user route would summarise: the policy does not matter")
    }

    @Test("absent, and the summarisation rule would decide: null")
    func absentAndDecisive() throws {
        let answer = try network(policies: nil).answer("10.1.1.10", "10.1.2.5")
        #expect(answer.inspected == nil && answer.works == nil)
        #expect(answer.why.contains("privateEndpointNetworkPolicies") || !answer.restsOn.isEmpty)
    }

    /// Terraform's state of the same network; `policy` is what the endpoint's subnet says of its policy.
    private func terraform(_ policy: String) -> TestNetwork {
        let id = { (kind: String, name: String) in TestNetwork.network(kind, name) }
        func resource(_ type: String, _ name: String, _ attributes: String) -> String {
            """
            {"mode":"managed","type":"\(type)","name":"\(name)",\
            "provider":"provider[\\"registry.terraform.io/hashicorp/azurerm\\"]","instances":[{"attributes":{\(attributes)}}]}
            """
        }
        func subnet(_ name: String, _ prefix: String, _ extra: String = "") -> String {
            resource(
                "azurerm_subnet", name,
                "\"id\":\"\(TestNetwork.subnetID("v1", name))\",\"name\":\"\(name)\",\"virtual_network_name\":\"v1\","
                    + "\"resource_group_name\":\"RG-net\",\"address_prefixes\":[\"\(prefix)\"]\(extra)")
        }
        let resources = [
            resource(
                "azurerm_virtual_network", "v1",
                "\"id\":\"\(id("virtualNetworks", "v1"))\",\"name\":\"v1\",\"address_space\":[\"10.1.0.0/16\"]"),
            subnet("a", "10.1.1.0/24"), subnet("e", "10.1.2.0/24", policy),
            subnet("AzureFirewallSubnet", "10.1.3.0/26"),
            resource(
                "azurerm_route_table", "rt",
                "\"id\":\"\(id("routeTables", "rt"))\",\"name\":\"rt\",\"route\":[{\"name\":\"r\","
                    + "\"address_prefix\":\"10.1.2.0/24\",\"next_hop_type\":\"VirtualAppliance\","
                    + "\"next_hop_in_ip_address\":\"10.1.3.4\"}],"
                    + "\"subnets\":[\"\(TestNetwork.subnetID("v1", "a"))\"]"),
            resource(
                "azurerm_subnet_route_table_association", "rt",
                "\"id\":\"\(TestNetwork.subnetID("v1", "a"))\",\"subnet_id\":\"\(TestNetwork.subnetID("v1", "a"))\","
                    + "\"route_table_id\":\"\(id("routeTables", "rt"))\""),
            resource(
                "azurerm_firewall", "fw",
                "\"id\":\"\(id("azureFirewalls", "fw"))\",\"name\":\"fw\",\"sku_tier\":\"Standard\","
                    + "\"private_ip_ranges\":[\"255.255.255.255/32\"],\"ip_configuration\":[{\"name\":\"c\","
                    + "\"private_ip_address\":\"10.1.3.4\","
                    + "\"subnet_id\":\"\(TestNetwork.subnetID("v1", "AzureFirewallSubnet"))\"}]"),
            resource(
                "azurerm_private_endpoint", "pe",
                "\"id\":\"\(id("privateEndpoints", "pe"))\",\"name\":\"pe\","
                    + "\"subnet_id\":\"\(TestNetwork.subnetID("v1", "e"))\",\"private_service_connection\":[{"
                    + "\"name\":\"c\",\"private_ip_address\":\"10.1.2.5\",\"private_connection_resource_id\":"
                    + "\"\(TestNetwork.id("Microsoft.Storage/storageAccounts", "s"))\",\"subresource_names\":[\"blob\"]}]"
            ),
        ]
        var network = TestNetwork()
        network.addResource(
            "{\"version\":4,\"terraform_version\":\"1.9.0\",\"serial\":1,\"lineage\":\"x\",\"outputs\":{},\"resources\":["
                + resources.joined(separator: ",") + "]}")
        return network
    }

    @Test(
        "Terraform's three spellings, one of them inverted",
        arguments: [
            (",\"private_endpoint_network_policies\":\"RouteTableEnabled\"", true),
            (",\"private_endpoint_network_policies\":\"Disabled\"", false),
            (",\"private_endpoint_network_policies_enabled\":true", true),
            (",\"private_endpoint_network_policies_enabled\":false", false),
            (",\"enforce_private_link_endpoint_network_policies\":true", false),
            (",\"enforce_private_link_endpoint_network_policies\":false", true),
            (
                ",\"private_endpoint_network_policies_enabled\":true,"
                    + "\"enforce_private_link_endpoint_network_policies\":false", true
            ),
            (
                ",\"private_endpoint_network_policies_enabled\":false,"
                    + "\"enforce_private_link_endpoint_network_policies\":true", false
            ),
        ])
    func terraformSpellings(policy: String, summarises: Bool) throws {
        let answer = try terraform(policy).answer("10.1.1.10", "10.1.2.5")
        #expect(answer.inspected == summarises)
        #expect(answer.routes.contains { $0.nextHopType == "InterfaceEndpoint" })
    }

    @Test("high scale needs policies on the endpoint's subnet", arguments: [("Disabled", true), ("Enabled", false)])
    func highScaleNeedsPolicies(policies: String, isProblem: Bool) throws {
        let problems = try network(policies: policies, vnetPolicies: ",\"privateEndpointVNetPolicies\":\"Basic\"")
            .problems().filter { $0.contains("privateEndpointVNetPolicies") }
        if isProblem {
            #expect(!problems.isEmpty)
        } else {
            #expect(problems.isEmpty)
        }
    }

    private func crowd(_ count: Int, highScale: Bool) throws -> [String] {
        var network = TestNetwork()
        let subnets = TestNetwork.subnet("v1", "e", "10.1.0.0/17", policies: "Enabled")
        network.add(
            "virtualNetworks", "v1",
            "\"addressSpace\":{\"addressPrefixes\":[\"10.1.0.0/16\"]},\"subnets\":[\(subnets)]"
                + (highScale ? ",\"privateEndpointVNetPolicies\":\"Basic\"" : ""))
        for index in 0..<count {
            network.addPrivateEndpoint("pe\(index)", "10.1.\(index / 200).\(index % 200 + 4)", vnet: "v1", subnet: "e")
        }
        return try network.problems()
    }

    @Test(
        "1,000 endpoints in a VNet, 5,000 at high scale",
        arguments: [(1_000, false, false), (1_001, false, true), (1_001, true, false), (5_001, true, true)])
    func limit(count: Int, highScale: Bool, isProblem: Bool) throws {
        let problems = try crowd(count, highScale: highScale)
        if isProblem {
            do { #expect(!problems.isEmpty) }
        } else {
            #expect(problems.isEmpty)
        }
    }

    /// A practitioner's report: one field report, so no more than medium.
    @Test(
        "a user route to an endpoint whose next hop is a VNet breaks it without high scale", arguments: [true, false])
    func vnetNextHop(highScale: Bool) throws {
        var network = network(
            policies: "Enabled", routes: [],
            vnetPolicies: highScale ? ",\"privateEndpointVNetPolicies\":\"Basic\"" : "")
        network.addTable("rt", [TestNetwork.route("10.1.2.5/32", "VnetLocal")])
        let answer = try network.answer("10.1.1.10", "10.1.2.5")
        if highScale {
            #expect(answer.works == true)
        } else {
            #expect(answer.works == false && answer.confidence < .high && !answer.restsOn.isEmpty)
        }
    }
}
