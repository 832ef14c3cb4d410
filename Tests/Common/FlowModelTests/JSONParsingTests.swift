import FlowModel
import Runtime
import Foundation
import Testing

/// JSON from bytes: strict, with the place of what is wrong, and equal to what Foundation reads.
@Suite struct JSONParsingTests {
    private func parse(_ text: String) throws(JSONError) -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("false", .bool(false)), ("0", .number(0)),
        ("-0", .number(-0.0)), ("-12.5e+2", .number(-1250)), ("1E-3", .number(0.001)),
        ("123456789012345678", .number(123_456_789_012_345_680)), ("\"\"", .string("")),
        ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", .string("a\"\\/\u{8}\u{c}\n\r\t")),
        ("\"\\u0041\\u00e9\\ud83d\\uDE00\"", .string("Aé😀")), ("\"жé😀\"", .string("жé😀")),
        ("[]", .array([])), ("[1,[2,[]]]", .array([.number(1), .array([.number(2), .array([])])])),
        ("{}", .object([:])), ("{\"a\":{\"b\":[null]}}", .object(["a": .object(["b": .array([.null])])])),
        ("{\"a\":1,\"a\":2}", .object(["a": .number(2)])), ("{\r\n\t\"a\" : 1\r\n}\r\n", .object(["a": .number(1)])),
        ("\u{feff}[1]", .array([.number(1)])), ("{\"\\u0061\":1}", .object(["a": .number(1)])),
    ])
    func whatIsJSONIsRead(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        ("", 0, "ends"), ("[1", 2, "ends"), ("[1,]", 3, "value"), ("[1 2]", 3, "comma"), ("{\"a\" 1}", 5, "colon"),
        ("{a:1}", 1, "double quotes"), ("{\"a\":1,}", 7, "double quotes"), ("01", 0, "number"), ("1.", 0, "number"),
        (".5", 0, "value"), ("1e", 0, "number"), ("+1", 0, "value"), ("-", 0, "number"), ("1e999", 0, "too large"),
        ("tru", 0, "word"), ("nulL", 0, "word"), ("NaN", 0, "value"), ("\"a", 0, "without an end"),
        ("\"a\n\"", 2, "control"), ("\"\\x\"", 1, "escape"), ("\"\\u12g4\"", 1, "hexadecimal"),
        ("\"\\ud83d\"", 1, "surrogate"), ("\"\\ude00\"", 1, "surrogate"), ("\"\\ud83d\\u0041\"", 1, "surrogate"),
        ("[] []", 3, "follows"), ("[1]x", 3, "follows"), ("'a'", 0, "value"), ("// c\n1", 0, "value"),
    ])
    func whatIsNoneIsRefusedWithItsPlace(text: String, offset: Int, reason: String) {
        let error = #expect(throws: JSONError.self) { try parse(text) }
        #expect(error?.offset == offset, "\(text): \(error.map(String.init(describing:)) ?? "")")
        #expect(error?.reason.contains(reason) == true, "\(text): \(error?.reason ?? "")")
    }

    @Test(arguments: [
        ([0x22, 0xff, 0x22] as [UInt8], 1), ([0x22, 0xc3, 0x22], 1), ([0x22, 0xed, 0xa0, 0x80, 0x22], 1),
    ])
    func bytesThatAreNoUTF8AreRefused(bytes: [UInt8], offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error?.offset == offset && error?.reason.contains("UTF-8") == true)
    }

    @Test func theNestingHasALimit() throws {
        let limit = JSONScanner.depthLimit
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try parse(nested(limit)) }
        let error = #expect(throws: JSONError.self) { try parse(nested(limit + 1)) }
        #expect(error?.offset == limit)
    }

    @Test(arguments: 0..<40)
    func foundationReadsTheSame(round: Int) throws {
        var generator = TextGenerator(seed: 0x5eed_0000 + UInt64(round))
        for _ in 0..<50 {
            let text = generator.value(depth: 4)
            let data = Data(text.utf8)
            let expected = try JSONDecoder().decode(JSONValue.self, from: data)
            #expect(try parse(text) == expected, "seed round \(round): \(text)")
            // One byte changed: both refuse it, or both read the same.
            var bytes = Array(text.utf8)
            bytes[Int.random(in: 0..<bytes.count, using: &generator.random)] =
                Array("{}[]\",:\\eE+-.09 tfnu/\u{1}".utf8).randomElement(using: &generator.random) ?? 0
            compare(bytes, "seed round \(round): \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    /// Foundation of Swift 6.3 reads `[1,]`, which RFC 8259 does not know, and refuses `0e5`, which it does.
    private func compare(_ bytes: [UInt8], _ comment: Comment) {
        let other = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        do {
            let value = try JSONValue(parsing: bytes)
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            #expect(value == other || other == nil && text.contains("0e"), comment)
        } catch {
            let before = bytes.prefix(error.offset).last { ![32, 9, 10, 13].contains($0) }
            #expect(other == nil || before == UInt8(ascii: ","), comment)
        }
    }

    @Test func anOutlineHoldsKnownKeysOnlyAndChecksTheRest() throws {
        let keys = JSONKeys(["id", "tags", "properties"], open: ["tags"])
        let text = "{\"ID\":\"x\",\"secret\":{\"id\":[\"s\"]},\"tags\":{\"Free\":1},\"properties\":{\"p\":0,\"iD\":2}}"
        let bytes = Array(text.utf8)
        var scanner = JSONScanner()
        var outline = JSONOutline()
        try scanner.begin(bytes.span)
        try outline.read(&scanner, bytes.span, keys: keys)
        let texts = outline.nodes.filter { $0.kind == .text || $0.kind == .number }.map {
            String(decoding: bytes[Int($0.start)..<Int($0.end)], as: UTF8.self)
        }
        #expect(texts == ["x", "Free", "1", "2"])
        #expect(outline.nodes[0].size == UInt32(outline.nodes.count))
        for broken in ["{\"secret\":[1,]}", "{\"secret\":\"\\x\"}", "{\"secret\":01}", "{\"secret\":{\"a\"}}"] {
            let bytes = Array(broken.utf8)
            var scanner = JSONScanner()
            #expect(throws: JSONError.self, "\(broken)") { try outline.read(&scanner, bytes.span, keys: keys) }
        }
    }
}

/// Makes JSON texts; no object holds a key twice, which parsers read differently.
private struct TextGenerator {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return pick(["null", "true", "false"])
        case 1: return pick(["0", "-1", "12.75", "1e5", "-2.5E-3", "9007199254740993", "1234567890123456789"])
        case 2, 3, 4, 5: return text()
        case 6: return "[\(list { $0.value(depth: depth - 1) })]"
        default:
            var number = 0
            return
                "{\(list { number += 1; return "\($0.text().dropLast())\(number)\":\($0.space())\($0.value(depth: depth - 1))" })}"
        }
    }

    private mutating func list(_ element: (inout TextGenerator) -> String) -> String {
        (0..<Int.random(in: 0..<6, using: &random)).map { _ in space() + element(&self) + space() }
            .joined(separator: ",")
    }

    private mutating func space() -> String { pick(["", "", " ", "\r\n", "\t"]) }

    private mutating func text() -> String {
        let parts = (0..<Int.random(in: 0..<5, using: &random)).map { _ in
            pick([
                "a", "Long words of more than eight bytes", "\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "ж",
                "😀", "/", "{", "\u{7f}",
            ])
        }
        return "\"\(parts.joined())\""
    }

    private mutating func pick(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }
}
