import FlowModel
import Postgres
import Runtime

/// Makes the partitions by day that a batch needs, inside its transaction.
struct Partitions {
    /// The tables that are partitioned by day of event time.
    static let tables = ["flow_record", "flow_minute"]

    let connection: Connection
    let deadline: Deadline

    /// Makes those of `days` (since 1970, UTC) that are not there yet. Asked anew for each batch: retention may have
    /// dropped one since the last.
    func ensure(days: [Int64]) throws(PostgresError) {
        guard !days.isEmpty else { return }
        let wanted = Partitions.tables.flatMap { table in days.map { (table, $0, Partitions.name(table, day: $0)) } }
        let rows = try connection.execute(
            "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass('flowsight.' || name) IS NULL",
            [.text("{" + wanted.map(\.2).joined(separator: ",") + "}")], deadline: deadline)
        let missing = Set(rows.compactMap { $0.string(0) })
        for (table, day, name) in wanted where missing.contains(name) {
            try connection.execute(Partitions.statement(table, day: day, name: name), deadline: deadline)
        }
    }

    static func name(_ table: String, day: Int64) -> String {
        table + "_" + date(day).filter { $0 != "-" }
    }

    // Made apart and attached: CREATE TABLE … PARTITION OF would lock out every reader of the table, ATTACH does not.
    private static func statement(_ table: String, day: Int64, name: String) -> String {
        """
        CREATE TABLE flowsight.\(name) (LIKE flowsight.\(table) INCLUDING DEFAULTS INCLUDING STORAGE);
        ALTER TABLE flowsight.\(table) ATTACH PARTITION flowsight.\(name)
            FOR VALUES FROM ('\(date(day)) 00:00:00+00') TO ('\(date(day + 1)) 00:00:00+00')
        """
    }

    private static func date(_ day: Int64) -> String { String(EventTime(seconds: day * 86_400).description.prefix(10)) }
}
