/// Functions that take a lambda [learn: azure-resource-manager/templates/template-functions-lambda].
extension TemplateEvaluator {
    /// What a lambda `lambda('x', body)` is worth for these arguments; nil where the expression is none.
    private func apply(
        _ lambda: TemplateExpression, to values: [TemplateValue], in frame: TemplateFrame
    ) -> TemplateValue? {
        guard case .call(let name, let parts) = lambda, name.lowercased() == "lambda", let body = parts.last else {
            return nil
        }
        var inner = frame
        for (part, value) in zip(parts.dropLast(), values) {
            guard case .text(let variable) = part else { return nil }
            inner.variables[variable.lowercased()] = value
        }
        return evaluate(body, in: inner)
    }

    private func elements(_ call: TemplateCall) -> [TemplateValue]? {
        guard call.arguments.count >= 2 else { return nil }
        return evaluate(call.arguments[0], in: call.frame).array
    }

    func mapped(_ call: TemplateCall) -> TemplateValue? {
        guard let elements = elements(call) else { return nil }
        let results = elements.enumerated().map {
            apply(call.arguments[1], to: [$1, .number(Double($0))], in: call.frame)
        }
        return results.contains { $0 == nil } ? nil : .array(results.compactMap(\.self))
    }

    func filtered(_ call: TemplateCall) -> TemplateValue? {
        guard let elements = elements(call) else { return nil }
        var kept: [TemplateValue] = []
        for (index, element) in elements.enumerated() {
            let answer = apply(call.arguments[1], to: [element, .number(Double(index))], in: call.frame)
            guard let isKept = answer?.flag else { return nil }
            if isKept { kept.append(element) }
        }
        return .array(kept)
    }

    func keyed(_ call: TemplateCall) -> TemplateValue? {
        guard let elements = elements(call) else { return nil }
        var object = TemplateObject()
        for element in elements {
            guard let key = apply(call.arguments[1], to: [element], in: call.frame)?.text else { return nil }
            object[key] =
                call.arguments.count > 2 ? apply(call.arguments[2], to: [element], in: call.frame) : element
        }
        return .object(object)
    }

    func mappedValues(_ call: TemplateCall) -> TemplateValue? {
        guard call.arguments.count == 2, let members = evaluate(call.arguments[0], in: call.frame).object else {
            return nil
        }
        var object = TemplateObject()
        for member in members.sorted {
            guard let value = apply(call.arguments[1], to: [member.value], in: call.frame) else { return nil }
            object[member.key] = value
        }
        return .object(object)
    }

    /// `reduce(array, first, lambda('so far', 'next', body))`.
    func reduced(_ call: TemplateCall) -> TemplateValue? {
        guard call.arguments.count == 3, let elements = elements(call) else { return nil }
        var result = evaluate(call.arguments[1], in: call.frame)
        for (index, element) in elements.enumerated() {
            let values = [result, element, .number(Double(index))]
            guard let next = apply(call.arguments[2], to: values, in: call.frame) else { return nil }
            result = next
        }
        return result
    }

    /// `sort(array, lambda('a', 'b', whether a comes first))`, by insertion: the steps are counted.
    func sorted(_ call: TemplateCall) -> TemplateValue? {
        guard let elements = elements(call), elements.count <= limits.copies else { return nil }
        var sorted: [TemplateValue] = []
        for element in elements {
            var place = sorted.count
            while place > 0 {
                let answer = apply(call.arguments[1], to: [element, sorted[place - 1]], in: call.frame)
                guard let isBefore = answer?.flag else { return nil }
                guard isBefore else { break }
                place -= 1
            }
            sorted.insert(element, at: place)
        }
        return .array(sorted)
    }

    func unknownWithLambda(_ call: TemplateCall) -> TemplateValue {
        unknown(call, call.arguments.prefix(1).map { evaluate($0, in: call.frame) })
    }
}
