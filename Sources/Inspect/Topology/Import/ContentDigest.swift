internal import Digest
internal import FlowModel

/// SHA-256 over packed resources that depends on what they say alone: texts and keys go by the order in which they are met
/// first, not by the numbers that this reading gave them. Each text is hashed once, so an id that stands in a thousand
/// resources costs 8 bytes in each: hashing the canonical JSON took five times as long.
struct ContentDigest: ~Copyable {
    private static let bufferWords = 8192
    private static let bufferBytes = 1 << 16

    private let texts: TextStore
    /// A text's number → its place among the texts that were met, from 1; 0 where it was not.
    private var places: [UInt32]
    private var textCount: UInt32 = 0
    /// The same of keys and of types of resources.
    private var keyPlaces = [Int16](repeating: 0, count: KnownKeys.keys.spelled.count)
    private var typePlaces = [Int16](repeating: 0, count: ResourceKind.all.count)
    private var metNames: [String] = []
    private var words: PackedWords = []
    private var bytes: [UInt8] = []
    private var wordHash = SHA256()
    private var textHash = SHA256()

    init(texts: TextStore) {
        self.texts = texts
        places = Array(repeating: 0, count: texts.count)
    }

    /// Resources come in the order of their ids.
    mutating func add(_ reading: ResourceSet.Reading, of values: PackedStore) {
        add(.text, under: place(ofType: Int(reading.kind)), place(ofText: reading.id))
        let (packed, index) = values.words(at: reading.place)
        for place in index..<index + packed.word(index).size { add(packed.word(place)) }
    }

    /// A text that is no resource's: its length keeps it apart from what stands beside it.
    mutating func add(text: String) {
        append(Array(text.utf8)[...])
    }

    private mutating func add(_ word: PackedWord) {
        let key = word.key < 0 ? -1 : place(ofKey: Int(word.key))
        switch word.kind {
        case .text, .number, .entry: add(word.kind, under: key, place(ofText: word.payload))
        case .true, .false, .array, .object: add(word.kind, under: key, word.payload)
        }
    }

    private mutating func add(_ kind: PackedWord.Kind, under key: Int16, _ payload: UInt32) {
        words.append(PackedWord(kind, key: key, payload: payload).bits.littleEndian)
        if words.count >= ContentDigest.bufferWords { flushWords() }
    }

    private mutating func place(ofText text: UInt32) -> UInt32 {
        if places[Int(text)] == 0 {
            textCount += 1
            places[Int(text)] = textCount
            append(texts.bytes(text))
        }
        return places[Int(text)]
    }

    private mutating func place(ofKey key: Int) -> Int16 {
        if keyPlaces[key] == 0 { keyPlaces[key] = meet(KnownKeys.keys.spelled[key]) }
        return keyPlaces[key]
    }

    private mutating func place(ofType kind: Int) -> Int16 {
        if typePlaces[kind] == 0 { typePlaces[kind] = meet(ResourceKind.all[kind].type) }
        return typePlaces[kind]
    }

    private mutating func meet(_ name: String) -> Int16 {
        metNames.append(name)
        return Int16(metNames.count)
    }

    private mutating func append(_ text: ArraySlice<UInt8>) {
        let size = UInt32(text.count)
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: size >> shift)) }
        bytes.append(contentsOf: text)
        if bytes.count >= ContentDigest.bufferBytes { flushBytes() }
    }

    private mutating func flushWords() {
        let full = words
        words = []
        words.reserveCapacity(ContentDigest.bufferWords)
        wordHash.update(full.span.bytes)
    }

    private mutating func flushBytes() {
        let full = bytes
        bytes = []
        bytes.reserveCapacity(ContentDigest.bufferBytes)
        textHash.update(full.span)
    }

    /// In hexadecimal digits. Ends the digest.
    consuming func finish() -> String {
        for name in metNames { add(text: name) }
        flushWords()
        flushBytes()
        wordHash.update(textHash.digest().span)
        return hexadecimal(wordHash.digest())
    }
}
