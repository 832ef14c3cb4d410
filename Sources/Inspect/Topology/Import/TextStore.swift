internal import FlowModel
internal import Synchronization

/// Texts that are kept once, however often they occur: ids stand in many resources.
struct TextStore: Sendable {
    /// Bytes are kept in pieces, so that growing copies none of them.
    private static let pieceBytes = 1 << 20

    private struct Location {
        var piece: UInt32
        var start: UInt32
        var count: UInt32
    }

    private var pieces: [[UInt8]] = []
    private var locations: [Location] = []
    /// Open addressing: number + 1, or 0 for an empty place.
    private var slots = [UInt32](repeating: 0, count: 1024)

    var count: Int { locations.count }

    func bytes(_ text: UInt32) -> ArraySlice<UInt8> {
        let location = locations[Int(text)]
        return pieces[Int(location.piece)][Int(location.start)..<Int(location.start + location.count)]
    }

    func string(_ text: UInt32) -> String { String(decoding: bytes(text), as: UTF8.self) }

    func find(_ text: String) -> UInt32? {
        let bytes = Array(text.utf8)
        let found = slots[slot(of: bytes)]
        return found == 0 ? nil : found - 1
    }

    mutating func insert(_ text: String) -> UInt32 { insert(Array(text.utf8)) }

    /// The number of a text; equal texts have equal numbers.
    mutating func insert(_ text: [UInt8]) -> UInt32 {
        let slot = slot(of: text)
        if slots[slot] != 0 { return slots[slot] - 1 }
        if pieces.isEmpty || pieces[pieces.count - 1].count + text.count > TextStore.pieceBytes { addPiece() }
        let piece = pieces.count - 1
        locations.append(
            Location(piece: UInt32(piece), start: UInt32(pieces[piece].count), count: UInt32(text.count)))
        pieces[piece].append(contentsOf: text)
        slots[slot] = UInt32(locations.count)
        if locations.count * 2 > slots.count { grow() }
        return UInt32(locations.count - 1)
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

    private mutating func addPiece() {
        var piece: [UInt8] = []
        piece.reserveCapacity(TextStore.pieceBytes)
        pieces.append(piece)
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (index, location) in locations.enumerated() {
            let piece = pieces[Int(location.piece)]
            let hash = TextStore.hash(piece.span, Int(location.start), Int(location.count))
            var slot = hash & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = UInt32(index + 1)
        }
    }

    /// Where the text stands, or would stand.
    private func slot(of text: [UInt8]) -> Int {
        let span = text.span
        var slot = TextStore.hash(span, 0, span.count) & (slots.count - 1)
        while slots[slot] != 0, !isEqual(locations[Int(slots[slot]) - 1], span) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    private func isEqual(_ location: Location, _ text: Span<UInt8>) -> Bool {
        guard Int(location.count) == text.count else { return false }
        let piece = pieces[Int(location.piece)]
        let start = Int(location.start)
        // From the end: ids of one group begin alike.
        for index in stride(from: text.count - 1, through: 0, by: -1) where piece[start + index] != text[index] {
            return false
        }
        return true
    }

    /// Eight bytes at a time; the constant is that of Fibonacci hashing, the arithmetic modulo 2^64 on purpose.
    private static func hash(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> Int {
        var hash = UInt64(truncatingIfNeeded: count)
        let raw = bytes.bytes
        var index = start
        while index + 8 <= start + count {
            hash = (hash ^ raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
            index += 8
        }
        while index < start + count {
            hash = (hash ^ UInt64(bytes[index])) &* 0x9e37_79b9_7f4a_7c15
            index += 1
        }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
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
