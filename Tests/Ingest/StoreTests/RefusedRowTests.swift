import FlowModel
import Postgres
import Store
import Testing

@Suite(.needsDatabase) struct RefusedRowTests {
    /// Two good rows with a bad one between them.
    private func load(_ spoil: (inout FlowRow, inout LoadBuilder) -> Void) -> Load {
        var builder = LoadBuilder()
        for index in 0..<3 {
            var row = FlowRow(format: .azfwApplicationRule)
            row.time = noon
            row.record = builder.record("r\(index)", index: Int64(index))
            row.rule = builder.text("rule \(index)")
            row.fqdn = builder.text("good.example.com")
            if index == 1 { spoil(&row, &builder) }
            builder.add(row, nowhere)
        }
        builder.advance(head: "r0", offset: 300, records: 3, hashes: ["r0", "r1", "r2"])
        return builder.load
    }

    private func expectOneRefused(_ load: Load, _ reason: DeadLetterReason) throws {
        try withStore { fixture in
            let receipt = try fixture.store.commit(load)
            #expect(receipt.flows == 2)
            #expect(receipt.deadLettersByReason == [reason: 1])
            // Ids of names that a first, refused attempt has used are not used again.
            let rules = try fixture.rows("SELECT rule FROM flowsight.flow ORDER BY rule").map { $0.string(0) }
            #expect(rules == ["rule 0", "rule 2"])
            let letter = try #require(try fixture.rows("SELECT record, reason, file FROM flowsight.dead_letter").first)
            #expect(letter.integer(0) == 1)
            #expect(letter.string(1) == reason.rawValue)
            #expect(letter.string(2) == "drops/a.json")
            #expect(try fixture.integer("SELECT sum(flows)::bigint FROM flowsight.flow_minute") == 2)
        }
    }

    @Test(arguments: ["\0", "a\0b.example.com"])
    func textsWithNULNeverReachTheServer(text: String) throws {
        try expectOneRefused(load { row, builder in row.fqdn = builder.text(text) }, .badText)
        try expectOneRefused(load { row, builder in row.rule = builder.text(text) }, .badText)
    }

    @Test(arguments: [#"{"a":"\u0000"}"#, #"{"a":"\ud800"}"#, "{", #"{"a":1e999999}"#])
    func whatTheServerRefusesIsFoundAndTheRestIsStored(attributes: String) throws {
        try expectOneRefused(load { row, builder in row.attributes = builder.text(attributes) }, .rejectedByDatabase)
    }

    @Test func textThatIsNoUTF8IsFoundAndTheRestIsStored() throws {
        let bytes: [UInt8] = [0x61, 0xc3, 0x28]
        try expectOneRefused(
            load { row, builder in row.url = builder.batch.flows.texts.intern(bytes.span) }, .rejectedByDatabase)
    }

    @Test func goodTextsAreNotRefused() throws {
        try withStore { fixture in
            let receipt = try fixture.store.commit(
                load { row, builder in row.attributes = builder.text(#"{"a":"\u00e9 \\u0000"}"#) })
            #expect(receipt.flows == 3 && receipt.deadLetters == 0)
        }
    }

    @Test func timesThatNoPartitionHoldsAreRefused() throws {
        try expectOneRefused(load { row, _ in row.time = EventTime.earliest.advanced(seconds: -1) }, .timeOutOfRange)
        try expectOneRefused(load { row, _ in row.time = EventTime(microseconds: .max) }, .timeOutOfRange)
    }

    @Test func aBatchTouchesABoundedNumberOfDays() throws {
        func load(days: Int) -> Load {
            plainLoad((0..<days).map { noon.advanced(seconds: Int64($0) * 86_400) } + [noon])
        }
        try withStore { fixture in
            let receipt = try fixture.store.commit(load(days: Store.daysLimit))
            #expect(receipt.flows == Store.daysLimit + 1 && receipt.deadLetters == 0)
        }
        try withStore { fixture in
            let receipt = try fixture.store.commit(load(days: Store.daysLimit + 1))
            #expect(receipt.flows == Store.daysLimit + 1)
            #expect(receipt.deadLettersByReason == [.overLimit: 1])
            // Of days that equally many rows touch, the oldest goes; the one with two rows stays.
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow WHERE time < '2026-03-05'") == 2)
            #expect(try fixture.integer("SELECT tuple FROM flowsight.dead_letter") == 1)
        }
    }

    @Test func aLogsCountersCannotBreakTheSums() throws {
        try withStore { fixture in
            for name in ["a", "b"] {
                var builder = LoadBuilder()
                for tuple in 0..<2 {
                    var row = FlowRow(format: .vnetV4)
                    row.time = noon
                    row.record = builder.record("\(name)\(tuple)")
                    row.bytesSent = .max
                    builder.add(row, nowhere)
                }
                _ = try fixture.store.commit(builder.load)
            }
            #expect(try fixture.integer("SELECT bytes_sent FROM flowsight.flow_by_endpoint_minute") == .max)
        }
    }
}
