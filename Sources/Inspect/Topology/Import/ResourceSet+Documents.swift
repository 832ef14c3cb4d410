internal import FlowModel

/// Takes documents apart. The wrappers are those that tools write: Resource Graph (`data`, also as a table), REST lists
/// (`value`), a bare array, an object, an object under a name of its own (`{"NewNIC": {…}}`), and any of them one after
/// the other in one file (topology exports, 1 to 5).
extension ResourceSet {
    enum ReadingError: Error {
        case json(JSONError)
        case version(String)
    }

    private static let openBrace = UInt8(ascii: "{")
    private static let openBracket = UInt8(ascii: "[")
    /// Wrappers in wrappers: each is looked through once more.
    private static let depthLimit = 8

    mutating func read(_ bytes: Span<UInt8>, of name: String) throws(ReadingError) {
        do {
            var scanner = JSONScanner()
            try scanner.begin(bytes)
            if scanner.peek(bytes) == nil { note("is empty", name) }
            while scanner.peek(bytes) != nil { try readDocument(&scanner, bytes, name) }
            if !hasContent { note("holds no resource", name) }
        } catch let error as JSONError {
            throw .json(error)
        } catch let error as ReadingError {
            throw error
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private mutating func note(_ text: String, _ name: String) {
        notes.insert("\(name): \(text)")
        hasContent = true
    }

    private mutating func readDocument(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ name: String) throws {
        switch scanner.peek(bytes) {
        case ResourceSet.openBracket?: try readElements(&scanner, bytes, name, depth: 0)
        case ResourceSet.openBrace?: try readObject(&scanner, bytes, name, depth: 0)
        default:
            try JSONOutline.skip(&scanner, bytes)
            note("a value that is no object and no array", name)
        }
    }

    func startOfValue(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) -> Int {
        _ = scanner.peek(bytes)
        return scanner.position
    }

    /// The elements of an array: resources, or wrappers and arrays of their own where pages were put into one array.
    mutating func readElements(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ name: String, depth: Int
    ) throws {
        guard depth < ResourceSet.depthLimit else { return try passOver(&scanner, bytes, name) }
        _ = scanner.skip(ResourceSet.openBracket, bytes)
        if scanner.skip(UInt8(ascii: "]"), bytes) { return }
        repeat {
            let start = startOfValue(&scanner, bytes)
            if scanner.peek(bytes) == ResourceSet.openBracket {
                try readElements(&scanner, bytes, name, depth: depth + 1)
                continue
            }
            guard scanner.peek(bytes) == ResourceSet.openBrace else {
                try JSONOutline.skip(&scanner, bytes)
                note("an array whose elements are no resources", name)
                continue
            }
            try outline.read(&scanner, bytes, keys: KnownKeys.keys)
            if !readResource(bytes) {
                scanner.move(to: start)
                try readObject(&scanner, bytes, name, depth: depth + 1)
            }
        } while try scanner.hasNext(before: UInt8(ascii: "]"), bytes)
    }

    private mutating func passOver(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ name: String) throws {
        try JSONOutline.skip(&scanner, bytes)
        note("wrappers more than \(ResourceSet.depthLimit) deep: what lies deeper is not read", name)
    }

    /// An object that is a wrapper, a document of another kind, or one resource.
    private mutating func readObject(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ name: String, depth: Int
    ) throws {
        guard depth < ResourceSet.depthLimit else { return try passOver(&scanner, bytes, name) }
        let start = startOfValue(&scanner, bytes)
        var envelope = Envelope(start: start, depth: depth)
        _ = scanner.skip(ResourceSet.openBrace, bytes)
        if scanner.skip(UInt8(ascii: "}"), bytes) {
            note("an empty object", name)
            return
        }
        repeat {
            let key = try scanner.key(bytes).string(in: bytes).lowercased()
            let place = startOfValue(&scanner, bytes)
            envelope.places[key] = place
            let isList = bytes.count > place && bytes[place] == ResourceSet.openBracket
            if isList, key == "data" || key == "value" || key == "resources" && envelope.isCanonical {
                envelope.isRead = true
                try readElements(&scanner, bytes, name, depth: depth)
            } else {
                try JSONOutline.skip(&scanner, bytes)
            }
        } while try scanner.hasNext(before: UInt8(ascii: "}"), bytes)
        let end = scanner.position
        try interpret(envelope, bytes, name)
        scanner.move(to: end)
    }

    /// What an object's keys say about it.
    private mutating func interpret(_ envelope: Envelope, _ bytes: Span<UInt8>, _ name: String) throws {
        try findGaps(envelope, bytes, name)
        if envelope.isCanonical || envelope.has("flowsight_overlay") || envelope.has("$schema") { hasContent = true }
        if envelope.has("flowsight_overlay") { return try readOverlay(envelope, bytes, name) }
        if envelope.isCanonical { return try readImported(envelope, bytes, name) }
        if envelope.mayBeState {
            let value = try json(envelope.start, bytes)
            if TerraformReader.isState(value) {
                hasContent = true
                return readState(value, name)
            }
        }
        if envelope.has("$schema") || envelope.has("contentversion") {
            let value = try json(envelope.start, bytes)
            if TemplateReader.isTemplate(value) {
                hasContent = true
                return readTemplate(value, name)
            }
        }
        if envelope.isRead {
            _ = try readInner(envelope, bytes, name)
            return
        }
        if let place = envelope.places["data"], try readTable(at: place, bytes, name) { return }
        if let refusal = try refusal(envelope, bytes) {
            note(refusal, name)
            return
        }
        if let kind = envelope.otherKind {
            note(kind, name)
            return
        }
        var scanner = JSONScanner()
        scanner.move(to: envelope.start)
        try outline.read(&scanner, bytes, keys: KnownKeys.keys)
        if readResource(bytes) { return }
        if outline.nodes.contains(where: { $0.key == KnownKeys.nextHopType }),
            !envelope.has("name") || envelope.has("source")
        {
            note("effective routes: compare them with `flowsight topology verify`", name)
            return
        }
        if try !readInner(envelope, bytes, name) {
            note("an object without the id of an Azure resource", name)
        }
    }

    /// `value` or `data` with one object, and objects and lists under names of their own (topology exports, 1, 4).
    private mutating func readInner(_ envelope: Envelope, _ bytes: Span<UInt8>, _ name: String) throws -> Bool {
        // Beside a list that was read only resources count: Resource Graph adds counts by their groups.
        let heads = envelope.isRead ? ResourceSet.resourceHeads : ResourceSet.resourceHeads + ResourceSet.wrapperHeads
        var isRead = false
        var others: [String] = []
        for (key, place) in envelope.places.sorted(by: { $0.value < $1.value }) {
            let isList = bytes[place] == ResourceSet.openBracket
            guard isList || bytes[place] == ResourceSet.openBrace else { continue }
            if envelope.isRead, isList, key == "data" || key == "value" { continue }
            var scanner = JSONScanner()
            scanner.move(to: place)
            guard try isHeaded(by: heads, at: place, bytes) else {
                if !isEmpty(at: place, bytes) { others.append(key) }
                continue
            }
            if isList {
                try readElements(&scanner, bytes, name, depth: envelope.depth)
            } else {
                try readObject(&scanner, bytes, name, depth: envelope.depth + 1)
            }
            isRead = true
        }
        if isRead, !envelope.isRead {
            for key in others { note("its member \(key.prefix(80)) holds no resource", name) }
        }
        return isRead
    }

    private func isEmpty(at place: Int, _ bytes: Span<UInt8>) -> Bool {
        var scanner = JSONScanner()
        scanner.move(to: place + 1)
        return scanner.peek(bytes) == UInt8(ascii: "]") || scanner.peek(bytes) == UInt8(ascii: "}")
    }

    private static let resourceHeads = ["id", "resourceid"]
    private static let wrapperHeads = ["$schema", "value", "data"]

    /// Whether an object, or one in a list, has one of these keys.
    private func isHeaded(by heads: [String], at place: Int, _ bytes: Span<UInt8>) throws -> Bool {
        var scanner = JSONScanner()
        scanner.move(to: place)
        if scanner.skip(ResourceSet.openBracket, bytes) {
            if scanner.skip(UInt8(ascii: "]"), bytes) { return false }
            repeat {
                let start = startOfValue(&scanner, bytes)
                if scanner.peek(bytes) == ResourceSet.openBrace, try isHeaded(by: heads, at: start, bytes) {
                    return true
                }
                try JSONOutline.skip(&scanner, bytes)
            } while try scanner.hasNext(before: UInt8(ascii: "]"), bytes)
            return false
        }
        _ = scanner.skip(ResourceSet.openBrace, bytes)
        if scanner.skip(UInt8(ascii: "}"), bytes) { return false }
        repeat {
            if heads.contains(try scanner.key(bytes).string(in: bytes).lowercased()) { return true }
            try JSONOutline.skip(&scanner, bytes)
        } while try scanner.hasNext(before: UInt8(ascii: "}"), bytes)
        return false
    }

    func json(_ place: Int, _ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        var scanner = JSONScanner()
        scanner.move(to: place)
        return try JSONValue(next: &scanner, bytes)
    }
}

/// The keys of an object that is not known to be a resource, and where their values begin.
struct Envelope {
    let start: Int
    var places: [String: Int] = [:]
    /// True where a list of resources was read while the keys were collected.
    var isRead = false
    /// Wrappers around the object.
    let depth: Int

    init(start: Int, depth: Int) { (self.start, self.depth) = (start, depth) }

    func has(_ key: String) -> Bool { places[key] != nil }

    var isCanonical: Bool { has("flowsight_topology") }

    /// A state file, also one whose head was cut off, what `terraform show -json` prints of one, or what is taken for one
    /// and is refused with its reason.
    var mayBeState: Bool {
        if has("version"), has("resources") || has("modules") { return true }
        return ["terraform_version", "lineage", "planned_values", "resource_changes", "encrypted_data"]
            .contains(where: has)
    }

    /// What a document is that holds no export, by its keys (topology exports, 5, 25, 28).
    var otherKind: String? {
        if has("log"), places.count == 1 { return "a recording of requests (HAR), no export" }
        if has("interactions") { return "a recording of requests (`interactions`), no export" }
        if has("response") || has("request") { return "a recording of a request, no export" }
        if has("responses") { return "an example of an API's specification, no export" }
        if has("planned_values") { return "a Terraform plan, no state" }
        if has("terraform_version") { return "a Terraform state without resources" }
        if has("effectiveroutes") {
            return "effective routes: compare them with `flowsight topology verify`"
        }
        return nil
    }
}
