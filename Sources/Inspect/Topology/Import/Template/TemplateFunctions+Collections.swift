extension TemplateFunctions {
    static let collections: [String: Function] = [
        "empty": { arguments, _ in
            switch arguments.first {
            case .null?: .bool(true)
            case .text(let text)?: .bool(text.isEmpty)
            case .list(let list)?: .bool(list.elements.isEmpty)
            case .object(let object)?: .bool(object.count == 0)
            default: nil
            }
        },
        "length": { arguments, _ in
            switch arguments.first {
            case .text(let text)?: .number(Double(text.count))
            case .list(let list)?: .number(Double(list.elements.count))
            case .object(let object)?: .number(Double(object.count))
            default: nil
            }
        },
        "contains": { arguments, _ in contains(arguments).map(TemplateValue.bool) },
        "first": { arguments, _ in edge(arguments, { $0.first }, { $0.first }) },
        "last": { arguments, _ in edge(arguments, { $0.last }, { $0.last }) },
        "skip": { arguments, _ in part(arguments, { Array($0.dropFirst($1)) }, { String($0.dropFirst($1)) }) },
        "take": { arguments, _ in part(arguments, { Array($0.prefix($1)) }, { String($0.prefix($1)) }) },
        "createarray": { arguments, _ in .array(arguments) },
        "array": { arguments, _ in
            guard let value = arguments.first, value.isKnown else { return nil }
            return value.array == nil ? .array([value]) : value
        },
        "createobject": { arguments, _ in
            guard arguments.count.isMultiple(of: 2) else { return nil }
            var object = TemplateObject()
            for index in stride(from: 0, to: arguments.count, by: 2) {
                guard let key = arguments[index].text else { return nil }
                object[key] = arguments[index + 1]
            }
            return .object(object)
        },
        "union": { arguments, limits in
            var budget = comparisonBudget
            return arguments.dropFirst().reduce(arguments.first) { all, more in
                all.flatMap { union($0, more, limits: limits, budget: &budget) }
            }
        },
        "intersection": { arguments, _ in
            var budget = comparisonBudget
            return arguments.dropFirst().reduce(arguments.first) { all, more in
                all.flatMap { intersection($0, more, budget: &budget) }
            }
        },
        "range": { arguments, limits in
            // The count's limit is Azure's [learn: azure-resource-manager/templates/template-functions-array].
            guard arguments.count == 2, let start = arguments[0].integer, let count = arguments[1].integer,
                (0...10_000).contains(count), abs(start) <= 1 << 40
            else { return nil }
            return .array((0..<count).map { .number(Double(start + $0)) })
        },
        "items": { arguments, _ in
            guard let object = arguments.first?.object else { return nil }
            return .array(
                object.sorted.map { member in
                    var item = TemplateObject()
                    item["key"] = .text(member.key)
                    item["value"] = member.value
                    return .object(item)
                })
        },
        "objectkeys": { arguments, _ in arguments.first?.object.map { .array($0.sorted.map { .text($0.key) }) } },
        "flatten": { arguments, limits in
            guard let outer = arguments.first?.array else { return nil }
            var elements: [TemplateValue] = []
            for value in outer {
                guard let array = value.array, elements.count + array.count <= limits.elements else { return nil }
                elements += array
            }
            return .array(elements)
        },
        "tryget": { arguments, _ in
            arguments.dropFirst().reduce(arguments.first) { value, key in
                guard let value else { return nil }
                switch value {
                case .null: return .null
                case .object(let object): return key.text.map { object[$0] ?? .null }
                case .list(let list):
                    return key.integer.map { list.elements.indices.contains($0) ? list.elements[$0] : .null }
                default: return nil
                }
            }
        },
        "shallowmerge": { arguments, _ in
            guard let objects = arguments.first?.array?.map(\.object) else { return nil }
            return objects.reduce(TemplateObject()) { all, more -> TemplateObject? in
                guard var all, let more else { return nil }
                for member in more.sorted { all[member.key] = member.value }
                return all
            }.map(TemplateValue.object)
        },
    ]

    private static func contains(_ arguments: [TemplateValue]) -> Bool? {
        guard arguments.count == 2, arguments[1].isKnown else { return nil }
        switch arguments[0] {
        case .text(let text): return arguments[1].piece.map { text.contains($0) }
        case .object(let object): return arguments[1].piece.map { object[$0] != nil }
        case .list(let list):
            var budget = comparisonBudget
            let answers = list.elements.map { same($0, arguments[1], budget: &budget) }
            return answers.contains(true) ? true : answers.contains(nil) ? nil : false
        default: return nil
        }
    }

    private static func edge(
        _ arguments: [TemplateValue], _ element: ([TemplateValue]) -> TemplateValue?,
        _ character: (String) -> Character?
    ) -> TemplateValue? {
        if let text = arguments.first?.text { return .text(character(text).map(String.init) ?? "") }
        return arguments.first?.array.map { element($0) ?? .null }
    }

    private static func part(
        _ arguments: [TemplateValue], _ elements: ([TemplateValue], Int) -> [TemplateValue],
        _ characters: (String, Int) -> String
    ) -> TemplateValue? {
        guard arguments.count == 2, let count = arguments[1].integer.map({ max(0, $0) }) else { return nil }
        if let text = arguments[0].text { return .text(characters(text, count)) }
        return arguments[0].array.map { .array(elements($0, count)) }
    }

    /// Arrays: what is new is added. Objects: the later wins, objects in them are merged likewise.
    private static func union(
        _ left: TemplateValue, _ right: TemplateValue, limits: TemplateLimits, budget: inout Int
    ) -> TemplateValue? {
        budget -= 1
        guard budget > 0 else { return nil }
        if let left = left.array, let right = right.array {
            guard left.count + right.count <= limits.elements else { return nil }
            return distinct(left + right, budget: &budget).map(TemplateValue.array)
        }
        guard var all = left.object, let more = right.object else { return nil }
        for member in more.sorted {
            guard let known = all[member.key], known.object != nil, member.value.object != nil else {
                all[member.key] = member.value
                continue
            }
            guard let merged = union(known, member.value, limits: limits, budget: &budget) else { return nil }
            all[member.key] = merged
        }
        return .object(all)
    }

    private static func distinct(_ values: [TemplateValue], budget: inout Int) -> [TemplateValue]? {
        var distinct: [TemplateValue] = []
        for value in values {
            var isNew = true
            for known in distinct where isNew {
                // Whether two unknowns are the same decides how many there are: no guess.
                guard let isSame = same(known, value, budget: &budget) else { return nil }
                isNew = !isSame
            }
            if isNew { distinct.append(value) }
        }
        return distinct
    }

    private static func intersection(_ left: TemplateValue, _ right: TemplateValue, budget: inout Int) -> TemplateValue?
    {
        if let left = left.array, let right = right.array {
            var common: [TemplateValue] = []
            for value in left {
                let answers = right.map { same($0, value, budget: &budget) }
                if answers.contains(true) { common.append(value) } else if answers.contains(nil) { return nil }
            }
            return .array(common)
        }
        guard let left = left.object, let right = right.object else { return nil }
        var common = TemplateObject()
        for member in left.sorted {
            guard let other = right[member.key] else { continue }
            guard let isSame = same(member.value, other, budget: &budget) else { return nil }
            if isSame { common[member.key] = member.value }
        }
        return .object(common)
    }
}
