package import Correlate
package import FlowModel
import Topology

/// What it finds: a firewall at its capacity (limit `throughput`), or one session at the ceiling of one connection
/// (limit `flow`).
///
/// Why it matters: beyond its capacity a firewall delays and drops what everybody sends, and only flow counters say
/// who does it. Capacities: [learn: firewall-performance, page of 2026-03]; the overlay's `capacity_mbps` wins.
///
/// When it is wrong: where clients without a flow log load the firewall, the load is higher than is shown (the metric
/// `DataProcessed` tells: low confidence turns medium); where a flow's previous row is lost, up to five minutes of its
/// bytes lie in one minute.
///
/// Silent, because it cannot tell: no capacity is known; `DataProcessed` of the same minutes stays below the limit by more
/// than `metricAgreementPercent`: the model leads flows over the firewall that do not cross it, or counts some twice.
///
/// Knobs: `bottleneckOpenPercent` (85 % of the capacity), `bottleneckOpenMinutes` (4) of `bottleneckMinutes` (10);
/// `bottleneckResolvePercent` (70 %) for all minutes of such a span; `singleFlowPercent` (90 % of the ceiling of one
/// connection); `metricAgreementPercent` (10 %).
///
/// Evidence: flow-log rows with many bytes (a thousandth of the capacity of a minute, or more) whose path crosses the
/// firewall. Only minutes count whose load no later row can change: one flow-log interval after them.
package struct FirewallBottleneckDetector: Detector {
    package static let id = "firewall-bottleneck"

    enum Limit: String, CaseIterable, Sendable {
        case throughput, flow

        /// Bytes a minute; nil where nothing says so.
        func capacity(of firewall: Firewall) -> Int64? {
            self == .throughput ? firewall.capacityBytesPerMinute : firewall.singleFlowBytesPerMinute
        }
    }

    package init() {}

    package func contradictions(
        at tick: Tick, in correlator: inout Correlator, open: Set<String>
    ) -> [Contradiction] {
        let span = LoadSpan(tick)
        var found: [LoadJudgement] = []
        for (number, firewall) in correlator.register.frame.numberedFirewalls {
            for limit in Limit.allCases {
                var judgement = LoadJudgement(firewall, index: number, limit: limit, span: span, in: correlator)
                if judgement.isAtLimit(tick.settings) { found.append(judgement) }
            }
        }
        return found.map { judgement in
            let other = found.first { $0.firewall.id == judgement.firewall.id && $0.limit != judgement.limit }
            return Contradiction(
                fingerprint: fingerprint(detector: Self.id, subject: judgement.subject), lastSeen: judgement.lastSeen,
                proof: judgement.proof, severity: .warning
            ) { LoadDescription(judgement, other: other, in: $0).finding(detector: Self.id, at: tick) }
        }
    }

    package func standing(of finding: Finding, at tick: Tick, in correlator: inout Correlator) -> Standing {
        if let reason = correlator.lackOfSubject(of: finding) { return .gone(reason) }
        guard let id = finding.subject["firewall"], let index = correlator.register.paths.firewallNumber(id),
            let firewall = correlator.firewall(index),
            let limit = finding.subject["limit"].flatMap(Limit.init(rawValue:))
        else { return .stands }
        if limit.capacity(of: firewall) == nil, correlator.register.hasChanged(since: minuteNumber(finding.lastSeen)) {
            return .gone("nothing in the topology says the firewall's limit any more")
        }
        guard isHeard(finding, at: tick, in: correlator) else { return .stands }
        let judgement = LoadJudgement(firewall, index: index, limit: limit, span: LoadSpan(tick), in: correlator)
        guard judgement.isUnder(tick.settings.bottleneckResolvePercent) else { return .stands }
        return .gone(
            "load stayed under \(tick.settings.bottleneckResolvePercent) % of the limit for "
                + "\(tick.settings.bottleneckMinutes) minutes")
    }
}

extension FirewallBottleneckDetector {
    /// Whether the logs of the finding spoke all along: in every interval since the span began. A minute without rows
    /// in an interval without rows is a minute without data, not one without load.
    private func isHeard(_ finding: Finding, at tick: Tick, in correlator: Correlator) -> Bool {
        let interval = tick.settings.correlate.intervalSeconds / 60
        let start = LoadSpan(tick).numbers.lowerBound
        return stride(from: start, to: tick.number, by: Int(interval)).allSatisfy {
            correlator.speaks(evidenceOf: finding, in: $0..<min($0 + interval, tick.number))
        }
    }
}

/// The minutes that are judged at a tick: the last ones that no later row can change.
struct LoadSpan: Sendable {
    let numbers: Range<Int64>

    init(_ tick: Tick) {
        let end = tick.number - tick.settings.correlate.intervalSeconds / 60
        numbers = (end - Int64(tick.settings.bottleneckMinutes))..<end
    }
}

/// A firewall's load against one of its limits, over a span.
struct LoadJudgement: Sendable {
    struct Minute: Sendable {
        var number: Int64
        var bytes: Int64
        /// `DataProcessed` of the minute.
        var processed: Int64?
    }

    var firewall: Firewall
    var index: Int32
    var limit: FirewallBottleneckDetector.Limit
    /// Bytes a minute; nil where nothing says so.
    var capacity: Int64?
    /// All minutes of the span for `throughput`; those of the busiest session for `flow`.
    var minutes: [Minute] = []
    /// True where the limit was the same over the whole span.
    var isWhole = true
    /// The session at the ceiling.
    var session: SessionKey?
    /// Minutes at or over the limit.
    var hot: [Minute] = []

    var subject: [String: String] { ["firewall": firewall.id, "limit": limit.rawValue] }
    var lastSeen: EventTime { minuteStart(hot.last?.number ?? 0) }

    init(
        _ firewall: Firewall, index: Int32, limit: FirewallBottleneckDetector.Limit, span: LoadSpan,
        in correlator: Correlator
    ) {
        self.firewall = firewall
        self.index = index
        self.limit = limit
        capacity = limit.capacity(of: firewall)
        guard capacity != nil, firewall.tier != "appliance" || limit == .throughput else { return }
        session = limit == .flow ? busiestSession(span, in: correlator) : nil
        // Minutes in which the topology gave the firewall another limit are not held against this one.
        let numbers = span.numbers.filter { number in
            correlator.register.firewall(index, ofMinute: number).flatMap { limit.capacity(of: $0) } == capacity
        }
        isWhole = numbers.count == span.numbers.count
        minutes = numbers.map { number in
            let load = correlator.loads[number]?[index]
            let bytes = session.map { load?.heavySessions[$0] ?? 0 } ?? (limit == .flow ? 0 : load?.bytes ?? 0)
            return Minute(number: number, bytes: bytes, processed: correlator.minute(number)?.processed[index])
        }
    }

    /// The session with most bytes in the span; of equals the smallest.
    private func busiestSession(_ span: LoadSpan, in correlator: Correlator) -> SessionKey? {
        var sums: [SessionKey: Int64] = [:]
        for number in span.numbers {
            for (key, bytes) in correlator.loads[number]?[index]?.heavySessions ?? [:] {
                sums[key] = saturatingSum(sums[key] ?? 0, bytes)
            }
        }
        return sums.min { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }?.key
    }

    /// Whether enough minutes of the span are at the limit, and the metric does not contradict them.
    mutating func isAtLimit(_ settings: DetectSettings) -> Bool {
        guard let capacity else { return false }
        let percent = limit == .flow ? settings.singleFlowPercent : settings.bottleneckOpenPercent
        hot = minutes.filter { $0.bytes >= share(percent, of: capacity) }
        guard hot.count >= settings.bottleneckOpenMinutes else { return false }
        return limit == .flow || metricAgrees(settings)
    }

    /// Where the firewall's own metric is there, it must show a load at the limit, too, as near as the two ever agree.
    private func metricAgrees(_ settings: DetectSettings) -> Bool {
        guard let capacity, processedPercent != nil else { return true }
        let measured = hot.compactMap(\.processed)
        let average = measured.reduce(0, saturatingSum) / Int64(max(measured.count, 1))
        return average >= share(settings.bottleneckOpenPercent - settings.metricAgreementPercent, of: capacity)
    }

    /// Whether every minute of the span stays under the limit.
    func isUnder(_ percent: Int64) -> Bool {
        guard let capacity, isWhole else { return false }
        return minutes.allSatisfy { $0.bytes < share(percent, of: capacity) }
    }

    /// The firewall's own metric proves its load; one session's load is counted at its ends.
    var proof: Finding.Proof { limit == .flow || processedPercent != nil ? .proven : .unproven }

    /// `DataProcessed` in percent of the load of the minutes that have the metric; nil where none has.
    var processedPercent: Int64? {
        let measured = hot.filter { $0.processed != nil }
        guard !measured.isEmpty else { return nil }
        let processed = measured.reduce(0) { saturatingSum($0, $1.processed ?? 0) }
        return Wording.percent(processed, of: measured.reduce(0) { saturatingSum($0, $1.bytes) })
    }

    private func share(_ percent: Int64, of capacity: Int64) -> Int64 {
        Int64(Double(capacity) * Double(percent) / 100)
    }
}
