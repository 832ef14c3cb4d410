package import FlowModel

/// A bounded, exact set of record hashes: which records a lineage holds already.
///
/// Two generations of half the limit each: when the younger one is full, the older one is forgotten. So it holds at
/// least the last `limit / 2` hashes, never more than `limit`, and never claims one that was not inserted. The same
/// insertions in the same order leave the same set.
package struct RecordSet: Sendable {
    /// The most hashes that are held.
    package let limit: Int
    private var young = HashTable()
    private var old = HashTable()

    /// - Parameter limit: at least 2. A full set takes 64 bytes a hash at most.
    package init(limit: Int = 1 << 20) {
        precondition(limit >= 2, "a record set holds at least two hashes")
        self.limit = limit
    }

    /// Hashes held now.
    package var count: Int { young.count + old.count }

    /// Adds a hash; false where the set holds it already.
    package mutating func insert(_ hash: RecordHash) -> Bool {
        if old.contains(hash) { return false }
        guard young.insert(hash) else { return false }
        if young.count >= limit / 2 {
            old = young
            young = HashTable()
        }
        return true
    }

    package func contains(_ hash: RecordHash) -> Bool { young.contains(hash) || old.contains(hash) }
}

/// Open addressing over the hashes themselves: they are uniform already.
private struct HashTable: Sendable {
    private static let empty = RecordHash(upper: 0, lower: 0)

    private(set) var count = 0
    private var slots: [RecordHash] = []
    // The one hash that looks like an empty slot is kept beside them.
    private var holdsZero = false

    func contains(_ hash: RecordHash) -> Bool {
        if hash == Self.empty { return holdsZero }
        return !slots.isEmpty && slots[slot(of: hash)] == hash
    }

    mutating func insert(_ hash: RecordHash) -> Bool {
        if hash == Self.empty {
            guard !holdsZero else { return false }
            holdsZero = true
            count += 1
            return true
        }
        if count * 2 >= slots.count { grow() }
        let slot = slot(of: hash)
        guard slots[slot] != hash else { return false }
        slots[slot] = hash
        count += 1
        return true
    }

    /// Where the hash stands, or the empty slot where it would.
    private func slot(of hash: RecordHash) -> Int {
        var slot = Int(truncatingIfNeeded: hash.lower) & (slots.count - 1)
        while slots[slot] != Self.empty, slots[slot] != hash { slot = (slot + 1) & (slots.count - 1) }
        return slot
    }

    private mutating func grow() {
        let before = slots
        slots = Array(repeating: Self.empty, count: max(16, before.count * 2))
        for hash in before where hash != Self.empty { slots[slot(of: hash)] = hash }
    }
}
