import Correlate
import Detect
import FlowModel
import Testing
import Topology

@Suite struct InspectorTests {
    @Test func thousandHealthySessionsAreSilence() throws {
        var logs = Logs()
        for session in 0..<1_000 {
            let second = Double(session) * 4
            let port = Int32(10_000 + session)
            logs.firewall(second, "10.2.1.4", port, "192.168.9.9", 443)
            logs.flow(second + 0.1, "10.2.1.4", port, "192.168.9.9", 443, state: .begin)
            logs.flow(second + 3, "10.2.1.4", port, "192.168.9.9", 443, state: .end, sent: (9, 900), received: (9, 900))
        }
        logs.healthy(minutes: 60..<100)
        for network in [Network(), .fixed] { #expect(try Inspection(logs, in: network).changes.isEmpty) }
    }

    @Test(arguments: [false, true])
    func allActsInANetworkThatIsRightAreSilence(wantsInspection: Bool) throws {
        var network = Network.fixed
        network.wantsInspection = wantsInspection
        var logs = Logs()
        logs.healthy(minutes: 0..<150)
        logs.probes(minutes: 5..<25)
        logs.blobs(minutes: 6..<25, inspected: true)
        logs.strays(sessions: 0..<30, from: 40, trace: false, opening: true)
        logs.backup(minutes: 60..<90, percent: 0.4)
        #expect(try Inspection(logs, in: network).changes.isEmpty)
    }

    @Test func theEndOfTheInputMovesNothing() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<30)
        let topology = try Network().topology()
        var inspector = Inspector(versions: TopologyVersions(topology), open: [], evaluatedUntil: nil)
        inspector.observe(batch(logs.lines, in: topology))
        let evaluated = inspector.evaluate()
        let evaluation = try #require(evaluated)
        #expect(evaluation.evaluatedUntil == Logs.start.advanced(seconds: 14 * 60))
        #expect(evaluation.undecided == Int64(logs.lines.count { $0.time >= evaluation.evaluatedUntil }))
        #expect(evaluation.undecided > 0)
        let again = inspector.evaluate()
        #expect(again == nil)
    }

    @Test func nothingIsDueInsideTheLateness() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<14)
        let topology = try Network().topology()
        var inspector = Inspector(versions: TopologyVersions(topology), open: [], evaluatedUntil: nil)
        inspector.observe(batch(logs.lines, in: topology))
        let again = inspector.evaluate()
        #expect(again == nil)
        #expect(inspector.undecided == Int64(logs.lines.count))
        #expect(inspector.pendingSightings == 0)
    }

    @Test func onlyWhatIsPastTheLatenessIsPending() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        let topology = try Network().topology()
        var inspector = Inspector(versions: TopologyVersions(topology), open: [], evaluatedUntil: nil)
        inspector.observe(batch(logs.lines, in: topology))
        let pending = inspector.pendingSightings
        let evaluation = inspector.evaluate()
        #expect(pending > 0)
        #expect(Int64(pending) == Int64(logs.lines.count) - (evaluation?.undecided ?? 0))
        #expect(inspector.pendingSightings == 0)
    }

    @Test func aLimitHoldsTheWatermarkBack() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        let topology = try Network().topology()
        var inspector = Inspector(versions: TopologyVersions(topology), open: [], evaluatedUntil: nil)
        inspector.observe(batch(logs.lines, in: topology))
        let newest = try #require(inspector.newest)
        let limit = newest.advanced(seconds: -600)
        let first = inspector.evaluate(newest: limit)
        #expect(first?.evaluatedUntil == limit.advanced(seconds: -900).minute)
        let second = inspector.evaluate()
        #expect(second?.evaluatedUntil == newest.advanced(seconds: -900).minute)
    }

    @Test func emptyYearsAreSkipped() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<40)
        logs.probes(minutes: 5..<15)
        logs.blobs(minutes: 6..<20)
        let topology = try Network().topology()
        var inspector = Inspector(versions: TopologyVersions(topology), open: [], evaluatedUntil: nil)
        inspector.observe(batch(logs.lines, in: topology))
        _ = inspector.evaluate()
        var later = Logs(seed: 9)
        later.healthy(minutes: 5_000_000..<5_000_020)
        inspector.observe(batch(later.lines, in: topology))
        let evaluated = inspector.evaluate()
        let evaluation = try #require(evaluated)
        #expect(inspector.openFindings.map(\.state) == [.stale])
        #expect(evaluation.evaluatedUntil == Logs.start.advanced(seconds: 5_000_004 * 60))
    }

    @Test func aFindingThatComesBackSoonIsFlapping() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<120)
        logs.backup(minutes: 10..<20, percent: 0.95)
        logs.backup(minutes: 50..<60, percent: 0.95)
        let inspection = try Inspection(logs)
        #expect(inspection.changes.filter { $0.kind == .opened }.map(\.finding.flapping) == [false, true])
        #expect(inspection.changes.filter { $0.kind == .resolved }.count == 2)
        #expect(inspection.sorted.count == 1)
    }

    @Test func aFingerprintIsDetectorAndSubjectAlone() {
        let subject = ["firewall": "/a", "limit": "flow"]
        let print = fingerprint(detector: "firewall-bottleneck", subject: subject)
        #expect(print == fingerprint(detector: "firewall-bottleneck", subject: ["limit": "flow", "firewall": "/a"]))
        #expect(print != fingerprint(detector: "firewall-bottleneck", subject: ["firewall": "/a", "limit": "latency"]))
        #expect(print != fingerprint(detector: "asymmetric-session", subject: subject))
        // Stored findings are known by it: it must never change.
        #expect(print == "5b54ae3e965b4816d130fdb3be0f5fcf")
        #expect(print.count == 32)
    }

    @Test func theCatalogueNamesEachDetectorOnce() {
        #expect(
            Catalogue.ids == [
                "asymmetric-session", "firewall-bottleneck", "inspection-broken", "inspection-bypassed",
                "private-endpoint-icmp-udp-only",
            ])
    }
}
