/// Writes compact JSON into bytes, in the order of the calls: the same value gives the same bytes.
///
/// It adds the commas; the caller keeps objects and arrays balanced.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init() {}

    package var string: String { String(decoding: bytes, as: UTF8.self) }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ name: String) {
        separate()
        quote(name.utf8)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A key that was written before: quotes, escapes and colon included.
    package mutating func key(encoded: [UInt8]) {
        separate()
        bytes.append(contentsOf: encoded)
        needsComma = false
    }

    package mutating func null() { raw("null") }
    package mutating func value(_ value: Bool?) { raw(value.map { $0 ? "true" : "false" } ?? "null") }
    package mutating func value(_ value: Int64?) { raw(value.map(String.init) ?? "null") }
    package mutating func value(_ value: Int?) { raw(value.map(String.init) ?? "null") }
    package mutating func value(_ value: EventTime?) { self.value(value?.description) }

    /// Whole numbers print without a fraction; what JSON cannot hold (NaN, infinities) is null.
    package mutating func value(_ value: Double?) {
        guard let value, value.isFinite else { return null() }
        if value == value.rounded(), abs(value) < 1e15 { raw(String(Int64(value))) } else { raw("\(value)") }
    }

    package mutating func value(_ value: String?) {
        guard let value else { return null() }
        separate()
        quote(value.utf8)
        needsComma = true
    }

    /// A text of a pool, or null.
    package mutating func value(_ text: ArraySlice<UInt8>, isNull: Bool) {
        guard !isNull else { return null() }
        separate()
        quote(text)
        needsComma = true
    }

    package mutating func value(_ values: [String]) {
        beginArray()
        for value in values { self.value(value) }
        endArray()
    }

    /// JSON that is known to be well formed, such as a record's `attributes`.
    package mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    package mutating func raw(_ json: String) { raw(json.utf8) }

    /// A line's end between two documents of NDJSON.
    package mutating func newline() {
        bytes.append(10)
        needsComma = false
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    /// Without an early end, so that the loop takes many bytes at once.
    private static func isPlain(_ text: some Sequence<UInt8>) -> Bool {
        text.withContiguousStorageIfAvailable { text in
            var odd: UInt8 = 0
            for byte in text {
                odd |= byte < 32 ? 1 : 0
                odd |= byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 1 : 0
            }
            return odd == 0
        } ?? false
    }

    private mutating func quote(_ text: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        defer { bytes.append(UInt8(ascii: "\"")) }
        // Most texts have nothing to escape: they are copied as a whole.
        if JSONWriter.isPlain(text) { return bytes.append(contentsOf: text) }
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 10: bytes.append(contentsOf: "\\n".utf8)
            case 13: bytes.append(contentsOf: "\\r".utf8)
            case 9: bytes.append(contentsOf: "\\t".utf8)
            case 0..<32:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(byte < 16 ? 48 : 49)
                let digit = byte & 15
                bytes.append(digit < 10 ? 48 + digit : 87 + digit)
            default: bytes.append(byte)
            }
        }
    }
}
