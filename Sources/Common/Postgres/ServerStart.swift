internal import Glibc
internal import Runtime

/// One attempt to get at the server of a state directory: attach to a running one, or take the lock and start it.
struct ServerStart {
    let folders: ServerFolders
    let stop: StopSignal?
    let deadline: Deadline
    let log: (String) -> Void

    func run() throws(PostgresError) -> PrivateServer.Role {
        try folders.makeBase()
        while true {
            if let lock = try FolderLock.take(folders.lock) { return .owned(try startServer(), lock) }
            if let running = try attach() { return .attached(running.process, socketFolder: running.socketFolder) }
            try rest("waiting for the flowsight that holds \(folders.lock)")
        }
    }

    /// The server that the lock's holder runs; nil while it does not take connections yet.
    private func attach() throws(PostgresError) -> PostmasterFile? {
        guard let file = PostmasterFile.read(dataFolder: folders.data), file.isReady,
            isServer(file.process, dataFolder: folders.data)
        else { return nil }
        guard try canConnect(file.socketFolder, database: PrivateServer.user) else { return nil }
        log("using the PostgreSQL that another flowsight runs in \(folders.data), process \(file.process)")
        return file
    }

    private func startServer() throws(PostgresError) -> ChildProcess {
        let account = try ServerAccount.choose(dataFolder: folders.data)
        try folders.requireReachable(by: account, stop: stop, deadline: deadline)
        let installed = try ServerInstallation.all(stop: stop, deadline: deadline)
        let dataMajor = try folders.dataMajor()
        let installation = try ServerInstallation.choose(
            installed, dataMajor: dataMajor, folders: folders, account: account)
        try clearRemains()
        if dataMajor == nil { try makeDatabase(installation, account) }
        try folders.make(folders.socketFolder, for: account)
        let child = try launch(installation, account)
        do throws(PostgresError) {
            try makeFlowsightDatabase()
        } catch {
            end(child)
            throw error
        }
        log("PostgreSQL \(installation.major) runs in \(folders.data), process \(child.process)")
        return child
    }

    /// initdb beside the place, then a rename: a start that is cut off leaves no half-made database.
    private func makeDatabase(_ installation: ServerInstallation, _ account: ServerAccount) throws(PostgresError) {
        log("making a database with PostgreSQL \(installation.major) in \(folders.data)")
        _ = try commandOutput(["/bin/rm", "-rf", folders.newData], stop: stop, deadline: deadline)
        try folders.make(folders.newData, for: account)
        let output = try ServerLog(folders.log)
        let command = account.command(
            installation.folder + "/initdb", ["-D", folders.newData] + ServerInstallation.initdbArguments,
            endingWith: "KILL")
        let child = try ChildProcess.start(command, output: output.file)
        guard try waitForEnd(of: child, "initdb", stop: stop, deadline: deadline) == 0 else {
            throw PostgresError(
                code: .server, message: "initdb failed: \(output.tail())", hint: "its words are in \(folders.log)")
        }
        guard rename(folders.newData, folders.data) == 0 else {
            throw PostgresError(
                code: .server, message: "\(folders.newData) cannot be renamed: \(String(cString: strerror(errno)))")
        }
    }

    /// Starts the server and waits until it takes connections.
    private func launch(_ installation: ServerInstallation, _ account: ServerAccount) throws(PostgresError)
        -> ChildProcess
    {
        while true {
            let output = try ServerLog(folders.log)
            let command = account.command(
                installation.folder + "/postgres", ["-D", folders.data] + settings, endingWith: "QUIT")
            let child = try ChildProcess.start(command, output: output.file)
            do throws(PostgresError) {
                if try becomesReady(child) { return child }
            } catch {
                end(child)
                throw error
            }
            let words = output.tail()
            // Backends of a server that was killed hold its memory until they notice; they do within moments.
            guard words.contains("shared memory block") else {
                throw PostgresError(
                    code: .server, message: "PostgreSQL did not start: \(words)",
                    hint: "its words are in \(folders.log)")
            }
            try rest("waiting for the end of an earlier server's processes")
        }
    }

    /// False where the server has ended instead.
    private func becomesReady(_ child: ChildProcess) throws(PostgresError) -> Bool {
        while !child.ended.isFired {
            if try canConnect(folders.socketFolder, database: "postgres") { return true }
            switch poll(
                child.ended.descriptor, for: .read, stop: stop, deadline: min(deadline, .after(.milliseconds(20))))
            {
            case .ready, .stopped: break
            case .timedOut: try checkTime("waiting for PostgreSQL to take connections")
            }
        }
        return false
    }

    private func canConnect(_ socketFolder: String, database: String) throws(PostgresError) -> Bool {
        do throws(PostgresError) {
            let configuration = PrivateServer.configuration(socketFolder: socketFolder, database: database)
            _ = try Connection(configuration, stop: stop, deadline: min(deadline, .after(.seconds(2))))
            return true
        } catch {
            // No socket yet, starting up, recovering, or the database still to be made: the caller looks again.
            if error.code == .stopped { throw error }
            return false
        }
    }

    private func makeFlowsightDatabase() throws(PostgresError) {
        let configuration = PrivateServer.configuration(socketFolder: folders.socketFolder, database: "postgres")
        let connection = try Connection(configuration, stop: stop, deadline: deadline)
        let name = PrivateServer.user
        let there = try connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = $1", [.text(name)], deadline: deadline)
        if there.count == 0 { try connection.execute("CREATE DATABASE \(name)", deadline: deadline) }
    }

    private func end(_ child: ChildProcess) {
        child.signal(SIGQUIT)
        // The immediate shutdown has a limit of 5 s of its own.
        if !child.ended.wait(until: .after(.seconds(10))) { child.signal(SIGKILL) }
    }

    /// Settings of a server that serves one daemon and a few dashboards; on the command line, so that each start has
    /// those of this build. What is not named here can be set with ALTER SYSTEM.
    private var settings: [String] {
        [
            "listen_addresses=", "port=5432", "unix_socket_directories=\(folders.socketFolder)",
            "unix_socket_permissions=0700", "max_connections=30", "shared_buffers=128MB", "maintenance_work_mem=64MB",
            // Nothing replicates from here: COPY into a table of the same transaction then writes no log of its own.
            "wal_level=minimal", "max_wal_senders=0", "max_wal_size=2GB", "fsync=on", "synchronous_commit=on",
            "full_page_writes=on", "autovacuum=on", "jit=off", "timezone=UTC", "log_timezone=UTC",
            "log_destination=stderr", "logging_collector=off", "log_min_messages=warning", "log_checkpoints=off",
            // A statement may hold what must not be in a log.
            "log_min_error_statement=panic", "log_line_prefix=%m [%p] ", "cluster_name=flowsight",
        ].flatMap { ["-c", $0] }
    }
}

// MARK: - What an earlier process left

extension ServerStart {
    /// Ends a server whose process has died without it, and removes what one that is gone has left. The lock is held:
    /// no other flowsight has a server here.
    private func clearRemains() throws(PostgresError) {
        if let file = PostmasterFile.read(dataFolder: folders.data), isServer(file.process, dataFolder: folders.data) {
            log(
                "ending PostgreSQL process \(file.process) in \(folders.data): the flowsight that started it has gone"
            )
            try endRemaining(file.process)
        }
        // PostgreSQL itself refuses to start where the number in one of these is a living process of the same user,
        // whatever it is.
        unlink(PostmasterFile.path(folders.data))
        unlink(folders.socketFolder + "/.s.PGSQL.5432")
        unlink(folders.socketFolder + "/.s.PGSQL.5432.lock")
    }

    /// Fast shutdown, then the immediate one. SIGCONT, as a server that was halted hears nothing else.
    private func endRemaining(_ process: pid_t) throws(PostgresError) {
        for (signal, limit) in [(SIGINT, Duration.seconds(20)), (SIGQUIT, .seconds(10))] {
            kill(process, signal)
            kill(process, SIGCONT)
            let patience = Deadline.after(limit)
            while !patience.isPast {
                guard isServer(process, dataFolder: folders.data) else { return }
                try rest("waiting for PostgreSQL process \(process) to end")
            }
        }
        throw PostgresError(
            code: .server, message: "PostgreSQL process \(process) of an earlier flowsight does not end",
            hint: "look at it, and at the disk below \(folders.data); then kill -QUIT \(process)")
    }

    private func rest(_ what: String) throws(PostgresError) {
        // poll(2) leaves out a negative descriptor: this waits for the stop, for a moment.
        _ = poll(-1, for: .read, stop: stop, deadline: min(deadline, .after(.milliseconds(20))))
        try checkTime(what)
    }

    private func checkTime(_ what: String) throws(PostgresError) {
        if let stop, stop.isFired { throw PostgresError(code: .stopped, message: "stopped while \(what)") }
        guard deadline.isPast else { return }
        throw PostgresError(
            code: .deadline, message: "no PostgreSQL in time: \(what)", hint: "its words are in \(folders.log)")
    }
}
