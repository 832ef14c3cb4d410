import FlowModel
import Postgres
import Runtime

extension ExactlyOnceTransaction {
    /// Moves each lineage of the load, or begins it; their ids in the order of the advances.
    ///
    /// The guard: a lineage must stand where its reader believes it to stand. The reader's old position is not part of
    /// an advance, but follows from it: where no record was repeated, it is the new count of records less the new
    /// hashes. Where that is not what is stored, or records were repeated, the hashes themselves decide: a record that
    /// is stored must not come again.
    mutating func moveLineages() throws(PostgresError) -> [Int64] {
        var ids: [Int64] = []
        for advance in load.advances {
            if let lineage = advance.lineage {
                try move(lineage, advance)
                ids.append(lineage)
            } else {
                ids.append(try start(advance))
            }
        }
        return ids
    }

    private mutating func move(_ lineage: Int64, _ advance: LineageAdvance) throws(PostgresError) {
        let rows = try connection.execute(
            "SELECT byte_offset, records FROM flowsight.lineage WHERE id = $1 FOR UPDATE", [.integer(lineage)],
            deadline: deadline)
        guard let offset = rows.first?.integer(0), let records = rows.first?.integer(1) else {
            throw refuse(advance, "lineage \(lineage) is not there")
        }
        guard offset <= advance.offset, records <= advance.records else {
            throw refuse(advance, "lineage \(lineage) stands at byte \(offset), behind \(advance.offset)")
        }
        let follows =
            load.sightings.flows.repeatedRecords == 0 && records == advance.records - Int64(advance.hashes.count)
        if !follows {
            try refuseStored(advance, lineages: [lineage])
        }
        try connection.execute(
            """
            UPDATE flowsight.lineage
            SET byte_offset = $2, records = $3, digest = $4, file = $5, batch = $6, updated_at = now() WHERE id = $1
            """,
            [
                .integer(lineage), .integer(advance.offset), .integer(advance.records), .bytes(advance.digest),
                .text(storable(advance.file)), .integer(batch),
            ], deadline: deadline)
    }

    private mutating func start(_ advance: LineageAdvance) throws(PostgresError) -> Int64 {
        let rivals = try connection.execute(
            "SELECT id FROM flowsight.lineage WHERE head = $1::uuid", [.text(advance.head.description)],
            deadline: deadline)
        try refuseStored(advance, lineages: rivals.compactMap { $0.integer(0) })
        let rows = try connection.execute(
            """
            INSERT INTO flowsight.lineage (head, byte_offset, records, digest, file, batch)
            VALUES ($1::uuid, $2, $3, $4, $5, $6) RETURNING id
            """,
            [
                .text(advance.head.description), .integer(advance.offset), .integer(advance.records),
                .bytes(advance.digest),
                .text(storable(advance.file)), .integer(batch),
            ], deadline: deadline)
        guard let id = rows.first?.integer(0) else { throw unexpected("no id for a lineage") }
        return id
    }

    /// Refuses the load where one of its new records is stored in these lineages already.
    private mutating func refuseStored(_ advance: LineageAdvance, lineages: [Int64]) throws(PostgresError) {
        guard !lineages.isEmpty, !advance.hashes.isEmpty else { return }
        let new = Set(advance.hashes)
        var repeated = 0
        try readHashes(of: lineages, connection, deadline) { hashes in
            repeated += hashes.reduce(0) { $0 + (new.contains($1) ? 1 : 0) }
        }
        if repeated > 0 { throw refuse(advance, "\(repeated) of its records are stored already") }
    }

    private mutating func refuse(_ advance: LineageAdvance, _ detail: String) -> PostgresError {
        refusal = StoreError(
            code: .staleReader, place: step, detail: "\(advance.file): \(detail)",
            hint:
                "another daemon or reader stored this drop meanwhile; it is identified anew; see that one daemon runs"
        )
        return PostgresError(code: .statement, message: detail, isTransient: true)
    }
}

/// Hands the hashes of all pages of these lineages to `each`, page by page.
func readHashes(
    of lineages: [Int64], _ connection: Connection, _ deadline: Deadline, _ each: ([RecordHash]) -> Void
) throws(PostgresError) {
    let list = lineages.map(String.init).joined(separator: ", ")
    var decoder = BinaryRowDecoder()
    try connection.copyOut(
        "COPY (SELECT hashes FROM flowsight.identity_page WHERE lineage IN (\(list))) TO STDOUT (FORMAT binary)",
        deadline: deadline
    ) { chunk throws(PostgresError) in
        decoder.append(chunk)
        while try decoder.beginRow() != nil { each(IdentityPages.hashes(try decoder.bytes() ?? [])) }
    }
}
