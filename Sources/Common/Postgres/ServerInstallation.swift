internal import Glibc
internal import Runtime

/// One installed PostgreSQL: a folder with `postgres` and `initdb`, and its major version.
struct ServerInstallation: Equatable, Sendable {
    let folder: String
    let major: Int

    /// The oldest version that Flowsight's SQL runs on.
    static let oldestMajor = 15

    /// The one to run: of the data's version where there is data, else the newest.
    ///
    /// - Parameter dataMajor: nil where no data was made yet.
    static func choose(
        _ installed: [ServerInstallation], dataMajor: Int?, folders: ServerFolders, account: ServerAccount
    ) throws(PostgresError) -> ServerInstallation {
        guard let newest = installed.max(by: { $0.major < $1.major }) else {
            throw PostgresError(
                code: .server,
                message: "no PostgreSQL server is installed (no initdb in /usr/lib/postgresql/*/bin or PATH)",
                hint: "apt-get install postgresql, or name an external server in database.uri")
        }
        guard let dataMajor else {
            guard newest.major >= oldestMajor else {
                throw PostgresError(
                    code: .server,
                    message: "PostgreSQL \(newest.major) is too old: Flowsight needs \(oldestMajor) or later",
                    hint: "install a later one, or name an external server in database.uri")
            }
            return newest
        }
        if let same = installed.first(where: { $0.major == dataMajor }) { return same }
        throw PostgresError(
            code: .server,
            message: "the data in \(folders.data) is of PostgreSQL \(dataMajor), and installed is only "
                + installed.map { "\($0.major) (\($0.folder))" }.joined(separator: ", "),
            hint: newest.wayToMove(from: dataMajor, folders, account))
    }

    /// The commands that bring data to this version, in the order to type them.
    private func wayToMove(from old: Int, _ folders: ServerFolders, _ account: ServerAccount) -> String {
        let data = quoted(folders.data)
        let new = quoted(folders.data + ".\(major)")
        let kept = quoted(folders.data + ".\(old)")
        let make = "\(folder)/initdb -D \(new) " + ServerInstallation.initdbArguments.joined(separator: " ")
        let binaries = "-b /usr/lib/postgresql/\(old)/bin -B \(folder)"
        let upgrade = "\(folder)/pg_upgrade -U \(PrivateServer.user) \(binaries) -d \(data) -D \(new)"
        let owned = account.changesOver ? "install -d -m 700 -o \(account.name) \(new) && " : ""
        return """
            install PostgreSQL \(old) again (apt-get install postgresql-\(old)) and start flowsight as before; or,
            with both installed, move the data:
              cd /tmp && \(owned)\(account.typed(make))
              \(account.typed(upgrade))
              mv \(data) \(kept) && mv \(new) \(data)
            or begin anew, and load the drops again: mv \(data) \(kept)
            """
    }

    /// C sorts by bytes: no locale's next version can then break an index. The role is ours, and whoever may enter the
    /// socket's folder is trusted: that is the owner of the data and root, who can read the files anyway.
    static let initdbArguments = [
        "-U", PrivateServer.user, "--auth=trust", "--encoding=UTF8", "--locale=C", "--data-checksums",
    ]

    /// All that this machine has, in no order. Runs `postgres --version` of each.
    static func all(stop: StopSignal?, deadline: Deadline) throws(PostgresError) -> [ServerInstallation] {
        var found: [ServerInstallation] = []
        for folder in candidates()
        where access(folder + "/initdb", X_OK) == 0 && access(folder + "/postgres", X_OK) == 0 {
            let answer = try commandOutput([folder + "/postgres", "--version"], stop: stop, deadline: deadline)
            // postgres (PostgreSQL) 15.4 (Debian …); a beta is 16beta1.
            let version = answer.text.split(separator: " ").dropFirst(2).first ?? ""
            guard answer.exitCode == 0, let major = Int(version.prefix { $0.isNumber }) else { continue }
            found.append(ServerInstallation(folder: folder, major: major))
        }
        return found
    }

    /// Debian's and Red Hat's folders, which are not in the search path, then the search path.
    private static func candidates() -> [String] {
        let versioned =
            folderEntries("/usr/lib/postgresql").map { "/usr/lib/postgresql/\($0)/bin" }
            + folderEntries("/usr").filter { $0.hasPrefix("pgsql-") }.map { "/usr/\($0)/bin" }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return versioned + path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    }
}

/// For a shell: as it is where that is safe, else in single quotes.
private func quoted(_ path: String) -> String {
    let plain = path.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            || "/._-".utf8.contains(byte)
    }
    return plain
        ? path : "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
