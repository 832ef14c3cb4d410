internal import FlowModel

/// The functions of the expression language that need their arguments alone, by their names in lower case.
///
/// A function answers nil where it cannot say: an argument is not known, is of another kind, or Azure would refuse it.
/// [learn: azure-resource-manager/templates/template-functions]
enum TemplateFunctions {
    typealias Function = @Sendable ([TemplateValue], TemplateLimits) -> TemplateValue?

    static let all: [String: Function] = [text, collections, numbers, addresses]
        .reduce(into: [:]) { all, some in all.merge(some) { first, _ in first } }

    /// Azure's functions whose values no template holds: calls of the outside, clocks, encodings that name nothing.
    static let unknowable: Set<String> = [
        "base64", "base64tojson", "base64tostring", "datauri", "datauritostring", "datetimeadd", "datetimefromepoch",
        "datetimetoepoch", "deployer", "fail", "getsecret", "groupby", "loadtextcontent", "newguid", "pickzones",
        "providers", "references", "tologicalzone", "tologicalzones", "tophysicalzone",
        "tophysicalzones", "uri", "uricomponent", "uricomponenttostring", "utcnow", "guid", "uniquestring",
    ]

    /// Whether two values are the same: nil where that hangs on what is not known.
    static func same(_ left: TemplateValue, _ right: TemplateValue, budget: inout Int) -> Bool? {
        budget -= 1
        guard budget > 0 else { return nil }
        switch (left, right) {
        case (.null, .null): return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.number(let left), .number(let right)): return left == right
        case (.text(let left), .text(let right)): return left == right
        // The same unknown is equal to itself, whatever it is.
        case (.symbol(let left), .symbol(let right)) where left == right: return true
        case (.unknown(let left), .unknown(let right)) where left == right: return true
        case (.symbol, .text), (.text, .symbol), (.symbol, .symbol), (.unknown, _), (_, .unknown): return nil
        case (.list(let left), .list(let right)):
            guard left.elements.count == right.elements.count else { return false }
            return allSame(zip(left.elements, right.elements).map { ($0, $1) }, budget: &budget)
        case (.object(let left), .object(let right)):
            guard left.members.keys == right.members.keys else { return false }
            let pairs = left.members.keys.sorted().compactMap { key in
                left[key].flatMap { one in right[key].map { (one, $0) } }
            }
            return allSame(pairs, budget: &budget)
        default: return false
        }
    }

    private static func allSame(_ pairs: [(TemplateValue, TemplateValue)], budget: inout Int) -> Bool? {
        var isSame: Bool? = true
        for (one, other) in pairs {
            switch same(one, other, budget: &budget) {
            case false?: return false
            case nil: isSame = nil
            case true?: break
            }
        }
        return isSame
    }

    /// How much two values may hold that are compared.
    static let comparisonBudget = 20_000

    /// The values' texts one after the other, a symbol where a part is not known; nil where one is no text.
    static func joined(_ values: [TemplateValue], limits: TemplateLimits) -> TemplateValue? {
        var text = ""
        for value in values {
            guard let piece = value.piece, text.utf8.count + piece.utf8.count <= limits.textLength else { return nil }
            text += piece
        }
        return TemplateValue(text: text, isKnown: values.allSatisfy(\.isKnown))
    }
}
