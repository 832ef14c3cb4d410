import Notify
import Runtime
import Testing

@Suite struct DeliveryLaneTests {
    private let start: Int64 = 1_700_000_000_000_000
    private let hour: Int64 = 3_600_000_000

    private func lane(seed: UInt64 = 1) -> DeliveryLane {
        DeliveryLane(policy: DeliveryPolicy(), generator: SplitMix64(seed: seed))
    }

    private func failed(_ reason: FailureReason, wait: Int64? = nil) -> AttemptOutcome {
        .failed(reason, status: nil, waitSeconds: wait)
    }

    @Test func oneRequestAtATime() {
        var lane = lane()
        #expect(lane.mayBegin(now: start))
        lane.begin()
        #expect(!lane.mayBegin(now: start))
        let action = lane.finish(.delivered(status: 204), attempt: 1, firstAttemptAt: start, now: start)
        #expect(action == .markDelivered(status: 204))
        #expect(lane.mayBegin(now: start))
    }

    /// Ceilings in seconds; each wait lies between half of it and all of it.
    @Test(
        arguments: [(1, 1), (2, 2), (3, 4), (4, 8), (9, 256), (10, 512), (11, 900), (12, 900), (1_000_000, 900)]
            as [(Int, Int64)])
    func waitsDoubleUpToALimit(attempt: Int, ceiling: Int64) {
        for seed in UInt64(0)..<50 {
            var lane = lane(seed: seed)
            lane.begin()
            let action = lane.finish(failed(.server), attempt: attempt, firstAttemptAt: start, now: start)
            guard case .retry(let due, .server, nil) = action else {
                Issue.record("not a retry: \(action), seed \(seed)")
                continue
            }
            #expect((ceiling * 500_000...ceiling * 1_000_000).contains(due - start), "seed \(seed)")
        }
    }

    @Test func jitterDependsOnTheSeedAlone() {
        func due(_ seed: UInt64) -> DeliveryAction {
            var lane = lane(seed: seed)
            lane.begin()
            return lane.finish(failed(.timeout), attempt: 5, firstAttemptAt: start, now: start)
        }
        #expect(due(7) == due(7))
        #expect(due(7) != due(8))
    }

    @Test func aFailurePausesTheReceiver() {
        var lane = lane()
        lane.begin()
        _ = lane.finish(failed(.connection), attempt: 1, firstAttemptAt: start, now: start)
        #expect(!lane.mayBegin(now: start + 499_999))
        #expect(lane.mayBegin(now: start + 1_000_000))
    }

    @Test func pausesStayUnderAMinuteAndEndWithASuccess() {
        var lane = lane()
        var now = start
        for attempt in 1...20 {
            #expect(lane.mayBegin(now: now))
            lane.begin()
            _ = lane.finish(failed(.connection), attempt: attempt, firstAttemptAt: start, now: now)
            now += 60_000_000
        }
        #expect(lane.mayBegin(now: now))
        lane.begin()
        _ = lane.finish(.delivered(status: 200), attempt: 1, firstAttemptAt: now, now: now)
        #expect(lane.state == .ready)
        lane.begin()
        _ = lane.finish(failed(.connection), attempt: 1, firstAttemptAt: now, now: now)
        #expect(lane.mayBegin(now: now + 1_000_000))
    }

    @Test(arguments: [(600, 600), (86_400, 86_400), (86_401, 86_400), (.max, 86_400)] as [(Int64, Int64)])
    func whatTheReceiverAsksForIsHonouredUpToADay(asked: Int64, waits: Int64) {
        var lane = lane()
        lane.begin()
        let action = lane.finish(failed(.throttled, wait: asked), attempt: 1, firstAttemptAt: start, now: start)
        #expect(action == .retry(at: start + waits * 1_000_000, .throttled, status: nil))
        #expect(!lane.mayBegin(now: start + waits * 1_000_000 - 1))
        #expect(lane.mayBegin(now: start + waits * 1_000_000))
    }

    @Test func retriesEndAfter75Hours() {
        var early = lane()
        early.begin()
        let before = early.finish(failed(.server), attempt: 90, firstAttemptAt: start, now: start + 75 * hour - 1)
        guard case .retry = before else {
            Issue.record("given up before its time: \(before)")
            return
        }
        var late = lane()
        late.begin()
        let after = late.finish(failed(.server), attempt: 90, firstAttemptAt: start, now: start + 75 * hour)
        #expect(after == .giveUp(.server, status: nil))
    }

    @Test func goneEndsTheLaneAndKeepsTheAlert() {
        var lane = lane()
        lane.begin()
        let action = lane.finish(
            .failed(.gone, status: 410, waitSeconds: nil), attempt: 1, firstAttemptAt: start, now: start)
        #expect(action == .retry(at: start, .gone, status: 410))
        #expect(lane.state == .disabled)
        #expect(!lane.mayBegin(now: .max))
    }

    @Test func anAbandonedRequestLeavesTheLaneReady() {
        var lane = lane()
        lane.begin()
        lane.abandon()
        #expect(lane.mayBegin(now: start))
    }
}

@Suite struct AttemptOutcomeTests {
    /// 1994-11-06T08:49:07Z, half a minute before RFC 9110's example of a date.
    private let now: Int64 = 784_111_747_000_000

    @Test(
        arguments: [
            (200, nil, AttemptOutcome.delivered(status: 200)), (204, nil, .delivered(status: 204)),
            (299, "5", .delivered(status: 299)),
            (199, nil, .failed(.server, status: 199, waitSeconds: nil)),
            (301, nil, .failed(.redirected, status: 301, waitSeconds: nil)),
            (302, "5", .failed(.redirected, status: 302, waitSeconds: nil)),
            (400, nil, .failed(.refused, status: 400, waitSeconds: nil)),
            (401, nil, .failed(.refused, status: 401, waitSeconds: nil)),
            (408, nil, .failed(.timeout, status: 408, waitSeconds: nil)),
            (410, "5", .failed(.gone, status: 410, waitSeconds: nil)),
            (429, "120", .failed(.throttled, status: 429, waitSeconds: 120)),
            (429, nil, .failed(.throttled, status: 429, waitSeconds: nil)),
            (500, nil, .failed(.server, status: 500, waitSeconds: nil)),
            (503, "7", .failed(.throttled, status: 503, waitSeconds: 7)),
            (503, "soon", .failed(.server, status: 503, waitSeconds: nil)),
        ] as [(Int, String?, AttemptOutcome)])
    func aStatusMeansWhatTheStandardSays(status: Int, retryAfter: String?, outcome: AttemptOutcome) {
        #expect(AttemptOutcome(status: status, retryAfter: retryAfter, now: now) == outcome)
    }

    @Test(
        arguments: [
            ("0", 0), (" 30 ", 30), ("99999999999999999999", .max), ("Sun, 06 Nov 1994 08:49:37 GMT", 30),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("", nil), ("-1", nil), ("1.5", nil),
            ("Sun, 06 Nov 1994 08:49 GMT", nil),
            ("Sun, 06 Now 1994 08:49:37 GMT", nil), ("Sun, 32 Nov 1994 08:49:37 GMT", nil),
            ("Sun, 06 Nov 1994 08:49:37 CET", nil),
        ] as [(String, Int64?)])
    func retryAfterIsSecondsOrADate(text: String, seconds: Int64?) {
        #expect(retryAfterSeconds(text, now: now) == seconds)
    }
}
