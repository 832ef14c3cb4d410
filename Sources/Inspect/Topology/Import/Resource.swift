internal import FlowModel

/// One Azure resource, merged from everything that was said of it, its children inside.
struct Resource: Sendable {
    /// Lower-cased.
    let id: String
    /// Lower-cased, `microsoft.network/virtualnetworks`.
    let type: String
    let fields: Fields

    /// Name and last segment of the id may differ: people know the name (topology exports, 12).
    var name: String { lastPart(fields.text("name") ?? id) }
}
