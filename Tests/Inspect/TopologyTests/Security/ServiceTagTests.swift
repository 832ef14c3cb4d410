import FlowModel
import Testing
import Topology

/// What the tags and application security groups of rules stand for.
@Suite struct ServiceTagTests {
    private typealias Rule = SecurityLab

    @Test(arguments: [
        // Route of the subnet, address asked for, what the default outbound rules say.
        ("10.9.0.0/16", "VirtualAppliance", "10.9.1.4", "+AllowVnetOutBound"),
        ("0.0.0.0/0", "VirtualAppliance", "10.9.1.4", "+AllowVnetOutBound"),
        ("0.0.0.0/0", "VirtualAppliance", "20.50.1.1", "+AllowVnetOutBound"),
        ("10.8.0.0/16", "VirtualAppliance", "10.9.1.4", "-DenyAllOutBound"),
        ("10.9.0.0/16", "VirtualNetworkGateway", "10.9.1.4", "+AllowVnetOutBound"),
        ("10.9.0.0/16", "None", "10.9.1.4", "?"),
    ])
    func prefixesOfUserRoutesBelongToVirtualNetwork(prefix: String, hop: String, to: String, expected: String) throws {
        let route = TestNetwork.route(prefix, hop, hop == "VirtualAppliance" ? "10.0.1.4" : nil)
        #expect(try SecurityLab(routes: [route]).verdicts("10.1.1.4", to) == expected)
    }

    @Test func aDefaultRouteToAnApplianceMakesADenyOfVirtualNetworkADenyOfAll() throws {
        let deny = Rule.rule("isolate", 100, "Outbound", "Deny", to: "VirtualNetwork")
        #expect(try SecurityLab(rules: [deny]).verdicts("10.1.1.4", "20.50.1.1") == "+AllowInternetOutBound")
        let routed = SecurityLab(
            rules: [deny], routes: [TestNetwork.route("0.0.0.0/0", "VirtualAppliance", "10.0.1.4")])
        #expect(try routed.verdicts("10.1.1.4", "20.50.1.1") == "-isolate")
    }

    @Test func whetherInternetHoldsWhatARouteBringsIsNotKnown() throws {
        let deny = Rule.rule("no-internet", 4000, "Outbound", "Deny", to: "Internet")
        #expect(try SecurityLab(rules: [deny]).verdicts("10.1.1.4", "20.50.1.1") == "-no-internet")
        let routed = SecurityLab(
            rules: [deny], routes: [TestNetwork.route("0.0.0.0/0", "VirtualAppliance", "10.0.1.4")])
        #expect(try routed.verdicts("10.1.1.4", "20.50.1.1") == "?")
        #expect(try routed.verdicts("10.1.1.4", "10.1.3.4") == "+AllowVnetOutBound")
    }

    @Test func onPremisesRangesBelongToVirtualNetworkWhereAGatewayLeadsThere() throws {
        var lab = SecurityLab(hasGateway: true)
        #expect(try lab.verdicts("10.1.1.4", "10.200.1.1") == "?")  // what the gateway learns is not known
        lab.onPremises = "{\"name\":\"dc\",\"prefixes\":[\"10.200.0.0/16\"]}"
        #expect(try lab.verdicts("10.1.1.4", "10.200.1.1") == "+AllowVnetOutBound")
        #expect(try lab.verdicts("10.200.1.1", "10.1.1.4") == "+AllowVnetInBound")
        #expect(try lab.verdicts("10.1.1.4", "10.201.1.1") == "-DenyAllOutBound")
        lab.hasGateway = false
        #expect(try lab.verdicts("10.1.1.4", "10.200.1.1") == "-DenyAllOutBound")
    }

    @Test func whatIsTakenToBeOnPremisesIsInTheTagWhereThereIsAGateway() throws {
        var flow = SecurityFlow(
            source: try SecurityLab.side("10.1.1.4"), destination: try SecurityLab.side("10.200.1.1"), ipProtocol: 6,
            port: 443)
        flow.destination.isOnPremises = true
        let behindGateway = try SecurityLab(hasGateway: true).topology().securityChecks(flow)
        #expect(behindGateway.map(\.verdict) == [.allowed(rule: "AllowVnetOutBound", note: nil)])
        #expect(try SecurityLab().topology().securityChecks(flow).denial != nil)
    }

    @Test func aPeeringWithoutAccessLeavesItsRangesOut() throws {
        #expect(try SecurityLab(hasAccessToHub: true).verdicts("10.1.1.4", "10.0.7.7") == "+AllowVnetOutBound")
        #expect(try SecurityLab(hasAccessToHub: false).verdicts("10.1.1.4", "10.0.7.7") == "-DenyAllOutBound")
    }

    @Test(arguments: [
        ("20.50.1.1", "?"), ("10.9.1.4", "-DenyAllOutBound"), ("10.1.3.4", "+AllowVnetOutBound"),
        ("10.0.7.7", "+AllowVnetOutBound"),
    ])
    func tagsOfServicesHoldPublicAddressesOnly(to: String, expected: String) throws {
        let lab = SecurityLab(rules: [
            Rule.rule("r", 100, "Outbound", "Deny", to: "Sql"), Rule.rule("s", 110, "Outbound", "Allow", to: "Storage"),
        ])
        #expect(try lab.verdicts("10.1.1.4", to) == expected)
    }

    @Test(arguments: [
        ("168.63.129.16", "*", "+none"), ("168.63.129.16", "AzurePlatformDNS", "-r"), ("169.254.169.254", "*", "+none"),
        ("169.254.169.254", "AzurePlatformDNS", "+none"), ("169.254.169.254", "AzurePlatformIMDS", "-r"),
    ])
    func theHostsOwnServicesObeyTheirOwnTagsOnly(to: String, tag: String, expected: String) throws {
        let lab = SecurityLab(rules: [Rule.rule("r", 100, "Outbound", "Deny", to: tag)])
        #expect(try lab.verdicts("10.1.1.4", to) == (expected == "+none" ? "+platform service" : expected))
    }

    @Test(arguments: [
        // Groups of the client, of the server, and the verdict on what the client sends to the server.
        (["web"], ["db"], "-r +AllowVnetInBound"), (["web"], ["web"], "+AllowVnetOutBound +AllowVnetInBound"),
        ([], ["db"], "+AllowVnetOutBound +AllowVnetInBound"), (["x", "web"], ["y", "db"], "-r +AllowVnetInBound"),
    ])
    func applicationGroupsMatchByMembership(client: [String], server: [String], expected: String) throws {
        #expect(try lab(client: client, server: server).verdicts("10.1.1.4", "10.1.1.5") == expected)
    }

    @Test func anAddressWithoutNICMayBeAMember() throws {
        let lab = lab(client: ["web"], server: [])
        #expect(try lab.verdicts("10.1.1.4", "10.1.1.9").hasPrefix("?"))
        #expect(try lab.verdicts("10.1.1.4", "20.50.1.1") == "+AllowInternetOutBound")
        #expect(try lab.verdicts("10.1.1.4", "10.0.1.4") == "+AllowVnetOutBound")
    }

    private func lab(client: [String], server: [String]) -> SecurityLab {
        let extra =
            ",\"sourceApplicationSecurityGroups\":[{\"id\":\"\(SecurityLab.group("WEB"))\"}],"
            + "\"destinationApplicationSecurityGroups\":[{\"id\":\"\(SecurityLab.group("db"))\"}]"
        let rule = Rule.rule("r", 100, "Outbound", "Deny", from: "", to: "", extra: extra)
        return SecurityLab(rules: [rule], groupsOfClient: client, groupsOfServer: server)
    }
}
