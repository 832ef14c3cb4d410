import ArgumentParser
import Foundation

/// `flowgen lab`: writes topology, drops and truth of one seed.
struct LabCommand: ParsableCommand {
    enum Format: String, CaseIterable, ExpressibleByArgument { case records, ndjson }

    static let configuration = CommandConfiguration(
        commandName: "lab",
        abstract: "Writes the lab of a seed: topology, growing drops, and the truth about them.",
        discussion: """
            The folder gets topology/resources.json (the answer of an Azure Resource Graph query), \
            topology/overlay.json, the drops in Azure's folder layout under drops/, and at the end truth.json: the \
            findings that are right, and how many records, flows and metric points there are.

            Examples:
              flowgen lab --output lab --seed 7
              flowgen lab --output lab --seed 7 --fixed          the same network, configured right: no finding
              flowgen lab --output lab --seed 7 --paced 60       the drops grow for about a minute
            """)

    @Option(name: .long, help: ArgumentHelp("The folder to write; it may exist, but hold no drops.", valueName: "dir"))
    var output: String

    @Option(name: .long, help: ArgumentHelp("What everything comes from.", valueName: "number"))
    var seed: Int = 1

    @Flag(name: .long, help: "Configured right: routes mended, the backup at 40 %. No finding is right.")
    var fixed = false

    @Flag(name: .long, help: "The overlay wants the private endpoint inspected.")
    var wish = false

    @Flag(name: .long, help: "The same acts with little traffic beside them: some thousand flows.")
    var small = false

    @Option(
        name: .long,
        help: ArgumentHelp("Let the drops grow for about so many seconds; without it, at once.", valueName: "seconds"))
    var paced: Double = 0

    @Option(
        name: .long,
        help: "How flow logs are wrapped: as Azure does, or one record a line. Firewall logs are always lines.")
    var format: Format = .records

    func validate() throws {
        guard seed >= 0 else { throw ValidationError("--seed takes 0 or more.") }
        guard paced >= 0, paced <= 86_400 else { throw ValidationError("--paced takes 0 to 86400 seconds.") }
        let drops = URL(fileURLWithPath: output).appendingPathComponent("drops").path
        guard !FileManager.default.fileExists(atPath: drops) else {
            throw ValidationError("\(drops) exists already. Drops only grow: choose another --output or remove it.")
        }
    }

    func run() throws {
        let folder = URL(fileURLWithPath: output)
        let lab = Lab(LabOptions(seed: UInt64(seed), isFixed: fixed, hasWish: wish, isSmall: small))
        // The network is older than its traffic: findings that rest on older flows than the export are less sure.
        let date = Date(timeIntervalSince1970: Double(lab.schedule.base - Clock.hour) / Double(Clock.second))
        try write(lab.topologyText(), to: "topology/resources.json", in: folder, dated: date)
        try write(lab.overlayText(), to: "topology/overlay.json", in: folder, dated: date)

        let sources = lab.sources(flowLogWrapper: format == .records ? .records : .lines)
        var writer = DropWriter(schedule: lab.schedule, sources: sources, folder: folder)
        try grow(&writer, of: lab)
        var contents = lab.contents()
        contents.drops = writer.drops
        try write(lab.truthText(contents), to: "truth.json", in: folder)
        FileHandle.standardError.write(
            Data(
                """
                flowgen: seed \(seed): \(contents.drops.count) drops, \(contents.records) records, \
                \(contents.flows) flows, \(contents.metrics) metric points in \(folder.path)

                """.utf8))
    }

    /// All steps, spread over the wished time; what is late already does not wait.
    private func grow(_ writer: inout DropWriter, of lab: Lab) throws {
        var random = lab.random("interleaving")
        let steps = writer.steps
        let begin = ContinuousClock.now
        for step in 0..<steps {
            try writer.grow(step: step, &random)
            let wait = begin + .seconds(paced * Double(step + 1) / Double(steps)) - .now
            if wait > .zero { Thread.sleep(forTimeInterval: wait / .seconds(1)) }
        }
        try writer.finish()
    }

    /// Writes a page whole: beside its place first, then renamed.
    private func write(_ text: String, to name: String, in folder: URL, dated date: Date? = nil) throws {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        guard let date else { return try Data(text.utf8).write(to: url, options: .atomic) }
        let draft = url.appendingPathExtension("draft")
        try Data(text.utf8).write(to: draft)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: draft.path)
        guard rename(draft.path, url.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
