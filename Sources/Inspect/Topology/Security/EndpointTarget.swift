/// What stands behind a private endpoint, by its resource id.
enum EndpointTarget {
    /// Type and name of `…/providers/microsoft.storage/storageaccounts/name`; nil for an alias or a deeper id. Read from
    /// the end: an estate has a hundred thousand of them.
    static func parts(of id: String) -> (type: String, name: String)? {
        let text = id.utf8
        var slashes: [String.Index] = []
        var index = text.endIndex
        while index > text.startIndex, slashes.count < 4 {
            index = text.index(before: index)
            if text[index] == UInt8(ascii: "/") { slashes.append(index) }
        }
        guard slashes.count == 4, id[..<slashes[2]].hasSuffix("/providers") else { return nil }
        return (String(id[text.index(after: slashes[2])..<slashes[0]]), String(id[text.index(after: slashes[0])...]))
    }
}
