/// How long to wait before the next attempt: doubling from `first` to `limit`, each between half and all of it.
///
/// The jitter keeps many daemons that lost the same server from coming back in step; its generator is injected, so
/// tests repeat.
package struct Backoff: Sendable {
    private let first: Duration
    private let limit: Duration
    private var ceiling: Duration
    private var generator: SplitMix64

    /// - Parameters:
    ///   - first: the longest first wait; more than zero.
    ///   - limit: the longest wait of all; at least `first`.
    package init(first: Duration, limit: Duration, generator: SplitMix64) {
        precondition(first > .zero && limit >= first, "a backoff grows from \(first) to \(limit)")
        self.first = first
        self.limit = limit
        self.ceiling = first
        self.generator = generator
    }

    /// The wait before the next attempt.
    package mutating func next() -> Duration {
        let half = ceiling / 2
        let wait = half + (ceiling - half) * Double.random(in: 0...1, using: &generator)
        ceiling = min(ceiling * 2, limit)
        return wait
    }

    /// An attempt succeeded: the next failure begins with `first` again.
    package mutating func reset() { ceiling = first }
}
