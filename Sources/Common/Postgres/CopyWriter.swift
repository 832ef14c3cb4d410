internal import CLibPQ
package import Runtime

/// The way into a table while a `COPY … FROM STDIN` runs. One at a time on a connection.
///
/// Ends with `finish()`; one that goes away without it aborts the COPY, and the server keeps none of its rows.
package struct CopyWriter: ~Copyable {
    private let connection: Connection
    private let deadline: Deadline

    fileprivate init(connection: Connection, deadline: Deadline) {
        self.connection = connection
        self.deadline = deadline
    }

    deinit { connection.abortCopy(deadline) }

    /// Sends bytes, cut anywhere. Waits while the server takes no more; what it does not like shows at `finish()` only.
    package func write(_ bytes: [UInt8]) throws(PostgresError) { try connection.putCopyData(bytes.span, deadline) }

    package func write(_ bytes: Span<UInt8>) throws(PostgresError) { try connection.putCopyData(bytes, deadline) }

    /// Sends what the encoder holds, without a copy of ours; the encoder keeps it.
    package func write(_ encoder: BinaryRowEncoder) throws(PostgresError) {
        try encoder.withBytes { bytes throws(PostgresError) in try connection.putCopyData(bytes, deadline) }
    }

    /// Ends the COPY; the rows that the server took.
    package consuming func finish() throws(PostgresError) -> Int64 { try connection.finishCopy(deadline) }
}

extension Connection {
    /// Begins a `COPY table (…) FROM STDIN (FORMAT binary)`. The deadline holds for the whole COPY.
    package func copyIn(_ sql: String, deadline: Deadline) throws(PostgresError) -> CopyWriter {
        let what = "starting a COPY"
        try checkTime(deadline, what)
        try send(sql, [])
        try flush(deadline, what)
        try expect(PGRES_COPY_IN, deadline, what)
        copyIsOpen = true
        return CopyWriter(connection: self, deadline: deadline)
    }

    /// Runs a `COPY … TO STDOUT` and hands each chunk (PostgreSQL sends one a row) to `each`; the span must not leave
    /// it.
    ///
    /// An error of `each` gives the connection up: the rest of the data would have to be read to its end otherwise.
    package func copyOut(
        _ sql: String, deadline: Deadline, _ each: (Span<UInt8>) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        let what = "reading a COPY"
        try checkTime(deadline, what)
        try send(sql, [])
        try flush(deadline, what)
        try expect(PGRES_COPY_OUT, deadline, what)
        while try nextChunk(deadline, what, each) {}
        _ = try collect(deadline, what, failing: .copy)
    }

    private func nextChunk(
        _ deadline: Deadline, _ what: String, _ each: (Span<UInt8>) throws(PostgresError) -> Void
    ) throws(PostgresError) -> Bool {
        // Data that is always there never comes to a wait.
        try checkTime(deadline, what)
        var data: UnsafeMutablePointer<CChar>?
        let count = PQgetCopyData(try open(), &data, 1)
        guard count > 0 else {
            if count == 0 { try receive(deadline, what) }
            return count == 0
        }
        defer { PQfreemem(data) }
        do throws(PostgresError) {
            // `count` bytes lie at `data` until it is freed (libpq manual, PQgetCopyData).
            try each(Span(_unsafeBytes: UnsafeRawBufferPointer(start: data, count: Int(count))))
        } catch {
            close()
            throw error
        }
        return true
    }

    /// The first result of a COPY statement; whatever else comes ends it.
    private func expect(_ status: ExecStatusType, _ deadline: Deadline, _ what: String) throws(PostgresError) {
        guard let result = try nextResult(deadline, what) else { throw lost() }
        guard result.status != status else { return }
        guard result.status == PGRES_FATAL_ERROR else {
            close()
            throw PostgresError(code: .copy, message: "a statement that is no such COPY")
        }
        let failure = result.error(.copy)
        _ = try collect(deadline, what, failing: .copy)
        throw failure
    }

    fileprivate func putCopyData(_ bytes: Span<UInt8>, _ deadline: Deadline) throws(PostgresError) {
        let what = "writing a COPY"
        var start = 0
        while start < bytes.count {
            try checkTime(deadline, what)
            // libpq buffers as much as it gets: only small pieces, each sent before the next, keep its memory small.
            let end = min(start + copyPieceBytes, bytes.count)
            let piece = bytes.extracting(start..<end)
            let handle = try open()
            let accepted = piece.withUnsafeBytes { buffer in
                PQputCopyData(handle, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
            }
            guard accepted >= 0 else { throw lost() }
            try flush(deadline, what)
            // 0: no room even so. The flush has made some.
            if accepted == 1 { start = end }
        }
    }

    fileprivate func finishCopy(_ deadline: Deadline) throws(PostgresError) -> Int64 {
        let answer = try endCopy(because: nil, deadline, "ending a COPY")
        return answer.rows.affected
    }

    /// Aborts the COPY if it still runs. Cannot throw: where the server does not answer at once, the connection is
    /// given up.
    fileprivate func abortCopy(_ deadline: Deadline) {
        guard copyIsOpen, isUsable else { return }
        do throws(PostgresError) {
            _ = try endCopy(because: "given up by the client", min(deadline, .after(.seconds(5))), "aborting a COPY")
        } catch {
            // The server's own report of the abort (57014) is what was asked for; after others the connection is closed
            // already.
        }
    }

    private func endCopy(
        because reason: String?, _ deadline: Deadline, _ what: String
    ) throws(PostgresError) -> (rows: Rows, tag: String) {
        let handle = try open()
        copyIsOpen = false
        while true {
            try checkTime(deadline, what)
            let accepted = PQputCopyEnd(handle, reason)
            guard accepted >= 0 else { throw lost() }
            try flush(deadline, what)
            if accepted == 1 { break }
        }
        return try collect(deadline, what, failing: .copy)
    }
}

/// Large enough that system calls do not count, small enough that a stop is noticed between two.
private let copyPieceBytes = 256 * 1024
