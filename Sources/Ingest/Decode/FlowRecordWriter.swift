package import FlowModel

/// Writes flow records as the NDJSON of `decode`: one object a line, every key always present, null where the log says
/// nothing.
///
/// `fqdn` and `rule` are texts of the batch, `attributes` is JSON already: all were checked when they were decoded.
package struct FlowRecordWriter: Sendable {
    // One buffer for times, addresses and MACs, used again from row to row.
    private var text: [UInt8] = []

    package init() {}

    /// Appends row `index` of the batch and a line's end.
    package mutating func write(row index: Int, of batch: FlowBatch, to json: inout JSONWriter) {
        let row = batch.rows[index]
        json.beginObject()
        json.key("time"); write(&json) { row.time.write(to: &$0) }
        json.key("format"); json.value(row.format.name)
        json.key("vantage"); write(row.vantage, batch, &json)
        json.key("mac"); writeMAC(row.mac, &json)
        json.key("src_ip"); write(row.sourceAddress, &json)
        json.key("dst_ip"); write(row.destinationAddress, &json)
        json.key("src_port"); write(Int64(row.sourcePort), &json)
        json.key("dst_port"); write(Int64(row.destinationPort), &json)
        json.key("protocol"); write(Int64(row.ipProtocol), &json)
        json.key("icmp_type"); write(Int64(row.icmpType), &json)
        json.key("direction"); json.value(row.direction.name)
        json.key("action"); json.value(row.action.name)
        json.key("state"); json.value(row.state.name)
        json.key("packets_sent"); write(row.packetsSent, &json)
        json.key("bytes_sent"); write(row.bytesSent, &json)
        json.key("packets_received"); write(row.packetsReceived, &json)
        json.key("bytes_received"); write(row.bytesReceived, &json)
        json.key("nat_src_ip"); write(row.natSourceAddress, &json)
        json.key("nat_src_port"); write(Int64(row.natSourcePort), &json)
        json.key("nat_dst_ip"); write(row.natDestinationAddress, &json)
        json.key("nat_dst_port"); write(Int64(row.natDestinationPort), &json)
        json.key("tcp_flags"); write(row.tcpFlags, batch, &json)
        json.key("encryption"); write(row.encryption, batch, &json)
        json.key("rule"); write(row.rule, batch, &json)
        json.key("acl"); write(row.acl, batch, &json)
        json.key("fqdn"); write(row.fqdn, batch, &json)
        json.key("url"); write(row.url, batch, &json)
        json.key("rate_mbps"); json.value(row.rateMbps)
        json.key("event_count"); json.value(Int64(row.eventCount))
        json.key("attributes")
        if row.attributes.isNone { json.null() } else { json.raw(batch.texts.utf8(row.attributes)) }
        json.key("origin")
        writeOrigin(row.record, tuple: row.tuple, batch, &json)
        json.endObject()
        json.newline()
    }

    private func write(_ id: TextID, _ batch: FlowBatch, _ json: inout JSONWriter) {
        json.value(batch.texts.utf8(id), isNull: id.isNone)
    }

    private func write(_ number: Int64, _ json: inout JSONWriter) {
        if number < 0 { json.null() } else { json.value(number) }
    }

    private mutating func write(_ address: IPAddress, _ json: inout JSONWriter) {
        if address.isNone { json.null() } else { write(&json) { address.write(to: &$0) } }
    }

    private mutating func write(_ json: inout JSONWriter, _ body: (inout [UInt8]) -> Void) {
        text.removeAll(keepingCapacity: true)
        body(&text)
        json.value(text[...], isNull: false)
    }

    /// 12 hex digits, upper case.
    private mutating func writeMAC(_ mac: UInt64, _ json: inout JSONWriter) {
        guard mac != 0 else { return json.null() }
        write(&json) { text in
            for shift in stride(from: UInt64(44), through: 0, by: -4) {
                let digit = UInt8(truncatingIfNeeded: mac >> shift & 15)
                text.append(digit < 10 ? 48 + digit : 55 + digit)
            }
        }
    }
}

/// `origin`: the drop, and the indexes of record and tuple in it.
func writeOrigin(_ record: Int32, tuple: Int32, _ batch: FlowBatch, _ json: inout JSONWriter) {
    let origin = batch.records[Int(record)]
    json.beginObject()
    json.key("file"); json.value(batch.texts.utf8(origin.file), isNull: origin.file.isNone)
    json.key("record"); json.value(origin.index)
    json.key("tuple"); json.value(tuple < 0 ? nil : Int64(tuple))
    json.endObject()
}
