import ArgumentParser
import FlowModel
import Foundation
import Notify
import Tail
import Topology

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tell every problem of configuration and topology at once; write nothing.",
        discussion:
            "Exit codes: 0 nothing stands in the way, 65 the topology cannot be used, 78 the configuration is wrong.")

    @OptionGroup var options: ConfigurationOptions

    func run() throws {
        var problems: [ConfigurationProblem]
        let configuration: Configuration
        do {
            (configuration, problems) = try Configuration.parse(file: options.file, embedded: options.embedded)
        } catch let error as ConfigurationError {
            say("flowsight: \(error)")
            throw Exit.configuration
        }
        let error = ConfigurationError(file: options.file, problems: problems)
        problems += problemsOfFiles(in: configuration)
        for problem in problems { say("flowsight: \(options.file): \(problem)") }
        let isTopologyUsable = checkTopology(configuration)
        print("configuration: \(problems.isEmpty ? "ok" : "problems: \(problems.count)")")
        if error.isOnlyAContradiction, options.embedded { throw Exit.usage }
        if !problems.isEmpty { throw Exit.configuration }
        if !isTopologyUsable { throw Exit.unusableInput }
    }

    /// Tells what is wrong with the topology; false where it cannot be used at all.
    private func checkTopology(_ configuration: Configuration) -> Bool {
        // What stands in the way has been told when this throws.
        guard let topology = try? readTopology(paths: configuration.topologyPaths) else { return false }
        for problem in topology.problems {
            say("topology: \(problem.resource): \(problem.field): \(problem.problem)")
        }
        for text in topology.notUnderstood { say("topology: not understood: \(text)") }
        print(
            """
            topology: routing domains: \(topology.placement.domains.count), private endpoints: \
            \(topology.privateEndpoints.count), firewalls: \(topology.firewalls.count), problems: \
            \(topology.problems.count)
            """)
        return true
    }

    private func problemsOfFiles(in configuration: Configuration) -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        for (place, drop) in zip(configuration.dropPlaces, configuration.drops) where !isFolder(drop.path) {
            problems.append(.init(key: "\(place).path", problem: "is no folder: \(drop.path)"))
        }
        if case .external(_, let file?) = configuration.database, !FileManager.default.isReadableFile(atPath: file) {
            problems.append(.init(key: "database.password_file", problem: "cannot be read: \(file)"))
        }
        if case .external(let uri, let file) = configuration.database {
            do {
                _ = try connectionConfiguration(uri: uri, passwordFile: file)
            } catch {
                problems.append(error)
            }
        }
        for receiver in configuration.receivers {
            do {
                _ = try makeReceiver(receiver.asNotifyTakesIt)
            } catch {
                problems.append(.init(key: receiver.place, problem: "\(error)"))
            }
        }
        return problems
    }

    private func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }
}
