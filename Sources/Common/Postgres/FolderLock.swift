internal import Glibc

/// The right to run the server of a state directory: held by one process, and gone with it, however it dies (`man 2
/// flock`).
final class FolderLock: Sendable {
    private let file: Int32

    private init(file: Int32) { self.file = file }

    deinit { close(file) }

    /// Takes the lock without waiting; nil where another process has it.
    static func take(_ path: String) throws(PostgresError) -> FolderLock? {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            let reason = String(cString: strerror(errno))
            throw PostgresError(
                code: .server, message: "\(path) cannot be opened: \(reason)",
                hint: "run flowsight as the user that owns the state directory")
        }
        if flock(file, LOCK_EX | LOCK_NB) == 0 { return FolderLock(file: file) }
        close(file)
        return nil
    }
}
