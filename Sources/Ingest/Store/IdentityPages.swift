import FlowModel
import Postgres

/// The identity pages that one batch adds to one lineage: hashes by source and event minute.
struct IdentityPages {
    /// The columns in the order in which `append` writes them. A test compares this list with the table.
    static let columns = ["lineage", "source", "minute", "batch", "hashes"]
    /// Bytes of one hash in a page.
    static let hashBytes = 16

    private struct Key: Hashable {
        var source: Int32
        /// Minutes since 1970; nil where the hash belongs to no record of the batch.
        var minute: Int64?
    }

    private var pages: [Key: [UInt8]] = [:]

    /// - Parameter source: the database's id, -1 for none (a record without rows).
    mutating func add(_ hash: RecordHash, source: Int32, time: EventTime?) {
        let key = Key(source: source, minute: time.map { floorDivide($0.microseconds, 60_000_000) })
        pages[key, default: []].append(contentsOf: bytes(hash))
    }

    func append(lineage: Int64, batch: Int64, to encoder: inout BinaryRowEncoder) {
        for (key, hashes) in pages {
            encoder.beginRow(fields: IdentityPages.columns.count)
            encoder.int64(lineage)
            if key.source < 0 { encoder.null() } else { encoder.int32(key.source) }
            if let minute = key.minute {
                encoder.timestamptz(unixMicroseconds: minute * 60_000_000)
            } else {
                encoder.null()
            }
            encoder.int64(batch)
            encoder.bytes(hashes)
        }
    }

    /// The hashes of a page; bytes behind the last whole one are left out.
    static func hashes(_ page: [UInt8]) -> [RecordHash] {
        var found: [RecordHash] = []
        found.reserveCapacity(page.count / hashBytes)
        for start in stride(from: 0, to: page.count - hashBytes + 1, by: hashBytes) {
            found.append(RecordHash(upper: word(page, start), lower: word(page, start + 8)))
        }
        return found
    }

    private static func word(_ bytes: [UInt8], _ start: Int) -> UInt64 {
        bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func bytes(_ hash: RecordHash) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(IdentityPages.hashBytes)
        for half in [hash.upper, hash.lower] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: half >> shift))
            }
        }
        return bytes
    }
}

/// Finds records of a batch by hash. An advance lists its hashes in the order of the records, so the next is nearly
/// always the one behind the last; only what is not there costs a dictionary.
struct RecordFinder {
    private let records: [RecordOrigin]
    private var next = 0
    private var table: [RecordHash: Int]?

    init(_ records: [RecordOrigin]) { self.records = records }

    mutating func index(of hash: RecordHash) -> Int? {
        if next < records.count, records[next].hash == hash {
            next += 1
            return next - 1
        }
        if table == nil {
            table = Dictionary(zip(records.map(\.hash), records.indices), uniquingKeysWith: { first, _ in first })
        }
        guard let found = table?[hash] else { return nil }
        next = found + 1
        return found
    }
}
