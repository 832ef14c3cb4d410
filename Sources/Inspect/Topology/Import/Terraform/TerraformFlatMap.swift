internal import FlowModel

/// Flat attributes of states of version 3 made into lists and blocks again.
///
/// `subnet.#` counts a list, `subnet.1234.name` is a member of its element 1234 (a position, or a hash where the list
/// is a set), `tags.%` counts a map. All values are texts.
struct TerraformFlatMap {
    /// Parts of a key, as many as JSON nests.
    static let depthLimit = JSONScanner.depthLimit

    private(set) var attributes = TerraformAttributes([:])
    /// Keys of more parts, which are left out, sorted.
    private(set) var tooDeep: [String] = []

    init(_ members: [String: JSONValue]) {
        attributes = TerraformAttributes(object(members.map { (Substring($0.key), $0.value) }, depth: 1))
        tooDeep.sort()
    }

    private mutating func object(
        _ entries: [(path: Substring, value: JSONValue)], depth: Int
    ) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        var nested: [Substring: [(path: Substring, value: JSONValue)]] = [:]
        for (path, value) in entries {
            guard let dot = path.firstIndex(of: ".") else {
                result[String(path)] = value
                continue
            }
            guard depth < TerraformFlatMap.depthLimit else {
                tooDeep.append(path.base)
                continue
            }
            nested[path[..<dot], default: []].append((path[path.index(after: dot)...], value))
        }
        for (key, entries) in nested { result[String(key)] = collection(entries, depth: depth + 1) }
        return result
    }

    private mutating func collection(_ entries: [(path: Substring, value: JSONValue)], depth: Int) -> JSONValue {
        if entries.contains(where: { $0.path == "%" }) {
            // A map's key may hold dots: the rest of the path is the key.
            let pairs = entries.filter { $0.path != "%" }.map { (String($0.path), $0.value) }
            return .object(Dictionary(pairs) { first, _ in first })
        }
        let members = object(entries.filter { $0.path != "#" }, depth: depth)
        // Without a count it is an element of a list of blocks.
        guard entries.contains(where: { $0.path == "#" }) else { return .object(members) }
        // By position; hashes sort as numbers, too, so that the same state gives the same order.
        let keys = members.keys.sorted { (Int($0) ?? .max, $0) < (Int($1) ?? .max, $1) }
        return .array(keys.compactMap { members[$0] })
    }
}
