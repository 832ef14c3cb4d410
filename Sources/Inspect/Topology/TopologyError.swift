/// Why no topology could be made of the documents.
package struct TopologyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A closed set, also a metric label.
    package enum Code: String, Sendable, CaseIterable {
        case notJSON = "not_json"
        case unsupportedOverlay = "unsupported_overlay"
        case nothingUsable = "nothing_usable"
    }

    package var code: Code
    /// Name of the document; empty where no single one is at fault.
    package var document: String
    package var cause: String
    /// What the operator can do.
    package var hint: String

    package init(code: Code, document: String, cause: String, hint: String) {
        self.code = code
        self.document = document
        self.cause = cause
        self.hint = hint
    }

    package var description: String { "\(document.isEmpty ? "topology" : document): \(cause); \(hint)" }
}

/// Why a text names no place.
package struct PlaceError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case notAnAddress = "not_an_address"
        /// The part after `@` names no VNet and no subnet of the topology.
        case unknownScope = "unknown_scope"
        /// The address, or the name after `@`, lives in several routing domains: `candidates` lists them.
        case ambiguous
    }

    package var code: Code
    package var text: String
    /// Texts that name one place each, sorted; empty but for `ambiguous`.
    package var candidates: [String]

    package init(code: Code, text: String, candidates: [String] = []) {
        self.code = code
        self.text = text
        self.candidates = candidates
    }

    package var hint: String {
        switch code {
        case .notAnAddress: "give an address such as 192.0.2.4, with @ and a VNet or subnet where it lives in several"
        case .unknownScope: "after @ stands the name or id of a VNet or subnet of the topology"
        case .ambiguous: "say which one: \(candidates.joined(separator: ", "))"
        }
    }

    package var description: String {
        let cause =
            switch code {
            case .notAnAddress: "is no address"
            case .unknownScope: "names no VNet or subnet"
            case .ambiguous: "lives in several routing domains"
            }
        return "\(text) \(cause); \(hint)"
    }
}

/// Something in the exports or overlays that contradicts itself or points nowhere. The rest is still used.
package struct TopologyProblem: Sendable, Hashable, Comparable {
    /// Lower-cased resource id, or the document's name.
    package var resource: String
    package var field: String
    package var problem: String

    package init(resource: String, field: String, problem: String) {
        self.resource = resource
        self.field = field
        self.problem = problem
    }

    package static func < (left: TopologyProblem, right: TopologyProblem) -> Bool {
        (left.resource, left.field, left.problem) < (right.resource, right.field, right.problem)
    }
}
