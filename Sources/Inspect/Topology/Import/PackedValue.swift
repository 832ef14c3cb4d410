internal import FlowModel

/// A reduced JSON value as a run of words: 8 bytes a value, its texts in a `TextStore`.
///
/// Objects are flat (`properties` is taken apart), their members sorted by key; nothing in it is null or empty.
struct PackedWord {
    enum Kind: UInt8 {
        case `true`, `false`, text, number, array, object
        /// The free key of a member of `tags`; its value follows.
        case entry
    }

    let bits: UInt64

    init(bits: UInt64) { self.bits = bits }

    /// `payload`: the number of a text (a number is the text of its digits), or the words of a container.
    init(_ kind: Kind, key: Int16, payload: UInt32 = 0) {
        bits = UInt64(payload) | UInt64(UInt16(bitPattern: key)) << 32 | UInt64(kind.rawValue) << 48
    }

    var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: bits >> 48)) ?? .false }
    /// Index into `KnownKeys.keys`; -1 for an element of an array.
    var key: Int16 { Int16(truncatingIfNeeded: bits >> 32) }
    var payload: UInt32 { UInt32(truncatingIfNeeded: bits) }
    var isContainer: Bool { kind == .array || kind == .object }
    /// Words of the value: itself and all inside it.
    var size: Int { isContainer ? Int(payload) : 1 }
    /// The same value under another key.
    func under(_ key: Int16) -> PackedWord { PackedWord(kind, key: key, payload: payload) }
}

typealias PackedWords = [UInt64]

extension PackedWords {
    func word(_ index: Int) -> PackedWord { PackedWord(bits: self[index]) }

    /// The ranges of the values directly inside a container.
    func parts(of index: Int) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var next = index + 1
        let end = index + word(index).size
        while next < end {
            let size = word(next).size
            parts.append(next..<next + size)
            next += size
        }
        return parts
    }

    /// Place of an object's member, or nil.
    func member(_ key: Int16, of index: Int) -> Int? {
        var next = index + 1
        let end = index + word(index).size
        while next < end {
            let word = word(next)
            if word.key == key { return next }
            next += word.size
        }
        return nil
    }

    /// Opens a container; `close` sets its size.
    mutating func open(_ kind: PackedWord.Kind, key: Int16) -> Int {
        append(PackedWord(kind, key: key).bits)
        return count - 1
    }

    mutating func close(_ index: Int) {
        let word = word(index)
        self[index] = PackedWord(word.kind, key: word.key, payload: UInt32(count - index)).bits
    }
}

/// Where a packed value stands in a `PackedStore`.
struct PackedPlace: Sendable {
    var piece: Int32
    var start: Int32
}

/// Packed values in large pieces: an array for each would cost as much as what is in it. Sizes: see `TextStore`.
struct PackedStore: Sendable {
    private static let pieceWords = 5 << 20
    private static let firstPieceWords = 1 << 16
    private(set) var pieces: [PackedWords] = []

    /// `words` is one value, from its first word on.
    mutating func append(_ words: PackedWords) -> PackedPlace {
        let size = pieces.count > 1 ? PackedStore.pieceWords : PackedStore.firstPieceWords
        if pieces.isEmpty || pieces[pieces.count - 1].count + words.count > size { addPiece(for: words.count) }
        let piece = pieces.count - 1
        let start = pieces[piece].count
        pieces[piece].append(contentsOf: words)
        return PackedPlace(piece: Int32(piece), start: Int32(start))
    }

    private mutating func addPiece(for count: Int) {
        var piece: PackedWords = []
        piece.reserveCapacity(
            Swift.max(count, pieces.isEmpty ? PackedStore.firstPieceWords : PackedStore.pieceWords))
        pieces.append(piece)
    }

    func words(at place: PackedPlace) -> (words: PackedWords, index: Int) {
        (pieces[Int(place.piece)], Int(place.start))
    }

    /// The value alone.
    func value(at place: PackedPlace) -> PackedWords {
        let (words, index) = words(at: place)
        return PackedWords(words[index..<index + words.word(index).size])
    }

    func isEqual(_ place: PackedPlace, _ words: PackedWords) -> Bool {
        let (known, index) = self.words(at: place)
        return known.word(index).size == words.count && known[index..<index + words.count].elementsEqual(words)
    }
}

extension TextStore {
    /// A total order of packed values that depends on their content alone: below 0, 0, or above 0.
    func compare(_ left: PackedWords, _ start: Int, _ right: PackedWords, _ other: Int) -> Int {
        let one = left.word(start)
        let two = right.word(other)
        if one.kind != two.kind { return Int(one.kind.rawValue) - Int(two.kind.rawValue) }
        if one.key != two.key { return Int(one.key) - Int(two.key) }
        switch one.kind {
        case .true, .false: return 0
        case .text, .number, .entry: return compare(one.payload, two.payload)
        case .array, .object:
            let ones = left.parts(of: start)
            let twos = right.parts(of: other)
            for (first, second) in zip(ones, twos) {
                let order = compare(left, first.lowerBound, right, second.lowerBound)
                if order != 0 { return order }
            }
            return ones.count - twos.count
        }
    }
}
