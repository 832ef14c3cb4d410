/// Lower case, without a slash at the end: how ids compare (topology exports, 10).
func canonicalID(_ id: String) -> String {
    var id = id.lowercased()
    while id.utf8.count > 1, id.utf8.last == UInt8(ascii: "/") { id.removeLast() }
    return id
}

/// The id of what holds the resource: `…/virtualnetworks/v/subnets/s` → `…/virtualnetworks/v`.
func parentID(_ id: String) -> String {
    var slashes = 0
    for index in id.utf8.indices.reversed() where id.utf8[index] == UInt8(ascii: "/") {
        slashes += 1
        if slashes == 2 { return String(id[..<index]) }
    }
    return ""
}

func lastPart(_ id: String) -> String {
    let bytes = id.utf8
    var end = bytes.endIndex
    while end > bytes.startIndex, bytes[bytes.index(before: end)] == UInt8(ascii: "/") {
        end = bytes.index(before: end)
    }
    guard let slash = bytes[..<end].lastIndex(of: UInt8(ascii: "/")) else { return String(id[..<end]) }
    return String(id[id.index(after: slash)..<end])
}

/// The last segment but one, which names the kind: `…/privatelinkservices/p` → `privatelinkservices`.
func kindPart(_ id: String) -> String {
    guard let slash = id.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return lastPart(String(id[..<slash]))
}

/// The type that an id spells (topology exports, 9): `…/providers/microsoft.network/routetables/t/routes/r` →
/// `microsoft.network/routetables/routes`; nil where it spells none.
func resourceType(ofID id: String) -> String? {
    let parts = id.lowercased().split(separator: "/")
    guard let providers = parts.lastIndex(of: "providers"), providers + 2 < parts.count else { return nil }
    let kinds = stride(from: providers + 2, to: parts.count, by: 2).map { parts[$0] }
    return "\(parts[providers + 1])/\(kinds.joined(separator: "/"))"
}
