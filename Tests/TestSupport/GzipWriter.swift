internal import CZlib

/// Makes gzip members with zlib's own deflate.
package struct GzipWriter: Sendable {
    /// zlib's level, 0 (stored) to 9.
    package var level: Int32

    package init(level: Int32 = 6) { self.level = level }

    /// One whole member of `bytes`.
    package func member(_ bytes: [UInt8]) -> [UInt8] {
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
