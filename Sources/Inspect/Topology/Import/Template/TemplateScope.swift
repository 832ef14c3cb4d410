internal import FlowModel

/// Where a deployment goes: what the ids of its resources begin with.
struct TemplatePlace {
    static let unknownSubscription = "{subscription}"
    static let unknownGroup = "{resourcegroup}"

    /// Nil above subscriptions.
    var subscription: String? = unknownSubscription
    /// Nil where the deployment is one of a subscription or above.
    var group: String? = unknownGroup
    /// The id of a scope above subscriptions, without a slash at the end.
    var above = ""

    /// Without a slash at the end: ids go on with `/providers/…`.
    var prefix: String {
        guard let subscription else { return above }
        return "/subscriptions/\(subscription)" + (group.map { "/resourceGroups/\($0)" } ?? "")
    }

    init() {}

    /// The place that a template is made for, by its schema's name.
    init(schema: String) {
        let schema = schema.lowercased()
        if schema.contains("subscriptiondeploymenttemplate") {
            group = nil
        } else if schema.contains("managementgroupdeploymenttemplate") {
            (subscription, group, above) = (
                nil, nil, "/providers/Microsoft.Management/managementGroups/{managementgroup}"
            )
        } else if schema.contains("tenantdeploymenttemplate") {
            (subscription, group) = (nil, nil)
        }
    }

    /// The place that an id names, as in a deployment's `scope`.
    init(id: String) {
        let parts = id.split(separator: "/").map(String.init)
        let names = parts.map { $0.lowercased() }
        (subscription, group) = (nil, nil)
        if let index = names.firstIndex(of: "subscriptions"), index + 1 < parts.count {
            subscription = parts[index + 1]
            if let index = names.firstIndex(of: "resourcegroups"), index + 1 < parts.count { group = parts[index + 1] }
        } else if !parts.isEmpty {
            above = (names.first == "providers" ? "/" : "/providers/") + parts.joined(separator: "/")
        }
    }
}

/// One template as expressions see it: parameters, variables and functions, each evaluated when it is first asked for.
///
/// A class, because all frames of a template share what is evaluated; it lives as long as one document is read.
final class TemplateScope {
    let template: JSONValue
    /// The deployment's name.
    let name: String
    let place: TemplatePlace
    /// What the deployment passes, and where its expressions are evaluated; nil for the outermost template.
    let passed: JSONValue?
    let passedFrame: TemplateFrame?

    var values: [String: TemplateValue] = [:]
    /// Names of parameters and variables that are being evaluated: to come upon one again is a circle.
    var open: Set<String> = []
    /// Declarations by symbolic name, and by the name that a resource has, both in lower case.
    var symbols: [String: [Int]] = [:]
    var names: [String: [Int]] = [:]

    init(template: JSONValue, name: String, place: TemplatePlace, passed: JSONValue?, passedFrame: TemplateFrame?) {
        self.template = template
        self.name = name
        self.place = place
        self.passed = passed
        self.passedFrame = passedFrame
    }
}

/// Where an expression stands: its template, the turns of the loops around it, the arguments of the function around it.
struct TemplateFrame {
    var scope: TemplateScope
    /// Turns by the loop's name in lower case; the innermost has the empty name, too.
    var turns: [String: Int] = [:]
    /// A lambda's variables, names in lower case.
    var variables: [String: TemplateValue] = [:]
    /// A user function's arguments: it sees no other parameters.
    var arguments: [String: TemplateValue]?

    func turn(_ index: Int, of loop: String) -> TemplateFrame {
        var frame = self
        frame.turns[loop.lowercased()] = index
        frame.turns[""] = index
        return frame
    }
}

extension JSONValue {
    /// A member by its name in lower case, however the template spells it.
    func named(_ name: String) -> JSONValue? {
        guard let members = object else { return nil }
        if let member = members[name] { return member }
        let others = members.keys.filter { $0.utf8.count == name.utf8.count && $0.lowercased() == name }
        return others.min().flatMap { members[$0] }
    }

    /// The loops that a `copy` among an object's members makes: arrays by their names.
    var memberLoops: [JSONValue] {
        guard let loops = named("copy")?.array else { return [] }
        return loops.allSatisfy { $0.named("name") != nil && $0.named("input") != nil } ? loops : []
    }
}
