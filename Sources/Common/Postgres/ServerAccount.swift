internal import Glibc

/// Who the private server runs as: PostgreSQL refuses to run as root.
struct ServerAccount: Sendable, Equatable {
    let name: String
    let user: uid_t
    let group: gid_t
    /// True where this process is root and the server must change over to the account.
    let changesOver: Bool

    /// The account of this process, unless that is root: then the owner of the data that is there, else `postgres` or
    /// the first other account made for services.
    static func choose(dataFolder: String) throws(PostgresError) -> ServerAccount {
        guard geteuid() == 0 else {
            return ServerAccount(name: "", user: geteuid(), group: getegid(), changesOver: false)
        }
        var status = stat()
        if lstat(dataFolder, &status) == 0, status.st_uid != 0, let entry = getpwuid(status.st_uid) {
            return ServerAccount(entry.pointee)
        }
        for name in ["postgres", "flowsight", "nobody"] {
            if let entry = getpwnam(name), entry.pointee.pw_uid != 0 { return ServerAccount(entry.pointee) }
        }
        throw PostgresError(
            code: .server, message: "PostgreSQL does not run as root, and there is no account postgres to run it as",
            hint: "adduser --system --group postgres, or run flowsight as an ordinary user")
    }

    private init(name: String, user: uid_t, group: gid_t, changesOver: Bool) {
        self.name = name
        self.user = user
        self.group = group
        self.changesOver = changesOver
    }

    private init(_ entry: passwd) {
        self.init(name: String(cString: entry.pw_name), user: entry.pw_uid, group: entry.pw_gid, changesOver: true)
    }

    /// The command line that runs a program as this account, from `/`, and ends it with `signal` when the thread that
    /// started it ends, be it by `kill -9` of the whole process (PR_SET_PDEATHSIG, `man 2 prctl`).
    ///
    /// `setpriv` sets that signal after it has changed the user, as the kernel forgets it at a change. The shell then looks
    /// whether the parent still lives, for one that died before the signal was set would never be noticed; and it changes
    /// the folder, because the server's programs fail in one that they may not read.
    func command(_ program: String, _ arguments: [String], endingWith signal: String) -> [String] {
        let user = changesOver ? ["--reuid", name, "--regid", String(group), "--init-groups"] : []
        let script = "umask 077; [ \"$PPID\" = \"$0\" ] && cd / && exec \"$@\""
        let shell = ["/bin/sh", "-c", script, String(getpid()), program]
        return ["setpriv"] + user + ["--pdeathsig", signal] + shell + arguments
    }

    /// The same for a person to type.
    func typed(_ command: String) -> String {
        changesOver ? "setpriv --reuid \(name) --regid \(group) --init-groups \(command)" : command
    }
}
