/// What stands behind a private endpoint, by its resource id and the groups of its connections. Small: ports and names are
/// made of it when they are asked for, not kept for a hundred thousand endpoints.
struct EndpointTarget {
    /// What many endpoints of an estate have in common.
    struct Service: Hashable {
        /// Lower-cased, `microsoft.storage/storageaccounts`.
        var type: String
        /// Lower-cased ids of groups, `blob`.
        var groups: [String]
    }

    var service: Service
    var name: String

    /// `id` is `…/providers/microsoft.storage/storageaccounts/name` in lower case; nil for an alias or a deeper id.
    init?(id: String, groups: [String]) {
        // Read from the end, once: where the last four slashes stand.
        let text = Array(id.utf8)
        var slashes: [Int] = []
        for index in text.indices.reversed() where text[index] == UInt8(ascii: "/") {
            slashes.append(index)
            if slashes.count == 4 { break }
        }
        guard slashes.count == 4, text[slashes[3]..<slashes[2]].elementsEqual("/providers".utf8) else { return nil }
        service = Service(
            type: String(decoding: text[(slashes[2] + 1)..<slashes[0]], as: UTF8.self),
            groups: groups.map { $0.lowercased() })
        name = String(decoding: text[(slashes[0] + 1)...], as: UTF8.self)
    }
}
