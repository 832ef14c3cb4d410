import ArgumentParser
import Foundation

/// How a command ends that did not succeed; the numbers are part of the contract.
enum Exit {
    static let failed = ExitCode(1)
    static let findingsOpen = ExitCode(2)
    static let usage = ExitCode(64)
    static let unusableInput = ExitCode(65)
    static let configuration = ExitCode(78)
}

/// Writes talk, which never goes to standard output: that is for what the command was asked for.
func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
}

/// The options of every command that reads a configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: ArgumentHelp("The configuration file.", valueName: "file"))
    var file: String

    @Flag(help: "Use a private PostgreSQL under the state directory; stands for database.embedded: true.")
    var embedded = false

    func read() throws -> Configuration { try readConfiguration(file: file, embedded: embedded) }
}

/// Reads a configuration; what is wrong with it is told, all at once, and ends the command with 78, or with 64 where
/// only `--embedded` contradicts the file.
func readConfiguration(file: String, embedded: Bool) throws -> Configuration {
    do {
        return try Configuration.read(file: file, embedded: embedded)
    } catch let error as ConfigurationError {
        say("flowsight: \(error)")
        throw error.isOnlyAContradiction && embedded ? Exit.usage : Exit.configuration
    }
}
