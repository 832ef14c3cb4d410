internal import FlowModel

/// Reads the comma-separated fields of one flow tuple, in order. The first field that does not fit is remembered, and
/// what is read after it means nothing: ask `isWhole` at the end.
struct TupleReader {
    private let bytes: Bytes
    private var at: Int
    private let end: Int
    private var fields = 0
    /// Index, from 1, of the first field that does not fit; 0 while all do.
    private(set) var badField = 0

    init(_ bytes: Bytes, from start: Int, to end: Int) {
        self.bytes = bytes
        self.at = start
        self.end = end
    }

    /// True where all fields fitted and `count` of them were the whole tuple.
    func isWhole(_ count: Int) -> Bool { badField == 0 && fields == count && at == end + 1 }

    @inline(__always)
    private mutating func fail() { if badField == 0 { badField = fields } }

    /// A whole number, or -1 for an empty field.
    @inline(__always)
    mutating func number(upTo limit: Int64 = .max) -> Int64 {
        fields += 1
        let start = at
        var value: Int64 = 0
        while at < end, isDigit(bytes[at]) {
            value = value &* 10 &+ Int64(bytes[at] - 48)
            at += 1
        }
        let length = at - start
        // 18 digits always fit into 64 bits.
        guard at <= end, at == end || bytes[at] == UInt8(ascii: ","), length <= 18, value <= limit else {
            fail()
            return -1
        }
        at += 1
        return length == 0 ? -1 : value
    }

    /// A whole number that must be there.
    @inline(__always)
    mutating func required(upTo limit: Int64 = .max) -> Int64 {
        let value = number(upTo: limit)
        if value < 0 { fail() }
        return value
    }

    /// A single letter; 0 where the field is none.
    @inline(__always)
    mutating func letter() -> UInt8 {
        fields += 1
        guard at < end, at + 1 == end || bytes[at + 1] == UInt8(ascii: ",") else {
            fail()
            return 0
        }
        let letter = bytes[at]
        at += 2
        return letter
    }

    /// Marks the field just read as one that does not fit.
    @inline(__always)
    mutating func reject() { fail() }

    /// The bounds of a field of any text.
    @inline(__always)
    mutating func text() -> Range<Int> {
        fields += 1
        let start = at
        while at < end, bytes[at] != UInt8(ascii: ",") { at += 1 }
        guard at <= end else {
            fail()
            return end..<end
        }
        at += 1
        return start..<(at - 1)
    }

    /// An IPv4 or IPv6 address.
    @inline(__always)
    mutating func address() -> IPAddress {
        let start = at
        var bits: UInt32 = 0
        var octet: UInt32 = 0
        var digits = 0
        var dots = 0
        // Dotted decimals in one pass; whatever does not look like them takes the general reader.
        while at < end {
            let byte = bytes[at]
            if isDigit(byte) {
                octet = octet &* 10 &+ UInt32(byte - 48)
                digits += 1
                if digits > 3 { break }
            } else if byte == UInt8(ascii: "."), digits > 0, octet <= 255, dots < 3 {
                bits = bits << 8 | octet
                octet = 0
                digits = 0
                dots += 1
            } else {
                break
            }
            at += 1
        }
        if dots == 3, digits > 0, digits <= 3, octet <= 255, at < end, bytes[at] == UInt8(ascii: ",") {
            fields += 1
            at += 1
            return IPAddress(ipv4: bits << 8 | octet)
        }
        at = start
        let field = text()
        guard let address = IPAddress(bytes: Span(_unsafeElements: bytes.part(field.lowerBound, field.upperBound)))
        else {
            fail()
            return .none
        }
        return address
    }

    /// A time in seconds or milliseconds since 1970, told apart by size: real logs hold both under one format.
    /// Nil where it lies beyond all years that can be.
    @inline(__always)
    mutating func time() -> EventTime? {
        let value = required()
        guard value < 100_000_000_000_000 else { return nil }
        return EventTime(microseconds: value < 100_000_000_000 ? value * 1_000_000 : value * 1_000)
    }
}
