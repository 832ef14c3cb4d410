/// A reference to a text of a `TextPool`; `none` stands for null.
package struct TextID: Hashable, Sendable {
    package let index: Int32

    package init(index: Int32) { self.index = index }
    package static let none = TextID(index: -1)
    package var isNone: Bool { index < 0 }
}

/// The texts of one batch, UTF-8, each stored once: rule names and resource ids repeat in nearly every row.
///
/// Ids are valid for this pool alone. Not for texts that hardly ever repeat: those go in by `append`, unhashed.
package struct TextPool: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int32] = []
    private var slots: [Int32]
    private var interned = 0

    package init() { slots = Array(repeating: -1, count: 64) }

    package var count: Int { ends.count }
    /// Bytes of all texts: what the pool's memory grows with.
    package var byteCount: Int { bytes.count }

    /// The id of an equal text, stored now if it is new.
    package mutating func intern(_ text: Span<UInt8>) -> TextID {
        if interned * 2 >= slots.count { grow() }
        var slot = Int(truncatingIfNeeded: fnv(text)) & (slots.count - 1)
        while slots[slot] >= 0 {
            if equals(slots[slot], text) { return TextID(index: slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        let id = append(text)
        slots[slot] = id.index
        interned += 1
        return id
    }

    package mutating func intern(_ text: String) -> TextID {
        var copy = text
        return copy.withUTF8 { buffer in intern(Span(_unsafeElements: buffer)) }
    }

    /// Stores a text without looking for an equal one.
    package mutating func append(_ text: Span<UInt8>) -> TextID {
        for index in text.indices { bytes.append(text[index]) }
        ends.append(Int32(bytes.count))
        return TextID(index: Int32(ends.count - 1))
    }

    package func string(_ id: TextID) -> String? {
        id.isNone ? nil : String(decoding: bytes[range(id.index)], as: UTF8.self)
    }

    /// The UTF-8 bytes of a text; empty for `none`.
    package func utf8(_ id: TextID) -> ArraySlice<UInt8> {
        id.isNone ? [] : bytes[range(id.index)]
    }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        for index in slots.indices { slots[index] = -1 }
        interned = 0
    }

    private func range(_ index: Int32) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[Int(index) - 1]))..<Int(ends[Int(index)])
    }

    private func equals(_ index: Int32, _ text: Span<UInt8>) -> Bool {
        let range = range(index)
        guard range.count == text.count else { return false }
        for offset in text.indices where bytes[range.lowerBound + offset] != text[offset] { return false }
        return true
    }

    private func fnv(_ text: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in text.indices { hash = (hash ^ UInt64(text[index])) &* 0x100_0000_01b3 }
        return hash ^ hash >> 29
    }

    private mutating func grow() {
        var grown: [Int32] = Array(repeating: -1, count: slots.count * 2)
        for index in slots where index >= 0 {
            var slot = Int(truncatingIfNeeded: fnv(bytes.span.extracting(range(index)))) & (grown.count - 1)
            while grown[slot] >= 0 { slot = (slot + 1) & (grown.count - 1) }
            grown[slot] = index
        }
        slots = grown
    }
}
