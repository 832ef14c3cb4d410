import FlowModel

// Numbers that stand in rows for ever, and in the functions `*_name` of v0001: spelt out here, so that a case that
// joins an enum of FlowModel changes no stored row.

extension FlowDirection {
    /// The stored code; nil stands for NULL.
    var code: Int16? {
        switch self {
        case .none: nil
        case .inbound: 1
        case .outbound: 2
        }
    }

    init(code: Int16?) {
        switch code {
        case 1: self = .inbound
        case 2: self = .outbound
        default: self = .none
        }
    }
}

extension FlowAction {
    /// The stored code; nil stands for NULL.
    var code: Int16? {
        switch self {
        case .none: nil
        case .allow: 1
        case .deny: 2
        case .drop: 3
        case .reject: 4
        case .alert: 5
        case .reset: 6
        }
    }

    init(code: Int16?) { self = FlowAction.allCases.first { $0.code == code } ?? .none }
}

extension FlowState {
    /// The stored code; nil stands for NULL.
    var code: Int16? {
        switch self {
        case .none: nil
        case .begin: 1
        case .continue: 2
        case .end: 3
        case .deny: 4
        }
    }

    init(code: Int16?) { self = FlowState.allCases.first { $0.code == code } ?? .none }
}
