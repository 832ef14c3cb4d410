import FlowModel
import Postgres
import Runtime

/// Finds the rows of a batch whose values the server refuses, by halves, in a table that nobody keeps.
///
/// Runs only after a COPY was refused: without it one bad value, which no check of ours knew, would stop its drop for
/// ever.
struct RefusalSearch {
    let connection: Connection
    let deadline: Deadline
    let sightings: SightingBatch
    let screening: Screening

    /// What the server says, by row index.
    func run() throws(PostgresError) -> [Int: String] {
        var refused: [Int: String] = [:]
        try connection.transaction(deadline: deadline) { () throws(PostgresError) in
            try connection.execute(
                "CREATE TEMPORARY TABLE refusal_search (LIKE flowsight.flow_record) ON COMMIT DROP", deadline: deadline)
            try search(sightings.flows.rows.indices, &refused)
        }
        return refused
    }

    private func search(_ range: Range<Int>, _ refused: inout [Int: String]) throws(PostgresError) {
        guard !range.isEmpty, let message = try refusal(of: range) else { return }
        if range.count == 1 {
            refused[range.lowerBound] = message
            return
        }
        let middle = range.lowerBound + range.count / 2
        try search(range.lowerBound..<middle, &refused)
        try search(middle..<range.upperBound, &refused)
    }

    /// What the server says against these rows; nil where it takes them.
    private func refusal(of range: Range<Int>) throws(PostgresError) -> String? {
        try connection.execute("SAVEPOINT refusal_search", deadline: deadline)
        var message: String?
        do throws(PostgresError) {
            try copy(range)
        } catch {
            guard connection.isUsable, StoreError(place: "", cause: error).isRefusedValue else { throw error }
            message = error.message
        }
        try connection.execute("ROLLBACK TO SAVEPOINT refusal_search", deadline: deadline)
        return message
    }

    private func copy(_ range: Range<Int>) throws(PostgresError) {
        let flows = sightings.flows
        var copy = FlowCopy(encoder: BinaryRowEncoder(), keys: RowKeys(for: sightings), texts: flows.texts, batch: 0)
        let writer = try connection.copyIn(copyStatement("refusal_search", FlowCopy.columns), deadline: deadline)
        copy.encoder.header()
        for index in range where screening.keeps(index) {
            let row = flows.rows[index]
            copy.append(row, flows.records[Int(row.record)], sightings.sightings[index])
            if copy.encoder.count >= FlowCopy.chunkBytes {
                try writer.write(copy.encoder)
                copy.encoder.removeAll()
            }
        }
        copy.encoder.trailer()
        try writer.write(copy.encoder)
        _ = try writer.finish()
    }
}
