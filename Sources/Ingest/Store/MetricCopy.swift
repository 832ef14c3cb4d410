import FlowModel
import Postgres

/// Encodes metric points for the COPY into `metric_point`.
enum MetricCopy {
    /// The columns in the order in which `append` writes them. A test compares this list with the table.
    static let columns = [
        "time", "batch", "record_time", "record_index", "count", "total", "minimum", "maximum", "average",
        "record_hash",
        "file", "vantage", "name", "time_grain",
    ]

    static func append(
        _ point: MetricPoint, _ flows: FlowBatch, _ keys: RowKeys, batch: Int64, to encoder: inout BinaryRowEncoder
    ) {
        let record = flows.records[Int(point.record)]
        encoder.beginRow(fields: columns.count)
        encoder.timestamptz(unixMicroseconds: point.time.microseconds)
        encoder.int64(batch)
        encoder.timestamptz(unixMicroseconds: record.time.microseconds)
        encoder.int64(record.index)
        for value in [point.count, point.total, point.minimum, point.maximum, point.average] {
            if let value { encoder.double(value) } else { encoder.null() }
        }
        encoder.uuid(record.hash.upper, record.hash.lower)
        encoder.int32(record.file.isNone ? 0 : keys.file[Int(record.file.index)])
        if point.vantage.isNone { encoder.null() } else { encoder.int32(keys.vantage[Int(point.vantage.index)]) }
        encoder.text(storable(flows.texts.string(point.name) ?? ""))
        if let grain = flows.texts.string(point.timeGrain) { encoder.text(storable(grain)) } else { encoder.null() }
    }
}
