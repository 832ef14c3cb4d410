package import Postgres

/// Why a batch was not stored or rows were not read back.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// The closed set of kinds, fit for a metric label.
    package enum Code: String, Sendable, CaseIterable {
        /// The database did not do what was asked; `cause` says why.
        case database
        /// The lineage has moved on since the reader looked: another daemon, or another reader of the same drop.
        /// Nothing was stored; the reader must identify its drop anew.
        case staleReader = "stale_reader"
        /// Rows of a log format that this build does not know.
        case unknownFormat = "unknown_format"
    }

    package var code: Code
    /// What was being done, as in "copying rows".
    package var place: String
    package var detail: String
    /// What the operator can do about it.
    package var hint: String?
    package var cause: PostgresError?

    package init(code: Code, place: String, detail: String, hint: String? = nil) {
        self.code = code
        self.place = place
        self.detail = detail
        self.hint = hint
    }

    package init(place: String, cause: PostgresError) {
        code = .database
        self.place = place
        detail = cause.message
        hint = cause.hint
        self.cause = cause
    }

    /// True where the same commit may succeed later, on a new connection where this one broke.
    package var isTransient: Bool {
        // 23514 while rows are copied: retention dropped a partition between our look and the COPY. The next try makes
        // it.
        cause.map { $0.isTransient || $0.sqlState == "23514" } ?? false
    }

    /// True where the server refused a value, not the statement: class 22 (data exception: bad encoding, bad JSON, a
    /// date that no calendar holds) and class 54 (a limit of the program: a jsonb that is too large).
    var isRefusedValue: Bool {
        cause?.sqlState.map { $0.hasPrefix("22") || $0.hasPrefix("54") } ?? false
    }

    package var description: String {
        "\(place): \(cause.map { "\($0)" } ?? detail + (hint.map { "; hint: \($0)" } ?? ""))"
    }
}
