package import Correlate
package import FlowModel
import Topology

/// Holds sightings against the topology: takes them up in any order, evaluates every minute of event time once.
///
/// What a tick decides depends on the sightings before it, the topology and the settings, not on the order of arrival
/// (within the lateness), the size of batches, or restarts. Pure: no clock, no I/O.
package struct Inspector: Sendable {
    private let settings: DetectSettings
    private var correlator: Correlator
    /// By fingerprint: open and stale ones, and those resolved a short while ago.
    private var findings: [String: Finding] = [:]
    /// The first minute whose load has not been spread.
    private var unspread: Int64?
    private var forgotten: [VersionFrame] = []
    /// The last tick that was evaluated: all event time before it is decided. Nil before the first.
    package private(set) var evaluatedUntil: EventTime?

    /// - Parameters:
    ///   - versions: the versions of the topology that judge the window and what comes after it.
    ///   - open: findings that are not resolved, and, for `flapping`, those resolved within `flappingSeconds`.
    ///   - evaluatedUntil: the tick that those findings were stored with. The caller then lets `observe` see again all
    ///     rows from `windowSeconds` before it.
    package init(
        versions: TopologyVersions, settings: DetectSettings = DetectSettings(), open: [Finding],
        evaluatedUntil: EventTime?
    ) {
        self.settings = settings
        self.evaluatedUntil = evaluatedUntil?.minute
        correlator = Correlator(versions: versions, settings: settings.correlate)
        for finding in open { findings[finding.fingerprint] = finding }
    }

    /// Ticks that one `evaluate` decides at most: what one transaction of findings, and a stop, have to wait for.
    package static let ticksPerCall = 240

    /// How far back from `evaluatedUntil` rows are needed after a start, in seconds.
    package var windowSeconds: Int64 { settings.correlate.windowSeconds }
    /// Flow records and metric points that no tick has covered yet: they are inside the lateness.
    package var undecided: Int64 {
        correlator.sightings(from: evaluatedUntil.map(minuteNumber) ?? .min)
    }
    /// Those of them that are past the lateness and wait for `evaluate`: what a backlog makes large.
    package var pendingSightings: Int {
        guard let newest = correlator.newest else { return 0 }
        let due = minuteNumber(newest.advanced(seconds: -settings.correlate.latenessSeconds))
        return Int(clamping: undecided - correlator.sightings(from: max(due, evaluatedUntil.map(minuteNumber) ?? .min)))
    }
    /// Sightings that came too late for any tick to look at.
    package var lateSightings: Int64 { correlator.lateSightings }
    /// Findings that are not resolved, by fingerprint.
    package var openFindings: [Finding] {
        findings.values.filter { $0.state != .resolved }.sorted { $0.fingerprint < $1.fingerprint }
    }

    package mutating func observe(_ batch: SightingBatch) { correlator.observe(batch) }

    /// The versions of the topology that judge what is in memory and what comes after it.
    package var versions: TopologyVersions { correlator.register.versions }

    /// Whether a version that judges from this minute on may be taken: no sighting from there on is in memory, and no
    /// tick past it is decided. Else the caller makes an inspector anew and lets it see the window again.
    package func admitsVersion(from firstMinute: Int64) -> Bool {
        correlator.newest.map { minuteNumber($0) < firstMinute } ?? true
            && evaluatedUntil.map { minuteNumber($0) <= firstMinute } ?? true
    }

    /// Takes newer versions of the topology, at once: what costs time was done when they were made.
    ///
    /// - Parameters:
    ///   - versions: `self.versions` and more that judge later minutes.
    ///   - prepared: what the newest of them answers to `paths`, where it was asked beforehand.
    package mutating func take(_ versions: TopologyVersions, prepared: PreparedPaths? = nil) {
        correlator.take(versions, prepared: prepared)
    }

    /// The paths that are remembered: what a newer version may be asked beforehand. A copy that costs nothing until the
    /// next path is asked for.
    package var paths: PathCache { correlator.register.paths }

    /// Versions that judge nothing any more, since this was asked last: who has time frees them.
    package mutating func forgottenVersions() -> [VersionFrame] {
        defer { forgotten = [] }
        return forgotten
    }

    /// The largest event time of all that was observed.
    package var newest: EventTime? { correlator.newest }

    /// Evaluates ticks that became due, at most `ticksPerCall` of them; nil where none did. To be called until it is nil.
    ///
    /// - Parameter limit: the largest event time that may move the watermark, where the caller knows of drops that have
    ///   more to read: what they hold is not older than it by more than the lateness.
    package mutating func evaluate(newest limit: EventTime? = nil) -> Evaluation? {
        guard let newest = correlator.newest.map({ min($0, limit ?? $0) }) else { return nil }
        var last = minuteNumber(newest.advanced(seconds: -settings.correlate.latenessSeconds))
        guard let position = evaluatedUntil.map(minuteNumber) ?? correlator.nextMinute(from: .min), position < last
        else { return nil }
        var evaluation = Evaluation(evaluatedUntil: minuteStart(last))
        var number = position + 1
        var ticks = 0
        while let next = nextTick(from: number, to: last) {
            evaluate(Tick(number: next, settings: settings), into: &evaluation)
            forgotten += correlator.forget(after: minuteStart(next))
            number = next + 1
            ticks += 1
            if ticks == Inspector.ticksPerCall { last = next }
        }
        evaluation.evaluatedUntil = minuteStart(last)
        forgotten += correlator.forget(after: minuteStart(last))
        evaluatedUntil = minuteStart(last)
        evaluation.undecided = undecided
        return evaluation
    }

    /// The next tick that can decide anything: stretches without sightings and open findings are skipped.
    private func nextTick(from number: Int64, to last: Int64) -> Int64? {
        guard number <= last else { return nil }
        if findings.values.contains(where: { $0.state == .open }) { return number }
        guard let held = correlator.nextMinute(from: number - windowSeconds / 60) else { return nil }
        let next = max(number, held + 1)
        return next <= last ? next : nil
    }

    private mutating func evaluate(_ tick: Tick, into evaluation: inout Evaluation) {
        spreadLoads(before: tick.number)
        evaluation.loads += finalLoads(at: tick)
        // What is expected of the window is what the version of its last minute says.
        correlator.turn(to: tick.number - 1)
        var backed: Set<String> = []
        for detector in Catalogue.detectors {
            let open = Set(findings.values.lazy.filter { $0.state != .resolved }.map(\.fingerprint))
            let found = detector.contradictions(at: tick, in: &correlator, open: open)
            for contradiction in found.sorted(by: { $0.fingerprint < $1.fingerprint }) {
                backed.insert(contradiction.fingerprint)
                apply(contradiction, at: tick, into: &evaluation)
            }
        }
        for fingerprint in findings.keys.sorted() where !backed.contains(fingerprint) {
            review(fingerprint, at: tick, into: &evaluation)
        }
    }

    // MARK: Life cycle

    /// The finding of a contradiction. Where its sightings begin before the first version of the topology, that version
    /// may not have been true then: the confidence is lowered by one step, and `why` says so.
    private func describe(_ contradiction: Contradiction) -> Finding {
        var finding = contradiction.describe(correlator)
        guard let since = versions.knownSince, minuteNumber(finding.firstSeen) < since else { return finding }
        finding.confidence = finding.confidence == .high ? .medium : .low
        finding.why += " Some of this is older than the first topology that is known, by which it is judged."
        return finding
    }

    private mutating func apply(_ contradiction: Contradiction, at tick: Tick, into evaluation: inout Evaluation) {
        let known = findings[contradiction.fingerprint]
        if let known, known.state != .resolved {
            evaluation.asymmetricSessions += contradiction.newSessions
            update(known, by: contradiction, into: &evaluation)
        } else {
            evaluation.asymmetricSessions += contradiction.sessions
            var finding = describe(contradiction)
            finding.openedAt = tick.time
            finding.flapping =
                known?.resolvedAt.map { tick.time <= $0.advanced(seconds: settings.flappingSeconds) } ?? false
            note(.opened, finding, in: &evaluation)
        }
        for fingerprint in contradiction.supersedes.sorted() {
            guard let finding = findings[fingerprint], finding.state != .resolved else { continue }
            resolve(
                finding,
                because: "superseded by finding \(contradiction.fingerprint), which says more of the same cause",
                at: tick, into: &evaluation)
        }
    }

    private mutating func update(
        _ known: Finding, by contradiction: Contradiction, into evaluation: inout Evaluation
    ) {
        guard known.hasNews(in: contradiction) else { return }
        let finding = known.updated(by: describe(contradiction))
        if finding != known { note(.updated, finding, in: &evaluation) }
    }

    /// Looks at a finding that nothing backed at this tick.
    private mutating func review(_ fingerprint: String, at tick: Tick, into evaluation: inout Evaluation) {
        guard let finding = findings[fingerprint] else { return }
        if let resolvedAt = finding.resolvedAt {
            if resolvedAt.advanced(seconds: settings.flappingSeconds) < tick.time {
                findings.removeValue(forKey: fingerprint)
            }
            return
        }
        let standing = Catalogue.detector(finding.detector)?.standing(of: finding, at: tick, in: &correlator)
        if case .gone(let reason) = standing {
            resolve(finding, because: reason, at: tick, into: &evaluation)
        } else if finding.state == .open,
            finding.lastSeen.advanced(seconds: settings.staleAfterSeconds) < tick.time
        {
            var stale = finding
            stale.state = .stale
            note(.stale, stale, in: &evaluation)
        }
    }

    private mutating func resolve(
        _ finding: Finding, because reason: String, at tick: Tick, into evaluation: inout Evaluation
    ) {
        var resolved = finding
        resolved.state = .resolved
        resolved.resolvedAt = tick.time
        resolved.resolvedBecause = reason
        note(.resolved, resolved, in: &evaluation)
    }

    private mutating func note(_ kind: Evaluation.Change.Kind, _ finding: Finding, in evaluation: inout Evaluation) {
        findings[finding.fingerprint] = finding
        evaluation.changes.append(Evaluation.Change(kind: kind, finding: finding))
    }

    // MARK: Loads

    private mutating func spreadLoads(before number: Int64) {
        var next = correlator.nextMinute(from: unspread ?? .min)
        while let minute = next, minute < number {
            correlator.settle(minute)
            correlator.spreadLoad(of: minute)
            next = correlator.nextMinute(from: minute + 1)
        }
        unspread = number
    }

    /// Loads of the minute that no later row can change any more.
    private func finalLoads(at tick: Tick) -> [FirewallLoadMinute] {
        let number = tick.number - 1 - settings.correlate.intervalSeconds / 60
        guard let loads = correlator.loads[number] else { return [] }
        return loads.compactMap { index, load in
            guard load.bytes > 0 else { return nil }
            guard let firewall = correlator.register.firewall(index, ofMinute: number) else { return nil }
            return FirewallLoadMinute(
                firewall: firewall.id, minute: minuteStart(number), bytes: load.bytes,
                capacityBytes: firewall.capacityBytesPerMinute,
                processedBytes: correlator.minute(number)?.processed[index])
        }.sorted { $0.firewall < $1.firewall }
    }
}
