/// Reads the expression language of templates from bytes: strings with `''` for a quote, numbers, calls, `.member` and
/// `[index]`. Nil where the text is none, or is nested deeper than the limit.
struct TemplateExpressionParser {
    private let bytes: [UInt8]
    private let depthLimit: Int
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8], depthLimit: Int) {
        self.bytes = bytes
        self.depthLimit = depthLimit
    }

    mutating func parse() -> TemplateExpression? {
        guard let expression = parseExpression() else { return nil }
        skipSpace()
        return position == bytes.count ? expression : nil
    }

    private mutating func parseExpression() -> TemplateExpression? {
        guard depth < depthLimit else { return nil }
        depth += 1
        defer { depth -= 1 }
        skipSpace()
        guard position < bytes.count else { return nil }
        let primary: TemplateExpression? =
            switch bytes[position] {
            case UInt8(ascii: "'"): parseText().map(TemplateExpression.text)
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): parseNumber()
            default: parseCall()
            }
        guard let primary else { return nil }
        return parseMembers(of: primary)
    }

    private mutating func parseMembers(of primary: TemplateExpression) -> TemplateExpression? {
        var expression = primary
        // A chain is as deep as it is long for whoever walks it down: it counts against the limit, too.
        for _ in 0...depthLimit {
            if take(UInt8(ascii: ".")) {
                guard let name = parseName() else { return nil }
                expression = .member(expression, .text(name))
            } else if take(UInt8(ascii: "[")) {
                guard let index = parseExpression(), take(UInt8(ascii: "]")) else { return nil }
                expression = .member(expression, index)
            } else {
                return expression
            }
        }
        return nil
    }

    private mutating func parseCall() -> TemplateExpression? {
        guard var name = parseName() else { return nil }
        if take(UInt8(ascii: ".")) {
            guard let member = parseName() else { return nil }
            name += "." + member
        }
        guard take(UInt8(ascii: "(")) else { return nil }
        if take(UInt8(ascii: ")")) { return .call(name, []) }
        var arguments: [TemplateExpression] = []
        repeat {
            guard let argument = parseExpression() else { return nil }
            arguments.append(argument)
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: ")")) ? .call(name, arguments) : nil
    }

    private mutating func parseText() -> String? {
        position += 1
        var text: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "'") {
                guard position < bytes.count, bytes[position] == byte else {
                    return String(decoding: text, as: UTF8.self)
                }
                position += 1
            }
            text.append(byte)
        }
        return nil
    }

    private mutating func parseNumber() -> TemplateExpression? {
        let start = position
        position += 1
        while position < bytes.count, isDigit(bytes[position]) || bytes[position] == UInt8(ascii: ".") { position += 1 }
        return Double(String(decoding: bytes[start..<position], as: UTF8.self)).map(TemplateExpression.number)
    }

    private mutating func parseName() -> String? {
        skipSpace()
        let start = position
        while position < bytes.count, isNamePart(bytes[position]) { position += 1 }
        guard position > start else { return nil }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count, bytes[position] <= 32 { position += 1 }
    }

    private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private func isNamePart(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "-") || byte >= 0x80
    }
}
