import Foundation
import Topology

/// Reads exports and overlays: each path is a file, or a folder of which every `*.json` is read, at any depth.
///
/// What cannot be read or used is told, and ends the command with 65. No path at all is an empty topology.
func readTopology(paths: [String]) throws -> Topology {
    do {
        return try Topology(documents: documents(of: paths))
    } catch let error as TopologyFileError {
        say("flowsight: \(error)")
    } catch let error as TopologyError {
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

private func documents(of paths: [String]) throws -> [TopologyDocument] {
    var documents: [TopologyDocument] = []
    // A file that two paths reach is one document.
    for path in Set(try paths.flatMap(topologyFiles)).sorted() {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw TopologyFileError(path: path, problem: "cannot be read")
        }
        documents.append(TopologyDocument(name: path, bytes: Array(bytes)))
    }
    return documents
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
