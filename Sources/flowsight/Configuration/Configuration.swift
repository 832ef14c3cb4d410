import FlowModel
import Tail

/// What `--config` says, checked and with every path absolute. The keys are listed in `Configuration+Reader.swift`.
struct Configuration: Sendable {
    enum Database: Sendable, Equatable {
        /// A private server under the state directory.
        case embedded
        case external(uri: String, passwordFile: String?)
    }

    struct Receiver: Sendable, Equatable {
        var name: String
        var type: String
        var url: String
        var secretFile: String?
        /// Where it stands in the file, such as `receivers[1]`.
        var place: String
    }

    var stateDirectory = "/var/lib/flowsight"
    var database = Database.embedded
    var drops: [DropFolder] = []
    /// Where each of them stands in the file, such as `drops[0]`.
    var dropPlaces: [String] = []
    var topologyPaths: [String] = []
    var receivers: [Receiver] = []

    /// Which files of a drop folder are read where `include` is not given.
    static let defaultInclude = ["**/*.json", "**/*.json.gz", "**/*.jsonl", "**/*.jsonl.gz"]
}

/// One thing that is wrong with a configuration, and where.
struct ConfigurationProblem: Error, Hashable, CustomStringConvertible {
    /// Path of the key, such as `receivers[0].url`.
    var key: String
    var problem: String

    var description: String { "\(key): \(problem)" }
}

/// Everything that is wrong with a configuration file, at once.
struct ConfigurationError: Error, CustomStringConvertible {
    var file: String
    var problems: [ConfigurationProblem]

    /// True where the flag `--embedded` and the file's `database.uri` are all that is wrong.
    var isOnlyAContradiction: Bool { problems.map(\.key) == ["database.uri"] }

    var description: String {
        problems.map { "\(file): \($0)" }.joined(separator: "\n")
    }
}
