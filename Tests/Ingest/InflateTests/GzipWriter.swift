import CZlib

/// Makes gzip members with zlib's own deflate.
struct GzipWriter {
    var level: Int32 = 6

    /// One whole member of `bytes`.
    func member(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        // deflateInit2_ through a pointer that stays: the stream does not move before deflateEnd.
        return withUnsafeMutablePointer(to: &stream) { stream in
            let started = deflateInit2_(
                stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            precondition(started == Z_OK)
            defer { deflateEnd(stream) }
            let bound = Int(deflateBound(stream, UInt(bytes.count))) + 64
            var input = bytes
            return input.withUnsafeMutableBufferPointer { input in
                [UInt8](unsafeUninitializedCapacity: bound) { output, count in
                    stream.pointee.next_in = input.baseAddress
                    stream.pointee.avail_in = UInt32(input.count)
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(bound)
                    precondition(deflate(stream, Z_FINISH) == Z_STREAM_END)
                    count = bound - Int(stream.pointee.avail_out)
                }
            }
        }
    }
}

/// A small seeded generator (SplitMix64, https://prng.di.unimi.it/splitmix64.c): a failing seed can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
