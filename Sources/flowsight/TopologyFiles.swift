import FlowModel
import Foundation
import Topology

/// A topology as its files tell it, and how old they are.
struct TopologyReading: Sendable {
    let topology: Topology
    /// What it was made of; let go once it is stored.
    var resources: ResourceSet?
    /// Nil without any file.
    let age: TopologyAge?
    let files: TopologyFiles

    /// The canonical document: of what was read, else of the files where they still say the same; nil where not.
    func document() -> [UInt8]? {
        if let resources { return resources.document(named: topology.version).bytes }
        // Files that cannot be read any more are told of by whoever reads them next.
        guard let again = try? files.read(), again.topology.version == topology.version else { return nil }
        return again.resources?.document(named: topology.version).bytes
    }
}

/// The files under `topology.paths`: each path is a file, or a folder of which every `*.json` and `*.tfstate` is read,
/// at any depth; hidden ones are left out.
struct TopologyFiles: Sendable, Hashable {
    let paths: [String]

    /// Reads exports and overlays. No path at all is an empty topology.
    func read() throws(TopologyFilesError) -> TopologyReading {
        var problems: [String] = []
        let found = find(&problems)
        let resources = readResources(of: found, &problems)
        let topology: Topology
        do throws(TopologyError) {
            topology = try Topology(resources)
        } catch {
            // Files that could not be read are why nothing usable was.
            let isConsequence = error.code == .nothingUsable && !problems.isEmpty
            throw TopologyFilesError(problems: isConsequence ? problems : problems + ["\(error)"])
        }
        guard problems.isEmpty else { throw TopologyFilesError(problems: problems) }
        return TopologyReading(topology: topology, resources: resources, age: age(of: found), files: self)
    }

    /// The same, before a model is made of it.
    func readResources() throws(TopologyFilesError) -> ResourceSet {
        var problems: [String] = []
        let resources = readResources(of: find(&problems), &problems)
        guard problems.isEmpty else { throw TopologyFilesError(problems: problems) }
        return resources
    }

    /// One file is in memory at a time; what is wrong with one keeps none of the others from being told of.
    private func readResources(of found: [String: Stamp], _ problems: inout [String]) -> ResourceSet {
        var resources = ResourceSet()
        for file in found.keys.sorted() where found[file]?.isFolder == false {
            do {
                try resources.add(document(file))
            } catch {
                problems.append("\(error)")
            }
        }
        return resources
    }

    private func document(_ path: String) throws -> TopologyDocument {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw TopologyFilesError(problems: ["\(path): cannot be read"])
        }
        defer { try? file.close() }  // Nothing was written: there is nothing to lose.
        var bytes: [UInt8] = []
        do {
            bytes.reserveCapacity(Int(try file.seekToEnd()) + 1)
            try file.seek(toOffset: 0)
            while let piece = try file.read(upToCount: 1 << 22), !piece.isEmpty { bytes.append(contentsOf: piece) }
        } catch {
            throw TopologyFilesError(problems: ["\(path): cannot be read: \(error.localizedDescription)"])
        }
        return TopologyDocument(name: path, bytes: bytes)
    }

    /// What changes when a file or a folder does.
    func stamps() -> [String: Stamp] {
        var problems: [String] = []
        return find(&problems)
    }

    /// A file or folder as the system tells it.
    struct Stamp: Sendable, Hashable {
        let modified: EventTime
        let changed: EventTime
        let inode: UInt64
        let size: Int64
        let isFolder: Bool

        init?(of path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            modified = EventTime(status.st_mtim)
            changed = EventTime(status.st_ctim)
            inode = UInt64(status.st_ino)
            size = Int64(status.st_size)
            isFolder = status.st_mode & S_IFMT == S_IFDIR
        }
    }

    private func age(of found: [String: Stamp]) -> TopologyAge? {
        let files = found.values.filter { !$0.isFolder }.map(\.modified)
        guard let newest = files.max(), let oldest = files.min() else { return nil }
        let changes = found.values.map { max($0.modified, $0.changed) }
        return TopologyAge(newest: newest, oldest: oldest, changed: changes.max() ?? newest)
    }

    /// Files and the folders that were looked through; a file that two paths reach is one.
    private func find(_ problems: inout [String]) -> [String: Stamp] {
        var found: [String: Stamp] = [:]
        for path in paths {
            guard let stamp = Stamp(of: path) else {
                problems.append("\(path): does not exist")
                continue
            }
            found[path] = stamp
            guard stamp.isFolder else { continue }
            guard let names = FileManager.default.enumerator(atPath: path) else {
                problems.append("\(path): cannot be listed")
                continue
            }
            var hasFile = false
            for case let name as String in names {
                let place = (path as NSString).appendingPathComponent(name)
                let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
                let isExport = [".json", ".tfstate"].contains { name.lowercased().hasSuffix($0) }
                guard !isHidden, let stamp = Stamp(of: place), stamp.isFolder || isExport else { continue }
                found[place] = stamp
                hasFile = hasFile || !stamp.isFolder
            }
            if !hasFile { problems.append("\(path): is a folder without any *.json or *.tfstate") }
        }
        return found
    }
}

/// Why no topology could be made of the files: every problem, each with its file.
struct TopologyFilesError: Error, CustomStringConvertible {
    var problems: [String]

    var description: String { problems.joined(separator: "; ") }
}

/// Reads a topology for a command; what cannot be read or used is told, and ends the command with 65.
func readTopologyFiles(_ paths: [String]) throws -> TopologyReading {
    do throws(TopologyFilesError) {
        return try TopologyFiles(paths: paths).read()
    } catch {
        for problem in error.problems { say("flowsight: \(problem)") }
        throw Exit.unusableInput
    }
}

/// The same, before a model is made of it.
func readResources(paths: [String]) throws -> ResourceSet {
    do throws(TopologyFilesError) {
        return try TopologyFiles(paths: paths).readResources()
    } catch {
        for problem in error.problems { say("flowsight: \(problem)") }
        throw Exit.unusableInput
    }
}

/// The same, for a command that only asks the topology.
func readTopology(paths: [String]) throws -> Topology { try readTopologyFiles(paths).topology }

extension EventTime {
    fileprivate init(_ time: timespec) {
        self.init(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
