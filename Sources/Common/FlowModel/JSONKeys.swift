/// A closed set of keys, found from bytes without regard to the case of ASCII letters.
package struct JSONKeys: Sendable {
    /// As they are to be written, in the order of their index.
    package let spelled: [String]
    /// All keys in lower case, one behind the other; `starts` has one entry more than there are keys.
    private let lowered: [UInt8]
    /// The same as they are spelled, which is how most documents write them.
    private let exact: [UInt8]
    private let starts: [Int32]
    /// Open addressing: index + 1, or 0 for an empty place; at most a quarter is taken.
    private let slots: [Int16]
    /// By index.
    private let open: [Bool]

    /// At most 32,766 keys; those in `open` hold objects whose own keys are free.
    package init(_ spelled: [String], open: Set<String> = []) {
        self.spelled = spelled
        let lowered = spelled.map { Array($0.lowercased().utf8) }
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
        self.lowered = Array(lowered.joined())
        exact = Array(spelled.map(\.utf8).joined())
        starts = lowered.reduce(into: [0]) { $0.append(($0.last ?? 0) + Int32($1.count)) }
        self.open = spelled.map(open.contains)
    }

    /// Negative keys, which stand for none, are not open.
    package func isOpen(_ key: Int16) -> Bool { key >= 0 && open[Int(key)] }

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
        let own = Int(starts[index])
        guard Int(starts[index + 1]) - own == end - start else { return false }
        if isExact(own, bytes, start, end) { return true }
        for offset in 0..<(end - start) where lowered[own + offset] != lowerCased(bytes[start + offset]) {
            return false
        }
        return true
    }

    private func isExact(_ own: Int, _ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        var offset = 0
        while start + offset + 8 <= end {
            let word = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: start + offset, as: UInt64.self)
            if word != exact.span.bytes.unsafeLoadUnaligned(fromByteOffset: own + offset, as: UInt64.self) {
                return false
            }
            offset += 8
        }
        while start + offset < end {
            if bytes[start + offset] != exact[own + offset] { return false }
            offset += 1
        }
        return true
    }

    /// Of keys that differ in case alone the same: the bit by which letters differ is set in every byte. Eight bytes at a
    /// time; the constant is that of Fibonacci hashing, the arithmetic modulo 2^64 on purpose.
    private static func hash(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var hash = UInt64(truncatingIfNeeded: end - start)
        var index = start
        while index + 8 <= end {
            let word = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            hash = (hash ^ (word | 0x2020_2020_2020_2020)) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 29
            index += 8
        }
        while index < end {
            hash = (hash ^ UInt64(bytes[index] | 0x20)) &* 0x9e37_79b9_7f4a_7c15
            index += 1
        }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7fff_ffff)
    }
}

/// An ASCII letter's small form; other bytes as they are.
package func lowerCased(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 0x20 : byte }
