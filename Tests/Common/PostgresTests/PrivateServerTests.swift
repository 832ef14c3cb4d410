import Glibc
import Postgres
import Runtime
import TestSupport
import Testing

/// A server of our own, started for real. As root it runs as `postgres`; as an ordinary user, as that user.
@Suite(.serialized, .enabled(if: serverIsInstalled)) struct PrivateServerTests {
    @Test func isMadeUsedTakenOverAndKeepsItsData() throws {
        let state = try makeTemporaryFolder() + "/state"
        let owner = try start(state)
        #expect(!owner.isAttached)
        try connect(owner.configuration).execute("CREATE TABLE t AS SELECT 7 AS a", deadline: soon)

        let guest = try start(state)
        #expect(guest.isAttached && guest.process == owner.process)
        #expect(try connect(guest.configuration).execute("SELECT a FROM t", deadline: soon).first?.integer(0) == 7)
        guest.stop()
        #expect(isAlive(owner.process))

        let heir = try start(state)
        let first = owner.process
        let open = try connect(heir.configuration)
        owner.stop()
        owner.stop()
        #expect(!isAlive(first) && owner.process == 0)
        #expect(throws: PostgresError.self) { try open.execute("SELECT 1", deadline: soon) }
        try heir.ensureRunning(deadline: soon, log: { _ in })
        #expect(!heir.isAttached && heir.process != first)
        #expect(try connect(heir.configuration).execute("SELECT a FROM t", deadline: soon).first?.integer(0) == 7)
        let again = heir.process
        try heir.ensureRunning(deadline: soon, log: { _ in })
        #expect(heir.process == again, "a running server is left alone")
        heir.stop()
        #expect(!isAlive(again))
    }

    @Test func listensForNobodyButItsUserAndRoot() throws {
        let state = try makeTemporaryFolder() + "/state"
        // Stands for what this process was given by others: a server that kept it open would hold up its reader.
        var pipe: [Int32] = [-1, -1]
        #expect(Glibc.pipe(&pipe) == 0)
        let server = try start(state)
        defer { server.stop() }
        let given = try #require(target("/proc/self/fd/\(pipe[1])"))
        #expect((0..<64).allSatisfy { target("/proc/\(server.process)/fd/\($0)") != given })
        pipe.forEach { close($0) }
        let connection = try connect(server.configuration)
        func setting(_ name: String) throws -> String? {
            try connection.execute("SELECT current_setting($1)", [.text(name)], deadline: soon).first?.string(0)
        }
        #expect(try setting("listen_addresses") == "")
        #expect(try setting("unix_socket_permissions") == "0700")
        #expect(try setting("fsync") == "on" && setting("autovacuum") == "on" && setting("synchronous_commit") == "on")
        #expect(try setting("server_encoding") == "UTF8" && setting("data_checksums") == "on")
        for folder in ["run", "data"] { #expect(mode(state + "/postgres/" + folder) == 0o700, "\(folder)") }
        #expect(mode(state + "/postgres/server.log") == 0o600)
        #expect(mode(state + "/postgres/run/.s.PGSQL.5432") == 0o700)
    }

    @Test func twoStartsAtOnceAreOneServer() throws {
        let state = try makeTemporaryFolder() + "/state"
        let servers = BoundedQueue<PrivateServer>(limit: 2)
        let threads = (0..<2).map { _ in
            WorkerThread.start(name: "starter") {
                do { _ = servers.push(try start(state), stop: nil) } catch { Issue.record("\(error)") }
            }
        }
        threads.forEach { $0.join() }
        let one = try #require(servers.pop(until: .after(.zero), stop: nil))
        let other = try #require(servers.pop(until: .after(.zero), stop: nil))
        #expect(one.process == other.process && one.isAttached != other.isAttached)
        for server in [one, other] { try connect(server.configuration).execute("SELECT 1", deadline: soon) }
    }

    @Test func killingItsProcessEndsItAndTheNextStartRecovers() async throws {
        // Longer than a socket's path may be, so that the socket lies elsewhere.
        let state = try makeTemporaryFolder() + "/" + String(repeating: "long", count: 25)
        await #expect(processExitsWith: .signal(SIGKILL)) { [state = state as String] in
            let server = try start(state)
            try connect(server.configuration).execute("CREATE TABLE t AS SELECT 7 AS a", deadline: soon)
            guard isAlive(server.process) else { exit(1) }
            try write("\(server.process)\n", to: state + "/process")
            kill(getpid(), SIGKILL)
        }
        let process = try #require(firstLine(state + "/process").flatMap { pid_t($0) })
        #expect(waitForDeath(process))

        let server = try start(state)
        #expect(!server.isAttached)
        let host = try #require(server.configuration.host)
        #expect(!host.hasPrefix(state) && mode(host) == 0o700)
        #expect(try connect(server.configuration).execute("SELECT a FROM t", deadline: soon).first?.integer(0) == 7)
        server.stop()
        #expect(mode(host) == nil, "nothing stays outside of the state directory")
    }

    @Test func remainsOfTheDeadAreTakenOver() throws {
        let state = try makeTemporaryFolder() + "/state"
        let data = state + "/postgres/data"
        try start(state).stop()

        // A number in the file that is now another program's, of the same user: PostgreSQL itself would refuse to
        // start.
        let stranger = try spawnAsServerUser(["/bin/sleep", "600"], like: data)
        defer { kill(stranger, SIGKILL) }
        try write(
            "\(stranger)\n\(data)\n1\n5432\n\(state)/postgres/run\n\n  1 1\nready   \n", to: data + "/postmaster.pid")
        try start(state).stop()
        #expect(isAlive(stranger))

        // A server that lives on though no flowsight holds the lock, halted even: ended, then started anew.
        let bin = try #require(binFolder)
        let orphan = try spawnAsServerUser(
            [
                bin + "/postgres", "-D", data, "-c", "listen_addresses=", "-c",
                "unix_socket_directories=\(state)/postgres/run",
            ],
            like: data)
        #expect(waitUntil { firstLine(data + "/postmaster.pid") == "\(orphan)" })
        kill(orphan, SIGSTOP)
        let server = try start(state)
        defer { server.stop() }
        #expect(!server.isAttached && server.process != orphan)
        #expect(!isAlive(orphan))
        try connect(server.configuration).execute("SELECT 1", deadline: soon)
    }

    @Test func dataOfAnotherVersionIsRefusedWithTheWayToMoveIt() throws {
        let state = try makeTemporaryFolder() + "/state"
        let data = state + "/postgres/data"
        for folder in [state, state + "/postgres", data] { mkdir(folder, 0o755) }
        try write("9999\n", to: data + "/PG_VERSION")
        let error = #expect(throws: PostgresError.self) { _ = try start(state) }
        #expect(error?.code == .server && error?.isTransient == false)
        #expect(error?.message.contains("is of PostgreSQL 9999") == true)
        for command in [
            "apt-get install postgresql-9999", "pg_upgrade", "initdb -D \(data).", "mv \(data) \(data).9999",
        ] {
            #expect(error?.hint?.contains(command) == true, "\(command)")
        }
        #expect(firstLine(data + "/PG_VERSION") == "9999")
    }

    @Test func aFolderWithoutDataIsRefusedAndLeftAlone() throws {
        let state = try makeTemporaryFolder() + "/state"
        for folder in [state, state + "/postgres", state + "/postgres/data"] { mkdir(folder, 0o755) }
        let error = #expect(throws: PostgresError.self) { _ = try start(state) }
        #expect(error?.code == .server && error?.message.contains("no PG_VERSION") == true)
    }

    @Test(.enabled(if: getuid() == 0)) func aFolderThatTheServersUserCannotReachIsNamed() throws {
        let closed = try makeTemporaryFolder()
        chmod(closed, 0o700)
        let error = #expect(throws: PostgresError.self) { _ = try start(closed + "/state") }
        #expect(error?.code == .server && error?.message.contains("\(closed) is closed to that user") == true)
        #expect(error?.hint?.contains("chmod o+x \(closed)") == true)
    }

    @Test func aStopGivesUpAStart() throws {
        let stop = StopSignal()
        stop.fire()
        let error = #expect(throws: PostgresError.self) {
            _ = try PrivateServer.start(stateDirectory: try makeTemporaryFolder(), stop: stop, log: { _ in })
        }
        #expect(error?.code == .stopped)
    }
}

private var soon: Deadline { .after(.seconds(60)) }

@Sendable private func start(_ state: String) throws(PostgresError) -> PrivateServer {
    try PrivateServer.start(stateDirectory: state, deadline: soon, log: { _ in })
}
