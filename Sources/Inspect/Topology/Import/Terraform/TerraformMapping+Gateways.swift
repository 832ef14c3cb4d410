internal import FlowModel

/// Gateways and connections to what is not Azure. Connections hold shared keys and authorisation keys: never mapped.
extension TerraformMapping {
    static func gateway(_ gateway: Attributes) -> TerraformResource {
        let clients = gateway.block("vpn_client_configuration")?.texts("address_space")
        return TerraformResource(
            "Microsoft.Network/virtualNetworkGateways", gateway,
            [
                "gatewayType": gateway.text("type"), "vpnType": gateway.text("vpn_type"),
                "sku": .some(["name": gateway.text("sku"), "tier": gateway.text("sku")]),
                "activeActive": gateway.flag("active_active_enabled", "active_active"),
                "enableBgp": gateway.flag("bgp_enabled", "enable_bgp"),
                "gatewayDefaultSite": gateway.reference("default_local_network_gateway_id"),
                "bgpSettings": gateway.block("bgp_settings").map(peeringAddresses),
                "customRoutes": gateway.block("custom_route")?.texts("address_prefixes").map {
                    .members(["addressPrefixes": $0])
                },
                "vpnClientConfiguration": clients.map {
                    .members(["vpnClientAddressPool": .members(["addressPrefixes": $0])])
                },
                "ipConfigurations": gateway.list("ip_configuration") { block in
                    .child(
                        block.text("name"),
                        [
                            "subnet": block.reference("subnet_id"),
                            "publicIPAddress": block.reference("public_ip_address_id"),
                        ])
                },
            ])
    }

    private static func peeringAddresses(_ settings: Attributes) -> JSONValue {
        .members([
            "asn": settings.number("asn"), "bgpPeeringAddress": settings.text("peering_address", "bgp_peering_address"),
            "bgpPeeringAddresses": settings.list("peering_addresses") { block in
                .members([
                    "defaultBgpIpAddresses": block.texts("default_addresses"),
                    "tunnelIpAddresses": block.texts("tunnel_ip_addresses"),
                ])
            },
        ])
    }

    static func gatewayConnection(_ connection: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/connections", connection,
            [
                "connectionType": connection.text("type"),
                "virtualNetworkGateway1": connection.reference("virtual_network_gateway_id"),
                "virtualNetworkGateway2": connection.reference("peer_virtual_network_gateway_id"),
                "localNetworkGateway2": connection.reference("local_network_gateway_id"),
                "peer": connection.reference("express_route_circuit_id"),
                "enableBgp": connection.flag("bgp_enabled", "enable_bgp"),
                "expressRouteGatewayBypass": connection.flag("express_route_gateway_bypass"),
            ])
    }

    static func localGateway(_ gateway: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/localNetworkGateways", gateway,
            [
                "localNetworkAddressSpace": gateway.texts("address_space").map { .members(["addressPrefixes": $0]) },
                "gatewayIpAddress": gateway.text("gateway_address"), "fqdn": gateway.text("gateway_fqdn"),
                "bgpSettings": gateway.block("bgp_settings").map(peeringAddresses),
            ])
    }
}
