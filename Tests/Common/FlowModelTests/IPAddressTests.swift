import FlowModel
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("10.1.0.4", "10.1.0.4"), ("255.255.255.255", "255.255.255.255"), ("0.0.0.0", "0.0.0.0"),
        ("[fd10:0003:0005:0001:0000:0000:0000:0004]", "fd10:3:5:1::4"), ("::", "::"), ("::1", "::1"),
        ("fe80::", "fe80::"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("::ffff:10.1.0.4", "10.1.0.4"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("FD00::ABCD", "fd00::abcd"),
    ])
    func hasOneCanonicalSpelling(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "10.1.0", "10.1.0.4.5", "10.1.0.256", "10.1..4", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":1",
        "1:",
        "12345::", "g::", "10.1.0.4:80", "[10.1.0.4", "1:2:3:4:5:6:7::8:9",
    ])
    func refusesWhatIsNoAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func privateRangesEndWhereTheyEnd() {
        for (text, isPrivate) in [
            ("10.255.255.255", true), ("11.0.0.0", false), ("172.16.0.0", true), ("172.32.0.0", false),
            ("192.168.255.255", true), ("192.169.0.0", false), ("100.64.0.0", true), ("100.128.0.0", false),
            ("fd00::1", true), ("fe80::1", true), ("2001:db8::1", false),
        ] {
            #expect(IPAddress(text)?.isPrivate == isPrivate, "\(text)")
        }
    }
}

@Suite struct IPPrefixTests {
    @Test func cutsHostBitsAndContains() throws {
        let prefix = try #require(IPPrefix("10.2.2.77/24"))
        #expect(prefix.description == "10.2.2.0/24")
        #expect(prefix.contains(try #require(IPAddress("10.2.2.255"))))
        #expect(!prefix.contains(try #require(IPAddress("10.2.3.0"))))
        #expect(!prefix.contains(try #require(IPAddress("fd00::1"))))
        #expect(IPPrefix("10.0.0.0/33") == nil)
        #expect(IPPrefix("0.0.0.0/0")?.contains(try #require(IPAddress("203.0.113.9"))) == true)
        #expect(IPPrefix("::/0")?.contains(try #require(IPAddress("203.0.113.9"))) == false)
    }

    @Test func theLongestPrefixWins() throws {
        var table = PrefixTable<String>()
        for text in ["0.0.0.0/0", "10.0.0.0/8", "10.2.0.0/16", "10.2.2.5/32", "fd00::/8"] {
            table.insert(text, at: try #require(IPPrefix(text)))
        }
        for (address, match) in [
            ("10.2.2.5", "10.2.2.5/32"), ("10.2.2.6", "10.2.0.0/16"), ("10.3.0.1", "10.0.0.0/8"),
            ("192.0.2.1", "0.0.0.0/0"), ("fd12::1", "fd00::/8"),
        ] {
            #expect(table.longestMatch(try #require(IPAddress(address))) == match)
        }
        #expect(table.longestMatch(try #require(IPAddress("2001:db8::1"))) == nil)
    }
}
