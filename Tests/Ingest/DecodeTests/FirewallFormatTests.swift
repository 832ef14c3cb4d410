import Decode
import FlowModel
import Foundation
import Testing

private let keys = [
    "format", "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "icmp_type", "action", "rule", "fqdn",
    "nat_dst_ip", "nat_dst_port", "tcp_flags", "rate_mbps",
]

private let network =
    #""Protocol":"TCP","SourceIp":"10.0.0.4","SourcePort":40000,"DestinationIp":"10.0.1.5","DestinationPort":443,"Action":"Allow","Policy":"p","RuleCollectionGroup":"g","RuleCollection":"c","Rule":"r""#

/// Structured records: category, properties → the row, and its attributes.
private let accepted: [(category: String, properties: String, row: String, attributes: String)] = [
    (
        "AZFWNetworkRule", network,
        "azfw-network-rule 10.0.0.4 40000 10.0.1.5 443 6 null allow g/c/r null null null null null", #"{"Policy":"p"}"#
    ),
    (
        "AZFWNetworkRule",
        #""Protocol":"ICMPv6 Type=128","SourceIp":"[fd00:0003:0005:0001:0000:0000:0000:0004]","SourcePort":0,"DestinationIp":"[2001:0db8:0000:0000:0000:0000:0000:1111]","DestinationPort":0,"Action":"Deny","Policy":"","RuleCollectionGroup":"","RuleCollection":"","Rule":"","ActionReason":"Default Action""#,
        "azfw-network-rule fd00:3:5:1::4 null 2001:db8::1111 null 58 128 deny null null null null null null",
        #"{"Policy":"","ActionReason":"Default Action"}"#
    ),
    (
        "AZFWNetworkRule", network.replacing("TCP", with: "ICMP Type=8").replacing("\"g\"", with: "\"\""),
        "azfw-network-rule 10.0.0.4 null 10.0.1.5 null 1 8 allow c/r null null null null null", #"{"Policy":"p"}"#
    ),
    (
        "AZFWNetworkRule", network.replacing("40000", with: "\"40000\"").replacing("\"TCP\"", with: "\"Any\""),
        "azfw-network-rule 10.0.0.4 40000 10.0.1.5 443 null null allow g/c/r null null null null null",
        #"{"Policy":"p","Protocol":"Any"}"#
    ),
    (
        "AZFWApplicationRule",
        #""Protocol":"HTTPS","SourceIp":"10.0.0.4","SourcePort":40000,"DestinationPort":443,"Fqdn":"Www.Example.com.","TargetUrl":"","Action":"Deny","Policy":"p","RuleCollectionGroup":"g","RuleCollection":"c","Rule":"a, b","ActionReason":"","IsTlsInspected":false,"WebCategory":"News""#,
        "azfw-application-rule 10.0.0.4 40000 null 443 6 null deny g/c/a, b www.example.com null null null null",
        #"{"Protocol":"HTTPS","Policy":"p","ActionReason":"","IsTlsInspected":false,"WebCategory":"News"}"#
    ),
    (
        "AZFWNatRule",
        #""Protocol":"TCP","SourceIp":"198.51.100.9","SourcePort":40000,"DestinationIp":"203.0.113.1","DestinationPort":443,"TranslatedIp":"10.0.1.5","TranslatedPort":"8443","Policy":"p","RuleCollectionGroup":"g","RuleCollection":"c","Rule":"r""#,
        "azfw-nat-rule 198.51.100.9 40000 203.0.113.1 443 6 null null g/c/r null 10.0.1.5 8443 null null",
        #"{"Policy":"p"}"#
    ),
    (
        "AZFWDnsQuery",
        #""SourceIp":"fd00::4","SourcePort":40000,"QueryId":7,"QueryType":"A","QueryName":"Db.Example.COM.","Protocol":"udp","RequestDurationSecs":9.5e-05,"ErrorMessage":"a\tb""#,
        "azfw-dns-query fd00::4 40000 null null 17 null null null db.example.com null null null null",
        #"{"QueryId":7,"QueryType":"A","RequestDurationSecs":9.5e-05,"ErrorMessage":"a\u0009b"}"#
    ),
    (
        "AZFWFlowTrace",
        #""Action":"Log","ActionReason":"Additional TCP Log","Flag":"INVALID","Protocol":"TCP","SourceIp":"10.0.1.5","SourcePort":443,"DestinationIp":"10.0.0.4","DestinationPort":40000"#,
        "azfw-flow-trace 10.0.1.5 443 10.0.0.4 40000 6 null null null null null null INVALID null",
        #"{"Action":"Log","ActionReason":"Additional TCP Log"}"#
    ),
    (
        "AZFWFatFlow",
        #""Protocol":"TCP","SourceIp":"10.0.1.5","SourcePort":443,"DestinationIp":"10.0.9.4","DestinationPort":40000,"FlowRate":"3.2930000000000001","x":{"a":[1,{"b":null}]}"#,
        "azfw-fat-flow 10.0.1.5 443 10.0.9.4 40000 6 null null null null null null null 3.293",
        #"{"x":{"a":[1,{"b":null}]}}"#
    ),
]

/// What is wrong with a structured record → its reason.
private let rejected: [(category: String, properties: String, reason: String)] = [
    ("AZFWNetworkRule", network.replacing("10.0.0.4", with: "host"), "bad_record"),
    ("AZFWNetworkRule", network.replacing("SourceIp", with: "Source"), "bad_record"),
    ("AZFWNetworkRule", network.replacing("\"Allow\"", with: "\"Perhaps\""), "bad_record"),
    ("AZFWNetworkRule", network.replacing("\"Action\"", with: "\"Act\""), "bad_record"),
    ("AZFWNetworkRule", network.replacing("40000", with: "70000"), "bad_record"),
    ("AZFWNetworkRule", network.replacing("40000", with: "{}"), "bad_record"),
    ("AZFWNetworkRule", network.replacing("\"r\"", with: "\"a\\u0000\""), "bad_text"),
    ("AZFWNetworkRule", network.replacing("\"p\"", with: "\"\\udc00\""), "bad_text"),
    ("AZFWNetworkRule", network + #","n":1e999999"#, "bad_record"),
    ("AZFWNetworkRule", network + #","n":01"#, "bad_record"),
    ("AZFWNetworkRule", network + #","n":tru"#, "bad_record"),
    ("AZFWNetworkRule", network + #","n\u0000":1"#, "bad_text"),
    ("AZFWNatRule", network, "bad_record"),
    ("AZFWDnsQuery", #""SourceIp":"10.0.0.4""#, "bad_record"),
    ("AZFWFlowTrace", network, "bad_record"),
    ("AZFWFatFlow", network + #","FlowRate":"fast""#, "bad_record"),
    ("AZFWFatFlow", network + #","FlowRate":"nan""#, "bad_record"),
    ("AZFWThreatIntel", network, "format_not_supported"),
    ("AZFWIdpsSignature", network, "format_not_supported"),
    ("AZFWNetworkRuleAggregation", network, "format_not_supported"),
    ("AZFWFqdnResolveFailure", #""Fqdn":"a""#, "format_not_supported"),
    (
        "AzureFirewallApplicationRule", #""msg":"HTTPS request from 10.0.0.4:1 to a:443. Action: Allow.""#,
        "format_not_supported"
    ),
]

struct FirewallFormatTests {
    @Test(arguments: accepted.indices) func readsStructuredRecords(_ index: Int) throws {
        let expected = accepted[index]
        let decoded = decode(Fixture.azfw(expected.category, expected.properties))
        #expect(decoded.letters.isEmpty, "\(decoded.letters)")
        let row = try decoded.row(0)
        #expect(values(row, keys) == expected.row)
        #expect(decoded.lines[0].contains("\"attributes\":\(expected.attributes),"), "\(decoded.lines[0])")
        #expect(
            values(row, ["time", "vantage", "mac", "direction", "state", "bytes_sent"])
                == "2025-03-01T10:00:00.123456Z \(Fixture.firewall.lowercased()) null null null null")
        #expect(decoded.lines[0].hasSuffix(#""origin":{"file":"drop.json","record":0,"tuple":null}}"# + "\n"))
    }

    @Test(arguments: rejected.indices) func aBrokenOrUnknownRecordIsOneDeadLetter(_ index: Int) {
        let expected = rejected[index]
        let record = Fixture.azfw(expected.category, expected.properties)
        let decoded = decode("\(record)\n\(Fixture.networkRule)\n")
        #expect(decoded.reasons == [expected.reason], "\(decoded.letters)")
        #expect(decoded.lines.count == 1)
        #expect(decoded.letters.first?.category == expected.category)
        #expect(decoded.letters.first?.input == Array(record.utf8))
    }

    @Test func whatElseTheRecordSaysIsAnAttribute() throws {
        let record = Fixture.networkRule.replacing(
            "{\"time\"", with: "{\"tenantId\":\"t\",\"correlationId\":\"c\",\"time\"")
        let attributes = try decode(record).row(0)["attributes"] as? [String: Any]
        #expect(attributes?["tenantId"] as? String == "t")
        #expect(attributes?["correlationId"] as? String == "c")
        #expect(attributes?["category"] == nil)
    }

    @Test func badUTF8IsADeadLetterWhereverItWouldBeKept() {
        for part in ["\"p\"", "\"r\"", "FW1"] {
            for bad: [UInt8] in [
                [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0],
            ] {
                let pieces = Fixture.networkRule.split(separator: part, omittingEmptySubsequences: false)
                let quote: [UInt8] = part.hasPrefix("\"") ? [34] : []
                let bytes = Array(pieces[0].utf8) + quote + bad + quote + Array(pieces[1].utf8)
                #expect(decode(bytes).reasons == ["bad_text"], "\(part) \(bad)")
            }
        }
        let fine = decode(Fixture.networkRule.replacing("\"r\"", with: "\"Bücher 🐟 \\ud83d\\udc1f\""))
        #expect(fine.lines[0].contains("g/c/Bücher 🐟 🐟"))
    }

    @Test(arguments: [
        ("2025-03-01T10:00:00Z", "2025-03-01T10:00:00.000000Z"),
        ("2025-03-01T10:00:00.1234567Z", "2025-03-01T10:00:00.123456Z"),
        ("2025-03-01T10:00:00.123456789Z", "2025-03-01T10:00:00.123456Z"),
        ("2025-03-01T12:00:00.5+02:00", "2025-03-01T10:00:00.500000Z"),
        ("2025-03-01 10:00:00 -01:30", "2025-03-01T11:30:00.000000Z"),
        ("1/9/2017 10:41:00 AM +01:00", "2017-01-09T09:41:00.000000Z"),
        ("1\\/9\\/2017 12:41:00 AM Z", "2017-01-09T00:41:00.000000Z"),
        ("01/09/2017 12:41:00 PM +00:00", "2017-01-09T12:41:00.000000Z"),
        ("01/09/2007 09:41:00", "no_time_zone"), ("1/9/2017 9:41:00 AM", "no_time_zone"),
        ("2025-03-01T10:00:00", "no_time_zone"),
        ("2025-03-01T10:00:00.123456789", "no_time_zone"), ("1/9/2007 10:41:00 AM +01:00", "time_out_of_range"),
        ("2026-01-01T01:00:00.000001Z", "time_out_of_range"), ("2026-01-01T01:00:00Z", "2026-01-01T01:00:00.000000Z"),
        ("2025-02-30T10:00:00Z", "bad_record"), ("2025-03-01T25:00:00Z", "bad_record"), ("", "bad_record"),
        ("2025-03-01T10:00:00.Z", "bad_record"), ("2025-03-01T10:00:00Zz", "bad_record"), ("2025-03-01", "bad_record"),
        ("13/13/2017 10:41:00 AM +01:00", "bad_record"),
    ])
    func readsTimes(_ time: String, _ expected: String) throws {
        let decoded = decode(Fixture.azfw("AZFWNetworkRule", network, time: time))
        let told = try decoded.reasons.first ?? (decoded.row(0)["time"] as? String)
        #expect(told == expected)
    }

    @Test func readsMetricPoints() throws {
        let point = try decode(Fixture.metric).metric(0)
        #expect(
            values(
                point, ["metric", "time", "vantage", "count", "total", "minimum", "maximum", "average", "time_grain"])
                == "DataProcessed 2025-03-01T10:00:00.000000Z \(Fixture.firewall.lowercased()) 4 9 1 4 2.25 PT1M")
        let sparse = try decode(Fixture.metric.replacing("\"total\":9,\"minimum\":1", with: "\"total\":null")).metric(0)
        #expect(values(sparse, ["total", "minimum", "maximum"]) == "null null 4")
        #expect(decode(Fixture.metric.replacing("2.25", with: "\"x\"")).reasons == ["bad_record"])
        #expect(decode(Fixture.metric.replacing("metricName", with: "name")).reasons == ["format_not_supported"])
        #expect(decode(Fixture.metric.replacing("\"resourceId\"", with: "\"id\"")).reasons == ["bad_record"])
    }

    @Test func everyFormatOfTheCatalogueReadsItsFixture() throws {
        for fixture in Fixture.all {
            let decoded = decode(fixture.record)
            #expect(decoded.letters.isEmpty, "\(fixture.format)")
            #expect(decoded.lines.count == fixture.flows)
            #expect(try decoded.row(0)["format"] as? String == fixture.format)
        }
        #expect(Set(Fixture.all.map(\.format)) == Set(LogFormat.allCases.map(\.name)))
    }

    @Test func everyRowHasTheSameKeysInTheSameOrder() throws {
        let expected = [
            "time", "format", "vantage", "mac", "src_ip", "dst_ip", "src_port", "dst_port", "protocol", "icmp_type",
            "direction",
            "action", "state", "packets_sent", "bytes_sent", "packets_received", "bytes_received", "nat_src_ip",
            "nat_src_port",
            "nat_dst_ip", "nat_dst_port", "tcp_flags", "encryption", "rule", "acl", "fqdn", "url", "rate_mbps",
            "event_count",
            "attributes", "origin",
        ]
        for fixture in Fixture.all {
            for line in decode(fixture.record).lines {
                let positions = expected.compactMap { line.range(of: "\"\($0)\":")?.lowerBound }
                #expect(positions.count == expected.count)
                #expect(positions == positions.sorted(), "\(fixture.format)")
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(object?.count == expected.count)
            }
        }
    }
}
