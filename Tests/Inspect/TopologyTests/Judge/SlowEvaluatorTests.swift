import Foundation
import Testing
import Topology

/// The slow evaluator and the module under test answer alike on random worlds.
///
/// `FLOWSIGHT_TOPOLOGIES` says how many (10,000 by default: half a minute in release), `FLOWSIGHT_SEED` where the seeds begin.
@Suite struct SlowEvaluatorTests {
    private static func setting(_ name: String, _ normal: UInt64) -> UInt64 {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } ?? normal
    }

    private static let tooSurePercent = 2

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
            // Rare worlds only: an address that is on-premises and in a VNet, subnet peerings of a gateway, and the like.
            #expect(tally.tooSureCount * 100 <= tally.questionCount * SlowEvaluatorTests.tooSurePercent)
        }
        print(
            "seeds \(first)..<\(first + count): of \(tally.questionCount) answers \(tally.tooSureCount) are sure of what "
                + "is left open\n\(tally.tooSureText)\n\(tally.text)")
        // Shrinking takes time: the most frequent kinds are enough to look into.
        let most = Self.setting("FLOWSIGHT_SHRINK", 5)
        for (place, example) in tally.examples.enumerated() {
            let report = place < most ? Self.report(example) : "seed \(example.seed) \(example.pair)"
            Issue.record("\(example.count) × \(example.kind)\n\(report)")
        }
    }

    /// The smallest world that still shows the disagreement.
    private static func report(_ example: SlowTally.Example) -> String {
        let kind = example.kind
        func difference(_ world: SlowWorld) -> SlowComparison.Disagreement? {
            let outcome = SlowEvaluator.outcome(world, example.pair)
            let found = try? SlowComparison(world).disagreement(example.pair, outcome)
            return found.flatMap { SlowTally.kind($0, example.pair) == kind ? $0 : nil }
        }
        let world = SlowShrinker.shrunk(SlowWorldGenerator.world(seed: example.seed)) { difference($0) != nil }
        let outcome = SlowEvaluator.outcome(world, example.pair)
        let found = difference(world)
        return """
            seed \(example.seed) \(example.pair)
            allowed: \(found?.allowed ?? "")
            answered: \(found?.answered ?? "")
            slow: decisions \(outcome.decisions.map { "\($0.subnet.split(separator: "/").suffix(3)) \($0.prefix.text) \($0.source) \($0.hop)" })
              devices \(outcome.devices ?? []) end \(outcome.end) inspected \(outcome.inspected) works \(outcome.works) symmetric \(outcome.symmetric)
            module: \(found.map { "\($0.explanation.forward.map { "\($0.kind) \($0.name)" }) back \($0.explanation.back.map { "\($0.kind) \($0.name)" })" } ?? "")
              works \(found?.explanation.works.map { "\($0)" } ?? "nil") \(found?.explanation.why ?? "")
              symmetric \(found?.explanation.symmetric.map { "\($0)" } ?? "nil") \(found?.explanation.symmetricReason ?? "")
              inspected \(found?.explanation.inspected.map { "\($0)" } ?? "nil") rests on \(found?.explanation.restsOn ?? [])
            \(world.summary)
            """
    }
}
