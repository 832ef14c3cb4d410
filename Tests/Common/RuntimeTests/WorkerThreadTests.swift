import Glibc
import Runtime
import Testing

@Suite struct WorkerThreadTests {
    @Test func joinReturnsAfterTheBody() {
        let ran = StopSignal()
        let thread = WorkerThread.start(name: "body") { ran.fire() }
        thread.join()
        #expect(ran.isFired && thread.isFinished)
        thread.join()
    }

    @Test func finishedReturnsForThoseWhoCameBeforeAndAfterTheEnd() async {
        let gate = StopSignal()
        let thread = WorkerThread.start(name: "gated") { gate.wait(until: .never) }
        #expect(!thread.isFinished)
        async let before: Void = thread.finished()
        gate.fire()
        await before
        await thread.finished()
        #expect(thread.isFinished)
    }

    @Test(arguments: [("short", "short"), ("a-name-that-is-too-long", "a-name-that-is-")])
    func theKernelKnowsItsName(name: String, expected: String) {
        let seen = BoundedQueue<String>(limit: 1)
        let thread = WorkerThread.start(name: name) {
            var bytes = [UInt8](repeating: 0, count: 16)
            let file = open("/proc/thread-self/comm", O_RDONLY)
            let count = max(read(file, &bytes, bytes.count), 1)
            close(file)
            _ = seen.push(String(decoding: bytes[..<(count - 1)], as: UTF8.self), stop: nil)
        }
        thread.join()
        #expect(seen.pop(until: .after(.zero), stop: nil) == expected)
    }

    @Test func aManualClockStandsUntilItIsMoved() {
        let clock = ManualClock(microseconds: 1_000_000)
        #expect(clock.microseconds == 1_000_000)
        clock.advance(by: .milliseconds(1500))
        #expect(clock.microseconds == 2_500_000)
        clock.microseconds = 7
        #expect(clock.microseconds == 7)
    }

    @Test func theSystemClockIsInThisCentury() {
        #expect((1_600_000_000_000_000..<4_000_000_000_000_000).contains(SystemClock().microseconds))
    }
}
