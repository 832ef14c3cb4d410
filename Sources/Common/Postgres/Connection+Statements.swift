internal import CLibPQ
package import Runtime

extension Connection {
    /// Runs one statement with parameters, or a script of several without; answers with the rows of the last one.
    ///
    /// A script runs as one transaction unless it says otherwise. No COPY here: that has `copyIn` and `copyOut`.
    @discardableResult
    package func execute(
        _ sql: String, _ parameters: [Parameter] = [], deadline: Deadline
    ) throws(PostgresError) -> Rows {
        try run(sql, parameters, deadline).rows
    }

    /// Runs `body` between BEGIN and COMMIT; ROLLBACK, and the body's error, where it throws.
    ///
    /// Where the connection is lost in the COMMIT itself, whether it happened is not known: the caller reads it from
    /// the data.
    package func transaction<Value>(
        deadline: Deadline, _ body: () throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        // Whatever the role's default: each statement sees what was committed before it, also after a wait for a lock.
        try execute("BEGIN ISOLATION LEVEL READ COMMITTED", deadline: deadline)
        let value: Value
        do throws(PostgresError) {
            value = try body()
        } catch {
            rollBack()
            throw error
        }
        let tag = try run("COMMIT", [], deadline).tag
        // A COMMIT of a transaction that has failed before is a ROLLBACK, and no error for the server.
        guard tag == "COMMIT" else {
            throw PostgresError(
                code: .statement, sqlState: "25P02", message: "the transaction had failed and was rolled back")
        }
        return value
    }

    private func rollBack() {
        guard isUsable else { return }
        do throws(PostgresError) {
            try execute("ROLLBACK", deadline: .after(.seconds(5)))
        } catch {
            // The end of the connection rolls back as well. The error of the body says more than this one.
            close()
        }
    }

    private func run(
        _ sql: String, _ parameters: [Parameter], _ deadline: Deadline
    ) throws(PostgresError) -> (rows: Rows, tag: String) {
        let what = "running a statement"
        try checkTime(deadline, what)
        try send(sql, parameters)
        try flush(deadline, what)
        return try collect(deadline, what, failing: .statement)
    }

    /// Hands a statement to libpq; nothing is sent before `flush`.
    func send(_ sql: String, _ parameters: [Parameter]) throws(PostgresError) {
        precondition(!sql.utf8.contains(0), "a NUL byte in a statement of ours")
        let handle = try open()
        let accepted =
            if parameters.isEmpty { PQsendQuery(handle, sql) } else {
                try ParameterList(parameters).send(sql, to: handle)
            }
        guard accepted == 1 else { throw lost() }
    }

    /// Takes all results of the running command: the last rows, or the first error.
    func collect(
        _ deadline: Deadline, _ what: String, failing code: PostgresError.Code
    ) throws(PostgresError) -> (rows: Rows, tag: String) {
        var answer = (rows: Rows(rows: [], affected: 0), tag: "")
        var failure: PostgresError?
        while let result = try nextResult(deadline, what) {
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: answer = (result.rows(), result.tag)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                close()
                throw PostgresError(code: .copy, message: "a COPY where a statement without data was expected")
            default: failure = failure ?? result.error(code)
            }
        }
        guard var failure else { return answer }
        if !isUsable {
            failure.code = .connection
            failure.isTransient = failure.isTransient || failure.sqlState == nil
            close()
        }
        throw failure
    }
}

/// Parameters in the form that libpq takes: text ends with NUL, bytes are binary.
private struct ParameterList {
    private var bytes: [UInt8] = []
    private var starts: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ parameters: [Parameter]) throws(PostgresError) {
        for parameter in parameters {
            switch parameter {
            case .null:
                starts.append(nil)
                lengths.append(0)
                formats.append(0)
            case .text(let text): try append(text)
            case .integer(let value): try append(String(value))
            case .double(let value): try append(String(value))
            case .bool(let value): try append(value ? "t" : "f")
            case .bytes(let value): append(value, format: 1)
            }
        }
    }

    private mutating func append(_ text: String) throws(PostgresError) {
        // libpq would take the text up to the NUL, silently.
        guard !text.utf8.contains(0) else {
            throw PostgresError(code: .statement, sqlState: "22021", message: "a text with a NUL byte cannot be stored")
        }
        append(Array(text.utf8), format: 0)
    }

    private mutating func append(_ value: [UInt8], format: Int32) {
        starts.append(bytes.count)
        lengths.append(Int32(value.count))
        formats.append(format)
        bytes += value
        bytes.append(0)
    }

    func send(_ sql: String, to handle: OpaquePointer) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            // Each start lies inside `bytes`; libpq copies the values before it returns.
            let values = starts.map { start in
                start.flatMap { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
            }
            return PQsendQueryParams(handle, sql, Int32(starts.count), nil, values, lengths, formats, 0)
        }
    }
}
