import FlowModel
import Runtime
import Testing

/// The table against a search through all prefixes, on random sets that nest, in any order of insertion.
@Suite struct PrefixTableTests {
    private func prefix(_ generator: inout SplitMix64) -> IPPrefix? {
        if Int.random(in: 0..<5, using: &generator) == 0 {
            let address = IPAddress(
                upper: 0xfd00_0000_0000_0000 | UInt64.random(in: 0...3, using: &generator), lower: 0)
            return IPPrefix(address, length: Int.random(in: 0...128, using: &generator))
        }
        return IPPrefix(address(&generator), length: Int.random(in: 0...32, using: &generator))
    }

    /// Few values an octet, so that prefixes nest and addresses hit them.
    private func address(_ generator: inout SplitMix64) -> IPAddress {
        let octets = (0..<3).map { _ in UInt32.random(in: 0...2, using: &generator) }
        return IPAddress(ipv4: 10 << 24 | octets[0] << 16 | octets[1] << 8 | octets[2])
    }

    @Test(arguments: [3, 8, 9, 40, 400]) func agreesWithASearchThroughAll(count: Int) throws {
        for seed in 1...20 {
            var generator = SplitMix64(seed: UInt64(seed * 7919 + count))
            var table = PrefixTable<Int>()
            var all: [IPPrefix: Int] = [:]
            for value in 0..<count {
                guard let prefix = prefix(&generator) else { continue }
                #expect(table.insert(value, at: prefix) == all.updateValue(value, forKey: prefix))
            }
            #expect(table.count == all.count)
            for _ in 0..<200 {
                let wanted = address(&generator)
                let matches = all.filter { $0.key.contains(wanted) }
                let longest = matches.max { $0.key.length < $1.key.length }
                #expect(table.longestMatch(wanted) == longest?.value, "seed \(seed), \(wanted)")
                var found: [IPPrefix: Int] = [:]
                table.forEachMatch(wanted) { found[$0] = $1 }
                #expect(found == matches, "seed \(seed), \(wanted)")
            }
            for (prefix, value) in all { #expect(table.value(at: prefix) == value) }
        }
    }
}
