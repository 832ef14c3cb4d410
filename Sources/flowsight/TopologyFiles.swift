import Foundation
import Topology

/// Reads exports and overlays: each path is a file, or a folder of which every `*.json` is read, at any depth.
///
/// What cannot be read or used is told, and ends the command with 65. No path at all is an empty topology.
func readTopology(paths: [String]) throws -> Topology {
    var documents: [TopologyDocument] = []
    var isWhole = true
    for path in paths {
        do {
            for file in try topologyFiles(at: path) { documents.append(try document(file)) }
        } catch let error as TopologyFileError {
            say("flowsight: \(error)")
            isWhole = false
        }
    }
    do {
        // A file that two paths reach is one document.
        let byName = Dictionary(documents.map { ($0.name, $0) }) { first, _ in first }
        let topology = try Topology(documents: byName.values.sorted { $0.name < $1.name })
        if isWhole { return topology }
    } catch {
        say("flowsight: \(error)")
    }
    throw Exit.unusableInput
}

/// A path of the topology that cannot be read.
private struct TopologyFileError: Error, CustomStringConvertible {
    var path: String
    var problem: String

    var description: String { "\(path): \(problem)" }
}

private func document(_ path: String) throws -> TopologyDocument {
    guard let bytes = FileManager.default.contents(atPath: path) else {
        throw TopologyFileError(path: path, problem: "cannot be read")
    }
    return TopologyDocument(name: path, bytes: Array(bytes))
}

private func topologyFiles(at path: String) throws -> [String] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
        throw TopologyFileError(path: path, problem: "does not exist")
    }
    guard isDirectory.boolValue else { return [path] }
    guard let names = FileManager.default.enumerator(atPath: path) else {
        throw TopologyFileError(path: path, problem: "cannot be listed")
    }
    let files = names.compactMap { $0 as? String }.filter { $0.lowercased().hasSuffix(".json") }
        .map { (path as NSString).appendingPathComponent($0) }
        .filter { file in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) && !isFolder.boolValue
        }
    guard !files.isEmpty else { throw TopologyFileError(path: path, problem: "is a folder without any *.json") }
    return files
}
