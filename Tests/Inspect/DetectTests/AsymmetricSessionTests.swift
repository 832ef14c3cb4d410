import Detect
import FlowModel
import Testing
import Topology

@Suite struct AsymmetricSessionTests {
    private func logs(
        sessions: Int, flowLog: Bool = true, trace: Bool = true, opening: Bool = false, healthy: Int = 60
    ) -> Logs {
        var logs = Logs()
        logs.healthy(minutes: 0..<healthy)
        logs.strays(sessions: 0..<sessions, from: 10, flowLog: flowLog, trace: trace, opening: opening)
        return logs
    }

    @Test(arguments: [(true, true), (true, false), (false, true)])
    func firesOnEitherWitnessOfTheAnswer(flowLog: Bool, trace: Bool) throws {
        let inspection = try Inspection(logs(sessions: 8, flowLog: flowLog, trace: trace))
        let finding = try #require(inspection.sorted.first)
        #expect(inspection.sorted.count == 1)
        #expect(finding.detector == AsymmetricSessionDetector.id)
        #expect(finding.subject == ["from": "192.168.0.0/16", "to": Network.applicationSubnet])
        #expect(finding.severity == .warning)
        #expect(finding.counts.sessions == 8)
        #expect(finding.clients.map(\.address) == ["192.168.7.20"])
        #expect(!finding.evidence.isEmpty)
        #expect(!finding.remedy.isEmpty)
        #expect(inspection.sessions.count == 8)
        #expect(Set(inspection.sessions.map(\.clientPort)).count == 8)
        #expect(inspection.sessions.allSatisfy { $0.fingerprint == finding.fingerprint })
    }

    /// A late packet of a session that idled out is INVALID, too, and may be of either side.
    @Test func aBareInvalidCorroboratesAndProvesNothingAlone() throws {
        var alone = Logs()
        alone.healthy(minutes: 0..<60)
        alone.strays(sessions: 0..<8, from: 10, flowLog: false, flag: "INVALID")
        #expect(try Inspection(alone).sorted.isEmpty)
        var beside = Logs()
        beside.healthy(minutes: 0..<60)
        beside.strays(sessions: 0..<8, from: 10, flag: "INVALID")
        let finding = try #require(try Inspection(beside).sorted.first)
        #expect(finding.confidence == .high)
    }

    @Test func withoutFlowTraceTheConfidenceIsMedium() throws {
        let finding = try #require(try Inspection(logs(sessions: 8, trace: false)).sorted.first)
        #expect(finding.confidence == .medium)
    }

    /// TCP carries payload after the handshake only: the answer arrived, so the export is older than the routes.
    @Test func payloadInOneDirectionDisprovesTheRoutes() throws {
        var logs = logs(sessions: 8, trace: false)
        logs.strays(sessions: 8..<9, from: 10, trace: false, bytes: 5 * 1_400)
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    @Test func opensAtFiveSessionsAndNotAtFour() throws {
        #expect(try Inspection(logs(sessions: 4)).sorted.isEmpty)
        #expect(try Inspection(logs(sessions: 5)).sorted.count == 1)
    }

    @Test func staysQuietWhereTheRoutesAreSymmetric() throws {
        #expect(try Inspection(logs(sessions: 8, trace: false, opening: true), in: .fixed).sorted.isEmpty)
        // Even where the firewall's rows are missing: the routes say that the answer goes the way of the opening.
        #expect(try Inspection(logs(sessions: 8, trace: false), in: .fixed).sorted.isEmpty)
    }

    @Test func nearMissTheFirewallShowsTheOpenings() throws {
        #expect(try Inspection(logs(sessions: 8, opening: true)).sorted.isEmpty)
    }

    @Test func nearMissNobodyAnswers() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        for session in 0..<8 {
            let second = Double(600 + session * 20)
            logs.flow(second, "192.168.7.20", 45_000 + Int32(session), "10.2.1.4", 8_443, state: .begin, at: .server)
            logs.flow(
                second + 50, "192.168.7.20", 45_000 + Int32(session), "10.2.1.4", 8_443, state: .end, sent: (5, 300),
                at: .server)
        }
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    @Test func nearMissPayloadFlowedBothWays() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        for session in 0..<8 {
            let second = Double(600 + session * 20)
            logs.flow(second, "192.168.7.20", 45_000 + Int32(session), "10.2.1.4", 8_443, state: .begin, at: .server)
            logs.flow(
                second + 50, "192.168.7.20", 45_000 + Int32(session), "10.2.1.4", 8_443, state: .end,
                sent: (50, 20_000), received: (60, 70_000), at: .server)
        }
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    @Test func nearMissThePredictedRouteAlone() throws {
        #expect(try Inspection(logs(sessions: 0)).sorted.isEmpty)
    }

    @Test func nearMissALongSessionWhoseOpeningMayBeOlder() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        for session in 0..<8 {
            for minute in stride(from: 2, to: 50, by: 5) {
                logs.flow(
                    Double(minute * 60), "192.168.7.20", 45_000 + Int32(session), "10.2.1.4", 8_443, state: .continue,
                    sent: (5, 300), received: (5, 300), at: .server)
            }
        }
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    @Test func cannotTellWhereTheFirewallHasNotSpoken() throws {
        var logs = Logs()
        logs.strays(sessions: 0..<8, from: 10, trace: false)
        for minute in 0..<60 {
            logs.flow(Double(minute * 60), "10.2.1.4", 20_000, "10.2.1.9", 443, state: .end, sent: (1, 90))
        }
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    @Test func cannotTellWhereTheFirewallWasSilentAtTheTime() throws {
        var logs = Logs()
        logs.strays(sessions: 0..<8, from: 10, trace: false)
        logs.healthy(minutes: 40..<100)
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    /// The firewall's log may have had a gap when the sessions began: it spoke minutes after them, and not before.
    @Test func cannotTellWhereTheFirewallSpokeOnOneSideOfTheBeginOnly() throws {
        var logs = Logs()
        logs.strays(sessions: 0..<8, from: 10)
        logs.healthy(minutes: 15..<75)
        #expect(try Inspection(logs).sorted.isEmpty)
    }

    @Test func isJudgedOnlyOnceTheLatenessHasPassed() throws {
        // The last session begins 600 s + 80 s after the start: it is 15 minutes old at minute 27, and that tick is
        // due when something of minute 42 has been seen.
        #expect(try Inspection(logs(sessions: 5, healthy: 41)).sorted.isEmpty)
        let inspection = try Inspection(logs(sessions: 5, healthy: 43))
        #expect(inspection.sorted.map(\.openedAt) == [Logs.start.advanced(seconds: 27 * 60)])
    }
}
