internal import FlowModel

/// Evaluates the expressions of one document's templates, within the limits.
///
/// A class, because parameters, resources and outputs lead to one another while they are evaluated; it lives as long as
/// one document is read. Nothing is evaluated that nobody asks for.
final class TemplateEvaluator {
    let limits: TemplateLimits
    var declarations = TemplateDeclarations()
    /// What the templates say that is not understood, without the document's name.
    var notes: Set<String> = []
    var problems: Set<TopologyProblem> = []
    let document: String

    private var readings: [String: TemplateExpression.Reading] = [:]
    /// Few keys stand in many places, and to search them for words is slow.
    private var keys: [String: TemplateKey] = [:]
    private var depth = 0
    private(set) var steps = 0
    /// Bytes that functions made.
    var made = 0

    init(document: String, limits: TemplateLimits) {
        self.document = document
        self.limits = limits
    }

    var isExhausted: Bool { steps >= limits.steps }

    /// Counts a value; false where there are too many, or they stand too deep in one another. After true: `leave`.
    func enter() -> Bool {
        guard steps < limits.steps, depth < limits.depth else {
            isExhausted ? reportBeyond("more than \(limits.steps) values") : reportTooDeep()
            return false
        }
        steps += 1
        depth += 1
        return true
    }

    func leave() { depth -= 1 }

    func report(_ resource: String, _ field: String, _ problem: String) {
        guard problems.count < limits.problems else {
            notes.insert("more than \(limits.problems) problems: the rest is not told")
            return
        }
        problems.insert(TopologyProblem(resource: resource, field: field, problem: problem))
    }

    func kind(of key: String) -> TemplateKey {
        if let known = keys[key] { return known }
        let kind = TemplateKey(key)
        keys[key] = kind
        return kind
    }

    /// The value of a part of a template, with all expressions in it evaluated.
    func evaluate(_ json: JSONValue, in frame: TemplateFrame) -> TemplateValue {
        guard enter() else { return .beyond }
        defer { leave() }
        switch json {
        case .string(let text): return evaluate(text: text, in: frame)
        case .array(let values): return limited(.array(values.map { evaluate($0, in: frame) }))
        case .object(let members):
            return limited(.object(evaluate(members: members, loops: json.memberLoops, in: frame)))
        default: return TemplateValue(literal: json)
        }
    }

    private func evaluate(
        members: [String: JSONValue], loops: [JSONValue], in frame: TemplateFrame
    ) -> TemplateObject {
        var object = TemplateObject()
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            if !loops.isEmpty, key.lowercased() == "copy" { continue }
            if let key = self.key(key, in: frame) { object[key] = evaluate(value, in: frame) }
        }
        for loop in loops {
            guard let name = loop.named("name")?.string else { continue }
            object[name] = evaluate(loop: loop, named: name, in: frame)
        }
        return object
    }

    /// A member's name, which may be an expression itself; nil where it is not known.
    func key(_ key: String, in frame: TemplateFrame) -> String? {
        key.hasPrefix("[") ? evaluate(text: key, in: frame).text : key
    }

    /// The array that a loop `{"count", "input"}` makes.
    func evaluate(loop: JSONValue, named name: String, in frame: TemplateFrame) -> TemplateValue {
        guard let count = turns(of: loop, in: frame), let input = loop.named("input") else {
            return .unknown("the loop \(name)")
        }
        return .array((0..<count).map { evaluate(input, in: frame.turn($0, of: name)) })
    }

    /// How often a loop turns; nil where that is not known or is more than Azure allows.
    func turns(of loop: JSONValue, in frame: TemplateFrame) -> Int? {
        guard let count = loop.named("count").map({ evaluate($0, in: frame) })?.integer, count >= 0 else { return nil }
        return count <= limits.copies ? count : nil
    }

    func evaluate(text: String, in frame: TemplateFrame) -> TemplateValue {
        switch reading(of: text) {
        case .literal(let text): return .text(text)
        case .malformed: return .unknown(TemplateValue.description(of: "unreadable", [.text(text)]))
        case .expression(let expression): return evaluate(expression, in: frame)
        }
    }

    /// Loops evaluate the same text many times: it is parsed once.
    func reading(of text: String) -> TemplateExpression.Reading {
        guard text.hasPrefix("[") else { return .literal(text) }
        if let known = readings[text] { return known }
        let reading = TemplateExpression.read(text, limits: limits)
        readings[text] = reading
        return reading
    }

    func evaluate(_ expression: TemplateExpression, in frame: TemplateFrame) -> TemplateValue {
        guard enter() else { return .beyond }
        defer { leave() }
        switch expression {
        case .text(let text): return .text(text)
        case .number(let number): return .number(number)
        case .call(let name, let arguments):
            return limited(call(TemplateCall(name: name, arguments: arguments, frame: frame)))
        case .member(let base, let member): return evaluate(member: member, of: base, in: frame)
        }
    }

    private func evaluate(
        member: TemplateExpression, of base: TemplateExpression, in frame: TemplateFrame
    ) -> TemplateValue {
        if let value = referenced(by: .member(base, member), in: frame) { return value }
        return TemplateEvaluator.member(evaluate(member, in: frame), of: evaluate(base, in: frame))
    }

    /// A member of a value: an element by its number, a member by its name without case.
    static func member(_ member: TemplateValue, of base: TemplateValue) -> TemplateValue {
        switch base {
        case .list(let list):
            if let index = member.integer, list.elements.indices.contains(index) { return list.elements[index] }
        case .object(let object):
            if let name = member.text, let value = object[name] { return value }
        default: break
        }
        let what: String
        if case .unknown(let base) = base { what = base } else { what = base.piece ?? "a value" }
        return .unknown(TemplateValue.description(of: what, member: member))
    }

    private func call(_ call: TemplateCall) -> TemplateValue {
        let name = call.name.lowercased()
        if let special = TemplateEvaluator.special[name] { return special(self, call) }
        let arguments = call.arguments.map { evaluate($0, in: call.frame) }
        if let function = TemplateFunctions.all[name] {
            guard made < limits.madeBytes, let value = function(arguments, limits), spend(on: value, of: name) else {
                return unknown(call, arguments)
            }
            return value
        }
        if let value = userFunction(name, arguments, in: call.frame) { return value }
        if !TemplateFunctions.unknowable.contains(name), !name.hasPrefix("list") {
            notes.insert("the template function \(call.name) is not known")
        }
        return unknown(call, arguments)
    }

    func unknown(_ call: TemplateCall, _ arguments: [TemplateValue]) -> TemplateValue {
        .unknown(TemplateValue.description(of: call.name, arguments))
    }
}

/// A function's call where it stands, its arguments not evaluated.
struct TemplateCall {
    var name: String
    var arguments: [TemplateExpression]
    var frame: TemplateFrame
}
