import FlowModel
import Testing
import Topology

/// Remedies at a virtual hub: its subnets are the model's own, and no user route leads to its firewall [learn:
/// how-to-routing-policies, virtual-networks-udr-overview].
@Suite struct AuditVirtualHubTests {
    private typealias Network = TestNetwork

    /// A secured hub, a site by VPN, an endpoint in a connected VNet v1 and a machine in another, v2.
    private func network(policies: String?, hasIntent: Bool = true, via: String = ",\"via\":\"gw\"") -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "v1", ["10.1.0.0/16"], subnets: [Network.subnet("v1", "e", "10.1.2.0/24", policies: policies)])
        network.addNumbered(2)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        network.addHub("hub", 100, vnets: ["v1", "v2"], hasIntent: hasIntent)
        network.add("vpnGateways", "gw", "\"virtualHub\":{\"id\":\"\(Network.network("virtualHubs", "hub"))\"}")
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\"]\(via)}]}")
        return network
    }

    /// Everything that the audit says to do, in all its forms.
    private func words(_ audit: KeptAudit) -> String {
        let plan = audit.plan
        return (audit.lines + [audit.text, plan.routesText(), plan.shellScript(), plan.terraform()]).joined(
            separator: "\n")
    }

    @Test(arguments: ["Disabled", nil]) func withRoutingIntentTheEndpointsPolicyMendsWhatComesFromOnPremises(
        policies: String?
    ) throws {
        let documents = network(policies: policies).documents
        let before = try KeptAudit(documents)
        let site = try #require(before.pair("192.168.0.0/16", "/pe"))
        #expect(site.verdict != .inspected)
        #expect(site.remedy.map(\.kind) == [.setPolicies], "\(site)")
        #expect(site.remedy.first?.subnet == Network.subnetID("v1", "e").lowercased())
        let after = try before.mended(documents)
        #expect(before.faults(after: after) == [])
        #expect(after.isClean, "\(after.text)")
    }

    @Test(arguments: ["Disabled", "Enabled"], [true, false]) func noRemedyTouchesASubnetOfAHub(
        policies: String, hasIntent: Bool
    ) throws {
        let audit = try KeptAudit(network(policies: policies, hasIntent: hasIntent).documents)
        #expect(!words(audit).contains("rt-hub"), "\(words(audit))")
        #expect(audit.plan.sorted(.addRoute) == [])
        #expect(!audit.audit.routeTables.contains { $0.id.contains("hub") })
    }

    @Test func withoutRoutingIntentNothingIsProposedAtAHub() throws {
        var network = network(policies: "Disabled", hasIntent: false)
        network.addHubRoutes("hub", ["10.1.0.0/16"])
        let site = try #require(try KeptAudit(network.documents).pair("192.168.0.0/16", "/pe"))
        #expect(site.verdict == .bypassed && site.remedy.isEmpty, "\(site)")
        #expect(
            site.remedyNote
                == "virtual hub hub has no private routing intent that holds the private endpoint, and takes no route table"
        )
    }

    /// Any of the gateways may carry it: one change must do for all.
    @Test func everyHubWithAGatewayThatLeadsThereNeedsTheIntent() throws {
        var network = network(policies: "Disabled", via: "")
        network.addHub("other", 200, vnets: [], hasIntent: false)
        network.add("vpnGateways", "gw-2", "\"virtualHub\":{\"id\":\"\(Network.network("virtualHubs", "other"))\"}")
        let site = try #require(try KeptAudit(network.documents).pair("192.168.0.0/16", "/pe"))
        #expect(site.verdict == .broken && site.remedy.isEmpty)
        #expect(site.remedyNote?.hasPrefix("virtual hub other has no private routing intent") == true, "\(site)")
    }

    @Test func aGatewayOfAVNetBesideTheHubsLeavesNothingToPropose() throws {
        var network = network(policies: "Disabled", via: "")
        network.addVNet(
            "v5", ["10.5.0.0/16"], subnets: [Network.gatewaySubnet(5), Network.firewallSubnet(5)])
        network.addFirewall("fw5", "10.5.3.4", vnet: "v5")
        network.addGateway("gw5", vnet: "v5")
        network.add(
            "expressRouteGateways", "er", "\"virtualHub\":{\"id\":\"\(Network.network("virtualHubs", "hub"))\"}")
        network.addResource(connection("v5"))
        let site = try #require(try KeptAudit(network.documents).pair("192.168.0.0/16", "/pe"))
        #expect(site.remedy.isEmpty && site.remedyNote?.hasSuffix("no one change does for both") == true, "\(site)")
    }

    @Test func noUserRouteOfAConnectedVNetLeadsToTheHubsFirewall() throws {
        var network = network(policies: "Disabled")
        network.addVNet(
            "v3", ["10.3.0.0/16"],
            subnets: [
                Network.subnet("v3", "a", "10.3.1.0/24"), Network.subnet("v3", "e", "10.3.2.0/24"),
            ])
        network.addNIC("n3", "10.3.1.10", vnet: "v3", subnet: "a", machine: "m3")
        network.addPrivateEndpoint("pe3", "10.3.2.5", vnet: "v3", subnet: "e")
        network.addResource(connection("v3"))
        let audit = try KeptAudit(network.documents)
        let pair = try #require(audit.pair("v3/subnets/a", "/pe3"))
        #expect(pair.verdict == .bypassed && pair.remedy.isEmpty)
        #expect(
            pair.remedyNote
                == "the only firewall in reach stands in virtual hub hub: a user route's next hop must be reached directly, "
                + "not behind a virtual WAN")
        #expect(!words(audit).contains("10.100.0.132"), "\(words(audit))")
    }

    @Test func anotherFirewallThatIsReachedDirectlyIsTaken() throws {
        var network = network(policies: "Disabled")
        network.addVNet(
            "v3", ["10.3.0.0/16"],
            subnets: [
                Network.subnet("v3", "a", "10.3.1.0/24"), Network.subnet("v3", "e", "10.3.2.0/24"),
            ], peerings: [Network.peering(to: "v4")])
        network.addVNet(
            "v4", ["10.4.0.0/16"], subnets: [Network.firewallSubnet(4)], peerings: [Network.peering(to: "v3")])
        network.addFirewall("zfw", "10.4.3.4", vnet: "v4")
        network.addNIC("n3", "10.3.1.10", vnet: "v3", subnet: "a", machine: "m3")
        network.addPrivateEndpoint("pe3", "10.3.2.5", vnet: "v3", subnet: "e")
        network.addResource(connection("v3"))
        let documents = network.documents
        let before = try KeptAudit(documents)
        let pair = try #require(before.pair("v3/subnets/a", "/pe3"))
        #expect(pair.remedy.first { $0.kind == .addRoute }?.nextHop == "10.4.3.4", "\(pair)")
        #expect(before.faults(after: try before.mended(documents)) == [])
    }

    private func connection(_ vnet: String) -> String {
        """
        {"id":"\(Network.network("virtualHubs", "hub"))/hubVirtualNetworkConnections/\(vnet)","name":"\(vnet)",\
        "type":"Microsoft.Network/virtualHubs/hubVirtualNetworkConnections","properties":{\
        "remoteVirtualNetwork":{"id":"\(Network.network("virtualNetworks", vnet))"}}}
        """
    }
}
