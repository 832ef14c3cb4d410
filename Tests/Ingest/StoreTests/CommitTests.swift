import FlowModel
import Postgres
import Runtime
import Store
import Testing

private let tables = [
    "batch", "flow_record", "flow_minute", "coverage", "metric_point", "identity_page", "lineage", "rejected_input",
    "rule",
]

@Suite(.needsDatabase) struct CommitTests {
    @Test func aCommitThatLosesItsConnectionLeavesNothing() throws {
        try withStore { fixture in
            var builder = LoadBuilder()
            var row = FlowRow(format: .vnetV4)
            row.time = noon
            row.record = builder.record("record")
            row.rule = builder.text("rule")
            builder.add(row, nowhere)
            builder.batch.flows.deadLetters.append(letter("bad"))
            builder.advance(head: "record", offset: 100, records: 1, hashes: ["record"])
            // The dead letters are the last thing before COMMIT: held up there, all rows are in the open transaction.
            let holder = try fixture.another()
            _ = try holder.rows("BEGIN; LOCK TABLE flowsight.rejected_input IN ACCESS EXCLUSIVE MODE")
            let victim = try fixture.another(deadline: .milliseconds(700))
            let error = #expect(throws: StoreError.self) { try victim.store.commit(builder.load) }
            #expect(error?.place == "storing dead letters")
            #expect(error?.isTransient == true)
            #expect(!victim.connection.isUsable)
            _ = try holder.rows("ROLLBACK")
            // The server notices the lost client when it next writes to it; ending its session does not change what it
            // keeps.
            _ = try fixture.rows(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
                """)
            for table in tables {
                #expect(try fixture.integer("SELECT count(*) FROM flowsight.\(table)") == 0, "\(table)")
            }
            // The same load again: everything once.
            let receipt = try fixture.store.commit(builder.load)
            #expect(receipt.flows == 1 && receipt.deadLetters == 1 && receipt.lineages.count == 1)
            for table in tables where table != "metric_point" {
                #expect(try fixture.integer("SELECT count(*) FROM flowsight.\(table)") == 1, "\(table)")
            }
        }
    }

    @Test func aLineageMovesOnlyFromWhereItStands() throws {
        try withStore { fixture in
            let first = try fixture.store.commit(plainLoad([noon], record: "r1", head: "r1", offset: 100, records: 1))
            let lineage = try #require(first.lineages.first)
            let second = plainLoad([noon], record: "r2", lineage: lineage, head: "r1", offset: 200, records: 2)
            #expect(try fixture.store.commit(second).lineages == [lineage])
            for (what, load) in [
                ("the same again", second),
                (
                    "from the old position, further",
                    plainLoad([noon], record: "r2", lineage: lineage, head: "r1", offset: 300, records: 2)
                ),
                ("backwards", plainLoad([noon], record: "r9", lineage: lineage, head: "r1", offset: 150, records: 2)),
                ("no such lineage", plainLoad([noon], record: "r3", lineage: 999, head: "r1", offset: 300, records: 3)),
                (
                    "the same drop as a new lineage",
                    plainLoad([noon], record: "r1", head: "r1", offset: 100, records: 1)
                ),
            ] {
                let error = #expect(throws: StoreError.self, "\(what)") { try fixture.store.commit(load) }
                #expect(error?.code == .staleReader, "\(what)")
            }
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow_record") == 2)
            // In order, and another continuation of the same head: both are taken.
            let third = plainLoad([noon], record: "r3", lineage: lineage, head: "r1", offset: 300, records: 3)
            #expect(try fixture.store.commit(third).flows == 1)
            let fork = plainLoad([noon], record: "other", head: "r1", offset: 150, records: 2)
            #expect(try fixture.store.commit(fork).lineages != [lineage])
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow_record") == 4)
        }
    }

    @Test func aReaderThatIsBehindIsRefusedAlsoAmongRepeatedRecords() throws {
        try withStore { fixture in
            let lineage = try #require(
                try fixture.store.commit(plainLoad([noon], record: "r1", head: "r1", offset: 100, records: 1)).lineages
                    .first)
            _ = try fixture.store.commit(
                plainLoad([noon], record: "r2", lineage: lineage, head: "r1", offset: 200, records: 2))
            // Records 2 to 4 of the drop, of which one is a repetition: the counts alone would let r2 in twice.
            var stale = LoadBuilder()
            stale.batch.flows.repeatedRecords = 1
            stale.advance(lineage: lineage, head: "r1", offset: 400, records: 4, hashes: ["r2", "r3"])
            #expect(throws: StoreError.self) { try fixture.store.commit(stale.load) }
            // A reader that stands right, and meets one repetition: taken.
            var right = LoadBuilder()
            right.batch.flows.repeatedRecords = 1
            right.advance(lineage: lineage, head: "r1", offset: 400, records: 4, hashes: ["r3"])
            #expect(try fixture.store.commit(right.load).lineages == [lineage])
        }
    }

    @Test func lineagesAndTheirHashesComeBack() throws {
        try withStore { fixture in
            var builder = LoadBuilder()
            let names = (0..<300).map { "record \($0)" }
            for (index, name) in names.enumerated() {
                var row = FlowRow(format: .nsgV2)
                row.time = noon.advanced(seconds: Int64(index))
                row.record = builder.record(name, index: Int64(index), at: row.time)
                row.source = builder.text("log/\(index % 2)")
                builder.add(row, nowhere)
            }
            builder.advance(head: "record 0", offset: 30_000, records: 300, hashes: names)
            let id = try #require(try fixture.store.commit(builder.load).lineages.first)
            let state = LineageState(
                id: id, head: recordHash("record 0"), offset: 30_000, records: 300,
                digest: [UInt8](repeating: UInt8(truncatingIfNeeded: 30_000), count: 32))
            #expect(try fixture.store.lineages(head: recordHash("record 0")) == [state])
            #expect(try fixture.store.lineages(head: recordHash("record 1")) == [])
            #expect(try fixture.store.recordHashes(lineages: [id]).sorted() == names.map(recordHash).sorted())
            #expect(try fixture.store.recordHashes(lineages: []) == [])
            #expect(try fixture.store.recordHashes(lineages: [id + 1]) == [])
            // A page for each source and minute: 300 seconds are 5 minutes, two sources.
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.identity_page WHERE source IS NOT NULL") == 10)
        }
    }

    @Test func batchesGrowInTheOrderOfTheCommits() throws {
        try withStore { fixture in
            let other = try fixture.another()
            var last: Int64 = 0
            for index in 0..<6 {
                let store = index.isMultiple(of: 2) ? fixture.store : other.store
                let receipt = try store.commit(plainLoad([noon], record: "r\(index)", head: "r\(index)"))
                #expect(receipt.batch > last)
                last = receipt.batch
            }
        }
    }

    @Test func aDeadLetterReadAgainStaysOne() throws {
        try withStore { fixture in
            var builder = LoadBuilder()
            builder.batch.flows.deadLetters = [
                letter("a"), letter("a"), letter("a", reason: .badTuple), letter("a", reason: .badTuple, tuple: 1),
                letter("b"),
            ]
            let first = try fixture.store.commit(builder.load)
            #expect(first.deadLetters == 4)
            #expect(first.deadLettersByReason == [.notJSON: 2, .badTuple: 2])
            let second = try fixture.store.commit(builder.load)
            #expect(second.deadLetters == 0)
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.dead_letter") == 4)
            let row = try #require(
                try fixture.rows("SELECT file, detail, category, input FROM flowsight.dead_letter WHERE tuple = 1")
                    .first)
            #expect(row.string(0) == "drops/\u{fffd}.json")
            #expect(row.string(1) == "what is wrong")
            #expect(row.string(2) == nil)
            #expect(row.bytes(3) == [0, 255, 10])
        }
    }

    @Test func manyDeadLettersAreStoredInOneCommit() throws {
        try withStore { fixture in
            var builder = LoadBuilder()
            builder.batch.flows.deadLetters = (0..<1_201).map { letter("letter \($0)") }
            let receipt = try fixture.store.commit(builder.load)
            #expect(receipt.deadLetters == 1_201)
        }
    }

    private func letter(_ name: String, reason: DeadLetterReason = .notJSON, tuple: Int64? = nil) -> DeadLetter {
        DeadLetter(
            reason: reason, file: "drops/\0.json", record: nil, tuple: tuple, offset: 7, category: nil,
            detail: "what is wrong", input: [0, 255, 10], hash: recordHash(name))
    }
}
