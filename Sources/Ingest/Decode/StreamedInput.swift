internal import Digest
internal import FlowModel

/// Input that will be a dead letter and that may be longer than memory: its beginning and its hash.
struct StreamedInput: ~Copyable {
    /// Absolute offset of its first byte.
    let start: Int
    /// Absolute offset after the last byte taken.
    private(set) var end: Int
    private var sample: [UInt8] = []
    private var digest = SHA256()

    init(start: Int) {
        self.start = start
        end = start
    }

    /// Takes the bytes up to the absolute offset `limit`; `bytes` begin at `base` and hold them.
    mutating func take(_ bytes: Bytes, base: Int, to limit: Int) {
        guard limit > end else { return }
        let piece = bytes.part(end - base, limit - base)
        let room = DeadLetter.inputLimit - sample.count
        if room > 0 { sample.append(contentsOf: piece.prefix(room)) }
        digest.update(Span(_unsafeElements: piece))
        end = limit
    }

    /// The first bytes, and the hash of all of them.
    consuming func finish() -> (sample: [UInt8], hash: RecordHash) {
        let bytes = digest.digest()
        var halves = (upper: UInt64(0), lower: UInt64(0))
        for index in 0..<8 {
            halves.upper = halves.upper << 8 | UInt64(bytes[index])
            halves.lower = halves.lower << 8 | UInt64(bytes[index + 8])
        }
        return (sample, RecordHash(upper: halves.upper, lower: halves.lower))
    }
}
