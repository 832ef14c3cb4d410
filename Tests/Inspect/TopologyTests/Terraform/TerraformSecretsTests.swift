import FlowModel
import Testing
import Topology

/// States hold passwords: nothing is kept that no mapping names (topology exports, 28).
struct TerraformSecretsTests {
    private static let secret = "Hunter2-the-planted-secret"

    /// Every type that is read, and some that are not.
    private static let types = [
        "azurerm_virtual_network", "azurerm_subnet", "azurerm_virtual_network_peering", "azurerm_route_table",
        "azurerm_route", "azurerm_subnet_route_table_association", "azurerm_subnet_network_security_group_association",
        "azurerm_network_interface", "azurerm_network_interface_security_group_association",
        "azurerm_network_interface_application_security_group_association",
        "azurerm_network_interface_backend_address_pool_association", "azurerm_network_security_group",
        "azurerm_network_security_rule", "azurerm_application_security_group", "azurerm_private_endpoint",
        "azurerm_firewall", "azurerm_firewall_policy", "azurerm_firewall_policy_rule_collection_group",
        "azurerm_firewall_network_rule_collection", "azurerm_firewall_application_rule_collection",
        "azurerm_firewall_nat_rule_collection", "azurerm_ip_group", "azurerm_public_ip", "azurerm_lb",
        "azurerm_lb_rule", "azurerm_lb_backend_address_pool", "azurerm_virtual_network_gateway",
        "azurerm_virtual_network_gateway_connection", "azurerm_local_network_gateway",
        "azurerm_express_route_gateway", "azurerm_vpn_gateway", "azurerm_vpn_site", "azurerm_vpn_gateway_connection",
        "azurerm_express_route_connection", "azurerm_virtual_hub", "azurerm_virtual_hub_connection",
        "azurerm_virtual_hub_routing_intent", "azurerm_virtual_hub_route_table",
        "azurerm_virtual_hub_route_table_route", "azurerm_virtual_wan", "azurerm_network_watcher_flow_log",
        "azurerm_private_dns_zone", "azurerm_private_dns_a_record", "azurerm_private_dns_zone_virtual_network_link",
        "azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_virtual_machine",
        "azurerm_network_manager_connectivity_configuration", "azurerm_network_manager_network_group",
        "azurerm_network_manager_static_member", "azurerm_kubernetes_cluster", "azurerm_storage_account",
        "azurerm_key_vault_secret", "random_password", "tls_private_key",
    ]

    /// What holds secrets in real states, and what nobody has heard of, at every depth.
    private var planted: String {
        let keys = [
            "admin_password", "shared_key", "authorization_key", "custom_data", "user_data", "admin_ssh_key",
            "primary_access_key", "kube_config_raw", "value", "result", "private_key_pem", "radius_server_secret",
            "description", "location", "resource_group_name", "unheard_of", "connection_string", "pre_shared_key",
        ]
        let flat = keys.map { "\"\($0)\":\"\(TerraformSecretsTests.secret)\"" }.joined(separator: ",")
        let blocks = [
            "identity", "os_disk", "secret", "vpn_client_configuration", "ipsec_policy", "bgp_settings", "dns",
            "tls_certificate", "ip_configuration", "private_service_connection", "subnet", "route", "security_rule",
            "routing", "routing_policy", "hub", "applies_to_group", "virtual_hub", "frontend_ip_configuration",
            "application_rule_collection", "network_rule_collection", "nat_rule_collection", "rule", "delegation",
            "network_interface", "private_dns_zone_group", "intrusion_detection", "explicit_proxy", "unheard_of_block",
        ]
        let nested = blocks.map { "\"\($0)\":[{\(flat),\"deeper\":[{\(flat)}]}]" }.joined(separator: ",")
        return "\(flat),\(nested)"
    }

    @Test(arguments: types)
    func unknownAttributesAreNeverKept(type: String) throws {
        var state = TerraformState()
        state.add(
            type, "things/parent/children/x",
            planted + ",\"network_interface_id\":\"\(TerraformState.id("networkInterfaces/n"))\"",
            instance: ",\"private\":\"\(TerraformSecretsTests.secret)\"")
        let text = state.text.replacing(
            "\"outputs\":{}", with: "\"outputs\":{\"p\":{\"value\":\"\(TerraformSecretsTests.secret)\"}}")
        let reader = try TerraformState.reader(text)
        #expect(!reader.resources.contains { $0.json.contains(TerraformSecretsTests.secret) })
        #expect(!"\(reader.problems)\(reader.notUnderstood)".contains(TerraformSecretsTests.secret))
    }

    @Test func flatStatesAreReadWithTheSameCare() throws {
        let secret = TerraformSecretsTests.secret
        let vm = "\(TerraformState.group)/Microsoft.Compute/virtualMachines/vm"
        let reader = try TerraformState.reader(
            """
            {"version":3,"terraform_version":"0.11.14","modules":[{"path":["root"],"outputs":{"x":{"value":"\(secret)"}},"resources":{
             "azurerm_virtual_machine.vm":{"type":"azurerm_virtual_machine","primary":{"id":"\(vm)","attributes":{"id":"\(vm)","name":"vm",
              "os_profile.#":"1","os_profile.7.admin_password":"\(secret)","network_interface_ids.#":"1",
              "network_interface_ids.5":"\(TerraformState.id("networkInterfaces/n"))"}}}}}]}
            """)
        #expect(reader.resources.count == 2)
        #expect(!reader.resources.contains { $0.json.contains(secret) })
    }

    @Test func ofAMachineOnlyIdNameAndNICsAreKept() throws {
        var state = TerraformState()
        let nic = TerraformState.id("networkInterfaces/n")
        state.add(
            "azurerm_linux_virtual_machine", "machines/vm",
            "\"admin_password\":\"x\",\"size\":\"Standard_B1s\",\"private_ip_address\":\"10.0.0.4\",\"network_interface_ids\":[\"\(nic)\"]"
        )
        let reader = try state.reader()
        let expected = try TerraformState.json(
            """
            {"id":"\(TerraformState.id("machines/vm"))","name":"vm","type":"Microsoft.Compute/virtualMachines",
             "properties":{}}
            """)
        #expect(reader.resource("machines/vm") == expected)
        #expect(
            reader.resource("networkInterfaces/n")?["properties"]?.object?.keys.sorted() == ["virtualMachine"])
    }
}
