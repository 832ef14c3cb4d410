import Digest
import FlowModel

/// The ids of dictionary texts, observers and endpoints that the database has given, by hash.
///
/// What a transaction adds is pending until the transaction has committed: an id of a transaction that was rolled back
/// does not exist. One thread's, like the connection it belongs to.
final class Vocabulary {
    /// One dictionary table each.
    enum Table: String, CaseIterable {
        case source, format, vantage, rule, acl, file, observer, endpoint

        /// Columns beside `id` and `hash`, with their types.
        var columns: [(name: String, type: String)] {
            switch self {
            case .observer: [("kind", "text"), ("key", "text")]
            case .endpoint:
                [("kind", "text"), ("key", "text"), ("name", "text"), ("subnet", "text"), ("domain", "integer")]
            default: [("name", "text")]
            }
        }
    }

    /// Ids that are kept, of all tables together; above it the memory starts anew. 24 bytes each.
    let limit: Int
    private var committed: [Table: [RecordHash: Int32]] = [:]
    private var pending: [Table: [RecordHash: Int32]] = [:]

    init(limit: Int = 200_000) { self.limit = limit }

    func id(_ hash: RecordHash, in table: Table) -> Int32? { committed[table]?[hash] ?? pending[table]?[hash] }

    func add(_ id: Int32, _ hash: RecordHash, to table: Table) { pending[table, default: [:]][hash] = id }

    /// The transaction has committed.
    func keep() {
        guard !pending.isEmpty else { return }
        let size = committed.values.reduce(0) { $0 + $1.count } + pending.values.reduce(0) { $0 + $1.count }
        if size > limit { committed.removeAll() }
        for (table, ids) in pending { committed[table, default: [:]].merge(ids) { _, new in new } }
        pending.removeAll()
    }

    /// The transaction was rolled back.
    func forget() { pending.removeAll() }
}

/// One line of a dictionary table that a batch needs.
struct Term {
    var hash: RecordHash
    /// The values of the table's columns, in their order.
    var values: [Value]

    enum Value {
        case text(String?)
        case integer(Int64)
    }

    init(text: String) {
        hash = hashOf([text])
        values = [.text(text)]
    }

    init(_ observer: Observer) {
        let key = storable(observer.key)
        hash = hashOf([observer.kind.rawValue, key])
        values = [.text(observer.kind.rawValue), .text(key)]
    }

    init(_ endpoint: Endpoint) {
        let id = storable(endpoint.id)
        let name = storable(endpoint.name)
        let subnet = endpoint.subnet.map(storable)
        hash = hashOf([endpoint.kind.rawValue, id, name, subnet ?? "", String(endpoint.domain)])
        values = [
            .text(endpoint.kind.rawValue), .text(id), .text(name), .text(subnet), .integer(Int64(endpoint.domain)),
        ]
    }
}

/// The hash of texts that hold no NUL, one after the other with a NUL between them.
private func hashOf(_ texts: [String]) -> RecordHash {
    var bytes: [UInt8] = []
    for (index, text) in texts.enumerated() {
        if index > 0 { bytes.append(0) }
        bytes.append(contentsOf: text.utf8)
    }
    return RecordHash(of: bytes.span)
}

/// The text as PostgreSQL can hold it: NUL becomes U+FFFD.
func storable(_ text: String) -> String {
    guard text.utf8.contains(0) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{fffd}" : $0 }))
}
