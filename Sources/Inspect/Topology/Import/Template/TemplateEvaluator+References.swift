internal import FlowModel

/// `reference(…)`: only Azure knows what a deployed resource says, but what the template itself declares of it can be
/// read here, and so can the outputs of nested deployments.
extension TemplateEvaluator {
    /// The value of `reference(…).member[index]…`; nil where the expression is no such chain.
    func referenced(by expression: TemplateExpression, in frame: TemplateFrame) -> TemplateValue? {
        var chain: [TemplateExpression] = []
        var base = expression
        while case .member(let inner, let member) = base {
            chain.append(member)
            base = inner
        }
        guard case .call(let name, let arguments) = base, name.lowercased() == "reference", !arguments.isEmpty else {
            return nil
        }
        let target = evaluate(arguments[0], in: frame)
        let isFull = arguments.count > 2 && evaluate(arguments[2], in: frame).text?.lowercased() == "full"
        var path = chain.reversed().map { evaluate($0, in: frame) }
        let targets = target.piece.map { self.targets(of: $0, in: frame) } ?? []
        // By the id where there is one: in another template the same name may be another resource.
        let id = targets.first.map { declarations.all[$0].id } ?? target.piece.flatMap { $0.hasPrefix("/") ? $0 : nil }
        let what = path.reduce(TemplateValue.description(of: name, [id.map(TemplateValue.symbol) ?? target])) {
            TemplateValue.description(of: $0, member: $1)
        }
        if !isFull { path.insert(.text("properties"), at: 0) }
        guard declarations.open.insert(what).inserted else { return .unknown(what) }
        defer { declarations.open.remove(what) }
        if let value = agreed(targets.map { value(at: path[...], of: $0) }) { return value }
        if path.last?.text?.lowercased() == "privateipaddress", let id { declarations.addressees[what] = id }
        return .unknown(what)
    }

    /// The one value that all readings have; nil where there is none, or they differ.
    private func agreed(_ values: [TemplateValue?]) -> TemplateValue? {
        let read = values.compactMap(\.self)
        let values = read.filter {
            if case .unknown = $0 { false } else { !$0.isNull }
        }
        guard let first = values.first else {
            // An output that hands an address on: still that resource's address.
            if read.count == 1, case .unknown(let what)? = read.first, declarations.addressees[what] != nil {
                return read[0]
            }
            return nil
        }
        var budget = TemplateFunctions.comparisonBudget
        let agree = values.dropFirst().allSatisfy { TemplateFunctions.same(first, $0, budget: &budget) == true }
        return agree ? first : nil
    }

    /// What a reference names: an id, a symbolic name, or a name that one resource of the template has.
    private func targets(of reference: String, in frame: TemplateFrame) -> [Int] {
        let scope = frame.scope
        let found: [Int]
        if reference.contains("/") {
            let id = reference.hasPrefix("/") ? reference : "\(scope.place.prefix)/providers/\(reference)"
            found = declarations.byID[canonicalID(id)] ?? []
        } else {
            found = scope.symbols[reference.lowercased()] ?? scope.names[reference.lowercased()] ?? []
        }
        let deployed = found.filter { isDeployed($0) != false }
        // Resources of different types may bear one name: then it names none.
        return Set(deployed.map { canonicalID(declarations.all[$0].id) }).count == 1 ? deployed : []
    }

    private func value(at path: ArraySlice<TemplateValue>, of index: Int) -> TemplateValue? {
        let declaration = declarations.all[index]
        guard declaration.isDeployment else {
            return step(declaration.json, path, in: declaration.frame) ?? childID(at: path, of: declaration)
        }
        guard let deployment = declaration.deployment, path.count >= 3, path.first?.text == "properties",
            path.dropFirst().first?.text?.lowercased() == "outputs", let name = path.dropFirst(2).first?.text
        else { return nil }
        expand(deployment)
        guard let output = deployment.template.named("outputs")?.named(name.lowercased()),
            output.named("type")?.string?.lowercased().hasPrefix("secure") != true
        else { return nil }
        let rest = path.dropFirst(3)
        guard let loop = output.named("copy"), rest.first?.text?.lowercased() == "value" else {
            return step(output, rest, in: deployment.frame)
        }
        return members(rest.dropFirst(), of: evaluate(loop: loop, named: "", in: deployment.frame))
    }

    /// `…subnets[1].id`: no template writes the ids of children that stand inside their parent, and Azure answers with them.
    private func childID(at path: ArraySlice<TemplateValue>, of declaration: TemplateDeclaration) -> TemplateValue? {
        guard path.count == 4, path.first?.text == "properties", path.last?.text?.lowercased() == "id",
            let array = path.dropFirst().first?.text,
            let name = step(declaration.json, path.dropLast() + [.text("name")], in: declaration.frame)?.text
        else { return nil }
        let id = "\(declaration.id)/\(array)/\(lastPart(name))"
        return TemplateValue(text: id, isKnown: !id.contains("{"))
    }

    /// Goes down a part of a template without evaluating what lies beside the path: resources often refer to one
    /// another in ways that are a circle only when they are looked at whole.
    private func step(_ json: JSONValue, _ path: ArraySlice<TemplateValue>, in frame: TemplateFrame) -> TemplateValue? {
        guard let member = path.first else { return evaluate(json, in: frame) }
        guard enter() else { return nil }
        defer { leave() }
        switch json {
        case .string: return members(path, of: evaluate(json, in: frame))
        case .array(let values):
            guard let index = member.integer, values.indices.contains(index) else { return nil }
            return step(values[index], path.dropFirst(), in: frame)
        case .object:
            guard let name = member.text?.lowercased() else { return nil }
            if let value = json.named(name) { return step(value, path.dropFirst(), in: frame) }
            let loop = json.memberLoops.first { $0.named("name")?.string?.lowercased() == name }
            return loop.flatMap { members(path.dropFirst(), of: evaluate(loop: $0, named: name, in: frame)) }
        default: return nil
        }
    }

    private func members(_ path: ArraySlice<TemplateValue>, of value: TemplateValue) -> TemplateValue? {
        path.reduce(value) { TemplateEvaluator.member($1, of: $0) }
    }

    /// `resourceInfo('symbol')`: what can be told of a resource before it is deployed.
    func resourceInfo(_ call: TemplateCall) -> TemplateValue {
        let symbol = call.arguments.first.map { evaluate($0, in: call.frame) }?.text ?? ""
        guard let index = call.frame.scope.symbols[symbol.lowercased()]?.first else {
            return unknown(call, [.text(symbol)])
        }
        let declaration = declarations.all[index]
        return TemplateEvaluator.object([
            "id": TemplateValue(text: declaration.id, isKnown: !declaration.id.contains("{")),
            "name": TemplateValue(text: declaration.name, isKnown: !declaration.name.contains("{")),
            "type": .text(declaration.type),
        ])
    }
}
