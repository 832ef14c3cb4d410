internal import FlowModel

/// `azfw-legacy-network-rule`: the texts of category `AzureFirewallNetworkRule` that tell of network and NAT rules.
///
/// ```
/// TCP request from a:p to b:q. Action: Deny. [Policy: P. ][Rule Collection Group: G. ][Rule Collection: C. Rule: R]
/// ICMP Type=8 request from a to b. Action: Allow…
/// TCP request from a:p to b:q was DNAT'ed to c:r[. Policy: P]…
/// ```
/// The category also carries texts of intrusion detection, threat intelligence, name resolution failures and
/// application rules; the text, not `operationName`, tells which it is. Those are not read yet: `format_not_supported`.
/// https://learn.microsoft.com/azure/firewall/monitor-firewall-reference (legacy network rule log); shapes seen in
/// real records.
enum AzureFirewallNetworkRuleFormat {
    static let category: StaticString = "AzureFirewallNetworkRule"

    static func decode(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) {
        var row = try context.firewallRow(.azfwLegacyNetworkRule, into: &batch)
        let properties = try FirewallProperties(&context, columns: [.message])
        guard let message = properties.text(.message) else { throw .bad("the record holds no text in properties.msg") }
        context.reopenAttributes()
        try context.withPlain(message) { (text, context) throws(Fault) in
            try read(text, into: &row, &context, &batch)
        }
        context.endAttributes()
        row.attributes = context.attributesID(isUnique: false, into: &batch)
        batch.append(row)
    }

    private static let unknownText = Fault.bad("the text has a shape that this reader does not know")

    private static func read(
        _ bytes: Bytes, into row: inout FlowRow, _ context: inout FormatContext, _ batch: inout FlowBatch
    ) throws(Fault) {
        try refuseOtherTexts(bytes)
        var text = LegacyText(bytes)
        guard let word = text.read(before: " request from "), let from = text.read(before: " to ") else {
            throw unknownText
        }
        let token = ProtocolToken(bytes.part(bytes.trimmed(word).lowerBound, bytes.trimmed(word).upperBound))
        guard token.number >= 0 else { throw unknownText }
        row.ipProtocol = token.number
        row.icmpType = token.icmpType
        let to = text.word()
        guard let source = LegacyEndpoint(bytes, from), let destination = LegacyEndpoint(bytes, withoutDot(bytes, to))
        else { throw unknownText }
        row.sourceAddress = source.address
        row.sourcePort = source.port
        row.destinationAddress = destination.address
        row.destinationPort = destination.port
        row.dropPortsOfICMP()
        if text.skip(" was DNAT'ed to ") {
            let target = text.word()
            guard let translated = LegacyEndpoint(bytes, withoutDot(bytes, target)) else { throw unknownText }
            row.natDestinationAddress = translated.address
            row.natDestinationPort = translated.port
            // The dot behind the address belongs to the first label.
            text.back(to: withoutDot(bytes, target).upperBound)
        } else {
            guard text.skip(" Action: "), let action = FlowAction(firewall: part(bytes, text.letters())) else {
                throw unknownText
            }
            row.action = action
        }
        let rule = LegacyRule(bytes, text.rest)
        for index in rule.before where bytes[index] != UInt8(ascii: ".") && bytes[index] != 32 { throw unknownText }
        row.rule = context.internRule(of: bytes, [rule.group, rule.collection, rule.rule], into: &batch)
        if !rule.policy.isEmpty { context.appendAttribute("Policy", text: part(bytes, rule.policy)) }
    }

    /// The other kinds of text in this category, told by what only they hold.
    private static func refuseOtherTexts(_ bytes: Bytes) throws(Fault) {
        if bytes.contains(" Signature: ") || bytes.contains(" IDS: ") {
            throw .unsupported("a legacy text of intrusion detection; AZFWIdpsSignature tells the same")
        }
        if bytes.contains(" ThreatIntel: ") {
            throw .unsupported("a legacy text of threat intelligence; AZFWThreatIntel tells the same")
        }
        var text = LegacyText(bytes)
        text.skipBlanks()
        if text.skip("Failed to resolve") {
            throw .unsupported("a legacy text of a name that could not be resolved")
        }
        if text.skip("HTTP") || text.skip("MSSQL") {
            throw .unsupported("a legacy text of an application rule; AZFWApplicationRule tells the same")
        }
    }

    private static func part(_ bytes: Bytes, _ range: Range<Int>) -> Bytes {
        bytes.part(range.lowerBound, range.upperBound)
    }

    private static func withoutDot(_ bytes: Bytes, _ range: Range<Int>) -> Range<Int> {
        guard !range.isEmpty, bytes[range.upperBound - 1] == UInt8(ascii: ".") else { return range }
        return range.lowerBound..<(range.upperBound - 1)
    }
}
