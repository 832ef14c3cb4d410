import Correlate
import FlowModel
import Locate
import Runtime
import Store
import Topology

/// Gives the topology of each validity: the one of the files from memory, older ones from the database. One thread's.
final class TopologyShelf {
    private let store: TopologyStore
    private(set) var timeline: TopologyTimeline
    private var current: Topology
    /// Built of documents of the database, by version, the one asked for last at the end.
    private var old: [Topology] = []
    /// Versions that are held though no window needs them: drops of different ages take turns.
    private static let oldLimit = 3

    /// Makes a topology the one that is valid now.
    ///
    /// - Parameter store: on a connection that nobody uses while a version is asked for.
    init(_ reading: TopologyReading, in store: TopologyStore) throws {
        self.store = store
        current = reading.topology
        timeline = try store.keep(reading)
    }

    /// Takes what a reload has made and stored. What is not held any more is given back: freeing it takes time.
    func take(_ topology: Topology, _ timeline: TopologyTimeline) -> [Topology] {
        let kept = old.suffix(TopologyShelf.oldLimit - 1)
        let waste = Array(old.dropLast(kept.count))
        old = kept + [current]
        current = topology
        self.timeline = timeline
        return waste
    }

    /// The topology of a validity of the timeline.
    func topology(of validity: TopologyTimeline.Validity) throws -> Topology {
        if validity.version == current.version { return current }
        if let index = old.firstIndex(where: { $0.version == validity.version }) { return old[index] }
        guard let bytes = try store.document(of: validity.version) else {
            throw StoreError(
                code: .database, place: "reading a version of the topology", detail: "\(validity.version) is missing",
                hint: "restore flowsight.topology_document, or remove the version's rows from topology_validity")
        }
        var resources = ResourceSet()
        try resources.add(TopologyDocument(name: validity.version, bytes: bytes))
        let topology = try Topology(resources)
        old = old.suffix(TopologyShelf.oldLimit - 1) + [topology]
        return topology
    }

    /// The version that judges a time, alone.
    func versions(at time: EventTime) throws -> TopologyVersions {
        let first = timeline.validities.first
        guard let first, let validity = timeline.validity(at: time) else { return TopologyVersions(current) }
        return TopologyVersions(
            try topology(of: validity), from: validity == first ? .min : validity.firstMinute,
            knownSince: first.firstMinute)
    }

    /// Versions with those that follow, up to the one that judges a time. Those that end before `oldest` are left out.
    func versions(_ known: TopologyVersions, until time: EventTime, from oldest: EventTime) throws -> TopologyVersions {
        var versions = known
        let judging = timeline.judging
        for (index, validity) in judging.enumerated() {
            guard let last = versions.frames.last?.firstMinute, validity.firstMinute > last,
                validity.firstMinute <= minuteNumber(time), validity != timeline.validities.first,
                index + 1 == judging.count || judging[index + 1].firstMinute > minuteNumber(oldest)
            else { continue }
            versions = versions.appending(try topology(of: validity), from: validity.firstMinute)
        }
        return versions
    }

    /// Locates a batch, each row by the version of its time.
    func locate(_ batch: FlowBatch) throws -> SightingBatch {
        try Locator.locate(batch, by: timeline) { try topology(of: $0).placement }
    }
}

extension TopologyStore {
    /// Makes what was read the version that is valid now. An empty topology has no version, and nothing is older than it.
    func keep(_ reading: TopologyReading) throws(StoreError) -> TopologyTimeline {
        guard let age = reading.age, !reading.topology.version.isEmpty else { return TopologyTimeline([]) }
        let topology = reading.topology
        return try keep(
            topology.version,
            Counts(
                resources: reading.resources?.summaries.count ?? 0, vnets: topology.vnetDomains.count,
                privateEndpoints: topology.privateEndpoints.count, firewalls: topology.firewalls.count,
                problems: topology.problems.count),
            age: age, now: EventTime(microseconds: SystemClock().microseconds), document: { reading.document() })
    }
}
