/// Writes rows in the binary format of `COPY … FROM STDIN (FORMAT binary)`.
///
/// Format: PostgreSQL manual, COPY, "Binary Format"; the forms of the types are those of the server's `*_recv`
/// functions. The order is: `header()`, then for each row `beginRow(fields:)` and exactly so many values, then
/// `trailer()`. Nothing is checked here: a wrong count or type is refused by the server, and the whole COPY with it.
package struct BinaryRowEncoder: Sendable {
    private var storage: [UInt8] = []
    /// Bytes written so far.
    package private(set) var count = 0

    /// - Parameter reserving: bytes to make room for at once.
    package init(reserving capacity: Int = 64 * 1024) {
        storage = [UInt8](repeating: 0, count: max(capacity, 64))
    }

    /// A copy of what was written so far.
    package var bytes: [UInt8] { Array(storage[..<count]) }

    /// Lends what was written so far, without a copy. The span must not leave `body`.
    package func withBytes<Failure: Error>(_ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
        try body(storage.span.extracting(0..<count))
    }

    /// Forgets what was written and keeps the memory.
    package mutating func removeAll() { count = 0 }

    /// The signature, the flags (none) and the length of the header extension (0).
    package mutating func header() {
        append(contentsOf: binaryCopySignature)
        append(Int32(0))
        append(Int32(0))
    }

    /// The row count -1 that ends the data.
    package mutating func trailer() { append(Int16(-1)) }

    package mutating func beginRow(fields: Int) { append(Int16(fields)) }

    package mutating func null() { append(Int32(-1)) }

    package mutating func int16(_ value: Int16) {
        append(Int32(2))
        append(value)
    }

    package mutating func int32(_ value: Int32) {
        append(Int32(4))
        append(value)
    }

    package mutating func int64(_ value: Int64) {
        append(Int32(8))
        append(value)
    }

    /// float8: the IEEE 754 bits.
    package mutating func double(_ value: Double) {
        append(Int32(8))
        append(value.bitPattern)
    }

    package mutating func bool(_ value: Bool) {
        append(Int32(1))
        append(value ? UInt8(1) : 0)
    }

    /// text, varchar: UTF-8 without NUL bytes; the server refuses others (SQLSTATE 22021).
    package mutating func text(_ utf8: some Collection<UInt8>) { bytes(utf8) }

    /// text of a Swift string.
    package mutating func text(_ value: String) { bytes(value.utf8) }

    /// bytea, and every other type whose binary form the caller has in hand. At most 1 GiB - 1 (the server's limit of a
    /// field).
    package mutating func bytes(_ value: some Collection<UInt8>) {
        let length = value.count
        append(Int32(length))
        append(contentsOf: value)
    }

    /// uuid: 16 bytes, most significant first.
    package mutating func uuid(_ upper: UInt64, _ lower: UInt64) {
        append(Int32(16))
        append(upper)
        append(lower)
    }

    /// timestamptz: microseconds since 2000-01-01T00:00:00Z on the wire. What PostgreSQL's calendar cannot hold is
    /// refused by the server.
    package mutating func timestamptz(unixMicroseconds: Int64) {
        let (value, overflow) = unixMicroseconds.subtractingReportingOverflow(unixMicrosecondsAt2000)
        append(Int32(8))
        // The least value would mean -infinity; the one after it is before all dates, and so refused.
        append(overflow ? Int64.min + 1 : value)
    }

    /// inet of one IPv4 address, most significant octet first.
    package mutating func inet(ipv4 bits: UInt32) {
        append(Int32(8))
        inetHead(family: 2, prefix: 32, length: 4)
        append(bits)
    }

    /// inet of one IPv6 address.
    package mutating func inet(ipv6Upper upper: UInt64, lower: UInt64) {
        append(Int32(20))
        inetHead(family: 3, prefix: 128, length: 16)
        append(upper)
        append(lower)
    }

    /// jsonb of JSON text: version 1, then the text, which the server parses (SQLSTATE 22P02 where it is no JSON).
    package mutating func jsonb(_ text: some Collection<UInt8>) {
        let length = text.count + 1
        append(Int32(length))
        append(UInt8(1))
        append(contentsOf: text)
    }

    /// PGSQL_AF_INET is 2 and PGSQL_AF_INET6 is 3 (server source, utils/inet.h), whatever the system's own numbers.
    private mutating func inetHead(family: UInt8, prefix: UInt8, length: UInt8) {
        append(family)
        append(prefix)
        append(UInt8(0))  // is_cidr
        append(length)
    }
}

extension BinaryRowEncoder {
    private mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        let size = MemoryLayout<Value>.size
        reserve(size)
        storage.withUnsafeMutableBytes { buffer in
            // Within bounds: `reserve` made room for `size` bytes behind `count`.
            buffer.storeBytes(of: value.bigEndian, toByteOffset: count, as: Value.self)
        }
        count += size
    }

    private mutating func append(contentsOf bytes: some Collection<UInt8>) {
        let size = bytes.count
        reserve(size)
        storage.withUnsafeMutableBufferPointer { buffer in
            // Within bounds: `reserve` made room for `size` bytes behind `count`.
            _ = UnsafeMutableBufferPointer(rebasing: buffer[count..<count + size]).update(fromContentsOf: bytes)
        }
        count += size
    }

    private mutating func reserve(_ size: Int) {
        guard storage.count - count < size else { return }
        storage.append(contentsOf: repeatElement(0, count: max(storage.count, size)))
    }
}

/// `PGCOPY\n\377\r\n\0`.
let binaryCopySignature: [UInt8] = [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00]

/// From 1970 to PostgreSQL's epoch: 10,957 days.
let unixMicrosecondsAt2000: Int64 = 946_684_800_000_000
