import FlowModel
import Postgres
import Runtime

/// Turns terms into the database's ids: from memory, else from the table, else by adding them.
struct TermResolver {
    let connection: Connection
    let deadline: Deadline
    let vocabulary: Vocabulary

    /// Sets `keys[index]` for each term.
    func resolve(
        _ terms: [(index: Int, term: Term)], in table: Vocabulary.Table, into keys: inout [Int32]
    ) throws(PostgresError) {
        var missing: [RecordHash: Term] = [:]
        for (_, term) in terms where vocabulary.id(term.hash, in: table) == nil { missing[term.hash] = term }
        // Sorted: two daemons that add the same terms then take the locks in the same order.
        let hashes = missing.keys.sorted()
        if !hashes.isEmpty {
            try find(hashes, in: table)
            let unknown = hashes.filter { vocabulary.id($0, in: table) == nil }
            if !unknown.isEmpty {
                try insert(unknown.compactMap { missing[$0] }, in: table)
                // What another transaction added at the same moment is there by now, and came back from no INSERT of
                // ours.
                try find(unknown.filter { vocabulary.id($0, in: table) == nil }, in: table)
            }
        }
        for (index, term) in terms {
            guard let id = vocabulary.id(term.hash, in: table) else {
                throw unexpected("a line of \(table.rawValue) was neither found nor added")
            }
            keys[index] = id
        }
    }

    private func find(_ hashes: [RecordHash], in table: Vocabulary.Table) throws(PostgresError) {
        guard !hashes.isEmpty else { return }
        let list = "{" + hashes.map(\.description).joined(separator: ",") + "}"
        remember(
            try connection.execute(
                "SELECT id, replace(hash::text, '-', '') FROM flowsight.\(table.rawValue) WHERE hash = ANY($1::uuid[])",
                [.text(list)], deadline: deadline), in: table)
    }

    private func insert(_ terms: [Term], in table: Vocabulary.Table) throws(PostgresError) {
        let names = table.columns.map(\.name)
        let types = table.columns.map { "\($0.name) \($0.type)" }
        remember(
            try connection.execute(
                """
                INSERT INTO flowsight.\(table.rawValue) (hash, \(names.joined(separator: ", ")))
                SELECT hash, \(names.joined(separator: ", "))
                FROM json_to_recordset($1::json) AS term (hash uuid, \(types.joined(separator: ", ")))
                ON CONFLICT (hash) DO NOTHING RETURNING id, replace(hash::text, '-', '')
                """, [.text(document(terms, names))], deadline: deadline), in: table)
    }

    private func remember(_ rows: Rows, in table: Vocabulary.Table) {
        for row in rows {
            guard let id = row.integer(0), let hash = row.string(1).flatMap({ RecordHash($0) }) else { continue }
            vocabulary.add(Int32(truncatingIfNeeded: id), hash, to: table)
        }
    }

    /// The terms as a JSON array: one parameter, whatever their number.
    private func document(_ terms: [Term], _ names: [String]) -> String {
        var json = JSONWriter()
        json.beginArray()
        for term in terms {
            json.beginObject()
            json.key("hash"); json.value(term.hash.description)
            for (name, value) in zip(names, term.values) {
                json.key(name)
                switch value {
                case .text(let text): json.value(text)
                case .integer(let number): json.value(number)
                }
            }
            json.endObject()
        }
        json.endArray()
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
