internal import Glibc
internal import Runtime

/// Runs a short program to its end; its exit status, and up to 4 KiB of what it said.
func commandOutput(
    _ arguments: [String], stop: StopSignal?, deadline: Deadline
) throws(PostgresError) -> (exitCode: Int32, text: String) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
        throw PostgresError(code: .server, message: "no pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    defer { close(ends[0]) }
    let child: ChildProcess
    do throws(PostgresError) {
        child = try ChildProcess.start(arguments, output: ends[1])
        close(ends[1])
    } catch {
        close(ends[1])
        throw error
    }
    let exitCode = try waitForEnd(of: child, arguments[0], stop: stop, deadline: deadline)
    // The pipe takes 64 KiB before a program would wait for a reader; what these programs say fits.
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = max(read(ends[0], &bytes, bytes.count), 0)
    return (exitCode, String(decoding: bytes[..<count], as: UTF8.self))
}

/// Waits until a program has ended; kills it where the stop or the deadline comes first.
func waitForEnd(
    of child: ChildProcess, _ name: String, stop: StopSignal?, deadline: Deadline
) throws(PostgresError) -> Int32 {
    switch poll(child.ended.descriptor, for: .read, stop: stop, deadline: deadline) {
    case .ready: return child.exitCode ?? -1
    case .stopped:
        child.signal(SIGKILL)
        throw PostgresError(code: .stopped, message: "stopped while \(name) ran")
    case .timedOut:
        child.signal(SIGKILL)
        throw PostgresError(code: .deadline, message: "\(name) did not end in time")
    }
}

/// The names in a folder, sorted; none where it cannot be read.
func folderEntries(_ folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        names.append(name)
    }
    return names.sorted()
}
