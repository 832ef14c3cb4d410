extension TemplateValue {
    /// How far a description is written out, in bytes, and how much of it is shown.
    private static let writtenLimit = 2_000
    private static let shownLimit = 160

    /// What a call that cannot be evaluated is called: the same for the same call with the same arguments.
    static func description(of name: String, _ arguments: [TemplateValue]) -> String {
        var text = "\(name)("
        for (index, argument) in arguments.enumerated() {
            if index > 0 { text += "," }
            argument.write(to: &text, depth: 0)
        }
        return shortened(text + ")")
    }

    static func description(of base: String, member: TemplateValue) -> String {
        if let name = member.text { return shortened("\(base).\(name)") }
        var text = "\(base)["
        member.write(to: &text, depth: 0)
        return shortened(text + "]")
    }

    /// Short enough to show; a sum over the whole keeps those apart that begin alike.
    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > shownLimit else { return text }
        var sum: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }  // FNV-1a is modulo 2^64.
        return String(text.prefix(shownLimit)) + "~" + String(sum, radix: 16)
    }

    private func write(to text: inout String, depth: Int) {
        guard text.utf8.count < TemplateValue.writtenLimit, depth < 8 else {
            text += "…"
            return
        }
        switch self {
        case .null: text += "null"
        case .bool(let flag): text += flag ? "true" : "false"
        case .number(let number): text += TemplateValue.spelled(number)
        case .text(let value): text += "'\(value.prefix(TemplateValue.writtenLimit))'"
        case .symbol(let value), .unknown(let value): text += value.prefix(TemplateValue.writtenLimit)
        case .list(let list):
            text += "("
            for value in list.elements where text.utf8.count < TemplateValue.writtenLimit {
                value.write(to: &text, depth: depth + 1)
                text += ";"
            }
            text += ")"
        case .object(let object):
            text += "("
            for member in object.sorted where text.utf8.count < TemplateValue.writtenLimit {
                text += member.key + ":"
                member.value.write(to: &text, depth: depth + 1)
                text += ";"
            }
            text += ")"
        }
    }
}
