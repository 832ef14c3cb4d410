import FlowModel
import Testing
import Topology

struct DrawnPathTests {
    private let lab = HubAndSpoke(seed: 5)

    private func map(_ from: String, _ to: String, _ changes: HubAndSpoke.Changes = .init()) throws -> TopologyMap {
        let topology = try lab.network(changes).topology()
        return topology.map(
            from: try topology.place(from), to: try topology.place(to), ipProtocol: IPProtocol.tcp, port: 443)
    }

    private func steps(_ way: String, _ hops: [Hop]) -> [String] {
        zip(hops, hops.dropFirst()).map { "\(way): \($0.name) → \($1.kind == .drop ? "✕ " : "")\($1.name)" }
    }

    private func sessions() -> [(from: String, to: String)] {
        [
            (lab.machine, lab.endpoint), (lab.machine, lab.dns), (lab.client, lab.machine), (lab.client, lab.backup),
            (lab.machine, "203.0.113.9"), (lab.client, lab.endpoint), (lab.dns, lab.endpoint),
        ]
    }

    @Test func theStepsDrawnAreTheHopsOfTheExplanation() throws {
        for (from, to) in sessions() {
            for isFixed in [false, true] {
                let topology = try lab.network(.init(isFixed: isFixed)).topology()
                let answer = topology.explain(
                    from: try topology.place(from), to: try topology.place(to), ipProtocol: IPProtocol.tcp, port: 443)
                let drawing = try #require(DrawnDocument(try map(from, to, .init(isFixed: isFixed)).svg()))
                // Later lines lie over earlier ones: they are written last to first.
                #expect(
                    drawing.all("forward").filter { !$0.title.isEmpty }.map(\.title).reversed()
                        == steps("forward", answer.forward))
                #expect(
                    drawing.all("return").filter { !$0.title.isEmpty }.map(\.title).reversed()
                        == steps("return", answer.back))
                #expect(
                    drawing.all("cross").count - 1 == (answer.forward + answer.back).filter { $0.kind == .drop }.count)
            }
        }
    }

    @Test func everyHopIsMarkedAndNothingElse() throws {
        for (from, to) in sessions() {
            let map = try map(from, to)
            let way = try #require(map.way)
            let drawing = try #require(DrawnDocument(map.svg()))
            let marked = drawing.elements.filter {
                $0.name == "g" && $0.classes.contains("on-path") && !$0.classes.contains("box")
            }
            let spots = Set((way.forward + way.back).compactMap(\.spot))
            #expect(marked.count == spots.count, "\(from) \(to)")
        }
    }

    @Test func theCaptionHoldsTheVerdicts() throws {
        let drawing = try #require(DrawnDocument(try map(lab.machine, lab.endpoint).svg()))
        let caption = drawing.texts(in: "caption").joined(separator: " ")
        #expect(caption.contains("\(lab.machine) → \(lab.endpoint), tcp 443"))
        #expect(caption.contains("works: yes: ") && caption.contains("inspected: no"))
        #expect(caption.contains("forward: app-vm → pe"))
    }

    @Test func aDropIsACrossWhereThePacketsDie() throws {
        let changes = HubAndSpoke.Changes(extraRoutes: [TestNetwork.route("203.0.113.0/24", "None")])
        let map = try map(lab.machine, "203.0.113.9", changes)
        let drawing = try #require(DrawnDocument(map.svg()))
        #expect(map.way?.forward.map(\.spot) == [.thing(lab.machineID), nil])
        #expect(drawing.all("cross").filter { $0.allClasses.contains("domain") }.count == 1)
        #expect(map.dot().contains("✕ user route 203.0.113.0/24 → None drops it"))
        #expect(map.table().contains("✕ user route 203.0.113.0/24 → None drops it"))
    }

    @Test func withoutASessionNothingIsMarked() throws {
        let drawing = try #require(DrawnDocument(try lab.network().topology().map().svg()))
        #expect(drawing.elements.filter { $0.classes.contains("on-path") }.isEmpty)
        #expect(drawing.all("forward").isEmpty && drawing.all("return").isEmpty)
    }

    @Test func anAddressThatNothingClaimsStandsBesideTheMap() throws {
        let map = try map("203.0.113.200", lab.machine)
        #expect(DrawnDocument(map.svg()) != nil)
        #expect(map.way?.explanation.works == nil)
    }

    @Test func graphvizJoinsTheNodesOfTheHops() throws {
        let map = try map(lab.client, lab.machine)
        let edges = map.dot().split(separator: "\n").filter { $0.contains("constraint=false") }
        let way = try #require(map.way)
        #expect(edges.count == way.forward.count - 1 + way.back.count - 1)
        #expect(edges.filter { $0.contains("style=dashed") }.count == way.back.count - 1)
    }
}
