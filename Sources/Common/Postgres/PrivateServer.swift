internal import Glibc
package import Runtime
internal import Synchronization

/// A PostgreSQL of our own under the state directory: for demo, tests and trials. It listens on a unix socket only.
///
/// One process runs it and holds the lock of the state directory; another that starts meanwhile uses the running one
/// and leaves it alone. It never outlives its process: `stop()` ends it in order, and `kill -9` makes the kernel send
/// it SIGQUIT, the immediate shutdown, from which the next start recovers. What was committed is kept either way.
///
/// Security: the socket's folder has mode 0700 and belongs to the server's account, so only that account and root get
/// in, who can read the data files anyway; inside, PostgreSQL asks for no password (`trust`). As root the server runs
/// as `postgres`, or the first other account that is not root's.
package final class PrivateServer: Sendable {
    /// Name of the role and of the database that Flowsight uses in it.
    package static let user = "flowsight"

    let folders: ServerFolders
    /// Held while the server is brought up or down: one thread at a time.
    private let work = Mutex(())
    private let role = Mutex(Role.none)

    /// How this process stands to the server.
    enum Role {
        /// Not started, or ended. Next: any.
        case none
        /// Another process runs it, with this process number. Next: none.
        case attached(pid_t, socketFolder: String)
        /// This process runs it. Next: none.
        case owned(ChildProcess, FolderLock)
    }

    private init(folders: ServerFolders) { self.folders = folders }

    deinit { stop() }

    /// Uses the server of a state directory that runs already, or makes and starts it.
    ///
    /// What a process that died left behind is taken over: a stale `postmaster.pid`, a database half made, a server
    /// that is about to end (waited for) or does not (ended).
    /// - Parameters:
    ///   - stateDirectory: made where it is missing.
    ///   - stop: gives up waiting.
    ///   - deadline: for all of it; a first start takes seconds, a recovery after a crash may take longer.
    ///   - log: gets a line for each thing worth telling the operator; called on this thread.
    /// - Throws: `.server` with a hint, `.deadline`, `.stopped`.
    package static func start(
        stateDirectory: String, stop: StopSignal? = nil, deadline: Deadline = .after(.seconds(120)),
        log: @escaping (String) -> Void
    ) throws(PostgresError) -> PrivateServer {
        let server = PrivateServer(folders: try ServerFolders(stateDirectory: stateDirectory))
        try server.ensureRunning(stop: stop, deadline: deadline, log: log)
        return server
    }

    /// Starts the server again where it has ended: its own, or that of the process that ran it. Call it before a new
    /// connection after one was lost; costs nothing while the server runs. From any thread.
    package func ensureRunning(
        stop: StopSignal? = nil, deadline: Deadline = .after(.seconds(120)),
        log: @escaping (String) -> Void
    ) throws(PostgresError) {
        try work.withLock { (_) throws(PostgresError) in
            guard !isRunning else { return }
            role.withLock { $0 = .none }
            let start = ServerStart(folders: folders, stop: stop, deadline: deadline, log: log)
            let reached = try start.run()
            role.withLock { $0 = reached }
        }
    }

    /// How to connect: the socket's folder, role and database `flowsight`.
    package var configuration: ConnectionConfiguration {
        let folder = role.withLock { if case .attached(_, let folder) = $0 { folder } else { folders.socketFolder } }
        return PrivateServer.configuration(socketFolder: folder, database: PrivateServer.user)
    }

    /// True where another process runs the server; `stop()` then leaves it alone.
    package var isAttached: Bool {
        role.withLock { if case .attached = $0 { true } else { false } }
    }

    /// The process number of the server; 0 where it has ended.
    package var process: Int32 {
        role.withLock { role in
            switch role {
            case .none: 0
            case .attached(let process, _): process
            case .owned(let child, _): child.process
            }
        }
    }

    /// Ends the server in order: connections are cut, what is committed is written out, at most for the given time;
    /// then at once. Returns when it has gone. Does nothing for a server of another process, or the second time.
    package func stop(patience: Duration = .seconds(30)) {
        work.withLock { _ in
            let last = role.withLock { role in
                defer { role = .none }
                return role
            }
            guard case .owned(let child, let lock) = last else { return }
            // Fast shutdown, immediate shutdown (its own limit is 5 s), and for a server that was halted there is only
            // this.
            for (signal, limit) in [(SIGINT, patience), (SIGQUIT, .milliseconds(5_500)), (SIGKILL, .seconds(1))] {
                child.signal(signal)
                if child.ended.wait(until: .after(limit)) { break }
            }
            folders.removeSocketFolder()
            // The next start must not find the lock free before the server has gone.
            withExtendedLifetime(lock) {}
        }
    }

    static func configuration(socketFolder: String, database: String) -> ConnectionConfiguration {
        ConnectionConfiguration(host: socketFolder, user: PrivateServer.user, database: database)
    }

    private var isRunning: Bool {
        role.withLock { role in
            switch role {
            case .none: false
            case .attached(let process, _): isServer(process, dataFolder: folders.data)
            case .owned(let child, _): !child.ended.isFired
            }
        }
    }
}
