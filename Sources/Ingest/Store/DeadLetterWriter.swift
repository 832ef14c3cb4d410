import FlowModel
import Postgres
import Runtime

/// Stores dead letters; one that is there already (same hash, reason and tuple) stays as it was.
struct DeadLetterWriter {
    /// Rows and input bytes of one statement: far below the 65,535 parameters that the protocol allows.
    static let rowsLimit = 500
    static let bytesLimit = 4 << 20

    let connection: Connection
    let deadline: Deadline

    /// How many were new, by reason.
    func write(_ letters: [DeadLetter], batch: Int64) throws(PostgresError) -> [DeadLetterReason: Int] {
        var stored: [DeadLetterReason: Int] = [:]
        var start = 0
        while start < letters.count {
            var end = start
            var bytes = 0
            while end < letters.count, end - start < DeadLetterWriter.rowsLimit, bytes < DeadLetterWriter.bytesLimit {
                bytes += letters[end].input.count
                end += 1
            }
            for row in try insert(letters[start..<end], batch: batch) {
                if let reason = row.string(0).flatMap({ DeadLetterReason(rawValue: $0) }) {
                    stored[reason, default: 0] += 1
                }
            }
            start = end
        }
        return stored
    }

    private func insert(_ letters: ArraySlice<DeadLetter>, batch: Int64) throws(PostgresError) -> Rows {
        var parameters: [Parameter] = [.integer(batch)]
        var lines: [String] = []
        for letter in letters {
            let first = parameters.count + 1
            let types = ["uuid", "text", "bigint", "bigint", "bigint", "text", "text", "text", "bytea"]
            lines.append(
                "(" + types.enumerated().map { "$\(first + $0.offset)::\($0.element)" }.joined(separator: ", ")
                    + ", $1::bigint)")
            parameters += [
                .text(letter.hash.description), .text(letter.reason.rawValue),
                letter.tuple.map { .integer($0) } ?? .null,
                letter.record.map { .integer($0) } ?? .null, .integer(letter.offset), .text(storable(letter.file)),
                letter.category.map { .text(storable($0)) } ?? .null, .text(storable(letter.detail)),
                .bytes(letter.input),
            ]
        }
        return try connection.execute(
            """
            INSERT INTO flowsight.rejected_input
                (hash, reason, tuple, record, byte_offset, file, category, detail, input, batch)
            VALUES \(lines.joined(separator: ", "))
            ON CONFLICT (hash, reason, tuple) DO NOTHING RETURNING reason
            """, parameters, deadline: deadline)
    }
}
