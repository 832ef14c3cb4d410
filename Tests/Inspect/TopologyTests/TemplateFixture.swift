import FlowModel
import Foundation
import Topology

/// Templates of our own, written as text.
enum TemplateFixture {
    /// What ids begin with where nobody says more.
    static let prefix = "/subscriptions/{subscription}/resourceGroups/{resourcegroup}/providers"
    static let network = prefix + "/Microsoft.Network"

    static func json(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    /// A template with these members beside its schema, `"resources": […]` among them.
    static func template(_ members: String, schema: String = "deploymentTemplate") -> String {
        "{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/\(schema).json#\", "
            + "\"contentVersion\": \"1.0.0.0\", \(members)}"
    }

    static func read(_ text: String, limits: TemplateLimits = TemplateLimits()) throws -> TemplateReader {
        var reader = TemplateReader(document: "t.json", limits: limits)
        reader.read(try json(text))
        return reader
    }

    static func read(resources: String, _ members: String = "\"parameters\": {}") throws -> TemplateReader {
        try read(template("\(members), \"resources\": [\(resources)]"))
    }

    /// A virtual network with these properties, and what else stands beside them.
    static func vnet(_ name: String, _ properties: String = "{}", _ members: String = "\"tags\": {}") -> String {
        "{\"type\": \"Microsoft.Network/virtualNetworks\", \"name\": \"\(name)\", \(members), \"properties\": \(properties)}"
    }

    /// A nested deployment of a template with these members.
    static func nested(
        _ name: String, _ members: String, scope: String? = "inner", parameters: String = "{}", target: String = ""
    ) -> String {
        let options = scope.map { "\"expressionEvaluationOptions\": {\"scope\": \"\($0)\"}, " } ?? ""
        return "{\"type\": \"Microsoft.Resources/deployments\", \"name\": \"\(name)\", \(target)\"properties\": "
            + "{\(options)\"mode\": \"Incremental\", \"parameters\": \(parameters), \"template\": \(template(members))}}"
    }

    /// What an expression is worth as an attribute that is read, and what is said of it.
    static func value(
        _ expression: String, key: String = "mode", _ members: String = "\"parameters\": {}"
    ) throws -> (value: JSONValue?, problem: String?) {
        let text = try String(decoding: JSONEncoder().encode(expression), as: UTF8.self)
        let reader = try read(resources: vnet("r", "{\"\(key)\": \(text)}"), members)
        return (reader.resources.first?["properties"]?[key], reader.problems.first?.problem)
    }
}

extension TemplateReader {
    var ids: [String] { resources.compactMap { $0["id"]?.string } }

    /// The properties of the resource whose id ends so.
    func properties(_ end: String) -> JSONValue? {
        resources.first { $0["id"]?.string?.hasSuffix(end) == true }?["properties"]
    }
}
