import ArgumentParser
import Foundation
import Logging
import Tail
import Topology

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Tail the drop folders for ever: store, judge, alert.",
        discussion: """
            Ends on SIGTERM or SIGINT, within 10 seconds, whatever the database does. Reads the topology anew on SIGHUP, and \
            when a file of it changes. Talks on standard error.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Option(help: "The least level that is logged: trace, debug, info, notice, warning, error.")
    var logLevel = LogLevel.info

    func run() async throws {
        let log = makeLog(level: logLevel.level)
        let configuration = try options.read()
        guard !configuration.drops.isEmpty else {
            say("flowsight: \(options.file): drops: is missing: run needs a folder to read")
            throw Exit.configuration
        }
        // Until there is somebody to read anew, a reload that comes too early must not end the program.
        signal(SIGHUP, SIG_IGN)
        let topology = try readTopologyFiles(configuration.topologyPaths)
        let database = try openDatabase(configuration, log: log)
        log.info(
            "running",
            metadata: [
                "version": "\(Flowsight.version)", "drops": "\(configuration.drops.map(\.path))",
                "topology.version": "\(topology.topology.version)",
            ])
        defer { database.close() }
        try await Pipeline(configuration: configuration, database: database, topology: topology, log: log)
            .runUntilSignal()
        log.info("stopped")
    }
}

/// A log level as an argument; swift-log's own type is not ours to extend.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error

    var level: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}
