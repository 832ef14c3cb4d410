extension TemplateFunctions {
    /// .NET's composite format: `{0}`, `{1:D3}`, `{{` for a brace. Only the whole-number formats D, X and N0 are known.
    static func format(_ arguments: [TemplateValue], limits: TemplateLimits) -> TemplateValue? {
        guard let pattern = arguments.first?.text else { return nil }
        var pieces: [TemplateValue] = []
        var plain = ""
        var rest = pattern[...]
        while let character = rest.popFirst() {
            if character == "{" || character == "}", rest.first == character {
                rest.removeFirst()
                plain.append(character)
            } else if character == "{" {
                guard let end = rest.firstIndex(of: "}"),
                    let piece = item(String(rest[..<end]), of: Array(arguments.dropFirst()))
                else { return nil }
                pieces += [.text(plain), piece]
                plain = ""
                rest = rest[rest.index(after: end)...]
            } else {
                plain.append(character)
            }
        }
        return joined(pieces + [.text(plain)], limits: limits)
    }

    private static func item(_ item: String, of arguments: [TemplateValue]) -> TemplateValue? {
        let parts = item.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let index = parts.first.flatMap({ Int($0) }), arguments.indices.contains(index) else { return nil }
        guard parts.count > 1 else { return arguments[index] }
        // A text has no format: it stands as it is.
        guard let number = arguments[index].integer else { return arguments[index].text.map(TemplateValue.text) }
        return formatted(number, String(parts[1])).map(TemplateValue.text)
    }

    private static func formatted(_ number: Int, _ format: String) -> String? {
        guard let kind = format.first else { return String(number) }
        let digits = Int(format.dropFirst())
        guard digits != nil || format.count == 1, (digits ?? 0) <= 32 else { return nil }
        let text: String
        switch kind {
        case "D", "d": text = String(number.magnitude)
        case "X": text = String(number.magnitude, radix: 16, uppercase: true)
        case "x": text = String(number.magnitude, radix: 16)
        default: return nil
        }
        guard number >= 0 || kind.lowercased() == "d" else { return nil }
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, (digits ?? 0) - text.count)) + text
    }
}
