/// Gathers which ports of a flow the rules of a group have decided, the decisive rule first.
struct SecurityTally {
    private struct Outcome {
        var rule: String
        var allows: Bool
        var ports: PortRanges
        /// What its match hangs on; empty where it matches.
        var reason = ""
    }

    private let asked: PortRanges
    /// Ports that no rule has decided yet.
    private(set) var open: PortRanges
    private var decided: [Outcome] = []
    private var doubts: [Outcome] = []

    init(ports: PortRanges) {
        asked = ports
        open = ports
    }

    mutating func decide(_ rule: SecurityRule, _ ports: PortRanges) {
        decided.append(Outcome(rule: rule.name, allows: rule.allows, ports: ports))
        open = open.subtracting(ports)
    }

    /// A rule that may match decides nothing; what comes after it is certain only where it says the same.
    mutating func doubt(_ rule: SecurityRule, _ ports: PortRanges, _ reason: String) {
        doubts.append(Outcome(rule: rule.name, allows: rule.allows, ports: ports, reason: reason))
    }

    func verdict() -> SecurityVerdict {
        let allowed = certain(allows: true)
        if let first = allowed.first {
            let passing = allowed.reduce(PortRanges([])) { $0.union($1.ports) }
            return .allowed(rule: first.rule, note: note(passing: passing))
        }
        let denied = certain(allows: false)
        let stopped = denied.reduce(PortRanges([])) { $0.union($1.ports) }
        // Every group ends in Azure's deny of everything, so what no rule decided is stopped, too.
        if asked.subtracting(stopped).subtracting(open).isEmpty, doubts.allSatisfy({ !$0.allows }) {
            return .denied(rule: denied.first?.rule ?? "none matches")
        }
        let deciding = doubts.first { doubt in
            decided.contains { $0.allows != doubt.allows && !$0.ports.intersection(doubt.ports).isEmpty }
        }
        guard let doubt = deciding ?? doubts.first else { return .denied(rule: "none matches") }
        return .unknown(
            reason:
                "whether rule \(doubt.rule) (\(doubt.allows ? "allow" : "deny")) counts is not known: \(doubt.reason)")
    }

    /// What was decided that way, without the ports that a rule in doubt would have decided the other way before.
    private func certain(allows: Bool) -> [Outcome] {
        decided.filter { $0.allows == allows }.compactMap { outcome in
            var outcome = outcome
            for doubt in doubts where doubt.allows != allows { outcome.ports = outcome.ports.subtracting(doubt.ports) }
            return outcome.ports.isEmpty ? nil : outcome
        }
    }

    /// Which ports pass, in the shorter of two ways; nil where all of those asked about do.
    private func note(passing: PortRanges) -> String? {
        let stopped = asked.subtracting(passing)
        guard !stopped.isEmpty else { return nil }
        return stopped.ranges.count < passing.ranges.count
            || stopped.description.utf8.count < passing.description.utf8.count
            ? "not for ports \(stopped)" : "for ports \(passing) only"
    }
}
