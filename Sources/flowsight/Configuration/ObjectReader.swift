import FlowModel

/// Reads the members of one JSON object, remembers which keys were asked for, and collects every problem with its path.
///
/// A key that nobody asked for is a problem of its own: a misspelt setting must not be silence.
final class ObjectReader {
    /// Where the object stands, such as `receivers[1]`; empty for the document.
    let path: String
    private let members: [String: JSONValue]
    private var known: Set<String> = []
    private(set) var problems: [ConfigurationProblem] = []

    init(_ value: JSONValue, path: String) {
        self.path = path
        members = value.object ?? [:]
        if value.object == nil { problems.append(ConfigurationProblem(key: path, problem: "must be an object")) }
    }

    func string(_ key: String) -> String? {
        read(key, "must be a text", \.string)
    }

    /// A text that must be there and not be empty; nil and a problem where it is not.
    func text(_ key: String, _ meaning: String) -> String? {
        let count = problems.count
        if let text = string(key), !text.isEmpty { return text }
        if problems.count == count { report(key, "is missing: \(meaning)") }
        return nil
    }

    func bool(_ key: String) -> Bool? {
        read(key, "must be true or false", \.bool)
    }

    func strings(_ key: String) -> [String]? {
        guard let values = read(key, "must be an array of texts", \.array) else { return nil }
        let texts = values.compactMap(\.string)
        if texts.count != values.count { report(key, "must be an array of texts") }
        return texts
    }

    /// Reads an object under `key` with a reader of its own, whose problems are taken over.
    func object(_ key: String, _ body: (ObjectReader) -> Void) {
        guard let value = value(key) else { return }
        nested(value, at: full(key), body)
    }

    /// Reads each element of an array of objects.
    func objects(_ key: String, _ body: (ObjectReader) -> Void) {
        guard let values = read(key, "must be an array of objects", \.array) else { return }
        for (index, value) in values.enumerated() { nested(value, at: "\(full(key))[\(index)]", body) }
    }

    func report(_ key: String, _ problem: String) {
        problems.append(ConfigurationProblem(key: full(key), problem: problem))
    }

    /// To be called when every key has been asked for: what is left over is unknown.
    func finish() {
        for key in members.keys.sorted() where !known.contains(key) {
            report(key, "is no setting; known here: \(known.sorted().joined(separator: ", "))")
        }
    }

    private func nested(_ value: JSONValue, at path: String, _ body: (ObjectReader) -> Void) {
        let reader = ObjectReader(value, path: path)
        body(reader)
        reader.finish()
        problems += reader.problems
    }

    private func value(_ key: String) -> JSONValue? {
        known.insert(key)
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    private func read<Value>(_ key: String, _ expectation: String, _ cast: (JSONValue) -> Value?) -> Value? {
        guard let value = value(key) else { return nil }
        guard let result = cast(value) else {
            report(key, expectation)
            return nil
        }
        return result
    }

    private func full(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
}
