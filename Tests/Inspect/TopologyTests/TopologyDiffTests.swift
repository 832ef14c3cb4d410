import FlowModel
import Testing
import Topology

private typealias Version = (topology: Topology, resources: [String: ResourceSummary])

private func version(_ network: TestNetwork, reversed: Bool = false) throws -> Version {
    var resources = ResourceSet()
    for document in reversed ? network.documents.reversed() : network.documents { try resources.add(document) }
    return (try Topology(resources), resources.summaries)
}

@Suite struct TopologyDiffTests {
    private let lab = HubAndSpoke(seed: 7)

    @Test func theSameResourcesInAnyOrderDiffInNothing() throws {
        let diff = TopologyDiff(from: try version(lab.network()), to: try version(lab.network(), reversed: true))
        #expect(diff.isEmpty)
        #expect(diff.pairs.isEmpty && diff.pairsCompared == 0)
    }

    @Test func aRouteForThePrivateEndpointChangesThePathOfItsPairs() throws {
        var changes = HubAndSpoke.Changes()
        changes.extraRoutes.append(TestNetwork.route("\(lab.endpoint)/32", "VirtualAppliance", lab.firewall))
        let diff = TopologyDiff(from: try version(lab.network()), to: try version(lab.network(changes)))
        #expect(diff.added.isEmpty && diff.removed.isEmpty)
        #expect(diff.changed.map(\.id) == [TestNetwork.network("routeTables", "rt-app").lowercased()])
        #expect(diff.pairs.count == 1)
        #expect(diff.pairs.first == TopologyDiff.Pair(clientSubnet: lab.application, privateEndpoint: lab.endpointID))
        #expect(diff.pairsCompared == 1, "only the subnets of the table are looked at")
        let back = TopologyDiff(from: try version(lab.network(changes)), to: try version(lab.network()))
        #expect(back.pairs == diff.pairs)
    }

    @Test func aResourceThatTurnsNoPacketChangesNoPair() throws {
        var network = lab.network()
        network.addVNet("a-island", ["10.250.0.0/16"], subnets: [])
        let diff = TopologyDiff(from: try version(lab.network()), to: try version(network))
        #expect(diff.added.map(\.type) == ["microsoft.network/virtualnetworks"])
        #expect(diff.changed.isEmpty && diff.pairs.isEmpty && !diff.isCut)
        let back = TopologyDiff(from: try version(network), to: try version(lab.network()))
        #expect(back.removed == diff.added)
    }

    @Test func oneDocumentOfASetGivesTheSameTopology() throws {
        var resources = ResourceSet()
        for document in lab.network().documents { try resources.add(document) }
        var copy = ResourceSet()
        try copy.add(resources.document(named: "stored"))
        #expect(copy.digest == resources.digest && !copy.digest.isEmpty)
        #expect(copy.summaries == resources.summaries)
        #expect(try Topology(copy).version == resources.digest)
    }
}
