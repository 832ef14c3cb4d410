import FlowModel
import Runtime
import Topology

extension AuditWorlds {
    /// A random world with more private endpoints, of several services, and with what tells them apart: security groups,
    /// application security groups, firewall rules by address and by name, wishes of the overlay, names of other things.
    static func guarded(seed: UInt64) -> TestNetwork {
        var network = random(seed: seed)
        var generator = SplitMix64(seed: ~seed)
        for spoke in 1...4 { addEndpoints(&network, spoke, &generator) }
        if Int.random(in: 0..<4, using: &generator) > 0 { addGroups(&network, &generator) }
        if Bool.random(using: &generator) { addRules(&network, &generator) }
        if Bool.random(using: &generator) { addWishes(&network, &generator) }
        return network
    }

    private static func addEndpoints(_ network: inout TestNetwork, _ spoke: Int, _ generator: inout SplitMix64) {
        // One has a word of sentences, or the name of a subnet.
        let names = [["pe", "firewall", "app", "route"][spoke - 1]] + ["w", "x", "y", "z"].map { "\($0)\(spoke)" }
        for (index, name) in names.enumerated() {
            let services = [
                ("Microsoft.Storage/storageAccounts", "blob"), ("Microsoft.Storage/storageAccounts", "blob"),
                ("Microsoft.Storage/storageAccounts", "blob"), ("Microsoft.KeyVault/vaults", "vault"),
                ("Microsoft.Sql/servers", "sqlServer"),
            ]
            let (target, group) = services.randomElement(using: &generator) ?? services[0]
            network.addPrivateEndpoint(
                name, "10.\(spoke).2.\(index + 8)", vnet: "s\(spoke)", subnet: "pe", target: target, group: group)
            guard let account = ["one", "two", nil].randomElement(using: &generator) ?? nil else { continue }
            network.addResource(
                "{\"id\":\"\(TestNetwork.network("privateEndpoints", name))\",\"name\":\"\(name)\",\"type\":"
                    + "\"Microsoft.Network/privateEndpoints\",\"properties\":{\"customDnsConfigs\":[{\"fqdn\":"
                    + "\"\(account).blob.core.windows.net\",\"ipAddresses\":[\"10.\(spoke).2.\(index + 8)\"]}]}}")
        }
    }

    /// Addresses of endpoints, alone and in ranges.
    private static func destination(_ generator: inout SplitMix64) -> String {
        let spoke = Int.random(in: 1...4, using: &generator)
        let host = Int.random(in: 8...12, using: &generator)
        return ["10.\(spoke).2.\(host)", "10.\(spoke).2.8/30", "10.\(spoke).2.0/24", "VirtualNetwork", "*"]
            .randomElement(using: &generator) ?? "*"
    }

    private static func access(_ generator: inout SplitMix64) -> String {
        Bool.random(using: &generator) ? "Allow" : "Deny"
    }

    private static func addGroups(_ network: inout TestNetwork, _ generator: inout SplitMix64) {
        let member = SecurityLab.group("members")
        for name in ["nsg-app", "nsg-pe"] {
            var rules = (0..<3).map { index in
                SecurityLab.rule(
                    "r\(index)", 100 + index, name == "nsg-app" ? "Outbound" : "Inbound", access(&generator), "Tcp",
                    to: destination(&generator), ports: ["*", "443", "1433"].randomElement(using: &generator) ?? "*")
            }
            rules.append(
                SecurityLab.rule(
                    "groups", 110, name == "nsg-app" ? "Outbound" : "Inbound", access(&generator), "Tcp", to: "",
                    extra: ",\"destinationApplicationSecurityGroups\":[{\"id\":\"\(member)\"}]"
                ).replacing("\"destinationAddressPrefix\":\"\",", with: ""))
            network.add("networkSecurityGroups", name, "\"securityRules\":[\(rules.joined(separator: ","))]")
        }
        for spoke in 1...4 {
            for subnet in ["app", "pe"] where Bool.random(using: &generator) {
                let id = TestNetwork.subnetID("s\(spoke)", subnet)
                let group = TestNetwork.network("networkSecurityGroups", "nsg-\(subnet)")
                network.addResource(
                    "{\"id\":\"\(id)\",\"name\":\"\(subnet)\",\"type\":\"Microsoft.Network/virtualNetworks/subnets\","
                        + "\"properties\":{\"networkSecurityGroup\":{\"id\":\"\(group)\"}}}")
            }
            for name in ["x\(spoke)", "y\(spoke)"] where Bool.random(using: &generator) {
                network.addResource(
                    "{\"id\":\"\(TestNetwork.network("privateEndpoints", name))\",\"name\":\"\(name)\","
                        + "\"type\":\"Microsoft.Network/privateEndpoints\",\"properties\":{\"applicationSecurityGroups\":"
                        + "[{\"id\":\"\(member)\"}]}}")
            }
        }
    }

    private static func addRules(_ network: inout TestNetwork, _ generator: inout SplitMix64) {
        let byAddress = (0..<3).map { index in
            FirewallLab.network(
                "n\(index)", to: destination(&generator).replacing("VirtualNetwork", with: "10.1.2.9-10.1.2.11"))
        }
        let names = [
            "*.blob.core.windows.net", "one.blob.core.windows.net", "target.vault.azure.net", "*.database.windows.net",
            "*",
        ]
        let byName = FirewallLab.application(
            "a", names: names.randomElement(using: &generator) ?? "*", "Https:443,Mssql:1433")
        network.addResource(FirewallLab.policy("policy", groups: ["g"]))
        network.addResource(
            FirewallLab.group(
                "policy", "g", 200,
                [
                    FirewallLab.collection("n", 200, access(&generator), byAddress),
                    FirewallLab.collection("a", 300, access(&generator), [byName]),
                ]))
    }

    private static func addWishes(_ network: inout TestNetwork, _ generator: inout SplitMix64) {
        let rules = ["x1", "10.1.2.8/30", "10.2.0.0/16", "*"].filter { _ in Bool.random(using: &generator) }.map {
            "{\"private_endpoints\":[\"\($0)\"],\"from\":[\"\(Bool.random(using: &generator) ? "*" : "app")\"],\"by\":[]}"
        }
        network.overlays.append("{\"flowsight_overlay\":1,\"inspect\":[\(rules.joined(separator: ","))]}")
    }
}
