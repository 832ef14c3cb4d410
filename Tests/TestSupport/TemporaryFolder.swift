internal import Foundation
internal import Synchronization

/// Makes an empty folder that every user may enter (a server that runs as another user works in some), and removes it
/// when the tests end.
package func makeTemporaryFolder() throws -> String {
    let folder = "/tmp/flowsight-test-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    let isFirst = folders.withLock { folders in
        folders.append(folder)
        return folders.count == 1
    }
    if isFirst { atexit { removeFolders() } }
    return folder
}

private let folders = Mutex<[String]>([])

private func removeFolders() {
    for folder in folders.withLock({ $0 }) {
        // What cannot be removed at the end of a test run lies in /tmp; nobody is there to be told.
        try? FileManager.default.removeItem(atPath: folder)
    }
}
