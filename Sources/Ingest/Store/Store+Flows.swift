package import FlowModel
import Postgres
import Runtime

extension Store {
    /// Reads stored rows and metric points back, ordered by time, then record hash, then tuple.
    ///
    /// Rows and points come merged by time: when a batch is handed over, all that is older than its last one was handed
    /// over before. Empty stretches cost nothing. Equal to what was stored, except for what has no column: a record's
    /// byte offset (it reads as -1), `attributes` (the same JSON, keys and blanks as jsonb writes them) and dead
    /// letters.
    ///
    /// - Parameters:
    ///   - from: event time from which rows are wanted.
    ///   - to: event time before which rows are wanted; nil for all.
    ///   - rowsPerBatch: flows and metric points of a batch, more or less.
    ///   - batches: only rows that these commits stored; nil for all.
    ///   - each: takes a batch. The connection is in use while it runs: it must not call this store. What it throws
    ///     ends the call, and the connection with it.
    /// - Throws: `StoreError`, or what `each` throws.
    package func flows(
        from: EventTime, to: EventTime?, limit rowsPerBatch: Int, batches: ClosedRange<Int64>? = nil,
        _ each: (FlowBatch) throws -> Void
    ) throws {
        precondition(rowsPerBatch > 0, "a batch of no rows")
        var start = from
        // By the hour: the server sorts one slice at a time, in memory.
        while let next = try nextTime(from: start), to.map({ next < $0 }) ?? true {
            let hour = EventTime(microseconds: floorDivide(next.microseconds, hourMicroseconds) * hourMicroseconds)
            let end = min(
                EventTime(microseconds: hour.microseconds + hourMicroseconds), to ?? EventTime(microseconds: .max))
            try readSlice(Slice(from: max(start, hour), to: end, batches: batches), rowsPerBatch, each)
            start = end
        }
    }

    /// The first time from `start` on at which something may be stored; the minute of it, for rows.
    private func nextTime(from start: EventTime) throws(StoreError) -> EventTime? {
        let rows = try query(
            """
            SELECT \(microseconds("""
                least((SELECT min(minute) FROM flowsight.coverage WHERE minute >= $1::timestamptz),
                    (SELECT min(time) FROM flowsight.metric_point WHERE time >= $2::timestamptz))
                """))
            """, [.text(start.minute.description), .text(start.description)], "looking for the next rows")
        return rows.first?.integer(0).map { max(EventTime(microseconds: $0), start) }
    }

    private func readSlice(_ slice: Slice, _ limit: Int, _ each: (FlowBatch) throws -> Void) throws {
        let deadline = Deadline.after(duration * 20)
        var failure: (any Error)?
        func deliver(_ batch: FlowBatch) throws(PostgresError) {
            do {
                try each(batch)
            } catch {
                failure = error
                throw PostgresError(code: .stopped, message: "the reader of the rows gave up")
            }
        }
        do throws(PostgresError) {
            var assembly = BatchAssembly(limit: limit, points: try readMetrics(slice, deadline))
            var decoder = BinaryRowDecoder()
            try connection.copyOut(FlowReading.statement(slice), deadline: deadline) { chunk throws(PostgresError) in
                decoder.append(chunk)
                while try decoder.beginRow() != nil {
                    if let full = try assembly.read(&decoder) { try deliver(full) }
                }
            }
            while let rest = assembly.rest() { try deliver(rest) }
        } catch {
            throw failure ?? FlowReading.translate(error)
        }
    }

    private func readMetrics(_ slice: Slice, _ deadline: Deadline) throws(PostgresError) -> [StoredPoint] {
        var points: [StoredPoint] = []
        var decoder = BinaryRowDecoder()
        try connection.copyOut(StoredPoint.statement(slice), deadline: deadline) { chunk throws(PostgresError) in
            decoder.append(chunk)
            while try decoder.beginRow() != nil { points.append(try StoredPoint(&decoder)) }
        }
        return points
    }
}

private let hourMicroseconds: Int64 = 3_600_000_000

/// A stretch of event time, and the commits whose rows are wanted.
struct Slice {
    var from: EventTime
    var to: EventTime
    var batches: ClosedRange<Int64>?

    /// The condition on a table with `time` and `batch`. A COPY takes no parameters; these are times and numbers of
    /// ours.
    var condition: String {
        let commits = batches.map { " AND batch BETWEEN \($0.lowerBound) AND \($0.upperBound)" } ?? ""
        return "time >= '\(from)'::timestamptz AND time < '\(to)'::timestamptz" + commits
    }
}
