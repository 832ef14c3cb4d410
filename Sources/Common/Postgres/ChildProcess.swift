internal import Glibc
internal import Runtime
internal import Synchronization

/// A program that this process started, with a thread that lives exactly as long as it.
///
/// The thread is what the parent-death signal hangs on: the kernel sends it when the *thread* that made the child ends
/// (`man 2 prctl`), so a passing thread of a pool must not do it.
final class ChildProcess: Sendable {
    /// Fires when the program has ended.
    let ended = StopSignal()
    private let state = Mutex(State())

    private struct State {
        var process: pid_t = 0
        var failure: Int32 = 0
        /// Of `waitpid(2)`; nil while the program runs.
        var status: Int32?
    }

    private init() {}

    /// Starts `arguments[0]` with input from `/dev/null` and both outputs to `output`, in a process group of its own,
    /// so that a Ctrl-C at the terminal reaches the daemon only, which then ends its server in order.
    static func start(_ arguments: [String], output: Int32) throws(PostgresError) -> ChildProcess {
        let child = ChildProcess()
        let started = StopSignal()
        _ = WorkerThread.start(name: "child") { child.run(arguments, output, started) }
        started.wait(until: .never)
        let failure = child.state.withLock { $0.failure }
        guard failure == 0 else {
            throw PostgresError(
                code: .server, message: "\(arguments[0]) cannot be started: \(String(cString: strerror(failure)))",
                hint: "it must be installed and in PATH (setpriv is in the package util-linux)")
        }
        return child
    }

    var process: pid_t { state.withLock { $0.process } }

    /// The exit status, 128 and the signal for a death by signal (as a shell says it); nil while it runs.
    var exitCode: Int32? {
        state.withLock { state in
            state.status.map { $0 & 0x7f == 0 ? $0 >> 8 & 0xff : 128 + $0 & 0x7f }
        }
    }

    /// Sends a signal, unless the program has ended: its number may be another's by then.
    func signal(_ number: Int32) {
        state.withLock { state in
            guard state.status == nil, state.process > 0 else { return }
            kill(state.process, number)
        }
    }

    private func run(_ arguments: [String], _ output: Int32, _ started: StopSignal) {
        var process: pid_t = 0
        let failure = spawn(arguments, output, &process)
        state.withLock { state in
            state.process = process
            state.failure = failure
        }
        started.fire()
        guard failure == 0 else { return }
        // Waits without reaping (WNOWAIT), so that the number stays taken until the lock is held.
        var information = siginfo_t()
        while waitid(P_PID, id_t(process), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        state.withLock { state in
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            state.status = status
        }
        ended.fire()
    }
}

/// An error number, or 0.
private func spawn(_ arguments: [String], _ output: Int32, _ process: inout pid_t) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    // What this process itself was given at its start is not marked to be closed (FD_CLOEXEC): a server that kept a
    // pipe open would hold up whoever reads its other end. One that is closed meanwhile by another thread is no error
    // for glibc.
    for descriptor in folderEntries("/proc/self/fd").compactMap({ Int32($0) }) where descriptor > 2 {
        posix_spawn_file_actions_addclose(&actions, descriptor)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The daemon blocks and ignores signals that the program must get.
    var none = sigset_t()
    sigemptyset(&none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))
    // strdup fails only without memory; the list then ends early and the start fails.
    let list = arguments.map { strdup($0) } + [nil]
    let environment = childEnvironment().map { strdup($0) } + [nil]
    defer { (list + environment).forEach { free($0) } }
    return posix_spawnp(&process, arguments[0], &actions, &attributes, list, environment)
}

/// Nothing of the daemon's environment but the search path: PGDATA and its like would steer the server, and secrets may
/// lie there.
private func childEnvironment() -> [String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/sbin:/usr/bin:/sbin:/bin"
    return ["PATH=" + path, "LC_ALL=C", "TZ=UTC"]
}
