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
        let type = type(of: declaration, in: scope.template)
        if type?.hasPrefix("secure") == true { return .unknown(name) }
        if let passed = scope.passed?.named(key) {
            guard let value = passed.named("value"), let frame = scope.passedFrame else { return .unknown(name) }
            let given = evaluate(value, in: frame)
            // Null is as good as not passed: the default stands in.
            if !given.isNull || declaration?.named("defaultvalue") == nil { return given }
        }
        if let value = declaration?.named("defaultvalue") { return evaluate(value, in: TemplateFrame(scope: scope)) }
        if declaration?.named("nullable")?.bool == true { return .null }
        guard type == "string" else { return .unknown(name) }
        return .symbol(TemplateValue.placeholder(name))
    }

    /// The type's name in lower case, also where Bicep keeps it among the template's definitions.
    private func type(of declaration: JSONValue?, in template: JSONValue) -> String? {
        var declaration = declaration
        // Definitions refer to one another; a few steps are as many as anybody makes.
        for _ in 0..<8 {
            guard let reference = declaration?.named("$ref")?.string else { break }
            declaration = template.named("definitions")?.named(lastPart(reference).lowercased())
        }
        return declaration?.named("type")?.string?.lowercased()
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

    /// A function of the template's own, `namespace.name`
    /// [learn: azure-resource-manager/templates/user-defined-functions].
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
}
