import FlowModel
import Ledger
import Postgres
import Runtime
import TestSupport
import Testing

@Suite(.enabled(if: testDatabaseIsConfigured, "run with Tests/with-postgres"))
struct OutboxTests {
    private let now: Int64 = 1_800_000_000_000_000
    private let second: Int64 = 1_000_000
    private let database: FindingsDatabase

    init() throws { database = try FindingsDatabase() }

    private func outbox(_ changes: (Evaluation.Change.Kind, Finding)...) throws -> Outbox {
        let ledger = Ledger(connection: try database.connect())
        var evaluation = Evaluation(evaluatedUntil: Samples.noon.advanced(seconds: 600))
        evaluation.changes = changes.map { Evaluation.Change(kind: $0.0, finding: $0.1) }
        try ledger.record(evaluation, receivers: ["ops", "audit"], clock: ManualClock(microseconds: now))
        return try Outbox(connection: try database.connect())
    }

    @Test func aClaimedAlertIsNobodyElsesUntilItsLeaseEnds() throws {
        let outbox = try outbox((.opened, Samples.finding("aa")))
        let other = try Outbox(connection: try database.connect())
        let alert = try #require(try outbox.claim(receiver: "ops", now: now, lease: now + 30 * second))
        #expect(alert.attempt == 1)
        #expect(alert.firstAttemptAt == now)
        #expect(try other.claim(receiver: "ops", now: now + 30 * second - 1, lease: now + 60 * second) == nil)
        // Nobody said how it went, as after a kill: it is due again, and is the same alert.
        let again = try #require(
            try other.claim(receiver: "ops", now: now + 30 * second, lease: now + 60 * second))
        #expect(again.key.webhookID == alert.key.webhookID)
        #expect(again.body == alert.body)
        #expect(again.attempt == 2)
        #expect(again.firstAttemptAt == now)
    }

    @Test func receiversHaveTheirOwnRows() throws {
        let outbox = try outbox((.opened, Samples.finding("aa")))
        let alert = try #require(try outbox.claim(receiver: "ops", now: now, lease: now + second))
        try outbox.delivered(alert.key, status: 204, now: now)
        #expect(try outbox.pending(receiver: "ops") == 0)
        #expect(try outbox.pending(receiver: "audit") == 1)
        #expect(try outbox.nextDue(receiver: "ops") == nil)
        #expect(try outbox.nextDue(receiver: "audit") == now)
        #expect(try outbox.claim(receiver: "nobody", now: now, lease: now) == nil)
    }

    @Test func nothingIsDueBeforeItsTime() throws {
        let outbox = try outbox((.opened, Samples.finding("aa")))
        let alert = try #require(try outbox.claim(receiver: "ops", now: now, lease: now + second))
        try outbox.failed(alert.key, reason: "server", status: 503, due: now + 5 * second)
        #expect(try outbox.nextDue(receiver: "ops") == now + 5 * second)
        #expect(try outbox.claim(receiver: "ops", now: now + 5 * second - 1, lease: now) == nil)
        #expect(try outbox.claim(receiver: "ops", now: now + 5 * second, lease: now + 9 * second) != nil)
    }

    @Test func resolvedNeverOvertakesOpened() throws {
        let open = Samples.finding("aa")
        let outbox = try outbox(
            (.opened, open), (.resolved, Samples.resolved(open, at: Samples.noon.advanced(seconds: 60))),
            (.opened, Samples.finding("bb")))
        let first = try #require(try outbox.claim(receiver: "ops", now: now, lease: now + second))
        try outbox.failed(first.key, reason: "server", status: 500, due: now + 100 * second)
        let second = try #require(try outbox.claim(receiver: "ops", now: now, lease: now + second))
        #expect(second.key.fingerprint == "bb")
        try outbox.delivered(second.key, status: 200, now: now)
        #expect(try outbox.claim(receiver: "ops", now: now, lease: now) == nil)
        #expect(try outbox.nextDue(receiver: "ops") == now + 100 * self.second)
        try outbox.gaveUp(first.key, reason: "server", status: 500, now: now)
        let third = try #require(try outbox.claim(receiver: "ops", now: now, lease: now))
        #expect(third.key.transition == .resolved)
    }

    @Test func aStartMakesAllDueButWhatWasAskedToWait() throws {
        let outbox = try outbox((.opened, Samples.finding("aa")), (.opened, Samples.finding("bb")))
        for reason in ["server", "throttled"] {
            let alert = try #require(try outbox.claim(receiver: "ops", now: now, lease: now + 99 * second))
            try outbox.failed(alert.key, reason: reason, status: 503, due: now + 50 * second)
        }
        try outbox.makeDue(receiver: "ops", now: now + second, except: "throttled")
        #expect(try outbox.claim(receiver: "ops", now: now + second, lease: now + 99 * second)?.key.fingerprint == "aa")
        #expect(try outbox.claim(receiver: "ops", now: now + second, lease: now + 99 * second) == nil)
    }

    @Test func anOutcomeThatComesTooLateChangesNothing() throws {
        let outbox = try outbox((.opened, Samples.finding("aa")))
        let alert = try #require(try outbox.claim(receiver: "ops", now: now, lease: now + second))
        try outbox.delivered(alert.key, status: 200, now: now)
        try outbox.failed(alert.key, reason: "server", status: 500, due: now)
        #expect(try outbox.pending(receiver: "ops") == 0)
    }
}

@Suite struct AlertKeyTests {
    private func id(_ fingerprint: String, _ receiver: String, _ transition: AlertTransition = .opened) -> String {
        AlertKey(fingerprint: fingerprint, transition: transition, happenedAt: Samples.noon, receiver: receiver)
            .webhookID
    }

    @Test func anIdIsMadeOfTheKeyAlone() {
        #expect(id("00ff", "ops") == "00ff_opened_1767268800000000_ops")
        #expect(id("00ff", "ops", .resolved) == "00ff_resolved_1767268800000000_ops")
    }

    @Test func anIdHoldsNoDotAndNoLineEnd() {
        #expect(id("a.b", "ops 1\r\n") == "a-2eb_opened_1767268800000000_ops-201-0d-0a")
    }

    @Test(arguments: [("a_b", "c", "a", "b_c"), ("a.b", "c", "a-2eb", "c"), ("é", "c", "e", "c")])
    func differentKeysHaveDifferentIds(one: String, its: String, other: String, others: String) {
        #expect(id(one, its) != id(other, others))
    }
}
