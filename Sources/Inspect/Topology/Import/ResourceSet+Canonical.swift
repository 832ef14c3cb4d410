internal import FlowModel

/// The digest of what was read, and its canonical form: one document that stands for all of them.
extension ResourceSet {
    /// Contradictions, pages that are missing, and what readers of templates and states report; sorted.
    package var problems: [TopologyProblem] { merged().problems.union(readerProblems).union(gaps).sorted() }

    /// SHA-256 of what the documents say, in hexadecimal digits; empty for an empty set. Neither names of documents nor their
    /// order count.
    package var digest: String { digest(of: merged()) }

    func digest(of merged: Merged) -> String {
        guard !isEmpty else { return "" }
        var digest = ContentDigest(texts: packer.texts)
        for reading in merged.resources { digest.add(reading, of: merged.values) }
        for overlay in overlays.keys.sorted() { digest.add(text: "overlay \(overlay)") }
        for field in Set(gaps.map(\.field)).sorted() { digest.add(text: "gap \(field)") }
        return digest.finish()
    }

    /// The canonical form as a document: read again it gives an equal topology. It holds known attributes only, and what
    /// makes answers incomplete.
    package func document(named name: String) -> TopologyDocument {
        let merged = merged()
        var writer = CanonicalWriter(texts: packer.texts)
        var json = JSONWriter()
        json.beginObject()
        json.key("flowsight_topology")
        json.value(1)
        json.key("resources")
        json.beginArray()
        for reading in merged.resources {
            writer.removeAll()
            // A resource a line, so that people can compare two files.
            writer.startLine()
            writer.write(reading, of: merged.values)
            json.raw(writer.json.bytes)
        }
        json.endArray()
        writeRest(of: merged, to: &json)
        json.endObject()
        json.newline()
        return TopologyDocument(name: name, bytes: json.bytes)
    }

    private func writeRest(of merged: Merged, to json: inout JSONWriter) {
        json.key("overlays")
        json.beginArray()
        for (text, overlay) in overlays.sorted(by: { $0.key < $1.key }) {
            json.beginObject()
            json.key("document")
            json.value(overlay.document)
            json.key("overlay")
            json.raw(text)
            json.endObject()
        }
        json.endArray()
        write(gaps, "gaps", to: &json)
        write(merged.problems.union(readerProblems), "problems", to: &json)
        json.key("not_used")
        json.beginObject()
        for (type, count) in unused.sorted(by: { $0.key < $1.key }) {
            json.key(type)
            json.value(count)
        }
        json.endObject()
        json.key("not_understood")
        json.value(notes.sorted())
    }

    private func write(_ problems: Set<TopologyProblem>, _ key: String, to json: inout JSONWriter) {
        json.key(key)
        json.beginArray()
        for problem in problems.sorted() {
            json.beginObject()
            json.key("resource")
            json.value(problem.resource)
            json.key("field")
            json.value(problem.field)
            json.key("problem")
            json.value(problem.problem)
            json.endObject()
        }
        json.endArray()
    }

    /// Reads what `document(named:)` wrote, beside the resources.
    mutating func readImported(_ envelope: Envelope, _ bytes: Span<UInt8>, _ name: String) throws {
        guard try value("flowsight_topology", envelope, bytes)?.integer == 1 else {
            throw ReadingError.version("an imported topology")
        }
        if !envelope.isRead, let place = envelope.places["resources"] {
            var scanner = JSONScanner()
            scanner.move(to: place)
            if scanner.peek(bytes) == UInt8(ascii: "[") { try readElements(&scanner, bytes, name, depth: 0) }
        }
        for entry in try value("overlays", envelope, bytes)?.array ?? [] {
            guard let overlay = entry["overlay"]?.lowerCasedKeys() else { continue }
            guard overlay["flowsight_overlay"]?.integer == 1 else { throw ReadingError.version("an overlay") }
            keep(overlay: overlay, of: entry["document"]?.string ?? name)
        }
        gaps.formUnion(problems(try value("gaps", envelope, bytes)))
        readerProblems.formUnion(problems(try value("problems", envelope, bytes)))
        for (type, count) in try value("not_used", envelope, bytes)?.object ?? [:] {
            countUnused(type: type, count: count.integer ?? 0)
        }
        notes.formUnion((try value("not_understood", envelope, bytes)?.array ?? []).compactMap(\.string))
    }

    private func problems(_ list: JSONValue?) -> [TopologyProblem] {
        (list?.array ?? []).map {
            TopologyProblem(
                resource: $0["resource"]?.string ?? "", field: $0["field"]?.string ?? "",
                problem: $0["problem"]?.string ?? "")
        }
    }
}
