import FlowModel
import Testing
import Topology

/// Ports, DNAT, classic rules, and what an export leaves out.
@Suite struct FirewallRulingTests {
    private typealias Lab = FirewallLab

    @Test func anAnswerThatDiffersByPortIsNotKnownWithoutOne() throws {
        let lab = Lab(collections: [
            Lab.collection("net", 100, "Allow", [Lab.network("r", "TCP", "1433")]),
            Lab.collection("web", 200, "Allow", [Lab.application("a", names: "*")]),
        ])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4") == "?")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", usual: [443]) == "+a:g/web/a!")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", usual: [1433]) == "+n:g/net/r")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", usual: [443, 1433]) == "?")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", usual: [22, 3389]) == "-")
        let datagrams = Lab(collections: [Lab.collection("c", 100, "Allow", [Lab.network("r", "UDP", "443")])])
        #expect(try datagrams.answer("10.1.1.4", "10.2.1.4", 17, usual: [443]) == "?")
        #expect(
            try Lab(collections: [Lab.collection("c", 100, "Allow", [Lab.network("r")])]).answer("10.1.1.4", "10.2.1.4")
                == "+n:g/c/r")
        let flow = FirewallFlow(
            source: try #require(IPAddress("10.1.1.4")), destination: try #require(IPAddress("10.2.1.4")),
            ipProtocol: 6,
            port: nil)
        #expect(try lab.ruling(flow).description.hasPrefix("depends on the port: 1433: network rule g/net/r"))
    }

    @Test func redirectedSQLIsTwoBehaviours() throws {
        let names = ["s.database.windows.net"]
        let application = Lab.collection(
            "sql", 200, "Allow", [Lab.application("a", names: "*.database.windows.net", "Mssql:1433")])
        let network = Lab.collection("net", 300, "Allow", [Lab.network("r", "TCP", "11000-11999")])
        var flow = FirewallFlow(
            source: try #require(IPAddress("10.1.1.4")), destination: try #require(IPAddress("10.2.1.4")),
            ipProtocol: 6,
            port: 1433, names: names)
        let both = try Lab(collections: [application, network]).ruling(flow)
        #expect(both.decision == .applicationRule("g/sql/a", allows: true) && both.translation == .always)
        #expect(both.note == "in SQL's redirect mode ports 11000-11999 follow: network rule g/net/r allows it")
        #expect(
            try Lab(collections: [application]).ruling(flow).note
                == "in SQL's redirect mode ports 11000-11999 follow: no rule allows it")
        flow.port = 11_500
        let redirected = try Lab(collections: [application, network]).ruling(flow)
        #expect(redirected.decision == .networkRule("g/net/r", allows: true) && redirected.note == nil)
        #expect(redirected.translation == .outsidePrivateRanges)
    }

    @Test func pingIsJudgedByProtocolAlone() throws {
        let icmp = Lab(collections: [Lab.collection("c", 100, "Allow", [Lab.network("r", "ICMP")])])
        #expect(try icmp.answer("10.1.1.4", "10.2.1.4", 1) == "+n:g/c/r")
        let web = Lab(collections: [Lab.collection("c", 100, "Allow", [Lab.application("a", names: "*")])])
        #expect(try web.answer("10.1.1.4", "10.2.1.4", 1) == "-")
        let any = Lab(collections: [Lab.collection("c", 100, "Allow", [Lab.network("r", "Any", "443")])])
        #expect(try any.answer("10.1.1.4", "10.2.1.4", 1) == "?")
    }

    @Test(arguments: [
        // Source of the DNAT rule for 10.0.1.4:8443 → 10.2.1.4:443, destination and port asked, answer.
        ("*", "10.0.1.4", 8443, "+d:g/in/r!"), ("10.1.0.0/16", "10.0.1.4", 8443, "+d:g/in/r!"),
        ("10.3.0.0/16", "10.0.1.4", 8443, "-"), ("*", "10.0.1.4", 443, "-"),
        // What goes to the target directly: the implicit rule of any source catches it, and translates.
        ("*", "10.2.1.4", 443, "+d:g/in/r!"), ("0.0.0.0/0", "10.2.1.4", 443, "+d:g/in/r!"),
        ("10.1.0.0/16", "10.2.1.4", 443, "?"), ("10.3.0.0/16", "10.2.1.4", 443, "-"), ("*", "10.2.1.4", 444, "-"),
    ])
    func aDNATRuleTranslates(from: String, to: String, port: Int, expected: String) throws {
        let rule = Lab.nat("r", from: from, to: "10.0.1.4", "8443", translated: "10.2.1.4", "443")
        let lab = Lab(collections: [Lab.collection("in", 100, "DNAT", [rule])])
        #expect(try lab.answer("10.1.1.4", to, 6, port) == expected)
    }

    @Test func aDNATRuleOfAnySourceTranslatesWhatANetworkRuleAllows() throws {
        let allow = Lab.collection("net", 200, "Allow", [Lab.network("n", to: "10.2.0.0/16", "TCP", "443")])
        let nat = Lab.nat("r", from: "*", to: "20.1.1.1", "443", translated: "10.2.1.4", "443")
        let lab = Lab(collections: [allow, Lab.collection("in", 100, "DNAT", [nat])])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443) == "+n:g/net/n!")
        #expect(try lab.answer("10.1.1.4", "10.2.1.5", 6, 443) == "+n:g/net/n")
    }

    @Test func aDenyOfTheTranslatedTrafficIsDisputed() throws {
        let nat = Lab.nat("r", from: "*", to: "10.0.1.4", "443", translated: "10.2.1.4", "443")
        let deny = Lab.collection("no", 200, "Deny", [Lab.network("n", to: "10.2.1.4", "TCP", "443")])
        let lab = Lab(collections: [deny, Lab.collection("in", 100, "DNAT", [nat])])
        #expect(try lab.answer("10.1.1.4", "10.0.1.4", 6, 443) == "?")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443).hasPrefix("-n:g/no/n"))
    }

    @Test func classicRulesStandInsideTheFirewall() throws {
        let network =
            "{\"name\":\"net\",\"properties\":{\"priority\":200,\"action\":{\"type\":\"Allow\"},\"rules\":[{\"name\":\"sql\","
            + "\"protocols\":[\"TCP\"],\"sourceAddresses\":[\"10.1.0.0/16\"],\"destinationAddresses\":[\"10.2.1.4\"],\"destinationPorts\":[\"1433\"]}]}}"
        let web =
            "{\"name\":\"web\",\"properties\":{\"priority\":100,\"action\":{\"type\":\"Allow\"},\"rules\":[{\"name\":\"blob\","
            + "\"protocols\":[{\"protocolType\":\"Https\",\"port\":443}],\"sourceAddresses\":[\"*\"],\"targetFqdns\":[\"*.blob.core.windows.net\"]}]}}"
        let lab = Lab(
            firewall:
                "\"networkRuleCollections\":[\(network)],\"applicationRuleCollections\":[\(web)],\"natRuleCollections\":[]"
        )
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 1433) == "+n:net/sql")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443, names: ["a.blob.core.windows.net"]) == "+a:web/blob!")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 22) == "-")
    }

    @Test func rulesInTheFormOf2019AreRead() throws {
        let conditions =
            "[{\"ruleConditionType\":\"NetworkRuleCondition\",\"name\":\"r\",\"ipProtocols\":[\"TCP\"],\"sourceAddresses\":[\"*\"],"
            + "\"destinationAddresses\":[\"10.2.1.4\"],\"destinationPorts\":[\"443\"]}]"
        let rules =
            "[{\"ruleType\":\"FirewallPolicyFilterRule\",\"name\":\"c\",\"priority\":100,\"action\":{\"type\":\"Allow\"},\"ruleConditions\":\(conditions)}]"
        let id = "\(TestNetwork.network("firewallPolicies", "p"))/ruleGroups/g"
        let lab = Lab(
            firewall: Lab.reference("firewallPolicy", "firewallPolicies", "p"),
            resources: [
                Lab.resource("firewallPolicies", "p", "\"ruleGroups\":[{\"id\":\"\(id)\"}]"),
                Lab.resource("firewallPolicies", "p/ruleGroups/g", "\"priority\":100,\"rules\":\(rules)"),
            ])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443) == "+n:g/c/r")
    }

    @Test(arguments: [
        // What the export holds, and whether a flow that no rule allows is known to be denied.
        ("\"networkRuleCollections\":[]", [], "-"), ("", [], "?"),
        (FirewallLab.reference("firewallPolicy", "firewallPolicies", "p"), [], "?"),
        (
            FirewallLab.reference("firewallPolicy", "firewallPolicies", "p"), [FirewallLab.policy("p", groups: [])], "-"
        ),
        (
            FirewallLab.reference("firewallPolicy", "firewallPolicies", "p"), [FirewallLab.policy("p", groups: nil)],
            "?"
        ),
        (
            FirewallLab.reference("firewallPolicy", "firewallPolicies", "p"), [FirewallLab.policy("p", groups: ["g"])],
            "?"
        ),
        (
            FirewallLab.reference("firewallPolicy", "firewallPolicies", "p"),
            [FirewallLab.policy("p", groups: nil), FirewallLab.group("p", "g", 100, [])], "-"
        ),
        (
            FirewallLab.reference("firewallPolicy", "firewallPolicies", "p"),
            [FirewallLab.policy("p", base: "gone", groups: [])], "?"
        ),
        (
            FirewallLab.reference("firewallPolicy", "firewallPolicies", "p"),
            [FirewallLab.policy("p", base: "p", groups: [])], "?"
        ),
    ])
    func silenceOfTheExportIsNoDeny(firewall: String, resources: [String], expected: String) throws {
        #expect(try Lab(firewall: firewall, resources: resources).answer("10.1.1.4", "10.2.1.4", 6, 443) == expected)
    }

    @Test func expressionsAndMissingFieldsAreReportedAndDecideNothing() throws {
        let lab = Lab(collections: [
            Lab.collection("c", 100, "[parameters('action')]", [Lab.network("r", "TCP", "443")]),
            Lab.collection("d", 200, "Allow", [Lab.network("r", "TCP", "[parameters('port')]")]),
        ])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443) == "?")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 17, 443) == "-")
        let fields = try lab.topology().problems.map(\.field)
        #expect(fields.contains("c.action") && fields.contains("g/d/r.destinationPorts"))
    }

    /// Client, firewall and a SQL server's endpoint in one VNet.
    private func sql(_ rules: [String], policy: String = "", groups: Bool = true) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1, table: "rt", extraSubnets: [TestNetwork.firewallSubnet(1)])
        network.addTable("rt", to: "10.1.3.4", ["10.1.2.5/32"])
        network.addFirewall("fw", "10.1.3.4", vnet: "v1", policy: "p")
        network.add("firewallPolicies", "p", policy)
        if groups {
            network.addResource(Lab.group("p", "g", 100, [Lab.collection("c", 100, "Allow", rules)]))
        }
        network.addPrivateEndpoint(
            "pe", "10.1.2.5", vnet: "v1", subnet: "e", target: "Microsoft.Sql/servers", group: "sqlServer")
        return network
    }

    @Test func redirectedPortsThatAreNotTranslatedAreSaidToBeDropped() throws {
        let rules = [Lab.application("a", names: "*", "Mssql:1433"), Lab.network("n", "TCP", "11000-11999")]
        let answer = try sql(rules).answer("10.1.1.10", "10.1.2.5", port: 1433)
        #expect(answer.works == true)
        #expect(answer.why.contains("11000-11999") && answer.why.contains("dropped"), "\(answer.why)")
        let translated = try sql(rules, policy: "\"snat\":{\"privateRanges\":[\"255.255.255.255/32\"]}")
            .answer("10.1.1.10", "10.1.2.5", port: 1433)
        #expect(!translated.why.contains("dropped"), "\(translated.why)")
    }

    @Test func whatAFirewallWithoutRulesLetsPassRestsOnThat() throws {
        func rests(_ network: TestNetwork) throws -> Bool {
            let answer = try network.answer("10.1.1.10", "203.0.113.9", port: 443)
            return answer.restsOn.contains { $0.contains("not all rules of fw") } && answer.confidence <= .medium
        }
        var without = sql([], groups: false)
        without.addTable("rt", to: "10.1.3.4", ["0.0.0.0/0"])
        var with = sql([Lab.network("all", "Any")])
        with.addTable("rt", to: "10.1.3.4", ["0.0.0.0/0"])
        #expect(try rests(without))
        #expect(try !rests(with))
    }

    @Test func aTranslationByAKnownIssueRestsOnIt() throws {
        let rules = [Lab.nat("d", from: "*", to: "52.1.1.1", "1433", translated: "10.1.2.5", "1433")]
        let answer = try sql(rules).answer("10.1.1.10", "10.1.2.5", port: 1433)
        #expect(answer.works == true)
        #expect(answer.restsOn.contains { $0.contains("known issue") } && answer.confidence <= .medium)
    }

    /// Which rule counts decides whether the firewall is a proxy.
    @Test func anOpenRulingLeavesTheTranslationOpenWhereOneOfThemTranslates() throws {
        func translation(_ rules: [String]) throws -> FirewallRuling.Translation {
            let lab = Lab(collections: [Lab.collection("c", 100, "Allow", rules)])
            return try lab.ruling(
                FirewallFlow(
                    source: #require(IPAddress("10.1.1.4")), destination: #require(IPAddress("10.2.1.4")),
                    ipProtocol: 6, port: nil)
            ).translation
        }
        let (some, other) = (Lab.network("n", "TCP", "1-99"), Lab.network("m", "TCP", "200-300"))
        #expect(try translation([some, other]) == .outsidePrivateRanges)
        guard case .notKnown = try translation([some, Lab.application("a", names: "*")]) else {
            Issue.record("an application rule may be the one that counts")
            return
        }
    }

    @Test func learntPrivateRangesLeaveTheTranslationOpen() throws {
        let collections = [Lab.collection("c", 100, "Allow", [Lab.network("r")])]
        let flow = FirewallFlow(
            source: try #require(IPAddress("10.1.1.4")), destination: try #require(IPAddress("10.2.1.4")),
            ipProtocol: 6,
            port: 443)
        let learns = Lab(collections: collections, policy: "\"snat\":{\"autoLearnPrivateRanges\":\"Enabled\"}")
        guard case .notKnown = try learns.ruling(flow).translation else { Issue.record("is known"); return }
        let heir = Lab(
            firewall: Lab.reference("firewallPolicy", "firewallPolicies", "child"),
            resources: learns.resources + [Lab.policy("child", base: "p", groups: [])])
        #expect(try heir.ruling(flow).translation == learns.ruling(flow).translation)
        #expect(try Lab(collections: collections).ruling(flow).translation == .outsidePrivateRanges)
    }

    @Test func autoscalingHasItsBounds() throws {
        func bounds(_ properties: String) throws -> ClosedRange<Int>? {
            try Lab(firewall: properties).topology().instances(ofFirewall: Lab.id)
        }
        #expect(try bounds("\"autoscaleConfiguration\":{\"minCapacity\":4,\"maxCapacity\":10}") == 4...10)
        #expect(try bounds("\"autoscaleConfiguration\":{\"minCapacity\":4,\"maxCapacity\":null}") == 4...50)
        #expect(try bounds("\"autoscaleConfiguration\":{}") == nil)
        #expect(try bounds("\"autoscaleConfiguration\":{\"minCapacity\":9,\"maxCapacity\":3}") == nil)
    }

    @Test(arguments: [
        ("Microsoft.Storage/storageAccounts", [443]), ("Microsoft.Sql/servers", [1433]),
        ("Microsoft.DocumentDB/databaseAccounts", []), ("Microsoft.Network/privateLinkServices", []),
    ])
    func aPrivateEndpointHasItsServicesUsualPorts(target: String, expected: [Int]) throws {
        // Without a port it is asked about those; a group that lets all others pass denies them.
        let ports = expected.isEmpty ? [443, 1433] : expected
        let rule = SecurityLab.rule(
            "no", 100, "Outbound", "Deny", "Tcp", ports: ports.map(String.init).joined(separator: ","))
        var network = TestNetwork()
        network.add("networkSecurityGroups", "g", "\"securityRules\":[\(rule)]")
        let group = "\"networkSecurityGroup\":{\"id\":\"\(TestNetwork.network("networkSecurityGroups", "g"))\"}"
        let subnet = "{\"name\":\"a\",\"properties\":{\"addressPrefix\":\"10.1.1.0/24\",\(group)}}"
        network.addVNet("v", ["10.1.0.0/16"], subnets: [subnet])
        network.addNIC("n", "10.1.1.10", vnet: "v", subnet: "a")
        network.addPrivateEndpoint("pe", "10.1.1.4", vnet: "v", subnet: "a", target: target, group: "x")
        let answer = try network.answer("10.1.1.10", "10.1.1.4")
        #expect((answer.works == false) == !expected.isEmpty)
    }

    @Test func aThousandRulesAreJudgedQuickly() throws {
        let rules = (0..<1000).map {
            Lab.network("r\($0)", from: "10.\($0 % 250).0.0/16", to: "10.2.\($0 / 250).0/24", "TCP", "80,\(1000 + $0)")
        }
        let topology = try Lab(collections: [Lab.collection("c", 100, "Deny", rules)]).topology()
        let flow = FirewallFlow(
            source: try #require(IPAddress("10.1.1.4")), destination: try #require(IPAddress("10.2.9.4")),
            ipProtocol: 6,
            port: 80)
        let time = ContinuousClock().measure {
            for _ in 0..<20 { #expect(topology.firewallRuling(Lab.id, flow)?.decision == .noRule) }
        }
        // A guard against reading texts anew for each rule, wide enough for a debug build on a busy machine.
        #expect(time < .seconds(20))
    }
}
