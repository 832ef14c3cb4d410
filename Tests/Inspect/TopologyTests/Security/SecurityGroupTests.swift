import FlowModel
import Testing
import Topology

/// Rules of network security groups against flows. The client 10.1.1.4 and the server 10.1.1.5 are in one subnet, so a
/// flow between the two passes its group twice; one that leaves the subnet passes it once.
@Suite struct SecurityGroupTests {
    private typealias Rule = SecurityLab

    @Test(arguments: [
        // Azure's default rules, which the export leaves out.
        ("10.1.1.4", "10.1.1.5", "+AllowVnetOutBound +AllowVnetInBound"),
        ("10.1.1.4", "10.0.7.7", "+AllowVnetOutBound"),  // peered
        ("10.1.1.4", "20.50.1.1", "+AllowInternetOutBound"),
        ("10.1.1.4", "10.9.1.4", "-DenyAllOutBound"),  // private, not peered: neither tag holds it
        ("20.50.1.1", "10.1.1.4", "-DenyAllInBound"),
        ("10.0.7.7", "10.1.1.4", "+AllowVnetInBound"),
        ("10.9.1.4", "10.1.1.4", "-DenyAllInBound"),
        ("168.63.129.16", "10.1.1.4", "+AllowVnetInBound"),
        ("fd00:1::4", "fd00:1::4", "+AllowVnetOutBound +AllowVnetInBound"),
    ])
    func azuresDefaultRulesAreAdded(from: String, to: String, expected: String) throws {
        #expect(try SecurityLab().verdicts(from, to) == expected)
    }

    @Test func defaultRulesOfTheExportWinOverThoseAdded() throws {
        let written = Rule.rule("AllowVnetOutBound", 65100, "Outbound", "Deny")
        #expect(try SecurityLab(defaults: "[\(written)]").verdicts("10.1.1.4", "10.0.7.7") == "-AllowVnetOutBound")
        #expect(try SecurityLab(defaults: "[\(written)]").verdicts("10.0.7.7", "10.1.1.4") == "+AllowVnetInBound")
    }

    @Test(arguments: [
        // What the rule denies of TCP and UDP to 10.0.7.7; port 443, and whatever else is asked.
        ("Tcp", "*", "10.0.7.0/24", "443", Int16(6), 443, "-r"),
        ("Tcp", "*", "10.0.7.0/24", "443", 6, 444, "+AllowVnetOutBound"),
        ("Tcp", "*", "10.0.7.0/24", "443", 17, 443, "+AllowVnetOutBound"),
        ("tcp", "10.1.1.4", "10.0.7.7", "440-450", 6, 443, "-r"),
        ("Tcp", "10.1.1.4", "10.0.7.7", "80,440-450", 6, 443, "-r"),
        ("Tcp", "10.1.1.4", "10.0.7.7", "80,90-100", 6, 443, "+AllowVnetOutBound"),
        ("Tcp", "10.1.9.0/24,10.1.1.0/24", "10.5.0.0/16,10.0.7.0/24", "*", 6, 443, "-r"),
        ("Tcp", "10.1.9.0/24,10.1.2.0/24", "10.5.0.0/16,10.0.7.0/24", "*", 6, 443, "+AllowVnetOutBound"),
        ("Icmp", "*", "*", "*", 1, nil, "-r"),
        ("Icmp", "*", "*", "*", 6, nil, "+AllowVnetOutBound"),
        ("*", "*", "*", "*", 50, nil, "-r"), ("Esp", "*", "*", "*", 50, nil, "-r"),
        ("Ah", "*", "*", "*", 50, nil, "+AllowVnetOutBound"),
        ("Any", "0.0.0.0/0", "Any", "*", 17, 53, "-r"),
        ("Tcp", "*", "::/0", "*", 6, 443, "+AllowVnetOutBound"),  // IPv6 only
        ("Tcp", "VirtualNetwork", "VirtualNetwork", "*", 6, 443, "-r"),
        ("Tcp", "*", "Internet", "*", 6, 443, "+AllowVnetOutBound"),
        ("Tcp", "*", "Storage", "*", 6, 443, "+AllowVnetOutBound"),  // public addresses only
        ("Tcp", "*", "Storage.WestEurope,10.0.7.7", "*", 6, 443, "-r"),
        ("*", "*", "*", "443", 1, nil, "?"),  // ports of a protocol that has none
    ])
    func aDenyMatchesByProtocolAddressesAndPorts(
        ipProtocol: String, from: String, to: String, ports: String, asked: Int16, port: Int?, expected: String
    ) throws {
        let lab = SecurityLab(rules: [
            Rule.rule("r", 100, "Outbound", "Deny", ipProtocol, from: from, to: to, ports: ports)
        ])
        #expect(try lab.verdicts("10.1.1.4", "10.0.7.7", asked, port) == expected)
    }

    @Test func theLowestPriorityNumberDecidesInWhateverOrderTheyStand() throws {
        let rules = [
            Rule.rule("late", 300, "Outbound", "Deny"), Rule.rule("first", 100, "Outbound", "Deny", ports: "22"),
            Rule.rule("inbound", 90, "Inbound", "Deny"), Rule.rule("second", 200, "Outbound", "Allow", ports: "20-500"),
        ]
        for rules in [rules, rules.reversed()] {
            let lab = SecurityLab(rules: rules)
            #expect(try lab.verdicts("10.1.1.4", "10.0.7.7", 6, 22) == "-first")
            #expect(try lab.verdicts("10.1.1.4", "10.0.7.7", 6, 443) == "+second")
            #expect(try lab.verdicts("10.1.1.4", "10.0.7.7", 6, 3389) == "-late")
        }
    }

    @Test(arguments: [
        ([("Deny", "22")], "+AllowVnetOutBound (not for ports 22)"),
        ([("Allow", "443"), ("Deny", "*")], "+r0 (for ports 443 only)"),
        ([("Deny", "0-100"), ("Deny", "101-65535")], "-r0"),
        ([("Deny", "0-100"), ("Deny", "102-65535")], "+AllowVnetOutBound (for ports 101 only)"),
        ([("Deny", "*")], "-r0"), ([("Allow", "*")], "+r0"),
    ])
    func anyPortIsDeniedOnlyWhereEveryPortIs(rules: [(String, String)], expected: String) throws {
        let lab = SecurityLab(
            rules: rules.enumerated().map {
                Rule.rule("r\($0.offset)", 100 + $0.offset, "Outbound", $0.element.0, ports: $0.element.1)
            })
        #expect(try lab.verdicts("10.1.1.4", "10.0.7.7") == expected)
    }

    @Test func rulesAsOwnResourcesAreMergedWithThoseInside() throws {
        var lab = SecurityLab(rules: [Rule.rule("web", 100, "Outbound", "Deny", ports: "443")])
        lab.ownRules = [
            ("web", Rule.properties(100, "Outbound", "Deny", "*", "*", "*", "443")),
            ("ssh", Rule.properties(110, "Outbound", "Deny", "*", "*", "*", "22")),
        ]
        #expect(try lab.verdicts("10.1.1.4", "10.0.7.7") == "+AllowVnetOutBound (not for ports 22, 443)")
        lab.isGroupExported = false
        let topology = try lab.topology()
        #expect(topology.problems.filter { $0.problem == "its network security group is not in the export" }.count == 2)
        #expect(try lab.verdicts("10.1.1.4", "10.0.7.7") == "!")
    }

    @Test func theGroupsOfSubnetAndNICMustBothAllow() throws {
        var lab = SecurityLab(interfaceRules: [Rule.rule("nic", 100, "Outbound", "Deny", to: "10.0.7.7")])
        #expect(try lab.verdicts("10.1.1.4", "10.0.7.7") == "-nic +AllowVnetOutBound")
        #expect(try lab.verdicts("10.0.7.7", "10.1.1.4") == "+AllowVnetInBound +AllowVnetInBound")
        let checks = try lab.checks("10.0.7.7", "10.1.1.4")
        #expect(checks.map(\.isAtInterface) == [false, true] && checks.map(\.groupName) == ["apps-nsg", "nic-nsg"])
        lab.interfaceRules = [Rule.rule("all", 100, "Inbound", "Deny")]
        #expect(try lab.checks("10.1.1.5", "10.1.1.4").denial?.groupName == "nic-nsg")
        #expect(try lab.checks("10.1.1.4", "10.1.1.5").denial == nil)
    }

    @Test func aMissingGroupIsSaidToBeMissingAndNothingElse() throws {
        let lab = SecurityLab(isGroupExported: false)
        let checks = try lab.checks("10.1.1.4", "10.0.7.7")
        #expect(checks.map(\.verdict) == [.notInExport] && checks.denial == nil && checks.doubt == checks.first)
        #expect(
            checks[0].sentence(at: "spoke/apps") == "NSG apps-nsg (outbound at subnet spoke/apps) is not in the export")
    }

    @Test func noGroupCountsAtPlatformSubnets() throws {
        let lab = SecurityLab(rules: [
            Rule.rule("all", 100, "Inbound", "Deny"), Rule.rule("out", 100, "Outbound", "Deny"),
        ])
        #expect(try lab.checks("10.0.1.4", "20.50.1.1").isEmpty)
        #expect(try lab.verdicts("10.0.1.4", "10.1.1.4") == "-all")
    }

    @Test(arguments: [
        ("Enabled", "-all"), ("NetworkSecurityGroupEnabled", "-all"), ("Disabled", ""), ("RouteTableEnabled", ""),
        (nil, "?"),
    ])
    func aPrivateEndpointObeysGroupsWhereItsSubnetSaysSo(policies: String?, expected: String) throws {
        let lab = SecurityLab(endpointRules: [Rule.rule("all", 100, "Inbound", "Deny")], policies: policies)
        #expect(try lab.verdicts("10.0.7.7", "10.1.3.4", 6, 443) == expected)
        let open = SecurityLab(endpointRules: [Rule.rule("all", 100, "Inbound", "Allow")], policies: policies)
        #expect(try open.verdicts("10.0.7.7", "10.1.3.4", 6, 443) == (expected.isEmpty ? "" : "+all"))
    }

    @Test func aRuleThatCannotBeReadIsReportedAndMayMatch() throws {
        let lab = SecurityLab(rules: [
            Rule.rule("t", 100, "Outbound", "Deny", to: "[parameters('range')]"),
            Rule.rule("p", 110, "Inbound", "Deny", ports: "[parameters('port')]"),
            Rule.rule("z", 0, "Inbound", "Deny", "Icmp"),
        ])
        #expect(try lab.verdicts("10.0.7.7", "10.1.1.4", 1) == "?")
        #expect(try lab.verdicts("10.1.1.4", "10.0.7.7", 6, 443) == "?")
        #expect(try lab.verdicts("10.0.7.7", "10.1.1.4", 6, 443) == "?")
        #expect(try lab.topology().problems.contains { $0.field == "securityRules.p.destinationPortRange" })
    }

    @Test func aRuleInDoubtDecidesNothingWhereTheRestSaysTheSame() throws {
        let source = ",\"sourcePortRange\":\"1000-2000\""
        let denies = SecurityLab(rules: [Rule.rule("s", 100, "Outbound", "Deny", extra: source)])
        #expect(try denies.verdicts("10.1.1.4", "10.0.7.7", 6, 443) == "?")
        let allows = SecurityLab(rules: [Rule.rule("s", 100, "Outbound", "Allow", extra: source)])
        #expect(try allows.verdicts("10.1.1.4", "10.0.7.7", 6, 443) == "+AllowVnetOutBound")
        #expect(try allows.verdicts("10.1.1.4", "10.9.1.4", 6, 443) == "?")
    }

    @Test func aThousandRulesAreJudgedQuickly() throws {
        let rules = (0..<1000).map { index in
            Rule.rule(
                "r\(index)", 100 + index, "Outbound", "Deny", "Tcp", to: "10.\(index % 250).\(index / 250).0/24",
                ports: "80,443,\(1000 + index)")
        }
        let topology = try SecurityLab(rules: rules).topology()
        let flow = SecurityFlow(
            source: try SecurityLab.side("10.1.1.4"), destination: try SecurityLab.side("10.0.200.7"), ipProtocol: 6,
            port: 443)
        let clock = ContinuousClock()
        let time = clock.measure {
            for _ in 0..<20 { #expect(topology.securityChecks(flow).denial == nil) }
        }
        // A guard against reading texts anew for each rule, wide enough for a debug build on a busy machine.
        #expect(time < .seconds(20))
    }
}
