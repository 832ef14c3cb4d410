import FlowModel
import Foundation
import Topology

/// Writes states of the azurerm provider.
struct TerraformState {
    static let group = "/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg/providers"

    static func id(_ path: String) -> String { "\(group)/Microsoft.Network/\(path)" }

    private(set) var resources: [String] = []

    /// `attributes` is the inside of an object; `id` and `name` are added.
    mutating func add(
        _ type: String, _ path: String, _ attributes: String = "", mode: String = "managed", instance: String = "",
        provider: String = "provider[\\\"registry.terraform.io/hashicorp/azurerm\\\"]"
    ) {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let rest = attributes.isEmpty ? "" : ",\(attributes)"
        resources.append(
            """
            {"module":"module.net","mode":"\(mode)","type":"\(type)","name":"this","provider":"\(provider)","instances":[
             {"schema_version":0,"index_key":"\(name)"\(instance),
              "attributes":{"id":"\(TerraformState.id(path))","name":"\(name)"\(rest)}}]}
            """)
    }

    var text: String {
        """
        {"version":4,"terraform_version":"1.9.5","serial":3,"lineage":"3f1c","outputs":{},
         "resources":[\(resources.joined(separator: ",\n"))],"check_results":null}
        """
    }

    func reader() throws -> TerraformReader { try TerraformState.reader(text) }

    static func reader(_ text: String) throws -> TerraformReader {
        var reader = TerraformReader(document: "a.tfstate")
        reader.read(try json(text))
        return reader
    }

    static func json(_ text: String) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }
}

extension TerraformReader {
    /// The only resource, or nil.
    var single: JSONValue? { resources.count == 1 ? resources[0] : nil }

    func resource(_ path: String) -> JSONValue? {
        resources.first { $0["id"]?.string == TerraformState.id(path) }
    }

    /// What was read, as a document of its own.
    func topology(overlays: [String] = []) throws -> Topology {
        let text = "[\(resources.map(\.json).joined(separator: ",\n"))]"
        return try Topology(
            documents: ([text] + overlays).enumerated().map {
                TopologyDocument(name: "\($0.offset).json", bytes: Array($0.element.utf8))
            })
    }
}

extension JSONValue {
    var json: String {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.string
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.value(value)
        case .number(let value): writer.value(value)
        case .string(let value): writer.value(value)
        case .array(let values):
            writer.beginArray()
            for value in values { value.write(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                writer.key(key)
                value.write(to: &writer)
            }
            writer.endObject()
        }
    }
}
