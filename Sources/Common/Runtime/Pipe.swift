internal import Glibc

/// A pipe as a wake-up: bytes in it are events, and `poll(2)` can wait for them beside a socket.
///
/// The design speaks of an eventfd; Swift's Glibc module does not map `sys/eventfd.h`, and one more descriptor costs
/// less than a C module of our own for one call. Both ends close on exec and never block.
struct Pipe: ~Copyable {
    let reading: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let failure = Glibc.pipe(&ends)
        // Without descriptors nothing that follows could work either; it is the process's limit, no input.
        precondition(failure == 0, "no pipe: the limit of open files is reached")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        reading = ends[0]
        writing = ends[1]
    }

    deinit {
        close(writing)
        close(reading)
    }

    /// Puts one byte in. The callers bound how many bytes lie in the pipe, far below where it is full (64 KiB).
    func put() {
        var byte: UInt8 = 1
        while write(writing, &byte, 1) < 0 {
            precondition(errno == EINTR, "write to a pipe: \(errno)")
        }
    }

    /// Takes one byte out; false where there is none.
    func take() -> Bool {
        var byte: UInt8 = 0
        while true {
            if read(reading, &byte, 1) == 1 { return true }
            guard errno == EINTR else { return false }
        }
    }
}
