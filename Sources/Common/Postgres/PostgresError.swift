/// Why the database did not do what was asked. Holds no secret: passwords are taken out before a text gets here.
package struct PostgresError: Error, Sendable, CustomStringConvertible {
    /// The closed set of kinds, fit for a metric label.
    package enum Code: String, Sendable, CaseIterable {
        /// No connection, or it was lost.
        case connection
        /// The server refused a statement.
        case statement
        /// A deadline passed; the connection was given up.
        case deadline
        /// The stop signal fired; the connection was given up.
        case stopped
        /// A COPY broke, or its bytes are not what was expected.
        case copy
        /// The schema cannot be brought up to date.
        case migration
        /// The private server cannot be run.
        case server
    }

    package var code: Code
    /// The server's five-character code (PostgreSQL manual, appendix A); nil where no server spoke.
    package var sqlState: String?
    /// One line: what was attempted and what came of it.
    package var message: String
    /// What the operator can do about it.
    package var hint: String?
    /// True where the same call may work later; the caller retries with a backoff. False: a person must change
    /// something.
    package var isTransient: Bool

    /// - Parameter isTransient: nil derives it from the code and the SQLSTATE.
    package init(
        code: Code, sqlState: String? = nil, message: String, hint: String? = nil, isTransient: Bool? = nil
    ) {
        self.code = code
        self.sqlState = sqlState
        self.message = message
        self.hint = hint
        self.isTransient = isTransient ?? PostgresError.isTransient(code: code, sqlState: sqlState)
    }

    package var description: String {
        let state = sqlState.map { " (SQLSTATE \($0))" } ?? ""
        return message + state + (hint.map { "; hint: \($0)" } ?? "")
    }

    /// The server's word counts most; without one, a lost connection and a deadline may pass.
    private static func isTransient(code: Code, sqlState: String?) -> Bool {
        guard let sqlState else { return code == .connection || code == .deadline }
        // Classes: 08 connection, 40 rollback (serialisation, deadlock), 53 resources, 57P operator intervention
        // (shutdown, starting up), 58 system error (disk). 25006: a standby that is about to be promoted refuses
        // writes.
        return sqlState == "25006" || ["08", "40", "53", "57P", "58"].contains { sqlState.hasPrefix($0) }
    }
}
