import FlowModel
import Topology
import Testing

/// “The way back”: what steers the answer of an endpoint, and what translation is worth.
@Suite struct WayBackFacts {
    /// Client and endpoint in v1, the firewall in v0 or in v1.
    private func network(
        firewallIn number: Int = 1, base: String = "10", endpointTable: String? = nil, ranges: [String]? = nil,
        policyExtra: String = "", prefixes: [String]? = nil, isSQL: Bool = false
    ) -> TestNetwork {
        var network = TestNetwork()
        let endpoint = "\(base).1.2.5"
        let peers = [TestNetwork.peering(to: number == 0 ? "v1" : "v0")]
        network.addVNet(
            "v0", ["\(base).0.0.0/16"], subnets: [TestNetwork.subnet("v0", "AzureFirewallSubnet", "\(base).0.3.0/26")],
            peerings: [TestNetwork.peering(to: "v1")])
        network.addVNet(
            "v1", ["\(base).1.0.0/16"],
            subnets: [
                TestNetwork.subnet("v1", "a", "\(base).1.1.0/24", table: "rt"),
                TestNetwork.subnet("v1", "e", "\(base).1.2.0/24", table: endpointTable),
                TestNetwork.subnet("v1", "AzureFirewallSubnet", "\(base).1.3.0/26"),
            ], peerings: number == 0 ? [TestNetwork.peering(to: "v0")] : peers)
        let hop = "\(base).\(number).3.4"
        network.addTable("rt", to: hop, prefixes ?? ["\(endpoint)/32"])
        network.addFirewall("fw", hop, vnet: "v\(number)", policy: "p")
        let quoted = ranges.map { "\"privateRanges\":[\($0.map { "\"\($0)\"" }.joined(separator: ","))]" }
        let snat = [quoted, policyExtra.isEmpty ? nil : policyExtra].compactMap(\.self).joined(separator: ",")
        network.add("firewallPolicies", "p", snat.isEmpty ? "" : "\"snat\":{\(snat)}")
        network.addNIC("n1", "\(base).1.1.10", vnet: "v1", subnet: "a", machine: "m1")
        network.addPrivateEndpoint(
            "pe", endpoint, vnet: "v1", subnet: "e",
            target: isSQL ? "Microsoft.Sql/servers" : "Microsoft.Storage/storageAccounts",
            group: isSQL ? "sqlServer" : "blob")
        return network
    }

    private func answer(_ network: TestNetwork, base: String = "10", port: Int? = 443) throws -> Explanation {
        try network.answer("\(base).1.1.10", "\(base).1.2.5", port: port)
    }

    @Test("a route table on the endpoint's subnet does not steer what the endpoint sends")
    func endpointsTable() throws {
        var bypassed = network(endpointTable: "back", prefixes: [])
        bypassed.addTable("back", to: "10.1.3.4", ["0.0.0.0/0", "10.1.1.0/24"])
        let direct = try answer(bypassed)
        #expect(direct.works == true && direct.symmetric == true)
        #expect(direct.back.map(\.kind) == [.privateEndpoint, .nic])
        var inspected = network(endpointTable: "back", ranges: ["255.255.255.255/32"])
        inspected.addTable("back", [TestNetwork.route("0.0.0.0/0", "None"), TestNetwork.route("10.1.0.0/16", "None")])
        #expect(try answer(inspected).works == true)
    }

    @Test("an endpoint's answer comes back through the firewall, translated or not, where the lab saw it untranslated")
    func eitherWayToEndpoint() throws {
        let learning = network(firewallIn: 0, policyExtra: "\"autoLearnPrivateRanges\":\"Enabled\"")
        let answer = try answer(learning)
        #expect(answer.works == true && answer.symmetric == true && answer.confidence == .medium)
        // In the client's own VNet only translation would bring it back.
        let own = network(firewallIn: 1, policyExtra: "\"autoLearnPrivateRanges\":\"Enabled\"", isSQL: true)
        #expect(try self.answer(own, port: 1433).works == nil)
    }

    /// A server in v1/s, whose answers go to the firewall, or past it.
    private func server(answersPass: Bool) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(
            1, table: "rt",
            extraSubnets: [
                TestNetwork.firewallSubnet(1),
                TestNetwork.subnet("v1", "s", "10.1.7.0/24", table: answersPass ? "back" : nil),
            ])
        network.addTable("rt", to: "10.1.3.4", ["10.1.7.0/24"])
        network.addTable("back", to: "10.1.3.4", ["10.1.1.0/24"])
        network.addNIC("server", "10.1.7.10", vnet: "v1", subnet: "s", machine: "server")
        network.addFirewall("fw", "10.1.3.4", vnet: "v1", policy: "p")
        network.add(
            "firewallPolicies", "p",
            "\"snat\":{\"autoLearnPrivateRanges\":\"Enabled\"},\"ruleCollectionGroups\":[]")
        let rule = FirewallLab.network("all", "Any")
        network.addResource(FirewallLab.group("p", "g", 100, [FirewallLab.collection("c", 100, "Allow", [rule])]))
        return network
    }

    @Test(
        "where it is not known whether the firewall translates, the answer is known where it passes it either way",
        arguments: [true, false])
    func eitherWay(answersPass: Bool) throws {
        let answer = try server(answersPass: answersPass).answer("10.1.1.10", "10.1.7.10", port: 443)
        #expect(answer.inspected == true)
        #expect(answer.symmetric == (answersPass ? true : nil))
        #expect(answer.works == (answersPass ? true : nil))
    }

    @Test(
        "a group that lets in the firewall's one known address may keep its instances out",
        arguments: ["10.1.3.4/32", "10.1.3.0/26"])
    func instances(allowed: String) throws {
        let rules = [
            SecurityLab.rule("yes", 100, "Inbound", "Allow", from: allowed),
            SecurityLab.rule("no", 200, "Inbound", "Deny", from: "*"),
        ]
        var network = TestNetwork()
        network.add("networkSecurityGroups", "g", "\"securityRules\":[\(rules.joined(separator: ","))]")
        network.addNumbered(
            1, table: "rt",
            extraSubnets: [
                TestNetwork.firewallSubnet(1),
                "{\"name\":\"s\",\"properties\":{\"addressPrefix\":\"10.1.7.0/24\",\"networkSecurityGroup\":{\"id\":"
                    + "\"\(TestNetwork.network("networkSecurityGroups", "g"))\"}}}",
            ])
        network.addTable("rt", to: "10.1.3.4", ["10.1.7.0/24"])
        network.addNIC("server", "10.1.7.10", vnet: "v1", subnet: "s", machine: "server")
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: true)
        #expect(try network.answer("10.1.1.10", "10.1.7.10", port: 443).works == (allowed.hasSuffix("26") ? true : nil))
    }

    @Test("the answer goes to the host that made the mapping, which is a setting")
    func mapping() throws {
        let byMapping = try answer(network(firewallIn: 0))
        #expect(byMapping.works == true && byMapping.symmetric == true)
        #expect(byMapping.back.map(\.kind) == [.privateEndpoint, .firewall, .nic])
        #expect(byMapping.confidence < .high && !byMapping.restsOn.isEmpty)
        var otherwise = network(firewallIn: 0)
        otherwise.addSemantics("\"reply_follows_mapping\":false")
        #expect(try answer(otherwise).symmetric != true)
    }

    @Test("that the answer passes the firewall by is not predicted from missing translation")
    func noPrediction() throws {
        for number in [0, 1] {
            let answer = try answer(network(firewallIn: number))
            #expect(answer.symmetric != false)
            #expect(answer.back.map(\.kind) != [.privateEndpoint, .nic])
        }
    }

    @Test("with translation it works and is symmetric everywhere", arguments: [0, 1])
    func translation(number: Int) throws {
        let answer = try answer(network(firewallIn: number, ranges: ["255.255.255.255/32"]))
        #expect(answer.works == true && answer.symmetric == true)
        #expect(answer.back.map(\.kind) == [.privateEndpoint, .firewall, .nic])
    }

    @Test("the advice is to translate")
    func advice() throws {
        let remedy = try answer(network()).remedy
        #expect(remedy.contains { $0.lowercased().contains("translat") || $0.contains("SNAT") })
    }

    @Test(
        "network rules do not translate towards the private ranges",
        arguments: [
            ([String]?.none, false), (["IANAPrivateRanges"], false), (["0.0.0.0/0"], false), (["10.0.0.0/8"], false),
            (["10.1.2.0/24"], false), (["10.1.1.0/24"], true), (["192.168.0.0/16"], true),
            (["255.255.255.255/32"], true), (["IANAPrivateRanges", "203.0.113.0/24"], false),
        ] as [([String]?, Bool)])
    func privateRanges(ranges: [String]?, translates: Bool) throws {
        // Everything in one VNet: it works where the firewall translates, and only there.
        #expect(try answer(network(ranges: ranges)).works == translates)
    }

    @Test("the default ranges are RFC 1918 and 100.64.0.0/10")
    func defaultRanges() throws {
        #expect(try answer(network()).works == false)
        var shared = TestNetwork()
        shared.addVNet(
            "v1", ["100.64.0.0/16"],
            subnets: [
                TestNetwork.subnet("v1", "a", "100.64.1.0/24", table: "rt"),
                TestNetwork.subnet("v1", "e", "100.64.2.0/24"),
                TestNetwork.subnet("v1", "AzureFirewallSubnet", "100.64.3.0/26"),
            ])
        shared.addTable("rt", to: "100.64.3.4", ["100.64.2.5/32"])
        shared.addGuideFirewall("100.64.3.4", vnet: "v1", translates: false)
        shared.addNIC("n1", "100.64.1.10", vnet: "v1", subnet: "a", machine: "m1")
        shared.addPrivateEndpoint("pe", "100.64.2.5", vnet: "v1", subnet: "e")
        #expect(try shared.answer("100.64.1.10", "100.64.2.5").works == false)
    }

    @Test("an endpoint in a VNet of public addresses is translated by default")
    func publicRange() throws {
        let answer = try answer(network(base: "20"), base: "20")
        #expect(answer.works == true && answer.symmetric == true)
    }

    @Test("ranges that are learned are not known")
    func learnedRanges() throws {
        let learning = network(ranges: ["192.168.0.0/16"], policyExtra: "\"autoLearnPrivateRanges\":\"Enabled\"")
        let answer = try answer(learning)
        #expect(answer.works == nil && !answer.restsOn.isEmpty)
    }

    private func rules(_ network: TestNetwork, _ collections: String) -> TestNetwork {
        var network = network
        network.addResource(
            """
            {"id":"\(TestNetwork.network("firewallPolicies", "p"))/ruleCollectionGroups/g","name":"g",\
            "type":"Microsoft.Network/FirewallPolicies/RuleCollectionGroups","properties":{"priority":100,\
            "ruleCollections":[\(collections)]}}
            """)
        return network
    }

    private static func application(_ protocols: String, _ fqdn: String) -> String {
        """
        {"ruleCollectionType":"FirewallPolicyFilterRuleCollection","name":"app","priority":200,\
        "action":{"type":"Allow"},"rules":[{"ruleType":"ApplicationRule","name":"a","protocols":[\(protocols)],\
        "targetFqdns":["\(fqdn)"],"sourceAddresses":["10.1.1.0/24"]}]}
        """
    }

    private static func allow(ports: String) -> String {
        """
        {"ruleCollectionType":"FirewallPolicyFilterRuleCollection","name":"net","priority":300,\
        "action":{"type":"Allow"},"rules":[{"ruleType":"NetworkRule","name":"n","ipProtocols":["TCP"],\
        "sourceAddresses":["*"],"destinationAddresses":["*"],"destinationPorts":["\(ports)"]}]}
        """
    }

    /// In one VNet, where only translation makes it work.
    @Test("an application rule always translates")
    func applicationRule() throws {
        let https = "{\"protocolType\":\"Https\",\"port\":443}"
        let network = rules(network(), WayBackFacts.application(https, "*.blob.core.windows.net"))
        let answer = try answer(network)
        #expect(answer.works == true && answer.symmetric == true)
    }

    /// The rule's translated address is the endpoint's: network rules let the session pass, which by itself is not translated.
    @Test("a DNAT rule with source * makes matching traffic translated", arguments: [("*", true), ("10.9.9.9", false)])
    func destinationTranslation(source: String, works: Bool) throws {
        let nat = """
            {"ruleCollectionType":"FirewallPolicyNatRuleCollection","name":"nat","priority":100,"action":{"type":"DNAT"},\
            "rules":[{"ruleType":"NatRule","name":"d","ipProtocols":["TCP"],"sourceAddresses":["\(source)"],\
            "destinationAddresses":["20.1.1.1"],"destinationPorts":["443"],"translatedAddress":"10.1.2.5",\
            "translatedPort":"443"}]}
            """
        let answer = try answer(rules(network(), nat + "," + WayBackFacts.allow(ports: "443")), port: 443)
        #expect(answer.works == works)
        #expect((answer.symmetric == true) == works)
    }

    @Test("SQL's redirect mode is one application with two behaviours", arguments: [(1433, true), (11_002, false)])
    func redirect(port: Int, works: Bool) throws {
        let sql = "{\"protocolType\":\"Mssql\",\"port\":1433}"
        let network = rules(
            network(isSQL: true),
            WayBackFacts.application(sql, "*.database.windows.net") + "," + WayBackFacts.allow(ports: "11000-11999"))
        let answer = try answer(network, port: port)
        if works {
            #expect(answer.works == true)
        } else {
            #expect(answer.works == false)
        }
    }
}
