internal import FlowModel

/// The azapi provider: resources whose body is what the REST interface takes. Azure's own modules write VNets, subnets and
/// flow logs so [registry.terraform.io: Azure/azapi, azapi_resource, azapi_update_resource].
extension TerraformMapping {
    /// The whole resource.
    static func restResource(_ resource: Attributes, _ answer: inout TerraformAnswer) {
        guard let type = resource.string("type").map(name), let body = restBody(of: resource, &answer) else { return }
        answer.add(TerraformResource(type, resource, sku: body["sku"].map(known), restProperties(of: body)))
    }

    /// What is changed of a resource that something else made.
    static func restUpdate(_ resource: Attributes, _ answer: inout TerraformAnswer) {
        guard let type = resource.string("type").map(name), let id = resource.string("resource_id", "id"),
            let body = restBody(of: resource, &answer)
        else { return }
        answer.add(.part(of: id, type, restProperties(of: body)))
    }

    /// The type that an instance of the provider names, where it is none that is read.
    static func unknownRESTType(of instance: TerraformInstance) -> String? {
        guard instance.type.hasPrefix("azapi_"), let type = instance.attributes?.string("type") else { return nil }
        return ResourceKind.index(of: name(ofType: type)) == nil ? name(ofType: type) : nil
    }

    /// `Microsoft.Network/virtualNetworks` of `Microsoft.Network/virtualNetworks@2024-05-01`.
    private static func name(ofType type: String) -> String { String(type.prefix { $0 != "@" }) }

    private static func restProperties(of body: JSONValue) -> [String: JSONValue?] {
        body["properties"].map(known)?.object ?? [:]
    }

    /// Known keys only: a body may hold the shared key of a connection.
    private static func known(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            .object(members.filter { KnownKeys.keys.index(of: $0.key) != nil }.mapValues(known))
        case .array(let elements): .array(elements.map(known))
        default: value
        }
    }

    /// What was sent, else what Azure answered, where the configuration asks for its properties. Without either the resource
    /// would look empty, and whole.
    private static func restBody(of resource: Attributes, _ answer: inout TerraformAnswer) -> JSONValue? {
        if let body = restObject("body", of: resource) { return body }
        if let output = restObject("output", of: resource), output["properties"]?.object != nil { return output }
        answer.report(
            "body", "cannot be read, and `output` holds no properties: the resource is not used; export it from Azure")
        return nil
    }

    /// A text of JSON up to version 1 of the provider, a value with its type in states since, and the value alone as
    /// `terraform show -json` prints it.
    private static func restObject(_ key: String, of resource: Attributes) -> JSONValue? {
        if let text = resource.string(key) {
            let value = try? JSONValue(parsing: Array(text.utf8))
            return value?.object == nil ? nil : value
        }
        guard let value = resource.value(key), value.object != nil else { return nil }
        guard value["type"] != nil, let inner = value["value"] else { return value }
        return inner.object == nil ? nil : inner
    }
}
