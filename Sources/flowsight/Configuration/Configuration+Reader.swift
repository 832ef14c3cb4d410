import Foundation
import FlowModel
import Tail

extension Configuration {
    /// Reads a configuration file; relative paths in it are relative to its folder.
    ///
    /// `embedded` is the flag `--embedded`: it stands for `database.embedded: true` and contradicts `database.uri`.
    ///
    /// | key | type | default | meaning |
    /// |---|---|---|---|
    /// | `state_directory` | path | `/var/lib/flowsight` | what the daemon owns; the private server lives under it |
    /// | `database.embedded` | bool | `false` | a private PostgreSQL under the state directory |
    /// | `database.uri` | text | | `postgresql://…` of an external server |
    /// | `database.password_file` | path | | file whose first line is the password |
    /// | `drops[].path` | path | | folder that log exporters write to |
    /// | `drops[].include`, `.exclude` | globs | `defaultInclude`, none | which of its files are drops |
    /// | `topology.paths` | paths | none | exports, overlays, and folders of them |
    /// | `receivers[].name`, `.type`, `.url`, `.secret_file` | | `generic` | who gets the alerts |
    static func read(file: String, embedded: Bool) throws -> Configuration {
        let (configuration, problems) = try parse(file: file, embedded: embedded)
        guard problems.isEmpty else { throw ConfigurationError(file: file, problems: problems) }
        return configuration
    }

    /// The same, with what could be understood beside all that is wrong; throws only where the file is no JSON.
    static func parse(file: String, embedded: Bool) throws -> (Configuration, [ConfigurationProblem]) {
        let document: JSONValue
        var bytes: [UInt8] = []
        do {
            bytes = Array(try Data(contentsOf: URL(filePath: file)))
            document = try JSONValue(parsing: bytes)
        } catch let error as JSONError {
            let problem = "is no JSON: \(error.reason) in \(place(of: error.offset, in: bytes))"
            throw ConfigurationError(file: file, problems: [.init(key: "file", problem: problem)])
        } catch {
            throw ConfigurationError(
                file: file, problems: [.init(key: "file", problem: "cannot be read: \(error.localizedDescription)")])
        }
        let folder = URL(filePath: file).deletingLastPathComponent()
        var configuration = Configuration()
        let reader = ObjectReader(document, path: "")
        configuration.apply(reader, embedded: embedded) { path in
            URL(filePath: path, relativeTo: folder).standardizedFileURL.path(percentEncoded: false).withoutTrailingSlash
        }
        reader.finish()
        return (configuration, reader.problems)
    }

    private mutating func apply(_ reader: ObjectReader, embedded: Bool, absolute: (String) -> String) {
        stateDirectory = absolute(reader.string("state_directory") ?? stateDirectory)
        applyDatabase(reader, embedded: embedded, absolute: absolute)
        reader.objects("drops") { drop in
            let include = drop.strings("include") ?? Configuration.defaultInclude
            let exclude = drop.strings("exclude") ?? []
            guard let path = drop.text("path", "the folder to read") else { return }
            drops.append(DropFolder(path: absolute(path), include: include, exclude: exclude))
            dropPlaces.append(drop.path)
        }
        reader.object("topology") { topology in
            topologyPaths = (topology.strings("paths") ?? []).map(absolute)
        }
        reader.objects("receivers") { receiver in applyReceiver(receiver, absolute: absolute) }
    }

    private mutating func applyDatabase(_ reader: ObjectReader, embedded: Bool, absolute: (String) -> String) {
        var isEmbedded = embedded
        var uri: String?
        reader.object("database") { database in
            isEmbedded = database.bool("embedded") ?? false || embedded
            uri = database.string("uri")
            let passwordFile = database.string("password_file").map(absolute)
            if isEmbedded, uri != nil {
                database.report("uri", "contradicts an embedded database: give one of the two")
            }
            if let uri { self.database = .external(uri: uri, passwordFile: passwordFile) }
        }
        if !isEmbedded, uri == nil {
            reader.report("database", #"is missing: {"embedded": true}, or {"uri": "postgresql://…"}"#)
        }
        if isEmbedded { self.database = .embedded }
    }

    private mutating func applyReceiver(_ receiver: ObjectReader, absolute: (String) -> String) {
        let name = receiver.text("name", "what the log and the outbox call it")
        let url = receiver.text("url", "where alerts are sent")
        let type = receiver.string("type") ?? "generic"
        let secretFile = receiver.string("secret_file").map(absolute)
        guard let name, let url else { return }
        if receivers.contains(where: { $0.name == name }) { receiver.report("name", "stands twice: \(name)") }
        if type != "generic" { receiver.report("type", "is unknown: \(type); known: generic") }
        receivers.append(Receiver(name: name, type: type, url: url, secretFile: secretFile, place: receiver.path))
    }
}

extension String {
    fileprivate var withoutTrailingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}

/// An editor's words for a byte's place.
private func place(of offset: Int, in bytes: [UInt8]) -> String {
    let before = bytes.prefix(offset)
    let column = before.count - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0)
    return "line \(before.count { $0 == 10 } + 1), column \(column + 1)"
}
