extension JSONText {
    /// Appends the text's UTF-8 to `output`, unescaped; throws `badText` for what PostgreSQL does not store.
    @inline(__always)
    func append(from bytes: Bytes, to output: inout [UInt8]) throws(Fault) {
        if !isEscaped {
            guard bytes.isStorableText(from: start, to: end) else { throw .badText }
            output.append(contentsOf: bytes.part(start, end))
            return
        }
        try appendUnescaped(from: bytes, to: &output)
    }

    private func appendUnescaped(from bytes: Bytes, to output: inout [UInt8]) throws(Fault) {
        let before = output.count
        var at = start
        while at < end {
            let byte = bytes[at]
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                at += 1
                continue
            }
            guard at + 1 < end else { throw .malformed }
            at = try appendEscape(from: bytes, at: at + 1, to: &output)
        }
        let isStorable = output.withUnsafeBufferPointer { $0.isStorableText(from: before, to: $0.count) }
        guard isStorable else { throw .badText }
    }

    /// One escape; `at` stands behind its backslash. Returns the index after it.
    private func appendEscape(from bytes: Bytes, at: Int, to output: inout [UInt8]) throws(Fault) -> Int {
        switch bytes[at] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): output.append(bytes[at])
        case UInt8(ascii: "b"): output.append(8)
        case UInt8(ascii: "f"): output.append(12)
        case UInt8(ascii: "n"): output.append(10)
        case UInt8(ascii: "r"): output.append(13)
        case UInt8(ascii: "t"): output.append(9)
        case UInt8(ascii: "u"): return try appendUnicode(from: bytes, at: at + 1, to: &output)
        default: throw .malformed
        }
        return at + 1
    }

    private func appendUnicode(from bytes: Bytes, at: Int, to output: inout [UInt8]) throws(Fault) -> Int {
        var scalar = try hexadecimal(bytes, at: at)
        var next = at + 4
        if scalar >= 0xdc00, scalar <= 0xdfff { throw .badText }
        if scalar >= 0xd800, scalar <= 0xdbff {
            guard next + 6 <= end, bytes[next] == UInt8(ascii: "\\"), bytes[next + 1] == UInt8(ascii: "u") else {
                throw .badText
            }
            let second = try hexadecimal(bytes, at: next + 2)
            guard second >= 0xdc00, second <= 0xdfff else { throw .badText }
            scalar = 0x10000 + (scalar - 0xd800) << 10 + (second - 0xdc00)
            next += 6
        }
        guard scalar != 0, let character = Unicode.Scalar(scalar) else { throw .badText }
        output.append(contentsOf: UTF8.encode(character).unsafelyUnwrapped)
        return next
    }

    private func hexadecimal(_ bytes: Bytes, at: Int) throws(Fault) -> UInt32 {
        guard at + 4 <= end else { throw .malformed }
        var value: UInt32 = 0
        for index in at..<(at + 4) {
            switch bytes[index] {
            case 48...57: value = value << 4 | UInt32(bytes[index] - 48)
            case 65...70: value = value << 4 | UInt32(bytes[index] - 55)
            case 97...102: value = value << 4 | UInt32(bytes[index] - 87)
            default: throw .malformed
            }
        }
        return value
    }
}

/// Appends a JSON string of text that is known to be storable.
func appendQuoted(_ text: Bytes, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            output.append(UInt8(ascii: "\\"))
            output.append(byte)
        case 0..<32:
            output.append(contentsOf: [92, 117, 48, 48, byte < 16 ? 48 : 49])
            output.append(byte & 15 < 10 ? 48 + byte & 15 : 87 + byte & 15)
        default: output.append(byte)
        }
    }
    output.append(UInt8(ascii: "\""))
}
