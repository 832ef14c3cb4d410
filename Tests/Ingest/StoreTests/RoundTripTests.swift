import FlowModel
import Foundation
import Postgres
import Store
import Testing

/// A row with every value resolved, for comparing rows of different text pools.
private struct Plain: Equatable {
    var numbers: [Int64]
    var texts: [String?]
    var addresses: [IPAddress]
    var rate: Double?
    var attributes: JSONValue?
    var hash: RecordHash

    init(_ row: FlowRow, in batch: FlowBatch) throws {
        let record = batch.records[Int(row.record)]
        numbers = [
            row.time.microseconds, Int64(row.format.rawValue), Int64(bitPattern: row.mac), Int64(row.sourcePort),
            Int64(row.destinationPort), Int64(row.ipProtocol), Int64(row.icmpType), Int64(row.direction.rawValue),
            Int64(row.action.rawValue), Int64(row.state.rawValue), row.packetsSent, row.bytesSent, row.packetsReceived,
            row.bytesReceived, Int64(row.natSourcePort), Int64(row.natDestinationPort), Int64(row.eventCount),
            Int64(row.tuple), record.index, record.time.microseconds,
        ]
        texts = [
            row.source, row.vantage, row.tcpFlags, row.encryption, row.rule, row.acl, row.fqdn, row.url, record.file,
        ].map { batch.texts.string($0) }
        addresses = [row.sourceAddress, row.destinationAddress, row.natSourceAddress, row.natDestinationAddress]
        rate = row.rateMbps.isNaN ? nil : row.rateMbps
        attributes = try batch.texts.string(row.attributes).map {
            try JSONDecoder().decode(JSONValue.self, from: Data($0.utf8))
        }
        hash = record.hash
    }
}

private func plain(_ batches: [FlowBatch]) throws -> [Plain] {
    try batches.flatMap { batch in try batch.rows.map { try Plain($0, in: batch) } }
}

private func fullRow(_ builder: inout LoadBuilder) -> FlowRow {
    var row = FlowRow(format: .azfwApplicationRule)
    row.time = EventTime(microseconds: noon.microseconds + 123_456)
    row.source = builder.text("/firewalls/f#azfwapplicationrule")
    row.vantage = builder.text("/firewalls/f")
    row.mac = 0x0022_4812_ab0f
    row.sourceAddress = IPAddress(ipv4: 0x0a02_0104)
    row.destinationAddress = IPAddress(upper: 0x2001_0db8_0000_0000, lower: 1)
    row.sourcePort = 65_535
    row.destinationPort = 0
    row.ipProtocol = 255
    row.icmpType = 128
    row.direction = .outbound
    row.action = .reset
    row.state = .continue
    row.packetsSent = 0
    row.bytesSent = .max
    row.packetsReceived = 3
    row.bytesReceived = 4
    row.natSourceAddress = IPAddress(ipv4: 0xcb00_7101)
    row.natSourcePort = 1_024
    row.natDestinationAddress = IPAddress(upper: 0, lower: 1)
    row.natDestinationPort = 443
    row.tcpFlags = builder.text("SYN-ACK")
    row.encryption = builder.text("NX")
    row.rule = builder.text("group/collection/" + String(repeating: "r", count: 9_000))
    row.acl = builder.text("/networksecuritygroups/n")
    row.fqdn = builder.text("störage.example.com")
    row.url = builder.text("https://example.com/?q=\"a\\b\"\n")
    row.rateMbps = 0.125
    row.eventCount = 7
    row.attributes = builder.text(#"{"Policy":"p","IsTlsInspected":true,"n":[1,2.5,null],"é":"\n"}"#)
    row.tuple = 2_147_483_647
    return row
}

@Suite(.needsDatabase) struct RoundTripTests {
    @Test func everyColumnComesBackEqual() throws {
        try withStore { fixture in
            var builder = LoadBuilder()
            var full = fullRow(&builder)
            full.record = builder.record("full", file: "drops/ü \"x\".json", index: 5_000_000_000)
            builder.add(full, nowhere)
            var empty = FlowRow(format: .nsgV1)
            empty.time = noon
            empty.record = builder.record("empty", index: 1)
            builder.add(empty, nowhere)
            for action in FlowAction.allCases {
                for state in FlowState.allCases {
                    var row = empty
                    row.record = builder.record("\(action) \(state)", index: 2)
                    row.action = action
                    row.state = state
                    row.direction = .inbound
                    row.time = noon.advanced(seconds: 1)
                    builder.add(row, nowhere)
                }
            }
            for format in LogFormat.allCases {
                var row = FlowRow(format: format)
                row.time = noon.advanced(seconds: 2)
                row.record = builder.record("of \(format.name)", index: 3)
                builder.add(row, nowhere)
            }
            let receipt = try fixture.store.commit(builder.load)
            #expect(receipt.flows == builder.batch.flows.count)
            let stored = try plain(try fixture.all())
            let expected = try plain([builder.batch.flows]).sorted {
                ($0.numbers[0], $0.hash) < ($1.numbers[0], $1.hash)
            }
            #expect(stored == expected)
            #expect(try fixture.store.latestEventTime() == noon.advanced(seconds: 2))
        }
    }

    @Test func rowsComeInOrderOfTimeHashAndTuple() throws {
        try withStore { fixture in
            var builder = LoadBuilder()
            var expected: [(Int64, RecordHash, Int32)] = []
            for name in ["c", "a", "b"] {
                let record = builder.record(name)
                for tuple in [Int32(2), -1, 0] {
                    for second in [5_000, 0, 90_000] {
                        var row = FlowRow(format: .nsgV2)
                        row.time = noon.advanced(seconds: Int64(second))
                        row.record = record
                        row.tuple = tuple
                        builder.add(row, nowhere)
                        expected.append((row.time.microseconds, recordHash(name), tuple))
                    }
                }
            }
            _ = try fixture.store.commit(builder.load)
            let rows = try fixture.all(limit: 4).flatMap { batch in
                batch.rows.map { ($0.time.microseconds, batch.records[Int($0.record)].hash, $0.tuple) }
            }
            expected.sort { $0 < $1 }
            #expect(rows.count == expected.count)
            #expect(zip(rows, expected).allSatisfy { $0 == $1 })
        }
    }

    @Test func onlyTheAskedTimeAndCommitsAreRead() throws {
        try withStore { fixture in
            let first = try fixture.store.commit(plainLoad([noon, noon.advanced(seconds: 61)], record: "a"))
            let second = try fixture.store.commit(
                plainLoad([noon.advanced(seconds: 61), noon.advanced(seconds: 4_000_000)], record: "b", head: "other"))
            func times(
                _ from: Int64, _ to: Int64?, _ batches: ClosedRange<Int64>? = nil
            ) throws -> [Int64] {
                let found = try fixture.all(
                    from: noon.advanced(seconds: from), to: to.map { noon.advanced(seconds: $0) }, batches: batches)
                return found.flatMap(\.rows).map { ($0.time.microseconds - noon.microseconds) / 1_000_000 }
            }
            #expect(try times(0, nil) == [0, 61, 61, 4_000_000])
            #expect(try times(1, nil) == [61, 61, 4_000_000])
            #expect(try times(0, 61) == [0])
            #expect(try times(61, 62) == [61, 61])
            #expect(try times(62, 4_000_000) == [])
            #expect(try times(4_000_001, nil) == [])
            #expect(try times(0, nil, first.batch...first.batch) == [0, 61])
            #expect(try times(0, nil, second.batch...second.batch) == [61, 4_000_000])
        }
    }

    @Test func metricPointsComeBackMergedByTime() throws {
        try withStore { fixture in
            var builder = LoadBuilder()
            for second in [0, 20, 40, 7_300] {
                var row = FlowRow(format: .nsgV2)
                row.time = noon.advanced(seconds: Int64(second))
                row.record = builder.record("row \(second)")
                builder.add(row, nowhere)
            }
            for second in [10, 30, 50, 3_650, 7_400] {
                let record = builder.record("point \(second)", file: "drops/m.json", index: 9)
                var point = MetricPoint(
                    time: noon.advanced(seconds: Int64(second)), name: builder.text("DataProcessed"),
                    vantage: builder.text("/firewalls/f"), timeGrain: builder.text("PT1M"), record: record)
                point.total = Double(second) + 0.1
                point.count = 3
                builder.batch.flows.metrics.append(point)
            }
            let receipt = try fixture.store.commit(builder.load)
            #expect(receipt.metrics == 5)
            for limit in [1, 2, 3, 100] {
                var order: [Int64] = []
                for batch in try fixture.all(limit: limit) {
                    // Nothing of a batch may be younger than what a later batch begins with.
                    let rows = batch.rows.map(\.time)
                    let points = batch.metrics.map(\.time)
                    order += (rows + points).sorted().map { ($0.microseconds - noon.microseconds) / 1_000_000 }
                }
                #expect(order == [0, 10, 20, 30, 40, 50, 3_650, 7_300, 7_400], "limit \(limit)")
            }
            let batch = try #require(try fixture.all(from: noon.advanced(seconds: 3_600)).first)
            let point = try #require(batch.metrics.first)
            #expect(point.total == 3_650.1)
            #expect(point.count == 3)
            #expect(point.minimum == nil && point.maximum == nil && point.average == nil)
            #expect(batch.texts.string(point.name) == "DataProcessed")
            #expect(batch.texts.string(point.vantage) == "/firewalls/f")
            #expect(batch.texts.string(point.timeGrain) == "PT1M")
            let record = batch.records[Int(point.record)]
            #expect(record.hash == recordHash("point 3650") && record.index == 9)
            #expect(batch.texts.string(record.file) == "drops/m.json")
        }
    }

    @Test func theErrorOfTheReaderEndsTheReading() throws {
        struct Enough: Error {}
        try withStore { fixture in
            _ = try fixture.store.commit(plainLoad([noon, noon.advanced(seconds: 1)]))
            #expect(throws: Enough.self) {
                try fixture.store.flows(from: .earliest, to: nil, limit: 1) { _ in throw Enough() }
            }
        }
    }
}
