import ArgumentParser
import Topology

/// The option by which every command that asks a topology of files takes them.
struct TopologyInput: ParsableArguments {
    @Option(
        name: .customLong("topology"), parsing: .upToNextOption,
        help: ArgumentHelp("Exports, overlays and folders of them.", valueName: "path"))
    var paths: [String]

    func validate() throws {
        guard !paths.isEmpty else { throw ValidationError("--topology needs a path") }
    }

    func read() throws -> Topology { try reading().topology }

    /// With how old the files are.
    func reading() throws -> TopologyReading { try readTopologyFiles(paths) }
}
