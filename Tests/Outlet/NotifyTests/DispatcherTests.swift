import FlowModel
import Ledger
import Notify
import Postgres
import Runtime
import TestSupport
import Testing

/// The dispatcher on its thread, with the machine's clock: nothing here waits longer than it must.
@Suite(.enabled(if: testDatabaseIsConfigured, "run with Tests/with-postgres"), .timeLimit(.minutes(2)))
struct DispatcherTests {
    private let events = EventLog()
    private let stop = StopSignal()
    private let database: FindingsDatabase

    init() throws { database = try FindingsDatabase() }

    @Test func aWakeDeliversAtOnce() throws {
        let arrived = StopSignal()
        let listener = HTTPListener { _ in
            arrived.fire()
            return .status(200)
        }
        defer { listener.close() }
        let dispatcher = try dispatcher(listener)
        let thread = WorkerThread.start(name: "notify") { dispatcher.run() }
        try record()
        for _ in 0..<100 { dispatcher.wake() }
        #expect(arrived.wait(until: .after(.seconds(10))))
        stop.fire()
        thread.join()
        #expect(listener.requests.count == 1)
    }

    @Test func stopsWithinASecondInTheMiddleOfARequest() throws {
        let asked = StopSignal()
        let listener = HTTPListener { _ in
            asked.fire()
            return .silence
        }
        try record()
        let dispatcher = try dispatcher(listener)
        let thread = WorkerThread.start(name: "notify") { dispatcher.run() }
        #expect(asked.wait(until: .after(.seconds(10))))
        let began = ContinuousClock.now
        stop.fire()
        thread.join()
        #expect(began.duration(to: .now) < .seconds(1))
        listener.close()
        #expect(try pending() == 1)
    }

    @Test func aCommandGetsAllDeliveredWithRetries() throws {
        let listener = HTTPListener { $0 < 2 ? .status(503) : .status(204) }
        defer { listener.close() }
        try record()
        #expect(try dispatcher(listener).deliverPending(timeout: .seconds(30)) == 0)
        #expect(listener.requests.count == 3)
    }

    @Test func aCommandDoesNotWaitLongerThanItsTimeout() throws {
        let listener = HTTPListener { _ in .silence }
        try record()
        let began = ContinuousClock.now
        #expect(try dispatcher(listener).deliverPending(timeout: .milliseconds(300)) == 1)
        #expect(began.duration(to: .now) < .seconds(5))
        listener.close()
        // The next run takes it up at once, although the claim of this one has not run out.
        let next = HTTPListener(answering: 200)
        defer { next.close() }
        #expect(try dispatcher(next).deliverPending(timeout: .seconds(30)) == 0)
    }

    @Test func aCommandDoesNotWaitForAReceiverThatIsGone() throws {
        let listener = HTTPListener(answering: 410)
        defer { listener.close() }
        try record()
        let began = ContinuousClock.now
        #expect(try dispatcher(listener).deliverPending(timeout: .seconds(60)) == 1)
        #expect(began.duration(to: .now) < .seconds(20))
    }

    @Test func aDatabaseThatIsAwayIsReportedAndWaitedFor() throws {
        let listener = HTTPListener(answering: 200)
        defer { listener.close() }
        try record()
        let database = database
        let tries = Counter()
        let dispatcher = Dispatcher(
            connect: { () throws(PostgresError) -> Connection in
                guard tries.next() > 0 else { throw PostgresError(code: .connection, message: "refused") }
                return try database.connect()
            }, receivers: [try receiver(listener)], clock: SystemClock(), seed: 1, stop: stop,
            report: { [events, stop] in
                events.take($0)
                if case .delivered = $0 { stop.fire() }
            })
        WorkerThread.start(name: "notify") { dispatcher.run() }.join()
        #expect(events.all.first == .databaseAway(message: "refused", hint: nil))
        #expect(listener.requests.count == 1)
    }

    private func dispatcher(_ listener: HTTPListener) throws -> Dispatcher {
        let (database, stop) = (database, stop)
        return Dispatcher(
            connect: { () throws(PostgresError) -> Connection in try database.connect(stop: stop) },
            receivers: [try receiver(listener)], clock: SystemClock(), seed: 1, stop: stop, report: events.take)
    }

    private func receiver(_ listener: HTTPListener) throws -> any Receiver {
        try makeReceiver(ReceiverConfiguration(name: "ops", type: "generic", url: listener.url, secretFile: nil))
    }

    private func record() throws {
        var evaluation = Evaluation(evaluatedUntil: Samples.noon.advanced(seconds: 600))
        evaluation.changes = [.init(kind: .opened, finding: Samples.finding("aa"))]
        try Ledger(connection: try database.connect()).record(evaluation, receivers: ["ops"])
    }

    private func pending() throws -> Int { try Ledger(connection: try database.connect()).pendingAlerts() }
}
