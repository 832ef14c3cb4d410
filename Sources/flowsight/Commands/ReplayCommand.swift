import ArgumentParser
import FlowModel
import Foundation
import Ledger
import Logging
import Notify
import Postgres
import Runtime
import Store
import Tail
import Topology

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Read drops once, to their end; judge, deliver, exit.",
        discussion: """
            Folders are walked for *.json, *.jsonl and their .gz forms; files are read whatever their name. What is \
            stored already is not stored again. The end of the input moves no watermark: what lies within the lateness \
            of the newest event stays undecided, as it would in run.

            Exit codes: 0 done, 1 alerts were left undelivered, 2 findings are open and --fail-on-findings is given, \
            65 a path cannot be read or holds no record and no envelope, 78 wrong configuration.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "Drops, or folders of drops.")
    var paths: [String]

    @Flag(help: "Print the counts as one JSON object.")
    var json = false

    @Flag(help: "Exit with 2 where a finding is open at the end.")
    var failOnFindings = false

    @Option(help: ArgumentHelp("How long to try to deliver alerts.", valueName: "seconds"))
    var deliverTimeout: Int = 30

    func run() async throws {
        let log = makeLog(level: .warning)
        let configuration = try options.read()
        let topology = try readTopologyFiles(configuration.topologyPaths)
        let drops = try paths.map { try listDrops([$0]) }
        let database = try openDatabase(configuration, log: log)
        defer { database.close() }
        let connections = [try database.connect(stop: nil), try database.connect(stop: nil)]
        defer { for connection in connections { connection.close() } }
        let store = Store(connection: connections[0], deadline: Database.patience)
        let ledger = Ledger(connection: connections[1])

        let shelf = try TopologyShelf(
            topology, in: TopologyStore(connection: connections[1], deadline: Database.patience))
        let loader = Loader(store: store, shelf: shelf, judgedUntil: try ledger.evaluatedUntil())
        let isWhole = try load(drops, with: loader)
        let judge = try Judge(
            store: store, ledger: ledger, shelf: shelf, receivers: configuration.receivers.map(\.name),
            stop: StopSignal())
        try judge.evaluate()
        let left = try deliver(configuration, database: database, log: log)
        let open = try ledger.openFindings().count
        let summary = ReplaySummary(
            drops: drops.joined().count, counts: loader.counts, opened: judge.opened, resolved: judge.resolved,
            open: open,
            undecided: judge.undecided)
        print(json ? summary.json : summary.text)
        if loader.rowsBeforeJudged > 0 {
            say(
                "flowsight: \(loader.rowsBeforeJudged) rows are older than what was judged before; they are stored, and no "
                    + "finding opens from them: replay the drops of one span of time in one call")
        }
        if left > 0 {
            say("flowsight: \(left) alerts were not delivered within \(deliverTimeout) s; they stay in the outbox")
            throw Exit.failed
        }
        if !isWhole { throw Exit.unusableInput }
        if failOnFindings, open > 0 { throw Exit.findingsOpen }
    }

    /// Reads every drop to its end. False where one could not be read, or a path held nothing; the others are read.
    private func load(_ drops: [[String]], with loader: Loader) throws -> Bool {
        var bar = ProgressBar(total: drops.joined().count, label: "reading")
        defer { bar.end() }
        var isWhole = true
        for (path, drops) in zip(paths, drops) {
            var holdsLog = false
            for drop in drops {
                do {
                    if try load(drop, with: loader) { holdsLog = true }
                } catch let error as TailError where error.underlying == nil {
                    say("flowsight: \(error)")
                    isWhole = false
                }
                bar.advance()
            }
            if !holdsLog { say("flowsight: \(path): holds neither a record nor a log's envelope") }
            isWhole = isWhole && holdsLog
        }
        return isWhole
    }

    /// - Returns: true where the drop holds a record or a log's envelope.
    private func load(_ drop: String, with loader: Loader) throws -> Bool {
        let reader = DropReader(path: drop, clock: SystemClock())
        var progress = Loader.Step.Progress.more
        while progress == .more { progress = try loader.step(reader).progress }
        if progress == .vanished { say("flowsight: \(drop): vanished while it was read") }
        try loader.finish(reader)
        return reader.holdsLog
    }

    private func deliver(_ configuration: Configuration, database: Database, log: Logger) throws -> Int {
        guard !configuration.receivers.isEmpty else { return 0 }
        let dispatcher = try makeDispatcher(configuration, database: database, stop: StopSignal(), log: log)
        return try dispatcher.deliverPending(timeout: .seconds(deliverTimeout))
    }
}

/// The drops under the given paths: files whatever their name, and what folders hold of the usual names, sorted.
///
/// A path that cannot be read, or paths that lead to no drop at all, end the command with 65.
func listDrops(_ paths: [String]) throws -> [String] {
    var drops: [String] = []
    for path in paths {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            say("flowsight: \(path): there is no such file or folder")
            throw Exit.unusableInput
        }
        guard isFolder.boolValue else {
            let type = try? FileManager.default.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath)[
                .type]
            guard type as? FileAttributeType == .typeRegular else {
                say("flowsight: \(path): is no regular file")
                throw Exit.unusableInput
            }
            guard FileManager.default.isReadableFile(atPath: path) else {
                say("flowsight: \(path): cannot be read; check its permissions")
                throw Exit.unusableInput
            }
            drops.append(path)
            continue
        }
        let report = FolderWatcher.list(
            [DropFolder(path: path, include: Configuration.defaultInclude)], clock: SystemClock())
        for notice in report.notices { say("flowsight: \(notice)") }
        drops += report.changes.map(\.path)
    }
    guard !drops.isEmpty else {
        say(
            "flowsight: no drop is named like \(Configuration.defaultInclude.joined(separator: ", ")) in the given folders"
        )
        throw Exit.unusableInput
    }
    return drops
}
