import FlowModel
import Topology

/// What a set of documents comes to, read back from its canonical form.
struct Imported {
    let set: ResourceSet
    let document: TopologyDocument
    let json: JSONValue
    /// By lower-cased id.
    let resources: [String: JSONValue]

    init(_ documents: [TopologyDocument]) throws {
        var set = ResourceSet()
        for document in documents { try set.add(document) }
        self.set = set
        document = set.document(named: "imported.json")
        json = try JSONValue(parsing: document.bytes)
        resources = Dictionary(
            (json["resources"]?.array ?? []).map { ($0["id"]?.string ?? "", $0) }
        ) { first, _ in first }
    }

    /// Files of these texts, named `0.json`, `1.json`, …
    init(_ texts: String...) throws { try self.init(Imported.documents(texts)) }

    static func documents(_ texts: [String]) -> [TopologyDocument] {
        texts.enumerated().map { TopologyDocument(name: "\($0.offset).json", bytes: Array($0.element.utf8)) }
    }

    /// A member of the properties of a resource of the network provider, by the end of its id.
    func property(_ id: String, _ keys: String...) -> JSONValue? {
        var value = resources["\(Imported.group)/\(id.lowercased())"]?["properties"]
        for key in keys { value = Int(key).map { value?.array?[$0] } ?? value?[key] }
        return value
    }

    static let group = "/subscriptions/s/resourcegroups/rg/providers/microsoft.network"

    /// An id as Azure spells it.
    static func id(_ path: String) -> String {
        "/subscriptions/s/resourceGroups/RG/providers/Microsoft.Network/\(path)"
    }
}
