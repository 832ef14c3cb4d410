internal import CLibPQ
package import Runtime

/// One connection to PostgreSQL, owned by one thread: not Sendable on purpose.
///
/// libpq never blocks here: every wait is `Runtime.poll` on the socket, the stop signal and a deadline. When the stop
/// fires or a deadline passes, the call throws at once and the connection is given up, for what the server has done by
/// then is not known; the caller opens a new one. That holds for a server that is stopped in the middle of a COPY, too.
package final class Connection {
    /// Nil once the connection is closed.
    private(set) var handle: OpaquePointer?
    private let stop: StopSignal?
    private let configuration: ConnectionConfiguration
    /// Between `copyIn` and the end of its writer.
    var copyIsOpen = false

    /// Connects and sets the session up.
    ///
    /// - Parameter stop: ends every wait of this connection. Nil: only deadlines do.
    package init(_ configuration: ConnectionConfiguration, stop: StopSignal?, deadline: Deadline) throws(PostgresError)
    {
        self.configuration = configuration
        self.stop = stop
        let parameters = try HostResolver(stop: stop, deadline: deadline).resolve(configuration.parameters())
        handle = startConnecting(parameters)
        try connect(deadline)
        _ = try execute(Connection.session, deadline: deadline)
    }

    deinit { close() }

    /// False once the connection was lost, given up or closed.
    package var isUsable: Bool { handle.map { PQstatus($0) == CONNECTION_OK } ?? false }

    /// Process id of the server's backend (`pg_backend_pid`); 0 once closed.
    package var backendProcess: Int32 { handle.map { PQbackendPID($0) } ?? 0 }

    /// The server's version, such as 150_004 for 15.4; 0 once closed.
    package var serverVersion: Int32 { handle.map { PQserverVersion($0) } ?? 0 }

    /// Ends the connection without waiting: on a non-blocking socket libpq's goodbye is sent if there is room, else
    /// left out.
    package func close() {
        guard let handle else { return }
        self.handle = nil
        copyIsOpen = false
        PQfinish(handle)
    }

    /// A role may have other defaults; these are what `Row` reads. The last one ends the backend's work soon after its
    /// client has gone.
    private static let session = """
        SET client_min_messages = warning; SET bytea_output = hex; SET datestyle = 'ISO, YMD';
        SET intervalstyle = postgres; SET timezone = 'UTC'; SET extra_float_digits = 1;
        SET client_connection_check_interval = '10s'
        """
}

// MARK: - Waiting

extension Connection {
    private func connect(_ deadline: Deadline) throws(PostgresError) {
        let handle = try open()
        guard PQstatus(handle) != CONNECTION_BAD else { throw refused() }
        // The text of a refusal then holds its SQLSTATE: there is no other way to get it before the connection stands.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        // Else libpq prints what the server remarks on stderr, in the middle of our log.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        var next = PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            switch next {
            case PGRES_POLLING_READING: try wait(for: .read, deadline, "connecting")
            case PGRES_POLLING_WRITING: try wait(for: .write, deadline, "connecting")
            default: throw refused()
            }
            next = PQconnectPoll(handle)
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        guard PQsetnonblocking(handle, 1) == 0 else { throw lost() }
    }

    /// Waits for the socket; gives the connection up when the stop fires or the deadline passes.
    @discardableResult
    private func wait(
        for readiness: Readiness, _ deadline: Deadline, _ what: String
    ) throws(PostgresError) -> PollOutcome {
        let outcome = poll(PQsocket(try open()), for: readiness, stop: stop, deadline: deadline)
        switch outcome {
        case .ready: return outcome
        case .stopped: throw giveUp(.stopped, what)
        case .timedOut: throw giveUp(.deadline, what)
        }
    }

    /// For loops that may never come to wait: ends them like a wait would end.
    func checkTime(_ deadline: Deadline, _ what: String) throws(PostgresError) {
        if let stop, stop.isFired { throw giveUp(.stopped, what) }
        if deadline.isPast { throw giveUp(.deadline, what) }
    }

    private func giveUp(_ code: PostgresError.Code, _ what: String) -> PostgresError {
        close()
        if code == .stopped { return PostgresError(code: .stopped, message: "stopped while \(what)") }
        return PostgresError(
            code: .deadline, message: "the database \(configuration) did not answer in time while \(what)",
            hint: "look at its load, locks and log, and at the network between")
    }

    /// The handle of a connection that was not given up yet.
    func open() throws(PostgresError) -> OpaquePointer {
        guard let handle else {
            throw PostgresError(code: .connection, message: "the connection to \(configuration) was closed")
        }
        return handle
    }

    /// Sends what libpq has buffered. Reads meanwhile, as a server that cannot get its own words out may stop
    /// listening.
    func flush(_ deadline: Deadline, _ what: String) throws(PostgresError) {
        let handle = try open()
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1:
                guard case .ready(read: true, write: _) = try wait(for: .readOrWrite, deadline, what) else { continue }
                guard PQconsumeInput(handle) == 1 else { throw lost() }
            default: throw lost()
            }
        }
    }

    /// Waits for the next bytes of the server and takes them in.
    func receive(_ deadline: Deadline, _ what: String) throws(PostgresError) {
        try wait(for: .read, deadline, what)
        guard PQconsumeInput(try open()) == 1 else { throw lost() }
    }

    /// The next result of the running command; nil when there are no more.
    func nextResult(_ deadline: Deadline, _ what: String) throws(PostgresError) -> Result? {
        let handle = try open()
        while PQisBusy(handle) == 1 { try receive(deadline, what) }
        return PQgetResult(handle).map { Result($0) }
    }
}

// MARK: - Errors

extension Connection {
    /// libpq's word on a connection that broke; gives it up.
    func lost() -> PostgresError {
        let (sqlState, reason) = complaint()
        close()
        return PostgresError(
            code: .connection, sqlState: sqlState, message: "the connection to \(configuration) was lost: \(reason)")
    }

    /// libpq's word on a connection that never stood; gives it up.
    private func refused() -> PostgresError {
        let (sqlState, reason) = complaint()
        close()
        let hint =
            switch sqlState?.prefix(2) {
            case "28": "check user and password (database.password_file) and the server's pg_hba.conf"
            case "3D": "create the database, or name another in database.uri"
            case "53": "the server's connections are used up; raise its max_connections"
            case "57": "the server is starting up or shutting down"
            default: "check that the server runs and that this machine may reach it"
            }
        return PostgresError(
            code: .connection, sqlState: sqlState, message: "no connection to \(configuration): \(reason)", hint: hint)
    }

    private func complaint() -> (sqlState: String?, reason: String) {
        guard let handle, let text = PQerrorMessage(handle) else { return (nil, "out of memory") }
        return readComplaint(String(cString: text))
    }
}

/// Takes the SQLSTATE out of a verbose message (`FATAL:  28P01: password …`), and the place in the server's source,
/// which helps nobody here.
func readComplaint(_ text: String) -> (sqlState: String?, reason: String) {
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
    var reason = lines.joined(separator: " ")
    var sqlState: String?
    var search = reason.startIndex
    while let mark = reason[search...].firstRange(of: ":  ") {
        let state = reason[mark.upperBound...].prefix(5)
        let after = reason[state.endIndex...]
        if state.count == 5, after.hasPrefix(": "),
            state.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) })
        {
            sqlState = sqlState ?? String(state)
            let offset = reason.utf8.distance(from: reason.startIndex, to: mark.upperBound)
            reason.removeSubrange(state.startIndex..<after.index(after.startIndex, offsetBy: 2))
            search = reason.utf8.index(reason.startIndex, offsetBy: offset)
        } else {
            search = mark.upperBound
        }
    }
    return (sqlState, reason)
}

private func startConnecting(_ parameters: [String: String]) -> OpaquePointer? {
    let ordered = parameters.sorted { $0.key < $1.key }
    var strings: [UnsafeMutablePointer<CChar>?] = []
    defer { strings.forEach { $0?.deallocate() } }
    func copy(_ text: String) -> UnsafePointer<CChar>? {
        let bytes = text.utf8CString
        let memory = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { memory[index] = byte }
        strings.append(memory)
        return UnsafePointer(memory)
    }
    // Both lists end with null; libpq copies all of it before it returns.
    let keywords = ordered.map { copy($0.key) } + [nil]
    let values = ordered.map { copy($0.value) } + [nil]
    return PQconnectStartParams(keywords, values, 0)
}
