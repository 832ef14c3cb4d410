import Glibc
import Runtime
import Testing

@Suite struct PollTests {
    /// Both ends of a socket pair: the first is polled.
    private func withSockets(_ body: (Int32, Int32) -> Void) {
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        body(ends[0], ends[1])
        ends.forEach { close($0) }
    }

    @Test func anIdleSocketCanBeWrittenButNotRead() {
        withSockets { near, _ in
            #expect(poll(near, for: .readOrWrite, stop: nil, deadline: .never) == .ready(read: false, write: true))
            #expect(poll(near, for: .read, stop: nil, deadline: .after(.zero)) == .timedOut)
        }
    }

    @Test func bytesMakeItReadable() {
        withSockets { near, far in
            write(far, "x", 1)
            #expect(poll(near, for: .read, stop: nil, deadline: .never) == .ready(read: true, write: false))
        }
    }

    @Test func aPeerThatHasGoneIsReadyForTheNextCallToFail() {
        withSockets { near, far in
            shutdown(far, Int32(SHUT_RDWR))
            #expect(poll(near, for: .read, stop: nil, deadline: .never) == .ready(read: true, write: true))
        }
    }

    @Test func theStopComesBeforeReadyBytes() {
        withSockets { near, far in
            let stop = StopSignal()
            write(far, "x", 1)
            #expect(poll(near, for: .read, stop: stop, deadline: .never) == .ready(read: true, write: false))
            stop.fire()
            #expect(poll(near, for: .read, stop: stop, deadline: .never) == .stopped)
        }
    }

    @Test func aStopFromAnotherThreadEndsTheWait() {
        withSockets { near, _ in
            let stop = StopSignal()
            let thread = WorkerThread.start(name: "stopper") { stop.fire() }
            #expect(poll(near, for: .read, stop: stop, deadline: .after(.seconds(60))) == .stopped)
            thread.join()
        }
    }

    @Test func aStopSignalStaysFired() {
        let stop = StopSignal()
        #expect(!stop.wait(until: .after(.zero)))
        stop.fire()
        stop.fire()
        #expect(stop.isFired && stop.wait(until: .never) && stop.wait(until: .after(.zero)))
    }
}
