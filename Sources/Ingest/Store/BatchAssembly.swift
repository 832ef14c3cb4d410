import FlowModel
import Postgres

/// Puts rows and metric points that come sorted by time into batches, merged by time.
struct BatchAssembly {
    private let limit: Int
    private let points: [StoredPoint]
    private var nextPoint = 0
    private var batch = FlowBatch()
    private var records: [RecordHash: Int32] = [:]

    init(limit: Int, points: [StoredPoint]) {
        self.limit = limit
        self.points = points
    }

    /// Takes the decoder's row, and the points before it; a batch where one became full.
    mutating func read(_ decoder: inout BinaryRowDecoder) throws(PostgresError) -> FlowBatch? {
        let (row, origin) = try FlowReading.read(&decoder, &batch.texts)
        // The batch may run over its limit by the points that lie before one row: few, against the rows.
        while nextPoint < points.count, points[nextPoint].time <= row.time { takePoint() }
        var placed = row
        placed.record = record(origin)
        batch.append(placed)
        return isFull ? take() : nil
    }

    /// What is left once all rows were read, a batch at a time; nil at the end.
    mutating func rest() -> FlowBatch? {
        while nextPoint < points.count, !isFull { takePoint() }
        return batch.isEmpty ? nil : take()
    }

    private var isFull: Bool { batch.count + batch.metrics.count >= limit }

    private mutating func take() -> FlowBatch {
        defer {
            batch = FlowBatch()
            records.removeAll(keepingCapacity: true)
        }
        return batch
    }

    private mutating func takePoint() {
        let stored = points[nextPoint]
        nextPoint += 1
        let origin = RecordOrigin(
            file: text(stored.file), index: stored.recordIndex, offset: -1, hash: stored.hash, time: stored.recordTime)
        var point = MetricPoint(
            time: stored.time, name: text(stored.name), vantage: text(stored.vantage),
            timeGrain: text(stored.timeGrain),
            record: record(origin))
        point.count = stored.count
        point.total = stored.total
        point.minimum = stored.minimum
        point.maximum = stored.maximum
        point.average = stored.average
        batch.metrics.append(point)
    }

    private mutating func text(_ text: String?) -> TextID { text.map { batch.texts.intern($0) } ?? .none }

    private mutating func record(_ origin: RecordOrigin) -> Int32 {
        if let index = records[origin.hash] { return index }
        let index = Int32(batch.records.count)
        batch.records.append(origin)
        records[origin.hash] = index
        return index
    }
}
