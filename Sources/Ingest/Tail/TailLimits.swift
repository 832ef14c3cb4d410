package import Decode
package import Inflate

/// Bounds of one drop's reading.
///
/// A reader at rest holds: 64 bytes a record of `knownRecords` at most, the bytes of an unfinished record (at most
/// `decode.recordBytes`), 40 KiB of zlib's for a gzip drop and 10 KiB of its own. At work it holds `readBytes` and
/// `outputBytes` (and zlib's 64 KiB) besides, and for an identification a second set of record hashes.
package struct TailLimits: Sendable {
    /// Bytes of one read of a file.
    package var readBytes = 131_072
    /// Uncompressed bytes that are handed to the decoder at once.
    package var outputBytes = 262_144
    /// Uncompressed bytes after which `DropReader.read` comes back, batch full or not: other drops get their turn.
    package var workBytes = 32 << 20
    /// Record hashes that a reader keeps: at least the last half of them (`RecordSet`).
    package var knownRecords = 1 << 20
    package var decode = DecodeLimits()
    package var inflate = InflateLimits()

    package init() {}
}
