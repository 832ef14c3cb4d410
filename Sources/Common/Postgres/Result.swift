internal import CLibPQ

/// One libpq result, freed when it goes.
struct Result: ~Copyable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    var status: ExecStatusType { PQresultStatus(handle) }

    /// Rows touched, from the command tag; 0 where the command touches none.
    var affected: Int64 { PQcmdTuples(handle).flatMap { Int64(String(cString: $0)) } ?? 0 }

    /// The command tag, such as `COMMIT`.
    var tag: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

    /// Copies the rows out of libpq's memory.
    func rows() -> Rows {
        let columns = PQnfields(handle)
        let rows = (0..<PQntuples(handle)).map { row in
            Row(values: (0..<columns).map { value(row, $0) })
        }
        return Rows(rows: rows, affected: affected)
    }

    private func value(_ row: Int32, _ column: Int32) -> [UInt8]? {
        guard PQgetisnull(handle, row, column) == 0, let start = PQgetvalue(handle, row, column) else { return nil }
        // PQgetlength bytes lie at PQgetvalue as long as the result lives (libpq manual).
        return Array(UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(handle, row, column))))
    }

    /// What the server complains about.
    func error(_ code: PostgresError.Code) -> PostgresError {
        let primary = field("M") ?? String(cString: PQresultErrorMessage(handle))
        var message = primary.split(separator: "\n").joined(separator: " ")
        if let detail = field("D") { message += ": " + detail }
        // For a COPY: the table, the row and the column.
        if code == .copy, let context = field("W") { message += " (" + context + ")" }
        return PostgresError(code: code, sqlState: field("C"), message: message, hint: field("H"))
    }

    /// A field of the error by its letter in the protocol (PostgreSQL manual, "Error and Notice Message Fields").
    private func field(_ letter: Unicode.Scalar) -> String? {
        PQresultErrorField(handle, Int32(letter.value)).map { String(cString: $0) }
    }
}
