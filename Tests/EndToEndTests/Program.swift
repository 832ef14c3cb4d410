import Foundation
import Testing

/// The built programs, run as a user runs them.
struct Program {
    struct Result {
        var status: Int32
        var output: String
        var talk: String
    }

    /// The folder that holds the test bundle and, beside it, the programs.
    static let folder: URL = {
        let executable = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
        var folder = URL(filePath: executable).deletingLastPathComponent()
        while folder.path.contains(".xctest") { folder.deleteLastPathComponent() }
        return folder
    }()

    /// Runs a program to its end; what it wrote comes back as text.
    static func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Result {
        let output = FileManager.default.temporaryDirectory.appending(path: "flowsight-out-\(UUID().uuidString)")
        let talk = output.appendingPathExtension("talk")
        defer {
            try? FileManager.default.removeItem(at: output)  // Left-overs in the temporary folder harm nobody.
            try? FileManager.default.removeItem(at: talk)
        }
        let process = try start(name, arguments, output: output, talk: talk, environment: environment)
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
            talk: try String(contentsOf: talk, encoding: .utf8))
    }

    /// Starts a program whose output goes to files.
    static func start(
        _ name: String, _ arguments: [String], output: URL, talk: URL, environment: [String: String] = [:]
    ) throws -> Process {
        let process = Process()
        process.executableURL = folder.appending(path: name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        for (file, keyPath) in [(output, \Process.standardOutput), (talk, \Process.standardError)] {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
            process[keyPath: keyPath] = try FileHandle(forWritingTo: file)
        }
        try process.run()
        return process
    }
}

/// A folder of a test's own, removed at its end.
func withFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "flowsight-e2e-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }  // Left-overs in the temporary folder harm nobody.
    return try body(folder)
}

/// Polls until something holds; the pause is no wait for time to pass but for another process.
func eventually(within seconds: Double, _ condition: () throws -> Bool) rethrows -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
        if try condition() { return true }
        usleep(50_000)
    }
    return try condition()
}
