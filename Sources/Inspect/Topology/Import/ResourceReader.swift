internal import FlowModel
internal import FoundationEssentials

/// Takes documents apart into Azure resources, merged by id, and overlays.
///
/// The wrappers are those that tools write: Resource Graph (`data`, also as a table), REST lists (`value`), a bare
/// array, a single object, and several documents one after the other in one file (topology exports, 1 to 3).
struct ResourceReader {
    /// Lower-cased id → resource, its keys in lower case.
    private(set) var resources: [String: Resource] = [:]
    private(set) var overlays: [(document: String, fields: Fields)] = []
    private(set) var problems: [TopologyProblem] = []
    private(set) var notUnderstood: [String] = []

    struct Resource {
        var id: String
        /// Lower-cased, `microsoft.network/virtualnetworks`.
        var type: String
        var name: String
        var value: JSONValue

        var fields: Fields { Fields(value) }
    }

    mutating func read(_ documents: [TopologyDocument]) throws(TopologyError) {
        // In the order of their bytes, so that neither the names nor the order of the documents decide anything.
        for document in documents.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) }) {
            for range in jsonDocuments(in: document.bytes) { try read(document.bytes[range], of: document.name) }
        }
    }

    private mutating func read(_ bytes: ArraySlice<UInt8>, of name: String) throws(TopologyError) {
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: Data(bytes)).lowerCasedKeys()
        } catch {
            throw TopologyError(
                code: .notJSON, document: name, cause: "is no JSON",
                hint: "export it again, with -o json; a file that is no topology does not belong among the paths")
        }
        if let version = value["flowsight_overlay"] {
            guard version.integer == 1 else {
                throw TopologyError(
                    code: .unsupportedOverlay, document: name, cause: "is an overlay of another version than 1",
                    hint: "write \"flowsight_overlay\": 1")
            }
            overlays.append((name, Fields(value)))
            return
        }
        let before = resources.count
        readEnvelope(value, of: name)
        if resources.count == before, !notUnderstood.contains(where: { $0.hasPrefix("\(name): ") }) {
            notUnderstood.append("\(name): holds no Azure resource that was not read before")
        }
    }

    private mutating func readEnvelope(_ value: JSONValue, of name: String) {
        for key in ["nextlink", "skip_token", "$skiptoken"] where value[key]?.string?.isEmpty == false {
            problems.append(
                TopologyProblem(resource: name, field: key, problem: "the export is not whole: further pages follow"))
        }
        if let data = value["data"] {
            data["columns"] == nil ? readList(data, of: name) : readTable(data, of: name)
        } else if let list = value["value"] {
            readList(list, of: name)
        } else if value.array != nil {
            readList(value, of: name)
        } else {
            readObject(value, of: name)
        }
    }

    private mutating func readList(_ value: JSONValue, of name: String) {
        guard let list = value.array else { return readObject(value, of: name) }
        for element in list { readObject(element, of: name) }
    }

    /// Resource Graph's table form: `columns` name what stands in each place of a row.
    private mutating func readTable(_ value: JSONValue, of name: String) {
        let columns = (value["columns"]?.array ?? []).map { $0["name"]?.string?.lowercased() ?? "" }
        for row in value["rows"]?.array ?? [] {
            var members: [String: JSONValue] = [:]
            for (column, cell) in zip(columns, row.array ?? []) where !column.isEmpty { members[column] = cell }
            readObject(.object(members), of: name)
        }
    }

    private mutating func readObject(_ value: JSONValue, of name: String) {
        guard let id = value["resourceid"]?.string ?? value["id"]?.string, let type = resourceType(of: value, id: id)
        else {
            return refuse(value, of: name)
        }
        let key = canonicalID(id)
        let name = value["name"]?.string ?? lastPart(id)
        if let known = resources[key] {
            resources[key]?.value = known.value.merged(with: value)
        } else {
            resources[key] = Resource(id: key, type: type, name: lastPart(name), value: value)
        }
    }

    private mutating func refuse(_ value: JSONValue, of name: String) {
        let what =
            if value["$schema"] != nil || value["contentversion"] != nil {
                "an ARM template, whose ids are expressions: export the deployed resources with Resource Graph"
            } else if value["terraform_version"] != nil {
                "a Terraform state: export the deployed resources with Resource Graph"
            } else if value["log"] != nil || value["interactions"] != nil || value["response"] != nil {
                "a recording of requests, no export"
            } else if value["nexthoptype"] != nil {
                "effective routes: they are no resources"
            } else {
                "an object without the id of an Azure resource"
            }
        let text = "\(name): \(what)"
        if !notUnderstood.contains(text) { notUnderstood.append(text) }
    }

    /// The type that the object names, else the one that its id spells (topology exports, 9).
    private func resourceType(of value: JSONValue, id: String) -> String? {
        if let type = (value["resourcetype"] ?? value["type"])?.string, type.contains("/") { return type.lowercased() }
        let parts = id.lowercased().split(separator: "/")
        guard let providers = parts.lastIndex(of: "providers"), providers + 2 < parts.count else { return nil }
        let kinds = stride(from: providers + 2, to: parts.count, by: 2).map { parts[$0] }
        return "\(parts[providers + 1])/\(kinds.joined(separator: "/"))"
    }

    /// Each resource by its id, and the overlays together.
    func summaries() -> [String: ResourceSummary] {
        var all = resources.mapValues { ResourceSummary(type: $0.type, digest: digest(of: [$0.value])) }
        if !overlays.isEmpty {
            all["overlay"] = ResourceSummary(type: "overlay", digest: digest(of: overlays.map(\.fields.value)))
        }
        return all
    }

    private func digest(of values: [JSONValue]) -> UInt64 {
        var json = JSONWriter()
        for value in values { value.write(canonicalTo: &json) }
        return json.bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// Digest of everything that was read: two FNV-1a sums, for a version to compare and not against forgers.
    func version() -> String {
        guard !resources.isEmpty || !overlays.isEmpty else { return "" }
        var json = JSONWriter()
        for (_, resource) in resources.sorted(by: { $0.key < $1.key }) { resource.value.write(canonicalTo: &json) }
        for overlay in overlays { overlay.fields.value.write(canonicalTo: &json) }
        var upper: UInt64 = 0xcbf2_9ce4_8422_2325
        var lower: UInt64 = 0x9e37_79b9_7f4a_7c15
        for byte in json.bytes {
            upper = (upper ^ UInt64(byte)) &* 0x100_0000_01b3  // FNV-1a is arithmetic modulo 2^64.
            lower = (lower ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return RecordHash(upper: upper, lower: lower).description
    }
}

/// The ranges of the JSON documents that stand one after the other in a file; text outside any is a document, too.
private func jsonDocuments(in bytes: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var depth = 0
    var start: Int?
    var isInString = false
    var index = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    while index < bytes.count {
        let byte = bytes[index]
        if isInString {
            if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isInString = false }
        } else {
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            if start == nil, byte > 32 { start = index }
            if let begin = start, depth == 0, byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                ranges.append(begin..<index + 1)
                start = nil
            }
        }
        index += 1
    }
    if let start { ranges.append(start..<bytes.count) }
    return ranges
}
