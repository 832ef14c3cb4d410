import Correlate
import FlowModel
import Logging
import Postgres
import Runtime
import Store
import Topology

/// Reads the topology anew when a file of it changes or somebody asks, stores it, and puts it down for the ingest thread.
///
/// One thread's. What cannot be read or used is logged once, and the topology before stays. While the database is away
/// the topology waits with it: an older version that is not known to the database would judge otherwise after a restart.
final class TopologyReload: Sendable {
    private let desk: TopologyDesk
    private let database: Database
    private let stop: StopSignal
    private let log: Logger

    /// How often files are looked at.
    private static let lookEvery = Duration.milliseconds(500)
    /// How long they must stay as they are before they are read: several are often written one after the other.
    private static let quiet = Duration.seconds(2)
    /// How long the ingest thread, which comes by between two batches, is waited for; without it the paths are asked for
    /// when rows need them.
    private static let pathPatience = Duration.seconds(5)
    private static let pathLook = Duration.milliseconds(20)

    init(desk: TopologyDesk, database: Database, stop: StopSignal, log: Logger) {
        self.desk = desk
        self.database = database
        self.stop = stop
        self.log = log
    }

    func run() {
        let files = desk.current.files
        var resources = desk.current.resources?.summaries ?? [:]
        var watch = ChangeWatch(files.stamps())
        var told: String?
        while !stop.wait(until: .after(TopologyReload.lookEvery)) {
            desk.dispose()
            desk.letGo()
            let isAsked = desk.takeRequest()
            let stamps = files.stamps()
            guard watch.isDue(stamps, quiet: TopologyReload.quiet) || isAsked else { continue }
            watch.taken(stamps)
            do throws(TopologyFilesError) {
                let reading = try files.read()
                told = nil
                // A file was written while others were read: what was read may be half old.
                guard files.stamps() == stamps else {
                    watch.missed()
                    continue
                }
                if isAsked, reading.topology.version == desk.current.topology.version {
                    log.notice("topology read anew, unchanged", metadata: describe(reading))
                }
                take(reading, &resources)
            } catch {
                if told != error.description || isAsked {
                    log.error("topology cannot be used, the one before stays", metadata: ["error": "\(error)"])
                }
                told = error.description
            }
        }
    }

    private func take(_ reading: TopologyReading, _ resources: inout [String: ResourceSummary]) {
        let old = desk.current.topology
        guard reading.topology.version != old.version else { return }
        let summaries = reading.resources?.summaries ?? [:]
        let diff = TopologyDiff(from: (old, resources), to: (reading.topology, summaries))
        guard let timeline = keep(reading) else { return }
        resources = summaries
        let lent = desk.lent()
        let ready = timeline.validities.last.flatMap { validity in
            lent.versions.map { prepare($0, reading.topology, validity) }
        }
        var kept = reading
        kept.resources = nil
        desk.put(
            kept, TopologyDesk.Update(topology: reading.topology, timeline: timeline, ready: ready),
            edition: lent.edition)
        var metadata = describe(reading).merging(describe(diff)) { $1 }
        metadata["topology.valid_from"] = "\(timeline.validities.last.map { "\($0.validFrom)" } ?? "")"
        log.notice("topology changed", metadata: metadata)
    }

    /// The versions with a new one, and what it answers to the paths that the ingest thread's rows have asked for: asked
    /// there, they would hold up its first rows.
    private func prepare(
        _ versions: TopologyVersions, _ topology: Topology, _ validity: TopologyTimeline.Validity
    ) -> TopologyDesk.Ready {
        var ready = TopologyDesk.Ready(versions: versions.appending(topology, from: validity.firstMinute))
        guard let known = versions.frames.last, let newer = ready.versions.frames.last else { return ready }
        desk.wantPaths()
        defer { desk.giveUpPaths() }
        let deadline = ContinuousClock.now + TopologyReload.pathPatience
        while ContinuousClock.now < deadline, !stop.wait(until: .after(TopologyReload.pathLook)) {
            guard let paths = desk.takePaths() else { continue }
            ready.paths = paths.prepared(for: newer, asBy: known)
            break
        }
        return ready
    }

    /// Stores a version, however long the database is away; nil where the daemon stops.
    private func keep(_ reading: TopologyReading) -> TopologyTimeline? {
        var backoff = Backoff(
            first: .milliseconds(200), limit: .seconds(10),
            generator: SplitMix64(seed: UInt64(truncatingIfNeeded: SystemClock().microseconds)))
        var isTold = false
        while !stop.isFired {
            do {
                let connection = try database.connect(stop: stop)
                defer { connection.close() }
                return try TopologyStore(connection: connection, deadline: Database.patience).keep(reading)
            } catch {
                guard !stop.isFired else { return nil }
                if !isTold { log.warning("a new topology waits for the database", metadata: ["error": "\(error)"]) }
                isTold = true
                stop.wait(until: .after(backoff.next()))
            }
        }
        return nil
    }

    private func describe(_ reading: TopologyReading) -> Logger.Metadata {
        ["topology.version": "\(reading.topology.version)", "topology.problems": "\(reading.topology.problems.count)"]
    }

    private func describe(_ diff: TopologyDiff) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "topology.added": "\(diff.added.count)", "topology.removed": "\(diff.removed.count)",
            "topology.changed": "\(diff.changed.count)",
            "topology.pairs_changed": "\(diff.pairs.count)\(diff.isCut ? " or more" : "")",
        ]
        if !diff.pairs.isEmpty {
            let shown = diff.pairs.prefix(10).map { "\($0.clientSubnet) -> \($0.privateEndpoint)" }
            let rest = diff.pairs.count > shown.count ? ", …" : ""
            metadata["topology.pairs"] = "\(shown.joined(separator: ", "))\(rest)"
        }
        return metadata
    }
}

/// When files that change are read: once they have been quiet.
struct ChangeWatch {
    /// As they were when they were read last; nil where that reading did not hold.
    private var read: [String: TopologyFiles.Stamp]?
    private var seen: [String: TopologyFiles.Stamp]
    private var since = ContinuousClock.now

    init(_ stamps: [String: TopologyFiles.Stamp]) {
        read = stamps
        seen = stamps
    }

    /// Looks at the files as they are now.
    mutating func isDue(
        _ stamps: [String: TopologyFiles.Stamp], quiet: Duration, now: ContinuousClock.Instant = .now
    ) -> Bool {
        if stamps != seen {
            seen = stamps
            since = now
        }
        return stamps != read && now - since >= quiet
    }

    mutating func taken(_ stamps: [String: TopologyFiles.Stamp]) { read = stamps }

    /// What was read last was not whole.
    mutating func missed() { read = nil }
}
