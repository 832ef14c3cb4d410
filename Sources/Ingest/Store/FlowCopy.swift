internal import FlowModel
internal import Postgres

/// Encodes rows for the COPY into `flow_record`. The hot path of a commit: bytes in, bytes out, no String, no look-up.
struct FlowCopy {
    /// The columns in the order in which `append` writes them. A test compares this list with the table.
    static let columns = [
        "time", "batch", "record_time", "record_index", "mac", "packets_sent", "bytes_sent", "packets_received",
        "bytes_received", "rate_mbps", "record_hash", "source", "ordinal", "file", "format", "vantage", "src_port",
        "dst_port", "nat_src_port", "nat_dst_port", "rule", "acl", "event_count", "domain", "source_endpoint",
        "destination_endpoint", "observer", "source_observer", "destination_observer", "rank", "protocol", "icmp_type",
        "direction", "action", "state", "src_ip", "dst_ip", "nat_src_ip", "nat_dst_ip", "tcp_flags", "encryption",
        "fqdn", "url", "attributes",
    ]

    /// Bytes after which the encoder's content should be sent: large enough that libpq's cost per call vanishes, small
    /// enough to stay in the second-level cache.
    static let chunkBytes = 256 * 1024

    var encoder: BinaryRowEncoder
    let keys: RowKeys
    let texts: TextPool
    let batch: Int64

    mutating func append(_ row: FlowRow, _ record: RecordOrigin, _ place: Sighting) {
        encoder.beginRow(fields: FlowCopy.columns.count)
        encoder.timestamptz(unixMicroseconds: row.time.microseconds)
        encoder.int64(batch)
        encoder.timestamptz(unixMicroseconds: record.time.microseconds)
        encoder.int64(record.index)
        if row.mac == 0 { encoder.null() } else { encoder.int64(Int64(bitPattern: row.mac)) }
        count(row.packetsSent)
        count(row.bytesSent)
        count(row.packetsReceived)
        count(row.bytesReceived)
        if row.rateMbps.isNaN { encoder.null() } else { encoder.double(row.rateMbps) }
        encoder.uuid(record.hash.upper, record.hash.lower)
        appendOrigin(row, record)
        appendPlace(place)
        appendCodes(row)
        appendAddresses(row)
        inline(row.tcpFlags)
        inline(row.encryption)
        inline(row.fqdn)
        inline(row.url)
        if row.attributes.isNone { encoder.null() } else { encoder.jsonb(texts.utf8(row.attributes)) }
    }

    private mutating func appendOrigin(_ row: FlowRow, _ record: RecordOrigin) {
        encoder.int32(row.source.isNone ? keys.noSource : keys.source[Int(row.source.index)])
        number(row.tuple)
        encoder.int32(record.file.isNone ? 0 : keys.file[Int(record.file.index)])
        encoder.int32(keys.format[Int(row.format.rawValue)])
        key(row.vantage.index, keys.vantage)
        number(row.sourcePort)
        number(row.destinationPort)
        number(row.natSourcePort)
        number(row.natDestinationPort)
        key(row.rule.index, keys.rule)
        key(row.acl.index, keys.acl)
        encoder.int32(row.eventCount)
    }

    private mutating func appendPlace(_ place: Sighting) {
        encoder.int32(place.domain)
        key(place.source, keys.endpoint)
        key(place.destination, keys.endpoint)
        key(place.observer, keys.observer)
        key(place.sourceObserver, keys.observer)
        key(place.destinationObserver, keys.observer)
        encoder.int16(Int16(place.rank.rawValue))
    }

    private mutating func appendCodes(_ row: FlowRow) {
        small(row.ipProtocol < 0 ? nil : row.ipProtocol)
        small(row.icmpType < 0 ? nil : row.icmpType)
        small(row.direction.code)
        small(row.action.code)
        small(row.state.code)
    }

    private mutating func appendAddresses(_ row: FlowRow) {
        address(row.sourceAddress)
        address(row.destinationAddress)
        address(row.natSourceAddress)
        address(row.natDestinationAddress)
    }

    private mutating func count(_ value: Int64) {
        if value < 0 { encoder.null() } else { encoder.int64(value) }
    }

    private mutating func number(_ value: Int32) {
        if value < 0 { encoder.null() } else { encoder.int32(value) }
    }

    private mutating func small(_ value: Int16?) {
        if let value { encoder.int16(value) } else { encoder.null() }
    }

    private mutating func key(_ index: Int32, _ keys: [Int32]) {
        if index < 0 { encoder.null() } else { encoder.int32(keys[Int(index)]) }
    }

    private mutating func inline(_ text: TextID) {
        if text.isNone { encoder.null() } else { encoder.text(texts.utf8(text)) }
    }

    private mutating func address(_ address: IPAddress) {
        if address.isNone {
            encoder.null()
        } else if address.isIPv4 {
            encoder.inet(ipv4: address.ipv4Bits)
        } else {
            encoder.inet(ipv6Upper: address.upper, lower: address.lower)
        }
    }
}
