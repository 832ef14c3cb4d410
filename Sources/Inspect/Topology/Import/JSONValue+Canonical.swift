internal import FlowModel

extension JSONValue {
    /// The value with all keys in lower case; where two spellings of one key stand side by side, the one that says
    /// something wins (topology exports, 8).
    func lowerCasedKeys() -> JSONValue {
        switch self {
        case .array(let values): return .array(values.map { $0.lowerCasedKeys() })
        case .object(let members):
            var lowered: [String: JSONValue] = [:]
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                let key = key.lowercased()
                if lowered[key]?.isNull ?? true { lowered[key] = value.lowerCasedKeys() }
            }
            return .object(lowered)
        default: return self
        }
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
