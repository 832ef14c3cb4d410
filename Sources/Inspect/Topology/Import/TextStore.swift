internal import FlowModel
internal import Synchronization

/// Texts that are kept once, however often they occur: ids stand in many resources.
struct TextStore: Sendable {
    /// Bytes are kept in pieces, so that growing copies none of them. The first one is small; the others are so large that
    /// the allocator takes them from the system and gives them back to it when the store is dropped: smaller ones would
    /// leave holes between the strings of the model. What is not written of a piece costs no memory.
    private static let pieceBytes = 40 << 20
    private static let firstPieceBytes = 1 << 20

    private struct Location {
        var piece: UInt32
        var start: UInt32
        var count: UInt32
    }

    private var pieces: [[UInt8]] = []
    private var locations: [Location] = []
    /// Open addressing: 32 bits of the hash, then number + 1; 0 for an empty place.
    private var slots = [UInt64](repeating: 0, count: 1024)

    var count: Int { locations.count }

    func bytes(_ text: UInt32) -> ArraySlice<UInt8> {
        let location = locations[Int(text)]
        return pieces[Int(location.piece)][Int(location.start)..<Int(location.start + location.count)]
    }

    func string(_ text: UInt32) -> String { String(decoding: bytes(text), as: UTF8.self) }

    func find(_ text: String) -> UInt32? {
        let bytes = Array(text.utf8)
        return number(at: slot(of: bytes, TextStore.hash(bytes)))
    }

    mutating func insert(_ text: String) -> UInt32 { insert(Array(text.utf8)) }

    /// The number of a text; equal texts have equal numbers.
    mutating func insert(_ text: [UInt8]) -> UInt32 {
        let hash = TextStore.hash(text)
        let slot = slot(of: text, hash)
        if let known = number(at: slot) { return known }
        addPiece(for: text.count)
        let piece = pieces.count - 1
        locations.append(
            Location(piece: UInt32(piece), start: UInt32(pieces[piece].count), count: UInt32(text.count)))
        pieces[piece].append(contentsOf: text)
        slots[slot] = UInt64(hash) << 32 | UInt64(locations.count)
        if locations.count * 2 > slots.count { grow() }
        return UInt32(locations.count - 1)
    }

    private func number(at slot: Int) -> UInt32? {
        slots[slot] == 0 ? nil : UInt32(truncatingIfNeeded: slots[slot]) - 1
    }

    /// Byte order, which is also the order of Unicode scalars.
    func isLess(_ left: UInt32, _ right: UInt32) -> Bool { compare(left, right) < 0 }

    /// Below 0, 0, or above 0.
    func compare(_ left: UInt32, _ right: UInt32) -> Int {
        if left == right { return 0 }
        let one = locations[Int(left)]
        let other = locations[Int(right)]
        let ones = pieces[Int(one.piece)]
        let others = pieces[Int(other.piece)]
        let (start, otherStart) = (Int(one.start), Int(other.start))
        let common = Int(min(one.count, other.count))
        var index = 0
        // Ids of one subscription begin alike: eight bytes at a time.
        while index + 8 <= common {
            let word = ones.span.bytes.unsafeLoadUnaligned(fromByteOffset: start + index, as: UInt64.self)
            let otherWord = others.span.bytes.unsafeLoadUnaligned(fromByteOffset: otherStart + index, as: UInt64.self)
            if word != otherWord { return word.bigEndian < otherWord.bigEndian ? -1 : 1 }
            index += 8
        }
        while index < common {
            let difference = Int(ones[start + index]) - Int(others[otherStart + index])
            if difference != 0 { return difference }
            index += 1
        }
        return Int(one.count) - Int(other.count)
    }

    /// Goes on in a new piece where the text has no room in the last one.
    private mutating func addPiece(for count: Int) {
        let size = pieces.count > 1 ? TextStore.pieceBytes : TextStore.firstPieceBytes
        if let last = pieces.last, last.count + count <= size { return }
        var piece: [UInt8] = []
        piece.reserveCapacity(max(count, pieces.isEmpty ? TextStore.firstPieceBytes : TextStore.pieceBytes))
        pieces.append(piece)
    }

    private mutating func grow() {
        var larger = [UInt64](repeating: 0, count: slots.count * 2)
        for entry in slots where entry != 0 {
            var slot = Int(entry >> 32) & (larger.count - 1)
            while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
            larger[slot] = entry
        }
        slots = larger
    }

    /// Where the text stands, or would stand.
    private func slot(of text: [UInt8], _ hash: UInt32) -> Int {
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot] != 0 {
            if UInt32(truncatingIfNeeded: slots[slot] >> 32) == hash, let known = number(at: slot),
                isEqual(locations[Int(known)], text)
            {
                return slot
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private func isEqual(_ location: Location, _ text: [UInt8]) -> Bool {
        guard Int(location.count) == text.count else { return false }
        let start = Int(location.start)
        let piece = pieces[Int(location.piece)]
        var index = 0
        while index + 8 <= text.count {
            let word = piece.span.bytes.unsafeLoadUnaligned(fromByteOffset: start + index, as: UInt64.self)
            if word != text.span.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self) { return false }
            index += 8
        }
        while index < text.count {
            if piece[start + index] != text[index] { return false }
            index += 1
        }
        return true
    }

    /// Eight bytes at a time; the constant is that of Fibonacci hashing, the arithmetic modulo 2^64 on purpose.
    private static func hash(_ text: [UInt8]) -> UInt32 {
        let bytes = text.span.bytes
        var hash = UInt64(truncatingIfNeeded: text.count)
        var index = 0
        while index + 8 <= text.count {
            hash = (hash ^ bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
            index += 8
        }
        while index < text.count {
            hash = (hash ^ UInt64(text[index])) &* 0x9e37_79b9_7f4a_7c15
            index += 1
        }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}

/// A text store that no longer grows, and that makes of each text at most one `String`.
final class Texts: Sendable {
    let store: TextStore
    private let strings: Mutex<[String?]>

    init(_ store: TextStore) {
        self.store = store
        strings = Mutex(Array(repeating: nil, count: store.count))
    }

    /// The text; every caller shares the same storage.
    func string(_ text: UInt32) -> String {
        let bytes = store.bytes(text)
        // Up to 15 bytes stand inside the `String` itself.
        guard bytes.count > 15 else { return String(decoding: bytes, as: UTF8.self) }
        return strings.withLock { strings in
            if let string = strings[Int(text)] { return string }
            let string = String(decoding: bytes, as: UTF8.self)
            strings[Int(text)] = string
            return string
        }
    }
}

extension TextStore {
    /// What an element of an array is known by, in lower case: its name, else its id; empty where it has neither.
    func identity(_ words: PackedWords, _ index: Int) -> String {
        guard words.word(index).kind == .object,
            let member = words.member(KnownKeys.name, of: index) ?? words.member(KnownKeys.id, of: index),
            words.word(member).kind == .text
        else { return "" }
        return string(words.word(member).payload).lowercased()
    }
}
