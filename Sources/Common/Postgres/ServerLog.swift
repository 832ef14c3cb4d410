internal import Glibc

/// The file that the private server writes what it says into.
struct ServerLog: ~Copyable {
    let file: Int32
    private let path: String
    private let start: off_t

    /// A log that has grown past this is set aside at the next start; the one before it goes.
    private static let keptBytes = 16 << 20

    init(_ path: String) throws(PostgresError) {
        var status = stat()
        if lstat(path, &status) == 0, status.st_size > ServerLog.keptBytes { rename(path, path + ".1") }
        file = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            throw PostgresError(code: .server, message: "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        self.path = path
        start = lseek(file, 0, SEEK_END)
    }

    deinit { close(file) }

    /// The last lines since this log was opened, as one line.
    func tail() -> String {
        let end = lseek(file, 0, SEEK_END)
        let from = max(start, end - 2048)
        var bytes = [UInt8](repeating: 0, count: 2048)
        let count = max(pread(file, &bytes, bytes.count, from), 0)
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").suffix(6)
        return lines.isEmpty ? "it said nothing" : lines.joined(separator: " | ")
    }
}
