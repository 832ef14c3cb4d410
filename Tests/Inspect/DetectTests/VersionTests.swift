import Correlate
import Detect
import FlowModel
import Testing
import Topology

/// Flows are judged by the topology that was valid in their minute.
@Suite struct VersionTests {
    private static let bypass = "private-endpoint-icmp-udp-only"

    /// TCP and probes of the private endpoint, both seen by the firewall in the first hour, TCP no more in the second.
    private func reopened() -> Logs {
        var logs = Logs()
        logs.healthy(minutes: 0..<130)
        logs.probes(minutes: 5..<110)
        logs.blobs(minutes: 5..<60, inspected: true)
        logs.blobs(minutes: 60..<110)
        return logs
    }

    @Test func whereAPathChangesOnlyWhatCameSinceIsEvidence() throws {
        let changed = try Versions([(-10, .fixed), (60, Network())]).inspect(reopened())
        let finding = try #require(changed.findings(VersionTests.bypass).first)
        #expect(finding.openedAt < Logs.start.advanced(seconds: 70 * 60), "the firewall saw TCP under other routes")
        #expect(
            finding.firstSeen >= Logs.start.advanced(seconds: 60 * 60), "what was probed under other routes is none")
        #expect(finding.evidence.allSatisfy { $0.time >= Logs.start.advanced(seconds: 60 * 60) })
        #expect(finding.confidence == .high)
        // The control: under the same routes all along, TCP at the firewall speaks for them for a whole window.
        let same = try Versions([(-10, Network())]).inspect(reopened())
        #expect(same.changes.first.map { $0.finding.openedAt >= Logs.start.advanced(seconds: 118 * 60) } ?? true)
    }

    @Test func whatDoesNotConcernASubjectLeavesItsWindowAlone() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<200)
        logs.probes(minutes: 5..<25)
        logs.blobs(minutes: 6..<25)
        logs.strays(sessions: 0..<30, from: 20)
        logs.backup(minutes: 40..<70, percent: 0.93)
        logs.probes(minutes: 100..<120)
        logs.blobs(minutes: 100..<110, inspected: true)
        // Domains are numbered by their least VNet: one island comes before all others, the other one after them.
        var before = Network()
        before.islandName = "a-first"
        var after = Network()
        after.islandName = "z-last"
        let one = try Versions([(-10, after)]).inspect(logs)
        #expect(one.sorted.count == 3)
        let many = try Versions([
            (-10, after), (7, before), (12, after), (23, before), (28, after), (47, before), (104, after),
        ]).inspect(logs)
        #expect(many.json == one.json)
        #expect(many.turns == one.turns)
        #expect(many.loads == one.loads)
        #expect(many.sessions == one.sessions)
    }

    @Test func aFindingWhoseSubjectIsGoneResolves() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<100)
        logs.probes(minutes: 5..<40)
        logs.blobs(minutes: 5..<40)
        var without = Network()
        without.hasPrivateEndpoint = false
        let gone = try Versions([(-10, Network()), (50, without)]).inspect(logs)
        let finding = try #require(gone.findings(VersionTests.bypass).first)
        #expect(finding.state == .resolved)
        #expect(finding.resolvedAt == Logs.start.advanced(seconds: 51 * 60))
        #expect(finding.resolvedBecause?.contains(Network.privateEndpoint) == true)
        let stays = try Versions([(-10, Network())]).inspect(logs)
        #expect(stays.findings(VersionTests.bypass).first?.state == .open)
    }

    @Test func aMendedTopologyResolvesWithoutWaitingForTheWindow() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<120)
        logs.probes(minutes: 5..<40)
        logs.blobs(minutes: 5..<40)
        logs.strays(sessions: 0..<30, from: 20)
        let mended = try Versions([(-10, Network()), (60, .fixed)]).inspect(logs)
        #expect(mended.sorted.map(\.state) == [.resolved, .resolved])
        #expect(mended.sorted.allSatisfy { $0.resolvedBecause?.hasPrefix("the topology changed") == true })
        #expect(mended.sorted.allSatisfy { $0.resolvedAt.map { $0 <= Logs.start.advanced(seconds: 62 * 60) } == true })
        let broken = try Versions([(-10, Network())]).inspect(logs)
        #expect(broken.sorted.map(\.state) == [.open, .open])
    }

    @Test func minutesOfAnotherLimitAreNotHeldAgainstThisOne() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<100)
        logs.backup(minutes: 20..<90, percent: 0.6)
        var smaller = Network()
        smaller.capacityMbps = 600
        let versions = try Versions([(-10, Network()), (50, smaller)])
        let finding = try #require(versions.inspect(logs).findings("firewall-bottleneck").first)
        #expect(finding.firstSeen == Logs.start.advanced(seconds: 50 * 60))
        #expect(try Versions([(-10, Network())]).inspect(logs).sorted.isEmpty)
    }

    @Test func whatIsOlderThanTheFirstVersionLowersTheConfidence() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.probes(minutes: 5..<40)
        logs.blobs(minutes: 5..<40)
        let cases: [(validFrom: Int, confidence: Confidence)] = [
            (-10, .high), (5, .high), (6, .medium), (500, .medium),
        ]
        for (validFrom, confidence) in cases {
            let inspection = try Versions([(validFrom, Network())]).inspect(logs)
            let finding = try #require(inspection.findings(VersionTests.bypass).first)
            #expect(finding.confidence == confidence, "valid from minute \(validFrom)")
            #expect(finding.why.contains("older than the first topology") == (confidence == .medium))
        }
    }

    /// Three versions, one of which comes back; everything happens around their borders.
    private func life() throws -> (versions: Versions, logs: Logs) {
        var logs = Logs()
        logs.healthy(minutes: 0..<260)
        logs.probes(minutes: 5..<25)
        logs.blobs(minutes: 6..<25)
        logs.strays(sessions: 0..<30, from: 20)
        logs.backup(minutes: 40..<70, percent: 0.93)
        logs.probes(minutes: 70..<140)
        logs.blobs(minutes: 70..<100, inspected: true)
        logs.blobs(minutes: 100..<140)
        logs.strays(sessions: 30..<60, from: 120, trace: false)
        logs.backup(minutes: 140..<160, percent: 0.9, metric: nil)
        var island = Network.fixed
        island.islandName = "a-first"
        let versions = try Versions([(8, Network()), (45, .fixed), (90, island), (105, Network()), (150, .fixed)])
        return (versions, logs)
    }

    @Test func arrivalBatchesAndRestartsDoNotMatterOverVersions() throws {
        let seed = UInt64.random(in: 1...1_000_000)
        print("seed \(seed)")
        var generator = SplitMix(state: seed)
        let (versions, logs) = try life()
        let expected = versions.inspect(logs)
        #expect(Set(expected.changes.map(\.kind)).isSuperset(of: [.opened, .resolved]))
        let arriving = logs.lines.map { line in
            (line.time.microseconds + Int64.random(in: 0..<890_000_000, using: &generator), line)
        }.sorted { $0.0 < $1.0 }.map(\.1)
        for size in [40, 300] {
            var inspection = Inspection()
            var inspector = Inspector(versions: versions.known(), open: [], evaluatedUntil: nil)
            for start in stride(from: 0, to: arriving.count, by: size) {
                let end = min(start + size, arriving.count)
                inspector.observe(versions.batch(arriving[start..<end]))
                inspection.take(inspector.evaluate())
                guard start / size % 4 == 3, let until = inspection.evaluatedUntil else { continue }
                let from = until.advanced(seconds: -inspector.windowSeconds)
                inspector = Inspector(
                    versions: versions.known(from: from), open: Array(inspection.findings.values),
                    evaluatedUntil: until)
                inspector.observe(versions.batch(arriving[..<end].filter { $0.time >= from }))
            }
            #expect(inspection.json == expected.json, "seed \(seed), batches of \(size)")
            #expect(inspection.turns == expected.turns, "seed \(seed), batches of \(size)")
            #expect(inspection.loads == expected.loads, "seed \(seed), batches of \(size)")
        }
    }

    /// A version is known only when its validity begins, as in a daemon whose files change.
    @Test(arguments: [false, true])
    func versionsTakenWhileRunningJudgeAsThoseKnownFromTheStart(pathsArePrepared: Bool) throws {
        let (versions, logs) = try life()
        let expected = versions.inspect(logs)
        var inspection = Inspection()
        let judging = versions.timeline.judging
        var inspector = Inspector(
            versions: TopologyVersions(versions.topology(judging[0]), knownSince: judging[0].firstMinute), open: [],
            evaluatedUntil: nil)
        var next = 1
        var preparedCount = 0
        for line in logs.lines.sorted(by: { $0.time < $1.time }) {
            while next < judging.count, judging[next].validFrom <= line.time {
                #expect(inspector.admitsVersion(from: judging[next].firstMinute))
                let newer = inspector.versions.appending(
                    versions.topology(judging[next]), from: judging[next].firstMinute)
                let known = inspector.versions.frames
                let prepared = inspector.paths.prepared(
                    for: newer.frames[newer.frames.count - 1], asBy: known[known.count - 1])
                preparedCount += prepared.count
                inspector.take(newer, prepared: pathsArePrepared ? prepared : nil)
                next += 1
            }
            inspector.observe(versions.batch([line]))
            inspection.take(inspector.evaluate())
        }
        #expect(next == judging.count)
        #expect(preparedCount > 0)
        #expect(inspection.json == expected.json)
        #expect(inspection.turns == expected.turns)
        #expect(inspector.versions.frames.count <= 2, "versions that judge nothing any more are let go")
        #expect(!inspector.forgottenVersions().isEmpty)
        #expect(!inspector.admitsVersion(from: minuteNumber(Logs.start)), "what is decided stays decided")
    }

    /// Prepared of another version than the one that is taken, which nobody may do, to see that they are what answers.
    @Test func pathsThatWerePreparedAreNotAskedForAgain() throws {
        let versions = TopologyVersions(try Network().topology())
        let client = try #require(IPAddress("10.2.1.4"))
        let server = try #require(IPAddress("10.2.2.5"))
        func isInspected(_ prepared: ((PathCache) -> PreparedPaths)?) throws -> Bool? {
            var correlator = Correlator(versions: versions)
            correlator.turn(to: 0)
            let before = correlator.register.paths.facts(
                from: client, to: server, domain: 0, ipProtocol: IPProtocol.tcp)
            #expect(before.inspected == false)
            correlator.take(
                versions.appending(try Network().topology(), from: 10), prepared: prepared?(correlator.register.paths))
            correlator.turn(to: 10)
            return correlator.register.paths.facts(from: client, to: server, domain: 0, ipProtocol: IPProtocol.tcp)
                .inspected
        }
        let other = versions.appending(try Network.fixed.topology(), from: 10).frames[1]
        #expect(try isInspected(nil) == false)
        #expect(try isInspected { $0.prepared(for: other, asBy: versions.frames[0]) } == true)
    }
}
