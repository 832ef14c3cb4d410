import FlowModel
import Testing
import Topology

struct VectorDrawingTests {
    private static func mesh(_ count: Int) -> TestNetwork {
        var network = TestNetwork()
        for number in 0..<count {
            network.addVNet(
                "m\(number)", ["10.\(number).0.0/16"],
                subnets: [TestNetwork.subnet("m\(number)", "a", "10.\(number).1.0/24")],
                peerings: (0..<count).filter { $0 != number }.map { TestNetwork.peering(to: "m\($0)") })
        }
        return network
    }

    private static let networks: [(String, TestNetwork)] = [
        ("one hub", HubsAndSpokes.network(hubs: 1, spokes: 4)),
        ("two hubs", HubsAndSpokes.network(hubs: 2, spokes: 48)),
        ("six hubs", HubsAndSpokes.network(hubs: 6, spokes: 20)),
        ("hubs alone", HubsAndSpokes.network(hubs: 9, spokes: 0)), ("mesh", mesh(12)),
        ("lab", HubAndSpoke(seed: 7).network()),
    ]

    @Test(arguments: networks) func boxesStandApartAndNoLineCrossesOne(name: String, network: TestNetwork) throws {
        let drawing = try #require(DrawnDocument(try network.topology().map().svg()))
        try expectApart(drawing)
    }

    @Test(arguments: [(2, 48, 0, 2), (2, 48, 0, 1), (3, 9, 1, 5), (1, 1, 0, 0), (6, 20, 3, 8)])
    func aPathKeepsToTheChannels(hubs: Int, spokes: Int, from: Int, to: Int) throws {
        let topology = try HubsAndSpokes.network(hubs: hubs, spokes: spokes).topology()
        let map = topology.map(
            from: try topology.place(HubsAndSpokes.address(ofMachine: from)),
            to: try topology.place(HubsAndSpokes.address(ofMachine: to)), ipProtocol: IPProtocol.tcp, port: 443)
        try expectApart(try #require(DrawnDocument(map.svg())))
    }

    private func expectApart(_ drawing: DrawnDocument) throws {
        let frames = drawing.frames
        #expect(!frames.isEmpty)
        for (index, frame) in frames.enumerated() {
            #expect(drawing.page.holds(frame))
            for other in frames[(index + 1)...] { #expect(!frame.overlaps(other), "\(frame) \(other)") }
        }
        for piece in drawing.pieces {
            #expect(drawing.page.holds(piece))
            #expect(piece.width == 0 || piece.height == 0, "\(piece) is askew")
            // A line may end at an edge.
            let line = DrawnDocument.Box(
                left: piece.left, top: piece.top, width: max(piece.width, 1), height: max(piece.height, 1))
            for frame in frames {
                let inside = DrawnDocument.Box(
                    left: frame.left + 1, top: frame.top + 1, width: frame.width - 2, height: frame.height - 2)
                #expect(!inside.overlaps(line), "\(piece) crosses \(frame)")
            }
        }
    }

    @Test(arguments: networks) func everyVNetFirewallGatewayAndPeeringIsDrawnOnce(
        name: String, network: TestNetwork
    ) throws {
        let map = try network.topology().map()
        let drawing = try #require(DrawnDocument(map.svg()))
        let vnets = map.domains.flatMap(\.vnets)
        #expect(drawing.texts(in: "vnet", "title").sorted() == vnets.map(\.name).sorted())
        let things = vnets.flatMap(\.subnets).flatMap(\.things)
        for kind in ["firewall", "gateway"] {
            let names = things.filter { $0.kind.rawValue == kind }.map(\.name)
            #expect(drawing.all("thing", kind).count == names.count)
            #expect(Set(drawing.texts(in: "thing", kind)).isSuperset(of: names))
        }
        let titles = drawing.all("link").map(\.title)
        #expect(titles.count == map.links.count)
        #expect(Set(titles).count == titles.count)
    }

    @Test func peeringsAreDrawnByTheirState() throws {
        let map = try HubsAndSpokes.network(hubs: 1, spokes: 6).topology().map()
        let drawing = try #require(DrawnDocument(map.svg()))
        #expect(drawing.all("link", "works").count == 4)
        #expect(drawing.all("link", "not-connected").map(\.title).allSatisfy { $0.contains("Disconnected at hub-0") })
        #expect(drawing.all("link", "not-connected").count == 1)
        #expect(drawing.all("link", "one-sided").map(\.title).allSatisfy { $0.contains("no peering back at hub-0") })
        #expect(drawing.all("link", "one-sided").count == 1)
        #expect(
            drawing.texts(in: "warning").sorted() == [
                "peering to hub-0: Disconnected", "peering to hub-0: one-sided", "peering to spoke-4: Disconnected",
                "peering to spoke-5: one-sided",
            ])
    }

    @Test func aVNetThatTheExportLacksIsABoxOfItsOwn() throws {
        var network = TestNetwork()
        network.addVNet("here", ["10.1.0.0/16"], subnets: [], peerings: [TestNetwork.peering(to: "elsewhere")])
        let drawing = try #require(DrawnDocument(try network.topology().map().svg()))
        #expect(drawing.texts(in: "not_exported", "title") == ["elsewhere", "not exported"])
        #expect(drawing.all("link", "believed").count == 1)
    }

    @Test func privateEndpointsBeyondAFewAreCounted() throws {
        let drawing = try #require(
            DrawnDocument(try HubsAndSpokes.network(hubs: 1, spokes: 3, endpoints: 40).topology().map().svg()))
        #expect(drawing.texts(in: "more").contains("+ 37 private endpoints"))
        #expect(drawing.texts(in: "thing", "private_endpoint").filter { $0.hasPrefix("pe-0-") }.count == 3)
    }

    @Test func markupInNamesStaysText() throws {
        var network = TestNetwork()
        let name = #"a<b>&"c"'é→日本"#
        network.addVNet(name.replacing("\"", with: "\\\""), ["10.1.0.0/16"], subnets: [])
        network.addVNet("bell\\u0007\\u202e", ["10.2.0.0/16"], subnets: [])
        let svg = try network.topology().map().svg()
        let drawing = try #require(DrawnDocument(svg))
        #expect(drawing.texts(in: "vnet", "title").sorted() == [name, "bell \u{fffd}"].sorted())
        #expect(!svg.contains("<b>"))
    }

    @Test func longNamesAreCutAndToldInFull() throws {
        var network = TestNetwork()
        let name = String(repeating: "very-long-", count: 12)
        network.addVNet(name, ["10.1.0.0/16"], subnets: [TestNetwork.subnet(name, name, "10.1.1.0/24")])
        let drawing = try #require(DrawnDocument(try network.topology().map().svg()))
        for text in drawing.texts(in: "vnet") where text.hasPrefix("very") {
            #expect(text.hasSuffix("…") && text.count < 40)
        }
        #expect(drawing.all("subnet").contains { $0.title.contains(name) })
    }
}
