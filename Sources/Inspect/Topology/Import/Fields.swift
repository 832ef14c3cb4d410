internal import FlowModel

/// A JSON object of an export, read without regard to the case of its keys.
///
/// REST and Resource Graph nest under `properties`, the command line flattens: a key is looked for in `properties` first,
/// then beside it. Old and new tools spell `privateIPAddress` and `privateIpAddress`, in one file sometimes. Null, an
/// empty text and an absent key are the same (topology exports, 6, 7, 18).
struct Fields {
    let value: JSONValue

    /// Takes a value whose keys are in lower case already (`lowerCasedKeys`).
    init(_ value: JSONValue) { self.value = value }

    private func member(_ key: String) -> JSONValue? {
        if let nested = value["properties"]?[key], !nested.isNull { return nested }
        guard let own = value[key], !own.isNull else { return nil }
        return own
    }

    func has(_ key: String) -> Bool { member(key) != nil }

    func text(_ key: String) -> String? {
        guard let text = member(key)?.string, !text.isEmpty else { return nil }
        return text
    }

    /// A truth value, also where an export writes it as the text `True` or `False`.
    func flag(_ key: String) -> Bool? {
        switch member(key) {
        case .bool(let value)?: return value
        case .string(let text)? where text.lowercased() == "true": return true
        case .string(let text)? where text.lowercased() == "false": return false
        default: return nil
        }
    }

    func number(_ key: String) -> Double? { member(key)?.number }

    func object(_ key: String) -> Fields? {
        guard let member = member(key), member.object != nil else { return nil }
        return Fields(member)
    }

    /// The objects of an array; anything else in it is left out.
    func list(_ key: String) -> [Fields] { (member(key)?.array ?? []).filter { $0.object != nil }.map(Fields.init) }

    /// The texts of an array; one text alone counts as an array of one.
    func texts(_ key: String) -> [String] {
        if let text = text(key) { return [text] }
        return (member(key)?.array ?? []).compactMap(\.string).filter { !$0.isEmpty }
    }

    /// The lower-cased id of a reference `{"id": …}`, or of a text.
    func reference(_ key: String) -> String? {
        (object(key)?.text("id") ?? text(key)).map(canonicalID)
    }

    /// The member as it stands, for a caller that tells wrong kinds of values apart.
    func raw(_ key: String) -> JSONValue? { member(key) }
}

/// Lower case, without a slash at the end: how ids compare (topology exports, 10).
func canonicalID(_ id: String) -> String {
    var id = id.lowercased()
    while id.hasSuffix("/") { id.removeLast() }
    return id
}

/// The id of what holds the resource: `…/virtualnetworks/v/subnets/s` → `…/virtualnetworks/v`.
func parentID(_ id: String) -> String {
    id.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
}

func lastPart(_ id: String) -> String { id.split(separator: "/").last.map(String.init) ?? id }

extension JSONValue {
    /// The value with all keys in lower case, but for those inside `tags`: a tag's case has a meaning.
    func lowerCasedKeys() -> JSONValue {
        switch self {
        case .array(let values): return .array(values.map { $0.lowerCasedKeys() })
        case .object(let members):
            var lowered: [String: JSONValue] = [:]
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                let key = key.lowercased()
                let value = key == "tags" ? value : value.lowerCasedKeys()
                // Pascal and camel spelling side by side: the one that says something wins (topology exports, 8).
                if lowered[key]?.isNull ?? true { lowered[key] = value }
            }
            return .object(lowered)
        default: return self
        }
    }

    /// This value completed by another reading of the same resource; where both say something, this one stays.
    func merged(with other: JSONValue) -> JSONValue {
        guard case .object(var members) = self, case .object(let others) = other else {
            if isNull || array?.isEmpty == true { return other }
            return self
        }
        for (key, value) in others { members[key] = members[key]?.merged(with: value) ?? value }
        return .object(members)
    }

    /// Canonical JSON: keys sorted, so that equal values give equal bytes.
    func write(canonicalTo json: inout JSONWriter) {
        switch self {
        case .null: json.null()
        case .bool(let value): json.value(value)
        case .number(let value): json.value(value)
        case .string(let value): json.value(value)
        case .array(let values):
            json.beginArray()
            for value in values { value.write(canonicalTo: &json) }
            json.endArray()
        case .object(let members):
            json.beginObject()
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                json.key(key)
                value.write(canonicalTo: &json)
            }
            json.endObject()
        }
    }
}
