internal import FlowModel

/// Declares the resources of templates: loops unrolled, children on their own, nested deployments entered.
extension TemplateEvaluator {
    private struct Instance {
        var symbol: String?
        var json: JSONValue
        var frame: TemplateFrame

        var isDeployment: Bool {
            json.named("type")?.string?.lowercased() == TemplateDeclaration.deploymentType
        }
    }

    /// Declares all that a deployment holds; the second time nothing.
    func expand(_ deployment: TemplateDeployment) {
        guard !deployment.isExpanded else { return }
        deployment.isExpanded = true
        guard deployment.depth <= limits.deploymentDepth else {
            report(document, "", "deployments more than \(limits.deploymentDepth) deep: the inner ones are not read")
            return
        }
        let start = declarations.all.count
        let instances = instances(of: deployment.template.named("resources"), in: deployment.frame)
        // Deployments first: names of other resources may come from their outputs.
        for instance in instances where instance.isDeployment { declare(instance, in: deployment) }
        for instance in instances where !instance.isDeployment { declare(instance, in: deployment) }
        for index in start..<declarations.all.count {
            guard let inner = declarations.all[index].deployment, isDeployed(index) != false else { continue }
            expand(inner)
        }
    }

    /// An array, or an object by symbolic names, each loop unrolled.
    private func instances(of resources: JSONValue?, in frame: TemplateFrame) -> [Instance] {
        if let array = resources?.array { return array.flatMap { instances(of: $0, symbol: nil, in: frame) } }
        let members = (resources?.object ?? [:]).sorted { $0.key < $1.key }
        return members.flatMap { instances(of: $0.value, symbol: $0.key, in: frame) }
    }

    private func instances(of resource: JSONValue, symbol: String?, in frame: TemplateFrame) -> [Instance] {
        guard resource.object != nil else { return [] }
        guard let loop = resource.named("copy"), loop.object != nil else {
            return [Instance(symbol: symbol, json: resource, frame: frame)]
        }
        let name = loop.named("name")?.string ?? ""
        guard let count = turns(of: loop, in: frame) else {
            report(
                document, "resources[\(symbol ?? name)].copy.count",
                "is not known, or more than \(limits.copies): these resources are left out")
            return []
        }
        let room = max(0, limits.resources - declarations.all.count + 1)
        return (0..<min(count, room)).map { turn in
            Instance(symbol: symbol.map { "\($0)[\(turn)]" }, json: resource, frame: frame.turn(turn, of: name))
        }
    }

    private func declare(_ instance: Instance, in deployment: TemplateDeployment, parent: TemplateDeclaration? = nil) {
        guard declarations.all.count < limits.resources else {
            report(document, "resources", "more than \(limits.resources) resources: the rest is not read")
            return
        }
        guard enter() else { return }
        defer { leave() }
        guard var declaration = declaration(of: instance, in: deployment, parent: parent) else { return }
        if declaration.isDeployment, !declaration.isExisting {
            declaration.deployment = nestedDeployment(of: declaration, in: deployment)
        }
        let index = declarations.append(declaration)
        let scope = instance.frame.scope
        if let symbol = instance.symbol { scope.symbols[symbol.lowercased(), default: []].append(index) }
        scope.names[declaration.name.lowercased(), default: []].append(index)
        guard !declaration.isDeployment else { return }
        for child in instances(of: instance.json.named("resources"), in: instance.frame) {
            declare(child, in: deployment, parent: declaration)
        }
    }

    private func declaration(
        of instance: Instance, in deployment: TemplateDeployment, parent: TemplateDeclaration?
    ) -> TemplateDeclaration? {
        func text(_ key: String) -> String? {
            instance.json.named(key).map { evaluate($0, in: instance.frame) }?.piece
        }
        guard var type = text("type"), var name = text("name"), !type.isEmpty, !name.isEmpty else {
            report(document, "resources", "a resource without a type or a name is left out")
            return nil
        }
        if let parent { (type, name) = child(type: type, name: name, of: parent) }
        let depth = type.split(separator: "/").count - 1
        let missing = depth - name.split(separator: "/").count
        // A name that is one unknown says neither its own part nor its parent's; both stay distinguishable.
        if missing > 0, name.contains("{") {
            name = (1...missing).map { TemplateValue.placeholder("parent \($0) of \(name)") + "/" }.joined() + name
        }
        guard let id = TemplateIdentifier.id(under: prefix(of: instance, in: deployment), type: type, name: name) else {
            report(document, "resources", "\(name) is no name for a resource of type \(type): it is left out")
            return nil
        }
        return TemplateDeclaration(
            id: id, type: type, name: name, json: instance.json, frame: instance.frame,
            isExisting: instance.json.named("existing")?.bool ?? false)
    }

    /// A child under `resources` has a relative type and name, or the whole ones.
    private func child(type: String, name: String, of parent: TemplateDeclaration) -> (type: String, name: String) {
        let isWhole = type.lowercased().hasPrefix(parent.type.lowercased() + "/")
        let fullType = isWhole ? type : parent.type + "/" + type.drop { $0 == "/" }
        let parts = fullType.split(separator: "/").count - 1
        return (fullType, name.split(separator: "/").count == parts ? name : "\(parent.name)/\(name)")
    }

    /// What the resource's id begins with: the deployment's place, or what the resource itself names.
    private func prefix(of instance: Instance, in deployment: TemplateDeployment) -> String {
        place(of: instance.json, in: instance.frame, within: deployment.place).prefix
    }

    private func place(
        of json: JSONValue, in frame: TemplateFrame, within parent: TemplatePlace
    ) -> TemplatePlace {
        func text(_ key: String) -> String? { json.named(key).map { evaluate($0, in: frame) }?.piece }
        if let scope = text("scope"), !scope.isEmpty {
            guard !scope.hasPrefix("/") else {
                var place = TemplatePlace(id: scope)
                // An extension stands below a resource: its whole id is the prefix.
                if scope.lowercased().contains("/providers/") { place = TemplatePlace(resource: scope) }
                return place
            }
            let isGroup = scope.lowercased().hasPrefix("microsoft.management/")
            return isGroup ? TemplatePlace(id: scope) : TemplatePlace(resource: "\(parent.prefix)/providers/\(scope)")
        }
        var place = parent
        if let subscription = text("subscriptionid"), !subscription.isEmpty {
            (place.subscription, place.group) = (subscription, nil)
        }
        if let group = text("resourcegroup"), !group.isEmpty {
            place.group = group
            place.subscription = place.subscription ?? TemplatePlace.unknownSubscription
        }
        return place
    }

    private func nestedDeployment(
        of declaration: TemplateDeclaration, in parent: TemplateDeployment
    ) -> TemplateDeployment? {
        guard let properties = declaration.json.named("properties"), let template = properties.named("template"),
            template.object != nil
        else {
            notes.insert("deployment \(declaration.name): its template is linked and cannot be read")
            return nil
        }
        let place = place(of: declaration.json, in: declaration.frame, within: parent.place)
        let isInner =
            properties.named("expressionevaluationoptions")?.named("scope")?.string?.lowercased() == "inner"
        let inner = TemplateScope(
            template: template, name: declaration.name, place: place, passed: properties.named("parameters"),
            passedFrame: declaration.frame)
        return TemplateDeployment(
            template: template, frame: isInner ? TemplateFrame(scope: inner) : declaration.frame, place: place,
            depth: parent.depth + 1)
    }

    /// Whether the template deploys the resource: nil where its condition is not known.
    func isDeployed(_ index: Int) -> Bool? {
        if let known = declarations.conditions[index] { return known }
        let declaration = declarations.all[index]
        // Until it is known: what a condition leads to may ask again.
        declarations.conditions.updateValue(nil, forKey: index)
        let isDeployed =
            declaration.json.named("condition").map { evaluate($0, in: declaration.frame).flag } ?? true
        declarations.conditions.updateValue(isDeployed, forKey: index)
        return isDeployed
    }
}

extension TemplatePlace {
    /// Below a resource.
    fileprivate init(resource id: String) {
        self.init()
        (subscription, group) = (nil, nil)
        above = canonicalEnd(id)
    }
}

private func canonicalEnd(_ id: String) -> String {
    var id = id
    while id.hasSuffix("/") { id.removeLast() }
    return id
}
