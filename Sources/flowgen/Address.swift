/// An IPv4 address, in host order.
struct Address: Hashable, CustomStringConvertible {
    var bits: UInt32

    var description: String {
        "\(bits >> 24).\((bits >> 16) & 255).\((bits >> 8) & 255).\(bits & 255)"
    }

    init(bits: UInt32) { self.bits = bits }

    init(_ first: Int, _ second: Int, _ third: Int, _ fourth: Int) {
        bits = UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth)
    }

    /// Azure's own address for health probes and platform services.
    static let platform = Address(168, 63, 129, 16)
}

/// An IPv4 prefix in canonical form.
struct Prefix: Hashable, CustomStringConvertible {
    var base: Address
    var length: Int

    var description: String { "\(base)/\(length)" }

    /// How many addresses it holds.
    var size: Int { 1 << (32 - length) }

    /// The address at `offset` from its base.
    func address(_ offset: Int) -> Address { Address(bits: base.bits + UInt32(offset)) }
}
