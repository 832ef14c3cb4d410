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
    /// Answers of high confidence to what the page leaves open: by how the session ends, with one example each.
    private var tooSure: [String: Example] = [:]
    var tooSureCount: Int { tooSure.values.reduce(0) { $0 + $1.count } }
    /// The most frequent first.
    var tooSureExamples: [Example] { tooSure.values.sorted { ($1.count, $0.kind) < ($0.count, $1.kind) } }
    private(set) var questionCount = 0

    static func kind(_ fields: [String], _ outcome: SlowOutcome) -> String {
        "\(fields.joined(separator: ", ")); end \(outcome.end), back \(outcome.backRule)"
    }

    mutating func noteTooSure(_ fields: [String], _ outcome: SlowOutcome, _ seed: UInt64, _ pair: SlowPair) {
        let kind = SlowTally.kind(fields, outcome)
        tooSure[kind, default: Example(kind: kind, seed: seed, pair: pair, count: 0)].count += 1
    }

    mutating func count(_ outcome: SlowOutcome) {
        questionCount += 1
        for decision in outcome.decisions {
            counts["route \(decision.source) \(decision.hop)", default: 0] += 1
            counts["rule \(decision.rule)", default: 0] += 1
        }
        counts["end \(outcome.end)", default: 0] += 1
        counts["back \(outcome.backRule)", default: 0] += 1
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

    /// What every run must hold, so that the comparison cannot become empty unnoticed.
    static let required =
        [
            "user VirtualAppliance", "user VirtualNetworkGateway", "user VnetLocal", "user Internet", "user None",
            "bgp VirtualNetworkGateway", "system VnetLocal", "system VNetPeering", "system InterfaceEndpoint",
            "system Internet", "system None",
        ].map { "route \($0)" }
        + [
            "longest prefix", "user route of the same /32", "summarisation", "the /32", "the /32 beats a user route",
            "inside beats BGP", "override beats BGP", "user beats system", "default route removes None", "reserved",
            "exactly a reserved block",
        ].map { "rule \($0)" }
        + [
            "A A A", "A A B", "A B A", "A B B", "A B C", "translated", "tagged", "VPN A A A", "VPN A B C",
            "ExpressRoute A A A", "VPN hub hub spoke", "ExpressRoute hub hub spoke", "protocol never answered",
            "straight from the endpoint", "no /32 at the last hop", "several appliances", "routes", "unknown",
        ].map { "back \($0)" }
        + [
            "reached", "dropped(\"None\")", "dropped(\"loop\")", "dropped(\"does not forward\")", "dropped(\"nobody\")",
            "dropped(\"no gateway\")", "dropped(\"no forwarded traffic accepted\")",
            "dropped(\"the appliance is not reachable directly\")", "unknown",
        ].map { "end \($0)" }
        + ["inspected", "works", "symmetric"].flatMap { name in SlowTruth.allCases.map { "\(name) \($0.rawValue)" } }
        + [
            "true on_path", "false not_on_path", "nil endpoint_never_logs", "nil protocol_not_logged",
            "nil direction_not_logged", "nil workload_not_logged", "nil logging_not_enabled", "nil filtered",
        ].map { "sees \($0)" }

    /// Two in a thousand worlds, or fewer, hold these.
    static let rare = [
        "back VPN A B C", "back ExpressRoute hub hub spoke", "back VPN hub hub spoke", "back several appliances",
        "back tagged", "back ExpressRoute A A A", "rule override beats BGP", "inspected unknown",
    ]

    /// What no world of a run held; a run of a few hundred worlds may lack what is rare.
    func missing(inFullRun isFull: Bool) -> [String] {
        Self.required.filter { counts[$0] == nil && (isFull || !Self.rare.contains($0)) }
    }

    /// Of a hundred questions, how many have one allowed answer to whether the session works.
    var decidedPercent: Int {
        let decided = SlowTruth.allCases.reduce(0) { $0 + (counts["works \($1.rawValue)"] ?? 0) }
        let all = decided + (counts["works open"] ?? 0)
        return all == 0 ? 0 : 100 * decided / all
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
