/// Bounds of one drop's decoding: what keeps hostile or broken input from growing memory.
package struct DecodeLimits: Sendable {
    /// Bytes of one record; a longer one is a dead letter `over_limit` (its bytes are hashed, not kept).
    package var recordBytes = 32 << 20
    /// Flow records and dead tuples of one record; a record with more is a dead letter `over_limit`.
    package var recordRows = 262_144
    /// Broken tuples of one record that become dead letters of their own; with more, the record is one `bad_record`.
    package var recordDeadTuples = 10_000
    /// Rows, points, records or dead letters after which a batch is full. The last record may lead past it.
    package var batchRows = 50_000
    /// Bytes of texts and of dead letters' input after which a batch is full.
    package var batchBytes = 16 << 20

    package init() {}
}

/// How far a drop has been read.
package struct DropCheckpoint: Sendable, Hashable {
    /// Uncompressed offset after the last whole record; 0 before the first.
    package var offset: Int64
    /// Whole records before that offset, dead and repeated ones among them.
    package var records: Int64

    package init(offset: Int64 = 0, records: Int64 = 0) {
        self.offset = offset
        self.records = records
    }
}

/// Why `DropDecoder.decode` came back.
package enum DecodeProgress: Sendable, Hashable {
    /// All whole records that are buffered are decoded: append more bytes, or finish.
    case needsInput
    /// The batch is full: take it away and decode on.
    case batchFull
    /// The checkpoint stands at the offset asked for, or the next whole record would pass it.
    case reachedOffset
}
