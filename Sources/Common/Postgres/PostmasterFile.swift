internal import Glibc

/// What a server writes into `postmaster.pid` of its data folder, a line each (server source, `utils/pidfile.h`).
struct PostmasterFile: Equatable {
    let process: pid_t
    /// Folder of its unix socket; empty while it starts.
    let socketFolder: String
    /// True once it takes connections.
    let isReady: Bool

    /// Nil where the text has no process number: a server that has just begun to write it, or was cut off.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // A standalone backend writes its number negative (`-pid`); nobody can connect to it.
        guard let first = lines.first, let process = pid_t(first), process != 0 else { return nil }
        self.process = abs(process)
        socketFolder = lines.count > 4 ? String(lines[4]) : ""
        isReady = process > 0 && lines.count > 7 && lines[7].hasPrefix("ready")
    }

    /// The file of a data folder; nil where there is none that can be read.
    static func read(dataFolder: String) -> PostmasterFile? {
        // The folder belongs to the less trusted account: no links, and no waiting at a pipe.
        let file = open(path(dataFolder), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &bytes, bytes.count)
        return count > 0 ? PostmasterFile(String(decoding: bytes[..<count], as: UTF8.self)) : nil
    }

    static func path(_ dataFolder: String) -> String { dataFolder + "/postmaster.pid" }
}

/// True where the process is a PostgreSQL server that works in the data folder: its number alone may be another's by
/// now, above all in a container, where numbers are small and come again.
func isServer(_ process: pid_t, dataFolder: String) -> Bool {
    guard let folder = linkTarget("/proc/\(process)/cwd"), let program = linkTarget("/proc/\(process)/exe") else {
        return false
    }
    // " (deleted)" stands behind a program that an upgrade has replaced.
    let name = program.split(separator: "/").last ?? ""
    return folder == dataFolder && (name == "postgres" || name == "postgres (deleted)")
}

private func linkTarget(_ path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
}
