import FlowModel
import Postgres

/// A metric point as it was read back, its texts still apart from any batch.
struct StoredPoint {
    var time: EventTime
    var hash: RecordHash
    var recordTime: EventTime
    var recordIndex: Int64
    var count: Double?
    var total: Double?
    var minimum: Double?
    var maximum: Double?
    var average: Double?
    var name: String
    var timeGrain: String?
    var vantage: String?
    var file: String?

    static func statement(_ slice: Slice) -> String {
        """
        COPY (SELECT p.time, p.record_hash, p.record_time, p.record_index, p.count, p.total, p.minimum, p.maximum,
            p.average, p.name, p.time_grain, vantage.name, file.name
            FROM (SELECT * FROM flowsight.metric_point WHERE \(slice.condition)) p
            LEFT JOIN flowsight.vantage ON vantage.id = p.vantage
            LEFT JOIN flowsight.file ON file.id = p.file
            ORDER BY p.time, p.record_hash, p.name, vantage.name
        ) TO STDOUT (FORMAT binary)
        """
    }

    init(_ decoder: inout BinaryRowDecoder) throws(PostgresError) {
        time = EventTime(microseconds: try decoder.timestamptz() ?? 0)
        let bits = try decoder.uuid() ?? (0, 0)
        hash = RecordHash(upper: bits.upper, lower: bits.lower)
        recordTime = EventTime(microseconds: try decoder.timestamptz() ?? 0)
        recordIndex = try decoder.int64() ?? 0
        count = try decoder.double()
        total = try decoder.double()
        minimum = try decoder.double()
        maximum = try decoder.double()
        average = try decoder.double()
        name = try decoder.text() ?? ""
        timeGrain = try decoder.text()
        vantage = try decoder.text()
        file = try decoder.text()
    }
}
