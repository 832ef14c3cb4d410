internal import FlowModel

extension TemplateFunctions {
    static let text: [String: Function] = [
        "concat": { arguments, limits in
            guard arguments.contains(where: { $0.array != nil }) else { return joined(arguments, limits: limits) }
            var elements: [TemplateValue] = []
            for argument in arguments {
                guard let array = argument.array, elements.count + array.count <= limits.elements else { return nil }
                elements += array
            }
            return .array(elements)
        },
        "format": { arguments, limits in format(arguments, limits: limits) },
        "tolower": { arguments, _ in changed(arguments) { $0.lowercased() } },
        "toupper": { arguments, _ in changed(arguments) { $0.uppercased() } },
        "trim": { arguments, _ in
            arguments.first?.text.map { text in
                let end = text.lastIndex { !$0.isWhitespace }
                guard let start = text.firstIndex(where: { !$0.isWhitespace }), let end else { return .text("") }
                return .text(String(text[start...end]))
            }
        },
        "string": { arguments, limits in string(arguments, limits: limits) },
        "json": { arguments, _ in
            guard let text = arguments.first?.text,
                // Text that is no JSON is a value that is not known.
                let value = try? JSONValue(parsing: Array(text.utf8))
            else { return nil }
            return TemplateValue(literal: value)
        },
        "replace": { arguments, limits in
            guard arguments.count == 3, let text = arguments[0].text, let old = arguments[1].text, !old.isEmpty,
                let new = arguments[2].text
            else { return nil }
            return replaced(text, old, new, limits: limits)
        },
        "substring": { arguments, _ in
            guard let text = arguments.first?.text, arguments.count > 1, let start = arguments[1].integer else {
                return nil
            }
            let characters = Array(text)
            let length = arguments.count > 2 ? arguments[2].integer : characters.count - start
            guard let length, start >= 0, length >= 0, start <= characters.count, length <= characters.count - start
            else { return nil }
            return .text(String(characters[start..<start + length]))
        },
        "split": { arguments, limits in split(arguments, limits: limits) },
        "join": { arguments, limits in
            guard arguments.count == 2, let parts = arguments[0].array, let separator = arguments[1].text else {
                return nil
            }
            guard separator.utf8.count * parts.count <= limits.textLength else { return nil }
            let gaps = parts.enumerated().flatMap { $0 == 0 ? [$1] : [.text(separator), $1] }
            return joined(gaps, limits: limits)
        },
        "indexof": { arguments, _ in position(arguments) { $0.first } },
        "lastindexof": { arguments, _ in position(arguments) { $0.last } },
        "startswith": { arguments, _ in
            texts(arguments).map { .bool($0.lowercased().hasPrefix($1.lowercased())) }
        },
        "endswith": { arguments, _ in
            texts(arguments).map { .bool($0.lowercased().hasSuffix($1.lowercased())) }
        },
        "padleft": { arguments, limits in
            guard arguments.count > 1, arguments[0].isKnown, let text = arguments[0].piece,
                let width = arguments[1].integer, width <= limits.textLength
            else { return nil }
            let filler = arguments.count > 2 ? arguments[2].text : " "
            // One character may have many bytes: accents add up.
            guard let filler, filler.count == 1,
                filler.utf8.count * max(0, width) <= limits.textLength
            else { return nil }
            return .text(String(repeating: filler, count: max(0, width - text.count)) + text)
        },
    ]

    private static func texts(_ arguments: [TemplateValue]) -> (String, String)? {
        guard arguments.count == 2, let one = arguments[0].text, let other = arguments[1].text else { return nil }
        return (one, other)
    }

    private static func changed(_ arguments: [TemplateValue], _ change: (String) -> String) -> TemplateValue? {
        switch arguments.first {
        case .text(let text)?: .text(change(text))
        case .symbol(let text)?: .symbol(change(text))
        default: nil
        }
    }

    /// A bool is `True` in a text, an array or object is JSON.
    private static func string(_ arguments: [TemplateValue], limits: TemplateLimits) -> TemplateValue? {
        guard let value = arguments.first else { return nil }
        if let piece = value.piece { return TemplateValue(text: piece, isKnown: value.isKnown) }
        var budget = comparisonBudget
        guard let plain = value.plain(budget: &budget) else { return nil }
        var json = JSONWriter()
        plain.write(canonicalTo: &json)
        guard json.bytes.count <= limits.textLength else { return nil }
        return .text(String(decoding: json.bytes, as: UTF8.self))
    }

    private static func replaced(_ text: String, _ old: String, _ new: String, limits: TemplateLimits) -> TemplateValue?
    {
        var result = ""
        var rest = text[...]
        while let found = rest.firstRange(of: old) {
            result += rest[..<found.lowerBound]
            result += new
            guard result.utf8.count <= limits.textLength else { return nil }
            rest = rest[found.upperBound...]
        }
        return .text(result + rest)
    }

    /// A symbol can be split at slashes where it is an id: its unknown parts are names, which hold none.
    private static func split(_ arguments: [TemplateValue], limits: TemplateLimits) -> TemplateValue? {
        guard arguments.count == 2 else { return nil }
        let separators = arguments[1].array?.compactMap(\.text) ?? arguments[1].text.map { [$0] } ?? []
        let marks = Set(separators.compactMap(\.first))
        guard !separators.isEmpty, separators.allSatisfy({ $0.count == 1 }) else {
            guard separators.count == 1, let separator = separators.first, !separator.isEmpty,
                let text = arguments[0].text
            else { return nil }
            return .array(pieces(of: text, at: separator).map(TemplateValue.text))
        }
        switch arguments[0] {
        case .text(let text):
            return .array(
                text.split(omittingEmptySubsequences: false, whereSeparator: marks.contains).map { .text(String($0)) })
        case .symbol(let text) where text.hasPrefix("/") && marks == ["/"]:
            return .array(
                text.split(separator: "/", omittingEmptySubsequences: false).map {
                    TemplateValue(text: String($0), isKnown: !$0.contains("{"))
                })
        default: return nil
        }
    }

    private static func pieces(of text: String, at separator: String) -> [String] {
        var pieces: [String] = []
        var rest = text[...]
        while let found = rest.firstRange(of: separator) {
            pieces.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return pieces + [String(rest)]
    }

    private static func position(
        _ arguments: [TemplateValue], _ choose: ([Range<String.Index>]) -> Range<String.Index>?
    ) -> TemplateValue? {
        guard let (text, part) = texts(arguments).map({ ($0.lowercased(), $1.lowercased()) }) else { return nil }
        guard let range = choose(part.isEmpty ? [] : text.ranges(of: part)) else {
            return .number(part.isEmpty ? 0 : -1)
        }
        return .number(Double(text.distance(from: text.startIndex, to: range.lowerBound)))
    }
}
