import FlowModel
import Locate
import Testing

/// Two routing domains with the same range; in the first a firewall, in the second a NIC that forwards.
private struct Plan {
    var placement = Placement()

    init() {
        placement.endpoints = [
            Endpoint(kind: .nic, id: "/north/nic", name: "north", subnet: "/north/s", domain: 0, observer: 0),
            Endpoint(kind: .nic, id: "/south/nic", name: "south", subnet: "/south/s", domain: 1, observer: 1),
            Endpoint(kind: .privateEndpoint, id: "/north/pe", name: "pe", subnet: "/north/d", domain: 0, observer: -1),
            Endpoint(
                kind: .firewall, id: "/x/azurefirewalls/fw", name: "fw", subnet: "/north/f", domain: 0, observer: 2),
        ]
        placement.observers = [
            Observer(kind: .nic, key: "000D3A000001", forwards: false, domain: 0),
            Observer(kind: .nic, key: "000D3A000002", forwards: true, domain: 1),
            Observer(kind: .firewall, key: "/x/azurefirewalls/fw", forwards: false, domain: 0),
        ]
        placement.macs = [0x000d_3a00_0001: 0, 0x000d_3a00_0002: 1]
        placement.vantageDomains = [
            "/x/virtualnetworks/north": 0, "/x/virtualnetworks/south": 1, "/x/azurefirewalls/fw": 0,
            "/x/networkinterfaces/north": 0,
        ]
        placement.vantageObservers = ["/x/azurefirewalls/fw": 2, "/x/networkinterfaces/north": 0]
        var north = PrefixTable<Int32>()
        var south = PrefixTable<Int32>()
        insert(0, "10.0.1.4/32", into: &north)
        insert(2, "10.0.2.5/32", into: &north)
        insert(3, "10.0.3.0/26", into: &north)
        insert(1, "10.0.1.4/32", into: &south)
        placement.domains = [north, south]
    }

    private func insert(_ index: Int32, _ text: String, into table: inout PrefixTable<Int32>) {
        if let prefix = IPPrefix(text) { table.insert(index, at: prefix) }
    }
}

private struct Row {
    var format = LogFormat.vnetV4
    var vantage: String? = "/x/virtualnetworks/north"
    var mac: UInt64 = 0
    var source: String? = "10.0.1.4"
    var destination: String? = "10.0.2.5"
    var eventCount: Int32 = 1
}

private func locate(_ rows: [Row], _ placement: Placement = Plan().placement) -> SightingBatch {
    var batch = FlowBatch()
    for row in rows {
        var flow = FlowRow(format: row.format)
        if let vantage = row.vantage { flow.vantage = batch.texts.intern(vantage) }
        flow.mac = row.mac
        flow.sourceAddress = row.source.flatMap { IPAddress($0) } ?? .none
        flow.destinationAddress = row.destination.flatMap { IPAddress($0) } ?? .none
        flow.eventCount = row.eventCount
        batch.append(flow)
    }
    return Locator(placement).locate(batch)
}

private func endpoint(_ batch: SightingBatch, _ index: Int32) -> Endpoint? {
    index < 0 ? nil : batch.endpoints[Int(index)]
}

@Suite struct LocatorTests {
    @Test func anAddressMeansWhatItIsInTheDomainOfTheVantagePoint() {
        let batch = locate([Row(), Row(vantage: "/x/virtualnetworks/south")])
        #expect(batch.sightings.map(\.domain) == [0, 1])
        #expect(batch.sightings.compactMap { endpoint(batch, $0.source)?.name } == ["north", "south"])
        #expect(endpoint(batch, batch.sightings[0].destination)?.kind == .privateEndpoint)
        #expect(
            endpoint(batch, batch.sightings[1].destination)?.kind == .unknown, "the other domain has no such address")
        #expect(batch.sightings.map(\.sourceObserver) == [0, 1])
        #expect(batch.sightings.map(\.destinationObserver) == [-1, -1])
    }

    @Test func theMACSaysWhichNICAndWhereTheVantagePointDoesNot() {
        let batch = locate([
            Row(mac: 0x000d_3a00_0001), Row(vantage: "/x/networksecuritygroups/everywhere", mac: 0x000d_3a00_0002),
            Row(vantage: "/x/networkinterfaces/north"), Row(vantage: nil, mac: 0x000d_3a00_0001),
        ])
        #expect(batch.sightings.map(\.observer) == [0, 1, 0, 0])
        #expect(batch.sightings.map(\.domain) == [0, 1, 0, 0])
    }

    @Test func aStrangeMACIsAnObserverOfItsOwnInTheVantagePointsDomain() {
        let stranger: UInt64 = 0xab
        let batch = locate([
            Row(mac: stranger), Row(mac: stranger), Row(vantage: "/x/virtualnetworks/south", mac: stranger),
        ])
        let observers = batch.sightings.map { batch.observers[Int($0.observer)] }
        #expect(observers.map(\.key) == ["0000000000AB", "0000000000AB", "0000000000AB"])
        #expect(observers.map(\.domain) == [0, 0, 1])
        #expect(batch.sightings[0].observer == batch.sightings[1].observer)
        #expect(batch.sightings[0].observer != batch.sightings[2].observer)
    }

    @Test func aFirewallsRowIsObservedByTheFirewall() {
        let known = Row(format: .azfwNetworkRule, vantage: "/x/azurefirewalls/fw")
        let strange = Row(format: .azfwNetworkRule, vantage: "/x/azurefirewalls/other")
        let batch = locate([known, strange, strange])
        #expect(batch.sightings.map(\.observer) == [2, 3, 3])
        #expect(
            batch.observers[3] == Observer(kind: .firewall, key: "/x/azurefirewalls/other", forwards: false, domain: -1)
        )
        #expect(batch.sightings.map(\.domain) == [0, -1, -1])
    }

    @Test func publicAddressesFoldIntoOneEndpointAndUnknownOnesIntoOneForEachDomain() {
        let batch = locate([
            Row(source: "203.0.113.4", destination: "198.51.100.7"), Row(source: "10.9.9.9", destination: "172.16.3.3"),
            Row(vantage: "/x/virtualnetworks/south", source: "10.9.9.9", destination: nil),
        ])
        let first = batch.sightings[0]
        #expect(first.source == first.destination && endpoint(batch, first.source)?.id == "public")
        #expect(endpoint(batch, first.source)?.domain == -1)
        let second = batch.sightings[1]
        #expect(second.source == second.destination && endpoint(batch, second.source)?.domain == 0)
        #expect(endpoint(batch, batch.sightings[2].source)?.domain == 1)
        #expect(batch.sightings[2].destination == -1, "a DNS row has no destination")
    }

    @Test(arguments: [
        ("/x/networkinterfaces/n", SourceRank.nic), ("/x/virtualnetworks/v/subnets/s", .subnet),
        ("/x/virtualnetworks/v", .vnet), ("/x/networksecuritygroups/g", .nsg), ("/x/other/o", .vnet),
    ])
    func theVantagePointsKindRanksAFlowLog(vantage: String, rank: SourceRank) {
        #expect(locate([Row(vantage: vantage)]).sightings[0].rank == rank)
    }

    @Test func firewallsRankByTheirFormatAndWhatIsNoSessionNeverCounts() {
        let cases: [(LogFormat, Int32, SourceRank)] = [
            (.azfwNetworkRule, 1, .firewallStructured), (.azfwLegacyNetworkRule, 1, .firewallLegacy),
            (.azfwDNSQuery, 1, .never), (.azfwLegacyDNSProxy, 1, .never), (.azfwFatFlow, 1, .never),
            (.azfwFlowTrace, 1, .never), (.azfwNetworkRule, 20, .never), (.nsgV2, 1, .nsg),
        ]
        for (format, count, rank) in cases {
            let batch = locate([Row(format: format, vantage: "/x/none/y", eventCount: count)])
            #expect(batch.sightings[0].rank == rank, "\(format.name)")
        }
    }

    @Test func aNICThatForwardsIsNeitherEnd() {
        let batch = locate([
            Row(mac: 0x000d_3a00_0001), Row(vantage: "/x/virtualnetworks/south", mac: 0x000d_3a00_0002),
        ])
        #expect(batch.sightings.map(\.rank) == [.vnet, .never])
    }

    @Test func withoutATopologyEverythingStillWorks() {
        let batch = locate(
            [Row(mac: 5), Row(format: .azfwNetworkRule, vantage: "/x/azurefirewalls/fw", destination: "203.0.113.1")],
            .empty)
        #expect(batch.sightings.map(\.domain) == [-1, -1])
        #expect(batch.observers.map(\.key) == ["000000000005", "/x/azurefirewalls/fw"])
        #expect(batch.sightings.compactMap { endpoint(batch, $0.source)?.kind } == [.unknown, .unknown])
        #expect(endpoint(batch, batch.sightings[1].destination)?.kind == .public)
        #expect(batch.flows.count == 2)
    }
}
