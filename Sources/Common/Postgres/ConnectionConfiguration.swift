internal import CLibPQ
internal import Glibc

/// Where a database is and who asks. Its description, its mirror and every error about it leave the password out.
package struct ConnectionConfiguration: Sendable {
    /// libpq's keywords (PostgreSQL manual, "Parameter Key Words") with their values.
    private var settings: [String: String]
    /// A file that holds the password, read anew for each connection, so that it can be rotated. It wins over one in
    /// the URI.
    package var passwordFile: String?

    /// Reads a URI (`postgresql://user@host:5432/database?sslmode=require`) or `keyword=value` text, as `psql` takes
    /// it.
    ///
    /// What it leaves out comes from the PG* environment variables and libpq's defaults.
    package init(uri: String, passwordFile: String? = nil) throws(PostgresError) {
        var complaint: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(uri, &complaint) else {
            defer { PQfreemem(complaint) }
            let reason = complaint.map { withoutQuotation(String(cString: $0)) } ?? "out of memory"
            throw PostgresError(
                code: .connection, message: "the database's URI cannot be read: \(reason)",
                hint: "write it as postgresql://user@host:5432/database, and the password into a file",
                isTransient: false)
        }
        defer { PQconninfoFree(options) }
        settings = [:]
        var option = options
        // The list ends with an entry whose keyword is null (libpq manual, PQconninfoParse).
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { settings[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        self.passwordFile = passwordFile
        try refuseSplitPassword()
    }

    /// A password with a bare `/`, `?`, `#` or `@` cuts the URI in wrong places; its pieces would then stand in errors
    /// as host, port or database.
    private func refuseSplitPassword() throws(PostgresError) {
        let port = settings["port"] ?? ""
        let isSplit =
            !port.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ",") }
            || ["host", "hostaddr", "dbname"].contains { settings[$0]?.dropFirst().contains("@") ?? false }
        guard isSplit else { return }
        throw PostgresError(
            code: .connection, message: "the database's URI cannot be read: the port is no number, or an @ too many",
            hint: "percent-encode special characters of the password, or better write it into a file",
            isTransient: false)
    }

    /// - Parameter host: a name, an address, or the folder of a unix socket (begins with `/`).
    package init(
        host: String, port: Int = 5432, user: String, database: String, password: String? = nil,
        passwordFile: String? = nil
    ) {
        settings = ["host": host, "port": String(port), "user": user, "dbname": database]
        settings["password"] = password
        self.passwordFile = passwordFile
    }

    /// Name of the database; nil: libpq's default, the user's name.
    package var database: String? {
        get { settings["dbname"] }
        set { settings["dbname"] = newValue }
    }

    /// How the session shows in `pg_stat_activity`; `flowsight` unless the URI names another.
    package var applicationName: String {
        get { settings["application_name"] ?? "flowsight" }
        set { settings["application_name"] = newValue }
    }

    /// Host, or folder of the socket; nil: libpq's default.
    package var host: String? { settings["host"] }

    /// All settings of a new connection: the caller's, and ours where the caller has none. Holds the password.
    func parameters() throws(PostgresError) -> [String: String] {
        var parameters = ConnectionConfiguration.defaults.merging(settings) { $1 }
        parameters["client_encoding"] = "UTF8"
        parameters["application_name"] = applicationName
        if let passwordFile { parameters["password"] = try readPassword(passwordFile) }
        return parameters
    }

    /// A peer that vanished without a word is noticed within about 30 seconds, also when nothing is sent. GSSAPI is off
    /// as it may ask a Kerberos server in a call that blocks without a deadline; a URI can turn it on.
    private static let defaults = [
        "keepalives": "1", "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3",
        "tcp_user_timeout": "30000", "gssencmode": "disable",
    ]
}

extension ConnectionConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `user@host:port/database`, as far as they are known.
    package var description: String {
        let user = settings["user"].map { $0 + "@" } ?? ""
        let port = settings["port"].map { ":" + $0 } ?? ""
        let place = settings["host"] ?? settings["hostaddr"] ?? "local socket"
        return user + place + port + (database.map { "/" + $0 } ?? "")
    }

    package var debugDescription: String { description }

    package var customMirror: Mirror { Mirror(reflecting: description) }
}

/// libpq quotes the part of the URI that it does not understand, and that part may hold the password: cut it out.
private func withoutQuotation(_ text: String) -> String {
    let line = text.split(separator: "\n").joined(separator: " ")
    guard let first = line.firstIndex(of: "\""), let last = line.lastIndex(of: "\""), first < last else { return line }
    return line[..<first] + "…" + line[line.index(after: last)...]
}

/// The first line of the file; a password of more than 4 KiB is none.
private func readPassword(_ path: String) throws(PostgresError) -> String {
    func failure(_ what: String) -> PostgresError {
        PostgresError(
            code: .connection, message: "the password file \(path) \(what)",
            hint: "it must hold the password in one line and be readable for the user that runs flowsight",
            isTransient: false)
    }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure("cannot be opened: \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(file, &bytes, bytes.count)
    guard count >= 0 else { throw failure("cannot be read: \(String(cString: strerror(errno)))") }
    let line = bytes[..<count].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !line.isEmpty, count < bytes.count, !line.contains(0) else { throw failure("holds no password") }
    return String(decoding: line, as: UTF8.self)
}
