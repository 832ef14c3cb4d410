/// JSON from bytes, several times as fast as `JSONDecoder` (docs/decisions/0008).
extension JSONValue {
    /// Reads one document, which must be all of the text. Of two members of one name the last counts.
    package init(parsing bytes: [UInt8]) throws(JSONError) {
        let span = bytes.span
        var scanner = JSONScanner()
        try scanner.begin(span)
        self = try JSONValue(next: &scanner, span)
        guard scanner.peek(span) == nil else {
            throw JSONError(offset: scanner.position, reason: "something follows the document")
        }
    }

    /// Reads the value that the scanner stands before, and leaves the scanner behind it.
    package init(next scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(JSONError) {
        self = try JSONValue.read(&scanner, bytes, depth: 0)
    }

    private static func read(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int
    ) throws(JSONError) -> JSONValue {
        switch scanner.peek(bytes) {
        case UInt8(ascii: "\"")?: return .string(try scanner.text(bytes).string(in: bytes))
        case UInt8(ascii: "{")?, UInt8(ascii: "[")?:
            guard depth < JSONScanner.depthLimit else {
                throw JSONError(offset: scanner.position, reason: "more than \(JSONScanner.depthLimit) levels")
            }
            return scanner.skip(UInt8(ascii: "["), bytes)
                ? try readArray(&scanner, bytes, depth: depth + 1) : try readObject(&scanner, bytes, depth: depth + 1)
        default:
            switch try scanner.scalar(bytes) {
            case .null: return .null
            case .true: return .bool(true)
            case .false: return .bool(false)
            case .number(let start, let end): return .number(try jsonNumber(bytes, start, end))
            }
        }
    }

    private static func readArray(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int
    ) throws(JSONError) -> JSONValue {
        var values: [JSONValue] = []
        if scanner.skip(UInt8(ascii: "]"), bytes) { return .array(values) }
        repeat {
            values.append(try read(&scanner, bytes, depth: depth))
        } while try scanner.hasNext(before: UInt8(ascii: "]"), bytes)
        return .array(values)
    }

    private static func readObject(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int
    ) throws(JSONError) -> JSONValue {
        _ = scanner.skip(UInt8(ascii: "{"), bytes)
        var members: [String: JSONValue] = [:]
        if scanner.skip(UInt8(ascii: "}"), bytes) { return .object(members) }
        repeat {
            let key = try scanner.key(bytes).string(in: bytes)
            members[key] = try read(&scanner, bytes, depth: depth)
        } while try scanner.hasNext(before: UInt8(ascii: "}"), bytes)
        return .object(members)
    }
}
