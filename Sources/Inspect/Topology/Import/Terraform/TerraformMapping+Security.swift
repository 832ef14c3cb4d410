internal import FlowModel

/// Network security groups, public addresses and flow logs.
extension TerraformMapping {
    static func securityGroup(_ group: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/networkSecurityGroups", group,
            ["securityRules": group.list("security_rule") { .child($0.text("name"), ruleProperties($0)) }])
    }

    static func securityRule(_ rule: Attributes) -> TerraformResource {
        TerraformResource("Microsoft.Network/networkSecurityGroups/securityRules", rule, ruleProperties(rule))
    }

    private static func ruleProperties(_ rule: Attributes) -> [String: JSONValue?] {
        [
            "priority": rule.number("priority"), "direction": rule.text("direction"), "access": rule.text("access"),
            "protocol": rule.text("protocol"),
            "sourcePortRange": rule.text("source_port_range"), "sourcePortRanges": rule.texts("source_port_ranges"),
            "destinationPortRange": rule.text("destination_port_range"),
            "destinationPortRanges": rule.texts("destination_port_ranges"),
            "sourceAddressPrefix": rule.text("source_address_prefix"),
            "sourceAddressPrefixes": rule.texts("source_address_prefixes"),
            "destinationAddressPrefix": rule.text("destination_address_prefix"),
            "destinationAddressPrefixes": rule.texts("destination_address_prefixes"),
            "sourceApplicationSecurityGroups": rule.references("source_application_security_group_ids"),
            "destinationApplicationSecurityGroups": rule.references("destination_application_security_group_ids"),
        ]
    }

    static func publicAddress(_ address: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/publicIPAddresses", address, sku: .some(["name": address.text("sku")]),
            [
                "ipAddress": address.text("ip_address"),
                "publicIPAllocationMethod": address.text("allocation_method"),
                "publicIPAddressVersion": address.text("ip_version"),
            ])
    }

    static func ipGroup(_ group: Attributes) -> TerraformResource {
        TerraformResource("Microsoft.Network/ipGroups", group, ["ipAddresses": group.texts("cidrs")])
    }

    /// Before version 4 the target could be an NSG only, under a name of its own.
    static func flowLog(_ log: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/networkWatchers/flowLogs", log,
            [
                "targetResourceId": log.text("target_resource_id", "network_security_group_id"),
                "enabled": log.flag("enabled"), "storageId": log.text("storage_account_id"),
                "enabledFilteringCriteria": log.text("enabled_filtering_criteria"),
                "recordTypes": log.text("record_types"),
            ])
    }

    static func addressRecord(_ record: Attributes) -> TerraformResource {
        let addresses = record.strings("records")
        return TerraformResource(
            "Microsoft.Network/privateDnsZones/A", record,
            [
                "fqdn": record.text("fqdn"),
                "aRecords": .array(addresses.map { .members(["ipv4Address": .string($0)]) }),
            ])
    }

    static func zoneLink(_ link: Attributes) -> TerraformResource {
        TerraformResource(
            "Microsoft.Network/privateDnsZones/virtualNetworkLinks", link,
            [
                "virtualNetwork": link.reference("virtual_network_id"),
                "registrationEnabled": link.flag("registration_enabled"),
            ])
    }
}
