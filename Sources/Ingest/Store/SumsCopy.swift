import FlowModel
import Postgres

/// Encodes what a batch adds to `flow_minute`, `coverage` and `firewall_client`.
enum SumsCopy {
    /// The columns in the order in which the functions below write them. A test compares the lists with the tables.
    static let minuteColumns = [
        "time", "batch", "flows", "rows_with_counters", "packets_sent", "bytes_sent", "packets_received",
        "bytes_received", "source", "observer", "source_endpoint", "destination_endpoint", "source_observer",
        "destination_observer", "dst_port", "rank", "direction", "protocol", "action",
    ]
    static let coverageColumns = ["minute", "batch", "observer", "source", "rank"]
    static let clientColumns = ["day", "batch", "source", "firewall", "client"]

    static func append(
        _ key: MinuteSums.Key, _ sums: MinuteSums.Sums, batch: Int64, to encoder: inout BinaryRowEncoder
    ) {
        encoder.beginRow(fields: minuteColumns.count)
        encoder.timestamptz(unixMicroseconds: key.minute * 60_000_000)
        encoder.int64(batch)
        encoder.int64(sums.flows)
        encoder.int64(sums.rowsWithCounters)
        for sum in [sums.packetsSent, sums.bytesSent, sums.packetsReceived, sums.bytesReceived] {
            if sum < 0 { encoder.null() } else { encoder.int64(sum) }
        }
        encoder.int32(key.source)
        append(key.observer, to: &encoder)
        append(key.sourceEndpoint, to: &encoder)
        append(key.destinationEndpoint, to: &encoder)
        append(key.sourceObserver, to: &encoder)
        append(key.destinationObserver, to: &encoder)
        append(key.port, to: &encoder)
        encoder.int16(Int16(key.rank))
        for code in [key.direction.code, key.ipProtocol < 0 ? nil : key.ipProtocol, key.action.code] {
            if let code { encoder.int16(code) } else { encoder.null() }
        }
    }

    static func append(_ coverage: MinuteSums.Coverage, batch: Int64, to encoder: inout BinaryRowEncoder) {
        encoder.beginRow(fields: coverageColumns.count)
        encoder.timestamptz(unixMicroseconds: coverage.minute * 60_000_000)
        encoder.int64(batch)
        append(coverage.observer, to: &encoder)
        encoder.int32(coverage.source)
        encoder.int16(Int16(coverage.rank))
    }

    static func append(_ client: MinuteSums.FirewallClient, batch: Int64, to encoder: inout BinaryRowEncoder) {
        encoder.beginRow(fields: clientColumns.count)
        // date: days since 2000-01-01 as four bytes (server source, utils/adt/date.c, date_recv).
        encoder.int32(Int32(clamping: client.day - 10_957))
        encoder.int64(batch)
        encoder.int32(client.source)
        encoder.int32(client.firewall)
        encoder.int32(client.client)
    }

    private static func append(_ id: Int32, to encoder: inout BinaryRowEncoder) {
        if id < 0 { encoder.null() } else { encoder.int32(id) }
    }
}
