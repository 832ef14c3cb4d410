import Correlate
import Detect
import FlowModel
import Testing
import Topology

/// The same sightings give the same bytes, whatever the order of arrival, the batches and the restarts.
@Suite struct DeterminismTests {
    /// All acts, with a fix half-way, so that findings open, are updated, resolve and open again.
    private func everything() -> Logs {
        var logs = Logs()
        logs.healthy(minutes: 0..<200)
        logs.probes(minutes: 5..<25)
        logs.blobs(minutes: 6..<25)
        // More rows in a minute than are kept as evidence.
        for probe in 0..<90 {
            logs.firewall(480 + Double(probe) / 2, "10.2.1.4", 41_000, "10.2.2.5", 9_001, ipProtocol: IPProtocol.udp)
        }
        logs.strays(sessions: 0..<30, from: 20)
        logs.backup(minutes: 40..<70, percent: 0.93)
        logs.probes(minutes: 100..<120)
        logs.blobs(minutes: 100..<110, inspected: true)
        logs.strays(sessions: 30..<60, from: 130, trace: false)
        logs.backup(minutes: 140..<160, percent: 0.9, metric: nil)
        logs.tries(70..<90)
        logs.tries(120..<135, isAnswered: true)
        return logs
    }

    /// With a machine of the hub that goes to the private endpoint through the hub's firewall.
    private func topology() throws -> Topology {
        var network = Network()
        network.sharedRoutes = [("10.2.2.5/32", "VirtualAppliance", "10.0.1.4")]
        return try network.topology()
    }

    private func reference(_ lines: [LogLine], _ topology: Topology) -> Inspection {
        var inspection = Inspection()
        var inspector = Inspector(versions: TopologyVersions(topology), open: [], evaluatedUntil: nil)
        inspector.observe(batch(lines, in: topology))
        inspection.take(inspector.evaluate())
        return inspection
    }

    @Test func theReferenceRunShowsALife() throws {
        let inspection = reference(everything().lines, try topology())
        let kinds = Set(inspection.changes.map(\.kind))
        #expect(kinds.contains(.opened) && kinds.contains(.updated) && kinds.contains(.resolved))
        #expect(Set(inspection.sorted.map(\.detector)).count == 4)
    }

    @Test func theOrderInsideABatchDoesNotMatter() throws {
        let seed = UInt64.random(in: 1...1_000_000)
        print("seed \(seed)")
        var generator = SplitMix(state: seed)
        let topology = try self.topology()
        let lines = everything().lines
        let expected = reference(lines, topology)
        let shuffled = reference(lines.shuffled(using: &generator), topology)
        #expect(shuffled.json == expected.json, "seed \(seed)")
        #expect(shuffled.turns == expected.turns, "seed \(seed)")
        #expect(shuffled.loads == expected.loads, "seed \(seed)")
        #expect(Set(shuffled.sessions) == Set(expected.sessions), "seed \(seed)")
    }

    @Test(arguments: [7, 100, 1_000])
    func batchesLateArrivalAndRestartsDoNotMatter(size: Int) throws {
        let seed = UInt64.random(in: 1...1_000_000)
        print("seed \(seed), batches of \(size)")
        var generator = SplitMix(state: seed)
        let topology = try self.topology()
        let lines = everything().lines
        let expected = reference(lines, topology)

        // Each line arrives up to the lateness after its time, so none comes too late.
        let arriving = lines.map { line in
            (line.time.microseconds + Int64.random(in: 0..<890_000_000, using: &generator), line)
        }.sorted { $0.0 < $1.0 }.map(\.1)
        let restarts = Set((0..<4).map { _ in Int.random(in: 1..<arriving.count, using: &generator) / size })
        var inspection = Inspection()
        var inspector = Inspector(versions: TopologyVersions(topology), open: [], evaluatedUntil: nil)
        var start = 0
        while start < arriving.count {
            let end = min(start + size, arriving.count)
            inspector.observe(batch(arriving[start..<end], in: topology))
            inspection.take(inspector.evaluate())
            if restarts.contains(start / size), let until = inspection.evaluatedUntil {
                // What the database holds: findings that are open or resolved of late, and the rows of the window.
                inspector = Inspector(
                    versions: TopologyVersions(topology), open: Array(inspection.findings.values), evaluatedUntil: until
                )
                let from = until.advanced(seconds: -inspector.windowSeconds)
                let held = arriving[..<end].filter { $0.time >= from }.sorted { $0.time < $1.time }
                inspector.observe(batch(held, in: topology))
                inspection.take(inspector.evaluate())
            }
            start = end
        }
        #expect(inspector.lateSightings == 0)
        #expect(inspection.json == expected.json, "seed \(seed)")
        #expect(inspection.turns == expected.turns, "seed \(seed)")
        #expect(inspection.loads == expected.loads, "seed \(seed)")
        #expect(Set(inspection.sessions) == Set(expected.sessions), "seed \(seed)")
    }
}
