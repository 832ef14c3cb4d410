import FlowModel
import Testing
import Topology

/// One state in, one answer of Azure out: the properties of each type.
struct TerraformMappingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var type: String
        var path: String
        var attributes: String
        /// The inside of the resource but for id and name.
        var expected: String
        var testDescription: String { type }
    }

    private static func ref(_ path: String) -> String { "{\"id\":\"\(TerraformState.id(path))\"}" }
    private static func id(_ path: String) -> String { "\"\(TerraformState.id(path))\"" }

    private func check(_ test: Case) throws {
        var state = TerraformState()
        state.add(test.type, test.path, test.attributes)
        let reader = try state.reader()
        let expected = try TerraformState.json(
            """
            {"id":"\(TerraformState.id(test.path))","name":"\(test.path.split(separator: "/").last ?? "")",\(test.expected)}
            """)
        #expect(reader.resource(test.path)?.json == expected.json)
        #expect(reader.problems.isEmpty && reader.notUnderstood.isEmpty)
    }

    @Test(arguments: [
        Case(
            type: "azurerm_virtual_network", path: "virtualNetworks/v",
            attributes: """
                "address_space":["10.0.0.0/16"],"private_endpoint_vnet_policies":"Basic","tags":{"Env":"a"},"subnet":[{"name":"a",
                "id":\(id("virtualNetworks/v/subnets/a")),"address_prefixes":["10.0.1.0/24"],"security_group":\(id("networkSecurityGroups/g")),
                "route_table_id":\(id("routeTables/t"))}]
                """,
            expected: """
                "type":"Microsoft.Network/virtualNetworks","tags":{"Env":"a"},"properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},
                "privateEndpointVNetPolicies":"Basic","subnets":[{"id":\(id("virtualNetworks/v/subnets/a")),"name":"a","properties":{
                "addressPrefixes":["10.0.1.0/24"],"networkSecurityGroup":\(ref("networkSecurityGroups/g")),"routeTable":\(ref("routeTables/t"))}}]}
                """),
        Case(
            type: "azurerm_subnet", path: "virtualNetworks/v/subnets/a",
            attributes: """
                "address_prefix":"10.0.1.0/24","service_endpoints":["Microsoft.Storage"],"default_outbound_access_enabled":false,
                "delegation":[{"name":"d","service_delegation":[{"name":"Microsoft.Web/serverFarms","actions":["x"]}]}]
                """,
            expected: """
                "type":"Microsoft.Network/virtualNetworks/subnets","properties":{"addressPrefixes":["10.0.1.0/24"],"defaultOutboundAccess":false,
                "serviceEndpoints":[{"service":"Microsoft.Storage"}],
                "delegations":[{"name":"d","properties":{"serviceName":"Microsoft.Web/serverFarms"}}]}
                """),
        Case(
            type: "azurerm_virtual_network_peering", path: "virtualNetworks/v/virtualNetworkPeerings/p",
            attributes: """
                "remote_virtual_network_id":\(id("virtualNetworks/w")),"allow_forwarded_traffic":true,"use_remote_gateways":false,
                "allow_gateway_transit":true,"allow_virtual_network_access":true,"peer_complete_virtual_networks_enabled":false,
                "local_subnet_names":["a"],"remote_subnet_names":["b"],"only_ipv6_peering_enabled":false
                """,
            expected: """
                "type":"Microsoft.Network/virtualNetworks/virtualNetworkPeerings","properties":{"remoteVirtualNetwork":\(ref("virtualNetworks/w")),
                "allowForwardedTraffic":true,"useRemoteGateways":false,"allowGatewayTransit":true,"allowVirtualNetworkAccess":true,
                "peerCompleteVnets":false,"localSubnetNames":["a"],"remoteSubnetNames":["b"],"enableOnlyIPv6Peering":false}
                """),
        Case(
            type: "azurerm_route", path: "routeTables/t/routes/r",
            attributes: "\"address_prefix\":\"Storage\",\"next_hop_type\":\"Internet\",\"next_hop_in_ip_address\":\"\"",
            expected: """
                "type":"Microsoft.Network/routeTables/routes","properties":{"addressPrefix":"Storage","nextHopType":"Internet"}
                """),
        Case(
            type: "azurerm_network_security_group", path: "networkSecurityGroups/g",
            attributes: """
                "security_rule":[{"name":"r","priority":100,"direction":"Inbound","access":"Deny","protocol":"*","source_port_range":"*",
                "destination_port_ranges":["80","443"],"source_address_prefixes":[],"source_address_prefix":"VirtualNetwork","description":"x",
                "destination_address_prefix":"","destination_application_security_group_ids":[\(id("applicationSecurityGroups/w"))]}]
                """,
            expected: """
                "type":"Microsoft.Network/networkSecurityGroups","properties":{"securityRules":[{"name":"r","properties":{"priority":100,
                "direction":"Inbound","access":"Deny","protocol":"*","sourcePortRange":"*","destinationPortRanges":["80","443"],
                "sourceAddressPrefix":"VirtualNetwork","destinationApplicationSecurityGroups":[\(ref("applicationSecurityGroups/w"))]}}]}
                """),
        Case(
            type: "azurerm_firewall", path: "azureFirewalls/f",
            attributes: """
                "sku_name":"AZFW_Hub","sku_tier":"Premium","private_ip_ranges":["IANAPrivateRanges","192.0.2.0/24"],"firewall_policy_id":null,
                "virtual_hub":[{"virtual_hub_id":\(id("virtualHubs/h")),"public_ip_count":1,"private_ip_address":"10.9.0.132",
                "public_ip_addresses":["192.0.2.1"]}],"dns_proxy_enabled":true,"dns_servers":["10.0.0.5"]
                """,
            expected: """
                "type":"Microsoft.Network/azureFirewalls","properties":{"sku":{"name":"AZFW_Hub","tier":"Premium"},
                "additionalProperties":{"Network.SNAT.PrivateRanges":"IANAPrivateRanges,192.0.2.0/24",
                "Network.DNS.EnableProxy":"true"},"virtualHub":\(ref("virtualHubs/h")),
                "hubIPAddresses":{"privateIPAddress":"10.9.0.132","publicIPs":{"count":1,"addresses":[{"address":"192.0.2.1"}]}}}
                """),
        Case(
            type: "azurerm_firewall_policy", path: "firewallPolicies/p",
            attributes: """
                "sku":"Premium","base_policy_id":\(id("firewallPolicies/b")),"private_ip_ranges":["0.0.0.0/0"],
                "auto_learn_private_ranges_enabled":true,"intrusion_detection":[{"mode":"Deny","signature_overrides":[]}],
                "dns":[{"proxy_enabled":false,"servers":["10.0.0.5"]}]
                """,
            expected: """
                "type":"Microsoft.Network/firewallPolicies","properties":{"sku":{"tier":"Premium"},"basePolicy":\(ref("firewallPolicies/b")),
                "snat":{"privateRanges":["0.0.0.0/0"],"autoLearnPrivateRanges":"Enabled"},"intrusionDetection":{"mode":"Deny"},
                "dnsSettings":{"enableProxy":false}}
                """),
        Case(
            type: "azurerm_firewall_policy_rule_collection_group", path: "firewallPolicies/p/ruleCollectionGroups/g",
            attributes: """
                "priority":500,"network_rule_collection":[{"name":"n","priority":400,"action":"Deny","rule":[{"name":"r","protocols":["TCP"],
                "source_addresses":["10.0.0.0/8"],"destination_ip_groups":[\(id("ipGroups/i"))],"destination_ports":["443"]}]}],
                "application_rule_collection":[{"name":"a","priority":500,"action":"Allow","rule":[{"name":"r",
                "protocols":[{"type":"Https","port":443}],"source_addresses":["*"],"destination_fqdns":["x.example"],"terminate_tls":false}]}],
                "nat_rule_collection":[{"name":"d","priority":300,"action":"Dnat","rule":[{"name":"r","protocols":["TCP"],"source_addresses":["*"],
                "destination_address":"192.0.2.1","destination_ports":["80"],"translated_address":"10.0.0.4","translated_port":8080}]}]
                """,
            expected: """
                "type":"Microsoft.Network/firewallPolicies/ruleCollectionGroups","properties":{"priority":500,"ruleCollections":[
                {"ruleCollectionType":"FirewallPolicyNatRuleCollection","name":"d","priority":300,"action":{"type":"DNAT"},"rules":[
                 {"ruleType":"NatRule","name":"r","ipProtocols":["TCP"],"sourceAddresses":["*"],"destinationAddresses":["192.0.2.1"],
                  "destinationPorts":["80"],"translatedAddress":"10.0.0.4","translatedPort":"8080"}]},
                {"ruleCollectionType":"FirewallPolicyFilterRuleCollection","name":"n","priority":400,"action":{"type":"Deny"},"rules":[
                 {"ruleType":"NetworkRule","name":"r","ipProtocols":["TCP"],"sourceAddresses":["10.0.0.0/8"],
                  "destinationIpGroups":["\(TerraformState.id("ipGroups/i"))"],"destinationPorts":["443"]}]},
                {"ruleCollectionType":"FirewallPolicyFilterRuleCollection","name":"a","priority":500,"action":{"type":"Allow"},"rules":[
                 {"ruleType":"ApplicationRule","name":"r","protocols":[{"protocolType":"Https","port":443}],"sourceAddresses":["*"],
                  "targetFqdns":["x.example"],"terminateTLS":false}]}]}
                """),
        Case(
            type: "azurerm_ip_group", path: "ipGroups/i", attributes: "\"cidrs\":[\"10.0.0.0/8\"]",
            expected: "\"type\":\"Microsoft.Network/ipGroups\",\"properties\":{\"ipAddresses\":[\"10.0.0.0/8\"]}"),
        Case(
            type: "azurerm_public_ip", path: "publicIPAddresses/p",
            attributes:
                "\"ip_address\":\"192.0.2.1\",\"allocation_method\":\"Static\",\"ip_version\":\"IPv4\",\"sku\":\"Standard\",\"zones\":[]",
            expected: """
                "type":"Microsoft.Network/publicIPAddresses","sku":{"name":"Standard"},"properties":{"ipAddress":"192.0.2.1",
                "publicIPAllocationMethod":"Static","publicIPAddressVersion":"IPv4"}
                """),
        Case(
            type: "azurerm_network_watcher_flow_log", path: "networkWatchers/w/flowLogs/l",
            attributes:
                "\"network_security_group_id\":\(id("networkSecurityGroups/g")),\"target_resource_id\":\"\",\"enabled\":false,\"version\":2",
            expected: """
                "type":"Microsoft.Network/networkWatchers/flowLogs","properties":{"targetResourceId":\(id("networkSecurityGroups/g")),
                "enabled":false}
                """),
        Case(
            type: "azurerm_private_dns_a_record", path: "privateDnsZones/z/A/r",
            attributes: "\"records\":[\"10.0.0.4\"],\"ttl\":300,\"fqdn\":\"r.z.\",\"zone_name\":\"z\"",
            expected: """
                "type":"Microsoft.Network/privateDnsZones/A","properties":{"aRecords":[{"ipv4Address":"10.0.0.4"}],"fqdn":"r.z."}
                """),
        Case(
            type: "azurerm_private_dns_zone_virtual_network_link", path: "privateDnsZones/z/virtualNetworkLinks/l",
            attributes: "\"virtual_network_id\":\(id("virtualNetworks/v")),\"registration_enabled\":false",
            expected: """
                "type":"Microsoft.Network/privateDnsZones/virtualNetworkLinks","properties":{"virtualNetwork":\(ref("virtualNetworks/v")),
                "registrationEnabled":false}
                """),
    ])
    func networksAndSecurity(test: Case) throws { try check(test) }

    @Test(arguments: [
        Case(
            type: "azurerm_virtual_network_gateway", path: "virtualNetworkGateways/g",
            attributes: """
                "type":"ExpressRoute","vpn_type":"RouteBased","sku":"Standard","active_active":false,"enable_bgp":true,
                "bgp_settings":[{"asn":65515,"peering_addresses":[{"default_addresses":["10.0.2.4"],"tunnel_ip_addresses":["192.0.2.9"]}]}],
                "custom_route":[{"address_prefixes":["10.50.0.0/16"]}],"ip_configuration":[{"name":"i","subnet_id":\(id("virtualNetworks/v/subnets/GatewaySubnet"))}],
                "vpn_client_configuration":[{"address_space":["10.60.0.0/24"],"radius_server_secret":"x"}]
                """,
            expected: """
                "type":"Microsoft.Network/virtualNetworkGateways","properties":{"gatewayType":"ExpressRoute","vpnType":"RouteBased",
                "sku":{"name":"Standard","tier":"Standard"},"activeActive":false,"enableBgp":true,"bgpSettings":{"asn":65515,
                "bgpPeeringAddresses":[{"defaultBgpIpAddresses":["10.0.2.4"],"tunnelIpAddresses":["192.0.2.9"]}]},
                "customRoutes":{"addressPrefixes":["10.50.0.0/16"]},
                "vpnClientConfiguration":{"vpnClientAddressPool":{"addressPrefixes":["10.60.0.0/24"]}},
                "ipConfigurations":[{"name":"i","properties":{"subnet":\(ref("virtualNetworks/v/subnets/GatewaySubnet"))}}]}
                """),
        Case(
            type: "azurerm_virtual_network_gateway_connection", path: "connections/c",
            attributes: """
                "type":"IPsec","virtual_network_gateway_id":\(id("virtualNetworkGateways/g")),"shared_key":"x","enable_bgp":false,
                "local_network_gateway_id":\(id("localNetworkGateways/l")),"express_route_gateway_bypass":null
                """,
            expected: """
                "type":"Microsoft.Network/connections","properties":{"connectionType":"IPsec","enableBgp":false,
                "virtualNetworkGateway1":\(ref("virtualNetworkGateways/g")),"localNetworkGateway2":\(ref("localNetworkGateways/l"))}
                """),
        Case(
            type: "azurerm_local_network_gateway", path: "localNetworkGateways/l",
            attributes:
                "\"address_space\":[\"192.168.0.0/16\"],\"gateway_address\":\"192.0.2.7\",\"bgp_settings\":[{\"asn\":65001,\"bgp_peering_address\":\"192.168.1.1\"}]",
            expected: """
                "type":"Microsoft.Network/localNetworkGateways","properties":{"localNetworkAddressSpace":{"addressPrefixes":["192.168.0.0/16"]},
                "gatewayIpAddress":"192.0.2.7","bgpSettings":{"asn":65001,"bgpPeeringAddress":"192.168.1.1"}}
                """),
        Case(
            type: "azurerm_express_route_gateway", path: "expressRouteGateways/e",
            attributes: "\"virtual_hub_id\":\(id("virtualHubs/h")),\"scale_units\":1",
            expected:
                "\"type\":\"Microsoft.Network/expressRouteGateways\",\"properties\":{\"virtualHub\":\(ref("virtualHubs/h"))}"
        ),
        Case(
            type: "azurerm_vpn_gateway", path: "vpnGateways/e", attributes: "\"virtual_hub_id\":\(id("virtualHubs/h"))",
            expected:
                "\"type\":\"Microsoft.Network/vpnGateways\",\"properties\":{\"virtualHub\":\(ref("virtualHubs/h"))}"),
        Case(
            type: "azurerm_virtual_wan", path: "virtualWans/w",
            attributes: "\"type\":\"Standard\",\"allow_branch_to_branch_traffic\":true",
            expected:
                "\"type\":\"Microsoft.Network/virtualWans\",\"properties\":{\"type\":\"Standard\",\"allowBranchToBranchTraffic\":true}"
        ),
        Case(
            type: "azurerm_virtual_hub", path: "virtualHubs/h",
            attributes: """
                "address_prefix":"10.9.0.0/23","sku":"Standard","virtual_wan_id":\(id("virtualWans/w")),"hub_routing_preference":"ASPath",
                "route":[{"address_prefixes":["10.0.0.0/8"],"next_hop_ip_address":"10.9.0.4"}]
                """,
            expected: """
                "type":"Microsoft.Network/virtualHubs","properties":{"addressPrefix":"10.9.0.0/23","sku":"Standard","virtualWan":\(ref("virtualWans/w")),
                "hubRoutingPreference":"ASPath","routeTable":{"routes":[{"addressPrefixes":["10.0.0.0/8"],"nextHopIpAddress":"10.9.0.4"}]}}
                """),
        Case(
            type: "azurerm_virtual_hub_connection", path: "virtualHubs/h/hubVirtualNetworkConnections/c",
            attributes: """
                "remote_virtual_network_id":\(id("virtualNetworks/v")),"internet_security_enabled":true,"routing":[{
                "associated_route_table_id":\(id("virtualHubs/h/hubRouteTables/t")),"propagated_route_table":[{"labels":["none"],
                "route_table_ids":[\(id("virtualHubs/h/hubRouteTables/t"))]}],"static_vnet_local_route_override_criteria":"Equal",
                "static_vnet_route":[{"name":"s","address_prefixes":["10.1.0.0/16"],"next_hop_ip_address":"10.0.0.4"}]}]
                """,
            expected: """
                "type":"Microsoft.Network/virtualHubs/hubVirtualNetworkConnections","properties":{"remoteVirtualNetwork":\(ref("virtualNetworks/v")),
                "enableInternetSecurity":true,"routingConfiguration":{"associatedRouteTable":\(ref("virtualHubs/h/hubRouteTables/t")),
                "propagatedRouteTables":{"labels":["none"],"ids":[\(ref("virtualHubs/h/hubRouteTables/t"))]},"vnetRoutes":{
                "staticRoutes":[{"name":"s","addressPrefixes":["10.1.0.0/16"],"nextHopIpAddress":"10.0.0.4"}],
                "staticRoutesConfig":{"vnetLocalRouteOverrideCriteria":"Equal"}}}}
                """),
        Case(
            type: "azurerm_virtual_hub_routing_intent", path: "virtualHubs/h/routingIntent/i",
            attributes:
                "\"routing_policy\":[{\"name\":\"p\",\"destinations\":[\"PrivateTraffic\"],\"next_hop\":\(id("azureFirewalls/f"))}]",
            expected: """
                "type":"Microsoft.Network/virtualHubs/routingIntent","properties":{"routingPolicies":[{"name":"p","destinations":["PrivateTraffic"],
                "nextHop":\(id("azureFirewalls/f"))}]}
                """),
        Case(
            type: "azurerm_virtual_hub_route_table", path: "virtualHubs/h/hubRouteTables/t",
            attributes: """
                "labels":["a"],"route":[{"name":"r","destinations_type":"CIDR","destinations":["0.0.0.0/0"],"next_hop_type":"ResourceId",
                "next_hop":\(id("azureFirewalls/f"))}]
                """,
            expected: """
                "type":"Microsoft.Network/virtualHubs/hubRouteTables","properties":{"labels":["a"],"routes":[{"name":"r","destinationType":"CIDR",
                "destinations":["0.0.0.0/0"],"nextHopType":"ResourceId","nextHop":\(id("azureFirewalls/f"))}]}
                """),
        Case(
            type: "azurerm_network_manager_connectivity_configuration",
            path: "networkManagers/m/connectivityConfigurations/c",
            attributes: """
                "connectivity_topology":"Mesh","global_mesh_enabled":true,"delete_existing_peering_enabled":false,"hub":[],"applies_to_group":[{
                "group_connectivity":"DirectlyConnected","network_group_id":\(id("networkManagers/m/networkGroups/g")),
                "global_mesh_enabled":false,"use_hub_gateway":false}]
                """,
            expected: """
                "type":"Microsoft.Network/networkManagers/connectivityConfigurations","properties":{"connectivityTopology":"Mesh","isGlobal":"True",
                "deleteExistingPeering":"False","appliesToGroups":[{"groupConnectivity":"DirectlyConnected","isGlobal":"False","useHubGateway":"False",
                "networkGroupId":\(id("networkManagers/m/networkGroups/g"))}]}
                """),
        Case(
            type: "azurerm_network_manager_static_member", path: "networkManagers/m/networkGroups/g/staticMembers/s",
            attributes: "\"target_virtual_network_id\":\(id("virtualNetworks/v")),\"region\":\"x\"",
            expected: """
                "type":"Microsoft.Network/networkManagers/networkGroups/staticMembers","properties":{"resourceId":\(id("virtualNetworks/v"))}
                """),
    ])
    func gatewaysAndHubs(test: Case) throws { try check(test) }
}
