package import Postgres

/// Why the ledger or the outbox could not do what it was asked.
package struct LedgerError: Error, Sendable {
    /// A bounded set: a metric label.
    package enum Code: String, Sendable {
        /// The database refused or went away; `cause` says how, and whether trying again helps.
        case database
        /// A stored finding is not what this version writes.
        case document
    }

    package let code: Code
    /// What was being done, or the fingerprint of the finding that cannot be read.
    package let place: String
    package let message: String
    package let cause: PostgresError?
    /// What the operator can do.
    package let hint: String?

    /// Whether doing the same again later may succeed.
    package var isTransient: Bool { cause?.isTransient ?? false }

    init(_ place: String, _ cause: PostgresError) {
        code = .database
        self.place = place
        message = cause.message
        self.cause = cause
        hint = cause.hint
    }

    init(unreadable fingerprint: String, _ message: String) {
        code = .document
        place = fingerprint
        self.message = message
        cause = nil
        hint = "the finding was written by another version of flowsight; it is written anew when it changes"
    }
}

extension LedgerError: CustomStringConvertible {
    package var description: String { "\(place): \(message)" }
}
