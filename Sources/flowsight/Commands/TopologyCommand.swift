import ArgumentParser
import Foundation
import Topology

/// What is done with a topology alone, without logs.
struct TopologyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology",
        abstract: "Import Azure exports; show and draw the model; hold it against Azure's own routes.",
        subcommands: [TopologyImportCommand.self, TopologyShowCommand.self, TopologyVerifyCommand.self])
}

struct TopologyImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract:
            "Make one topology file of Azure exports and overlays, without anything that the model does not read.",
        discussion: """
            PATH is an export, an overlay, an ARM template, a Terraform state, or a folder, of which every *.json and \
            *.tfstate is read at any depth. The file that comes out stands for all of them wherever --topology is asked \
            for, and holds no passwords, keys or tags of theirs. What could not be used is told on standard error.

            Exit codes: 0 done, 1 the output cannot be written, 64 wrong usage, 65 a path that cannot be read or used.
            """)

    @Argument(help: ArgumentHelp("Exports, overlays and folders of them.", valueName: "path"))
    var paths: [String]

    @Option(
        help: ArgumentHelp("Where the file goes, written whole or not at all; else standard output.", valueName: "file")
    )
    var output: String?

    func run() throws {
        let resources = try readResources(paths: paths)
        guard !resources.isEmpty else {
            for text in resources.notUnderstood { say("flowsight: \(text)") }
            say("flowsight: no path holds an Azure resource or an overlay")
            throw Exit.unusableInput
        }
        for problem in resources.problems {
            say(
                "topology: \([problem.resource, problem.field, problem.problem].filter { !$0.isEmpty }.joined(separator: ": "))"
            )
        }
        for text in resources.notUnderstood { say("topology: not understood: \(text)") }
        for (type, count) in resources.counts { say("topology: \(count) \(type)") }
        let document = resources.document(named: output ?? "standard output")
        do {
            guard let output else { return try FileHandle.standardOutput.write(contentsOf: Data(document.bytes)) }
            try Data(document.bytes).write(to: URL(filePath: output), options: .atomic)
        } catch {
            say("flowsight: \(output ?? "standard output"): cannot be written: \(error.localizedDescription)")
            throw Exit.failed
        }
    }
}
