import Glibc
import Runtime
import TestSupport

/// The folder of an installed server's programs; nil where there is none, and the tests of the private server are
/// skipped.
let binFolder: String? = (15...30).map { "/usr/lib/postgresql/\($0)/bin" }.last { access($0 + "/initdb", X_OK) == 0 }

var serverIsInstalled: Bool { binFolder != nil }

/// True for a process that runs; one that has ended and waits for its parent to ask (a zombie) has ended.
func isAlive(_ process: pid_t) -> Bool {
    guard process > 0, let status = firstLine("/proc/\(process)/stat") else { return false }
    // The state stands behind the name in brackets (`man 5 proc`).
    let state = status.split(separator: ")").last?.split(separator: " ").first
    return state != "Z" && state != "X"
}

/// Looks again and again, up to 30 s; true as soon as it holds.
func waitUntil(_ condition: () -> Bool) -> Bool {
    let limit = Deadline.after(.seconds(30))
    while !condition() {
        if limit.isPast { return false }
        sched_yield()
    }
    return true
}

func waitForDeath(_ process: pid_t) -> Bool { waitUntil { !isAlive(process) } }

func mode(_ path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : nil
}

func firstLine(_ path: String) -> String? {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes[..<max(count, 0)].prefix { $0 != 0x0a }, as: UTF8.self)
}

/// What a symbolic link points to; nil where there is none.
func target(_ link: String) -> String? {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink(link, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
}

/// Starts a program as the user that owns `path`, where this is root; without the signal that ends our own servers.
func spawnAsServerUser(_ arguments: [String], like path: String) throws -> pid_t {
    var status = stat()
    guard lstat(path, &status) == 0 else { throw ListeningSocket.Failure() }
    let change = ["/usr/bin/setpriv", "--reuid", "\(status.st_uid)", "--regid", "\(status.st_gid)", "--clear-groups"]
    let list =
        (["/bin/sh", "-c", "cd / && exec \"$@\" >/dev/null 2>&1", "sh"] + (getuid() == 0 ? change : []) + arguments).map
    { strdup($0) } + [nil]
    defer { list.forEach { free($0) } }
    var process: pid_t = 0
    guard posix_spawn(&process, "/bin/sh", nil, nil, list, environ) == 0 else { throw ListeningSocket.Failure() }
    return process
}
