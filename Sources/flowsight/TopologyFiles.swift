import Foundation
import Topology

/// Reads exports and overlays: each path is a file, or a folder of which every `*.json` and `*.tfstate` is read, at any
/// depth.
///
/// What cannot be read or used is told, and ends the command with 65. No path at all is an empty topology.
func readTopology(paths: [String]) throws -> Topology {
    let resources = try readResources(paths: paths)
    do {
        return try Topology(resources)
    } catch {
        say("flowsight: \(error)")
        throw Exit.unusableInput
    }
}

/// The same, before a model is made of it. One file is in memory at a time; each is read once, whichever paths reach it.
func readResources(paths: [String]) throws -> ResourceSet {
    var resources = ResourceSet()
    var read: Set<String> = []
    var isWhole = true
    for path in paths {
        do {
            for file in try topologyFiles(at: path) where read.insert(file).inserted {
                do {
                    try resources.add(document(file))
                } catch {
                    // The other files may be wrong, too: all is told at once.
                    say("flowsight: \(error)")
                    isWhole = false
                }
            }
        } catch {
            say("flowsight: \(error)")
            isWhole = false
        }
    }
    guard isWhole else { throw Exit.unusableInput }
    return resources
}

/// A path of the topology that cannot be read.
private struct TopologyFileError: Error, CustomStringConvertible {
    var path: String
    var problem: String

    var description: String { "\(path): \(problem)" }
}

private func document(_ path: String) throws -> TopologyDocument {
    guard let file = FileHandle(forReadingAtPath: path) else {
        throw TopologyFileError(path: path, problem: "cannot be read")
    }
    defer { try? file.close() }  // Nothing was written: there is nothing to lose.
    var bytes: [UInt8] = []
    do {
        bytes.reserveCapacity(Int(try file.seekToEnd()) + 1)
        try file.seek(toOffset: 0)
        while let piece = try file.read(upToCount: 1 << 22), !piece.isEmpty { bytes.append(contentsOf: piece) }
    } catch {
        throw TopologyFileError(path: path, problem: "cannot be read: \(error.localizedDescription)")
    }
    return TopologyDocument(name: path, bytes: bytes)
}

/// The path itself, or the files of a folder in the order of their names; hidden ones are left out.
private func topologyFiles(at path: String) throws -> [String] {
    guard let isDirectory = isFolder(path) else { throw TopologyFileError(path: path, problem: "does not exist") }
    guard isDirectory else { return [path] }
    guard let names = FileManager.default.enumerator(atPath: path) else {
        throw TopologyFileError(path: path, problem: "cannot be listed")
    }
    let files = names.compactMap { $0 as? String }
        .filter { name in
            let name = name.lowercased()
            return name.hasSuffix(".json") || name.hasSuffix(".tfstate")
        }
        .filter { !$0.split(separator: "/").contains { $0.hasPrefix(".") } }
        .map { (path as NSString).appendingPathComponent($0) }
        .filter { isFolder($0) == false }
    guard !files.isEmpty else {
        throw TopologyFileError(path: path, problem: "is a folder without any *.json or *.tfstate")
    }
    return files.sorted()
}

/// Nil where nothing is there.
private func isFolder(_ path: String) -> Bool? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    return isFolder.boolValue
}
