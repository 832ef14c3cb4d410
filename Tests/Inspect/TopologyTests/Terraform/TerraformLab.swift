/// A hub with a firewall and a gateway, and a spoke with machines and a private endpoint, as a state.
struct TerraformLab {
    private(set) var state = TerraformState()

    /// `policies` and `propagation` are attributes of the endpoint's subnet and of the application's table.
    init(
        policies: String = "\"private_endpoint_network_policies\":\"Disabled\"",
        propagation: String = "\"bgp_route_propagation_enabled\":false", extraRoute: String? = nil
    ) {
        addHub()
        addSpoke(policies: policies)
        var routes = [
            "{\"name\":\"all\",\"address_prefix\":\"0.0.0.0/0\",\"next_hop_type\":\"VirtualAppliance\",\"next_hop_in_ip_address\":\"10.0.1.4\"}"
        ]
        if let extraRoute {
            routes.append(
                "{\"name\":\"more\",\"address_prefix\":\"\(extraRoute)\",\"next_hop_type\":\"VirtualAppliance\",\"next_hop_in_ip_address\":\"10.0.1.4\"}"
            )
        }
        state.add(
            "azurerm_route_table", "routeTables/rt", "\(propagation),\"route\":[\(routes.joined(separator: ","))]")
        state.add(
            "azurerm_subnet_route_table_association", "virtualNetworks/spoke/subnets/app",
            "\"subnet_id\":\"\(id("virtualNetworks/spoke/subnets/app"))\",\"route_table_id\":\"\(id("routeTables/rt"))\""
        )
    }

    private func id(_ path: String) -> String { TerraformState.id(path) }

    private mutating func addHub() {
        state.add("azurerm_virtual_network", "virtualNetworks/hub", "\"address_space\":[\"10.0.0.0/16\"],\"subnet\":[]")
        state.add(
            "azurerm_subnet", "virtualNetworks/hub/subnets/AzureFirewallSubnet",
            "\"address_prefixes\":[\"10.0.1.0/26\"]")
        state.add(
            "azurerm_firewall", "azureFirewalls/fw",
            "\"sku_name\":\"AZFW_VNet\",\"sku_tier\":\"Standard\",\"ip_configuration\":[{\"name\":\"c\",\"private_ip_address\":\"10.0.1.4\","
                + "\"subnet_id\":\"\(id("virtualNetworks/hub/subnets/AzureFirewallSubnet"))\"}]")
        addPeering("hub", "spoke")
        addPeering("spoke", "hub")
    }

    private mutating func addPeering(_ from: String, _ to: String) {
        state.add(
            "azurerm_virtual_network_peering", "virtualNetworks/\(from)/virtualNetworkPeerings/to-\(to)",
            "\"remote_virtual_network_id\":\"\(id("virtualNetworks/\(to)"))\",\"allow_forwarded_traffic\":true,"
                + "\"allow_gateway_transit\":false,\"use_remote_gateways\":false,\"allow_virtual_network_access\":true")
    }

    private mutating func addSpoke(policies: String) {
        state.add("azurerm_virtual_network", "virtualNetworks/spoke", "\"address_space\":[\"10.1.0.0/16\"]")
        state.add("azurerm_subnet", "virtualNetworks/spoke/subnets/app", "\"address_prefixes\":[\"10.1.1.0/24\"]")
        state.add(
            "azurerm_subnet", "virtualNetworks/spoke/subnets/data", "\"address_prefixes\":[\"10.1.2.0/24\"],\(policies)"
        )
        state.add(
            "azurerm_network_interface", "networkInterfaces/app-nic",
            "\"mac_address\":\"00-0D-3A-00-00-01\",\"ip_configuration\":[{\"name\":\"i\",\"primary\":true,\"private_ip_address\":\"10.1.1.4\","
                + "\"subnet_id\":\"\(id("virtualNetworks/spoke/subnets/app"))\"}]")
        state.add(
            "azurerm_private_endpoint", "privateEndpoints/pe",
            "\"subnet_id\":\"\(id("virtualNetworks/spoke/subnets/data"))\",\"network_interface\":[{\"id\":\"\(id("networkInterfaces/pe.nic"))\","
                + "\"name\":\"pe.nic\"}],\"custom_dns_configs\":[],\"private_service_connection\":[{\"name\":\"c\",\"is_manual_connection\":false,"
                + "\"private_connection_resource_id\":\"\(TerraformState.group)/Microsoft.Storage/storageAccounts/s\",\"private_ip_address\":\"10.1.2.4\"}]"
        )
    }
}
