/// A closed set of keys, found from bytes without regard to the case of ASCII letters.
package struct JSONKeys: Sendable {
    /// As they are to be written, in the order of their index.
    package let spelled: [String]
    private let lowered: [[UInt8]]
    /// Open addressing: index + 1, or 0 for an empty place; at most a quarter is taken.
    private let slots: [Int16]
    private let open: Set<Int16>

    /// At most 32,766 keys; those in `open` hold objects whose own keys are free.
    package init(_ spelled: [String], open: Set<String> = []) {
        self.spelled = spelled
        lowered = spelled.map { Array($0.lowercased().utf8) }
        var size = 64
        while size < spelled.count * 4 { size *= 2 }
        var slots = [Int16](repeating: 0, count: size)
        for (index, key) in lowered.enumerated() {
            var slot = JSONKeys.hash(key.span, 0, key.count) & (size - 1)
            while slots[slot] != 0 {
                precondition(lowered[Int(slots[slot]) - 1] != key, "\(spelled[index]) stands twice among the keys")
                slot = (slot + 1) & (size - 1)
            }
            slots[slot] = Int16(index + 1)
        }
        self.slots = slots
        self.open = Set(open.compactMap { key in spelled.firstIndex(of: key).map { Int16($0) } })
    }

    package func isOpen(_ key: Int16) -> Bool { open.contains(key) }

    package func index(of key: String) -> Int16? {
        let bytes = key.utf8Span.span
        return find(bytes, 0, bytes.count)
    }

    package func index(of text: JSONText, in bytes: Span<UInt8>) -> Int16? {
        guard text.hasEscapes else { return find(bytes, text.start, text.end) }
        return index(of: text.string(in: bytes))
    }

    private func find(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int16? {
        var slot = JSONKeys.hash(bytes, start, end) & (slots.count - 1)
        while slots[slot] != 0 {
            if matches(Int(slots[slot]) - 1, bytes, start, end) { return slots[slot] - 1 }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func matches(_ index: Int, _ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard lowered[index].count == end - start else { return false }
        for offset in 0..<(end - start) where lowered[index][offset] != lowerCased(bytes[start + offset]) {
            return false
        }
        return true
    }

    private static func hash(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in start..<end {
            hash = (hash ^ UInt64(lowerCased(bytes[index]))) &* 0x100_0000_01b3  // FNV-1a is arithmetic modulo 2^64.
        }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}

/// An ASCII letter's small form; other bytes as they are.
package func lowerCased(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 0x20 : byte }
