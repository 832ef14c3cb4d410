import Decode
import FlowModel
import Runtime
import Testing

private let one = Fixture.vnet([Fixture.tuple])
private let two = Fixture.networkRule
private let three = Fixture.metric
private let bom = "\u{FEFF}"

/// Wrappers around the same three records.
private let wrappers: [(name: String, drop: String)] = [
    ("records", #"{"records":[\#(one),\#(two),\#(three)]}"#),
    ("records with a byte-order mark", bom + #"{"records":[\#(one),\#(two),\#(three)]}"#),
    ("records, spread over lines", "{\r\n  \"records\" : [\r\n\(one) ,\r\n\(two),\r\n\(three)\r\n]\r\n}\r\n"),
    (
        "other members around records",
        #"{"count":3,"more":{"a":[1]},"records":[\#(one),\#(two),\#(three)],"next":null}"#
    ),
    ("records cut off before its end", #"{"records":[\#(one),\#(two),\#(three)"#),
    ("records cut off behind a comma", #"{"records":[\#(one),\#(two),\#(three),"#),
    ("records without its brace", #"{"records":[\#(one),\#(two),\#(three)]"#),
    ("bare array", "[\(one),\(two),\(three)]"),
    ("array of wrappers", #"[{"records":[\#(one)]},{"records":[\#(two),\#(three)]}]"#),
    ("one record a line", "\(one)\n\(two)\r\n\(three)"),
    ("one record a line, the last ended", "\(one)\n\n\(two)\n\(three)\n"),
    ("records one behind the other", one + two + three),
    ("records with blanks between", "  \(one) \(two)\t\(three)  "),
    ("fragment that begins with a comma", ",\(one),\(two),\(three)"),
    ("fragment that ends with the closing", ",\(one),\(two),\(three)]}"),
    ("array with a brace too much", "[\(one),\(two),\(three)]}"),
    ("records inside of records", #"{"records":[{"records":[\#(one),\#(two)]},\#(three)]}"#),
    (
        "records inside of records inside of records",
        #"{"records":[{"records":[{"records":[\#(one)]}]},\#(two),\#(three)]}"#
    ),
    ("a message a line", "{\"records\":[\(one)]}\n{\"records\":[\(two),\(three)]}\n"),
    ("two drops put together", bom + #"{"records":[\#(one)]}"# + bom + #"{"records":[\#(two),\#(three)]}"#),
    ("an empty wrapper first", #"{"records":[]}{"records":[\#(one),\#(two),\#(three)]}"#),
]

struct EnvelopeTests {
    @Test(arguments: wrappers.indices) func everyWrapperGivesTheSameRecords(_ index: Int) {
        let decoded = decode(wrappers[index].drop)
        #expect(decoded.lines.count == 2, "\(wrappers[index].name)")
        #expect(decoded.metrics.count == 1)
        #expect(decoded.letters.isEmpty, "\(wrappers[index].name): \(decoded.letters)")
        #expect(decoded.records == 3)
        #expect(decoded.origins.map(\.hash) == [hash(one), hash(two), hash(three)])
        #expect(decoded.origins.map(\.index) == [0, 1, 2])
    }

    @Test(arguments: wrappers.indices) func recordsStandWhereTheirOriginSays(_ index: Int) {
        let bytes = Array(wrappers[index].drop.utf8)
        for (origin, record) in zip(decode(bytes).origins, [one, two, three]) {
            let start = Int(origin.offset)
            #expect(Array(bytes[start..<(start + record.utf8.count)]) == Array(record.utf8))
        }
    }

    @Test func bracketsAndQuotesInsideOfTextsAreText() {
        let rule = #"}{]["\\\" ,{"records":["#.replacing("\"", with: "\\\"").replacing("\\\\\\\\\"", with: "\\\\")
        let decoded = decode(#"{"records":[\#(Fixture.vnet([Fixture.tuple], rule: rule)),\#(two)]}"#)
        #expect(decoded.records == 2)
        #expect(decoded.lines.count == 2)
        #expect(decoded.letters.isEmpty)
    }

    @Test(arguments: [
        "", " \n", bom, #"{"records":[]}"#, #"{"records": [ ] }"#, "[]", #"{"records":["#, #"{"records":[]"#,
    ])
    func emptyDropsAreNothing(_ drop: String) {
        let decoded = decode(drop)
        #expect(decoded.records == 0)
        #expect(decoded.letters.isEmpty)
        #expect(decoded.head == nil)
    }

    @Test(arguments: [("", false), (#"{"records":[]}"#, true), ("[]", true), (#"{"records":["#, true), ("text", false)])
    func anEnvelopeIsSeenOrNot(_ drop: String, _ hasEnvelope: Bool) {
        #expect(decode(drop).hasEnvelope == hasEnvelope)
    }

    @Test(arguments: ["text\nmore text", "a,b,c\n1,2,3\n", "<xml/>", "[1,2,3]", "\u{1f}\u{8b}\u{8}", "{broken", "nul"])
    func bytesThatAreNoJSONAreOneDeadLetter(_ drop: String) {
        let decoded = decode(drop)
        #expect(decoded.reasons == ["not_json"])
        #expect(decoded.letters[0].record == nil)
        #expect(decoded.records == 0)
    }

    @Test func randomBytesAreOneDeadLetter() {
        for seed in 1...40 as ClosedRange<UInt64> {
            var generator = SplitMix64(seed: seed)
            let bytes = (0..<20_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // A drop that begins with a bracket or blank of its own is as random as any other.
            let decoded = decode(bytes, finishes: true)
            #expect(decoded.reasons == ["not_json"], "seed \(seed)")
        }
    }

    @Test func aBrokenLineCostsOnlyItself() {
        let cutInText = String(two.prefix(90))
        let cutInObject = String(two.prefix(two.count - 30)) + "\""
        // Cut inside of a text, behind a text, a number, a comma, in an array; brackets that do not match; no JSON.
        let broken = [
            cutInText, cutInObject, #"{"category":"AZFWNetworkRule""#, #"{"category":"AZFWNetworkRule","a":12"#,
            #"{"category":"AZFWNetworkRule","a":12,"#, #"{"category":"AZFWNetworkRule","a":[1"#,
            #"{"category":"AZFWNetworkRule","a":[1,2}"#, #"{"category": nonsense}"#,
        ]
        for broken in broken {
            let decoded = decode("\(one)\n\(broken)\n\(three)\n")
            #expect(decoded.lines.count == 1, "\(broken)")
            #expect(decoded.metrics.count == 1, "\(broken)")
            #expect(decoded.reasons == ["bad_record"], "\(broken)")
            #expect(decoded.letters.first?.record == 1)
            #expect(decoded.records == 3)
        }
    }

    @Test func linesThatAreNoJSONCostOnlyThemselves() {
        let decoded = decode("\(one)\nERROR: the exporter failed\n\(three)\n")
        #expect(decoded.lines.count == 1)
        #expect(decoded.metrics.count == 1)
        #expect(decoded.reasons == ["not_json"])
    }

    @Test func wrappersNestedWithoutEndAreNoStack() {
        let deep = String(repeating: #"{"records":["#, count: 10_000)
        #expect(decode(deep).letters.count <= 1)
        #expect(decode(String(repeating: "[", count: 100_000)).reasons == ["not_json"])
        #expect(decode(#"{"category":"x","a":"# + String(repeating: "[", count: 100_000)).letters.count == 1)
    }
}
