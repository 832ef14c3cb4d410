internal import FlowModel

/// Flat attributes of states of version 3 made into lists and blocks again.
///
/// `subnet.#` counts a list, `subnet.1234.name` is a member of its element 1234 (a position, or a hash where the list
/// is a set), `tags.%` counts a map. All values are texts.
struct TerraformFlatMap {
    private let members: [String: JSONValue]

    init(_ members: [String: JSONValue]) { self.members = members }

    func attributes() -> TerraformAttributes {
        TerraformAttributes(object(members.map { (Substring($0.key), $0.value) }))
    }

    private func object(_ entries: [(path: Substring, value: JSONValue)]) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        var nested: [Substring: [(path: Substring, value: JSONValue)]] = [:]
        for (path, value) in entries {
            guard let dot = path.firstIndex(of: ".") else {
                result[String(path)] = value
                continue
            }
            nested[path[..<dot], default: []].append((path[path.index(after: dot)...], value))
        }
        for (key, entries) in nested { result[String(key)] = collection(entries) }
        return result
    }

    private func collection(_ entries: [(path: Substring, value: JSONValue)]) -> JSONValue {
        if entries.contains(where: { $0.path == "%" }) {
            // A map's key may hold dots: the rest of the path is the key.
            let pairs = entries.filter { $0.path != "%" }.map { (String($0.path), $0.value) }
            return .object(Dictionary(pairs) { first, _ in first })
        }
        let members = object(entries.filter { $0.path != "#" })
        // Without a count it is an element of a list of blocks.
        guard entries.contains(where: { $0.path == "#" }) else { return .object(members) }
        // By position; hashes sort as numbers, too, so that the same state gives the same order.
        let keys = members.keys.sorted { (Int($0) ?? .max, $0) < (Int($1) ?? .max, $1) }
        return .array(keys.compactMap { members[$0] })
    }
}
