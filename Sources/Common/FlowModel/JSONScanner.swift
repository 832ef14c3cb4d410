/// Where a text stops being JSON (RFC 8259), and why.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Bytes from the begin of the whole text.
    package var offset: Int
    package var reason: String

    package init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String { "\(reason) at byte \(offset)" }
}

/// Reads the tokens of JSON texts that stand one after the other: strict, without recursion of its own.
///
/// The caller checks the encoding once for the whole text (`begin`), and hands the same bytes to every call.
package struct JSONScanner {
    /// Containers inside one another; more than any export has, few enough for the stack.
    package static let depthLimit = 512

    package private(set) var position = 0

    package init() {}

    /// Goes to the first document: checks that the text is UTF-8 and passes over a byte order mark.
    package mutating func begin(_ bytes: Span<UInt8>) throws(JSONError) {
        do {
            _ = try UTF8Span(validating: bytes)
        } catch {
            throw JSONError(offset: error.byteOffsets.lowerBound, reason: "the text is not UTF-8")
        }
        position = bytes.count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf ? 3 : 0
        skipSpace(bytes)
    }

    /// Goes back to a place that was passed before.
    package mutating func move(to position: Int) { self.position = position }

    /// The next byte that is no space; nil at the end.
    package mutating func peek(_ bytes: Span<UInt8>) -> UInt8? {
        skipSpace(bytes)
        return position < bytes.count ? bytes[position] : nil
    }

    /// Passes over the byte if it is the next one.
    package mutating func skip(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard peek(bytes) == byte else { return false }
        position += 1
        return true
    }

    /// After an element or member: true where another follows, false where `end` closed the container.
    package mutating func hasNext(before end: UInt8, _ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        if skip(UInt8(ascii: ","), bytes) { return true }
        guard skip(end, bytes) else {
            throw expected("a comma or the end of the \(end == 93 ? "array" : "object")", bytes)
        }
        return false
    }

    /// A member's key and its colon: the key's bytes between the quotes.
    package mutating func key(_ bytes: Span<UInt8>) throws(JSONError) -> JSONText {
        guard peek(bytes) == UInt8(ascii: "\"") else { throw expected("a key in double quotes", bytes) }
        let key = try text(bytes)
        guard skip(UInt8(ascii: ":"), bytes) else { throw expected("a colon", bytes) }
        return key
    }

    /// A text whose opening quote is the next byte.
    package mutating func text(_ bytes: Span<UInt8>) throws(JSONError) -> JSONText {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            skipPlain(bytes)
            guard position < bytes.count else { throw JSONError(offset: start - 1, reason: "a text without an end") }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return JSONText(start: start, end: position - 1, hasEscapes: hasEscapes)
            }
            guard byte == UInt8(ascii: "\\") else {
                throw JSONError(offset: position, reason: "a control character in a text")
            }
            hasEscapes = true
            try skipEscape(bytes)
        }
    }

    /// A number, `true`, `false` or `null`, of which the next byte is the first.
    package mutating func scalar(_ bytes: Span<UInt8>) throws(JSONError) -> JSONScalar {
        guard position < bytes.count else {
            throw JSONError(offset: position, reason: "the text ends where a value must stand")
        }
        switch bytes[position] {
        case UInt8(ascii: "t"): return try literal("true", .true, bytes)
        case UInt8(ascii: "f"): return try literal("false", .false, bytes)
        case UInt8(ascii: "n"): return try literal("null", .null, bytes)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(bytes)
        default: throw expected("a value", bytes)
        }
    }

    package func expected(_ what: String, _ bytes: Span<UInt8>) -> JSONError {
        JSONError(
            offset: position,
            reason: position < bytes.count ? "\(what) is missing" : "the text ends where \(what) must stand")
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            switch bytes[position] {
            case 32, 10, 13, 9: position += 1
            default: return
            }
        }
    }

    /// Passes over what needs no look: eight bytes at a time until a quote, a backslash or a control character.
    private mutating func skipPlain(_ bytes: Span<UInt8>) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let raw = bytes.bytes
        while position + 8 <= bytes.count {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let slashes = word ^ (ones &* 0x5c)
            // Wrapping on purpose: the borrow out of a zero byte sets its top bit ("hasless" of Bit Twiddling Hacks).
            // A borrow may mark a later byte wrongly, never an earlier one: the first mark is exact.
            let marks =
                (((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((word &- ones &* 0x20) & ~word))
                & tops
            if marks != 0 {
                position += marks.trailingZeroBitCount / 8
                return
            }
            position += 8
        }
        while position < bytes.count, bytes[position] >= 32, bytes[position] != 0x22, bytes[position] != 0x5c {
            position += 1
        }
    }

    private mutating func skipEscape(_ bytes: Span<UInt8>) throws(JSONError) {
        guard position + 1 < bytes.count else { throw JSONError(offset: position, reason: "a text without an end") }
        switch bytes[position + 1] {
        case 0x22, 0x5c, 0x2f, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"),
            UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            let unit = try codeUnit(bytes)
            if unit >= 0xdc00, unit < 0xe000 { throw JSONError(offset: position, reason: "half a surrogate pair") }
            let first = position
            position += 6
            guard unit >= 0xd800, unit < 0xdc00 else { return }
            guard position + 1 < bytes.count, bytes[position] == 0x5c, bytes[position + 1] == UInt8(ascii: "u"),
                (0xdc00..<0xe000).contains(try codeUnit(bytes))
            else { throw JSONError(offset: first, reason: "half a surrogate pair") }
            position += 6
        default: throw JSONError(offset: position, reason: "an unknown escape in a text")
        }
    }

    private func codeUnit(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        guard let unit = hexadecimalUnit(bytes, at: position + 2) else {
            throw JSONError(offset: position, reason: "an escape without its four hexadecimal digits")
        }
        return unit
    }

    private mutating func literal(
        _ word: StaticString, _ value: JSONScalar, _ bytes: Span<UInt8>
    ) throws(JSONError) -> JSONScalar {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard start + index < bytes.count, bytes[start + index] == word.utf8Start[index] else {
                throw JSONError(offset: start, reason: "a word that is none of true, false, null")
            }
        }
        position += word.utf8CodeUnitCount
        return value
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONScalar {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let isZero = position < bytes.count && bytes[position] == UInt8(ascii: "0")
        let digits = skipDigits(bytes)
        guard digits > 0, !isZero || digits == 1 else { throw JSONError(offset: start, reason: "a malformed number") }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard skipDigits(bytes) > 0 else { throw JSONError(offset: start, reason: "a malformed number") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard skipDigits(bytes) > 0 else { throw JSONError(offset: start, reason: "a malformed number") }
        }
        return .number(start: start, end: position)
    }

    private mutating func skipDigits(_ bytes: Span<UInt8>) -> Int {
        let start = position
        while position < bytes.count, bytes[position] >= 48, bytes[position] <= 57 { position += 1 }
        return position - start
    }
}

/// Four hexadecimal digits of an escape; nil where they are none.
func hexadecimalUnit(_ bytes: Span<UInt8>, at start: Int) -> UInt32? {
    guard start + 4 <= bytes.count else { return nil }
    var unit: UInt32 = 0
    for index in start..<start + 4 {
        switch bytes[index] {
        case 48...57: unit = unit << 4 | UInt32(bytes[index] - 48)
        case 65...70: unit = unit << 4 | UInt32(bytes[index] - 55)
        case 97...102: unit = unit << 4 | UInt32(bytes[index] - 87)
        default: return nil
        }
    }
    return unit
}

/// A value that is no container and no text; a number as the place of its digits.
package enum JSONScalar: Hashable, Sendable {
    case null, `true`, `false`
    case number(start: Int, end: Int)
}
