import FlowModel
import Runtime
import Testing
import Topology

struct TopologyMapTests {
    private func forms(_ map: TopologyMap) -> [String] {
        var json = JSONWriter()
        map.write(to: &json)
        return [map.table(), json.string, map.dot(), map.svg()]
    }

    @Test func theSameResourcesInAnyOrderGiveTheSameBytes() throws {
        let network = HubsAndSpokes.network(hubs: 2, spokes: 9)
        let whole = forms(try network.topology().map())
        var generator = SplitMix64(seed: 11)
        for _ in 0..<5 {
            let documents = (network.resources + network.overlays).enumerated().map { number, text in
                TopologyDocument(name: "\(number).json", bytes: Array(text.utf8))
            }.shuffled(using: &generator)
            #expect(forms(try Topology(documents: documents).map()) == whole)
        }
    }

    @Test func theTableNamesEveryResourceAndItsSettings() throws {
        let network = HubAndSpoke(seed: 2)
        let table = try network.network().topology().map().table()
        for part in [
            "routing domain 0: 2 VNets", "VNet hub: \(network.hub).0.0/16", "AzureFirewallSubnet",
            "firewall fw \(network.firewall) (Standard)", "gateway gw (VPN)", "rt-app", "rt-gateway", "Disabled",
            "private endpoint pe \(network.endpoint)", "peering hub ↔ spoke: works",
            "on-premises hq: \(network.site).0.0/16 by gw", "0 problems", "how old it is, is not known",
        ] {
            #expect(table.contains(part), "\(part)")
        }
    }

    @Test func theTableEndsWithProblemsWhatWasNotUnderstoodAndAge() throws {
        var network = HubsAndSpokes.network(hubs: 1, spokes: 4)
        network.add("expressRouteThings", "x", "")
        var map = try network.topology().map()
        map.dating = dating(newest: 0, oldest: 0, now: 3 * 86_400)
        let lines = map.table().split(separator: "\n").map(String.init)
        let problems = try #require(lines.firstIndex { $0.hasSuffix(" problems") })
        let rest = try #require(lines.firstIndex(of: "not understood:"))
        #expect(problems < rest && rest < lines.count - 1)
        #expect(lines.last == "topology as of 2026-11-25T02:10:00Z (3 days old)")
    }

    /// Seconds after 2026-11-25T02:10:00Z.
    private func dating(newest: Int64, oldest: Int64, now: Int64) -> TopologyMap.Dating {
        let zero = EventTime(seconds: 1_795_572_600)
        return TopologyMap.Dating(
            age: TopologyAge(
                newest: zero.advanced(seconds: newest), oldest: zero.advanced(seconds: oldest),
                changed: zero.advanced(seconds: newest)), now: zero.advanced(seconds: now))
    }

    @Test func theAgeIsTheNewestFiles() {
        let base = "topology as of 2026-11-25T02:10:00Z"
        for (newest, oldest, now, text) in [
            (0, 0, 0, "\(base) (0 seconds old)"), (0, 0, 1, "\(base) (1 second old)"),
            (0, 0, 119, "\(base) (119 seconds old)"), (0, 0, 120, "\(base) (2 minutes old)"),
            (0, 0, 7_199, "\(base) (119 minutes old)"), (0, 0, 7_200, "\(base) (2 hours old)"),
            (0, 0, 172_799, "\(base) (47 hours old)"), (0, 0, 172_800, "\(base) (2 days old)"),
            (0, -86_399, 0, "\(base) (0 seconds old)"),
            (0, -86_400, 0, "\(base) (0 seconds old); its oldest file is of 2026-11-24T02:10:00Z"),
            (0, 0, -1, "\(base) (later than this machine's clock)"),
        ] as [(Int64, Int64, Int64, String)] {
            #expect(dating(newest: newest, oldest: oldest, now: now).text == text)
        }
    }

    @Test func theJSONHoldsEveryKeyAndEverything() throws {
        var json = JSONWriter()
        let network = HubsAndSpokes.network(hubs: 1, spokes: 3, endpoints: 30)
        try network.topology().map().write(to: &json)
        #expect(throws: Never.self) { try JSONValue(parsing: json.bytes) }
        var rest = json.string[...]
        for key in [
            "version", "as_of", "oldest_file", "age_seconds", "domains", "links", "in_no_subnet",
            "unreached_on_premises", "problems", "not_understood", "path",
        ] {
            let range = try #require(rest.firstRange(of: "\"\(key)\":"), "\(key)")
            rest = rest[range.upperBound...]
        }
        #expect(json.string.ranges(of: "\"kind\":\"private_endpoint\"").count == 32)
    }

    @Test func graphvizTextIsBalancedWhateverTheNames() throws {
        var network = TestNetwork()
        let name = #"a"b\\c{d}&amp;\N"#
        network.addVNet(
            name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""), ["10.1.0.0/16"], subnets: [])
        let dot = try network.topology().map().dot()
        var isQuoted = false
        var isEscaped = false
        var depth = 0
        for character in dot {
            if isEscaped { isEscaped = false; continue }
            switch character {
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case "{" where !isQuoted: depth += 1
            case "}" where !isQuoted: depth -= 1
            default: break
            }
        }
        #expect(!isQuoted && depth == 0)
        #expect(dot.contains(#"a\"b\\\\c{d}&amp;amp;\\N"#))
    }

    @Test func graphvizHasANodeForEachThingAndAnEdgeForEachPeering() throws {
        let map = try HubsAndSpokes.network(hubs: 2, spokes: 9).topology().map()
        let dot = map.dot()
        for vnet in map.domains.flatMap(\.vnets) { #expect(dot.ranges(of: "label=\"\(vnet.name)\\n").count == 1) }
        #expect(dot.ranges(of: "shape=box3d").count == 2)
        #expect(dot.ranges(of: "ltail=").count == map.links.count)
        #expect(dot.ranges(of: "Disconnected at hub").count == 1)
    }

    @Test func aLargeMapIsCutToWhatIsNearTheSession() throws {
        let topology = try HubsAndSpokes.network(hubs: 3, spokes: 600, endpoints: 1).topology()
        let whole = topology.map()
        #expect(whole.vnetCount == 603)
        #expect(whole.cut(limit: 603).cutNotice == nil)
        let cut = whole.cut(limit: 400)
        #expect(cut.vnetCount == 400 && cut.omittedCount == 203)
        #expect(cut.cutNotice?.contains("--from") == true)
        let map = topology.map(
            from: try topology.place(HubsAndSpokes.address(ofMachine: 0)),
            to: try topology.place(HubsAndSpokes.address(ofMachine: 3)), ipProtocol: IPProtocol.tcp, port: nil)
        let near = map.cut(limit: 50)
        #expect(near.vnetCount == 50)
        #expect(Set(near.domains.flatMap(\.vnets).map(\.name)).isSuperset(of: ["spoke-0", "spoke-3", "hub-0"]))
        #expect(near.cutNotice?.contains("near the session's way") == true)
        #expect(whole.table().contains("VNet spoke-599: "))
    }

    @Test func anEmptyTopologyIsAnEmptyMap() throws {
        let map = try Topology(documents: []).map()
        #expect(DrawnDocument(map.svg())?.frames.isEmpty == true)
        #expect(map.table().hasPrefix("0 problems"))
    }
}
