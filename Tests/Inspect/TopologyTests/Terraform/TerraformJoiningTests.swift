import FlowModel
import Testing
import Topology

/// What several resources of a state tell of one resource of Azure.
struct TerraformJoiningTests {
    private let nic = TerraformState.id("networkInterfaces/n")
    private let pool = TerraformState.id("loadBalancers/b/backendAddressPools/p")

    private func addNIC(_ state: inout TerraformState, _ attributes: String = "") {
        state.add(
            "azurerm_network_interface", "networkInterfaces/n",
            "\"private_ip_addresses\":[\"10.0.0.4\",\"10.0.0.5\"],\"ip_configuration\":[{\"name\":\"One\",\"private_ip_address\":\"\"},"
                + "{\"name\":\"two\",\"private_ip_address\":\"10.0.0.5\"}]\(attributes)")
    }

    private func addAssociations(_ state: inout TerraformState) {
        let on = "\"network_interface_id\":\"\(nic)\""
        state.add(
            "azurerm_network_interface_security_group_association", "a1",
            "\(on),\"network_security_group_id\":\"\(TerraformState.id("networkSecurityGroups/g"))\"")
        state.add(
            "azurerm_network_interface_application_security_group_association", "a2",
            "\(on),\"application_security_group_id\":\"\(TerraformState.id("applicationSecurityGroups/web"))\"")
        state.add(
            "azurerm_network_interface_backend_address_pool_association", "a3",
            "\(on),\"ip_configuration_name\":\"one\",\"backend_address_pool_id\":\"\(pool)\"")
    }

    @Test func associationsOfANICAreWrittenIntoIt() throws {
        var state = TerraformState()
        addAssociations(&state)
        addNIC(&state)
        let reader = try state.reader()
        let properties = try #require(reader.resource("networkInterfaces/n")?["properties"])
        #expect(properties["networkSecurityGroup"]?["id"]?.string == TerraformState.id("networkSecurityGroups/g"))
        let configurations = properties["ipConfigurations"]?.array ?? []
        #expect(configurations.map { $0["properties"]?["privateIPAddress"]?.string } == ["10.0.0.4", "10.0.0.5"])
        let group = JSONValue.array([.object(["id": .string(TerraformState.id("applicationSecurityGroups/web"))])])
        #expect(configurations.map { $0["properties"]?["applicationSecurityGroups"] } == [group, group])
        let pools = configurations.map { $0["properties"]?["loadBalancerBackendAddressPools"]?.array?.count }
        #expect(pools == [1, nil])
        #expect(reader.problems.isEmpty)
    }

    /// A part must not hide the whole that another document holds: what is a list in it comes as resources of their own.
    @Test func associationsOfANICOfAnotherStateHideNothing() throws {
        var state = TerraformState()
        addAssociations(&state)
        let reader = try state.reader()
        #expect(
            reader.resource("networkInterfaces/n")?["properties"]?.object?.keys.sorted() == ["networkSecurityGroup"])
        let child = reader.resource("networkInterfaces/n/ipConfigurations/one")
        #expect(child?["type"]?.string == "Microsoft.Network/networkInterfaces/ipConfigurations")
        #expect(reader.problems.map(\.resource) == [nic.lowercased()])
        #expect(reader.problems.map(\.field) == ["application_security_group_id"])
    }

    @Test func rulesAndPoolsAreWrittenIntoTheirLoadBalancer() throws {
        var state = TerraformState()
        state.add(
            "azurerm_lb_rule", "loadBalancers/b/loadBalancingRules/r",
            "\"loadbalancer_id\":\"\(TerraformState.id("loadBalancers/b"))\",\"protocol\":\"All\",\"frontend_port\":0,\"backend_port\":0,"
                + "\"frontend_ip_configuration_name\":\"f\",\"backend_address_pool_ids\":[\"\(pool)\"],\"enable_floating_ip\":true"
        )
        state.add(
            "azurerm_lb_backend_address_pool", "loadBalancers/b/backendAddressPools/p",
            "\"backend_ip_configurations\":[\"\(nic)/ipConfigurations/two\"]")
        addAssociations(&state)
        let parts = try state.reader()
        #expect(parts.resource("loadBalancers/b") == nil)
        #expect(
            parts.resource("loadBalancers/b/loadBalancingRules/r")?["type"]?.string
                == "Microsoft.Network/loadBalancers/loadBalancingRules")
        state.add(
            "azurerm_lb", "loadBalancers/b",
            "\"sku\":\"Standard\",\"frontend_ip_configuration\":[{\"name\":\"f\",\"private_ip_address\":\"10.0.0.9\",\"subnet_id\":\"\(TerraformState.id("virtualNetworks/v/subnets/a"))\"}]"
        )
        addNIC(&state)
        let properties = try #require(try state.reader().resource("loadBalancers/b")?["properties"])
        let rule = properties["loadBalancingRules"]?.array?.first?["properties"]
        #expect(rule?["protocol"]?.string == "All" && rule?["enableFloatingIP"] == .bool(true))
        #expect(
            rule?["frontendIPConfiguration"]?["id"]?.string
                == TerraformState.id("loadBalancers/b/frontendIPConfigurations/f"))
        let members = properties["backendAddressPools"]?.array?.first?["properties"]?["backendIPConfigurations"]?.array
        #expect(
            Set((members ?? []).compactMap { $0["id"]?.string })
                == ["\(nic)/ipConfigurations/two", "\(nic)/ipConfigurations/one"])
    }

    @Test func classicRulesAreWrittenIntoTheirFirewall() throws {
        var state = TerraformState()
        state.add(
            "azurerm_firewall_network_rule_collection", "azureFirewalls/f/networkRuleCollections/n",
            "\"priority\":100,\"action\":\"Allow\",\"rule\":[{\"name\":\"r\",\"protocols\":[\"Any\"],\"source_addresses\":[\"*\"],"
                + "\"destination_addresses\":[\"*\"],\"destination_ports\":[\"*\"]}]")
        #expect(
            try state.reader().single?["type"]?.string == "Microsoft.Network/azureFirewalls/networkRuleCollections")
        state.add("azurerm_firewall", "azureFirewalls/f", "\"sku_name\":\"AZFW_VNet\",\"sku_tier\":\"Standard\"")
        let expected = try TerraformState.json(
            """
            [{"name":"n","properties":{"priority":100,"action":{"type":"Allow"},"rules":[{"name":"r","protocols":["Any"],
              "sourceAddresses":["*"],"destinationAddresses":["*"],"destinationPorts":["*"]}]}}]
            """)
        #expect(try state.reader().single?["properties"]?["networkRuleCollections"] == expected)
    }

    @Test func aMachineNamesItsNICThatDoesNotKnowItYet() throws {
        var state = TerraformState()
        state.add("azurerm_windows_virtual_machine", "vm", "\"network_interface_ids\":[\"\(nic)\"]")
        addNIC(&state, ",\"virtual_machine_id\":\"\"")
        let reader = try state.reader()
        #expect(
            reader.resource("networkInterfaces/n")?["properties"]?["virtualMachine"]?["id"]?.string
                == TerraformState.id("vm"))
    }

    private func endpoint(_ attributes: String) throws -> TerraformReader {
        var state = TerraformState()
        state.add(
            "azurerm_private_endpoint", "privateEndpoints/pe",
            "\"subnet_id\":\"\(TerraformState.id("virtualNetworks/v/subnets/d"))\",\(attributes)")
        return try state.reader()
    }

    private func addresses(_ resource: JSONValue?) -> [String] {
        (resource?["properties"]?["ipConfigurations"]?.array ?? []).compactMap {
            $0["properties"]?["privateIPAddress"]?.string
        }
    }

    @Test(arguments: [
        // The connection's own address, with a DNS zone group connected: no records at all.
        (
            "\"private_service_connection\":[{\"private_ip_address\":\"10.0.0.4\"}],\"custom_dns_configs\":[]",
            ["10.0.0.4"]
        ),
        // Records hold the further addresses.
        (
            "\"private_service_connection\":[{\"private_ip_address\":\"10.0.0.4\"}],"
                + "\"custom_dns_configs\":[{\"fqdn\":\"a\",\"ip_addresses\":[\"10.0.0.4\"]},{\"fqdn\":\"b\",\"ip_addresses\":[\"10.0.0.5\"]}]",
            ["10.0.0.4", "10.0.0.5"]
        ),
        (
            "\"private_service_connection\":[{\"private_ip_address\":\"10.0.0.4\"}],"
                + "\"private_dns_zone_configs\":[{\"record_sets\":[{\"ip_addresses\":[\"10.0.0.5\",\"10.0.0.4\"]}]}]",
            ["10.0.0.4", "10.0.0.5"]
        ),
        // Records that contradict the NIC are old.
        (
            "\"private_service_connection\":[{\"private_ip_address\":\"10.0.0.4\"}],"
                + "\"custom_dns_configs\":[{\"fqdn\":\"a\",\"ip_addresses\":[\"10.0.0.9\"]}]", ["10.0.0.4"]
        ),
        ("\"custom_dns_configs\":[{\"fqdn\":\"a\",\"ip_addresses\":[\"10.0.0.9\"]}]", ["10.0.0.9"]),
        (
            "\"ip_configuration\":[{\"name\":\"s\",\"private_ip_address\":\"10.0.0.7\"}],\"private_service_connection\":[{\"private_ip_address\":\"10.0.0.7\"}]",
            ["10.0.0.7"]
        ),
    ])
    func anEndpointsAddressesAreTheNICsThenTheRecords(attributes: String, expected: [String]) throws {
        let reader = try endpoint("\(attributes),\"network_interface\":[{\"id\":\"\(nic)\",\"name\":\"n\"}]")
        #expect(addresses(reader.resource("privateEndpoints/pe")) == expected)
        let interface = reader.resource("networkInterfaces/n")
        #expect(addresses(interface) == expected)
        #expect(
            interface?["properties"]?["privateEndpoint"]?["id"]?.string == TerraformState.id("privateEndpoints/pe"))
    }

    @Test func aManualConnectionIsTakenAsApprovedAndTold() throws {
        let alias = "\"private_connection_resource_alias\":\"pls.0a.westeurope.azure.privatelinkservice\""
        let reader = try endpoint(
            "\"private_service_connection\":[{\"name\":\"c\",\"is_manual_connection\":true,\(alias)}]")
        let properties = reader.single?["properties"]
        #expect(properties?["privateLinkServiceConnections"] == nil)
        let connection = properties?["manualPrivateLinkServiceConnections"]?.array?.first?["properties"]
        #expect(connection?["privateLinkServiceId"]?.string == "pls.0a.westeurope.azure.privatelinkservice")
        #expect(connection?["privateLinkServiceConnectionState"] == nil)
        #expect(reader.problems.map(\.field) == ["private_service_connection"])
    }

    @Test func aDataSourcesPeeringsWithoutFlagsAreToldAndNotUsed() throws {
        var state = TerraformState()
        state.add(
            "azurerm_virtual_network", "virtualNetworks/v",
            "\"address_space\":[\"10.0.0.0/16\"],\"subnets\":[\"a\"],\"vnet_peerings\":{\"p\":\"\(TerraformState.id("virtualNetworks/w"))\"}",
            mode: "data")
        let reader = try state.reader()
        #expect(reader.single?["properties"]?["virtualNetworkPeerings"] == nil)
        #expect(reader.problems.map(\.field) == ["vnet_peerings"])
    }

    @Test(arguments: [
        ("\"private_endpoint_network_policies\":\"Disabled\"", "10.1.2.0/24", false),
        ("\"enforce_private_link_endpoint_network_policies\":true", "10.1.2.0/24", false),
        ("\"enforce_private_link_endpoint_network_policies\":false", "10.1.2.0/24", true),
        ("\"private_endpoint_network_policies\":\"RouteTableEnabled\"", "10.1.2.0/24", true),
        ("\"private_endpoint_network_policies\":\"Disabled\"", "10.1.2.4/32", true),
    ])
    func aStateIsJudgedLikeAnExport(policies: String, route: String, isInspected: Bool) throws {
        let lab = TerraformLab(policies: policies, extraRoute: route)
        let topology = try lab.state.reader().topology()
        #expect(topology.problems.isEmpty, "\(topology.problems)")
        let answer = topology.explain(
            from: try topology.place("10.1.1.4"), to: try topology.place("10.1.2.4"), ipProtocol: IPProtocol.tcp,
            port: 443)
        #expect(answer.inspected == isInspected)
    }
}
