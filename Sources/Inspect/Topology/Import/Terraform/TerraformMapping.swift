internal import FlowModel

/// Which types of the azurerm and azapi providers are read, and which of their attributes: what stands in no mapping is never
/// kept.
///
/// The names are those of the provider's documentation, newest spelling first; those of its versions 1 to 4 are read.
/// [registry.terraform.io: hashicorp/azurerm, the page of each resource]
enum TerraformMapping {
    typealias Attributes = TerraformAttributes
    /// One instance is one resource.
    typealias Whole = @Sendable (Attributes) -> TerraformResource
    /// One instance is several resources, a part of another one, or has problems to tell.
    typealias Mixed = @Sendable (Attributes, inout TerraformAnswer) -> Void

    static let all: [String: Mixed] = {
        var all = mixed
        for (type, whole) in wholes { all[type] = { $1.add(whole($0)) } }
        return all
    }()

    private static let wholes: [String: Whole] = [
        "azurerm_virtual_network_peering": peering,
        "azurerm_route": route,
        "azurerm_network_security_group": securityGroup,
        "azurerm_network_security_rule": securityRule,
        "azurerm_application_security_group": {
            TerraformResource("Microsoft.Network/applicationSecurityGroups", $0, [:])
        },
        "azurerm_firewall": firewall,
        "azurerm_firewall_policy": firewallPolicy,
        "azurerm_firewall_policy_rule_collection_group": ruleCollectionGroup,
        "azurerm_ip_group": ipGroup,
        "azurerm_public_ip": publicAddress,
        "azurerm_lb": loadBalancer,
        "azurerm_virtual_network_gateway": gateway,
        "azurerm_virtual_network_gateway_connection": gatewayConnection,
        "azurerm_local_network_gateway": localGateway,
        "azurerm_express_route_gateway": { hubGateway("expressRouteGateways", $0) },
        "azurerm_vpn_gateway": { hubGateway("vpnGateways", $0) },
        "azurerm_vpn_site": vpnSite,
        "azurerm_vpn_gateway_connection": vpnConnection,
        "azurerm_express_route_connection": expressRouteConnection,
        "azurerm_virtual_wan": virtualWAN,
        "azurerm_virtual_hub": virtualHub,
        "azurerm_virtual_hub_connection": hubConnection,
        "azurerm_virtual_hub_routing_intent": routingIntent,
        "azurerm_virtual_hub_route_table": hubRouteTable,
        "azurerm_network_watcher_flow_log": flowLog,
        "azurerm_private_dns_zone": { TerraformResource("Microsoft.Network/privateDnsZones", $0, [:]) },
        "azurerm_private_dns_a_record": addressRecord,
        "azurerm_private_dns_zone_virtual_network_link": zoneLink,
        "azurerm_network_manager_connectivity_configuration": connectivityConfiguration,
        "azurerm_network_manager_network_group": {
            TerraformResource("Microsoft.Network/networkManagers/networkGroups", $0, [:])
        },
        "azurerm_network_manager_static_member": staticMember,
    ]

    private static let mixed: [String: Mixed] = [
        "azurerm_virtual_network": virtualNetwork,
        "azurerm_subnet": subnet,
        "azurerm_route_table": routeTable,
        "azurerm_subnet_route_table_association": { addToSubnet($0, "routeTable", "route_table_id", &$1) },
        "azurerm_subnet_network_security_group_association": {
            addToSubnet($0, "networkSecurityGroup", "network_security_group_id", &$1)
        },
        "azurerm_network_interface": interface,
        "azurerm_network_interface_security_group_association": interfaceSecurityGroup,
        "azurerm_network_interface_application_security_group_association": interfaceApplicationGroup,
        "azurerm_network_interface_backend_address_pool_association": interfacePool,
        "azurerm_linux_virtual_machine": machine,
        "azurerm_windows_virtual_machine": machine,
        "azurerm_virtual_machine": machine,
        "azurerm_private_endpoint": privateEndpoint,
        "azurerm_firewall_network_rule_collection": { addClassicRules($0, "networkRuleCollections", &$1) },
        "azurerm_firewall_application_rule_collection": { addClassicRules($0, "applicationRuleCollections", &$1) },
        "azurerm_firewall_nat_rule_collection": { addClassicRules($0, "natRuleCollections", &$1) },
        "azurerm_lb_rule": loadBalancingRule,
        "azurerm_lb_backend_address_pool": backendPool,
        "azurerm_virtual_hub_route_table_route": hubRoute,
        "azapi_resource": restResource,
        "azapi_update_resource": restUpdate,
    ]
}
