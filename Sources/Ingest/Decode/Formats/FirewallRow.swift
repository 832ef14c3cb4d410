internal import FlowModel

extension FormatContext {
    /// A row with what all of a firewall's records share: time, vantage, source; and the record's time in its origin.
    mutating func firewallRow(_ format: LogFormat, into batch: inout FlowBatch) throws(Fault) -> FlowRow {
        var row = FlowRow(format: format)
        row.record = record
        row.time = try recordTime()
        batch.records[Int(record)].time = row.time
        (row.vantage, row.source) = try firewallSource(into: &batch)
        return row
    }

    /// The attributes' id. Those that repeat (a policy's name) are stored once.
    func attributesID(isUnique: Bool, into batch: inout FlowBatch) -> TextID {
        isUnique ? batch.texts.append(attributes.span) : batch.texts.intern(attributes.span)
    }
}
