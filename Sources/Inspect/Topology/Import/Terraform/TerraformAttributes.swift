internal import FlowModel

/// The attributes of an instance, or of a block in it, read by name.
///
/// An empty text, an empty list, null and an absent key are the same: the provider writes all of them for "not set".
/// Where several keys are named, the first one that says something counts: write the newest spelling first.
struct TerraformAttributes {
    private let members: [String: JSONValue]

    init(_ members: [String: JSONValue]) { self.members = members }

    // MARK: As values of Swift

    func string(_ keys: String...) -> String? { string(keys) }

    private func string(_ keys: [String]) -> String? {
        keys.lazy.compactMap { members[$0]?.string }.first { !$0.isEmpty }
    }

    /// Also of the texts `true` and `false` of old states.
    func bool(_ key: String) -> Bool? {
        switch members[key] {
        case .bool(let value)?: return value
        case .string("true")?: return true
        case .string("false")?: return false
        default: return nil
        }
    }

    func strings(_ keys: String...) -> [String] { strings(keys) }

    private func strings(_ keys: [String]) -> [String] {
        for key in keys {
            if let text = members[key]?.string, !text.isEmpty { return [text] }
            let texts = (members[key]?.array ?? []).compactMap(\.string).filter { !$0.isEmpty }
            if !texts.isEmpty { return texts }
        }
        return []
    }

    /// Blocks: lists of objects, one-element lists mostly.
    func blocks(_ key: String) -> [TerraformAttributes] {
        if let single = members[key]?.object { return [TerraformAttributes(single)] }
        return (members[key]?.array ?? []).compactMap { $0.object.map(TerraformAttributes.init) }
    }

    func block(_ key: String) -> TerraformAttributes? { blocks(key).first }

    /// A map of texts, such as tags.
    func map(_ key: String) -> [String: String] { (members[key]?.object ?? [:]).compactMapValues(\.string) }

    // MARK: As values of Azure's answers

    /// As the state holds it.
    func value(_ key: String) -> JSONValue? { members[key] }

    func text(_ keys: String...) -> JSONValue? { string(keys).map(JSONValue.string) }

    func flag(_ keys: String...) -> JSONValue? { keys.lazy.compactMap(bool).first.map(JSONValue.bool) }

    func number(_ key: String) -> JSONValue? {
        (members[key]?.number ?? members[key]?.string.flatMap(Double.init)).map(JSONValue.number)
    }

    func texts(_ keys: String...) -> JSONValue? {
        let texts = strings(keys)
        return texts.isEmpty ? nil : .array(texts.map(JSONValue.string))
    }

    /// `{"id": …}`.
    func reference(_ keys: String...) -> JSONValue? { string(keys).map(JSONValue.reference) }

    /// `[{"id": …}, …]`.
    func references(_ keys: String...) -> JSONValue? {
        let texts = strings(keys)
        return texts.isEmpty ? nil : .array(texts.map(JSONValue.reference))
    }

    func list(_ key: String, _ map: (TerraformAttributes) -> JSONValue) -> JSONValue? {
        let values = blocks(key).map(map)
        return values.isEmpty ? nil : .array(values)
    }
}

extension JSONValue {
    static func reference(_ id: String) -> JSONValue { .object(["id": .string(id)]) }

    /// An object of the members that are there.
    static func members(_ members: [String: JSONValue?]) -> JSONValue { .object(members.compactMapValues { $0 }) }

    /// Nil where none of the members is there.
    static func some(_ members: [String: JSONValue?]) -> JSONValue? {
        let members = members.compactMapValues { $0 }
        return members.isEmpty ? nil : .object(members)
    }

    /// A child inside its parent: name and properties.
    static func child(_ name: JSONValue?, id: String? = nil, _ properties: [String: JSONValue?]) -> JSONValue {
        members(["name": name, "id": id.map(JSONValue.string), "properties": members(properties)])
    }
}
