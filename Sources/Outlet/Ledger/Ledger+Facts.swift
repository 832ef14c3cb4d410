internal import FlowModel
internal import Postgres
internal import Runtime

/// The minutes and sessions that findings rest on.
///
/// They go in as one JSON parameter per chunk: a replay of days has thousands, and a statement each would cost a
/// round trip each.
extension Ledger {
    private static let chunk = 1_000

    /// A minute that is written again replaces what it was: the later evaluation knows all that the earlier one did.
    func write(_ loads: [FirewallLoadMinute], _ limit: Deadline) throws(PostgresError) {
        // The last one of a minute wins: one statement may not update a row twice.
        var latest: [LoadKey: FirewallLoadMinute] = [:]
        for load in loads { latest[LoadKey(firewall: load.firewall, minute: load.minute)] = load }
        let sorted = latest.values.sorted { ($0.minute, $0.firewall) < ($1.minute, $1.firewall) }
        try insert(
            sorted,
            """
            INSERT INTO flowsight.firewall_load_minute (firewall, minute, bytes, capacity_bytes, processed_bytes)
            SELECT firewall, minute, bytes, capacity_bytes, processed_bytes FROM jsonb_to_recordset($1::jsonb)
                AS load(firewall text, minute timestamptz, bytes bigint, capacity_bytes bigint, processed_bytes bigint)
            ON CONFLICT (firewall, minute) DO UPDATE SET bytes = excluded.bytes,
                capacity_bytes = excluded.capacity_bytes, processed_bytes = excluded.processed_bytes
            """, limit
        ) { load, json in
            json.key("firewall"); json.value(storable(load.firewall))
            json.key("minute"); json.value(load.minute)
            json.key("bytes"); json.value(load.bytes)
            json.key("capacity_bytes"); json.value(load.capacityBytes)
            json.key("processed_bytes"); json.value(load.processedBytes)
        }
    }

    func write(_ sessions: [AsymmetricSession], _ limit: Deadline) throws(PostgresError) {
        try insert(
            sessions,
            """
            INSERT INTO flowsight.asymmetric_session_row (fingerprint, first_seen, client_ip, client_port, server_ip,
                server_port, protocol, opener, answerer, forward_path, return_path)
            SELECT fingerprint, first_seen, client_ip, client_port, server_ip, server_port, protocol, opener, answerer,
                forward_path, return_path FROM jsonb_to_recordset($1::jsonb)
                AS session(fingerprint text, first_seen timestamptz, client_ip inet, client_port integer,
                    server_ip inet, server_port integer, protocol smallint, opener text, answerer text,
                    forward_path text, return_path text)
            ON CONFLICT DO NOTHING
            """, limit
        ) { session, json in
            json.key("fingerprint"); json.value(storable(session.fingerprint))
            json.key("first_seen"); json.value(session.time)
            json.key("client_ip"); json.value(session.clientAddress.description)
            json.key("client_port"); json.value(Int64(session.clientPort))
            json.key("server_ip"); json.value(session.serverAddress.description)
            json.key("server_port"); json.value(Int64(session.serverPort))
            json.key("protocol"); json.value(Int64(session.ipProtocol))
            json.key("opener"); json.value(storable(session.from))
            json.key("answerer"); json.value(storable(session.to))
            json.key("forward_path"); json.value(storable(session.forward))
            json.key("return_path"); json.value(storable(session.back))
        }
    }

    private func insert<Row>(
        _ rows: [Row], _ sql: String, _ limit: Deadline, _ write: (Row, inout JSONWriter) -> Void
    ) throws(PostgresError) {
        var start = 0
        while start < rows.count {
            let end = min(start + Ledger.chunk, rows.count)
            var json = JSONWriter()
            json.beginArray()
            for row in rows[start..<end] {
                json.beginObject()
                write(row, &json)
                json.endObject()
            }
            json.endArray()
            _ = try connection.execute(sql, [.text(json.string)], deadline: limit)
            start = end
        }
    }

    private struct LoadKey: Hashable {
        var firewall: String
        var minute: EventTime
    }
}
