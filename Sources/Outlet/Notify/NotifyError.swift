internal import Ledger

/// Why a receiver cannot be set up, or deliveries cannot go on. Never holds a secret or more of a URL than its host.
package struct NotifyError: Error, Sendable {
    /// A bounded set: a metric label.
    package enum Code: String, Sendable {
        /// The receiver's type is in no catalogue.
        case type
        /// The URL cannot be used, or must not be.
        case url
        /// The secret cannot be read or is none.
        case secret
        /// The outbox cannot be reached.
        case database
    }

    package let code: Code
    /// Name of the receiver, or what was being done.
    package let place: String
    package let message: String
    /// What the operator can do.
    package let hint: String?

    package init(_ code: Code, place: String, message: String, hint: String?) {
        self.code = code
        self.place = place
        self.message = message
        self.hint = hint
    }

    init(_ error: LedgerError) {
        self.init(.database, place: error.place, message: error.message, hint: error.hint)
    }
}

extension NotifyError: CustomStringConvertible {
    package var description: String { "\(place): \(message)" }
}
