internal import FlowModel

/// The functions that see where they stand, or that do not evaluate all their arguments.
extension TemplateEvaluator {
    typealias Special = @Sendable (TemplateEvaluator, TemplateCall) -> TemplateValue

    static let special: [String: Special] = [
        "parameters": { $0.parameter($1) },
        "variables": { $0.variable($1) },
        "if": { $0.choice($1) },
        "and": { $0.truth($1, deciding: false) },
        "or": { $0.truth($1, deciding: true) },
        "coalesce": { $0.coalesced($1) },
        "copyindex": { $0.copyIndex($1) },
        "lambda": { $0.unknown($1, []) },
        "lambdavariables": { evaluator, call in
            let name = call.arguments.first.map { evaluator.evaluate($0, in: call.frame) }?.text
            return name.flatMap { call.frame.variables[$0.lowercased()] } ?? evaluator.unknown(call, [])
        },
        "map": { evaluator, call in evaluator.withElements(call, evaluator.mapped) },
        "filter": { evaluator, call in evaluator.withElements(call, evaluator.filtered) },
        "reduce": { evaluator, call in evaluator.withElements(call, evaluator.reduced) },
        "sort": { evaluator, call in evaluator.withElements(call, evaluator.sorted) },
        "toobject": { evaluator, call in evaluator.withElements(call, evaluator.keyed) },
        "mapvalues": { evaluator, call in evaluator.withFirst(call) { evaluator.mappedValues(call, $0) } },
        "resourcegroup": { evaluator, call in evaluator.resourceGroup(call.frame.scope.place) },
        "subscription": { evaluator, call in evaluator.subscription(call.frame.scope.place) },
        "tenant": { _, _ in TemplateEvaluator.object(["tenantId": .symbol("{tenant}")]) },
        "managementgroup": { _, _ in
            TemplateEvaluator.object([
                "name": .symbol("{managementgroup}"),
                "id": .symbol("/providers/Microsoft.Management/managementGroups/{managementgroup}"),
            ])
        },
        "deployment": { _, call in
            TemplateEvaluator.object([
                "name": TemplateValue(
                    text: call.frame.scope.name, isKnown: !call.frame.scope.name.contains("{"))
            ])
        },
        "environment": { _, _ in .unknown("environment") },
        "uniquestring": { $0.symbol($1) },
        "guid": { $0.symbol($1) },
        "newguid": { $0.symbol($1) },
        "utcnow": { $0.symbol($1) },
        "resourceid": { evaluator, call in evaluator.resourceID(call) },
        "subscriptionresourceid": { evaluator, call in evaluator.subscriptionResourceID(call) },
        "tenantresourceid": { evaluator, call in evaluator.scopedResourceID(call, prefix: "") },
        "managementgroupresourceid": { evaluator, call in evaluator.managementGroupResourceID(call) },
        "extensionresourceid": { evaluator, call in evaluator.extensionResourceID(call) },
        "resourceinfo": { evaluator, call in evaluator.resourceInfo(call) },
        "reference": { evaluator, call in
            evaluator.referenced(by: .call(call.name, call.arguments), in: call.frame)
                ?? evaluator.unknown(call, call.arguments.prefix(1).map { evaluator.evaluate($0, in: call.frame) })
        },
    ]

    static func object(_ members: [String: TemplateValue]) -> TemplateValue {
        var object = TemplateObject()
        for (key, value) in members.sorted(by: { $0.key < $1.key }) { object[key] = value }
        return .object(object)
    }

    /// A text that is made when the template is deployed: always the same for the same arguments.
    private func symbol(_ call: TemplateCall) -> TemplateValue {
        let arguments = call.arguments.map { evaluate($0, in: call.frame) }
        return .symbol(TemplateValue.placeholder(TemplateValue.description(of: call.name, arguments)))
    }

    private func resourceGroup(_ place: TemplatePlace) -> TemplateValue {
        guard let group = place.group, place.subscription != nil else { return .unknown("resourceGroup()") }
        return TemplateEvaluator.object([
            "name": TemplateValue(text: group, isKnown: !group.contains("{")),
            "id": TemplateValue(text: place.prefix, isKnown: !place.prefix.contains("{")),
            "location": .symbol("{location}"), "type": .text("Microsoft.Resources/resourceGroups"),
            "tags": .unknown("resourceGroup().tags"),
        ])
    }

    private func subscription(_ place: TemplatePlace) -> TemplateValue {
        guard let subscription = place.subscription else { return .unknown("subscription()") }
        let isKnown = !subscription.contains("{")
        return TemplateEvaluator.object([
            "subscriptionId": TemplateValue(text: subscription, isKnown: isKnown),
            "id": TemplateValue(text: "/subscriptions/\(subscription)", isKnown: isKnown),
            "tenantId": .symbol("{tenant}"), "displayName": .symbol("{subscriptionname}"),
        ])
    }

    /// Only the branch that is taken is evaluated; an unknown condition decides nothing unless both are the same.
    private func choice(_ call: TemplateCall) -> TemplateValue {
        guard call.arguments.count == 3 else { return unknown(call, []) }
        let condition = evaluate(call.arguments[0], in: call.frame)
        if let flag = condition.flag { return evaluate(call.arguments[flag ? 1 : 2], in: call.frame) }
        let branches = call.arguments.dropFirst().map { evaluate($0, in: call.frame) }
        var budget = TemplateFunctions.comparisonBudget
        if TemplateFunctions.same(branches[0], branches[1], budget: &budget) == true { return branches[0] }
        return unknown(call, [condition] + branches)
    }

    /// `and` is decided by one false, `or` by one true; what follows is not evaluated.
    private func truth(_ call: TemplateCall, deciding: Bool) -> TemplateValue {
        var values: [TemplateValue] = []
        for argument in call.arguments {
            let value = evaluate(argument, in: call.frame)
            if value.flag == deciding { return .bool(deciding) }
            values.append(value)
        }
        return values.allSatisfy { $0.flag != nil } ? .bool(!deciding) : unknown(call, values)
    }

    private func coalesced(_ call: TemplateCall) -> TemplateValue {
        for (index, argument) in call.arguments.enumerated() {
            let value = evaluate(argument, in: call.frame)
            switch value {
            case .null: continue
            case .unknown:
                // Each argument once: calls in calls would take twice as long at each level.
                let rest = call.arguments[(index + 1)...].map { evaluate($0, in: call.frame) }
                return unknown(call, Array(repeating: .null, count: index) + [value] + rest)
            default: return value
            }
        }
        return .null
    }

    /// `copyIndex()`, `copyIndex(offset)`, `copyIndex('loop')`, `copyIndex('loop', offset)`.
    private func copyIndex(_ call: TemplateCall) -> TemplateValue {
        let arguments = call.arguments.map { evaluate($0, in: call.frame) }
        let loop = arguments.first?.text?.lowercased() ?? ""
        guard let turn = call.frame.turns[loop] else { return unknown(call, arguments) }
        return .number(Double(turn) + Double(arguments.lazy.compactMap(\.integer).first ?? 0))
    }
}
