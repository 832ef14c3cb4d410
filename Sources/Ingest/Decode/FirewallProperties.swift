internal import FlowModel

/// Members of `properties` that some structured firewall category turns into a column.
enum FirewallProperty: UInt8 {
    case `protocol`, sourceIP, sourcePort, destinationIP, destinationPort, translatedIP, translatedPort
    case action, group, collection, rule, fqdn, targetURL, flag, flowRate, queryName, message
    case other

    init(_ bytes: Bytes, _ key: JSONText) {
        func `is`(_ name: StaticString) -> Bool { bytes.equals(name, from: key.start, to: key.end) }
        self = .other
        switch key.end - key.start {
        case 3: if `is`("msg") { self = .message }
        case 4:
            if `is`("Rule") { self = .rule } else if `is`("Fqdn") || `is`("FQDN") { self = .fqdn }
            if `is`("Flag") { self = .flag }
        case 6: if `is`("Action") { self = .action }
        case 8:
            if `is`("SourceIp") || `is`("SourceIP") { self = .sourceIP }
            if `is`("Protocol") { self = .protocol } else if `is`("FlowRate") { self = .flowRate }
        case 9: if `is`("TargetUrl") { self = .targetURL } else if `is`("QueryName") { self = .queryName }
        case 10: if `is`("SourcePort") { self = .sourcePort }
        case 12: if `is`("TranslatedIp") || `is`("TranslatedIP") { self = .translatedIP }
        case 13: if `is`("DestinationIp") || `is`("DestinationIP") { self = .destinationIP }
        case 14:
            if `is`("RuleCollection") { self = .collection } else if `is`("TranslatedPort") { self = .translatedPort }
        case 15: if `is`("DestinationPort") { self = .destinationPort }
        case 19: if `is`("RuleCollectionGroup") { self = .group }
        default: break
        }
    }
}

/// A set of properties, for the lists that formats hold of their columns.
struct FirewallPropertySet: ExpressibleByArrayLiteral {
    private var bits: UInt32 = 0

    init(arrayLiteral properties: FirewallProperty...) {
        for property in properties { bits |= 1 << UInt32(property.rawValue) }
    }

    func contains(_ property: FirewallProperty) -> Bool { bits >> UInt32(property.rawValue) & 1 == 1 }
}

/// The `properties` of one structured firewall record: columns found, the rest written to the context's `attributes`.
///
/// Ports come as numbers and as texts, and anything may be absent.
/// https://learn.microsoft.com/azure/azure-monitor/reference/tables/azfwnetworkrule and its siblings
struct FirewallProperties {
    private enum Value {
        case absent
        case text(JSONText)
        case literal(Range<Int>)
    }

    private var values = InlineArray<18, Value>(repeating: .absent)

    /// - Parameters:
    ///   - columns: what becomes a column and leaves `attributes`.
    ///   - kept: of these, what stays in `attributes` beside it, because the column does not say all.
    init(
        _ context: inout FormatContext, columns: FirewallPropertySet, kept: FirewallPropertySet = []
    ) throws(Fault) {
        guard context.header.properties >= 0 else { throw .bad("the record holds no properties") }
        var cursor = JSONCursor(context.bytes, at: context.header.properties)
        context.beginAttributes()
        guard cursor.peek() == UInt8(ascii: "{") else { throw .bad("the record's properties are no object") }
        try cursor.openObject()
        while let key = try cursor.nextKey() {
            let property = FirewallProperty(context.bytes, key)
            guard columns.contains(property) else {
                try context.appendAttribute(key, &cursor)
                continue
            }
            let before = cursor
            switch cursor.peek() {
            case UInt8(ascii: "\""): values[Int(property.rawValue)] = .text(try cursor.string())
            case UInt8(ascii: "{"), UInt8(ascii: "["): throw .bad("a property is neither text nor number")
            default: values[Int(property.rawValue)] = .literal(try cursor.literal())
            }
            if kept.contains(property) {
                cursor = before
                try context.appendAttribute(key, &cursor)
            }
        }
        try context.appendExtras()
        context.endAttributes()
    }

    /// The text of a property that is not empty.
    func text(_ property: FirewallProperty) -> JSONText? {
        guard case .text(let text) = values[Int(property.rawValue)], !text.isEmpty else { return nil }
        return text
    }

    /// An address; none where the record names none.
    func address(_ property: FirewallProperty, _ context: inout FormatContext) throws(Fault) -> IPAddress {
        guard let text = text(property) else { return .none }
        let address = try context.withPlain(text) { (bytes, _) throws(Fault) in
            IPAddress(bytes: Span(_unsafeElements: bytes))
        }
        guard let address else { throw .bad("an address of the record is none") }
        return address
    }

    /// A port, -1 where the record names none.
    func port(_ property: FirewallProperty, _ context: FormatContext) throws(Fault) -> Int32 {
        guard let range = digits(property, context) else { return -1 }
        var value = 0
        for index in range {
            guard isDigit(context.bytes[index]), value < 65_536 else { throw .bad("a port of the record is none") }
            value = value * 10 + Int(context.bytes[index] - 48)
        }
        guard value < 65_536 else { throw .bad("a port of the record is none") }
        return Int32(value)
    }

    /// A rate, NaN where the record names none. It comes as a text with the noise of a binary fraction.
    func rate(_ property: FirewallProperty, _ context: FormatContext) throws(Fault) -> Double {
        guard let range = digits(property, context) else { return .nan }
        guard let rate = context.bytes.decimal(range), rate >= 0 else {
            throw .bad("the record's FlowRate is no number")
        }
        return rate
    }

    private func digits(_ property: FirewallProperty, _ context: FormatContext) -> Range<Int>? {
        switch values[Int(property.rawValue)] {
        case .absent: return nil
        case .text(let text): return text.isEmpty ? nil : text.start..<text.end
        case .literal(let range):
            return context.bytes.equals("null", from: range.lowerBound, to: range.upperBound) ? nil : range
        }
    }

    /// `group/collection/rule`.
    func rule(_ context: inout FormatContext, into batch: inout FlowBatch) throws(Fault) -> TextID {
        let parts: InlineArray<3, JSONText?> = [text(.group), text(.collection), text(.rule)]
        return try context.internRule(parts, into: &batch)
    }

    /// What was done; none where the record does not say.
    func action(_ context: inout FormatContext) throws(Fault) -> FlowAction {
        guard let text = text(.action) else { return .none }
        guard let action = FlowAction(firewall: context.bytes.part(text.start, text.end)) else {
            throw .bad("the record's Action is none that this reader knows")
        }
        return action
    }

    /// Reads `Protocol` into the row: number and, for ICMP, type.
    func readProtocol(into row: inout FlowRow, _ context: inout FormatContext) throws(Fault) {
        guard let text = text(.protocol) else { return }
        let token = ProtocolToken(context.bytes.part(text.start, text.end))
        row.ipProtocol = token.number
        row.icmpType = token.icmpType
        // A name without a number (`Any`) has no column to stand in.
        if token.number < 0, !text.isEscaped, context.bytes.isPlainASCII(from: text.start, to: text.end) {
            context.reopenAttributes()
            context.appendAttribute("Protocol", text: context.bytes.part(text.start, text.end))
            context.endAttributes()
        }
    }

    /// Source, destination and their ports.
    func readEndpoints(into row: inout FlowRow, _ context: inout FormatContext) throws(Fault) {
        row.sourceAddress = try address(.sourceIP, &context)
        row.destinationAddress = try address(.destinationIP, &context)
        row.sourcePort = try port(.sourcePort, context)
        row.destinationPort = try port(.destinationPort, context)
        row.dropPortsOfICMP()
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// A decimal number, finite, of at most 64 bytes; nil for anything else.
    func decimal(_ range: Range<Int>) -> Double? {
        guard !range.isEmpty, range.count <= 64 else { return nil }
        for index in range {
            let byte = self[index]
            guard
                isDigit(byte) || byte | 0x20 == UInt8(ascii: "e") || byte == UInt8(ascii: ".")
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
            else { return nil }
        }
        guard let value = Double(String(decoding: self[range], as: UTF8.self)), value.isFinite else { return nil }
        return value
    }
}

extension FlowRow {
    /// ICMP has no ports; some logs write 0 for them.
    mutating func dropPortsOfICMP() {
        guard ipProtocol == IPProtocol.icmp || ipProtocol == IPProtocol.icmpV6 else { return }
        sourcePort = -1
        destinationPort = -1
    }
}

extension FlowAction {
    /// Azure Firewall's words, whose case differs from category to category.
    init?(firewall word: Bytes) {
        func `is`(_ name: StaticString) -> Bool {
            guard word.count == name.utf8CodeUnitCount else { return false }
            for index in 0..<word.count where lowercased(word[index]) != name.utf8Start[index] { return false }
            return true
        }
        if `is`("allow") {
            self = .allow
        } else if `is`("deny") {
            self = .deny
        } else if `is`("drop") {
            self = .drop
        } else if `is`("alert") {
            self = .alert
        } else if `is`("reject") {
            self = .reject
        } else if `is`("reset") {
            self = .reset
        } else {
            return nil
        }
    }
}

/// A firewall's protocol: `TCP`, `UDP`, `ICMP Type=8`, `ICMPv6 Type=128`, a number.
struct ProtocolToken {
    /// IANA number; -1 for a name that is none (`Any`).
    var number: Int16 = -1
    var icmpType: Int16 = -1

    init(_ token: Bytes) {
        var end = 0
        while end < token.count, token[end] != 32 { end += 1 }
        number = Self.number(token.part(0, end))
        guard end + 6 < token.count, token.equals("Type=", from: end + 1, to: end + 6) else { return }
        var value = 0
        for index in (end + 6)..<token.count {
            guard isDigit(token[index]), value < 256 else { return }
            value = value * 10 + Int(token[index] - 48)
        }
        if value < 256 { icmpType = Int16(value) }
    }

    // https://www.iana.org/assignments/protocol-numbers
    private static let names: [(name: StaticString, number: Int16)] = [
        ("tcp", 6), ("udp", 17), ("icmp", 1), ("icmpv6", 58), ("http", 6), ("https", 6), ("mssql", 6), ("gre", 47),
        ("esp", 50), ("ah", 51), ("sctp", 132),
    ]

    private static func number(_ word: Bytes) -> Int16 {
        for entry in names where entry.name.utf8CodeUnitCount == word.count {
            var isEqual = true
            for index in 0..<word.count where lowercased(word[index]) != entry.name.utf8Start[index] { isEqual = false }
            if isEqual { return entry.number }
        }
        guard !word.isEmpty, word.count <= 3 else { return -1 }
        var value: Int16 = 0
        for byte in word {
            guard isDigit(byte) else { return -1 }
            value = value * 10 + Int16(byte - 48)
        }
        return value <= 255 ? value : -1
    }
}
