internal import FlowModel

/// Writes packed resources in Azure's own shape: children nest under `properties`, keys are spelled as REST spells them,
/// ids are in lower case. Equal resources give equal bytes.
struct CanonicalWriter {
    let texts: TextStore
    private(set) var json = JSONWriter()

    /// The known keys as they are written, quotes and colon included.
    private static let keys = KnownKeys.keys.spelled.map { Array("\"\($0)\":".utf8) }

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
            writeMember(words, member)
        }
        writeProperties(words, members.filter { !outer.contains($0) })
        json.endObject()
    }

    private func isOuter(_ key: Int16, _ kind: ResourceKind) -> Bool {
        if key == KnownKeys.sku { return !KnownShapes.nestedSKU.contains(kind.lowered) }
        return [KnownKeys.id, KnownKeys.name, KnownKeys.kind, KnownKeys.tagsKey].contains(key)
    }

    private mutating func writeProperties(_ words: PackedWords, _ members: [Int]) {
        guard !members.isEmpty else { return }
        json.key("properties")
        json.beginObject()
        for member in members { writeMember(words, member) }
        json.endObject()
    }

    private mutating func writeMember(_ words: PackedWords, _ index: Int) {
        let key = words.word(index).key
        json.key(encoded: CanonicalWriter.keys[Int(key)])
        if words.word(index).kind == .array, KnownShapes.children.contains(key) {
            json.beginArray()
            for element in words.parts(of: index) {
                writeChild(words, element.lowerBound)
            }
            json.endArray()
        } else {
            writeValue(words, index)
        }
    }

    /// A child's id stands here only where its name does not say it.
    private mutating func writeChild(_ words: PackedWords, _ index: Int) {
        guard words.word(index).kind == .object else { return writeValue(words, index) }
        let members = words.parts(of: index).map(\.lowerBound)
        let isOuter = { (member: Int) in [KnownKeys.id, KnownKeys.name].contains(words.word(member).key) }
        json.beginObject()
        for member in members where isOuter(member) { writeMember(words, member) }
        writeProperties(words, members.filter { !isOuter($0) })
        json.endObject()
    }

    private mutating func writeValue(_ words: PackedWords, _ index: Int) {
        let word = words.word(index)
        switch word.kind {
        case .true: json.value(true)
        case .false: json.value(false)
        case .number: json.raw(texts.bytes(word.payload))
        case .text: json.value(texts.bytes(word.payload), isNull: false)
        case .entry: json.key(texts.string(word.payload))
        case .array:
            json.beginArray()
            for part in words.parts(of: index) { writeValue(words, part.lowerBound) }
            json.endArray()
        case .object:
            json.beginObject()
            for part in words.parts(of: index) {
                let word = words.word(part.lowerBound)
                // The value behind an entry has its key already.
                if word.kind == .entry || word.key < 0 {
                    writeValue(words, part.lowerBound)
                } else {
                    writeMember(words, part.lowerBound)
                }
            }
            json.endObject()
        }
    }
}
