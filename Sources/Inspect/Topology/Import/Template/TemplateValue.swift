internal import FlowModel

/// What an expression of a template is worth.
indirect enum TemplateValue {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    /// A text of which parts are not known: they stand in braces, and hold no slash. Equal symbols are equal texts.
    case symbol(String)
    case list(TemplateList)
    case object(TemplateObject)
    /// Not known from the template; the text says what it is and is the same wherever it is the same value.
    case unknown(String)

    static func array(_ elements: [TemplateValue]) -> TemplateValue { .list(TemplateList(elements)) }

    /// Takes a value that holds no expressions.
    init(literal value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let value): self = .number(value)
        case .string(let value): self = .text(value)
        case .array(let values): self = .array(values.map(TemplateValue.init(literal:)))
        case .object(let members):
            var object = TemplateObject()
            for (key, value) in members.sorted(by: { $0.key < $1.key }) { object[key] = TemplateValue(literal: value) }
            self = .object(object)
        }
    }

    /// A text whose braces hold what is not known, and a symbol only where there are such.
    init(text: String, isKnown: Bool) { self = isKnown ? .text(text) : .symbol(text) }

    var text: String? { if case .text(let value) = self { value } else { nil } }
    var array: [TemplateValue]? { if case .list(let value) = self { value.elements } else { nil } }
    var object: TemplateObject? { if case .object(let value) = self { value } else { nil } }
    var integer: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }
    var isNull: Bool { if case .null = self { true } else { false } }

    /// How many arrays and objects stand in one another; 0 for what is neither.
    var depth: Int {
        switch self {
        case .list(let list): list.depth
        case .object(let object): object.depth
        default: 0
        }
    }

    /// A truth value, also as the text of one.
    var flag: Bool? {
        switch self {
        case .bool(let value): value
        case .text(let text) where text.lowercased() == "true": true
        case .text(let text) where text.lowercased() == "false": false
        default: nil
        }
    }

    /// True where nothing is known to be missing; members and elements are not looked at.
    var isKnown: Bool {
        switch self {
        case .symbol, .unknown: false
        default: true
        }
    }

    /// The value as a part of a text, in braces where it is not known; nil for what is no text.
    var piece: String? {
        switch self {
        case .text(let text), .symbol(let text): text
        case .number(let number): TemplateValue.spelled(number)
        // .NET's spelling, which concat and format use.
        case .bool(let flag): flag ? "True" : "False"
        case .unknown(let what): TemplateValue.placeholder(what)
        case .null, .list, .object: nil
        }
    }

    static func placeholder(_ what: String) -> String { "{" + what.map { $0 == "/" ? "|" : String($0) }.joined() + "}" }

    static func spelled(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? String(number) }
}

/// Elements, and how deep values stand in one another: to look for it each time would take as long as they are large.
struct TemplateList {
    let elements: [TemplateValue]
    let depth: Int

    init(_ elements: [TemplateValue]) {
        self.elements = elements
        depth = 1 + (elements.lazy.map(\.depth).max() ?? 0)
    }
}

/// Members whose names compare without case, as templates have them. The order of the names decides nothing.
struct TemplateObject {
    struct Member {
        var key: String
        var value: TemplateValue
    }

    private(set) var members: [String: Member] = [:]
    /// Of all members that it ever held.
    private(set) var depth = 1

    /// Keeps the spelling that came first.
    subscript(key: String) -> TemplateValue? {
        get { members[key.lowercased()]?.value }
        set {
            let name = key.lowercased()
            guard let newValue else { return members[name] = nil }
            members[name] = Member(key: members[name]?.key ?? key, value: newValue)
            depth = max(depth, newValue.depth + 1)
        }
    }

    var count: Int { members.count }
    var sorted: [Member] { members.sorted { $0.key < $1.key }.map(\.value) }
}
