internal import Glibc

/// An open drop: one descriptor, closed when this goes. Reads move no position, so readers cannot disturb each other.
struct DropFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    let stamp: FileStamp

    /// Opens a regular file; nil where nothing stands under the path (any more).
    static func open(_ path: String) throws(TailError) -> DropFile? {
        // O_NONBLOCK: opening a FIFO that nobody writes to would wait for ever (`man 7 fifo`); regular files ignore it.
        let descriptor = retrying { Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT, ENOTDIR: return nil
            case EMFILE, ENFILE: throw TailError(code: .tooManyOpenFiles, path: path, cause: reason(errno))
            // What open(2) says of sockets and of devices without a driver.
            case ENXIO, ENODEV: throw TailError(code: .notRegular, path: path, cause: reason(errno))
            default: throw TailError(code: .unreadable, path: path, cause: reason(errno))
            }
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let cause = reason(errno)
            close(descriptor)
            throw TailError(code: .unreadable, path: path, cause: cause)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw TailError(code: .notRegular, path: path, cause: "it is no regular file")
        }
        return DropFile(descriptor: descriptor, path: path, stamp: FileStamp(status))
    }

    private init(descriptor: Int32, path: String, stamp: FileStamp) {
        self.descriptor = descriptor
        self.path = path
        self.stamp = stamp
    }

    deinit { close(descriptor) }

    /// Up to `count` bytes from `offset` on; fewer where the file ends, none at its end.
    borrowing func read(at offset: Int64, count: Int) throws(TailError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let address = buffer.baseAddress?.advanced(by: filled)
                let length = count - filled
                let result = retrying { pread(descriptor, address, length, off_t(offset) + off_t(filled)) }
                if result < 0 { failure = errno }
                guard result > 0 else { return }
                filled += result
            }
        }
        guard failure == 0 else { throw TailError(code: .unreadable, path: path, cause: reason(failure)) }
        return bytes
    }
}

/// Calls again what a signal interrupted.
func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result == -1, errno == EINTR { continue }
        return result
    }
}

/// The system's words for an error number.
func reason(_ number: Int32) -> String {
    guard let text = strerror(number) else { return "error \(number)" }
    return String(cString: text)
}
