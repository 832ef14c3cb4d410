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
        case ResourceSet.openBracket?: try readElements(&scanner, bytes, name)
        case ResourceSet.openBrace?: try readObject(&scanner, bytes, name)
        default:
            try JSONOutline.skip(&scanner, bytes)
            note("a value that is no object and no array", name)
        }
    }

    /// The elements of an array: resources, or wrappers of their own where pages were put into one array.
    func startOfValue(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>) -> Int {
        _ = scanner.peek(bytes)
        return scanner.position
    }

    mutating func readElements(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ name: String) throws {
        _ = scanner.skip(ResourceSet.openBracket, bytes)
        if scanner.skip(UInt8(ascii: "]"), bytes) { return }
        repeat {
            let start = startOfValue(&scanner, bytes)
            guard scanner.peek(bytes) == ResourceSet.openBrace else {
                try JSONOutline.skip(&scanner, bytes)
                note("an array whose elements are no resources", name)
                continue
            }
            try outline.read(&scanner, bytes, keys: KnownKeys.keys)
            if !readResource(bytes) {
                scanner.move(to: start)
                try readObject(&scanner, bytes, name)
            }
        } while try scanner.hasNext(before: UInt8(ascii: "]"), bytes)
    }

    /// An object that is a wrapper, a document of another kind, or one resource.
    private mutating func readObject(_ scanner: inout JSONScanner, _ bytes: Span<UInt8>, _ name: String) throws {
        let start = startOfValue(&scanner, bytes)
        var envelope = Envelope(start: start)
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
                try readElements(&scanner, bytes, name)
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
        if envelope.isRead { return }
        if let place = envelope.places["data"], try readTable(at: place, bytes, name) { return }
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

    /// `value` or `data` with one object, and objects under names of their own (topology exports, 1, 4).
    private mutating func readInner(_ envelope: Envelope, _ bytes: Span<UInt8>, _ name: String) throws -> Bool {
        guard envelope.depth == 0 else { return false }
        var isRead = false
        for place in envelope.places.values.sorted()
        where bytes[place] == ResourceSet.openBrace || bytes[place] == ResourceSet.openBracket {
            var scanner = JSONScanner()
            scanner.move(to: place)
            if bytes[place] == ResourceSet.openBrace, try isResourceOrTemplate(at: place, bytes) {
                try readObject(&scanner, bytes, name)
                isRead = true
            }
        }
        return isRead
    }

    private mutating func isResourceOrTemplate(at place: Int, _ bytes: Span<UInt8>) throws -> Bool {
        var scanner = JSONScanner()
        scanner.move(to: place)
        _ = scanner.skip(ResourceSet.openBrace, bytes)
        if scanner.skip(UInt8(ascii: "}"), bytes) { return false }
        repeat {
            let key = try scanner.key(bytes).string(in: bytes).lowercased()
            if key == "id" || key == "resourceid" || key == "$schema" || key == "value" || key == "data" { return true }
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
    var depth = 0

    init(start: Int) { self.start = start }

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
