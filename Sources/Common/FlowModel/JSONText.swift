/// The place of a text between its quotes, inside the bytes that were scanned.
package struct JSONText: Hashable, Sendable {
    package var start: Int
    package var end: Int
    package var hasEscapes: Bool

    package init(start: Int, end: Int, hasEscapes: Bool) {
        self.start = start
        self.end = end
        self.hasEscapes = hasEscapes
    }

    package func string(in bytes: Span<UInt8>) -> String {
        hasEscapes ? String(decoding: unescaped(in: bytes), as: UTF8.self) : plainString(bytes, start, end)
    }

    /// Appends the text's UTF-8 bytes, escapes resolved.
    package func append(from bytes: Span<UInt8>, to result: inout [UInt8]) {
        guard hasEscapes else {
            // Appending byte by byte took a third of an import's time. The pointer lives as long as the span.
            bytes.extracting(start..<end).withUnsafeBufferPointer { result.append(contentsOf: $0) }
            return
        }
        var index = start
        while index < end {
            if bytes[index] == 0x5c {
                index = appendEscape(at: index, from: bytes, to: &result)
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
    }

    private func unescaped(in bytes: Span<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(end - start)
        append(from: bytes, to: &result)
        return result
    }

    /// The scanner has checked the escape. Gives the place behind it.
    private func appendEscape(at index: Int, from bytes: Span<UInt8>, to result: inout [UInt8]) -> Int {
        switch bytes[index + 1] {
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "u"):
            let unit = hexadecimalUnit(bytes, at: index + 2) ?? 0xfffd
            guard (0xd800..<0xdc00).contains(unit), let low = hexadecimalUnit(bytes, at: index + 8) else {
                append(unit, to: &result)
                return index + 6
            }
            append(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00), to: &result)
            return index + 12
        case let byte: result.append(byte)
        }
        return index + 2
    }

    private func append(_ scalar: UInt32, to result: inout [UInt8]) {
        result.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{fffd}").utf8)
    }
}

/// The bytes of a range that the scanner has found to be UTF-8.
func plainString(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> String {
    bytes.extracting(start..<end).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
}

/// The value of a number's digits; an error where it is too large for a double.
package func jsonNumber(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) throws(JSONError) -> Double {
    var whole = 0
    var index = start
    // 15 digits are exact in a double; everything else goes through the standard library.
    while index < end, index - start < 15, bytes[index] >= 48, bytes[index] <= 57 {
        whole = whole * 10 + Int(bytes[index] - 48)
        index += 1
    }
    if index == end { return Double(whole) }
    guard let value = Double(plainString(bytes, start, end)), value.isFinite else {
        throw JSONError(offset: start, reason: "a number that is too large")
    }
    return value
}
