import Correlate
import Detect
import FlowModel
import Topology

/// What came out of inspecting lines: the findings as they stand, and what happened on the way.
struct Inspection {
    var findings: [String: Finding] = [:]
    var changes: [Evaluation.Change] = []
    var loads: [FirewallLoadMinute] = []
    var sessions: [AsymmetricSession] = []
    var evaluatedUntil: EventTime?

    /// Everything at once, in the order of time.
    init(_ logs: Logs, in network: Network = Network(), settings: DetectSettings = DetectSettings()) throws {
        let topology = try network.topology()
        var inspector = Inspector(
            versions: TopologyVersions(topology), settings: settings, open: [], evaluatedUntil: nil)
        inspector.observe(batch(logs.lines, in: topology))
        take(inspector.evaluate())
    }

    init() {}

    mutating func take(_ evaluation: Evaluation?) {
        guard let evaluation else { return }
        changes += evaluation.changes
        loads += evaluation.loads
        sessions += evaluation.asymmetricSessions
        for change in evaluation.changes { findings[change.finding.fingerprint] = change.finding }
        evaluatedUntil = evaluation.evaluatedUntil
    }

    /// The findings of a detector.
    func findings(_ detector: String) -> [Finding] { sorted.filter { $0.detector == detector } }
    var sorted: [Finding] { findings.values.sorted { ($0.openedAt, $0.fingerprint) < ($1.openedAt, $1.fingerprint) } }

    /// `findings --json` of all, the bytes that have to be the same.
    var json: String {
        var writer = JSONWriter()
        writer.beginArray()
        for finding in sorted { finding.write(to: &writer) }
        writer.endArray()
        return writer.string
    }

    /// Openings, stale turns and ends, with all that the finding said then.
    var turns: [String] {
        changes.filter { $0.kind != .updated }.map { change in
            var writer = JSONWriter()
            change.finding.write(to: &writer)
            return "\(change.kind.rawValue) \(writer.string)"
        }
    }
}
