/// What one network security group on the way says of a flow.
package struct SecurityCheck: Sendable, Hashable {
    package var direction: SecurityDirection
    /// Lower-cased id of the group.
    package var group: String
    package var groupName: String
    /// Lower-cased id of the subnet or of the NIC that the group is attached to.
    package var holder: String
    package var isAtInterface: Bool
    package var verdict: SecurityVerdict
}

package enum SecurityVerdict: Sendable, Hashable {
    /// The deciding rule; the note names the ports that do not pass where the flow names no port.
    case allowed(rule: String, note: String?)
    case denied(rule: String)
    /// The group is not in the exports: what it says is not known.
    case notInExport
    /// What the exports do not say would decide.
    case unknown(reason: String)
}

extension [SecurityCheck] {
    /// The first deny: all groups on the way must allow.
    package var denial: SecurityCheck? {
        first { if case .denied = $0.verdict { true } else { false } }
    }

    /// The first group whose word is not known; of no interest where there is a denial.
    package var doubt: SecurityCheck? {
        first {
            switch $0.verdict {
            case .unknown, .notInExport: true
            case .allowed, .denied: false
            }
        }
    }
}

extension SecurityCheck {
    /// One sentence for an answer, `place` being what people call the subnet or the NIC.
    package func sentence(at place: String) -> String {
        let group = "NSG \(groupName) (\(direction.rawValue) at \(isAtInterface ? "NIC" : "subnet") \(place))"
        switch verdict {
        case .allowed(let rule, let note): return "\(group) allows it by rule \(rule)\(note.map { ": \($0)" } ?? "")"
        case .denied(let rule): return "\(group) denies it by rule \(rule)"
        case .notInExport: return "\(group) is not in the export"
        case .unknown(let reason): return "\(group): \(reason)"
        }
    }
}
