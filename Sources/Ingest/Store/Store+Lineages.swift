package import FlowModel
import Postgres
import Runtime

extension Store {
    /// Ascending by offset, then id.
    package func lineages(head: RecordHash) throws -> [LineageState] {
        let rows = try query(
            """
            SELECT id, byte_offset, records, digest FROM flowsight.lineage WHERE head = $1::uuid
            ORDER BY byte_offset, id
            """,
            [.text(head.description)], "looking for lineages")
        return rows.compactMap { row in
            guard let id = row.integer(0), let offset = row.integer(1), let records = row.integer(2),
                let digest = row.bytes(3)
            else { return nil }
            return LineageState(id: id, head: head, offset: offset, records: records, digest: digest)
        }
    }

    package func recordHashes(lineages: [Int64]) throws -> [RecordHash] {
        guard !lineages.isEmpty else { return [] }
        var found: [RecordHash] = []
        do throws(PostgresError) {
            try readHashes(of: lineages, connection, .after(duration)) { found += $0 }
        } catch {
            throw StoreError(place: "reading record hashes", cause: error)
        }
        return found
    }
}
