internal import FlowModel

/// Writes packed resources in Azure's own shape: children nest under `properties`, keys are spelled as REST spells them,
/// ids are in lower case. Equal resources give equal bytes.
struct CanonicalWriter {
    let texts: TextStore
    private(set) var json = JSONWriter()

    init(texts: TextStore) { self.texts = texts }

    mutating func removeAll() { json.removeAll() }

    mutating func startLine() { json.newline() }

    mutating func write(_ reading: ResourceSet.Reading, of values: PackedStore) {
        let kind = ResourceKind.all[Int(reading.kind)]
        let id = texts.string(reading.id)
        json.beginObject()
        json.key("id")
        json.value(id)
        json.key("type")
        json.value(kind.type)
        let (words, index) = values.words(at: reading.place)
        let members = words.parts(of: index).map(\.lowerBound)
        let outer = members.filter { isOuter(words.word($0).key, kind) }
        for member in outer where words.word(member).key != KnownKeys.id {
            writeMember(words, member, parent: id)
        }
        writeProperties(words, members.filter { !outer.contains($0) }, parent: id)
        json.endObject()
    }

    private func isOuter(_ key: Int16, _ kind: ResourceKind) -> Bool {
        if key == KnownKeys.sku { return !KnownShapes.nestedSKU.contains(kind.lowered) }
        return [KnownKeys.id, KnownKeys.name, KnownKeys.kind, KnownKeys.tagsKey].contains(key)
    }

    private mutating func writeProperties(_ words: PackedWords, _ members: [Int], parent: String) {
        guard !members.isEmpty else { return }
        json.key("properties")
        json.beginObject()
        for member in members { writeMember(words, member, parent: parent) }
        json.endObject()
    }

    private mutating func writeMember(_ words: PackedWords, _ index: Int, parent: String) {
        let key = words.word(index).key
        let spelled = KnownKeys.keys.spelled[Int(key)]
        json.key(spelled)
        if words.word(index).kind == .array, KnownShapes.children.contains(key) {
            json.beginArray()
            for element in words.parts(of: index) {
                writeChild(words, element.lowerBound, under: "\(parent)/\(spelled.lowercased())")
            }
            json.endArray()
        } else {
            writeValue(words, index, parent: parent)
        }
    }

    /// A child's id was dropped where its name says it.
    private mutating func writeChild(_ words: PackedWords, _ index: Int, under path: String) {
        guard words.word(index).kind == .object else { return writeValue(words, index, parent: path) }
        let members = words.parts(of: index).map(\.lowerBound)
        let name = words.member(KnownKeys.name, of: index)
        json.beginObject()
        if let id = words.member(KnownKeys.id, of: index) {
            writeMember(words, id, parent: path)
        } else if let name {
            json.key("id")
            json.value("\(path)/\(texts.string(words.word(name).payload).lowercased())")
        }
        if let name { writeMember(words, name, parent: path) }
        writeProperties(
            words, members.filter { ![KnownKeys.id, KnownKeys.name].contains(words.word($0).key) }, parent: path)
        json.endObject()
    }

    private mutating func writeValue(_ words: PackedWords, _ index: Int, parent: String) {
        let word = words.word(index)
        switch word.kind {
        case .true: json.value(true)
        case .false: json.value(false)
        case .number: json.raw(texts.bytes(word.payload))
        case .text: json.value(texts.bytes(word.payload), isNull: false)
        case .entry: json.key(texts.string(word.payload))
        case .array:
            json.beginArray()
            for part in words.parts(of: index) { writeValue(words, part.lowerBound, parent: parent) }
            json.endArray()
        case .object:
            json.beginObject()
            for part in words.parts(of: index) {
                let word = words.word(part.lowerBound)
                // The value behind an entry has its key already.
                if word.kind == .entry || word.key < 0 {
                    writeValue(words, part.lowerBound, parent: parent)
                } else {
                    writeMember(words, part.lowerBound, parent: parent)
                }
            }
            json.endObject()
        }
    }
}
