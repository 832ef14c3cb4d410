import FlowModel
import Postgres

/// Reads one stored flow record from a COPY.
enum FlowReading {
    /// In the order in which `read` takes them.
    private static let columns = """
        f.time, f.record_hash, f.record_time, f.record_index, f.ordinal, f.mac, f.packets_sent, f.bytes_sent,
        f.packets_received, f.bytes_received, f.rate_mbps, f.src_port, f.dst_port, f.nat_src_port, f.nat_dst_port,
        f.event_count, f.protocol, f.icmp_type, f.direction, f.action, f.state, f.src_ip, f.dst_ip, f.nat_src_ip,
        f.nat_dst_ip, file.name, source.name, vantage.name, rule.name, acl.name, f.tcp_flags, f.encryption, f.fqdn,
        f.url, f.attributes, format.name
        """

    /// Sorted by the bytes of the hash, as `RecordHash` compares.
    static func statement(_ slice: Slice) -> String {
        """
        COPY (SELECT \(columns)
            FROM (SELECT * FROM flowsight.flow_record WHERE \(slice.condition)) f
            LEFT JOIN flowsight.file ON file.id = f.file
            LEFT JOIN flowsight.source ON source.id = f.source
            LEFT JOIN flowsight.vantage ON vantage.id = f.vantage
            LEFT JOIN flowsight.rule ON rule.id = f.rule
            LEFT JOIN flowsight.acl ON acl.id = f.acl
            LEFT JOIN flowsight.format ON format.id = f.format
            ORDER BY f.time, f.record_hash, f.ordinal NULLS FIRST
        ) TO STDOUT (FORMAT binary)
        """
    }

    /// A row without its `record`, and where the record stood.
    static func read(
        _ decoder: inout BinaryRowDecoder, _ texts: inout TextPool
    ) throws(PostgresError) -> (row: FlowRow, record: RecordOrigin) {
        var row = FlowRow(format: .nsgV1)
        row.time = EventTime(microseconds: try decoder.timestamptz() ?? 0)
        let hash = try decoder.uuid() ?? (0, 0)
        let recordTime = EventTime(microseconds: try decoder.timestamptz() ?? 0)
        let recordIndex = try decoder.int64() ?? 0
        row.tuple = try decoder.int32() ?? -1
        row.mac = UInt64(bitPattern: try decoder.int64() ?? 0)
        try readNumbers(&decoder, &row)
        row.sourceAddress = try address(&decoder)
        row.destinationAddress = try address(&decoder)
        row.natSourceAddress = try address(&decoder)
        row.natDestinationAddress = try address(&decoder)
        let file = try text(&decoder, &texts)
        row.source = try text(&decoder, &texts)
        if texts.utf8(row.source).isEmpty { row.source = .none }
        try readTexts(&decoder, &row, &texts)
        row.format = try format(&decoder)
        let record = RecordOrigin(
            file: file, index: recordIndex, offset: -1, hash: RecordHash(upper: hash.upper, lower: hash.lower),
            time: recordTime)
        return (row, record)
    }

    private static func readNumbers(_ decoder: inout BinaryRowDecoder, _ row: inout FlowRow) throws(PostgresError) {
        row.packetsSent = try decoder.int64() ?? -1
        row.bytesSent = try decoder.int64() ?? -1
        row.packetsReceived = try decoder.int64() ?? -1
        row.bytesReceived = try decoder.int64() ?? -1
        row.rateMbps = try decoder.double() ?? .nan
        row.sourcePort = try decoder.int32() ?? -1
        row.destinationPort = try decoder.int32() ?? -1
        row.natSourcePort = try decoder.int32() ?? -1
        row.natDestinationPort = try decoder.int32() ?? -1
        row.eventCount = try decoder.int32() ?? 1
        row.ipProtocol = try decoder.int16() ?? -1
        row.icmpType = try decoder.int16() ?? -1
        row.direction = FlowDirection(code: try decoder.int16())
        row.action = FlowAction(code: try decoder.int16())
        row.state = FlowState(code: try decoder.int16())
    }

    private static func readTexts(
        _ decoder: inout BinaryRowDecoder, _ row: inout FlowRow, _ texts: inout TextPool
    ) throws(PostgresError) {
        row.vantage = try text(&decoder, &texts)
        row.rule = try text(&decoder, &texts)
        row.acl = try text(&decoder, &texts)
        row.tcpFlags = try text(&decoder, &texts)
        row.encryption = try text(&decoder, &texts)
        row.fqdn = try text(&decoder, &texts)
        row.url = try text(&decoder, &texts)
        // Attributes hardly ever repeat: not worth a look for an equal one.
        row.attributes = try decoder.jsonb().map { texts.append($0.span) } ?? .none
    }

    private static func text(_ decoder: inout BinaryRowDecoder, _ texts: inout TextPool) throws(PostgresError) -> TextID
    {
        var id = TextID.none
        _ = try decoder.withBytes { id = texts.intern($0) }
        return id
    }

    private static func address(_ decoder: inout BinaryRowDecoder) throws(PostgresError) -> IPAddress {
        try decoder.inet().map { IPAddress(upper: $0.upper, lower: $0.lower) } ?? .none
    }

    private static func format(_ decoder: inout BinaryRowDecoder) throws(PostgresError) -> LogFormat {
        let name = try decoder.text() ?? ""
        guard let format = LogFormat(name: name) else {
            throw PostgresError(code: .copy, sqlState: unknownFormatState, message: name)
        }
        return format
    }

    /// Ours, of the class that the SQL standard leaves to implementations.
    private static let unknownFormatState = "FS001"

    static func translate(_ error: PostgresError) -> StoreError {
        guard error.sqlState == unknownFormatState else { return StoreError(place: "reading rows back", cause: error) }
        return StoreError(
            code: .unknownFormat, place: "reading rows back", detail: "rows of the format '\(error.message)'",
            hint: "a later build stored them; run that build")
    }
}
