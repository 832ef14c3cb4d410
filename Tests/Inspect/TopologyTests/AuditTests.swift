import FlowModel
import Foundation
import Testing
import Topology

/// Which pairs there are, what is said of each, and who could see it.
@Suite struct AuditTests {
    private typealias Network = TestNetwork
    private let lab = HubAndSpoke(seed: 1)

    private func audit(_ changes: HubAndSpoke.Changes = .init()) throws -> KeptAudit {
        try KeptAudit(lab.network(changes).documents)
    }

    @Test func theLabBypassesFromEverySubnetAndFromOnPremisesUnseen() throws {
        let audit = try audit()
        #expect(
            audit.pairs.map(\.clientSubnet) == [
                Network.subnetID("hub", "dns").lowercased(), lab.application,
                Network.subnetID("spoke", "data").lowercased(), "\(lab.site).0.0/16",
            ], "neither GatewaySubnet nor AzureFirewallSubnet, and on-premises by its prefix")
        #expect(audit.count(.bypassed) == 4)
        let application = try #require(audit.pair("spoke/subnets/app", "/pe"))
        #expect(application.why.contains("takes TCP past user route \(lab.spoke).2.0/24"))
        #expect(application.seenBy == [lab.application] && !application.isBlind && application.confidence == .high)
        let site = try #require(audit.pair("\(lab.site).0.0/16", "/pe"))
        #expect(site.seenBy.isEmpty && site.isBlind, "nobody logs what on-premises sends past the firewall")
    }

    @Test func theRemedyOfTheLabIsTheHostRouteOnTheClientsTable() throws {
        let pair = try #require(try audit().pair("spoke/subnets/app", "/pe"))
        let route = try #require(pair.remedy.first { $0.kind == .addRoute })
        #expect(route.routeTable == Network.network("routeTables", "rt-app").lowercased())
        #expect(route.prefix == "\(lab.endpoint)/32" && route.nextHop == lab.firewall && !route.createsTable)
        let translation = try #require(pair.remedy.first { $0.kind == .translate })
        #expect(!translation.isRequired, "client and firewall stand in different VNets: advised only")
        #expect(pair.remedy.count == 2)
        let dns = try #require(try audit().pair("hub/subnets/dns", "/pe"))
        #expect(dns.remedy.contains { $0.kind == .translate && $0.isRequired }, "one VNet: dropped without it")
        #expect(dns.remedy.contains { $0.createsTable && $0.subnet == Network.subnetID("hub", "dns").lowercased() })
    }

    @Test func whatTheOverlayDoesNotAskForIsListedAndDoesNotCount() throws {
        let rule = "{\"private_endpoints\":[\"*\"],\"from\":[\"\(lab.spoke).1.0/24\"],\"by\":[\"fw\"]}"
        let audit = try audit(.init(inspect: rule))
        #expect(audit.count(.bypassed) == 4)
        #expect(audit.pairs.filter(\.isOpen).map(\.clientSubnet) == [lab.application])
        let dns = try #require(audit.pair("hub/subnets/dns", "/pe"))
        #expect(dns.remedy.isEmpty && dns.remedyNote == "the overlay's inspect does not ask for it")
    }

    @Test func aSubnetThatHoldsPrivateEndpointsOnlyIsListedAndDoesNotCount() throws {
        let pair = try #require(try audit().pair("spoke/subnets/data", "/pe"))
        #expect(pair.verdict == .bypassed && !pair.counts && pair.remedy.isEmpty)
        #expect(pair.remedyNote == "the subnet holds private endpoints only: nothing there opens sessions")
        var network = lab.network()
        network.addNIC("beside", "\(lab.spoke).2.250", vnet: "spoke", subnet: "data", mac: "00-0D-3A-00-00-08")
        #expect(try KeptAudit(network.documents).pair("spoke/subnets/data", "/pe")?.counts == true)
        // Scale sets and application gateways have no NIC that an export lists (topology exports, 17).
        let text = lab.network().documents.map { String(decoding: $0.bytes, as: UTF8.self) }
        let id =
            "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/virtualMachineScaleSets/v/virtualMachines/0"
        let documents = text.map {
            $0.replacing(
                "\"addressPrefix\":\"\(lab.spoke).2.0/24\",\"privateEndpoint",
                with:
                    "\"ipConfigurations\":[{\"id\":\"\(id)/networkInterfaces/n/ipConfigurations/c\"}],\"addressPrefix\":"
                    + "\"\(lab.spoke).2.0/24\",\"privateEndpoint")
        }.enumerated().map { TopologyDocument(name: "\($0.offset)", bytes: Array($0.element.utf8)) }
        #expect(try KeptAudit(documents).pair("spoke/subnets/data", "/pe")?.counts == true)
    }

    @Test func aPendingConnectionIsBrokenAndNoRouteMendsIt() throws {
        let audit = try audit(.init(status: "Pending"))
        #expect(audit.pairs.allSatisfy { $0.remedy.isEmpty })
        let pair = try #require(audit.pair("spoke/subnets/app", "/pe"))
        #expect(pair.verdict == .broken && pair.isOpen)
        #expect(pair.remedyNote == "the private endpoint's connection is not approved: no route mends that")
    }

    @Test(arguments: [(false, 3), (true, 2)])
    func onlyWhatAFlowLogCoversIsSeenByTheClient(hasFlowLogs: Bool, seen: Int) throws {
        // The flow log of the lab covers the spoke; without any, every log counts as on.
        let audit = try audit(.init(hasFlowLogs: hasFlowLogs))
        #expect(audit.pairs.count { !$0.seenBy.isEmpty } == seen)
        #expect(audit.pairs.filter(\.isBlind).count == 4 - seen)
    }

    @Test func oneLoggedNICOfASubnetIsNamedItself() throws {
        var network = lab.network()
        network.addFlowLog("nic-log", target: Network.network("networkInterfaces", "backup-nic"))
        let pair = try #require(try KeptAudit(network.documents).pair("spoke/subnets/app", "/pe"))
        #expect(pair.seenBy == [Network.network("networkInterfaces", "backup-nic").lowercased()])
    }

    @Test func subnetsOfThePlatformAndOfAppliancesAreNoClients() throws {
        var network = TestNetwork()
        let names = [
            "GatewaySubnet", "AzureFirewallSubnet", "RouteServerSubnet", "AzureBastionSubnet", "nva", "mixed", "app",
        ]
        network.addVNet(
            "v", ["10.1.0.0/16"],
            subnets: names.enumerated().map { Network.subnet("v", $0.element, "10.1.\($0.offset).0/24", table: "t") })
        network.addTable("t", [Network.route("10.9.0.0/16", "VirtualAppliance", "10.1.4.4")])
        network.addNIC("nva", "10.1.4.4", vnet: "v", subnet: "nva", forwards: true)
        network.addNIC("nva-2", "10.1.5.4", vnet: "v", subnet: "mixed", mac: "00-0D-3A-00-00-09")
        network.addPrivateEndpoint("pe", "10.1.6.4", vnet: "v", subnet: "app")
        let clients = try KeptAudit(network.documents).pairs.map { $0.clientSubnet.split(separator: "/").last }
        #expect(clients == ["app", "mixed"])
    }

    @Test func anotherRoutingDomainHasNoPairsWithThisOne() throws {
        var network = lab.network()
        network.addVNet("alone", ["10.0.0.0/8"], subnets: [Network.subnet("alone", "app", "10.9.1.0/24")])
        let audit = try KeptAudit(network.documents)
        #expect(audit.pairs.count == 4 && audit.audit.pairCount == 4)
    }

    @Test func withoutAFirewallInReachNothingIsProposed() throws {
        var network = TestNetwork()
        network.addVNet("v", ["10.1.0.0/16"], subnets: [Network.subnet("v", "app", "10.1.1.0/24")])
        network.addPrivateEndpoint("pe", "10.1.1.4", vnet: "v", subnet: "app")
        let pair = try #require(try KeptAudit(network.documents).pairs.first)
        #expect(pair.verdict == .bypassed && pair.remedy.isEmpty)
        #expect(pair.remedyNote?.hasPrefix("no firewall or inspecting appliance is in reach") == true)
    }

    @Test func anEndpointWithoutAddressIsUnknownAndSaysWhy() throws {
        var network = lab.network()
        network.add("privateEndpoints", "bare", "\"subnet\":{\"id\":\"\(Network.subnetID("spoke", "data"))\"}")
        let pair = try #require(try KeptAudit(network.documents).pair("spoke/subnets/app", "/bare"))
        #expect(pair.verdict == .unknown && pair.why == "the address of bare is not in the export" && !pair.isBlind)
    }

    @Test func theReportHasEveryKeyOfTheContractAndIsOneJSONObject() throws {
        let topology = try lab.network().topology()
        let audit = Audit(topology: topology)
        var report = AuditReport(audit: audit)
        var bytes: [UInt8] = []
        audit.forEachPair {
            report.add($0)
            bytes += report.take()
        }
        report.finish()
        bytes += report.take()
        let value = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(Set(value.keys) == ["pairs", "problems", "not_understood", "route_tables"])
        let pairs = try #require(value["pairs"] as? [[String: Any]])
        #expect(pairs.count == 4)
        let contract = [
            "client_subnet", "private_endpoint", "verdict", "why", "seen_by", "blind", "confidence", "rests_on",
            "remedy",
        ]
        for pair in pairs { #expect(Set(pair.keys).isSuperset(of: contract)) }
        let routes = try #require(pairs.first?["remedy"] as? [[String: Any]])
        #expect(!routes.isEmpty)
        for route in routes { #expect(Set(route.keys).isSuperset(of: ["route_table", "prefix", "next_hop"])) }
    }

    @Test func theTextTellsCountsReasonsAndWhatToDo() throws {
        let text = try audit().text
        for part in [
            "3 pairs of 3 clients and 1 private endpoints: 3 bypassed, 0 broken, 0 unknown, 0 inspected; 1 in no log that is on",
            "pe \(lab.endpoint) (spoke/data)", "hq \(lab.site).0.0/16", "[blind]",
            "3 pairs can be mended by 3 routes in 3 route tables (1 new), translation at fw", "1 pair not shown",
        ] {
            #expect(text.contains(part), "\(part)\n\(text)")
        }
    }
}
