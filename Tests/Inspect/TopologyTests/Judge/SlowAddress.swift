/// An address as a number: IPv4 in 32 bits, IPv6 in 128.
struct SlowAddress: Hashable {
    var bits: UInt128
    var isIPv6: Bool

    init(bits: UInt128, isIPv6: Bool = false) {
        self.bits = bits
        self.isIPv6 = isIPv6
    }

    init(_ first: Int, _ second: Int, _ third: Int, _ fourth: Int) {
        let number = ((first * 256 + second) * 256 + third) * 256 + fourth
        self.init(bits: UInt128(number))
    }

    var text: String {
        isIPv6
            ? (0..<8).map { String((bits >> UInt128(112 - 16 * $0)) & 0xffff, radix: 16) }.joined(separator: ":")
            : (0..<4).map { String((bits >> UInt128(24 - 8 * $0)) & 0xff) }.joined(separator: ".")
    }

    var isPrivate: Bool { isIPv6 ? true : SlowPrefix.reserved.contains { $0.contains(self) } }
}

/// A block of addresses.
struct SlowPrefix: Hashable {
    var address: SlowAddress
    var length: Int

    /// `10.0.0.0/8` is (10, 0, 0, 0, 8); bits past the length are cut.
    init(_ first: Int, _ second: Int, _ third: Int, _ fourth: Int, _ length: Int) {
        self.init(SlowAddress(first, second, third, fourth), length)
    }

    init(_ address: SlowAddress, _ length: Int) {
        let width = address.isIPv6 ? 128 : 32
        let kept = address.bits >> UInt128(width - length)
        self.address = SlowAddress(
            bits: length == 0 ? 0 : kept << UInt128(width - length), isIPv6: address.isIPv6)
        self.length = length
    }

    init(host: SlowAddress) { self.init(host, host.isIPv6 ? 128 : 32) }

    static let everything = SlowPrefix(0, 0, 0, 0, 0)
    static let everythingIPv6 = SlowPrefix(SlowAddress(bits: 0, isIPv6: true), 0)
    /// The blocks that Azure drops where nothing else routes them. [learn: virtual-networks-udr-overview]
    static let reserved = [
        SlowPrefix(10, 0, 0, 0, 8), SlowPrefix(172, 16, 0, 0, 12), SlowPrefix(192, 168, 0, 0, 16),
        SlowPrefix(100, 64, 0, 0, 10),
    ]

    var text: String { "\(address.text)/\(length)" }

    func contains(_ other: SlowAddress) -> Bool {
        other.isIPv6 == address.isIPv6 && SlowPrefix(other, length).address == address
    }

    func contains(_ other: SlowPrefix) -> Bool { length <= other.length && contains(other.address) }

    /// The address so many places after the block's first.
    func host(_ number: Int) -> SlowAddress {
        SlowAddress(bits: address.bits + UInt128(number), isIPv6: address.isIPv6)
    }
}

/// A truth value that may be "cannot tell".
enum SlowTruth: String, Hashable, CaseIterable {
    case yes, no, unknown

    init(_ value: Bool?) { self = value.map { $0 ? .yes : .no } ?? .unknown }
}
