/// Longest-prefix match: one dictionary for each length that occurs, tried from the longest to the shortest.
///
/// Tables of topologies hold few different lengths, so a look-up is a few hash probes; it allocates nothing.
package struct PrefixTable<Value: Sendable>: Sendable {
    private var lengths: [Int] = []
    private var values: [[IPAddress: Value]] = []

    package init() {}

    package var count: Int { values.reduce(0) { $0 + $1.count } }
    package var isEmpty: Bool { lengths.isEmpty }

    /// Sets the value of a prefix; a value that stood there is returned and replaced.
    @discardableResult
    package mutating func insert(_ value: Value, at prefix: IPPrefix) -> Value? {
        let length = prefix.mappedLength
        var slot = 0
        while slot < lengths.count, lengths[slot] > length { slot += 1 }
        if slot == lengths.count || lengths[slot] != length {
            lengths.insert(length, at: slot)
            values.insert([:], at: slot)
        }
        return values[slot].updateValue(value, forKey: prefix.address)
    }

    /// The value of exactly this prefix.
    package func value(at prefix: IPPrefix) -> Value? {
        guard let slot = lengths.firstIndex(of: prefix.mappedLength) else { return nil }
        return values[slot][prefix.address]
    }

    /// The value of the longest prefix that holds the address.
    package func longestMatch(_ address: IPAddress) -> Value? {
        for (slot, length) in lengths.enumerated() {
            if let value = values[slot][address.masked(to: length)] { return value }
        }
        return nil
    }
}
