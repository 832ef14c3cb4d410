/// Gathers which ports of a flow the rules of a firewall have decided, the decisive rule first.
struct FirewallTally {
    struct Outcome {
        var decision: FirewallRuling.Decision
        var ports: PortRanges
        /// What its match hangs on; empty where it matches.
        var reason = ""

        /// What makes two outcomes one answer: a deny is a deny, an allow has its kind.
        var answer: Int {
            switch decision {
            case .networkRule(_, allows: true): return 1
            case .applicationRule(_, allows: true): return 2
            case .natRule: return 3
            default: return 0
            }
        }
    }

    private(set) var open: PortRanges
    private(set) var decided: [Outcome] = []
    private var doubts: [Outcome] = []

    init(ports: PortRanges) { open = ports }

    mutating func note(_ match: RuleMatch, _ decision: FirewallRuling.Decision, _ ports: PortRanges) {
        switch match {
        case .no: return
        case .maybe(let reason): doubts.append(Outcome(decision: decision, ports: ports, reason: reason))
        case .yes:
            decided.append(Outcome(decision: decision, ports: ports))
            open = open.subtracting(ports)
        }
    }

    /// One of the rulings that are possible makes the firewall a proxy, or translates.
    var mayTranslate: Bool { (decided + doubts).contains { $0.answer == 2 || $0.answer == 3 } }

    func decision() -> FirewallRuling.Decision {
        let outcomes = decided + (open.isEmpty ? [] : [Outcome(decision: .noRule, ports: open)])
        for outcome in outcomes {
            // Doubts came before: what was decided then is open to no later rule.
            let doubt = doubts.first { $0.answer != outcome.answer && !$0.ports.intersection(outcome.ports).isEmpty }
            if let doubt {
                return .unknown(reason: "whether \(text(doubt.decision)) counts is not known: \(doubt.reason)")
            }
        }
        guard let first = outcomes.first else { return .noRule }
        guard outcomes.allSatisfy({ $0.answer == first.answer }) else {
            let parts = outcomes.prefix(3).map { "\($0.ports): \(text($0.decision))" }
            return .unknown(reason: "depends on the port: \(parts.joined(separator: "; "))")
        }
        return first.decision
    }

    private func text(_ decision: FirewallRuling.Decision) -> String {
        switch decision {
        case .networkRule(let name, let allows): return "network rule \(name) (\(allows ? "allow" : "deny"))"
        case .applicationRule(let name, let allows): return "application rule \(name) (\(allows ? "allow" : "deny"))"
        case .natRule(let name): return "DNAT rule \(name)"
        case .noRule: return "no rule (deny)"
        case .unknown(let reason): return reason
        }
    }
}
