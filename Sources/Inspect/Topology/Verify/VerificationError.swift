/// Why effective routes cannot be held against the topology.
package struct VerificationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A closed set.
    package enum Code: String, Sendable, CaseIterable {
        /// Neither JSON nor a table of text with rows of effective routes.
        case notEffectiveRoutes = "not_effective_routes"
        /// Effective routes of a virtual hub, which has no NIC.
        case ofVirtualHub = "of_virtual_hub"
        /// An answer without any row.
        case noRows = "no_rows"
        /// What was given as NIC, or the file's name, names no NIC of the topology.
        case unknownNIC = "unknown_nic"
        /// It names several.
        case ambiguousNIC = "ambiguous_nic"
        /// The NIC's subnet is not in the export.
        case unknownSubnet = "unknown_subnet"
    }

    package var code: Code
    /// What it is about: the file's or the NIC's name.
    package var subject: String
    package var cause: String
    /// What the operator can do.
    package var hint: String

    package init(code: Code, subject: String, cause: String, hint: String) {
        self.code = code
        self.subject = subject
        self.cause = cause
        self.hint = hint
    }

    /// True where the command was used wrongly, false where the file or the topology cannot be used.
    package var isUsage: Bool { code == .unknownNIC || code == .ambiguousNIC }

    package var description: String { "\(subject): \(cause); \(hint)" }
}
