/// Reads the rows of `COPY … TO STDOUT (FORMAT binary)` back, in chunks cut anywhere: the mirror of `BinaryRowEncoder`.
///
/// `append` a chunk, then `beginRow()` until it gives nil, and after each exactly the row's values in order. A value
/// that is NULL reads as nil. Values of a wrong size throw `.copy`: the statement selects another type than the caller
/// reads.
package struct BinaryRowDecoder: Sendable {
    private var buffer: [UInt8] = []
    private var position = 0
    private var headerIsRead = false
    /// True once the trailer was read: no row follows.
    package private(set) var isAtEnd = false

    package init() {}

    /// Takes the next chunk.
    package mutating func append(_ chunk: Span<UInt8>) {
        if position > 0 {
            buffer.removeSubrange(..<position)
            position = 0
        }
        chunk.withUnsafeBufferPointer { buffer.append(contentsOf: $0) }
    }

    /// The fields of the next row where all of it has come; nil where another chunk is needed, or at the end.
    package mutating func beginRow() throws(PostgresError) -> Int? {
        guard !isAtEnd, try readHeader(), let fields: Int16 = peek(at: position) else { return nil }
        guard fields >= 0 else {
            position += 2
            isAtEnd = true
            return nil
        }
        var end = position + 2
        for _ in 0..<fields {
            guard let length: Int32 = peek(at: end) else { return nil }
            guard length >= -1 else { throw malformed("a field of \(length) bytes") }
            end += 4 + max(Int(length), 0)
        }
        guard end <= buffer.count else { return nil }
        position += 2
        return Int(fields)
    }

    package mutating func int16() throws(PostgresError) -> Int16? { try integer() }

    package mutating func int32() throws(PostgresError) -> Int32? { try integer() }

    package mutating func int64() throws(PostgresError) -> Int64? { try integer() }

    package mutating func double() throws(PostgresError) -> Double? {
        let bits: UInt64? = try integer()
        return bits.map { Double(bitPattern: $0) }
    }

    package mutating func bool() throws(PostgresError) -> Bool? {
        let value: UInt8? = try integer()
        return value.map { $0 != 0 }
    }

    /// The bytes of a bytea, or the UTF-8 of a text.
    package mutating func bytes() throws(PostgresError) -> [UInt8]? {
        guard let field = try field() else { return nil }
        return Array(buffer[field])
    }

    /// Lends the bytes of a bytea or text without a copy; false for NULL. The span must not leave `body`.
    package mutating func withBytes(_ body: (Span<UInt8>) -> Void) throws(PostgresError) -> Bool {
        guard let field = try field() else { return false }
        body(buffer.span.extracting(field))
        return true
    }

    package mutating func text() throws(PostgresError) -> String? {
        guard let field = try field() else { return nil }
        return String(decoding: buffer[field], as: UTF8.self)
    }

    package mutating func uuid() throws(PostgresError) -> (upper: UInt64, lower: UInt64)? {
        guard let field = try field(of: [16]) else { return nil }
        return (load(at: field.lowerBound), load(at: field.lowerBound + 8))
    }

    /// Microseconds since 1970. Infinite times, which Flowsight never stores, read as the farthest that fit.
    package mutating func timestamptz() throws(PostgresError) -> Int64? {
        guard let value = try int64() else { return nil }
        let (unix, overflow) = value.addingReportingOverflow(unixMicrosecondsAt2000)
        return overflow ? .max : unix
    }

    /// An address in the 128 bits of its IPv6 form, IPv4 as `::ffff:a.b.c.d`; the prefix length is left out.
    package mutating func inet() throws(PostgresError) -> (upper: UInt64, lower: UInt64)? {
        guard let field = try field(of: [8, 20]) else { return nil }
        let address = field.lowerBound + 4  // family, prefix, is_cidr and length come first.
        if field.count == 8 {
            let bits: UInt32 = load(at: address)
            return (0, 0xffff_0000_0000 | UInt64(bits))
        }
        return (load(at: address), load(at: address + 8))
    }

    /// The JSON text of a jsonb.
    package mutating func jsonb() throws(PostgresError) -> [UInt8]? {
        guard let field = try field() else { return nil }
        guard field.count > 1, buffer[field.lowerBound] == 1 else { throw malformed("a jsonb of another version") }
        return Array(buffer[field.dropFirst()])
    }

    /// Passes over one value of whatever type.
    package mutating func skip() throws(PostgresError) { _ = try field() }
}

extension BinaryRowDecoder {
    private mutating func readHeader() throws(PostgresError) -> Bool {
        if headerIsRead { return true }
        let fixed = binaryCopySignature.count + 8
        guard buffer.count >= fixed else { return false }
        guard buffer.starts(with: binaryCopySignature) else { throw malformed("no binary COPY") }
        let length: Int32 = load(at: fixed - 4)
        guard length >= 0 else { throw malformed("a header extension of \(length) bytes") }
        guard buffer.count >= fixed + Int(length) else { return false }
        position = fixed + Int(length)
        headerIsRead = true
        return true
    }

    private mutating func integer<Value: FixedWidthInteger>() throws(PostgresError) -> Value? {
        guard let field = try field(of: [MemoryLayout<Value>.size]) else { return nil }
        return load(at: field.lowerBound)
    }

    private mutating func field(of sizes: [Int]) throws(PostgresError) -> Range<Int>? {
        guard let field = try field() else { return nil }
        guard sizes.contains(field.count) else {
            throw malformed("a field of \(field.count) bytes where \(sizes) were expected")
        }
        return field
    }

    /// The bytes of the next value; nil for NULL.
    private mutating func field() throws(PostgresError) -> Range<Int>? {
        guard let length: Int32 = peek(at: position) else { throw malformed("a value past the end of the row") }
        position += 4
        guard length >= 0 else { return nil }
        guard Int(length) <= buffer.count - position else { throw malformed("a value past the end of the row") }
        defer { position += Int(length) }
        return position..<position + Int(length)
    }

    private func peek<Value: FixedWidthInteger>(at offset: Int) -> Value? {
        offset + MemoryLayout<Value>.size <= buffer.count ? load(at: offset) : nil
    }

    /// The caller has shown that the bytes are there; the array checks it again.
    private func load<Value: FixedWidthInteger>(at offset: Int) -> Value {
        buffer.withUnsafeBytes { bytes in
            Value(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
    }

    private func malformed(_ what: String) -> PostgresError {
        PostgresError(
            code: .copy, message: "the database sent \(what) in a binary COPY",
            hint: "the schema and this build do not agree; run flowsight migrate with the build that runs the daemon")
    }
}
