import FlowModel
import Postgres
import Store
import Testing

@Suite(.needsDatabase) struct PartitionTests {
    private func partitions(_ fixture: Fixture, _ table: String) throws -> [String] {
        try fixture.rows(
            """
            SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'flowsight.\(table)'::regclass ORDER BY 1
            """
        ).compactMap { $0.string(0) }
    }

    @Test func partitionsAreMadeWhenARowNeedsThem() throws {
        try withStore { fixture in
            #expect(try partitions(fixture, "flow_record") == [])
            let midnight = noon.advanced(seconds: 14 * 3_600)
            let before = EventTime(microseconds: midnight.microseconds - 1)
            _ = try fixture.store.commit(plainLoad([before, midnight], record: "a", head: "a"))
            #expect(try partitions(fixture, "flow_record") == ["flow_record_20260304", "flow_record_20260305"])
            #expect(try partitions(fixture, "flow_minute") == ["flow_minute_20260304", "flow_minute_20260305"])
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow_record_20260304") == 1)
            // A second batch of the same days finds them, and a late row of an older day makes its own.
            _ = try fixture.store.commit(
                plainLoad([before, noon.advanced(seconds: -30 * 86_400)], record: "b", head: "b"))
            #expect(try partitions(fixture, "flow_record").first == "flow_record_20260202")
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow_record_20260202") == 1)
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow") == 4)
        }
    }

    @Test func aDroppedPartitionIsMadeAgain() throws {
        try withStore { fixture in
            _ = try fixture.store.commit(plainLoad([noon], record: "a", head: "a"))
            _ = try fixture.rows("DROP TABLE flowsight.flow_record_20260304")
            #expect(try fixture.store.commit(plainLoad([noon], record: "b", head: "b")).flows == 1)
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.flow") == 1)
        }
    }

    @Test func openPartitionsCarryTheBRINIndexOnly() throws {
        try withStore { fixture in
            _ = try fixture.store.commit(plainLoad([noon]))
            let methods = try fixture.rows(
                """
                SELECT a.amname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am a ON a.oid = i.relam
                WHERE x.indrelid = 'flowsight.flow_record_20260304'::regclass
                """
            ).compactMap { $0.string(0) }
            #expect(methods == ["brin"])
        }
    }

    @Test func aLateRowIsReadBackInItsPlace() throws {
        try withStore { fixture in
            _ = try fixture.store.commit(plainLoad([noon, noon.advanced(seconds: 7_200)], record: "a", head: "a"))
            _ = try fixture.store.commit(plainLoad([noon.advanced(seconds: 3_600)], record: "b", head: "b"))
            let times = try fixture.all().flatMap(\.rows).map { ($0.time.microseconds - noon.microseconds) / 1_000_000 }
            #expect(times == [0, 3_600, 7_200])
            #expect(try fixture.store.latestEventTime() == noon.advanced(seconds: 7_200))
        }
    }
}
