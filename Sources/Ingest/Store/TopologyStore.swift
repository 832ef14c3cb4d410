internal import Digest
package import FlowModel
package import Postgres
internal import Runtime

/// Keeps the versions of the topology, and since when each is valid. One thread's, as its connection is.
package final class TopologyStore {
    /// What one version is, for those who look at it.
    package struct Counts: Sendable, Hashable {
        package var resources: Int
        package var vnets: Int
        package var privateEndpoints: Int
        package var firewalls: Int
        package var problems: Int

        package init(resources: Int, vnets: Int, privateEndpoints: Int, firewalls: Int, problems: Int) {
            self.resources = resources
            self.vnets = vnets
            self.privateEndpoints = privateEndpoints
            self.firewalls = firewalls
            self.problems = problems
        }
    }

    private let connection: Connection
    private let duration: Duration

    /// - Parameter deadline: how long a statement may take; storing or reading a whole version takes up to ten times as
    ///   long.
    package init(connection: Connection, deadline: Duration) {
        self.connection = connection
        duration = deadline
    }

    /// All validities.
    package func timeline() throws(StoreError) -> TopologyTimeline {
        do throws(PostgresError) {
            return try readTimeline(.after(duration))
        } catch {
            throw StoreError(place: "reading since when topologies are valid", cause: error)
        }
    }

    /// Makes a version the one that is valid now, in one transaction; where it is already, nothing is written.
    ///
    /// - Parameters:
    ///   - version: digest of everything that it was read from.
    ///   - age: of its files; decides when the validity begins.
    ///   - now: the wall clock: no validity begins after it.
    ///   - document: its canonical document; asked for only where the database does not hold it. Nil where it is gone:
    ///     then nothing is stored, and the call throws.
    /// - Returns: all validities, the last one that of `version`.
    package func keep(
        _ version: String, _ counts: Counts, age: TopologyAge, now: EventTime, document: () -> [UInt8]?
    ) throws(StoreError) -> TopologyTimeline {
        let deadline = Deadline.after(duration * 10)
        do throws(PostgresError) {
            return try connection.transaction(deadline: deadline) { () throws(PostgresError) in
                // Two daemons, or a daemon and a replay: validities begin one after the other.
                let lock: Int64 = 0x464c_4f57_0002
                try connection.execute("SELECT pg_advisory_xact_lock(\(lock))", deadline: deadline)
                let known = try readTimeline(deadline)
                if known.validities.last?.version == version { return known }
                try writeDocument(version, counts, deadline, document)
                let begin = age.validityBegin(after: known.validities.last?.validFrom, now: now)
                try connection.execute(
                    "INSERT INTO flowsight.topology_validity (valid_from, version) VALUES ($1::timestamptz, $2)",
                    [.text(begin.description), .text(version)], deadline: deadline)
                return TopologyTimeline(known.validities + [.init(validFrom: begin, version: version)])
            }
        } catch {
            throw StoreError(place: "storing a version of the topology", cause: error)
        }
    }

    /// The canonical document of a version; nil where there is none.
    package func document(of version: String) throws(StoreError) -> [UInt8]? {
        do throws(PostgresError) {
            return try readDocument(version, .after(duration * 10))
        } catch {
            throw StoreError(place: "reading a version of the topology", cause: error)
        }
    }

    // MARK: Parts

    private func readTimeline(_ deadline: Deadline) throws(PostgresError) -> TopologyTimeline {
        let rows = try connection.execute(
            "SELECT \(microseconds("valid_from")), version FROM flowsight.topology_validity ORDER BY valid_from",
            deadline: deadline)
        return TopologyTimeline(
            rows.compactMap { row in
                guard let time = row.integer(0), let version = row.string(1) else { return nil }
                return TopologyTimeline.Validity(validFrom: EventTime(microseconds: time), version: version)
            })
    }

    private func writeDocument(
        _ version: String, _ counts: Counts, _ deadline: Deadline, _ document: () -> [UInt8]?
    ) throws(PostgresError) {
        let stored = try connection.execute(
            "SELECT true FROM flowsight.topology_document WHERE version = $1", [.text(version)], deadline: deadline)
        guard stored.count == 0 else { return }
        guard let bytes = document() else {
            throw PostgresError(code: .statement, message: "the files of this version have changed meanwhile")
        }
        let chunks = contentChunks(of: bytes)
        let hashes = chunks.map { RecordHash(of: bytes[$0].span).description }
        let missing = try missingChunks(hashes, deadline)
        for (chunk, hash) in zip(chunks, hashes) where missing.contains(hash) {
            try connection.execute(
                "INSERT INTO flowsight.topology_chunk (hash, bytes) VALUES ($1::uuid, $2) ON CONFLICT DO NOTHING",
                [.text(hash), .bytes(Array(bytes[chunk]))], deadline: deadline)
        }
        try connection.execute(
            """
            INSERT INTO flowsight.topology_document
                (version, resources, vnets, private_endpoints, firewalls, problems, bytes, chunks)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8::uuid[])
            """,
            [
                .text(version), .integer(Int64(counts.resources)), .integer(Int64(counts.vnets)),
                .integer(Int64(counts.privateEndpoints)), .integer(Int64(counts.firewalls)),
                .integer(Int64(counts.problems)), .integer(Int64(bytes.count)), array(hashes),
            ], deadline: deadline)
    }

    private func missingChunks(_ hashes: [String], _ deadline: Deadline) throws(PostgresError) -> Set<String> {
        let rows = try connection.execute(
            """
            SELECT DISTINCT replace(hash::text, '-', '') FROM unnest($1::uuid[]) AS wanted(hash)
            WHERE NOT EXISTS (SELECT FROM flowsight.topology_chunk c WHERE c.hash = wanted.hash)
            """, [array(hashes)], deadline: deadline)
        return Set(rows.compactMap { $0.string(0) })
    }

    private func readDocument(_ version: String, _ deadline: Deadline) throws(PostgresError) -> [UInt8]? {
        let found = try connection.execute(
            "SELECT bytes, cardinality(chunks) FROM flowsight.topology_document WHERE version = $1", [.text(version)],
            deadline: deadline)
        guard let size = found.first?.integer(0), let count = found.first?.integer(1) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(size))
        // Some at a time: an answer is held in memory as text, twice as large as its bytes.
        for start in stride(from: Int64(1), through: count, by: TopologyStore.chunksPerAnswer) {
            let rows = try connection.execute(
                """
                SELECT c.bytes FROM flowsight.topology_document d
                CROSS JOIN unnest(d.chunks[($2::integer):($3::integer)]) WITH ORDINALITY AS piece(hash, place)
                JOIN flowsight.topology_chunk c ON c.hash = piece.hash
                WHERE d.version = $1 ORDER BY piece.place
                """,
                [.text(version), .integer(start), .integer(start + Int64(TopologyStore.chunksPerAnswer) - 1)],
                deadline: deadline)
            for row in rows { bytes += row.bytes(0) ?? [] }
        }
        guard bytes.count == Int(size) else { throw unexpected("\(bytes.count) of \(size) bytes of a topology") }
        return bytes
    }

    private static let chunksPerAnswer = 32

    private func array(_ texts: [String]) -> Parameter { .text("{" + texts.joined(separator: ",") + "}") }
}
