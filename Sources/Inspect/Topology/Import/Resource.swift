internal import FlowModel

/// One Azure resource, merged from everything that was said of it, its children inside.
struct Resource: Sendable {
    /// Lower-cased.
    let id: String
    /// Lower-cased, `microsoft.network/virtualnetworks`.
    let type: String
    let fields: Fields

    /// Name and last segment of the id may differ: people know the name (topology exports, 12).
    var name: String {
        guard let name = fields.text("name") else { return lastPart(id) }
        // A name without a slash stays the text that others share.
        return name.utf8.contains(UInt8(ascii: "/")) ? lastPart(name) : name
    }
}

/// Merged resources, those of each type sorted by id.
struct ResourcesByType {
    /// Lower-cased type → its resources.
    private let resources: [String: [Resource]]

    init(_ sorted: [Resource]) { resources = Dictionary(grouping: sorted, by: \.type) }

    var types: [String] { Array(resources.keys) }

    subscript(type: String) -> [Resource] { resources[type] ?? [] }
}
