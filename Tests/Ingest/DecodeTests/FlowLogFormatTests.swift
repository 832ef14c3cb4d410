import Decode
import FlowModel
import Foundation
import Testing

/// A row's values as text, in the order of `keys`.
func values(_ row: [String: Any], _ keys: [String]) -> String {
    keys.map { key in
        guard let value = row[key] else { return "missing" }
        return value is NSNull ? "null" : "\(value)"
    }.joined(separator: " ")
}

private let tupleKeys = [
    "time", "src_ip", "dst_ip", "src_port", "dst_port", "protocol", "direction", "action", "state", "packets_sent",
    "bytes_sent", "packets_received", "bytes_received", "encryption",
]

private let vnetAccepted: [(tuple: String, row: String)] = [
    (
        "1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0",
        "2025-03-01T10:00:00.123000Z 10.0.0.4 10.0.1.5 40000 443 6 out allow begin 0 0 0 0 NX"
    ),
    (
        "1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,,,,",
        "2025-03-01T10:00:00.123000Z 10.0.0.4 10.0.1.5 40000 443 6 out allow begin null null null null NX"
    ),
    (
        "1740823200,192.0.2.1,10.0.1.5,40000,3389,6,I,D,NX,0,0,0,0",
        "2025-03-01T10:00:00.000000Z 192.0.2.1 10.0.1.5 40000 3389 6 in deny deny 0 0 0 0 NX"
    ),
    (
        "1740823200123,fd00:0:0:0::4,2001:DB8:0:0:0:0:0:1,1,65535,17,O,C,X,1,2,3,4",
        "2025-03-01T10:00:00.123000Z fd00::4 2001:db8::1 1 65535 17 out allow continue 1 2 3 4 X"
    ),
    (
        "1740823200123,10.0.0.4,10.0.1.5,0,0,1,O,E,NX_HW_NOT_SUPPORTED,9999999999999,2,3,4",
        "2025-03-01T10:00:00.123000Z 10.0.0.4 10.0.1.5 null null 1 out allow end 9999999999999 2 3 4 NX_HW_NOT_SUPPORTED"
    ),
    (
        "1740823200123,10.0.0.4,10.0.1.5,5,5,47,O,E,,1,2,3,4",
        "2025-03-01T10:00:00.123000Z 10.0.0.4 10.0.1.5 5 5 47 out allow end 1 2 3 4 null"
    ),
]

private let vnetRejected: [(tuple: String, reason: String)] = [
    ("", "bad_tuple"), ("1740823200123", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0,", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,65536,6,O,B,NX,0,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,256,O,B,NX,0,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,T,O,B,NX,0,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,6,X,B,NX,0,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,Q,NX,0,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.256,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,host,40000,443,6,O,B,NX,0,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,-1,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,99999999999999999999,0,0,0", "bad_tuple"),
    ("1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,N X,0,0,0,0", "bad_tuple"),
    ("-1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0", "bad_tuple"),
    ("1262303999999,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0", "time_out_of_range"),
    ("1767229200001,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0", "time_out_of_range"),
    ("1740823200123456,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0", "time_out_of_range"),
    ("0,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0", "time_out_of_range"),
]

private let nsgAccepted: [(version: Int, tuple: String, row: String)] = [
    (
        1, "1740823200,10.0.0.4,10.0.1.5,40000,443,T,O,A",
        "2025-03-01T10:00:00.000000Z 10.0.0.4 10.0.1.5 40000 443 6 out allow null null null null null null"
    ),
    (
        1, "1740823200,10.0.0.4,10.0.1.5,5000,53,U,I,D",
        "2025-03-01T10:00:00.000000Z 10.0.0.4 10.0.1.5 5000 53 17 in deny null null null null null null"
    ),
    (
        2, "1740823200,10.0.0.4,10.0.1.5,40000,443,T,I,D,B,,,,",
        "2025-03-01T10:00:00.000000Z 10.0.0.4 10.0.1.5 40000 443 6 in deny begin null null null null null"
    ),
    (
        2, "1740823200,10.0.0.4,10.0.1.5,40000,443,T,O,A,E,1,74,0,0",
        "2025-03-01T10:00:00.000000Z 10.0.0.4 10.0.1.5 40000 443 6 out allow end 1 74 0 0 null"
    ),
    (
        2, "1740823200123,10.0.0.4,10.0.1.5,5000,53,U,O,A,C,1,74,2,148",
        "2025-03-01T10:00:00.123000Z 10.0.0.4 10.0.1.5 5000 53 17 out allow continue 1 74 2 148 null"
    ),
]

private let nsgRejected: [(version: Int, tuple: String)] = [
    (1, "1740823200,10.0.0.4,10.0.1.5,40000,443,T,O,A,B,,,,"), (1, "1740823200,10.0.0.4,10.0.1.5,40000,443,6,O,A"),
    (2, "1740823200,10.0.0.4,10.0.1.5,40000,443,T,O,A"), (2, "1740823200,10.0.0.4,10.0.1.5,40000,443,T,O,A,D,,,,"),
    (2, "1740823200,10.0.0.4,10.0.1.5,40000,443,T,O,X,B,,,,"), (2, Fixture.tuple),
]

struct FlowLogFormatTests {
    @Test(arguments: vnetAccepted.indices) func readsVNetTuples(_ index: Int) throws {
        let decoded = decode(Fixture.vnet([vnetAccepted[index].tuple]))
        #expect(decoded.letters.isEmpty)
        #expect(values(try decoded.row(0), tupleKeys) == vnetAccepted[index].row)
    }

    @Test(arguments: vnetRejected.indices) func aBrokenVNetTupleIsADeadLetterAndTheOthersLoad(_ index: Int) throws {
        let broken = vnetRejected[index].tuple
        let decoded = decode(Fixture.vnet([Fixture.tuple, broken, Fixture.tuple]))
        #expect(decoded.lines.count == 2)
        #expect(decoded.reasons == [vnetRejected[index].reason])
        let letter = try #require(decoded.letters.first)
        #expect(letter.record == 0)
        #expect(letter.tuple == 1)
        #expect(letter.category == "FlowLogFlowEvent")
        #expect(letter.input == Array(broken.utf8))
        #expect(decoded.lines[1].contains(#""tuple":2"#))
    }

    @Test func aTimeAnHourAheadIsTheLast() {
        let last = decode(Fixture.vnet(["1767229200000,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0"]))
        #expect(last.letters.isEmpty)
    }

    @Test(arguments: nsgAccepted.indices) func readsNSGTuples(_ index: Int) throws {
        let expected = nsgAccepted[index]
        let decoded = decode(Fixture.nsg(version: expected.version, [expected.tuple]))
        #expect(decoded.letters.isEmpty)
        #expect(values(try decoded.row(0), tupleKeys) == expected.row)
    }

    @Test(arguments: nsgRejected.indices) func aBrokenNSGTupleIsADeadLetter(_ index: Int) {
        let decoded = decode(Fixture.nsg(version: nsgRejected[index].version, [nsgRejected[index].tuple]))
        #expect(decoded.lines.isEmpty)
        #expect(decoded.reasons == ["bad_tuple"])
    }

    @Test func aVNetRowNamesItsLogTargetAndRule() throws {
        let decoded = decode(Fixture.vnet([Fixture.tuple]))
        let row = try decoded.row(0)
        #expect(
            values(row, ["format", "vantage", "mac", "rule", "acl", "attributes", "event_count"])
                == "vnet-v4 \(Fixture.target.lowercased()) 000D3A112233 UserRule_y /subscriptions/a/nsg null 1")
        #expect(decoded.origins[0].time.description == "2025-03-01T10:00:30.123456Z")
    }

    @Test func anNSGRowNamesTheMACOfItsGroup() throws {
        let row = try decode(Fixture.nsg(version: 2, ["1740823200,10.0.0.4,10.0.1.5,40000,443,T,I,D,B,,,,"])).row(0)
        let nsg = Fixture.nsg.lowercased()
        #expect(
            values(row, ["format", "vantage", "mac", "rule", "acl"]) == "nsg-v2 \(nsg) 000D3A445566 UserRule_x \(nsg)")
    }

    @Test func sourcesAreTheFlowLogThenTheTarget() {
        func source(_ record: String) -> String? {
            var decoder = DropDecoder(file: "drop", now: fixtureNow)
            var known = RecordSet()
            var batch = FlowBatch()
            decoder.append(Array(record.utf8).span)
            _ = decoder.decode(into: &batch, known: &known)
            return batch.rows.first.flatMap { batch.texts.string($0.source) }
        }
        let record = Fixture.vnet([Fixture.tuple])
        #expect(source(record) == Fixture.flowLog.lowercased())
        #expect(source(record.replacing("flowLogResourceID", with: "other")) == Fixture.target.lowercased())
        #expect(source(Fixture.nsg(version: 1, ["1740823200,10.0.0.4,10.0.1.5,4,3,T,O,A"])) == Fixture.nsg.lowercased())
        #expect(source(Fixture.networkRule) == "\(Fixture.firewall.lowercased())#azfwnetworkrule")
    }

    @Test func keysComeInAnyOrder() throws {
        let record =
            #"{"flowRecords":{"flows":[{"flowGroups":[{"flowTuples":["\#(Fixture.tuple)"],"rule":"r"},{"flowTuples":[],"rule":"s"}],"aclID":"unspecified"},{"flowGroups":[],"aclID":"a"}]},"flowLogVersion":4,"operationName":"FlowLogFlowEvent","targetResourceID":"\#(Fixture.target)","macAddress":"00-0d-3a-11-22-33","time":"2025-03-01T10:00:30Z","c\u0061tegory":"FlowLogFlowEvent"}"#
        let decoded = decode(record)
        #expect(decoded.letters.isEmpty)
        #expect(values(try decoded.row(0), ["rule", "acl", "mac"]) == "r unspecified 000D3A112233")
    }

    @Test func groupsWithoutTuplesAndPlatformRulesAreFine() {
        let record = Fixture.nsg(version: 2, [])
        #expect(decode(record).letters.isEmpty)
        #expect(
            decode(record.replacing(#""flows":[{"mac":"000D3A445566","flowTuples":[]}]"#, with: #""flows":[]"#)).letters
                .isEmpty)
    }

    @Test(arguments: [
        ("\"flowRecords\"", "\"nothing\"", "bad_record"), ("\"flows\"", "\"flow\"", "bad_record"),
        ("\"flowLogVersion\":4", "\"flowLogVersion\":5", "format_not_supported"),
        ("\"flowLogVersion\":4,", "", "bad_record"), ("[\"", "\"", "bad_record"),
        ("\"flowTuples\":[", "\"flowTuples\":{", "bad_record"), ("\"flowTuples\":", "\"flowTuples\"", "bad_record"),
        ("2025-03-01T10:00:30.1234567Z", "2025-03-01T10:00:30.1234567", "no_time_zone"),
        ("2025-03-01T10:00:30.1234567Z", "2009-12-31T23:59:59Z", "time_out_of_range"),
        ("2025-03-01T10:00:30.1234567Z", "52217-03-01T10:00:30Z", "time_out_of_range"),
        ("2025-03-01T10:00:30.1234567Z", "yesterday", "bad_record"),
        ("UserRule_y", "a\\u0000b", "bad_text"), ("UserRule_y", "\\ud800", "bad_text"),
        ("UserRule_y", "\\q", "bad_record"),
        ("FlowLogFlowEvent", "FlowLogFlowEvents", "format_not_supported"),
    ])
    func aBrokenRecordIsOneDeadLetter(_ part: String, _ replacement: String, _ reason: String) {
        let broken = Fixture.vnet([Fixture.tuple, "x"]).replacing(part, with: replacement)
        let decoded = decode("\(broken)\n\(Fixture.metric)")
        #expect(decoded.lines.isEmpty)
        #expect(decoded.reasons == [reason], "\(decoded.letters)")
        #expect(decoded.metrics.count == 1)
        #expect(decoded.letters.first?.tuple == nil)
    }

    @Test func aRecordWithoutATimeHasThatOfItsFirstFlow() {
        let decoded = decode(Fixture.vnet([Fixture.tuple]).replacing("\"time\"", with: "\"when\""))
        #expect(decoded.letters.isEmpty)
        #expect(decoded.origins[0].time.description == "2025-03-01T10:00:00.123000Z")
    }
}
