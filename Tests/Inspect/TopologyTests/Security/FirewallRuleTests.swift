import FlowModel
import Testing
import Topology

/// Rules of Azure Firewalls against flows.
@Suite struct FirewallRuleTests {
    private typealias Lab = FirewallLab
    private let blob = ["acct.blob.core.windows.net"]

    @Test(arguments: [
        // Source, destination, protocols and ports of one network rule; asked is TCP 443 from 10.1.1.4 to 10.2.1.4.
        ("*", "*", "TCP", "*", "+n:g/c/r"), ("10.1.0.0/16", "10.2.1.4", "TCP,UDP", "80,443", "+n:g/c/r"),
        ("10.1.1.0-10.1.1.9", "10.2.1.1-10.2.1.4", "Any", "440-450", "+n:g/c/r"),
        ("10.1.1.0-10.1.1.3", "*", "Any", "443", "-"), ("10.1.0.0/16", "10.2.1.5", "TCP", "443", "-"),
        ("*", "*", "UDP", "443", "-"), ("*", "*", "TCP", "444", "-"),
        ("10.9.0.0/16,10.1.1.4", "*", "TCP", "443", "+n:g/c/r"),
        ("*", "Storage", "TCP", "443", "-"),  // holds public addresses only
    ])
    func aNetworkRuleMatchesBySourceDestinationProtocolAndPort(
        from: String, to: String, protocols: String, ports: String, expected: String
    ) throws {
        let lab = Lab(collections: [
            Lab.collection("c", 100, "Allow", [Lab.network("r", from: from, to: to, protocols, ports)])
        ])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443) == expected)
    }

    @Test(arguments: [
        // Names, protocols of one application rule; the names asked for; port.
        ("*.blob.core.windows.net", "Https:443", "acct.blob.core.windows.net", 443, "+a:g/c/r!"),
        ("*.blob.core.windows.net", "Https:443", "acct.privatelink.blob.core.windows.net", 443, "+a:g/c/r!"),
        ("ACCT.blob.core.windows.net", "Https:443", "acct.blob.core.windows.net", 443, "+a:g/c/r!"),
        ("*", "Https:443", "acct.blob.core.windows.net", 443, "+a:g/c/r!"),
        ("*.file.core.windows.net", "Https:443", "acct.blob.core.windows.net", 443, "-"),
        ("core.windows.net", "Https:443", "acct.blob.core.windows.net", 443, "-"),
        ("*.blob.core.windows.net", "Https:443", "acct.blob.core.windows.net", 80, "-"),
        ("*.blob.core.windows.net", "Http:80,Https:443", "acct.blob.core.windows.net", 80, "+a:g/c/r!"),
        ("*.privatelink.blob.core.windows.net", "Https:443", "acct.privatelink.blob.core.windows.net", 443, "?"),
        ("*.vault.azure.net", "Https:443", "v.privatelink.vaultcore.azure.net", 443, "+a:g/c/r!"),
        ("*.apps.example", "Https:443", "*.apps.example", 443, "+a:g/c/r!"),
        ("one.apps.example", "Https:443", "*.apps.example", 443, "?"),
        ("*.database.windows.net", "Mssql:1433", "s.database.windows.net", 1433, "+a:g/c/r!"),
    ])
    func anApplicationRuleMatchesByTheNameThatClientsAskForAndTranslates(
        names: String, protocols: String, asked: String, port: Int, expected: String
    ) throws {
        let lab = Lab(collections: [Lab.collection("c", 100, "Allow", [Lab.application("r", names: names, protocols)])])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, port, names: [asked]) == expected)
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 17, port, names: [asked]) == "-")
    }

    @Test func namesThatAreNotKnownOrPartlyMatchDecideNothing() throws {
        let lab = Lab(collections: [Lab.collection("c", 100, "Allow", [Lab.application("r", names: "a.example")])])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443) == "?")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443, names: ["a.example", "b.example"]) == "?")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 22) == "-")
    }

    @Test(arguments: [
        "\"fqdnTags\":[\"WindowsUpdate\"]", "\"webCategories\":[\"news\"]", "\"targetUrls\":[\"a.example/x\"]",
    ])
    func whatNoExportResolvesIsNotKnownOnlyWhereItWouldDecide(more: String) throws {
        let rule = Lab.application("r", "Https:443", ",\(more)")
        let lab = Lab(collections: [Lab.collection("c", 100, "Allow", [rule])])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443, names: blob) == "?")
        let denied = Lab(collections: [Lab.collection("c", 100, "Deny", [rule])])
        #expect(try denied.answer("10.1.1.4", "10.2.1.4", 6, 443, names: blob) == "-")
    }

    @Test func networkRulesComeBeforeApplicationRulesWhateverTheirPriority() throws {
        let lab = Lab(collections: [
            Lab.collection("web", 100, "Deny", [Lab.application("a", names: "*")]),
            Lab.collection("net", 900, "Allow", [Lab.network("n", to: "10.2.0.0/16", "TCP", "443")]),
        ])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443, names: blob) == "+n:g/net/n")
        #expect(try lab.answer("10.1.1.4", "10.3.1.4", 6, 443, names: blob) == "-a:g/web/a!")
    }

    /// The order of the vendor's own example: parent's groups, then the child's, within each kind.
    @Test func aBasePolicysRulesComeFirstWithinEachKind() throws {
        func net(_ name: String, _ action: String, _ ports: String) -> String {
            Lab.collection(name, 500, action, [Lab.network("r", "TCP", ports)])
        }
        let lab = Lab(
            firewall: Lab.reference("firewallPolicy", "firewallPolicies", "child"),
            resources: [
                Lab.policy("base", groups: ["late", "early"]), Lab.policy("child", base: "base", groups: ["own"]),
                Lab.group(
                    "base", "late", 900,
                    [
                        net("b2", "Deny", "1-3"),
                        Lab.collection("app", 100, "Allow", [Lab.application("r", names: "*", "Http:4,Https:5")]),
                    ]),
                Lab.group("base", "early", 300, [net("b1", "Allow", "1")]),
                Lab.group("child", "own", 100, [net("c1", "Allow", "1-4")]),
            ])
        let answers = try (1...6).map { try lab.answer("10.1.1.4", "10.2.1.4", 6, $0) }
        #expect(
            answers == [
                "+n:early/b1/r", "-n:late/b2/r", "-n:late/b2/r", "+n:own/c1/r", "+a:late/app/r!", "-",
            ])
    }

    @Test func groupsAndCollectionsAreAskedByPriorityAndRulesInTheOrderOfTheirNames() throws {
        let lab = Lab(
            firewall: Lab.reference("firewallPolicy", "firewallPolicies", "p"),
            resources: [
                Lab.policy("p", groups: ["x", "y"]),
                Lab.group("p", "x", 500, [Lab.collection("c", 100, "Deny", [Lab.network("r")])]),
                Lab.group(
                    "p", "y", 200,
                    [
                        Lab.collection("b", 300, "Deny", [Lab.network("r", "TCP", "1-2")]),
                        Lab.collection(
                            "a", 200, "Allow", [Lab.network("z", "TCP", "1"), Lab.network("y", "TCP", "1")]),
                    ]),
            ])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 1) == "+n:y/a/y")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 2) == "-n:y/b/r")
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 3) == "-n:x/c/r")
    }

    @Test func ruleNamesOfFQDNsNeedTheDNSProxy() throws {
        let rule = Lab.network("r", to: "", "TCP", "443", ",\"destinationFqdns\":[\"acct.blob.core.windows.net\"]")
        let collections = [Lab.collection("c", 100, "Allow", [rule])]
        let proxied = Lab(collections: collections, policy: "\"dnsSettings\":{\"enableProxy\":true}")
        #expect(try proxied.answer("10.1.1.4", "10.2.1.4", 6, 443, names: blob) == "+n:g/c/r")
        #expect(try proxied.answer("10.1.1.4", "10.2.1.4", 6, 443, names: ["b.blob.core.windows.net"]) == "-")
        #expect(try proxied.answer("10.1.1.4", "10.2.1.4", 6, 443) == "?")
        #expect(try Lab(collections: collections).answer("10.1.1.4", "10.2.1.4", 6, 443, names: blob) == "?")
    }

    @Test func ipGroupsStandForTheirAddresses() throws {
        let more = ",\"sourceIpGroups\":[\"\(TestNetwork.network("ipGroups", "Clients"))\"]"
        let collections = [
            Lab.collection("c", 100, "Allow", [Lab.network("r", from: "", to: "*", "TCP", "443", more)])
        ]
        let group = Lab.resource("ipGroups", "Clients", "\"ipAddresses\":[\"10.1.1.0/24\",\"10.7.0.1-10.7.0.9\"]")
        let lab = Lab(collections: collections, others: [group])
        #expect(try lab.answer("10.1.1.4", "10.2.1.4", 6, 443) == "+n:g/c/r")
        #expect(try lab.answer("10.7.0.9", "10.2.1.4", 6, 443) == "+n:g/c/r")
        #expect(try lab.answer("10.1.2.4", "10.2.1.4", 6, 443) == "-")
        #expect(try Lab(collections: collections).answer("10.1.1.4", "10.2.1.4", 6, 443) == "?")
        #expect(try Lab(collections: collections).answer("10.1.1.4", "10.2.1.4", 6, 22) == "-")
    }

    // MARK: What is nowhere

    private func problems(_ lab: Lab) throws -> [String] {
        try lab.topology().problems.map { "\(lastPart(of: $0.resource)) \($0.field): \($0.problem)" }
    }

    private func lastPart(of id: String) -> String { id.split(separator: "/").last.map(String.init) ?? "" }

    @Test func aBasePolicyThatTheExportLacksIsTold() throws {
        let group = Lab.group("p", "g", 200, [Lab.collection("c", 100, "Allow", [Lab.network("n")])])
        let policy = Lab.policy("p", base: "base", groups: ["g"])
        let here = Lab(
            firewall: FirewallLab.reference("firewallPolicy", "firewallPolicies", "p"), resources: [group, policy])
        var whole = here
        whole.resources.append(Lab.policy("base", groups: []))
        #expect(try problems(whole) == [])
        let told = try problems(here)
        #expect(told.count == 1, "\(told)")
        #expect(told.first?.hasPrefix("p basePolicy.id: is not in the export: /subscriptions") == true)
        #expect(told.first?.contains("/firewallpolicies/base;") == true)
    }

    @Test func ruleGroupsThatTheExportLacksAreToldOnceForEachPolicy() throws {
        let group = Lab.group("p", "g", 200, [Lab.collection("c", 100, "Allow", [Lab.network("n")])])
        func lab(_ groups: [String]) -> Lab {
            Lab(
                firewall: FirewallLab.reference("firewallPolicy", "firewallPolicies", "p"),
                resources: [group, Lab.policy("p", groups: groups)])
        }
        #expect(try problems(lab(["g"])) == [])
        let one = try problems(lab(["g", "gone"]))
        #expect(one.count == 1, "\(one)")
        #expect(one.first?.hasPrefix("p ruleCollectionGroups.id: is not in the export: /subscriptions") == true)
        #expect(one.first?.contains("/rulecollectiongroups/gone; ") == true)
        #expect(
            try problems(lab(["g", "gone", "lost"])).first?.contains("/rulecollectiongroups/gone and 1 more; ") == true)
    }

    @Test(arguments: [("sourceIpGroups", "from"), ("destinationIpGroups", "to")])
    func anIPGroupThatTheExportLacksIsToldAtItsRule(field: String, side: String) throws {
        let more = ",\"\(field)\":[\"\(TestNetwork.network("ipGroups", "Clients"))\"]"
        let rule = Lab.network("n", from: side == "from" ? "" : "*", to: side == "to" ? "" : "*", "TCP", "*", more)
        let collection = Lab.collection("c", 100, "Allow", [rule])
        let group = Lab.resource("ipGroups", "clients", "\"ipAddresses\":[\"10.1.1.0/24\"]")
        #expect(try problems(Lab(collections: [collection], others: [group])) == [])
        let told = try problems(Lab(collections: [collection]))
        #expect(told.count == 1, "\(told)")
        #expect(told.first?.hasPrefix("g g/c/n.\(field): is not in the export: /subscriptions") == true, "\(told)")
        #expect(told.first?.contains("/ipgroups/clients; whom the rule concerns is not known") == true)
    }
}
