package import Correlate

/// Thresholds of the detectors. The defaults are those of the design.
package struct DetectSettings: Sendable, Hashable {
    /// Windows and bounds of what is held in memory.
    package var correlate = CorrelateSettings()

    /// Seconds at the younger edge of a pair window in which a session is not judged yet, and by which a firewall's
    /// row may lie before or after the client's: one interval of a flow log.
    package var edgeSeconds: Int64 = 300

    /// Sessions of a subject within the pair window that open `asymmetric-session`.
    package var asymmetricSessions = 5

    /// Sessions of a subject within the pair window that open `inspection-broken`.
    package var brokenSessions = 5

    /// Load, in percent of the capacity, at or above which a minute counts for `firewall-bottleneck`.
    package var bottleneckOpenPercent: Int64 = 85
    /// How many such minutes of `bottleneckMinutes` open it.
    package var bottleneckOpenMinutes = 4
    /// Length of the span that is looked at, in minutes.
    package var bottleneckMinutes = 10
    /// Load, in percent of the capacity, under which every minute of the span must stay for it to resolve.
    package var bottleneckResolvePercent: Int64 = 70
    /// One session's load, in percent of the ceiling of one connection, that counts for the limit `flow`.
    package var singleFlowPercent: Int64 = 90
    /// Difference between `DataProcessed` and the load, in percent, up to which the metric confirms it.
    package var metricAgreementPercent: Int64 = 10

    /// Sessions that must take the right way, and none the wrong one since, for a finding of a private endpoint to resolve.
    package var fixSessions = 5

    /// Seconds without a new sighting after which a finding is stale.
    package var staleAfterSeconds: Int64 = 7_200
    /// A finding that opens again within so many seconds of being resolved is flapping.
    package var flappingSeconds: Int64 = 3_600

    package init() {}
}
