internal import FlowModel

/// Azure Firewalls, their policies and rules.
extension TerraformMapping {
    static func firewall(_ firewall: Attributes) -> TerraformResource {
        let ranges = firewall.strings("private_ip_ranges")
        // Azure writes both as texts.
        let additional: [String: JSONValue?] = [
            "Network.SNAT.PrivateRanges": ranges.isEmpty ? nil : .string(ranges.joined(separator: ",")),
            "Network.DNS.EnableProxy": firewall.bool("dns_proxy_enabled").map { .string("\($0)") },
        ]
        return TerraformResource(
            "Microsoft.Network/azureFirewalls", firewall,
            [
                "sku": .some(["name": firewall.text("sku_name"), "tier": firewall.text("sku_tier")]),
                "threatIntelMode": firewall.text("threat_intel_mode"),
                "firewallPolicy": firewall.reference("firewall_policy_id"),
                "ipConfigurations": firewall.list("ip_configuration", firewallConfiguration),
                "managementIpConfiguration": firewall.block("management_ip_configuration").map(firewallConfiguration),
                "virtualHub": firewall.block("virtual_hub")?.reference("virtual_hub_id"),
                "hubIPAddresses": firewall.block("virtual_hub").map(hubAddresses),
                "additionalProperties": .some(additional),
            ])
    }

    private static func firewallConfiguration(_ block: Attributes) -> JSONValue {
        .child(
            block.text("name"),
            [
                "privateIPAddress": block.text("private_ip_address"), "subnet": block.reference("subnet_id"),
                "publicIPAddress": block.reference("public_ip_address_id"),
            ])
    }

    private static func hubAddresses(_ hub: Attributes) -> JSONValue {
        let addresses = hub.strings("public_ip_addresses").map { JSONValue.members(["address": .string($0)]) }
        return .members([
            "privateIPAddress": hub.text("private_ip_address"),
            "publicIPs": .members(["count": hub.number("public_ip_count"), "addresses": .array(addresses)]),
        ])
    }

    static func firewallPolicy(_ policy: Attributes) -> TerraformResource {
        let learns = policy.bool("auto_learn_private_ranges_enabled")
        return TerraformResource(
            "Microsoft.Network/firewallPolicies", policy,
            [
                "sku": .some(["tier": policy.text("sku")]), "basePolicy": policy.reference("base_policy_id"),
                "threatIntelMode": policy.text("threat_intelligence_mode"),
                "intrusionDetection": .some(["mode": policy.block("intrusion_detection")?.text("mode")]),
                "dnsSettings": .some(["enableProxy": policy.block("dns")?.flag("proxy_enabled")]),
                "snat": .some([
                    "privateRanges": policy.texts("private_ip_ranges"),
                    "autoLearnPrivateRanges": learns.map { .string($0 ? "Enabled" : "Disabled") },
                ]),
            ])
    }

    static func ruleCollectionGroup(_ group: Attributes) -> TerraformResource {
        let collections = [
            group.list("nat_rule_collection") {
                ruleCollection($0, "FirewallPolicyNatRuleCollection", action: .string("DNAT"), natRule)
            },
            group.list("network_rule_collection") {
                ruleCollection($0, "FirewallPolicyFilterRuleCollection", action: $0.text("action"), networkRule)
            },
            group.list("application_rule_collection") {
                ruleCollection($0, "FirewallPolicyFilterRuleCollection", action: $0.text("action"), applicationRule)
            },
        ]
        return TerraformResource(
            "Microsoft.Network/firewallPolicies/ruleCollectionGroups", group,
            [
                "priority": group.number("priority"),
                "ruleCollections": .array(collections.flatMap { $0?.array ?? [] }),
            ])
    }

    private static func ruleCollection(
        _ collection: Attributes, _ type: String, action: JSONValue?, _ rule: (Attributes) -> JSONValue
    ) -> JSONValue {
        .members([
            "ruleCollectionType": .string(type), "name": collection.text("name"),
            "priority": collection.number("priority"), "action": .members(["type": action]),
            "rules": collection.list("rule", rule),
        ])
    }

    private static func networkRule(_ rule: Attributes) -> JSONValue {
        .members([
            "ruleType": .string("NetworkRule"), "name": rule.text("name"), "ipProtocols": rule.texts("protocols"),
            "sourceAddresses": rule.texts("source_addresses"), "sourceIpGroups": rule.texts("source_ip_groups"),
            "destinationAddresses": rule.texts("destination_addresses"),
            "destinationIpGroups": rule.texts("destination_ip_groups"),
            "destinationFqdns": rule.texts("destination_fqdns"), "destinationPorts": rule.texts("destination_ports"),
        ])
    }

    private static func applicationRule(_ rule: Attributes) -> JSONValue {
        .members([
            "ruleType": .string("ApplicationRule"), "name": rule.text("name"),
            "protocols": rule.list("protocols", applicationProtocol),
            "sourceAddresses": rule.texts("source_addresses"), "sourceIpGroups": rule.texts("source_ip_groups"),
            "destinationAddresses": rule.texts("destination_addresses"),
            "targetFqdns": rule.texts("destination_fqdns"), "targetUrls": rule.texts("destination_urls"),
            "fqdnTags": rule.texts("destination_fqdn_tags"), "webCategories": rule.texts("web_categories"),
            "terminateTLS": rule.flag("terminate_tls"),
        ])
    }

    private static func natRule(_ rule: Attributes) -> JSONValue {
        .members([
            "ruleType": .string("NatRule"), "name": rule.text("name"), "ipProtocols": rule.texts("protocols"),
            "sourceAddresses": rule.texts("source_addresses"), "sourceIpGroups": rule.texts("source_ip_groups"),
            "destinationAddresses": rule.texts("destination_address"),
            "destinationPorts": rule.texts("destination_ports"),
            "translatedAddress": rule.text("translated_address"), "translatedFqdn": rule.text("translated_fqdn"),
            "translatedPort": translatedPort(rule),
        ])
    }

    /// Azure writes the port as a text.
    private static func translatedPort(_ rule: Attributes) -> JSONValue? {
        rule.number("translated_port")?.integer.map { .string("\($0)") }
    }

    private static func applicationProtocol(_ block: Attributes) -> JSONValue {
        .members(["protocolType": block.text("type"), "port": block.number("port")])
    }

    /// Rules of a firewall without a policy: resources of their own in Terraform, a part of the firewall in Azure.
    static func addClassicRules(_ collection: Attributes, _ property: String, _ answer: inout TerraformAnswer) {
        let id = collection.string("id").map { $0.split(separator: "/", omittingEmptySubsequences: false) } ?? []
        let written = JSONValue.child(
            collection.text("name"),
            [
                "priority": collection.number("priority"),
                "action": .members([
                    "type": property.hasPrefix("nat") ? natAction(collection) : collection.text("action")
                ]),
                "rules": collection.list("rule", classicRule),
            ])
        answer.add(
            .part(
                of: id.dropLast(2).joined(separator: "/"), "Microsoft.Network/azureFirewalls",
                [property: .array([written])]))
    }

    private static func natAction(_ collection: Attributes) -> JSONValue {
        .string(collection.string("action")?.lowercased() == "snat" ? "Snat" : "Dnat")
    }

    private static func classicRule(_ rule: Attributes) -> JSONValue {
        .members([
            "name": rule.text("name"),
            "protocols": rule.texts("protocols") ?? rule.list("protocol", applicationProtocol),
            "sourceAddresses": rule.texts("source_addresses"), "sourceIpGroups": rule.texts("source_ip_groups"),
            "destinationAddresses": rule.texts("destination_addresses"),
            "destinationIpGroups": rule.texts("destination_ip_groups"),
            "destinationFqdns": rule.texts("destination_fqdns"), "destinationPorts": rule.texts("destination_ports"),
            "targetFqdns": rule.texts("target_fqdns"), "fqdnTags": rule.texts("fqdn_tags"),
            "translatedAddress": rule.text("translated_address"), "translatedPort": translatedPort(rule),
        ])
    }
}
