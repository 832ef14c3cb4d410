/// A value that can take up another of its key, in any order, with the same result.
package protocol Mergeable: Sendable {
    mutating func merge(_ other: Self)
}

/// A key that has a place in an order that no arrival, process or machine changes.
package protocol RankedKey: Hashable, Sendable {
    /// The same number for the same key in every process, evenly spread.
    var rank: UInt64 { get }
    /// The coarser key under which the value is summed when the table is full; nil: the value is left out.
    var folded: Self? { get }
}

/// A table of bounded size whose content depends on what was merged, never on the order.
///
/// It keeps the `limit` keys of the smallest ranks; what it drops is summed under the coarser keys. A key that was
/// dropped once has `limit` smaller ones before it, so it can never belong to the result again.
package struct BoundedTable<Key: RankedKey, Value: Mergeable>: Sendable {
    package private(set) var entries: [Key: Value] = [:]
    /// Sums of what did not fit.
    package private(set) var rest: [Key: Value] = [:]
    /// Keys of a greater rank were dropped; `.max` while all fit.
    package private(set) var threshold = UInt64.max
    private let limit: Int

    package init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
    }

    /// The table without the keys that `keeps` refuses. What was folded does not tell its keys apart any more: it stays
    /// where all others do.
    func filter(_ keeps: (Key) -> Bool) -> BoundedTable {
        let kept = entries.filter { keeps($0.key) }
        guard kept.count < entries.count else { return self }
        var table = self
        table.entries = kept
        table.rest = [:]
        return table
    }

    package mutating func merge(_ key: Key, _ value: Value) {
        if threshold < .max, key.rank > threshold { return fold(key, value) }
        merge(value, at: key, of: \.entries)
        if entries.count >= 2 * limit { settle() }
    }

    /// Cuts the table to its limit; needed before it is read.
    package mutating func settle() {
        guard entries.count > limit else { return }
        let ranks = entries.keys.map(\.rank).sorted()
        threshold = ranks[limit - 1]
        let dropped = entries.filter { $0.key.rank > threshold }
        for (key, value) in dropped {
            entries.removeValue(forKey: key)
            fold(key, value)
        }
    }

    private mutating func fold(_ key: Key, _ value: Value) {
        guard let folded = key.folded else { return }
        merge(value, at: folded, of: \.rest)
    }

    private mutating func merge(_ value: Value, at key: Key, of table: WritableKeyPath<Self, [Key: Value]>) {
        if self[keyPath: table][key]?.merge(value) == nil { self[keyPath: table][key] = value }
    }
}

/// Mixes words into a number that is the same in every process (Swift's own hasher is seeded anew in each).
struct Mixer {
    private(set) var value: UInt64 = 0x9e37_79b9_7f4a_7c15

    mutating func mix(_ word: UInt64) {
        // The finaliser of MurmurHash3 (public domain): every input bit reaches every output bit.
        value ^= word
        value = (value ^ value >> 33) &* 0xff51_afd7_ed55_8ccd
        value = (value ^ value >> 33) &* 0xc4ce_b9fe_1a85_ec53
        value ^= value >> 33
    }
}

/// A sum of non-negative counters that stops at the largest number instead of failing on hostile input.
package func saturatingSum(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
}
