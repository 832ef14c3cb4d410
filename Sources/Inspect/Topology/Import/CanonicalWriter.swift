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
        let nestsSKU = KnownShapes.nestedSKU.contains(kind.lowered)
        writeMembers(words, index, writesID: false) { key in
            key == KnownKeys.sku ? !nestsSKU : KnownShapes.besideProperties.contains(key)
        }
        json.endObject()
    }

    /// The members that stand beside `properties`, then those in it.
    private mutating func writeMembers(
        _ words: PackedWords, _ index: Int, writesID: Bool, isOuter: (Int16) -> Bool
    ) {
        let end = index + words.word(index).size
        var next = index + 1
        var innerCount = 0
        while next < end {
            let word = words.word(next)
            if !isOuter(word.key) {
                innerCount += 1
            } else if writesID || word.key != KnownKeys.id {
                writeMember(words, next)
            }
            next += word.size
        }
        guard innerCount > 0 else { return }
        json.key("properties")
        json.beginObject()
        next = index + 1
        while next < end {
            let word = words.word(next)
            if !isOuter(word.key) { writeMember(words, next) }
            next += word.size
        }
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
        json.beginObject()
        writeMembers(words, index, writesID: true) { $0 == KnownKeys.id || $0 == KnownKeys.name }
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
