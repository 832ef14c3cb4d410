import Decode
import Digest
import FlowModel
import Foundation

/// 2026-01-01T00:00:00Z: after every fixture.
let fixtureNow = EventTime(seconds: 1_767_225_600)

/// Everything that a drop's decoding gives, for comparison and for questions.
struct Decoded {
    var lines: [String] = []
    var metrics: [String] = []
    var letters: [DeadLetter] = []
    var origins: [RecordOrigin] = []
    var records: Int64 = 0
    var repeated: Int64 = 0
    var checkpoint = DropCheckpoint()
    var digest: [UInt8] = []
    var head: RecordHash?
    var hasEnvelope = false
    var texts: [TextPool] = []

    var reasons: [String] { letters.map(\.reason.rawValue) }

    /// A row as parsed JSON, whose keys `decode` promises.
    func row(_ index: Int) throws -> [String: Any] { try object(lines.indices.contains(index) ? lines[index] : "") }
    func metric(_ index: Int) throws -> [String: Any] {
        try object(metrics.indices.contains(index) ? metrics[index] : "")
    }

    private func object(_ line: String) throws -> [String: Any] {
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
        guard let object = value as? [String: Any] else { throw NotAnObject() }
        return object
    }

    /// All that must not depend on how the bytes were cut.
    var summary: [String] {
        lines + metrics
            + letters.map {
                "\($0.reason) \($0.record ?? -1) \($0.tuple ?? -1) \($0.offset) \($0.hash) \($0.detail) \($0.input.count)"
            }
            + origins.map { "\($0.index) \($0.offset) \($0.hash) \($0.time)" }
            + ["\(records) \(repeated) \(checkpoint) \(digest) \(String(describing: head)) \(hasEnvelope)"]
    }
}

struct NotAnObject: Error {}

/// Decodes a whole drop in pieces of the sizes that `sizes` gives.
func decode(
    _ bytes: [UInt8], file: String = "drop.json", now: EventTime = fixtureNow, limits: DecodeLimits = DecodeLimits(),
    known: RecordSet? = nil, finishes: Bool = true, sizes: () -> Int = { .max }
) -> Decoded {
    var decoder = DropDecoder(file: file, now: now, limits: limits)
    var known = known ?? RecordSet()
    var result = Decoded()
    var batch = FlowBatch()
    var at = 0
    repeat {
        let size = min(sizes(), bytes.count - at)
        decoder.append(bytes.span.extracting(at..<(at + size)))
        at += size
        while true {
            let progress = decoder.decode(into: &batch, known: &known)
            collect(&batch, into: &result)
            if progress == .needsInput { break }
        }
    } while at < bytes.count
    if finishes { decoder.finish(into: &batch) }
    collect(&batch, into: &result)
    result.records = decoder.recordsRead
    result.checkpoint = decoder.checkpoint
    result.digest = decoder.prefixDigest()
    result.head = decoder.head
    result.hasEnvelope = decoder.hasEnvelope
    return result
}

func decode(
    _ text: String, now: EventTime = fixtureNow, limits: DecodeLimits = DecodeLimits(), finishes: Bool = true
) -> Decoded {
    decode(Array(text.utf8), now: now, limits: limits, finishes: finishes)
}

/// Takes a batch's content over as text, and empties it.
func collect(_ batch: inout FlowBatch, into result: inout Decoded) {
    var rows = FlowRecordWriter()
    let points = MetricWriter()
    for index in 0..<batch.count {
        var json = JSONWriter()
        rows.write(row: index, of: batch, to: &json)
        result.lines.append(json.string)
    }
    for index in batch.metrics.indices {
        var json = JSONWriter()
        points.write(point: index, of: batch, to: &json)
        result.metrics.append(json.string)
    }
    result.letters += batch.deadLetters
    result.origins += batch.records
    result.repeated += batch.repeatedRecords
    batch.removeAll()
}

/// Made-up records of every supported format.
enum Fixture {
    static let nsg =
        "/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000001/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/NSG1"
    static let firewall =
        "/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000001/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.NETWORK/AZUREFIREWALLS/FW1"
    static let flowLog =
        "/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000001/RESOURCEGROUPS/NW/PROVIDERS/MICROSOFT.NETWORK/NETWORKWATCHERS/NW/FLOWLOGS/L1"
    static let target =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/VNet1"

    static func nsg(version: Int, _ tuples: [String], rule: String = "UserRule_x") -> String {
        #"{"time":"2025-03-01T10:00:30.1234567Z","systemId":"s","macAddress":"000D3A112233","category":"NetworkSecurityGroupFlowEvent","resourceId":"\#(nsg)","operationName":"NetworkSecurityGroupFlowEvents","properties":{"Version":\#(version),"flows":[{"rule":"\#(rule)","flows":[{"mac":"000D3A445566","flowTuples":[\#(quoted(tuples))]}]}]}}"#
    }

    static func vnet(
        _ tuples: [String], time: String = "2025-03-01T10:00:30.1234567Z", rule: String = "UserRule_y"
    ) -> String {
        #"{"time":"\#(time)","flowLogGUID":"g","macAddress":"000D3A112233","category":"FlowLogFlowEvent","flowLogResourceID":"\#(flowLog)","targetResourceID":"\#(target)","flowLogVersion":4,"operationName":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"/Subscriptions/a/NSG","flowGroups":[{"rule":"\#(rule)","flowTuples":[\#(quoted(tuples))]}]}]}}"#
    }

    static func azfw(_ category: String, _ properties: String, time: String = "2025-03-01T10:00:00.123456+00:00")
        -> String
    {
        #"{"time":"\#(time)","resourceId":"\#(firewall)","properties":{\#(properties)},"category":"\#(category)"}"#
    }

    static func legacy(_ message: String, category: String = "AzureFirewallNetworkRule") -> String {
        #"{"category":"\#(category)","time":"2025-03-01T10:00:00.1234567Z","resourceId":"\#(firewall)","operationName":"\#(category)Log","properties":{"msg":"\#(message)"}}"#
    }

    static let metric =
        #"{"count":4,"total":9,"minimum":1,"maximum":4,"average":2.25,"resourceId":"\#(firewall)","time":"2025-03-01T10:00:00.000Z","metricName":"DataProcessed","timeGrain":"PT1M"}"#

    static let tuple = "1740823200123,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0"
    static let networkRule = azfw(
        "AZFWNetworkRule",
        #""Protocol":"TCP","SourceIp":"10.0.0.4","SourcePort":40000,"DestinationIp":"10.0.1.5","DestinationPort":443,"Action":"Allow","Policy":"p","RuleCollectionGroup":"g","RuleCollection":"c","Rule":"r","ActionReason":"""#
    )

    /// One record of each format, with the flows it holds.
    static let all: [(format: String, record: String, flows: Int)] = [
        (
            "nsg-v1",
            nsg(
                version: 1,
                ["1740823200,10.0.0.4,10.0.1.5,40000,443,T,O,A", "1740823201,10.0.0.4,10.0.1.5,5000,53,U,I,D"]), 2
        ),
        (
            "nsg-v2",
            nsg(
                version: 2,
                [
                    "1740823200,10.0.0.4,10.0.1.5,40000,443,T,O,A,C,1,66,2,132",
                    "1740823201,192.0.2.7,10.0.1.5,5000,22,T,I,D,B,,,,",
                ]), 2
        ),
        ("vnet-v4", vnet([tuple, "1740823201123,10.0.0.4,10.0.1.5,40000,443,6,O,E,NX,5,500,6,600"]), 2),
        ("azfw-network-rule", networkRule, 1),
        (
            "azfw-application-rule",
            azfw(
                "AZFWApplicationRule",
                #""Protocol":"HTTPS","SourceIp":"10.0.0.4","SourcePort":40000,"DestinationPort":443,"Fqdn":"Www.Example.com","TargetUrl":"","Action":"Deny","Policy":"p","RuleCollectionGroup":"g","RuleCollection":"c","Rule":"r","ActionReason":"","IsTlsInspected":false,"WebCategory":"","IsExplicitProxyRequest":false"#
            ), 1
        ),
        (
            "azfw-nat-rule",
            azfw(
                "AZFWNatRule",
                #""Protocol":"TCP","SourceIp":"198.51.100.9","SourcePort":40000,"DestinationIp":"203.0.113.1","DestinationPort":443,"TranslatedIp":"10.0.1.5","TranslatedPort":"8443","Policy":"p","RuleCollectionGroup":"g","RuleCollection":"c","Rule":"r""#
            ), 1
        ),
        (
            "azfw-dns-query",
            azfw(
                "AZFWDnsQuery",
                #""SourceIp":"fd00::4","SourcePort":40000,"QueryId":7,"QueryType":"A","QueryClass":"IN","QueryName":"Db.Example.COM.","Protocol":"udp","RequestSize":50,"DnssecOkBit":false,"EDNS0BufferSize":1232,"ResponseCode":"NOERROR","ResponseFlags":"qr,rd,ra","ResponseSize":60,"RequestDurationSecs":9.5e-05,"ErrorNumber":0,"ErrorMessage":"""#
            ), 1
        ),
        (
            "azfw-flow-trace",
            azfw(
                "AZFWFlowTrace",
                #""Action":"Log","ActionReason":"Additional TCP Log","Flag":"SYN-ACK","Protocol":"TCP","SourceIp":"10.0.1.5","SourcePort":443,"DestinationIp":"10.0.0.4","DestinationPort":40000"#
            ), 1
        ),
        (
            "azfw-fat-flow",
            azfw(
                "AZFWFatFlow",
                #""Protocol":"TCP","SourceIp":"10.0.1.5","SourcePort":443,"DestinationIp":"10.0.9.4","DestinationPort":40000,"FlowRate":"0.0080000000000000002""#
            ), 1
        ),
        (
            "azfw-legacy-network-rule",
            legacy(
                "TCP request from 10.0.0.4:40000 to 10.0.1.5:443. Action: Allow.. Policy: p. Rule Collection Group: g. Rule Collection: c. Rule: r"
            ), 1
        ),
        (
            "azfw-legacy-dns-proxy",
            legacy(
                "DNS Request: 10.0.0.4:40000 - 7 A IN Db.Example.COM. udp 50 false 1232 NOERROR qr,rd,ra 60 0.000095s",
                category: "AzureFirewallDnsProxy"), 1
        ),
    ]

    private static func quoted(_ tuples: [String]) -> String { tuples.map { "\"\($0)\"" }.joined(separator: ",") }
}

/// The hash of a record's bytes.
func hash(_ record: String) -> RecordHash { RecordHash(of: Array(record.utf8).span) }
