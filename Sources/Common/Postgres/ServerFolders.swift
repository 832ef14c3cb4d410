internal import Glibc
internal import Runtime

/// Where the private server keeps what it has, all below `<state directory>/postgres` (but a socket whose path would be
/// too long):
///
///     lock          held by the process that runs the server
///     server.log    what the server says; the one before it in server.log.1
///     data/         the database; data.new while it is being made
///     run/          the socket, for the owner and root only
struct ServerFolders: Sendable {
    let base: String
    let socketFolder: String

    var data: String { base + "/data" }
    var newData: String { base + "/data.new" }
    var lock: String { base + "/lock" }
    var log: String { base + "/server.log" }

    /// The state directory with all links resolved, made where it is missing.
    init(stateDirectory: String) throws(PostgresError) {
        try makeFolder(stateDirectory, withParents: true)
        guard let resolved = realpath(stateDirectory, nil) else { throw failure(stateDirectory, "cannot be found") }
        defer { free(resolved) }
        self.init(resolvedState: String(cString: resolved), isRoot: geteuid() == 0, user: geteuid())
    }

    /// - Parameters:
    ///   - resolvedState: an absolute path without links.
    ///   - user: for the folder of a user's sockets, where this is not root.
    init(resolvedState: String, isRoot: Bool, user: uid_t) {
        base = resolvedState + "/postgres"
        let near = base + "/run"
        if ServerFolders.fits(near) {
            socketFolder = near
        } else {
            let parent = isRoot ? ["/run", "/tmp"] : ["/run/user/\(user)", "/tmp"]
            let usable = parent.first { access($0, W_OK | X_OK) == 0 } ?? "/tmp"
            socketFolder = usable + "/flowsight-" + ServerFolders.digest(base)
        }
    }

    /// `sun_path` holds 108 bytes with the NUL that ends it (`man 7 unix`).
    static func fits(_ folder: String) -> Bool { (folder + "/.s.PGSQL.5432").utf8.count <= 107 }

    /// FNV-1a, 64 bits (<http://www.isthe.com/chongo/tech/comp/fnv/>): a name that is always the same for one folder.
    /// Not for secrets.
    private static func digest(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 {
            // Wrapping is the algorithm: arithmetic modulo 2^64.
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Makes the base folder. Root's is open to pass through: the server must get to its own folders below.
    func makeBase() throws(PostgresError) {
        try makeFolder(base, withParents: false)
        if geteuid() == 0 { chmod(base, 0o755) }
    }

    /// Makes a folder of the server's own, for it alone.
    func make(_ folder: String, for account: ServerAccount) throws(PostgresError) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw failure(folder, "cannot be made") }
        var status = stat()
        guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw PostgresError(code: .server, message: "\(folder) is no folder", hint: "remove it")
        }
        // In /tmp another user may have been here first. One of root's is ours, cut off before it was handed over.
        guard status.st_uid == account.user || (account.changesOver && status.st_uid == 0) else {
            throw PostgresError(
                code: .server, message: "\(folder) belongs to another user (number \(status.st_uid))", hint: "remove it"
            )
        }
        if account.changesOver, lchown(folder, account.user, account.group) != 0 {
            throw failure(folder, "cannot be given to \(account.name)")
        }
        guard chmod(folder, 0o700) == 0 else { throw failure(folder, "cannot be closed to others") }
    }

    /// Leaves nothing outside of the state directory. A folder that is not empty, for a server that was killed, stays
    /// for the next start.
    func removeSocketFolder() {
        if !socketFolder.hasPrefix(base + "/") { rmdir(socketFolder) }
    }

    /// Throws where the account cannot get to the base folder, and names the folder that is closed to it.
    func requireReachable(
        by account: ServerAccount, stop: StopSignal?, deadline: Deadline
    ) throws(PostgresError) {
        guard account.changesOver, try !isOpen(base, account, stop, deadline) else { return }
        var folder = ""
        for part in base.split(separator: "/") {
            folder += "/" + part
            guard try !isOpen(folder, account, stop, deadline) else { continue }
            throw PostgresError(
                code: .server,
                message: "the private PostgreSQL runs as \(account.name), and \(folder) is closed to that user",
                hint: "chmod o+x \(folder), or set state_directory to a folder that \(account.name) can reach, "
                    + "such as /var/lib/flowsight, or run flowsight as an ordinary user")
        }
    }

    /// Asks the kernel as the account itself: mode bits alone would leave out access lists and security modules.
    private func isOpen(
        _ folder: String, _ account: ServerAccount, _ stop: StopSignal?, _ deadline: Deadline
    ) throws(PostgresError) -> Bool {
        let command = account.command("/usr/bin/test", ["-x", folder], endingWith: "KILL")
        let answer = try commandOutput(command, stop: stop, deadline: deadline)
        guard answer.exitCode <= 1 else {
            throw PostgresError(
                code: .server, message: "setpriv cannot run a program as \(account.name): \(answer.text)",
                hint: "apt-get install util-linux, or run flowsight as an ordinary user")
        }
        return answer.exitCode == 0
    }

    /// The major version of the data; nil where none was made yet.
    func dataMajor() throws(PostgresError) -> Int? {
        var status = stat()
        guard lstat(data, &status) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        let file = open(data + "/PG_VERSION", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        defer { if file >= 0 { close(file) } }
        let count = file >= 0 ? max(read(file, &bytes, bytes.count), 0) : 0
        guard let major = Int(String(decoding: bytes[..<count].prefix { $0 != 0x0a }, as: UTF8.self)) else {
            throw PostgresError(
                code: .server, message: "\(data) holds no PostgreSQL data that can be read (no PG_VERSION)",
                hint: "move the folder away; flowsight then makes a new database")
        }
        return major
    }
}

private func makeFolder(_ path: String, withParents: Bool) throws(PostgresError) {
    if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
    let parent = path.split(separator: "/").dropLast().joined(separator: "/")
    guard errno == ENOENT, withParents, !parent.isEmpty else { throw failure(path, "cannot be made") }
    try makeFolder((path.hasPrefix("/") ? "/" : "") + parent, withParents: true)
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure(path, "cannot be made") }
}

private func failure(_ path: String, _ what: String) -> PostgresError {
    PostgresError(
        code: .server, message: "\(path) \(what): \(String(cString: strerror(errno)))",
        hint: "state_directory must be a folder that flowsight may write")
}
