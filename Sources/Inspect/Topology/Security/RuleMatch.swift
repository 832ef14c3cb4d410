/// Whether a condition of a rule holds for a flow.
enum RuleMatch: Hashable {
    case yes, no
    /// Neither the exports nor the flow say so; the text says what is missing.
    case maybe(String)

    /// Both must hold.
    func and(_ other: @autoclosure () -> RuleMatch) -> RuleMatch {
        switch self {
        case .no: return .no
        case .yes: return other()
        case .maybe:
            if case .no = other() { return .no }
            return self
        }
    }

    /// One must hold.
    func or(_ other: @autoclosure () -> RuleMatch) -> RuleMatch {
        switch self {
        case .yes: return .yes
        case .no: return other()
        case .maybe:
            if case .yes = other() { return .yes }
            return self
        }
    }
}
