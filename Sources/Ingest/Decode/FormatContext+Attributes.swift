internal import FlowModel

/// Writing of `attributes`: what else a record says, as a JSON object that PostgreSQL takes as jsonb.
extension FormatContext {
    /// Digits of a number and size of its exponent that are taken over: jsonb refuses numbers beyond `numeric`.
    private static let numberBytes = 64
    private static let exponentDigits = 3

    mutating func beginAttributes() {
        attributes.removeAll(keepingCapacity: true)
        attributes.append(UInt8(ascii: "{"))
    }

    /// Takes the closing brace back.
    mutating func reopenAttributes() { attributes.removeLast() }

    mutating func endAttributes() { attributes.append(UInt8(ascii: "}")) }

    /// One member as the record writes it, the cursor standing before its value.
    mutating func appendAttribute(_ key: JSONText, _ cursor: inout JSONCursor) throws(Fault) {
        separate()
        try appendText(key)
        attributes.append(UInt8(ascii: ":"))
        try appendValue(&cursor)
    }

    /// A member whose key is ours to write: one that a text record says in words.
    mutating func appendAttribute(_ key: StaticString, text: Bytes) {
        appendKey(key)
        appendQuoted(text, to: &attributes)
    }

    /// The same, for a value that is JSON already.
    mutating func appendAttribute(_ key: StaticString, literal: Bytes) {
        appendKey(key)
        attributes.append(contentsOf: literal)
    }

    /// The record's own members that no format reads, such as `operationName`.
    mutating func appendExtras() throws(Fault) {
        guard header.extras > 0 else { return }
        var cursor = JSONCursor(bytes)
        try cursor.openObject()
        while let key = try cursor.nextKey() {
            if case .other = RecordKey(bytes, key) {
                try appendAttribute(key, &cursor)
            } else {
                try cursor.skipValue()
            }
        }
    }

    private mutating func appendKey(_ key: StaticString) {
        separate()
        attributes.append(UInt8(ascii: "\""))
        attributes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        attributes.append(UInt8(ascii: "\""))
        attributes.append(UInt8(ascii: ":"))
    }

    private mutating func separate() {
        if attributes.last != UInt8(ascii: "{") { attributes.append(UInt8(ascii: ",")) }
    }

    private mutating func appendText(_ text: JSONText) throws(Fault) {
        if !text.isEscaped, isPlain(text) {
            attributes.append(UInt8(ascii: "\""))
            attributes.append(contentsOf: bytes.part(text.start, text.end))
            attributes.append(UInt8(ascii: "\""))
            return
        }
        var plain: [UInt8] = []
        try text.append(from: bytes, to: &plain)
        plain.withUnsafeBufferPointer { appendQuoted($0, to: &attributes) }
    }

    /// Printable ASCII: can be copied as it stands.
    private func isPlain(_ text: JSONText) -> Bool {
        for index in text.start..<text.end where bytes[index] < 32 || bytes[index] >= 127 { return false }
        return true
    }

    private mutating func appendValue(_ cursor: inout JSONCursor) throws(Fault) {
        switch cursor.peek() {
        case UInt8(ascii: "\""): try appendText(try cursor.string())
        case UInt8(ascii: "{"):
            try cursor.openObject()
            attributes.append(UInt8(ascii: "{"))
            while let key = try cursor.nextKey() { try appendAttribute(key, &cursor) }
            attributes.append(UInt8(ascii: "}"))
        case UInt8(ascii: "["):
            try cursor.openArray()
            attributes.append(UInt8(ascii: "["))
            var isFirst = true
            while try cursor.nextElement() {
                if !isFirst { attributes.append(UInt8(ascii: ",")) }
                isFirst = false
                try appendValue(&cursor)
            }
            attributes.append(UInt8(ascii: "]"))
        default: try appendNumber(try cursor.literal())
        }
    }

    private mutating func appendNumber(_ range: Range<Int>) throws(Fault) {
        var exponent = 0
        var isExponent = false
        for index in range {
            if bytes[index] | 0x20 == UInt8(ascii: "e"), isDigit(bytes[range.upperBound - 1]) { isExponent = true }
            if isExponent, isDigit(bytes[index]) { exponent += 1 }
        }
        guard range.count <= Self.numberBytes, exponent <= Self.exponentDigits else {
            throw .bad("a number of the record is larger than a database takes")
        }
        attributes.append(contentsOf: bytes.part(range.lowerBound, range.upperBound))
    }
}
