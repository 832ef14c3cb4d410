import CZlib

/// What went wrong with gzip data or a file of the lab.
struct LabError: Error, CustomStringConvertible {
    /// What was tried, on what, and why it failed; the operator's text.
    var description: String

    init(_ description: String) { self.description = description }
}

/// Gzip by zlib: one member out, any number of members in.
enum Gzip {
    /// One gzip member. Its header holds no time and no name, so that the same bytes give the same member.
    static func member(_ bytes: [UInt8], level: Int32 = 6) throws(LabError) -> [UInt8] {
        // On the heap: zlib keeps a pointer to the stream and refuses one that has moved.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        let size = Int32(MemoryLayout<z_stream>.size)
        guard deflateInit2_(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else {
            throw LabError("gzip: zlib could not start a member")
        }
        defer { deflateEnd(stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(stream, uLong(bytes.count))) + 32)
        let capacity = output.count
        let (status, left) = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.pointee.next_in = source.baseAddress
                stream.pointee.avail_in = uInt(source.count)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = uInt(target.count)
                return (deflate(stream, Z_FINISH), Int(stream.pointee.avail_out))
            }
        }
        guard status == Z_STREAM_END else { throw LabError("gzip: zlib could not end a member (\(status))") }
        output.removeLast(left)
        assert(output.count <= capacity)
        return output
    }

    /// The bytes of all members of `bytes`; at most `limit` of them.
    static func expanded(_ bytes: [UInt8], limit: Int = 1 << 30) throws(LabError) -> [UInt8] {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw LabError("gzip: zlib could not start reading")
        }
        defer { inflateEnd(stream) }
        var input = bytes
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var output: [UInt8] = []
        var position = 0
        while position < input.count {
            let start = position
            let (status, read, written) = input.withUnsafeMutableBufferPointer { source in
                chunk.withUnsafeMutableBufferPointer { target in
                    stream.pointee.next_in = source.baseAddress.map { $0 + start }
                    stream.pointee.avail_in = uInt(source.count - start)
                    stream.pointee.next_out = target.baseAddress
                    stream.pointee.avail_out = uInt(target.count)
                    let status = inflate(stream, Z_NO_FLUSH)
                    let read = source.count - start - Int(stream.pointee.avail_in)
                    return (status, read, target.count - Int(stream.pointee.avail_out))
                }
            }
            output.append(contentsOf: chunk[..<written])
            position += read
            guard output.count <= limit else { throw LabError("gzip: more than \(limit) bytes") }
            guard status == Z_OK || status == Z_STREAM_END else { throw LabError("gzip: not gzip data (\(status))") }
            if status == Z_STREAM_END { inflateReset(stream) }
            guard read > 0 || written > 0 else { throw LabError("gzip: no progress at byte \(position)") }
        }
        return output
    }
}
