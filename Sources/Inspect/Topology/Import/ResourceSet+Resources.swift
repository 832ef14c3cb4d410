internal import FlowModel

/// Resources of documents, in the shapes that wrappers bring them in.
extension ResourceSet {
    /// Keeps the resource of the outline; false where the object is none: it has no id that spells a type.
    mutating func readResource(_ bytes: Span<UInt8>) -> Bool {
        guard let id = text(KnownKeys.id, bytes) ?? text(KnownKeys.resourceID, bytes), !id.isEmpty,
            let type = typeOfResource(id, bytes)
        else { return false }
        hasContent = true
        guard let index = ResourceKind.index(of: type) else {
            countUnused(type: type, id: id)
            return true
        }
        let key = packer.insert(canonicalID(id))
        let words = packer.pack(outline.nodes, bytes, kind: ResourceKind.all[index], id: key)
        keep(words, kind: index, id: key)
        return true
    }

    /// The type that the object names, else the one that its id spells (topology exports, 9).
    private func typeOfResource(_ id: String, _ bytes: Span<UInt8>) -> String? {
        for key in [KnownKeys.resourceType, KnownKeys.type] {
            if let type = text(key, bytes), type.utf8.contains(UInt8(ascii: "/")) { return type.lowercased() }
        }
        return resourceType(ofID: id)
    }

    /// A text that stands directly in the outline's object.
    private func text(_ key: Int16, _ bytes: Span<UInt8>) -> String? {
        var next = 1
        while next < outline.nodes.count {
            let node = outline.nodes[next]
            if node.key == key, node.kind == .text {
                return JSONText(start: Int(node.start), end: Int(node.end), hasEscapes: node.hasEscapes)
                    .string(in: bytes)
            }
            next += Int(node.size)
        }
        return nil
    }

    /// Resource Graph's table form: `columns` name what stands in each place of a row (topology exports, 2).
    mutating func readTable(at place: Int, _ bytes: Span<UInt8>, _ name: String) throws -> Bool {
        let keys = JSONKeys(["columns", "name"])
        var scanner = JSONScanner()
        scanner.move(to: place)
        var table = JSONOutline()
        try table.read(&scanner, bytes, keys: keys)
        guard let columns = table.member("columns", keys: keys), let rows = try placeOfRows(in: place, bytes) else {
            return false
        }
        let names = table.elements(of: columns).map { column -> Int16? in
            guard let name = table.member("name", of: column, keys: keys) else { return nil }
            let text = table.nodes[name]
            return KnownKeys.keys.index(
                of: JSONText(start: Int(text.start), end: Int(text.end), hasEscapes: text.hasEscapes), in: bytes)
        }
        scanner.move(to: rows)
        _ = scanner.skip(UInt8(ascii: "["), bytes)
        if scanner.skip(UInt8(ascii: "]"), bytes) { return true }
        repeat {
            try outline.read(&scanner, bytes, keys: KnownKeys.keys)
            outline.makeObject(names)
            if !readResource(bytes) { notes.insert("\(name): a row without the id of an Azure resource") }
        } while try scanner.hasNext(before: UInt8(ascii: "]"), bytes)
        return true
    }

    private func placeOfRows(in table: Int, _ bytes: Span<UInt8>) throws -> Int? {
        var scanner = JSONScanner()
        scanner.move(to: table)
        guard scanner.skip(UInt8(ascii: "{"), bytes), !scanner.skip(UInt8(ascii: "}"), bytes) else { return nil }
        repeat {
            let key = try scanner.key(bytes).string(in: bytes).lowercased()
            if key == "rows", scanner.peek(bytes) == UInt8(ascii: "[") { return scanner.position }
            try JSONOutline.skip(&scanner, bytes)
        } while try scanner.hasNext(before: UInt8(ascii: "}"), bytes)
        return nil
    }

    // MARK: Pages

    /// A page that is not the last, or a result that was cut (topology exports, 2).
    mutating func findGaps(_ envelope: Envelope, _ bytes: Span<UInt8>, _ name: String) throws {
        for (key, field) in [
            ("nextlink", "nextLink"), ("@odata.nextlink", "@odata.nextLink"), ("skip_token", "skip_token"),
            ("skiptoken", "skipToken"), ("$skiptoken", "$skipToken"),
        ] where try value(key, envelope, bytes)?.string?.isEmpty == false {
            let isLink = field.hasSuffix("Link")
            let next = isLink ? "`az rest --url` with this link" : "`az graph query --first 1000 --skip-token` with it"
            gaps.insert(gap(name, field, "further pages follow; \(next) gives the next one: add each as a file"))
        }
        let again = "export again with `az graph query --first 1000`, and follow the skip token"
        let isTruncated = try value("resulttruncated", envelope, bytes) ?? value("result_truncated", envelope, bytes)
        if isTruncated?.bool == true || isTruncated?.string?.lowercased() == "true" {
            gaps.insert(gap(name, "resultTruncated", "the answer was cut; \(again)"))
        }
        for (key, field) in [("totalrecords", "totalRecords"), ("total_records", "total_records")] {
            guard let total = try value(key, envelope, bytes)?.integer,
                let count = try value("count", envelope, bytes)?.integer, total > count
            else { continue }
            gaps.insert(gap(name, field, "it holds \(count) of \(total) records; \(again)"))
        }
    }

    private func gap(_ name: String, _ field: String, _ why: String) -> TopologyProblem {
        TopologyProblem(resource: name, field: field, problem: "the export is not whole: \(why)")
    }

    func value(_ key: String, _ envelope: Envelope, _ bytes: Span<UInt8>) throws -> JSONValue? {
        guard let place = envelope.places[key] else { return nil }
        return try json(place, bytes)
    }

    // MARK: Documents of other kinds

    mutating func readOverlay(_ envelope: Envelope, _ bytes: Span<UInt8>, _ name: String) throws {
        let overlay = try json(envelope.start, bytes).lowerCasedKeys()
        guard overlay["flowsight_overlay"]?.integer == 1 else { throw ReadingError.version("an overlay") }
        keep(overlay: overlay, of: name)
    }

    mutating func readTemplate(_ template: JSONValue, _ name: String) {
        var reader = TemplateReader(document: name)
        reader.read(template)
        keep(reader.resources, reader.problems, reader.notUnderstood, name)
    }

    mutating func readState(_ state: JSONValue, _ name: String) {
        var reader = TerraformReader(document: name)
        reader.read(state)
        keep(reader.resources, reader.problems, reader.notUnderstood, name)
    }

    /// Resources that a reader made of another language are reduced like those of an export.
    private mutating func keep(
        _ resources: [JSONValue], _ problems: [TopologyProblem], _ notUnderstood: [String], _ name: String
    ) {
        readerProblems.formUnion(problems)
        notes.formUnion(notUnderstood)
        for resource in resources {
            var json = JSONWriter()
            resource.write(canonicalTo: &json)
            let bytes = json.bytes.span
            var scanner = JSONScanner()
            // What was written here is JSON: no error can come of it but a nesting that is too deep.
            guard (try? outline.read(&scanner, bytes, keys: KnownKeys.keys)) != nil, readResource(bytes) else {
                notes.insert("\(name): an object without the id of an Azure resource")
                continue
            }
        }
    }
}
