/// A JSON string's bytes between its quotes, as they stand in the record.
struct JSONText {
    var start: Int
    var end: Int
    /// It holds backslashes and must be unescaped before it is compared or kept.
    var isEscaped: Bool

    var isEmpty: Bool { start == end }
}

/// Reads one record's JSON (RFC 8259) from bytes, forward, without a tree: the caller asks for keys and values in turn.
///
/// Each call expects what it is named after, throws `Fault.malformed` for anything else, and leaves the cursor behind
/// what it read. Never reads past the record's end.
struct JSONCursor {
    let bytes: Bytes
    var at: Int
    /// The innermost open object or array has given nothing yet, so that no comma is due.
    private var isFresh = false

    init(_ bytes: Bytes, at: Int = 0) {
        self.bytes = bytes
        self.at = at
    }

    /// The next significant byte; 0 at the end.
    @inline(__always)
    mutating func peek() -> UInt8 {
        while at < bytes.count {
            let byte = bytes[at]
            if !isSpace(byte) { return byte }
            at += 1
        }
        return 0
    }

    mutating func openObject() throws(Fault) { try open(UInt8(ascii: "{")) }
    mutating func openArray() throws(Fault) { try open(UInt8(ascii: "[")) }

    private mutating func open(_ bracket: UInt8) throws(Fault) {
        guard peek() == bracket else { throw .malformed }
        at += 1
        isFresh = true
    }

    /// The next key of the open object, the cursor before its value; nil after the last one, the object then closed.
    mutating func nextKey() throws(Fault) -> JSONText? {
        guard try nextMember(end: UInt8(ascii: "}")) else { return nil }
        let key = try string()
        guard peek() == UInt8(ascii: ":") else { throw .malformed }
        at += 1
        return key
    }

    /// True where the open array holds one more element, the cursor before it; else the array is closed.
    mutating func nextElement() throws(Fault) -> Bool { try nextMember(end: UInt8(ascii: "]")) }

    @inline(__always)
    private mutating func nextMember(end: UInt8) throws(Fault) -> Bool {
        var byte = peek()
        if byte == end {
            at += 1
            isFresh = false
            return false
        }
        if !isFresh {
            guard byte == UInt8(ascii: ",") else { throw .malformed }
            at += 1
            byte = peek()
            guard byte != end else { throw .malformed }
        }
        isFresh = false
        return true
    }

    /// Goes on behind a value that the splitter has measured already.
    mutating func jump(to end: Int) { at = end }

    @inline(__always)
    mutating func string() throws(Fault) -> JSONText {
        guard peek() == UInt8(ascii: "\"") else { throw .malformed }
        let start = at + 1
        var end = start
        var isEscaped = false
        while true {
            end = bytes.endOfPlainText(from: end)
            guard end < bytes.count else { throw .malformed }
            if bytes[end] == UInt8(ascii: "\"") { break }
            guard bytes[end] == UInt8(ascii: "\\"), end + 1 < bytes.count else { throw .malformed }
            isEscaped = true
            end += 2
        }
        at = end + 1
        return JSONText(start: start, end: end, isEscaped: isEscaped)
    }

    /// A string, or nil for a value of another kind, which is skipped.
    mutating func stringIfAny() throws(Fault) -> JSONText? {
        if peek() == UInt8(ascii: "\"") { return try string() }
        try skipValue()
        return nil
    }

    /// The range of a number, `true`, `false` or `null`, checked against the grammar.
    mutating func literal() throws(Fault) -> Range<Int> {
        let first = peek()
        let start = at
        if first == UInt8(ascii: "-") || isDigit(first) {
            try skipNumber()
        } else {
            while at < bytes.count, bytes[at] >= UInt8(ascii: "a"), bytes[at] <= UInt8(ascii: "z") { at += 1 }
            guard
                bytes.equals("true", from: start, to: at) || bytes.equals("false", from: start, to: at)
                    || bytes.equals("null", from: start, to: at)
            else { throw .malformed }
        }
        return start..<at
    }

    private mutating func skipNumber() throws(Fault) {
        if bytes[at] == UInt8(ascii: "-") { at += 1 }
        let integer = skipDigits()
        guard integer.count > 0, integer.count == 1 || bytes[integer.lowerBound] != 48 else { throw .malformed }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            guard skipDigits().count > 0 else { throw .malformed }
        }
        if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard skipDigits().count > 0 else { throw .malformed }
        }
    }

    private mutating func skipDigits() -> Range<Int> {
        let start = at
        while at < bytes.count, isDigit(bytes[at]) { at += 1 }
        return start..<at
    }

    /// The bytes of a number, literal or plain text (without its quotes): exporters write figures in both ways. Nil for
    /// an object or array, which is skipped.
    mutating func scalar() throws(Fault) -> Range<Int>? {
        switch peek() {
        case UInt8(ascii: "\""):
            let text = try string()
            return text.start..<text.end
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            try skipContainer()
            return nil
        default: return try literal()
        }
    }

    /// Passes over a value of any kind. Containers are followed by their brackets alone.
    mutating func skipValue() throws(Fault) {
        switch peek() {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer()
        default: _ = try literal()
        }
        isFresh = false
    }

    private mutating func skipContainer() throws(Fault) {
        var nesting = Nesting()
        while true {
            switch peek() {
            case UInt8(ascii: "\""):
                _ = try string()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard nesting.push(isObject: bytes[at] == UInt8(ascii: "{")) else { throw .malformed }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard nesting.topIsObject == (bytes[at] == UInt8(ascii: "}")) else { throw .malformed }
                nesting.pop()
                if nesting.depth == 0 {
                    at += 1
                    return
                }
            case 0:
                guard at < bytes.count else { throw .malformed }
            default: break
            }
            at += 1
        }
    }
}
