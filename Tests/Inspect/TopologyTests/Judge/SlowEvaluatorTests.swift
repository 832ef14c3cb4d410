import Foundation
import Testing
import Topology

/// The slow evaluator and the module under test answer alike on random worlds.
///
/// `FLOWSIGHT_TOPOLOGIES` says how many (10,000 by default: half a minute in release), `FLOWSIGHT_SEED` where the seeds begin,
/// `FLOWSIGHT_UNSURE` of how many kinds of too sure answers the smallest world is printed.
@Suite struct SlowEvaluatorTests {
    private static func setting(_ name: String, _ normal: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? normal
    }

    private static let tooSurePerMille = 5

    @Test func theModuleAgreesWithTheSlowEvaluatorOnRandomTopologies() throws {
        let first = Self.setting("FLOWSIGHT_SEED", 1)
        let count = Self.setting("FLOWSIGHT_TOPOLOGIES", 10_000)
        var tally = SlowTally()
        for seed in first..<first + count {
            let world = SlowWorldGenerator.world(seed: seed)
            let comparison = try SlowComparison(world)
            for pair in world.pairs(seed: seed, count: 6) {
                let outcome = SlowEvaluator.outcome(world, pair)
                tally.count(outcome)
                let answer = try comparison.explanation(pair)
                let unsure = comparison.tooSure(answer, outcome)
                if !unsure.isEmpty { tally.noteTooSure(unsure, outcome, seed, pair) }
                guard let difference = comparison.disagreement(answer, outcome) else { continue }
                tally.add(difference, seed, pair)
            }
        }
        if count >= 200 {
            let missing = tally.missing(inFullRun: count >= 5_000)
            #expect(missing == [], "no random topology of seeds \(first)..<\(first + count) holds this")
            #expect(tally.decidedPercent >= 75)
            // Whether a router that inspects nothing counts for symmetry, above all.
            #expect(tally.tooSureCount * 1000 <= tally.questionCount * SlowEvaluatorTests.tooSurePerMille)
        }
        print(
            "seeds \(first)..<\(first + count): of \(tally.questionCount) answers \(tally.tooSureCount) are sure of what "
                + "is left open\n\(tally.text)")
        for (place, example) in tally.tooSureExamples.enumerated() {
            print("\(example.count) × \(example.kind): seed \(example.seed) \(example.pair)")
            if place < Self.setting("FLOWSIGHT_UNSURE", 0) { print(Self.unsureReport(example)) }
        }
        // Shrinking takes time: the most frequent kinds are enough to look into.
        let most = Self.setting("FLOWSIGHT_SHRINK", 5)
        for (place, example) in tally.examples.enumerated() {
            let report = place < most ? Self.report(example) : "seed \(example.seed) \(example.pair)"
            Issue.record("\(example.count) × \(example.kind)\n\(report)")
        }
    }

    /// The smallest world that still shows the disagreement.
    private static func report(_ example: SlowTally.Example) -> String {
        smallest(example) { world in
            let outcome = SlowEvaluator.outcome(world, example.pair)
            let found = try SlowComparison(world).disagreement(example.pair, outcome)
            guard let found, SlowTally.kind(found, example.pair) == example.kind else { return nil }
            return (found.explanation, "allowed: \(found.allowed)\nanswered: \(found.answered)")
        }
    }

    private static func unsureReport(_ example: SlowTally.Example) -> String {
        smallest(example) { world in
            let outcome = SlowEvaluator.outcome(world, example.pair)
            let comparison = try SlowComparison(world)
            let answer = try comparison.explanation(example.pair)
            let fields = comparison.tooSure(answer, outcome)
            return SlowTally.kind(fields, outcome) == example.kind ? (answer, "too sure") : nil
        }
    }

    private static func smallest(
        _ example: SlowTally.Example, _ shown: (SlowWorld) throws -> (answer: Explanation, text: String)?
    ) -> String {
        let world = SlowShrinker.shrunk(SlowWorldGenerator.world(seed: example.seed)) {
            (try? shown($0)).flatMap { $0 } != nil
        }
        let outcome = SlowEvaluator.outcome(world, example.pair)
        let found = (try? shown(world)).flatMap { $0 }
        let answer = found?.answer
        return """
            seed \(example.seed) \(example.pair)
            \(found?.text ?? "")
            slow: decisions \(outcome.decisions.map { "\($0.subnet.split(separator: "/").suffix(3)) \($0.prefix.text) \($0.source) \($0.hop)" })
              devices \(outcome.devices ?? []) end \(outcome.end) inspected \(outcome.inspected) works \(outcome.works) symmetric \(outcome.symmetric)
            module: \(answer?.forward.map { "\($0.kind) \($0.name)" } ?? []) back \(answer?.back.map { "\($0.kind) \($0.name)" } ?? [])
              works \(answer?.works.map { "\($0)" } ?? "nil") \(answer?.why ?? "")
              symmetric \(answer?.symmetric.map { "\($0)" } ?? "nil") \(answer?.symmetricReason ?? "")
              inspected \(answer?.inspected.map { "\($0)" } ?? "nil") rests on \(answer?.restsOn ?? [])
            \(world.summary)
            """
    }
}
