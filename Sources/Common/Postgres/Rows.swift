/// A value for `$1`, `$2`, … of a statement.
package enum Parameter: Sendable, Equatable {
    case null
    /// UTF-8 without NUL bytes (PostgreSQL's text cannot hold them; the server refuses the statement).
    case text(String)
    case integer(Int64)
    case double(Double)
    case bool(Bool)
    case bytes([UInt8])
}

/// The rows that a statement answered with, held in memory: for small answers. Large ones come through `copyOut`.
package struct Rows: Sendable {
    /// Rows that the statement returned.
    package var count: Int { rows.count }
    /// Rows that an INSERT, UPDATE, DELETE or COPY touched; 0 for others.
    package let affected: Int64
    private let rows: [Row]

    init(rows: [Row], affected: Int64) {
        self.rows = rows
        self.affected = affected
    }

    /// The row at a position below `count`.
    package subscript(index: Int) -> Row { rows[index] }

    package var first: Row? { rows.first }
}

extension Rows: Sequence {
    package func makeIterator() -> IndexingIterator<[Row]> { rows.makeIterator() }
}

/// One row. Columns count from 0; a column that is NULL, or is not of the asked kind, reads as nil.
package struct Row: Sendable {
    /// PostgreSQL's text form of each value, UTF-8; nil for NULL.
    private let values: [[UInt8]?]

    init(values: [[UInt8]?]) { self.values = values }

    /// Columns of the row.
    package var count: Int { values.count }

    package func isNull(_ column: Int) -> Bool { values[column] == nil }

    /// The value's text form.
    package func string(_ column: Int) -> String? { values[column].map { String(decoding: $0, as: UTF8.self) } }

    package func integer(_ column: Int) -> Int64? { string(column).flatMap { Int64($0) } }

    /// Also reads `NaN` and `Infinity`, as the server writes them.
    package func double(_ column: Int) -> Double? { string(column).flatMap { Double($0) } }

    package func bool(_ column: Int) -> Bool? {
        switch string(column) {
        case "t": true
        case "f": false
        default: nil
        }
    }

    /// The bytes of a `bytea` (sent as `\x` and hexadecimal digits: `bytea_output` is set at the start of each
    /// connection).
    package func bytes(_ column: Int) -> [UInt8]? {
        guard let text = values[column], text.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "x")]),
            text.count.isMultiple(of: 2)
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2 - 1)
        for position in stride(from: 2, to: text.count, by: 2) {
            guard let upper = hexDigit(text[position]), let lower = hexDigit(text[position + 1]) else { return nil }
            bytes.append(upper << 4 | lower)
        }
        return bytes
    }
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
}
