/// Finds the positions of prefixes in an array that its owner keeps: exactly, and by longest match.
struct PrefixIndex: Sendable {
    /// Open addressing: positions, -1 = free; the capacity is a power of two, at most half of it is used.
    private var slots: [Int32] = Array(repeating: -1, count: 32)
    private var count = 0
    /// Bit n is set where a prefix of length n is there.
    private var ipv4Lengths: UInt64 = 0
    private var ipv6Lengths: (upper: UInt64, lower: UInt64, whole: Bool) = (0, 0, false)

    /// Upper 16 bits of an IPv4 address → node, by open addressing; -1 = free.
    private var rootKeys: [Int32] = Array(repeating: -1, count: 16)
    private var rootNodes: [Int32] = Array(repeating: 0, count: 16)
    private var rootCount = 0
    /// 256 entries a node, one for each value of an octet: a position, `none`, or a node of the next octet.
    private var nodes: [Int32] = []

    private static let none: Int32 = -1
    /// An entry that is a node is written as `firstNode - node`.
    private static let firstNode: Int32 = -2

    init() {}

    // MARK: Exactly

    func position(of prefix: IPPrefix, among prefixes: [IPPrefix]) -> Int? {
        var slot = PrefixIndex.hash(prefix) & (slots.count - 1)
        while slots[slot] >= 0 {
            if prefixes[Int(slots[slot])] == prefix { return Int(slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// The greatest length below `length` that a prefix of the family has; -1 where none has.
    func nextLength(below length: Int, isIPv4: Bool) -> Int {
        var next = length - 1
        while next >= 0, !hasLength(next, isIPv4: isIPv4) { next -= 1 }
        return next
    }

    private func hasLength(_ length: Int, isIPv4: Bool) -> Bool {
        if isIPv4 { return ipv4Lengths >> UInt64(length) & 1 == 1 }
        if length == 128 { return ipv6Lengths.whole }
        return length < 64
            ? ipv6Lengths.lower >> UInt64(length) & 1 == 1 : ipv6Lengths.upper >> UInt64(length - 64) & 1 == 1
    }

    private mutating func note(length: Int, isIPv4: Bool) {
        if isIPv4 {
            ipv4Lengths |= 1 << UInt64(length)
        } else if length == 128 {
            ipv6Lengths.whole = true
        } else if length < 64 {
            ipv6Lengths.lower |= 1 << UInt64(length)
        } else {
            ipv6Lengths.upper |= 1 << UInt64(length - 64)
        }
    }

    /// Multiplication by an odd constant and the upper half: cheap, and enough for addresses, which no attacker chooses
    /// among the resources of his own subscription.
    private static func hash(_ prefix: IPPrefix) -> Int {
        let mixed =
            (prefix.address.upper &* 0x9e37_79b9_7f4a_7c15) ^ (prefix.address.lower &* 0xc2b2_ae3d_27d4_eb4f)
            ^ (UInt64(prefix.length) &* 0x1656_67b1_9e37_79f9)
        return Int(truncatingIfNeeded: (mixed ^ (mixed >> 32)) >> 3 & 0x7fff_ffff)
    }

    // MARK: By longest match

    /// Position of the longest prefix that holds the address; -1 where none does.
    func longestMatch(_ address: IPAddress, among prefixes: [IPPrefix]) -> Int {
        guard address.isIPv4 else { return probe(address, from: 128, among: prefixes) }
        let bits = address.ipv4Bits
        let root = rootNode(of: Int32(bits >> 16))
        if root >= 0 {
            var entry = nodes[root << 8 | Int(bits >> 8 & 0xff)]
            if entry <= PrefixIndex.firstNode {
                entry = nodes[Int(PrefixIndex.firstNode - entry) << 8 | Int(bits & 0xff)]
            }
            if entry >= 0 { return Int(entry) }
        }
        // Prefixes shorter than 16 bits stand in no node: few lengths, if any.
        return probe(address, from: 15, among: prefixes)
    }

    private func probe(_ address: IPAddress, from longest: Int, among prefixes: [IPPrefix]) -> Int {
        var length = nextLength(below: longest + 1, isIPv4: address.isIPv4)
        while length >= 0 {
            if let prefix = IPPrefix(address, length: length), let position = position(of: prefix, among: prefixes) {
                return position
            }
            length = nextLength(below: length, isIPv4: address.isIPv4)
        }
        return -1
    }

    private func rootNode(of key: Int32) -> Int {
        var slot = Int(key &* 0x9e3b & 0x7fff) & (rootKeys.count - 1)
        while rootKeys[slot] >= 0 {
            if rootKeys[slot] == key { return Int(rootNodes[slot]) }
            slot = (slot + 1) & (rootKeys.count - 1)
        }
        return -1
    }

    // MARK: Insertion

    /// Takes a prefix up that stands at `position` of `prefixes`, and did not before.
    mutating func insert(_ position: Int32, at prefix: IPPrefix, among prefixes: [IPPrefix]) {
        if (count + 1) * 2 > slots.count { grow(prefixes) }
        put(position, prefix)
        count += 1
        note(length: prefix.length, isIPv4: prefix.isIPv4)
        guard prefix.isIPv4, prefix.length >= 16 else { return }
        let bits = prefix.address.ipv4Bits
        let root = makeRoot(Int32(bits >> 16))
        let entry = root << 8 | Int(bits >> 8 & 0xff)
        if prefix.length <= 24 {
            fill(entry, count: 1 << (24 - prefix.length), position, prefixes)
        } else {
            let child = makeChild(at: entry)
            fill(child << 8 | Int(bits & 0xff), count: 1 << (32 - prefix.length), position, prefixes)
        }
    }

    private mutating func put(_ position: Int32, _ prefix: IPPrefix) {
        var slot = PrefixIndex.hash(prefix) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = position
    }

    private mutating func grow(_ prefixes: [IPPrefix]) {
        let old = slots
        slots = Array(repeating: -1, count: old.count * 2)
        for position in old where position >= 0 { put(position, prefixes[Int(position)]) }
    }

    /// Writes the position into entries that nothing longer holds already.
    private mutating func fill(_ first: Int, count: Int, _ position: Int32, _ prefixes: [IPPrefix]) {
        for entry in first..<first + count {
            let held = nodes[entry]
            if held <= PrefixIndex.firstNode {
                fill(Int(PrefixIndex.firstNode - held) << 8, count: 256, position, prefixes)
            } else if held < 0 || prefixes[Int(held)].length <= prefixes[Int(position)].length {
                nodes[entry] = position
            }
        }
    }

    private mutating func makeNode(filledWith entry: Int32) -> Int {
        nodes.append(contentsOf: repeatElement(entry, count: 256))
        return nodes.count / 256 - 1
    }

    private mutating func makeChild(at entry: Int) -> Int {
        let held = nodes[entry]
        if held <= PrefixIndex.firstNode { return Int(PrefixIndex.firstNode - held) }
        let child = makeNode(filledWith: held)
        nodes[entry] = PrefixIndex.firstNode - Int32(child)
        return child
    }

    private mutating func makeRoot(_ key: Int32) -> Int {
        let known = rootNode(of: key)
        if known >= 0 { return known }
        if (rootCount + 1) * 2 > rootKeys.count { growRoots() }
        let node = makeNode(filledWith: PrefixIndex.none)
        putRoot(key, Int32(node))
        rootCount += 1
        return node
    }

    private mutating func putRoot(_ key: Int32, _ node: Int32) {
        var slot = Int(key &* 0x9e3b & 0x7fff) & (rootKeys.count - 1)
        while rootKeys[slot] >= 0 { slot = (slot + 1) & (rootKeys.count - 1) }
        rootKeys[slot] = key
        rootNodes[slot] = node
    }

    private mutating func growRoots() {
        let old = zip(rootKeys, rootNodes).filter { $0.0 >= 0 }
        rootKeys = Array(repeating: -1, count: rootKeys.count * 2)
        rootNodes = Array(repeating: 0, count: rootKeys.count)
        for (key, node) in old { putRoot(key, node) }
    }
}
