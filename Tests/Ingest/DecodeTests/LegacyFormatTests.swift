import Decode
import FlowModel
import Foundation
import Testing

private let keys = [
    "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "icmp_type", "action", "rule", "nat_dst_ip", "nat_dst_port",
]
private let v6 = "[fd00:0003:0005:0001:0000:0000:0000:0004]"

private let accepted: [(text: String, row: String, policy: String?)] = [
    (
        "TCP request from 10.0.0.4:40000 to 10.0.1.5:443. Action: Deny",
        "10.0.0.4 40000 10.0.1.5 443 6 null deny null null null", nil
    ),
    (
        "TCP request from 10.0.0.4:40000 to 10.0.1.5:443. Action: Deny. ",
        "10.0.0.4 40000 10.0.1.5 443 6 null deny null null null", nil
    ),
    (
        "UDP request from 10.0.0.4:40000 to 10.0.1.5:53. Action: Deny.. ",
        "10.0.0.4 40000 10.0.1.5 53 17 null deny null null null", nil
    ),
    (
        "TCP request from 10.0.0.4:1 to 10.0.1.5:2. Action: Allow.. Rule Collection: X. Rule: Y",
        "10.0.0.4 1 10.0.1.5 2 6 null allow X/Y null null", nil
    ),
    (
        "TCP request from 10.0.0.4:1 to 10.0.1.5:2. Action: Allow. Rule Collection: X. Rule: Y",
        "10.0.0.4 1 10.0.1.5 2 6 null allow X/Y null null", nil
    ),
    (
        "TCP request from 10.0.0.4:1 to 10.0.1.5:2. Action: Deny.. Policy: P 1. Rule Collection Group: G. Rule Collection: C. Rule: To-Services, HTTP 1.1",
        "10.0.0.4 1 10.0.1.5 2 6 null deny G/C/To-Services, HTTP 1.1 null null", "P 1"
    ),
    (
        "TCP request from \(v6):38238 to [2001:0db8:0000:0000:0000:0000:0000:1111]:80. Action: Allow.. Policy: P. Rule Collection Group: G. Rule Collection: C. Rule: R",
        "fd00:3:5:1::4 38238 2001:db8::1111 80 6 null allow G/C/R null null", "P"
    ),
    (
        "ICMP Type=8 request from 10.0.0.4 to 10.0.1.5. Action: Deny. ",
        "10.0.0.4 null 10.0.1.5 null 1 8 deny null null null", nil
    ),
    (
        "ICMP Type=8 request from 10.0.0.4:0 to 10.0.1.5:0. Action: Deny.. ",
        "10.0.0.4 null 10.0.1.5 null 1 8 deny null null null", nil
    ),
    (
        "ICMP request from 10.0.0.4: to 10.0.1.5:. Action: Allow. ",
        "10.0.0.4 null 10.0.1.5 null 1 null allow null null null", nil
    ),
    (
        "ICMPv6 Type=128 request from \(v6):0 to \(v6):0. Action: Allow.. Policy: P. Rule Collection Group: G. Rule Collection: C. Rule: R",
        "fd00:3:5:1::4 null fd00:3:5:1::4 null 58 128 allow G/C/R null null", "P"
    ),
    (
        "TCP request from 198.51.100.9:40000 to 203.0.113.1:443 was DNAT'ed to 10.0.1.5:3388. Rule Collection: DNAT. Rule: rule",
        "198.51.100.9 40000 203.0.113.1 443 6 null null DNAT/rule 10.0.1.5 3388", nil
    ),
    (
        "TCP request from 198.51.100.9:40000 to 203.0.113.1:443 was DNAT'ed to 10.0.1.5:3388. Policy: P. Rule Collection Group: G. Rule Collection: C. Rule: R",
        "198.51.100.9 40000 203.0.113.1 443 6 null null G/C/R 10.0.1.5 3388", "P"
    ),
    (
        "TCP request from 198.51.100.9:40000 to 203.0.113.1:443 was DNAT\\u0027ed to 10.0.1.5:3388",
        "198.51.100.9 40000 203.0.113.1 443 6 null null null 10.0.1.5 3388", nil
    ),
]

private let rejected: [(text: String, reason: String)] = [
    (
        "ICMP request from 192.0.2.2: to 198.51.100.1:. Action: alert. Signature: 2100366. IDS: PING. Priority: 3. Classification: Misc",
        "format_not_supported"
    ),
    (
        "HTTP request from 10.0.0.4:1 to bad.example:80. Url: bad.example/x. Action: Alert. ThreatIntel: Bot",
        "format_not_supported"
    ),
    (
        "HTTPS request from 10.0.0.4:1 to a.example:443. Action: Allow. Rule Collection: C. Rule: R",
        "format_not_supported"
    ),
    (
        "Failed to resolve FQDN a.example. Error: x. DNS resolution returned no IPv4 IPs. Rule Collection: p:g:c. Rule: r",
        "format_not_supported"
    ),
    ("TCP request from 10.0.0.4:1 to 10.0.1.5:2. Action: Perhaps", "bad_record"),
    ("TCP request from 10.0.0.4:1 to 10.0.1.5:2. Verdict: Allow", "bad_record"),
    ("TCP request from 10.0.0.4:1 to 10.0.1.5:2. Action: Allow. Something new", "bad_record"),
    ("TCP request from 10.0.0.4:1 to host:2. Action: Allow", "bad_record"),
    ("TCP request from 10.0.0.4:99999 to 10.0.1.5:2. Action: Allow", "bad_record"),
    ("TCP request from 10.0.0.4:1", "bad_record"), ("", "bad_record"),
    ("XYZ request from 10.0.0.4:1 to 10.0.1.5:2. Action: Allow", "bad_record"),
    ("TCP request from 10.0.0.4:1 to 10.0.1.5:2. Action: Allow.. Rule: a\\u0000", "bad_text"),
]

struct LegacyFormatTests {
    @Test(arguments: accepted.indices) func readsNetworkRuleTexts(_ index: Int) throws {
        let decoded = decode(Fixture.legacy(accepted[index].text))
        #expect(decoded.letters.isEmpty, "\(decoded.letters)")
        let row = try decoded.row(0)
        #expect(values(row, keys) == accepted[index].row)
        let attributes = row["attributes"] as? [String: Any]
        #expect(attributes?["Policy"] as? String == accepted[index].policy)
        #expect(attributes?["operationName"] as? String == "AzureFirewallNetworkRuleLog")
        #expect(attributes?["msg"] == nil)
    }

    @Test(arguments: rejected.indices) func otherTextsAreOneDeadLetterOfTheirCategory(_ index: Int) {
        let decoded = decode(Fixture.legacy(rejected[index].text))
        #expect(decoded.lines.isEmpty)
        #expect(decoded.reasons == [rejected[index].reason], "\(decoded.letters)")
        #expect(decoded.letters.first?.category == "AzureFirewallNetworkRule")
    }

    @Test func readsDNSTextsWithTheKeysOfTheStructuredCategory() throws {
        for dash in ["-", "\u{2013}"] {
            let text =
                "DNS Request: [fd00:3:5:1::4]:40000 \(dash) 7 AAAA IN Db.Example.COM. udp 52 false 1232 NOERROR - 68 0.000092102s"
            let decoded = decode(Fixture.legacy(text, category: "AzureFirewallDnsProxy"))
            #expect(decoded.letters.isEmpty, "\(decoded.letters)")
            let row = try decoded.row(0)
            #expect(
                values(row, ["src_ip", "src_port", "dst_ip", "dst_port", "protocol", "action", "fqdn"])
                    == "fd00:3:5:1::4 40000 null null 17 null db.example.com")
            #expect(
                decoded.lines[0].contains(
                    #""QueryId":7,"QueryType":"AAAA","QueryClass":"IN","RequestSize":52,"DnssecOkBit":false,"EDNS0BufferSize":1232,"ResponseCode":"NOERROR","ResponseFlags":"-","ResponseSize":68,"RequestDurationSecs":0.000092102}"#
                ))
        }
    }

    @Test func readsDNSErrors() throws {
        let text = " Error: 2 Db.example.com. A: read udp 10.0.1.4:4242->168.63.129.16:53: i/o timeout"
        let decoded = decode(Fixture.legacy(text, category: "AzureFirewallDnsProxy"))
        #expect(decoded.letters.isEmpty, "\(decoded.letters)")
        #expect(
            values(try decoded.row(0), ["src_ip", "src_port", "dst_ip", "protocol", "fqdn"])
                == "10.0.1.4 4242 null 17 db.example.com")
        #expect(
            decoded.lines[0].contains(
                #""QueryType":"A","ErrorNumber":2,"ErrorMessage":"read udp 10.0.1.4:4242->168.63.129.16:53: i/o timeout"}"#
            ))
    }

    @Test(arguments: [
        "DNS Request: x - 7 A IN a. udp 52 false 1232 NOERROR - 68 0.1s", "DNS Request: 10.0.0.4:1 - 7 A IN a. udp 52",
        "DNS Request: 10.0.0.4:1 - seven A IN a. udp 52 false 1232 NOERROR - 68 0.1s",
        "DNS Request: 10.0.0.4:1 - 7 A IN a. udp 52 maybe 1232 NOERROR - 68 0.1s",
        "DNS Request: 10.0.0.4:1 - 7 A IN a. udp 52 false 1232 NOERROR - 68 0.1", "Error: x a. A: y", "something else",
    ])
    func unknownDNSTextsAreDeadLetters(_ text: String) {
        #expect(decode(Fixture.legacy(text, category: "AzureFirewallDnsProxy")).reasons == ["bad_record"])
    }
}
