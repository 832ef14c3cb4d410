import Testing
import Topology

/// How texts for people call what problems name.
@Suite struct ProblemNameTests {
    private typealias Network = TestNetwork

    /// Two VNets with a subnet of one name, each with a table that the export lacks, and peerings that nobody answers.
    private func network() -> TestNetwork {
        var network = TestNetwork()
        for vnet in ["Hub", "Spoke"] {
            network.addVNet(
                vnet, [vnet == "Hub" ? "10.1.0.0/16" : "10.2.0.0/16"],
                subnets: [
                    Network.subnet(vnet, "App", vnet == "Hub" ? "10.1.1.0/24" : "10.2.1.0/24", table: "gone")
                ], peerings: [Network.peering(to: "Outside")])
        }
        network.addTable("RT", [Network.route("10.300.0.0/16", "None")])
        return network
    }

    /// Of the map's table and of the audit's.
    private func lines(_ topology: Topology) -> [[String]] {
        let audit = Audit(topology: topology)
        var table = AuditTable(audit: audit)
        return [topology.map().table(), table.text(plan: RemedyPlan(audit: audit))].map {
            $0.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.map(String.init)
        }
    }

    @Test func aChildGoesByItsParentsName() throws {
        for lines in lines(try network().topology()) {
            for name in ["Hub/App", "Spoke/App", "Hub/to-Outside", "Spoke/to-Outside", "RT"] {
                #expect(
                    lines.count { $0.hasPrefix("\(name): ") || $0.hasPrefix("\(name) ") } == 1, "\(name) in \(lines)")
            }
        }
    }

    @Test func whatHasItsNameFromTwoGroupsGoesByItsId() throws {
        var network = network()
        let twin = try #require(network.resources.first { $0.contains("/virtualNetworks/Spoke\"") })
        network.addText(twin.replacing("/RG-net/", with: "/other/").replacing("/RG-NET/", with: "/OTHER/"))
        for lines in lines(try network.topology()) {
            for group in ["rg-net", "other"] {
                let id = "/resourcegroups/\(group)/providers/microsoft.network/virtualnetworks/spoke/subnets/app"
                #expect(lines.count { $0.hasPrefix("/subscriptions/") && $0.contains("\(id)") } == 1, "\(lines)")
            }
            #expect(lines.contains { $0.hasPrefix("Hub/App") } && !lines.contains { $0.hasPrefix("Spoke/App") })
        }
    }

    @Test func aFileGoesByItsPath() throws {
        let page = "{\"value\":[\(network().resources[0])],\"nextLink\":\"https://example.com/2\"}"
        let topology = try Topology(
            documents: ["east/list.json", "west/list.json"].map {
                TopologyDocument(name: $0, bytes: Array(page.utf8))
            })
        for lines in lines(topology) {
            for name in ["east/list.json", "west/list.json"] {
                #expect(lines.contains { $0.hasPrefix(name) }, "\(name) in \(lines)")
            }
        }
    }
}
