internal import FlowModel

/// Writes a declaration as REST would answer it: evaluated, with ids, and without what cannot be known.
///
/// Places are nil below keys that nothing reads: what is missing there is not told, and may be a secret.
struct TemplateResourceWriter {
    let evaluator: TemplateEvaluator
    let declaration: TemplateDeclaration
    /// Others' attributes are of no use to a topology: they are not told one by one.
    private let isNetwork: Bool

    init(_ declaration: TemplateDeclaration, evaluator: TemplateEvaluator) {
        self.declaration = declaration
        self.evaluator = evaluator
        let type = declaration.type.lowercased()
        isNetwork = type.hasPrefix("microsoft.network/") && !type.contains("/providers/")
    }

    func resource() -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(declaration.id), "type": .string(declaration.type),
            "name": .string(lastPart(declaration.name)),
        ]
        for key in ["location", "tags", "kind", "zones"] {
            guard let json = declaration.json.named(key) else { continue }
            var budget = TemplateFunctions.comparisonBudget
            // Nothing rests on these: what is not known of them is left out without a word.
            members[key] = evaluator.evaluate(json, in: declaration.frame).plain(budget: &budget)
        }
        for key in ["sku", "properties"] {
            guard let json = declaration.json.named(key),
                let value = written(json, at: key, key: key, in: declaration.frame)
            else { continue }
            members[key] = key == "properties" && isNetwork ? identified(value, owner: declaration.id) : value
        }
        return .object(members)
    }

    private func written(_ json: JSONValue, at path: String?, key: String, in frame: TemplateFrame) -> JSONValue? {
        guard evaluator.enter() else { return nil }
        defer { evaluator.leave() }
        switch json {
        case .string(let text):
            return converted(evaluator.evaluate(text: text, in: frame), at: path, key: key, written: text)
        case .array(let values):
            return .array(
                values.enumerated().compactMap { written($1, at: element($0, of: path), key: key, in: frame) })
        case .object(let members):
            return .object(written(members, loops: json.memberLoops, at: path, in: frame))
        default: return json
        }
    }

    private func written(
        _ members: [String: JSONValue], loops: [JSONValue], at path: String?, in frame: TemplateFrame
    ) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            if !loops.isEmpty, key.lowercased() == "copy" { continue }
            guard let key = evaluator.key(key, in: frame), !isSecret(key) else { continue }
            result[key] = written(value, at: member(key, of: path), key: key, in: frame)
            if result[key] == nil, isHop(key), let text = value.string,
                let hop = hop(evaluator.evaluate(text: text, in: frame))
            {
                result["nextHopResource"] = hop
            }
        }
        for loop in loops {
            guard let name = loop.named("name")?.string, let input = loop.named("input"), !isSecret(name) else {
                continue
            }
            let path = member(name, of: path)
            guard let count = evaluator.turns(of: loop, in: frame) else {
                report(path, loop.named("count")?.string.map(shown) ?? "its count")
                continue
            }
            result[name] = .array(
                (0..<count).compactMap {
                    written(input, at: element($0, of: path), key: name, in: frame.turn($0, of: name))
                })
        }
        return result
    }

    /// A value as JSON; nil, and a problem, where it cannot be known.
    private func converted(_ value: TemplateValue, at path: String?, key: String, written text: String?) -> JSONValue? {
        guard evaluator.enter() else { return nil }
        defer { evaluator.leave() }
        switch value {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .number(let number): return .number(number)
        case .text(let text): return isNetwork && !isName(key) ? truth(text) ?? .string(text) : .string(text)
        case .symbol(let symbol) where isName(key) || symbol.hasPrefix("/"): return .string(symbol)
        // Without a name a child could not be told from its siblings.
        case .unknown(let what) where key.lowercased() == "name": return .string(TemplateValue.placeholder(what))
        case .symbol(let what), .unknown(let what):
            report(path, text.map(shown) ?? TemplateValue.shown(what))
            return nil
        case .list(let list):
            return .array(
                list.elements.enumerated().compactMap {
                    converted($1, at: element($0, of: path), key: key, written: nil)
                })
        case .object(let object):
            var members: [String: JSONValue] = [:]
            for member in object.sorted where !isSecret(member.key) {
                members[member.key] = converted(
                    member.value, at: self.member(member.key, of: path), key: member.key, written: nil)
                if isHop(member.key), let hop = hop(member.value) { members["nextHopResource"] = hop }
            }
            return .object(members)
        }
    }

    /// Whose address a route's unknown next hop is, where the template says so much.
    private func hop(_ value: TemplateValue) -> JSONValue? {
        guard case .unknown(let what) = value, let id = evaluator.declarations.addressees[what] else { return nil }
        return .object(["id": .string(id)])
    }

    private func isHop(_ key: String) -> Bool { key.lowercased() == "nexthopipaddress" }

    private func element(_ index: Int, of path: String?) -> String? { path.map { "\($0)[\(index)]" } }

    private func member(_ key: String, of path: String?) -> String? {
        let isRead = !isNetwork || KnownKeys.keys.index(of: key) != nil
        return isRead ? path.map { "\($0).\(key)" } : nil
    }

    private func truth(_ text: String) -> JSONValue? { TemplateValue.text(text).flag.map(JSONValue.bool) }

    private func isName(_ key: String) -> Bool { evaluator.kind(of: key) == .name }

    private func isSecret(_ key: String) -> Bool { evaluator.kind(of: key) == .secret }

    private func shown(_ text: String) -> String {
        guard case .expression(let expression) = evaluator.reading(of: text) else { return "what is no expression" }
        return expression.shown
    }

    private func report(_ path: String?, _ what: String) {
        guard let path else { return }
        guard isNetwork else {
            evaluator.notes.insert("\(declaration.type): holds attributes that cannot be known from a template")
            return
        }
        let text = what.count > 200 ? what.prefix(200) + "…" : what
        evaluator.report(canonicalID(declaration.id), path, "cannot be known from a template: \(text)")
    }

    /// The children that stand in their parent get the ids that Azure gives them, where the template gives none.
    private func identified(_ json: JSONValue, owner: String) -> JSONValue {
        guard case .object(var members) = json else { return json }
        for (key, value) in members {
            guard let values = value.array else { continue }
            members[key] = .array(values.map { identifiedChild($0, owner: "\(owner)/\(key)") })
        }
        return .object(members)
    }

    private func identifiedChild(_ json: JSONValue, owner: String) -> JSONValue {
        guard case .object(var members) = json, let name = json.named("name")?.string, !name.isEmpty,
            let properties = json.named("properties"), properties.object != nil
        else { return json }
        let id = json.named("id")?.string ?? "\(owner)/\(name)"
        if json.named("id")?.string == nil { members["id"] = .string(id) }
        for key in members.keys where key.lowercased() == "properties" {
            members[key] = identified(properties, owner: id)
        }
        return .object(members)
    }
}

extension TemplateValue {
    /// The value as JSON without what is not known; nil where nothing of it is, or it is larger than the budget.
    func plain(budget: inout Int) -> JSONValue? {
        budget -= 1
        guard budget > 0 else { return nil }
        switch self {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let value): return .number(value)
        case .text(let value): return .string(value)
        case .symbol, .unknown: return nil
        case .list(let list):
            var plain: [JSONValue] = []
            for value in list.elements { if let value = value.plain(budget: &budget) { plain.append(value) } }
            return .array(plain)
        case .object(let object):
            var members: [String: JSONValue] = [:]
            for member in object.sorted { members[member.key] = member.value.plain(budget: &budget) }
            return .object(members)
        }
    }
}
