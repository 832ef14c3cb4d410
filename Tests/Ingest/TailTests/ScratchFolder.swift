import Foundation
import Glibc

/// A folder of a test's own, deleted with it.
final class ScratchFolder {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "tail-" + UUID().uuidString
        makeFolder("")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }  // What cannot be deleted harms no other test.

    func at(_ name: String) -> String { name.isEmpty ? path : path + "/" + name }

    func makeFolder(_ name: String) { precondition(mkdir(at(name), 0o755) == 0, "mkdir \(name): \(errno)") }

    /// Replaces the content of a file in place (truncates and fills it), or makes it.
    func write(_ bytes: [UInt8], to name: String) { put(bytes, name, O_WRONLY | O_CREAT | O_TRUNC) }

    func write(_ text: String, to name: String) { write(Array(text.utf8), to: name) }

    func append(_ bytes: [UInt8], to name: String) { put(bytes, name, O_WRONLY | O_CREAT | O_APPEND) }

    func append(_ text: String, to name: String) { append(Array(text.utf8), to: name) }

    /// Writes over what stands at `offset`, as Azure does with the closing `]}`.
    func overwrite(_ bytes: [UInt8], in name: String, at offset: Int) { put(bytes, name, O_WRONLY, offset) }

    /// As exporters should: under another name first.
    func replace(_ bytes: [UInt8], name: String) {
        write(bytes, to: name + ".partial")
        rename(name + ".partial", to: name)
    }

    func rename(_ old: String, to new: String) { precondition(Glibc.rename(at(old), at(new)) == 0, "rename \(errno)") }

    func delete(_ name: String) { precondition(unlink(at(name)) == 0, "unlink \(errno)") }

    func link(_ target: String, as name: String) { precondition(symlink(target, at(name)) == 0, "symlink \(errno)") }

    private func put(_ bytes: [UInt8], _ name: String, _ flags: Int32, _ offset: Int = 0) {
        let file = open(at(name), flags, 0o644)
        precondition(file >= 0, "open \(name): \(errno)")
        defer { close(file) }
        if offset > 0 { lseek(file, offset, SEEK_SET) }
        precondition(Glibc.write(file, bytes, bytes.count) == bytes.count, "write \(name): \(errno)")
    }
}

func makeFIFO(_ path: String) { precondition(mkfifo(path, 0o644) == 0, "mkfifo \(errno)") }
