/// How far the correlator looks back, and how much it may hold.
package struct CorrelateSettings: Sendable, Hashable {
    /// How late a row may come, in seconds of event time; ticks stay this far behind the newest sighting.
    package var latenessSeconds: Int64 = 900
    /// Length of a pair window, in seconds of event time.
    package var pairWindowSeconds: Int64 = 3_600
    /// A flow log's longest interval in seconds: counters of a row cover no more than this
    /// (NSG and VNet flow logs write `continue` rows every 5 minutes).
    package var intervalSeconds: Int64 = 300

    /// Flows with counters that are kept one by one in a minute; the rest is summed by client.
    package var flowsPerMinute = 16_384
    /// Sessions that are kept one by one in a minute of one subject.
    package var sessionsPerMinute = 1_024
    /// Clients that are kept one by one in a minute of one subject.
    package var clientsPerMinute = 1_024
    /// Rows of one kind that are kept as evidence in a minute of one subject.
    package var evidencePerMinute = 20
    /// Paths that are remembered, so that a pair of addresses is explained once.
    package var pathLimit = 100_000

    package init() {}

    /// What a tick may look at: the pair window, and the rows around its older edge.
    package var windowSeconds: Int64 { pairWindowSeconds + latenessSeconds }
}
