internal import Glibc
internal import Synchronization

/// A thread of its own for work that blocks: a database connection, a child process.
///
/// Blocking calls stay away from Swift's cooperative pool, which has as many threads as cores and stalls when they
/// sleep.
package final class WorkerThread: Sendable {
    /// As `top -H` shows it: at most 15 bytes of it.
    package let name: String
    private let done = StopSignal()
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

    private init(name: String) { self.name = name }

    /// Starts a thread that runs `body` and ends with it.
    package static func start(name: String, _ body: @Sendable @escaping () -> Void) -> WorkerThread {
        let worker = WorkerThread(name: name)
        let start = Unmanaged.passRetained(Start(worker: worker, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let failure = pthread_create(&thread, &attributes, runThread, start.toOpaque())
        // Only the process's own limits make this fail, at the start of the daemon; no input reaches it.
        precondition(failure == 0, "no thread for \(name): \(failure)")
        return worker
    }

    /// Blocks the calling thread until the body has returned. Never on the cooperative pool: there, `await finished()`.
    package func join() { done.wait(until: .never) }

    /// True once the body has returned.
    package var isFinished: Bool { done.isFired }

    /// Returns when the body has returned.
    package func finished() async {
        await withCheckedContinuation { continuation in
            let already = waiting.withLock { waiting in
                if done.isFired { return true }
                waiting.append(continuation)
                return false
            }
            if already { continuation.resume() }
        }
    }

    fileprivate func finish() {
        let waiters = waiting.withLock { waiting in
            done.fire()
            defer { waiting = [] }
            return waiting
        }
        for waiter in waiters { waiter.resume() }
    }
}

private final class Start: Sendable {
    let worker: WorkerThread
    let body: @Sendable () -> Void

    init(worker: WorkerThread, body: @Sendable @escaping () -> Void) {
        self.worker = worker
        self.body = body
    }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    nameThisThread(start.worker.name)
    start.body()
    start.worker.finish()
    return nil
}

/// Names the thread for `top -H` and core files. Through /proc, as Swift's Glibc module does not map
/// `pthread_setname_np(3)`.
private func nameThisThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    // Without /proc the thread has no name, and works all the same.
    guard file >= 0 else { return }
    defer { close(file) }
    var bytes = Array(name.utf8.prefix(15))
    _ = write(file, &bytes, bytes.count)
}
