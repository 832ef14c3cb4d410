internal import FlowModel

/// `azfw-legacy-dns-proxy`: the texts of category `AzureFirewallDnsProxy`.
///
/// ```
/// DNS Request: a:p - {id} {type} {class} {name}. {udp|tcp} {size} {do} {edns} {rcode} {flags|-} {size} {seconds}s
///  Error: {number} {name}. {type}: read udp a:p->b:53: i/o timeout
/// ```
/// The attributes carry the keys of the structured category, so that one question is asked of both. In an error's text
/// the source is the firewall's own socket towards its DNS server; the client is not told.
/// https://learn.microsoft.com/azure/firewall/monitor-firewall-reference (legacy DNS proxy log); shapes seen in real
/// records.
enum AzureFirewallDNSProxyFormat {
    static let category: StaticString = "AzureFirewallDnsProxy"

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        var row = try context.firewallRow(.azfwLegacyDNSProxy, into: &batch)
        let properties = try FirewallProperties(&context, columns: [.message])
        guard let message = properties.text(.message) else { throw .bad("the record holds no text in properties.msg") }
        context.reopenAttributes()
        try context.withPlain(message) { (bytes, context) throws(Fault) in
            var text = LegacyText(bytes)
            text.skipBlanks()
            if text.skip("DNS Request: ") {
                try readQuery(&text, into: &row, &context, &batch)
            } else if text.skip("Error: ") {
                try readError(&text, into: &row, &context, &batch)
            } else {
                throw unknownText
            }
        }
        context.endAttributes()
        row.attributes = context.attributesID(isUnique: true, into: &batch)
        batch.append(row)
    }

    private static let unknownText = Fault.bad("the text has a shape that this reader does not know")

    private static func readQuery(
        _ text: inout LegacyText, into row: inout FlowRow, _ context: inout FormatContext, _ batch: inout FlowBatch
    ) throws(Fault) {
        let bytes = text.bytes
        let client = text.word()
        guard let source = LegacyEndpoint(bytes, client) else { throw unknownText }
        row.sourceAddress = source.address
        row.sourcePort = source.port
        // Documents print an en dash here, records a hyphen.
        guard text.skip(" - ") || text.skip(" \u{2013} ") else { throw unknownText }
        var words = InlineArray<12, Range<Int>>(repeating: 0..<0)
        for index in words.indices {
            words[index] = text.word()
            guard !words[index].isEmpty, index == 11 || text.skip(" ") else { throw unknownText }
        }
        text.skipBlanks()
        guard text.rest.isEmpty else { throw unknownText }
        func part(_ index: Int) -> Bytes { bytes.part(words[index].lowerBound, words[index].upperBound) }
        row.ipProtocol = ProtocolToken(part(4)).number
        row.fqdn = context.internHost(part(3), into: &batch)
        let seconds = words[11].lowerBound..<(words[11].upperBound - 1)
        guard bytes[words[11].upperBound - 1] == UInt8(ascii: "s"), bytes.isNumber(seconds) else { throw unknownText }
        for index in [0, 5, 7, 10] where !bytes.isNumber(words[index]) { throw unknownText }
        guard part(6).equals("true", from: 0, to: part(6).count) || part(6).equals("false", from: 0, to: part(6).count)
        else { throw unknownText }
        context.appendAttribute("QueryId", literal: part(0))
        context.appendAttribute("QueryType", text: part(1))
        context.appendAttribute("QueryClass", text: part(2))
        context.appendAttribute("RequestSize", literal: part(5))
        context.appendAttribute("DnssecOkBit", literal: part(6))
        context.appendAttribute("EDNS0BufferSize", literal: part(7))
        context.appendAttribute("ResponseCode", text: part(8))
        context.appendAttribute("ResponseFlags", text: part(9))
        context.appendAttribute("ResponseSize", literal: part(10))
        context.appendAttribute("RequestDurationSecs", literal: bytes.part(seconds.lowerBound, seconds.upperBound))
    }

    private static func readError(
        _ text: inout LegacyText, into row: inout FlowRow, _ context: inout FormatContext, _ batch: inout FlowBatch
    ) throws(Fault) {
        let bytes = text.bytes
        let number = text.word()
        guard bytes.isNumber(number), text.skip(" ") else { throw unknownText }
        let name = text.word()
        guard !name.isEmpty, text.skip(" "), let type = text.read(before: ": ") else { throw unknownText }
        let message = bytes.trimmed(text.rest)
        row.fqdn = context.internHost(bytes.part(name.lowerBound, name.upperBound), into: &batch)
        readSocket(&text, into: &row)
        context.appendAttribute("QueryType", text: bytes.part(type.lowerBound, type.upperBound))
        context.appendAttribute("ErrorNumber", literal: bytes.part(number.lowerBound, number.upperBound))
        context.appendAttribute("ErrorMessage", text: bytes.part(message.lowerBound, message.upperBound))
    }

    /// `read udp a:p->b:53: …`; other errors name no socket.
    private static func readSocket(_ text: inout LegacyText, into row: inout FlowRow) {
        guard text.skip("read ") || text.skip("write ") || text.skip("dial ") else { return }
        let word = text.letters()
        row.ipProtocol = ProtocolToken(text.bytes.part(word.lowerBound, word.upperBound)).number
        guard text.skip(" "), let from = text.read(before: "->"), let source = LegacyEndpoint(text.bytes, from) else {
            return
        }
        row.sourceAddress = source.address
        row.sourcePort = source.port
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Digits, with a fraction or not, that JSON takes as a number.
    func isNumber(_ range: Range<Int>) -> Bool {
        guard !range.isEmpty, range.count <= 32 else { return false }
        var cursor = JSONCursor(part(range.lowerBound, range.upperBound))
        guard isDigit(self[range.lowerBound]) else { return false }
        do {
            return try cursor.literal().upperBound == range.count
        } catch {
            return false
        }
    }
}
