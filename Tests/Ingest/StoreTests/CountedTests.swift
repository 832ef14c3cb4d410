import FlowModel
import Postgres
import Runtime
import Store
import Testing

/// One row of a case: which log holds it, and whether it should count.
struct Seen: Sendable {
    var rank: SourceRank
    var observer: String
    /// Observer behind the opener and behind the target; nil where nothing there logs.
    var from: String?
    var to: String?
    var direction = FlowDirection.none
    var minute: Int64 = 0
    var counted: Bool
}

struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var rows: [Seen]
    var testDescription: String { name }
}

private let clientNIC = "000D3A000001"
private let serverNIC = "000D3A000002"
private let firewall = "/firewalls/f"

private let cases: [Case] = [
    Case(name: "a row alone counts", rows: [Seen(rank: .vnet, observer: clientNIC, counted: true)]),
    Case(
        name: "NIC over subnet over VNet over NSG, in the same minute",
        rows: [
            Seen(rank: .nic, observer: clientNIC, counted: true),
            Seen(rank: .subnet, observer: clientNIC, counted: false),
            Seen(rank: .vnet, observer: clientNIC, counted: false),
            Seen(rank: .nsg, observer: clientNIC, counted: false),
        ]),
    Case(
        name: "a better log of another minute or another NIC covers nothing",
        rows: [
            Seen(rank: .nic, observer: clientNIC, minute: 1, counted: true),
            Seen(rank: .nic, observer: serverNIC, counted: true), Seen(rank: .vnet, observer: clientNIC, counted: true),
        ]),
    Case(
        name: "the receiver's view of a covered opener does not count",
        rows: [
            Seen(rank: .vnet, observer: clientNIC, from: clientNIC, to: serverNIC, direction: .outbound, counted: true),
            Seen(rank: .nic, observer: serverNIC, from: clientNIC, to: serverNIC, direction: .inbound, counted: false),
        ]),
    Case(
        name: "the receiver's view counts where the opener is not covered in that minute",
        rows: [
            Seen(
                rank: .vnet, observer: clientNIC, from: clientNIC, to: serverNIC, direction: .outbound, minute: 1,
                counted: true),
            Seen(rank: .nic, observer: serverNIC, from: clientNIC, to: serverNIC, direction: .inbound, counted: true),
            Seen(rank: .nic, observer: serverNIC, from: nil, to: serverNIC, direction: .inbound, counted: true),
        ]),
    Case(
        name: "an opener's view counts although the receiver is covered",
        rows: [
            Seen(rank: .vnet, observer: clientNIC, from: clientNIC, to: serverNIC, direction: .outbound, counted: true),
            Seen(rank: .nic, observer: serverNIC, from: serverNIC, to: clientNIC, direction: .outbound, counted: true),
        ]),
    Case(
        name: "a firewall's row counts where neither end is covered",
        rows: [
            Seen(rank: .firewallStructured, observer: firewall, from: clientNIC, to: serverNIC, counted: true),
            Seen(rank: .firewallStructured, observer: firewall, from: nil, to: nil, counted: true),
        ]),
    Case(
        name: "a firewall's row does not count where the opener is covered",
        rows: [
            Seen(rank: .nsg, observer: clientNIC, from: clientNIC, direction: .outbound, counted: true),
            Seen(rank: .firewallStructured, observer: firewall, from: clientNIC, to: serverNIC, counted: false),
            Seen(
                rank: .firewallStructured, observer: firewall, from: clientNIC, to: serverNIC, minute: 1,
                counted: true),
        ]),
    Case(
        name: "a firewall's row does not count where the target is covered",
        rows: [
            Seen(rank: .nic, observer: serverNIC, from: nil, to: serverNIC, direction: .inbound, counted: true),
            Seen(rank: .firewallLegacy, observer: firewall, from: clientNIC, to: serverNIC, counted: false),
        ]),
    Case(
        name: "a firewall that is itself an end is not covered by its own rows",
        rows: [Seen(rank: .firewallStructured, observer: firewall, from: nil, to: firewall, counted: true)]),
    Case(
        name: "legacy counts only where no structured row of the same firewall covers the minute",
        rows: [
            Seen(rank: .firewallStructured, observer: firewall, counted: true),
            Seen(rank: .firewallLegacy, observer: firewall, counted: false),
            Seen(rank: .firewallLegacy, observer: firewall, minute: 1, counted: true),
            Seen(rank: .firewallLegacy, observer: "/firewalls/other", counted: true),
        ]),
    Case(
        name: "rows that are no sessions never count, and cover nothing",
        rows: [
            Seen(rank: .never, observer: firewall, counted: false),
            Seen(rank: .firewallLegacy, observer: firewall, counted: true),
            Seen(rank: .never, observer: clientNIC, counted: false),
            Seen(rank: .nic, observer: serverNIC, from: clientNIC, to: serverNIC, direction: .inbound, counted: true),
        ]),
    Case(
        name: "a firewall's address as opener: a receiver's view, where a client of that firewall is covered",
        rows: [
            Seen(rank: .nic, observer: clientNIC, from: clientNIC, direction: .outbound, counted: true),
            Seen(rank: .firewallStructured, observer: firewall, from: clientNIC, to: nil, counted: false),
            Seen(rank: .nic, observer: serverNIC, from: firewall, to: serverNIC, direction: .inbound, counted: false),
        ]),
    Case(
        name: "a firewall's address as opener counts where no client of it is covered but the receiver itself",
        rows: [
            Seen(rank: .firewallStructured, observer: firewall, from: clientNIC, to: serverNIC, counted: false),
            Seen(rank: .firewallStructured, observer: firewall, from: serverNIC, to: nil, counted: false),
            Seen(rank: .nic, observer: serverNIC, from: firewall, to: serverNIC, direction: .inbound, counted: true),
        ]),
]

private func load(_ rows: [(index: Int, seen: Seen)], into builder: inout LoadBuilder) {
    for (index, seen) in rows {
        func kind(_ key: String) -> Observer.Kind { key.hasPrefix("/") ? .firewall : .nic }
        var row = FlowRow(format: seen.rank >= .firewallStructured ? .azfwNetworkRule : .vnetV4)
        row.time = EventTime(microseconds: noon.microseconds + seen.minute * 60_000_000 + Int64(index) * 1_000)
        row.record = builder.record("row \(index)", index: Int64(index))
        row.source = builder.text("log \(seen.rank) of \(seen.observer)")
        row.direction = seen.direction
        row.bytesSent = 1 << Int64(index)
        let observer = builder.observer(kind(seen.observer), seen.observer)
        let from = seen.from.map { builder.observer(kind($0), $0) } ?? -1
        let to = seen.to.map { builder.observer(kind($0), $0) } ?? -1
        builder.add(
            row,
            Sighting(
                domain: 0, source: -1, destination: -1, observer: observer, sourceObserver: from,
                destinationObserver: to,
                rank: seen.rank))
    }
}

@Suite(.needsDatabase) struct CountedTests {
    /// In one batch, and a batch a row in both orders: the answer is derived, so it must not depend on the loading.
    @Test(arguments: cases)
    func rowsCountAsTheDesignSays(example: Case) throws {
        let rows = Array(zip(example.rows.indices, example.rows)).map { (index: $0, seen: $1) }
        for order in [[rows], rows.map { [$0] }, rows.reversed().map { [$0] }] {
            try withStore { fixture in
                for batch in order {
                    var builder = LoadBuilder()
                    load(batch, into: &builder)
                    _ = try fixture.store.commit(builder.load)
                }
                let counted = try fixture.rows(
                    "SELECT (origin->>'record')::int, counted FROM flowsight.flow ORDER BY 1"
                ).map { $0.bool(1) }
                #expect(counted == example.rows.map(\.counted))
                // Each row's bytes are a bit of their own: the sum tells which rows were counted.
                let bits = example.rows.enumerated().reduce(Int64(0)) {
                    $0 + ($1.element.counted ? 1 << Int64($1.offset) : 0)
                }
                let sum = try fixture.integer(
                    "SELECT coalesce(sum(bytes_sent), 0)::bigint FROM flowsight.flow_by_endpoint_minute WHERE counted")
                #expect(sum == bits)
            }
        }
    }
}

@Suite(.needsDatabase) struct RollupTests {
    @Test func sumsEqualARecountOfTheRows() throws {
        let seed: UInt64 = 0x51ed_2701
        var generator = SplitMix64(seed: seed)
        try withStore { fixture in
            for batch in 0..<4 { _ = try fixture.store.commit(randomLoad(batch, &generator)) }
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow_record") == 2_000)
            let groups = try #require(try fixture.integer("SELECT count(*) FROM (\(recount)) r"))
            // Far fewer than rows, or nothing was summed.
            #expect((50..<500).contains(groups), "seed \(seed)")
            #expect(try fixture.integer("SELECT count(*) FROM (\(recount) EXCEPT ALL \(sums)) x") == 0, "seed \(seed)")
            #expect(try fixture.integer("SELECT count(*) FROM (\(sums) EXCEPT ALL \(recount)) x") == 0, "seed \(seed)")
            let ofRows = try fixture.integer("SELECT sum(bytes_sent)::bigint FROM flowsight.flow WHERE counted")
            let ofSums = try fixture.integer(
                "SELECT sum(bytes_sent)::bigint FROM flowsight.flow_by_endpoint_minute WHERE counted")
            #expect(ofRows == ofSums, "seed \(seed)")
            // Some count and some do not, or the comparison says nothing.
            #expect(try fixture.integer("SELECT count(DISTINCT counted) FROM flowsight.flow") == 2)
        }
    }

    private let recount = """
        SELECT date_trunc('minute', f.time) AS time, s.name, o.key, flowsight.direction_name(f.direction),
            flowsight.action_name(f.action), f.protocol, CASE WHEN f.dst_port < 49152 THEN f.dst_port END, a.key, b.key,
            count(*),
            count(*) FILTER (WHERE num_nonnulls(packets_sent, bytes_sent, packets_received, bytes_received) > 0),
            sum(packets_sent)::bigint, sum(bytes_sent)::bigint, sum(packets_received)::bigint,
            sum(bytes_received)::bigint
        FROM flowsight.flow_record f JOIN flowsight.source s ON s.id = f.source
        LEFT JOIN flowsight.observer o ON o.id = f.observer LEFT JOIN flowsight.endpoint a ON a.id = f.source_endpoint
        LEFT JOIN flowsight.endpoint b ON b.id = f.destination_endpoint
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        """
    private let sums = """
        SELECT time, source, observer, direction, action, protocol, dst_port, src_endpoint, dst_endpoint,
            sum(flows)::bigint, sum(rows_with_counters)::bigint, sum(packets_sent)::bigint, sum(bytes_sent)::bigint,
            sum(packets_received)::bigint, sum(bytes_received)::bigint
        FROM flowsight.flow_by_endpoint_minute GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
        """

    /// 500 rows of 40 kinds: many rows share a key, in one batch and across batches.
    private func randomLoad(_ batch: Int, _ generator: inout SplitMix64) -> Load {
        var builder = LoadBuilder()
        var kinds = SplitMix64(seed: 7)
        let templates = (0..<40).map { _ in randomKind(&builder, &kinds) }
        for index in 0..<500 {
            var (row, place) = templates[Int.random(in: 0..<templates.count, using: &generator)]
            row.time = EventTime(microseconds: noon.microseconds + .random(in: 0..<180_000_000, using: &generator))
            row.record = builder.record("b\(batch) r\(index)", index: Int64(index))
            row.packetsSent = .random(in: -1..<10, using: &generator)
            row.bytesSent = .random(in: -1..<1_000, using: &generator)
            row.packetsReceived = Bool.random(using: &generator) ? -1 : 3
            place.rank = row.ipProtocol == 17 ? .never : place.rank
            builder.add(row, place)
        }
        return builder.load
    }

    private func randomKind(_ builder: inout LoadBuilder, _ generator: inout SplitMix64) -> (FlowRow, Sighting) {
        let ranks: [SourceRank] = [.nic, .subnet, .vnet, .nsg, .firewallStructured, .firewallLegacy]
        var row = FlowRow(format: .vnetV4)
        row.source = builder.text("log \(Int.random(in: 0..<3, using: &generator))")
        row.direction = [.none, .inbound, .outbound][Int.random(in: 0..<3, using: &generator)]
        row.action = [.none, .allow, .deny][Int.random(in: 0..<3, using: &generator)]
        row.ipProtocol = [-1, 6, 17][Int.random(in: 0..<3, using: &generator)]
        row.destinationPort = [-1, 443, 49_151, 49_152, 65_535][Int.random(in: 0..<5, using: &generator)]
        var observers: [Int32] = []
        for _ in 0..<3 {
            let number = Int.random(in: 0..<5, using: &generator)
            let kind: Observer.Kind = number == 3 ? .firewall : .nic
            observers.append(number == 4 ? -1 : builder.observer(kind, number == 3 ? "/f" : "nic \(number)"))
        }
        let from = builder.endpoint(.nic, "/nics/\(Int.random(in: 0..<2, using: &generator))")
        let to = Bool.random(using: &generator) ? -1 : builder.endpoint(.privateEndpoint, "/pe/1")
        let place = Sighting(
            domain: 0, source: from, destination: to, observer: observers[0], sourceObserver: observers[1],
            destinationObserver: observers[2], rank: ranks[Int.random(in: 0..<ranks.count, using: &generator)])
        return (row, place)
    }
}
