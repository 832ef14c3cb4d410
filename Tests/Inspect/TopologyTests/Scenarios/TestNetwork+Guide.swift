import Topology

/// What the vendor's guide puts into a network, beside VNets and routes.
extension TestNetwork {
    /// Where an appliance that translates is set to do it, for every destination. [learn: snat-private-range]
    static let always = "255.255.255.255/32"

    /// An Azure Firewall `fw` with a policy whose one network rule lets everything pass: what is translated is said by
    /// the private ranges alone.
    mutating func addGuideFirewall(_ address: String, vnet: String, translates: Bool) {
        addFirewall("fw", address, vnet: vnet, policy: "policy")
        add("firewallPolicies", "policy", translates ? "\"snat\":{\"privateRanges\":[\"\(TestNetwork.always)\"]}" : "")
        addResource(
            """
            {"id":"\(TestNetwork.network("firewallPolicies", "policy"))/ruleCollectionGroups/rules","name":"rules",\
            "type":"Microsoft.Network/FirewallPolicies/RuleCollectionGroups","properties":{"priority":100,\
            "ruleCollections":[{"ruleCollectionType":"FirewallPolicyFilterRuleCollection","name":"all",\
            "priority":100,"action":{"type":"Allow"},"rules":[{"ruleType":"NetworkRule","name":"all",\
            "ipProtocols":["Any"],"sourceAddresses":["*"],"destinationAddresses":["*"],"destinationPorts":["*"]}]}]}}
            """)
    }

    /// A resource as its own document, as `az … show` or a REST answer has it.
    mutating func addResource(_ json: String) { overlays.append(json) }

    /// A machine with IP forwarding, named in the overlay; `tag` is the whole of `"name":"value"`.
    mutating func addAppliance(
        _ name: String, _ address: String, vnet: String, subnet: String, snat: String = "never", tag: String? = nil
    ) {
        let tags = tag.map { ",\"tags\":{\($0)}" } ?? ""
        add(
            "networkInterfaces", name,
            """
            "macAddress":"00-0D-3A-00-00-99","enableIPForwarding":true,"virtualMachine":{"id":\
            "\(TestNetwork.id("Microsoft.Compute/virtualMachines", "\(name)-vm"))"},"ipConfigurations":[{"name":"a",\
            "properties":{"primary":true,"privateIPAddress":"\(address)",\
            "subnet":{"id":"\(TestNetwork.subnetID(vnet, subnet))"}}}]
            """, extra: tags)
        overlays.append(
            """
            {"flowsight_overlay":1,"appliances":[{"name":"\(name)","interfaces":["\(address)"],"inspects":true,\
            "snat":"\(snat)"}]}
            """)
    }

    /// A site behind the gateway `gw`.
    mutating func addSite(_ prefix: String) {
        overlays.append(
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"\(prefix)\"],\"via\":\"gw\"}]}")
    }

    mutating func addSemantics(_ settings: String) {
        overlays.append("{\"flowsight_overlay\":1,\"semantics\":{\(settings)}}")
    }

    /// A table that sends each prefix to one address.
    mutating func addTable(_ name: String, to firewall: String, _ prefixes: [String], propagation: Bool = true) {
        addTable(
            name, prefixes.map { TestNetwork.route($0, "VirtualAppliance", firewall) }, propagation: propagation)
    }
}
