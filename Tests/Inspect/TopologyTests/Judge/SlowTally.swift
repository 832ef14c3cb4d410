/// What the random worlds held, and where the two disagreed.
struct SlowTally {
    struct Example {
        var kind: String
        var seed: UInt64
        var pair: SlowPair
        var count: Int
    }

    private(set) var counts: [String: Int] = [:]
    private var disagreements: [String: Example] = [:]

    mutating func count(_ outcome: SlowOutcome) {
        for decision in outcome.decisions { counts["route \(decision.source) \(decision.hop)", default: 0] += 1 }
        counts["end \(outcome.end)", default: 0] += 1
        for (name, truths) in [
            ("inspected", outcome.inspected), ("works", outcome.works), ("symmetric", outcome.symmetric),
        ] {
            let text = truths.count == 1 ? truths.first?.rawValue ?? "" : "open"
            counts["\(name) \(text)", default: 0] += 1
        }
        for sight in outcome.sees.values {
            for reason in sight.forward where sight.forward.count == 1 { counts["sees \(reason)", default: 0] += 1 }
            for reason in sight.back where sight.back.count == 1 { counts["sees \(reason)", default: 0] += 1 }
        }
    }

    /// Disagreements of one kind are reported once, with their number.
    static func kind(_ difference: SlowComparison.Disagreement, _ pair: SlowPair) -> String {
        func short(_ text: String) -> String {
            difference.field == "route"
                ? text.split(separator: " ").suffix(2).joined(separator: " ")
                : difference.field == "devices" ? "\(text.split(separator: ",").count)" : text
        }
        let destination = "\(pair.destination)".prefix { $0 != "(" }
        return "\(difference.field) of \(destination): \(short(difference.allowed)) ≠ \(short(difference.answered))"
    }

    mutating func add(_ difference: SlowComparison.Disagreement, _ seed: UInt64, _ pair: SlowPair) {
        let kind = Self.kind(difference, pair)
        disagreements[kind, default: Example(kind: kind, seed: seed, pair: pair, count: 0)].count += 1
    }

    /// One example a kind, the most frequent first.
    var examples: [Example] {
        disagreements.values.sorted { ($1.count, $0.kind) < ($0.count, $1.kind) }
    }

    var text: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.value)\t\($0.key)" }.joined(separator: "\n")
    }
}
