import Correlate
import Detect
import FlowModel
import Foundation
import Locate
import Synchronization
import Topology

/// How long one turn of the ingest thread takes while a topology is read anew by another thread, and after it was taken.
///
/// A turn locates and observes a batch, and decides the ticks that are due: what the daemon's ingest thread does between
/// two batches, without files and database. The reference is the same turns of the same run, before the reload.
struct ReloadBenchmark {
    /// Pairs of addresses that speak in every minute.
    private static let pairCount = 20_000
    private static let rowsPerBatch = 4_096

    private let estate: LargeTopology
    private let pairs: [LargeTopology.Pair]
    private var timeline: TopologyTimeline
    private var topologies: [Topology]
    private var inspector: Inspector
    private var minute: Int64 = 28_000_000
    private var next = 0

    /// Wall-clock milliseconds of turns.
    private struct Turns {
        var observing: [Double] = []
        var evaluating: [Double] = []

        func summary(_ name: String) -> String {
            "\(name): \(observing.count) turns, median \(text(middle(observing))), longest "
                + "\(text(observing.max() ?? 0)); \(evaluating.count) ticks, median \(text(middle(evaluating))), longest "
                + "\(text(evaluating.max() ?? 0)) ms"
        }

        private func middle(_ values: [Double]) -> Double {
            values.isEmpty ? 0 : values.sorted()[values.count / 2]
        }

        private func text(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
    }

    init(vnetCount: Int) throws {
        estate = LargeTopology(vnetCount: vnetCount)
        pairs = estate.pairs(count: ReloadBenchmark.pairCount)
        let topology = try ReloadBenchmark.read(estate)
        topologies = [topology]
        timeline = TopologyTimeline([.init(validFrom: .earliest, version: topology.version)])
        inspector = Inspector(versions: TopologyVersions(topology), open: [], evaluatedUntil: nil)
    }

    private static func read(_ estate: LargeTopology) throws -> Topology {
        var resources = ResourceSet()
        try estate.forEachDocument { try resources.add($0) }
        return try Topology(resources)
    }

    /// What the other thread has made.
    private final class Made: Sendable {
        let update = Mutex<(topology: Topology, versions: TopologyVersions, paths: PreparedPaths)?>(nil)
        let paths = Mutex<PathCache?>(nil)
    }

    mutating func run() throws {
        // A whole window of it, as a daemon that has run for some hours holds.
        var before = Turns()
        for _ in 0..<80 { turnMinute(&before) }
        before = Turns()
        for _ in 0..<5 { turnMinute(&before) }
        print(before.summary("before        "))

        let made = Made()
        let versions = inspector.versions
        var changed = estate
        changed.isChanged = true
        let beginning = minute + 40
        Thread.detachNewThread { [changed] in
            guard let topology = try? ReloadBenchmark.read(changed) else { return }
            let newer = versions.appending(topology, from: beginning)
            guard let paths = made.paths.withLock({ $0 }), let frame = newer.frames.last else { return }
            let prepared = paths.prepared(for: frame, asBy: versions.frames[0])
            made.update.withLock { $0 = (topology, newer, prepared) }
        }
        var during = Turns()
        while made.update.withLock({ $0 == nil }) {
            made.paths.withLock { $0 = inspector.paths }
            turn(&during)
        }
        print(during.summary("while it reads"))

        var after = Turns()
        while minute < beginning { turnMinute(&after) }
        guard let update = made.update.withLock({ $0 }) else { return }
        let start = ContinuousClock.now
        inspector.take(update.versions, prepared: update.paths)
        let pause = ContinuousClock.now - start
        topologies.append(update.topology)
        timeline = TopologyTimeline(
            timeline.validities
                + [
                    .init(
                        validFrom: EventTime(microseconds: beginning * 60_000_000), version: update.topology.version)
                ])
        after = Turns()
        for _ in 0..<30 { turnMinute(&after) }
        print("taking it: \(pause)")
        print(after.summary("after         "))
    }

    private mutating func turnMinute(_ turns: inout Turns) {
        let current = minute
        while minute == current { turn(&turns) }
    }

    private mutating func turn(_ turns: inout Turns) {
        let batch = batch()
        var start = ContinuousClock.now
        let sightings = Locator.locate(batch, by: timeline) { validity in
            topologies.first { $0.version == validity.version }?.placement ?? .empty
        }
        inspector.observe(sightings)
        turns.observing.append((ContinuousClock.now - start) / .milliseconds(1))
        start = ContinuousClock.now
        var isDecided = false
        while inspector.evaluate() != nil { isDecided = true }
        if isDecided { turns.evaluating.append((ContinuousClock.now - start) / .milliseconds(1)) }
    }

    /// The next rows: each pair once a minute, as the firewall's network rules log them.
    private mutating func batch() -> FlowBatch {
        var batch = FlowBatch()
        let vantage = batch.texts.intern(estate.vantage)
        batch.records = [
            RecordOrigin(
                file: vantage, index: 0, offset: 0, hash: RecordHash(upper: UInt64(minute), lower: UInt64(next)),
                time: EventTime(microseconds: minute * 60_000_000))
        ]
        for _ in 0..<min(ReloadBenchmark.rowsPerBatch, pairs.count - next) {
            let isOutward = next % 8 == 0
            var row = FlowRow(format: .vnetV4)
            row.time = EventTime(microseconds: minute * 60_000_000 + Int64(next) * 1_000)
            (row.source, row.vantage) = (vantage, vantage)
            row.sourceAddress = pairs[next].client
            row.destinationAddress = isOutward ? IPAddress(ipv4: 20 << 24 | UInt32(next)) : pairs[next].endpoint
            (row.sourcePort, row.destinationPort, row.ipProtocol) = (40_000 + Int32(next % 10_000), 443, 6)
            (row.direction, row.action, row.state) = (.outbound, .allow, .end)
            (row.packetsSent, row.bytesSent, row.packetsReceived, row.bytesReceived) = (5, 600, 4, 900)
            (row.record, row.tuple) = (0, Int32(next))
            batch.append(row)
            next += 1
        }
        if next == pairs.count { (next, minute) = (0, minute + 1) }
        return batch
    }
}
