package import FlowModel

/// Reads ARM templates, also those compiled from Bicep, into resources as REST would answer them.
///
/// A template says what is to be, not what is: its expressions are evaluated as far as the document goes. Parameters
/// without a value become names in braces (`{virtualNetworks_x_name}`), the same wherever the parameter is used; so do
/// the subscription and the group, `{subscription}` and `{resourcegroup}`, in every template. An attribute that cannot
/// be known is absent and a problem; secure parameters have no value. The same resource may come several times, with
/// the same id. A route whose next hop is the unknown address of a resource that is named has, of our own making,
/// `"nextHopResource": {"id": …}` instead.
package struct TemplateReader {
    /// `{"id", "type", "name", "location"?, "tags"?, "sku"?, "properties"}`, children as resources of their own too,
    /// sorted by id; not deployments.
    package private(set) var resources: [JSONValue] = []
    /// Sorted.
    package private(set) var problems: [TopologyProblem] = []
    /// Sorted, each beginning with the document's name.
    package private(set) var notUnderstood: [String] = []

    private let document: String
    private let limits: TemplateLimits

    package init(document: String) { self.init(document: document, limits: TemplateLimits()) }

    package init(document: String, limits: TemplateLimits) {
        self.document = document
        self.limits = limits
    }

    /// Whether the value is a template, or a file of parameters for one; keys in any case.
    package static func isTemplate(_ value: JSONValue) -> Bool {
        isParameterFile(value) || isDeployable(value)
    }

    private static func isDeployable(_ value: JSONValue) -> Bool {
        guard let resources = value.named("resources"), resources.array != nil || resources.object != nil else {
            return false
        }
        let schema = value.named("$schema")?.string?.lowercased() ?? ""
        return schema.contains("deploymenttemplate.json") || value.named("contentversion") != nil
    }

    private static func isParameterFile(_ value: JSONValue) -> Bool {
        guard value.named("resources") == nil, value.named("parameters")?.object != nil else { return false }
        let schema = value.named("$schema")?.string?.lowercased() ?? ""
        return schema.contains("deploymentparameters.json") || value.named("contentversion") != nil
    }

    /// Adds what the template declares.
    package mutating func read(_ template: JSONValue) {
        guard !TemplateReader.isParameterFile(template) else {
            return note(["parameters of an ARM template: their values are not used, the template's own defaults are"])
        }
        guard TemplateReader.isDeployable(template) else { return note(["no template"]) }
        let evaluator = TemplateEvaluator(document: document, limits: limits)
        let scope = TemplateScope(
            template: template, name: "{deployment}",
            place: TemplatePlace(schema: template.named("$schema")?.string ?? ""),
            passed: nil, passedFrame: nil)
        evaluator.expand(
            TemplateDeployment(
                template: template, frame: TemplateFrame(scope: scope), place: scope.place, depth: 0))
        resources += TemplateReader.written(by: evaluator)
        resources = TemplateReader.sorted(resources)
        problems = Array(Set(problems).union(evaluator.problems)).sorted()
        note(evaluator.notes)
    }

    private mutating func note(_ notes: Set<String>) {
        notUnderstood = Set(notUnderstood).union(notes.map { "\(document): \($0)" }).sorted()
    }

    private static func written(by evaluator: TemplateEvaluator) -> [JSONValue] {
        var resources: [JSONValue] = []
        for (index, declaration) in evaluator.declarations.all.enumerated() where !declaration.isExisting {
            let isDeployed = evaluator.isDeployed(index)
            guard isDeployed != false else { continue }
            if isDeployed == nil {
                evaluator.report(
                    canonicalID(declaration.id), "condition", "cannot be known from a template: taken as deployed")
            }
            guard !declaration.isDeployment else { continue }
            resources.append(TemplateResourceWriter(declaration, evaluator: evaluator).resource())
        }
        return resources
    }

    /// By id; what has one id stays in the order of the template.
    private static func sorted(_ resources: [JSONValue]) -> [JSONValue] {
        let keyed = resources.enumerated().map { (id: canonicalID($1["id"]?.string ?? ""), place: $0, resource: $1) }
        return keyed.sorted { ($0.id, $0.place) < ($1.id, $1.place) }.map(\.resource)
    }
}
