/// Bytes borrowed for the length of one call. Bounds are checked in debug builds, where the fuzz tests run.
typealias Bytes = UnsafeBufferPointer<UInt8>

/// The bytes of a drop that are not done with: one allocation that only grows, up to a record and a piece.
///
/// Not an array, because the decoder changes itself while it looks at the bytes. `bytes` is valid until the next
/// `append` or `dropFirst`.
struct ByteBuffer: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init() {
        capacity = 4_096
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    var bytes: Bytes { Bytes(start: base, count: count) }

    mutating func append(_ piece: Span<UInt8>) {
        guard !piece.isEmpty else { return }
        if count + piece.count > capacity { grow(to: count + piece.count) }
        piece.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            (base + count).update(from: start, count: source.count)
        }
        count += piece.count
    }

    mutating func dropFirst(_ length: Int) {
        guard length > 0 else { return }
        base.update(from: base + length, count: count - length)
        count -= length
    }

    /// Forgets all bytes from `length` on.
    mutating func truncate(to length: Int) { count = min(count, length) }

    private mutating func grow(to needed: Int) {
        capacity = max(needed, capacity * 2)
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        grown.update(from: base, count: count)
        base.deallocate()
        base = grown
    }
}
