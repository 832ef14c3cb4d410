import Correlate
import Detect
import FlowModel
import Locate
import Topology

/// Networks that follow each other: each is valid from a minute after `Logs.start` on.
struct Versions {
    let timeline: TopologyTimeline
    private let topologies: [String: Topology]

    init(_ networks: [(minute: Int, network: Network)]) throws {
        var validities: [TopologyTimeline.Validity] = []
        var topologies: [String: Topology] = [:]
        for (minute, network) in networks {
            let topology = try network.topology()
            topologies[topology.version] = topology
            validities.append(
                .init(validFrom: Logs.start.advanced(seconds: Int64(minute) * 60), version: topology.version))
        }
        timeline = TopologyTimeline(validities)
        self.topologies = topologies
    }

    func topology(_ validity: TopologyTimeline.Validity) -> Topology {
        guard let topology = topologies[validity.version] else { preconditionFailure("a version of the test") }
        return topology
    }

    /// Those that judge from a time on, as a restart takes them up.
    func known(from time: EventTime = .earliest) -> TopologyVersions {
        let judging = timeline.judging
        guard let first = timeline.validity(at: time) else { preconditionFailure("a version of the test") }
        let isFirst = first == timeline.validities.first
        var versions = TopologyVersions(
            topology(first), from: isFirst ? .min : first.firstMinute,
            knownSince: timeline.validities.first?.firstMinute)
        for validity in judging where validity.validFrom > first.validFrom {
            versions = versions.appending(topology(validity), from: validity.firstMinute)
        }
        return versions
    }

    /// Lines located by the version of their time.
    func batch(_ lines: some Sequence<LogLine>) -> SightingBatch {
        var flows = FlowBatch()
        for line in lines { line.append(&flows, line.hash) }
        return Locator.locate(flows, by: timeline) { topology($0).placement }
    }

    /// Everything at once, in the order of time.
    func inspect(_ logs: Logs) -> Inspection {
        var inspection = Inspection()
        var inspector = Inspector(versions: known(), open: [], evaluatedUntil: nil)
        inspector.observe(batch(logs.lines))
        while let evaluation = inspector.evaluate() { inspection.take(evaluation) }
        return inspection
    }
}
