import Glibc
import Postgres
import Runtime
import TestSupport
import Testing

/// A backend that is halted (SIGSTOP) in the middle of its work: it holds the socket open and never answers.
@Suite(.enabled(if: testDatabaseIsConfigured)) struct HaltedServerTests {
    enum Ending: CaseIterable { case stop, deadline }

    enum Work: CaseIterable { case copyIn, finish, copyOut, statement, abandoned }

    @Test(arguments: Ending.allCases, Work.allCases)
    func theCallerGetsOutAtOnce(ending: Ending, work: Work) throws {
        try withTemporaryDatabase { configuration in
            let stop = StopSignal()
            let connection = try connect(configuration, stop: stop)
            try connection.execute("CREATE TABLE t (a text)", deadline: .after(.seconds(30)))
            let backend = connection.backendProcess
            defer { kill(backend, SIGCONT) }
            let halt: @Sendable () -> Void = { kill(backend, SIGSTOP) }
            // The deadline starts before the halt, the stop fires after it: either way less than a second may pass.
            let deadline: Deadline = ending == .deadline ? .after(.milliseconds(500)) : .never
            let fired = BoundedQueue<ContinuousClock.Instant>(limit: 1)
            var stopper: WorkerThread?
            let begin = ContinuousClock.now
            let failure = run(work, connection, deadline) {
                halt()
                guard ending == .stop else { return }
                stopper = WorkerThread.start(name: "stopper") {
                    _ = fired.push(.now, stop: nil)
                    stop.fire()
                }
            }
            let end = ContinuousClock.now
            stopper?.join()
            let from = fired.pop(until: .after(.zero), stop: nil) ?? begin + .milliseconds(500)
            #expect(end - from < .seconds(1))
            if work != .abandoned { #expect(failure?.code == (ending == .stop ? .stopped : .deadline)) }
            #expect(!connection.isUsable)
        }
    }

    /// The work up to its failure; `halt` is called when the server is in the middle of it.
    private func run(
        _ work: Work, _ connection: Connection, _ deadline: Deadline, halt: () -> Void
    ) -> PostgresError? {
        do throws(PostgresError) {
            switch work {
            case .statement:
                halt()
                try connection.execute("SELECT 1", deadline: deadline)
            case .copyOut:
                var isHalted = false
                // Endless: what the server had sent before it was halted is soon read.
                try connection.copyOut(
                    "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 100000000)) TO STDOUT", deadline: deadline
                ) { _ in
                    if !isHalted { halt() }
                    isHalted = true
                }
            case .copyIn:
                let writer = try connection.copyIn("COPY t FROM STDIN", deadline: deadline)
                try writer.write(line)
                halt()
                // The socket's buffers take some; then nothing moves.
                while true { try writer.write(line) }
            case .finish:
                let writer = try connection.copyIn("COPY t FROM STDIN", deadline: deadline)
                halt()
                _ = try writer.finish()
            case .abandoned:
                let writer = try connection.copyIn("COPY t FROM STDIN", deadline: deadline)
                try writer.write(line)
                halt()
            }
            return nil
        } catch {
            return error
        }
    }

    private let line = [UInt8](repeating: UInt8(ascii: "x"), count: 100_000) + [UInt8(ascii: "\n")]
}
