/// One drop under whatever names: what the database knows of it.
package struct LineageState: Sendable, Hashable {
    package var id: Int64
    /// Hash of the first record's bytes.
    package var head: RecordHash
    /// Uncompressed offset after the last whole record that was committed.
    package var offset: Int64
    /// Whole records before that offset.
    package var records: Int64
    /// SHA-256 of all bytes before that offset: 32 bytes.
    package var digest: [UInt8]

    package init(id: Int64, head: RecordHash, offset: Int64, records: Int64, digest: [UInt8]) {
        self.id = id
        self.head = head
        self.offset = offset
        self.records = records
        self.digest = digest
    }
}

/// How far a batch carries a lineage: committed in one transaction with the batch's rows.
package struct LineageAdvance: Sendable {
    /// Nil for a lineage that begins with this batch; the commit gives it its id.
    package var lineage: Int64?
    package var head: RecordHash
    package var offset: Int64
    package var records: Int64
    package var digest: [UInt8]
    /// The drop's path, for people.
    package var file: String
    /// Hashes of the records of this batch that were not repeated.
    package var hashes: [RecordHash]

    package init(
        lineage: Int64?, head: RecordHash, offset: Int64, records: Int64, digest: [UInt8], file: String,
        hashes: [RecordHash]
    ) {
        self.lineage = lineage
        self.head = head
        self.offset = offset
        self.records = records
        self.digest = digest
        self.file = file
        self.hashes = hashes
    }
}

/// What Tail asks the database about lineages. One thread's; errors are the database's.
package protocol LineageStore {
    /// The lineages whose first record has this hash.
    func lineages(head: RecordHash) throws -> [LineageState]
    /// Hashes of all records that these lineages have stored.
    func recordHashes(lineages: [Int64]) throws -> [RecordHash]
}
