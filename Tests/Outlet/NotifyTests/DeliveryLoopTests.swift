import FlowModel
import Foundation
import Ledger
import Notify
import Postgres
import Runtime
import Synchronization
import TestSupport
import Testing

/// A real outbox, a real HTTP receiver, and a clock that the test moves.
@Suite(.enabled(if: testDatabaseIsConfigured, "run with Tests/with-postgres"), .timeLimit(.minutes(2)))
struct DeliveryLoopTests {
    private let clock = ManualClock(microseconds: 1_800_000_000_000_000)
    private let database: FindingsDatabase
    private let events = EventLog()
    private let stop = StopSignal()

    init() throws { database = try FindingsDatabase() }

    // MARK: What a request looks like

    @Test func anOpenedFindingArrivesAsItIsStored() throws {
        let listener = HTTPListener(answering: 204)
        defer { listener.close() }
        let finding = Samples.finding("aa")
        try record(["ops"], (.opened, finding))
        try loop([receiver("ops", listener)]).deliverDue()

        let request = try #require(listener.requests.first)
        #expect(listener.requests.count == 1)
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"type":"finding.opened","timestamp":"\#(Samples.noon)","data":\#(Samples.json(finding))}"#)
        #expect(request.path == "/hook")
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["webhook-id"] == "aa_opened_1767268800000000_ops")
        #expect(request.headers["webhook-timestamp"] == "1800000000")
        #expect(request.headers["webhook-signature"] == nil)
        #expect(
            events.all == [.delivered(receiver: "ops", id: "aa_opened_1767268800000000_ops", attempt: 1, status: 204)])
        #expect(try ledger().pendingAlerts() == 0)
    }

    @Test func aSecretSignsEachAttempt() throws {
        let listener = HTTPListener { $0 == 0 ? .status(500) : .status(200) }
        defer { listener.close() }
        let file = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID().uuidString)").path
        let key = (0..<32).map { UInt8($0 * 7) }
        try "whsec_\(Data(key).base64EncodedString())\n".write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }  // A leftover in the temporary folder harms nobody.
        try record(["ops"], (.opened, Samples.finding("aa")))
        let loop = try loop([receiver("ops", listener, secretFile: file)])
        try loop.deliverDue()
        clock.advance(by: .seconds(10))
        try loop.deliverDue()

        #expect(listener.requests.count == 2)
        #expect(Set(listener.requests.map { $0.headers["webhook-id"] }).count == 1)
        #expect(listener.requests.map { $0.headers["webhook-timestamp"] } == ["1800000000", "1800000010"])
        for request in listener.requests {
            let signed = "\(request.headers["webhook-id"] ?? "").\(request.headers["webhook-timestamp"] ?? "")."
            let expected = try opensslHMAC(key: key, Array(signed.utf8) + request.body)
            #expect(request.headers["webhook-signature"] == "v1," + expected)
        }
    }

    /// More than libcurl sends before it asks for "100 Continue", and more than one read of a socket.
    @Test func aLargeFindingArrivesWholeAndAtOnce() throws {
        let listener = HTTPListener(answering: 200)
        defer { listener.close() }
        var finding = Samples.finding("aa")
        finding.why = String(repeating: "why ", count: 500_000)
        try record(["ops"], (.opened, finding))
        try loop([receiver("ops", listener)]).deliverDue()
        let request = try #require(listener.requests.first)
        #expect(request.body.count > 2_000_000)
        #expect(String(decoding: request.body, as: UTF8.self).contains(Samples.json(finding)))
        #expect(request.headers["expect"] == nil)
    }

    // MARK: Retries

    @Test func retriesUntilTheReceiverTakesIt() throws {
        let listener = HTTPListener { $0 < 2 ? .status(503) : .status(204) }
        defer { listener.close() }
        try record(["ops"], (.opened, Samples.finding("aa")))
        let loop = try loop([receiver("ops", listener)])
        try loop.deliverDue()
        try loop.deliverDue()
        #expect(listener.requests.count == 1)
        clock.advance(by: .seconds(1))
        try loop.deliverDue()
        #expect(listener.requests.count == 2)
        #expect(try loop.pending() == 1)
        clock.advance(by: .seconds(2))
        try loop.deliverDue()
        clock.advance(by: .seconds(86_400))
        try loop.deliverDue()

        #expect(listener.requests.count == 3)
        #expect(Set(listener.requests.map { $0.headers["webhook-id"] }).count == 1)
        #expect(Set(listener.requests.map(\.body)).count == 1)
        #expect(try loop.pending() == 0)
        #expect(
            events.all.last
                == .delivered(receiver: "ops", id: "aa_opened_1767268800000000_ops", attempt: 3, status: 204))
    }

    @Test func aKillBeforeTheMarkSendsTheSameAlertAgain() throws {
        let listener = HTTPListener(answering: 200)
        defer { listener.close() }
        try record(["ops"], (.opened, Samples.finding("aa")))
        // The first process claims and sends, and is killed before it stores the outcome.
        let first = try Outbox(connection: try database.connect())
        let claimed = try #require(
            try first.claim(receiver: "ops", now: clock.microseconds, lease: clock.microseconds + 30_000_000))
        // The second one is there at once, long before the claim has run out.
        clock.advance(by: .seconds(1))
        let second = try loop([receiver("ops", listener)])
        try second.makeDue()
        try second.deliverDue()
        #expect(listener.requests.map { $0.headers["webhook-id"] } == [claimed.key.webhookID])
        #expect(listener.requests.map(\.body) == [claimed.body])
        #expect(try second.pending() == 0)
    }

    @Test func whatIsNotDeliveredOutlivesTheProcess() throws {
        try record(["ops"], (.opened, Samples.finding("aa")))
        let down = HTTPListener(answering: 500)
        try loop([receiver("ops", down)]).deliverDue()
        down.close()
        let up = HTTPListener(answering: 200)
        defer { up.close() }
        let next = try loop([receiver("ops", up)])
        try next.makeDue()
        try next.deliverDue()
        #expect(up.requests.map { $0.headers["webhook-id"] } == down.requests.map { $0.headers["webhook-id"] })
        #expect(up.requests.count == 1)
    }

    @Test func givesUpAfter75HoursAndKeepsTheRow() throws {
        let listener = HTTPListener(answering: 500)
        defer { listener.close() }
        try record(["ops"], (.opened, Samples.finding("aa")))
        let loop = try loop([receiver("ops", listener)])
        try loop.deliverDue()
        clock.advance(by: .seconds(75 * 3_600))
        try loop.deliverDue()
        #expect(try loop.pending() == 0)
        #expect(
            events.all.last
                == .gaveUp(
                    receiver: "ops", id: "aa_opened_1767268800000000_ops", attempt: 2, reason: .server, status: 500))
        let rows = try database.connect().lines(
            "SELECT state, attempts, last_reason, last_status FROM flowsight.outbox")
        #expect(rows == ["given_up|2|server|500"])
    }

    // MARK: Answers

    @Test func aRedirectIsNotFollowed() throws {
        let target = HTTPListener(answering: 200)
        defer { target.close() }
        let listener = HTTPListener { _ in .status(307, headers: ["Location": target.url]) }
        defer { listener.close() }
        try record(["ops"], (.opened, Samples.finding("aa")))
        let loop = try loop([receiver("ops", listener)])
        try loop.deliverDue()
        #expect(listener.requests.count == 1)
        #expect(target.requests.count == 0)
        #expect(try loop.pending() == 1)
        #expect(events.reasons == [.redirected])
    }

    @Test func goneStopsDeliveriesAndKeepsTheAlerts() throws {
        let listener = HTTPListener(answering: 410)
        defer { listener.close() }
        try record(["ops"], (.opened, Samples.finding("aa")), (.opened, Samples.finding("bb")))
        let loop = try loop([receiver("ops", listener)])
        try loop.deliverDue()
        clock.advance(by: .seconds(86_400))
        try loop.deliverDue()
        #expect(listener.requests.count == 1)
        #expect(try loop.pending() == 2)
        #expect(events.all == [.receiverDisabled(receiver: "ops")])
    }

    @Test func retryAfterIsHonouredForAllAlertsOfTheReceiver() throws {
        let listener = HTTPListener { $0 == 0 ? .status(429, headers: ["Retry-After": "3600"]) : .status(200) }
        defer { listener.close() }
        try record(["ops"], (.opened, Samples.finding("aa")), (.opened, Samples.finding("bb")))
        let loop = try loop([receiver("ops", listener)])
        try loop.deliverDue()
        clock.advance(by: .seconds(3_599))
        try loop.deliverDue()
        #expect(listener.requests.count == 1)
        clock.advance(by: .seconds(1))
        try loop.deliverDue()
        #expect(listener.requests.count == 3)
        #expect(try loop.pending() == 0)
    }

    @Test func anAnswerWithoutEndIsCutOff() throws {
        let listener = HTTPListener { _ in .endless }
        defer { listener.close() }
        try record(["ops"], (.opened, Samples.finding("aa")))
        let loop = try loop([receiver("ops", listener)])
        try loop.deliverDue()
        #expect(try loop.pending() == 0)
        #expect(events.all.count == 1)
    }

    @Test func aConnectionThatBreaksIsAFailure() throws {
        let listener = HTTPListener { _ in .hangUp }
        defer { listener.close() }
        try record(["ops"], (.opened, Samples.finding("aa")))
        let loop = try loop([receiver("ops", listener)])
        try loop.deliverDue()
        #expect(events.reasons == [.connection])
        #expect(try loop.pending() == 1)
    }

    // MARK: One receiver and another

    @Test func aDeadReceiverBlocksNoOther() throws {
        let dead = HTTPListener { _ in .silence }
        let alive = HTTPListener(answering: 200)
        defer { alive.close() }
        let changes = (0..<5).map { (Evaluation.Change.Kind.opened, Samples.finding("f\($0)")) }
        try record(["dead", "alive"], changes)
        var policy = DeliveryPolicy()
        policy.attemptSeconds = 2
        let loop = try loop([receiver("dead", dead), receiver("alive", alive)], policy: policy)
        try loop.deliverDue()
        #expect(alive.requests.count == 5)
        #expect(dead.requests.count == 1)
        #expect(events.all.last.map { if case .failed(_, _, _, .timeout, _, _) = $0 { true } else { false } } == true)
        #expect(try loop.pending() == 5)
        dead.close()
    }

    @Test func anAlertThatIsRefusedHoldsNoOtherUp() throws {
        let listener = HTTPListener { $0 == 0 ? .status(400) : .status(200) }
        defer { listener.close() }
        try record(["ops"], (.opened, Samples.finding("aa")), (.opened, Samples.finding("bb")))
        let loop = try loop([receiver("ops", listener)])
        try loop.deliverDue()
        clock.advance(by: .seconds(1))
        try loop.deliverDue()
        #expect(
            listener.requests.prefix(2).map { $0.headers["webhook-id"]?.prefix(2) } == ["aa", "bb"])
        #expect(try loop.pending() == 0)
    }

    @Test func resolvedFollowsOpened() throws {
        let listener = HTTPListener { $0 == 0 ? .status(500) : .status(200) }
        defer { listener.close() }
        let open = Samples.finding("aa")
        try record(
            ["ops"],
            [(.opened, open), (.resolved, Samples.resolved(open, at: Samples.noon.advanced(seconds: 60)))])
        let loop = try loop([receiver("ops", listener)])
        try loop.deliverDue()
        clock.advance(by: .seconds(1))
        try loop.deliverDue()
        let types = listener.requests.map { String(decoding: $0.body.prefix(24), as: UTF8.self) }
        #expect(types == [#"{"type":"finding.opened""#, #"{"type":"finding.opened""#, #"{"type":"finding.resolve"#])
    }

    // MARK: Parts

    private func ledger() throws -> Ledger { Ledger(connection: try database.connect()) }

    private func record(_ receivers: [String], _ changes: (Evaluation.Change.Kind, Finding)...) throws {
        try record(receivers, changes)
    }

    private func record(_ receivers: [String], _ changes: [(Evaluation.Change.Kind, Finding)]) throws {
        var evaluation = Evaluation(evaluatedUntil: Samples.noon.advanced(seconds: 600))
        evaluation.changes = changes.map { Evaluation.Change(kind: $0.0, finding: $0.1) }
        try ledger().record(evaluation, receivers: receivers, clock: clock)
    }

    private func receiver(_ name: String, _ listener: HTTPListener, secretFile: String? = nil) throws -> any Receiver {
        try makeReceiver(
            ReceiverConfiguration(name: name, type: "generic", url: listener.url, secretFile: secretFile))
    }

    private func loop(_ receivers: [any Receiver], policy: DeliveryPolicy = DeliveryPolicy()) throws -> DeliveryLoop {
        DeliveryLoop(
            outbox: try Outbox(connection: try database.connect()), receivers: receivers, policy: policy, clock: clock,
            seed: 7, stop: stop, report: events.take)
    }

    /// The judge is another implementation than the code's: the `openssl` command.
    private func opensslHMAC(key: [UInt8], _ message: [UInt8]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        let hex = key.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        process.arguments = ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:\(hex)", "-binary"]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Data(message))
        try input.fileHandleForWriting.close()
        let digest = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return digest.base64EncodedString()
    }
}

/// Collects events from the delivering thread.
final class EventLog: Sendable {
    private let events = Mutex<[DeliveryEvent]>([])

    var all: [DeliveryEvent] { events.withLock { $0 } }

    var reasons: [FailureReason] {
        all.compactMap { if case .failed(_, _, _, let reason, _, _) = $0 { reason } else { nil } }
    }

    var take: @Sendable (DeliveryEvent) -> Void {
        { event in self.events.withLock { $0.append(event) } }
    }
}
