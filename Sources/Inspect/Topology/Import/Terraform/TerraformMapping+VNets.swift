internal import FlowModel

/// VNets, subnets, peerings and route tables.
extension TerraformMapping {
    static func virtualNetwork(_ vnet: Attributes, _ answer: inout TerraformAnswer) {
        // A data source lists the subnets' names and the peerings' targets alone: without flags they would say "off".
        if !vnet.map("vnet_peerings").isEmpty {
            answer.report("vnet_peerings", "a data source tells no flags of a peering: these peerings are not used")
        }
        let id = vnet.string("id") ?? ""
        var subnets: [JSONValue] = []
        for inner in vnet.blocks("subnet") {
            let name = inner.string("name") ?? ""
            let own = inner.string("id") ?? "\(id)/subnets/\(name)"
            subnets.append(.child(inner.text("name"), id: own, subnetProperties(inner, &answer)))
        }
        answer.add(
            TerraformResource(
                "Microsoft.Network/virtualNetworks", vnet,
                [
                    "addressSpace": vnet.texts("address_space", "address_spaces").map {
                        .members(["addressPrefixes": $0])
                    },
                    "subnets": subnets.isEmpty ? nil : .array(subnets),
                    "privateEndpointVNetPolicies": vnet.text("private_endpoint_vnet_policies"),
                ]))
    }

    static func subnet(_ subnet: Attributes, _ answer: inout TerraformAnswer) {
        answer.add(
            TerraformResource(
                "Microsoft.Network/virtualNetworks/subnets", subnet, subnetProperties(subnet, &answer)))
    }

    private static func subnetProperties(_ subnet: Attributes, _ answer: inout TerraformAnswer)
        -> [String: JSONValue?]
    {
        [
            "addressPrefixes": subnet.texts("address_prefixes", "address_prefix"),
            "privateEndpointNetworkPolicies": policies(of: subnet, &answer),
            "routeTable": subnet.reference("route_table_id"),
            "networkSecurityGroup": subnet.reference("network_security_group_id", "security_group"),
            "serviceEndpoints": serviceEndpoints(subnet),
            "delegations": subnet.list("delegation") { delegation in
                let service = delegation.block("service_delegation") ?? delegation
                return .child(delegation.text("name"), ["serviceName": service.text("name")])
            },
            "defaultOutboundAccess": subnet.flag("default_outbound_access_enabled"),
        ]
    }

    private static func serviceEndpoints(_ subnet: Attributes) -> JSONValue? {
        let services = subnet.strings("service_endpoints")
        return services.isEmpty ? nil : .array(services.map { .members(["service": .string($0)]) })
    }

    /// Three spellings of one property, two of them with opposite senses [azure-routes: polarity traps].
    ///
    /// | attribute | policies are on where it is |
    /// |---|---|
    /// | `private_endpoint_network_policies` (3.x late, 4.x) | the text `Enabled` or `RouteTableEnabled` |
    /// | `private_endpoint_network_policies_enabled` (3.x) | `true`, its default |
    /// | `enforce_private_link_endpoint_network_policies` (to 3.x) | **`false`**, its default: the name lies |
    ///
    /// The provider writes all that its version knows, each from Azure's own answer. The text is the only one that can
    /// say `RouteTableEnabled`: it counts alone. Null is "not said", whatever the default: a default stands in the
    /// state.
    private static func policies(of subnet: Attributes, _ answer: inout TerraformAnswer) -> JSONValue? {
        let newest = "private_endpoint_network_policies"
        if let told = subnet.bool(newest) { return .string(told ? "Enabled" : "Disabled") }
        if let text = subnet.text(newest) { return text }
        let enabled = subnet.bool("private_endpoint_network_policies_enabled")
        let enforced = subnet.bool("enforce_private_link_endpoint_network_policies").map { !$0 }
        if let enabled, let enforced, enabled != enforced {
            answer.report(
                "private_endpoint_network_policies_enabled",
                "contradicts enforce_private_link_endpoint_network_policies: the policies are taken as not said")
            return nil
        }
        return (enabled ?? enforced).map { .string($0 ? "Enabled" : "Disabled") }
    }

    /// A state tells nothing of a peering's state: none is written, and Connected is believed (topology exports, 28).
    static func peering(_ peering: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/virtualNetworks/virtualNetworkPeerings", peering,
            [
                "remoteVirtualNetwork": peering.reference("remote_virtual_network_id"),
                "allowVirtualNetworkAccess": peering.flag("allow_virtual_network_access"),
                "allowForwardedTraffic": peering.flag("allow_forwarded_traffic"),
                "allowGatewayTransit": peering.flag("allow_gateway_transit"),
                "useRemoteGateways": peering.flag("use_remote_gateways"),
                "peerCompleteVnets": peering.flag("peer_complete_virtual_networks_enabled"),
                "enableOnlyIPv6Peering": peering.flag("only_ipv6_peering_enabled"),
                "localSubnetNames": peering.texts("local_subnet_names"),
                "remoteSubnetNames": peering.texts("remote_subnet_names"),
            ])
    }

    static func routeTable(_ table: Attributes, _ answer: inout TerraformAnswer) {
        answer.add(
            TerraformResource(
                "Microsoft.Network/routeTables", table,
                [
                    "disableBgpRoutePropagation": disablesPropagation(table, &answer),
                    "routes": table.list("route") { .child($0.text("name"), routeProperties($0)) },
                ]))
    }

    /// `bgp_route_propagation_enabled` of 4.x has the opposite sense of `disable_bgp_route_propagation`, which late
    /// versions 3.x write beside it (topology exports, 19).
    private static func disablesPropagation(_ table: Attributes, _ answer: inout TerraformAnswer) -> JSONValue? {
        let new = table.bool("bgp_route_propagation_enabled").map { !$0 }
        let old = table.bool("disable_bgp_route_propagation")
        if let new, let old, new != old {
            answer.report(
                "bgp_route_propagation_enabled", "contradicts disable_bgp_route_propagation: the newer one is believed")
        }
        return (new ?? old).map(JSONValue.bool)
    }

    static func route(_ route: Attributes) -> TerraformResource {
        TerraformResource("Microsoft.Network/routeTables/routes", route, routeProperties(route))
    }

    private static func routeProperties(_ route: Attributes) -> [String: JSONValue?] {
        [
            "addressPrefix": route.text("address_prefix"), "nextHopType": route.text("next_hop_type"),
            "nextHopIpAddress": route.text("next_hop_in_ip_address"),
        ]
    }

    static func addToSubnet(
        _ association: Attributes, _ property: String, _ attribute: String, _ answer: inout TerraformAnswer
    ) {
        // The id of an association is the subnet's.
        let id = association.string("subnet_id", "id") ?? ""
        answer.add(
            .part(
                of: id, "Microsoft.Network/virtualNetworks/subnets", [property: association.reference(attribute)]))
    }
}
