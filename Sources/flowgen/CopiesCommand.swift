import ArgumentParser
import Foundation

/// `flowgen copies`: the same drops under other names and in other wrappings.
struct CopiesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copies",
        abstract: "Copies all drops under other names into one flat folder; some compressed anew, some plain.",
        discussion: """
            The content of every drop stays the same, byte for byte. A reader that knows a drop by its content, not by \
            its name, size or compression, finds nothing new in the copies.

            Example:
              flowgen copies --from lab/drops --to copies --seed 7
            """)

    @Option(name: .long, help: ArgumentHelp("The folder that holds the drops, at any depth.", valueName: "dir"))
    var from: String

    @Option(name: .long, help: ArgumentHelp("The folder for the copies; it is made.", valueName: "dir"))
    var to: String

    @Option(name: .long, help: ArgumentHelp("What names and wrappings come from.", valueName: "number"))
    var seed: Int = 1

    /// How a copy is wrapped.
    private enum Wrapping: String, CaseIterable { case same, anew, plain }

    func validate() throws {
        guard seed >= 0 else { throw ValidationError("--seed takes 0 or more.") }
    }

    func run() throws {
        let drops = try found()
        guard !drops.isEmpty else { throw LabError("no drops (.json, .json.gz) under \(from)") }
        let target = URL(fileURLWithPath: to)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        var random = SplitMix64(seed: UInt64(seed), part: "copies")
        var counts: [Wrapping: Int] = [:]
        for (index, drop) in random.shuffled(drops).enumerated() {
            // The first copies have one wrapping each, so that even few drops show all of them.
            let all = Wrapping.allCases
            let wrapping = index < all.count ? all[index] : random.pick(all)
            counts[wrapping, default: 0] += 1
            let name = "copy-\(hex(random.next() >> 24, digits: 10)).json"
            try copy(drop, as: wrapping, to: target, name)
        }
        let talk = Wrapping.allCases.map { "\(counts[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", ")
        FileHandle.standardError.write(Data("flowgen: \(drops.count) copies in \(target.path): \(talk)\n".utf8))
    }

    /// All drops under `from`, sorted, so that a seed gives the same copies; the lab's own pages are none.
    private func found() throws -> [String] {
        let drops = URL(fileURLWithPath: from).appendingPathComponent("drops").path
        let root = FileManager.default.fileExists(atPath: drops) ? drops : from
        guard let walk = FileManager.default.enumerator(atPath: root) else { throw LabError("cannot read \(root)") }
        var paths: [String] = []
        for case let path as String in walk where path.hasSuffix(".json") || path.hasSuffix(".json.gz") {
            paths.append("\(root)/\(path)")
        }
        return paths.sorted()
    }

    private func copy(_ drop: String, as wrapping: Wrapping, to folder: URL, _ name: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: drop)))
        let isGzip = bytes.starts(with: [0x1f, 0x8b])
        let content = isGzip && wrapping != .same ? try Gzip.expanded(bytes) : bytes
        let result = wrapping == .anew ? try Gzip.member(content, level: 9) : content
        let ending = wrapping == .anew || (wrapping == .same && isGzip) ? ".gz" : ""
        try Data(result).write(to: folder.appendingPathComponent(name + ending), options: .atomic)
    }
}
