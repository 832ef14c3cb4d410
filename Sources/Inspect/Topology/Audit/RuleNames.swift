/// The names that rules of firewalls ask for, and which of them are a private endpoint's.
struct RuleNames {
    /// Nil names: a rule that asks for one cannot tell.
    struct Match: Hashable {
        /// Indexes of the patterns that hold.
        var patterns: [Int]?
    }

    private let patterns: [FQDNPattern]

    init(_ rules: some Sequence<FirewallRules>) {
        var all: Set<FQDNPattern> = []
        for rules in rules {
            all.formUnion(rules.network.flatMap(\.names))
            all.formUnion(rules.application.flatMap(\.names))
        }
        patterns = Array(all)
    }

    /// Nil where the answer hangs on the names themselves: a pattern holds for some of them, or perhaps.
    func match(_ endpoint: PrivateEndpoint) -> Match? {
        let names = endpoint.publicNames.map { AskedName($0) }
        guard let first = names.first else { return Match(patterns: nil) }
        var holding: [Int] = []
        for (index, pattern) in patterns.enumerated() {
            let match = first.match(pattern)
            if case .maybe = match { return nil }
            guard names.allSatisfy({ $0.match(pattern) == match }) else { return nil }
            if match == .yes { holding.append(index) }
        }
        return Match(patterns: holding)
    }
}
