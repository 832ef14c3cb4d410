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

    /// What `compute` makes of the first argument, which is evaluated once whatever comes of it.
    func withFirst(_ call: TemplateCall, _ compute: (TemplateValue) -> TemplateValue?) -> TemplateValue {
        guard let argument = call.arguments.first else { return unknown(call, []) }
        let first = evaluate(argument, in: call.frame)
        return (call.arguments.count < 2 ? nil : compute(first)) ?? unknown(call, [first])
    }

    func withElements(
        _ call: TemplateCall, _ compute: (TemplateCall, [TemplateValue]) -> TemplateValue?
    ) -> TemplateValue {
        withFirst(call) { first in first.array.flatMap { compute(call, $0) } }
    }

    func mapped(_ call: TemplateCall, _ elements: [TemplateValue]) -> TemplateValue? {
        let results = elements.enumerated().map {
            apply(call.arguments[1], to: [$1, .number(Double($0))], in: call.frame)
        }
        return results.contains { $0 == nil } ? nil : .array(results.compactMap(\.self))
    }

    func filtered(_ call: TemplateCall, _ elements: [TemplateValue]) -> TemplateValue? {
        var kept: [TemplateValue] = []
        for (index, element) in elements.enumerated() {
            let answer = apply(call.arguments[1], to: [element, .number(Double(index))], in: call.frame)
            guard let isKept = answer?.flag else { return nil }
            if isKept { kept.append(element) }
        }
        return .array(kept)
    }

    func keyed(_ call: TemplateCall, _ elements: [TemplateValue]) -> TemplateValue? {
        var object = TemplateObject()
        for element in elements {
            guard let key = apply(call.arguments[1], to: [element], in: call.frame)?.text else { return nil }
            object[key] =
                call.arguments.count > 2 ? apply(call.arguments[2], to: [element], in: call.frame) : element
        }
        return .object(object)
    }

    func mappedValues(_ call: TemplateCall, _ first: TemplateValue) -> TemplateValue? {
        guard call.arguments.count == 2, let members = first.object else { return nil }
        var object = TemplateObject()
        for member in members.sorted {
            guard let value = apply(call.arguments[1], to: [member.value], in: call.frame) else { return nil }
            object[member.key] = value
        }
        return .object(object)
    }

    /// `reduce(array, first, lambda('so far', 'next', body))`.
    func reduced(_ call: TemplateCall, _ elements: [TemplateValue]) -> TemplateValue? {
        guard call.arguments.count == 3 else { return nil }
        var result = evaluate(call.arguments[1], in: call.frame)
        for (index, element) in elements.enumerated() {
            let values = [result, element, .number(Double(index))]
            guard let next = apply(call.arguments[2], to: values, in: call.frame) else { return nil }
            result = next
        }
        return result
    }

    /// `sort(array, lambda('a', 'b', whether a comes first))`, by insertion: the steps are counted.
    func sorted(_ call: TemplateCall, _ elements: [TemplateValue]) -> TemplateValue? {
        guard elements.count <= limits.copies else { return nil }
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
}
