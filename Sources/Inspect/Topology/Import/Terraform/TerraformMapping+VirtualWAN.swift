internal import FlowModel

/// Virtual WAN and Virtual Network Manager.
extension TerraformMapping {
    static func virtualWAN(_ wan: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/virtualWans", wan,
            [
                "type": wan.text("type"),
                "allowBranchToBranchTraffic": wan.flag("allow_branch_to_branch_traffic"),
            ])
    }

    static func virtualHub(_ hub: Attributes) -> TerraformResource {
        let routes = hub.list("route") {
            .members([
                "addressPrefixes": $0.texts("address_prefixes"), "nextHopIpAddress": $0.text("next_hop_ip_address"),
            ])
        }
        return TerraformResource(
            "Microsoft.Network/virtualHubs", hub,
            [
                "addressPrefix": hub.text("address_prefix"), "sku": hub.text("sku"),
                "virtualWan": hub.reference("virtual_wan_id"),
                "hubRoutingPreference": hub.text("hub_routing_preference"),
                "routeTable": routes.map { .members(["routes": $0]) },
            ])
    }

    static func hubConnection(_ connection: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections", connection,
            [
                "remoteVirtualNetwork": connection.reference("remote_virtual_network_id"),
                "enableInternetSecurity": connection.flag("internet_security_enabled"),
                "routingConfiguration": connection.block("routing").map(routingConfiguration),
            ])
    }

    private static func routingConfiguration(_ routing: Attributes) -> JSONValue {
        let propagated = routing.block("propagated_route_table")
        let routes = routing.list("static_vnet_route") {
            .members([
                "name": $0.text("name"), "addressPrefixes": $0.texts("address_prefixes"),
                "nextHopIpAddress": $0.text("next_hop_ip_address"),
            ])
        }
        return .members([
            "associatedRouteTable": routing.reference("associated_route_table_id"),
            "propagatedRouteTables": propagated.map {
                .members(["labels": $0.texts("labels"), "ids": $0.references("route_table_ids")])
            },
            "vnetRoutes": .some([
                "staticRoutes": routes,
                "staticRoutesConfig": .some([
                    "vnetLocalRouteOverrideCriteria": routing.text("static_vnet_local_route_override_criteria"),
                    "propagateStaticRoutes": routing.flag("static_vnet_propagate_static_routes_enabled"),
                ]),
            ]),
        ])
    }

    static func routingIntent(_ intent: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/virtualHubs/routingIntent", intent,
            [
                "routingPolicies": intent.list("routing_policy") {
                    .members([
                        "name": $0.text("name"), "destinations": $0.texts("destinations"),
                        "nextHop": $0.text("next_hop"),
                    ])
                }
            ])
    }

    private static let hubTableType = "Microsoft.Network/virtualHubs/hubRouteTables"

    static func hubRouteTable(_ table: Attributes) -> TerraformResource {
        TerraformResource(
            hubTableType, table,
            ["labels": table.texts("labels"), "routes": table.list("route", hubTableRoute)])
    }

    static func hubRoute(_ route: Attributes, _ answer: inout TerraformAnswer) {
        answer.add(
            .part(of: route.string("route_table_id") ?? "", hubTableType, ["routes": .array([hubTableRoute(route)])]))
    }

    private static func hubTableRoute(_ route: Attributes) -> JSONValue {
        .members([
            "name": route.text("name"), "destinationType": route.text("destinations_type"),
            "destinations": route.texts("destinations"), "nextHopType": route.text("next_hop_type"),
            "nextHop": route.text("next_hop"),
        ])
    }

    /// A gateway inside a virtual hub.
    static func hubGateway(_ kind: String, _ gateway: Attributes) -> TerraformResource {
        TerraformResource("Microsoft.Network/\(kind)", gateway, ["virtualHub": gateway.reference("virtual_hub_id")])
    }

    static func vpnSite(_ site: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/vpnSites", site,
            [
                "virtualWan": site.reference("virtual_wan_id"),
                "addressSpace": site.texts("address_cidrs").map { .members(["addressPrefixes": $0]) },
            ])
    }

    static func vpnConnection(_ connection: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/vpnGateways/vpnConnections", connection,
            [
                "remoteVpnSite": connection.reference("remote_vpn_site_id"),
                "enableInternetSecurity": connection.flag("internet_security_enabled"),
                "routingConfiguration": connection.block("routing").map { routing in
                    .members(["associatedRouteTable": routing.reference("associated_route_table")])
                },
            ])
    }

    static func expressRouteConnection(_ connection: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/expressRouteGateways/expressRouteConnections", connection,
            [
                "expressRouteCircuitPeering": connection.reference("express_route_circuit_peering_id"),
                "enableInternetSecurity": connection.flag(
                    "internet_security_enabled", "enable_internet_security"),
                "routingConfiguration": connection.block("routing").map(routingConfiguration),
            ])
    }

    static func connectivityConfiguration(_ configuration: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/networkManagers/connectivityConfigurations", configuration,
            [
                "connectivityTopology": configuration.text("connectivity_topology"),
                "isGlobal": word(configuration.bool("global_mesh_enabled")),
                "deleteExistingPeering": word(configuration.bool("delete_existing_peering_enabled")),
                "hubs": configuration.list("hub") {
                    .members(["resourceId": $0.text("resource_id"), "resourceType": $0.text("resource_type")])
                },
                "appliesToGroups": configuration.list("applies_to_group") {
                    .members([
                        "networkGroupId": $0.text("network_group_id"),
                        "groupConnectivity": $0.text("group_connectivity"),
                        "isGlobal": word($0.bool("global_mesh_enabled")),
                        "useHubGateway": word($0.bool("use_hub_gateway")),
                    ])
                },
            ])
    }

    /// Network Manager writes truth values as texts.
    private static func word(_ value: Bool?) -> JSONValue? { value.map { .string($0 ? "True" : "False") } }

    static func staticMember(_ member: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/networkManagers/networkGroups/staticMembers", member,
            ["resourceId": member.text("target_virtual_network_id")])
    }
}
