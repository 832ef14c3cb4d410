/// Longest-prefix match over IPv4 and IPv6 prefixes.
///
/// A table of a few prefixes is tried one by one. A greater one has an index: for IPv4 a trie of 8 bits a step below a
/// hash table of the upper 16 bits, for IPv6 one hash table for each length that occurs. Measured (Benchmarks, 100,000
/// prefixes): under 50 ns a look-up, which allocates nothing.
package struct PrefixTable<Value: Sendable>: Sendable {
    /// Longest first; equal lengths in the order of their insertion.
    private var prefixes: [IPPrefix] = []
    private var values: [Value] = []
    private var index: PrefixIndex?

    /// Up to here prefixes are tried one by one.
    private static var scanLimit: Int { 8 }

    package init() {}

    package var count: Int { prefixes.count }
    /// Prefixes and their values, in the order of insertion.
    package var all: [(IPPrefix, Value)] { zip(prefixes, values).map { ($0, $1) } }
    package var isEmpty: Bool { prefixes.isEmpty }

    /// Sets the value of a prefix; a value that stood there is returned and replaced.
    @discardableResult
    package mutating func insert(_ value: Value, at prefix: IPPrefix) -> Value? {
        if let position = position(of: prefix) {
            let old = values[position]
            values[position] = value
            return old
        }
        prefixes.append(prefix)
        values.append(value)
        if index != nil {
            index?.insert(Int32(prefixes.count - 1), at: prefix, among: prefixes)
        } else if prefixes.count > PrefixTable.scanLimit {
            var made = PrefixIndex()
            for (position, prefix) in prefixes.enumerated() {
                made.insert(Int32(position), at: prefix, among: prefixes)
            }
            index = made
        }
        return nil
    }

    /// Changes the value of a prefix in place; `initial` stands there first where the prefix is new.
    package mutating func update(
        at prefix: IPPrefix, default initial: @autoclosure () -> Value, _ change: (inout Value) -> Void
    ) {
        if let position = position(of: prefix) { return change(&values[position]) }
        var value = initial()
        change(&value)
        insert(value, at: prefix)
    }

    /// The value of exactly this prefix.
    package func value(at prefix: IPPrefix) -> Value? { position(of: prefix).map { values[$0] } }

    /// The value of the longest prefix that holds the address.
    package func longestMatch(_ address: IPAddress) -> Value? {
        if let index {
            let position = index.longestMatch(address, among: prefixes)
            return position < 0 ? nil : values[position]
        }
        var best = -1
        for (position, prefix) in prefixes.enumerated() where prefix.contains(address) {
            if best < 0 || prefix.length > prefixes[best].length { best = position }
        }
        return best < 0 ? nil : values[best]
    }

    /// Calls `body` with each prefix that holds the address, and its value; in no order that means anything.
    package func forEachMatch(_ address: IPAddress, _ body: (IPPrefix, Value) -> Void) {
        guard let index else {
            for (position, prefix) in prefixes.enumerated() where prefix.contains(address) {
                body(prefix, values[position])
            }
            return
        }
        // Each longer prefix knows the next shorter one that holds it.
        var position = index.longestMatch(address, among: prefixes)
        while position >= 0 {
            body(prefixes[position], values[position])
            position = enclosing(prefixes[position], index)
        }
    }

    private func enclosing(_ prefix: IPPrefix, _ index: PrefixIndex) -> Int {
        var length = prefix.length - 1
        while length >= 0 {
            if let shorter = IPPrefix(prefix.address, length: length),
                let position = index.position(of: shorter, among: prefixes)
            {
                return position
            }
            length = index.nextLength(below: length, isIPv4: prefix.isIPv4)
        }
        return -1
    }

    private func position(of prefix: IPPrefix) -> Int? {
        if let index { return index.position(of: prefix, among: prefixes) }
        return prefixes.firstIndex(of: prefix)
    }
}
