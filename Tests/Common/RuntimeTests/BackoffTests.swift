import Runtime
import Testing

@Suite struct BackoffTests {
    @Test func doublesToItsLimitWithinHalfAndAll() {
        var backoff = Backoff(first: .seconds(1), limit: .seconds(10), generator: SplitMix64(seed: 7))
        for ceiling in [1, 2, 4, 8, 10, 10, 10] {
            let wait = backoff.next()
            #expect(wait >= .seconds(ceiling) / 2 && wait <= .seconds(ceiling), "ceiling \(ceiling)")
        }
        backoff.reset()
        #expect(backoff.next() <= .seconds(1))
    }

    @Test func theSameSeedGivesTheSameWaitsAndAnotherOthers() {
        func waits(_ seed: UInt64) -> [Duration] {
            var backoff = Backoff(first: .seconds(1), limit: .seconds(60), generator: SplitMix64(seed: seed))
            return (0..<8).map { _ in backoff.next() }
        }
        #expect(waits(1) == waits(1))
        #expect(waits(1) != waits(2))
    }

    /// The first numbers of the reference implementation for the seed 1234567
    /// (<https://prng.di.unimi.it/splitmix64.c>).
    @Test func splitMixGivesTheReferencesNumbers() {
        var generator = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect((0..<5).map { _ in generator.next() } == expected)
    }
}
