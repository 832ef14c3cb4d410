internal import FlowModel

/// Parameters, variables, functions of the template's own, and lambdas.
extension TemplateEvaluator {
    func parameter(_ call: TemplateCall) -> TemplateValue {
        guard let name = call.arguments.first.map({ evaluate($0, in: call.frame) })?.text else {
            return unknown(call, [])
        }
        if let arguments = call.frame.arguments { return arguments[name.lowercased()] ?? .unknown(name) }
        return cached("parameter " + name.lowercased(), of: call.frame.scope, otherwise: name) {
            self.parameter(name, of: call.frame.scope)
        }
    }

    /// What is passed, else the default, else a name for what is not known: `{name}` for a text, so that all that are
    /// named by one parameter have one name. Secrets have no value here, whatever the template says.
    private func parameter(_ name: String, of scope: TemplateScope) -> TemplateValue {
        let key = name.lowercased()
        let declaration = scope.template.named("parameters")?.named(key)
        let type = declaration?.named("type")?.string?.lowercased()
        if type?.hasPrefix("secure") == true { return .unknown(name) }
        if let passed = scope.passed?.named(key) {
            guard let value = passed.named("value"), let frame = scope.passedFrame else { return .unknown(name) }
            return evaluate(value, in: frame)
        }
        if let value = declaration?.named("defaultvalue") { return evaluate(value, in: TemplateFrame(scope: scope)) }
        if declaration?.named("nullable")?.bool == true { return .null }
        guard type == "string" else { return .unknown(name) }
        return .symbol(TemplateValue.placeholder(name))
    }

    func variable(_ call: TemplateCall) -> TemplateValue {
        guard let name = call.arguments.first.map({ evaluate($0, in: call.frame) })?.text else {
            return unknown(call, [])
        }
        return cached("variable " + name.lowercased(), of: call.frame.scope, otherwise: name) {
            self.variable(name, of: call.frame.scope)
        }
    }

    private func variable(_ name: String, of scope: TemplateScope) -> TemplateValue {
        let key = name.lowercased()
        let frame = TemplateFrame(scope: scope)
        guard let variables = scope.template.named("variables") else { return .unknown(name) }
        if let loop = variables.memberLoops.first(where: { $0.named("name")?.string?.lowercased() == key }) {
            return evaluate(loop: loop, named: name, in: frame)
        }
        return variables.named(key).map { evaluate($0, in: frame) } ?? .unknown(name)
    }

    /// A value that is evaluated once; one that leads to itself is not known.
    private func cached(
        _ key: String, of scope: TemplateScope, otherwise name: String, _ evaluate: () -> TemplateValue
    ) -> TemplateValue {
        if let value = scope.values[key] { return value }
        guard scope.open.insert(key).inserted else {
            report(document, name, "leads to itself")
            return .unknown(name)
        }
        let value = evaluate()
        scope.open.remove(key)
        scope.values[key] = value
        return value
    }

    /// A function of the template's own, `namespace.name` [learn: azure-resource-manager/templates/user-defined-functions].
    func userFunction(_ name: String, _ arguments: [TemplateValue], in frame: TemplateFrame) -> TemplateValue? {
        let parts = name.split(separator: ".").map(String.init)
        guard parts.count == 2, let spaces = frame.scope.template.named("functions")?.array else { return nil }
        let space = spaces.first { $0.named("namespace")?.string?.lowercased() == parts[0] }
        guard let function = space?.named("members")?.named(parts[1]),
            let output = function.named("output")?.named("value")
        else { return nil }
        let names = (function.named("parameters")?.array ?? []).map { $0.named("name")?.string?.lowercased() ?? "" }
        let inner = TemplateFrame(
            scope: frame.scope, arguments: Dictionary(zip(names, arguments)) { first, _ in first })
        return evaluate(output, in: inner)
    }

    // MARK: Lambdas

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

    func unknownWithLambda(_ call: TemplateCall) -> TemplateValue {
        unknown(call, call.arguments.prefix(1).map { evaluate($0, in: call.frame) })
    }
}
