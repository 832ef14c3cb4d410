/// An address range: canonical network address and length. Lengths of IPv4 prefixes are 0 to 32, of IPv6 0 to 128.
package struct IPPrefix: Hashable, Sendable {
    /// The network address: host bits are zero.
    package let address: IPAddress
    /// The length in the prefix's own family.
    package let length: Int

    /// Cuts host bits off; nil where the length is out of range for the family.
    package init?(_ address: IPAddress, length: Int) {
        guard length >= 0, length <= (address.isIPv4 ? 32 : 128) else { return nil }
        self.address = address.masked(to: address.isIPv4 ? length + 96 : length)
        self.length = length
    }

    /// The prefix that holds this one address: /32 or /128.
    package init(host address: IPAddress) {
        self.address = address
        self.length = address.isIPv4 ? 32 : 128
    }

    /// Reads `a.b.c.d/n`, `v6/n`, or an address alone (a host prefix).
    package init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else {
            guard let address = IPAddress(text) else { return nil }
            self.init(host: address)
            return
        }
        guard let address = IPAddress(String(text[..<slash])), let length = Int(text[text.index(after: slash)...])
        else {
            return nil
        }
        self.init(address, length: length)
    }

    package var isIPv4: Bool { address.isIPv4 }
    /// The length counted in the 128-bit form, by which prefixes of both families compare in one table.
    package var mappedLength: Int { isIPv4 ? length + 96 : length }

    package func contains(_ other: IPAddress) -> Bool {
        other.isIPv4 == isIPv4 && other.masked(to: mappedLength) == address
    }

    /// True where every address of `other` lies in this prefix (a prefix contains itself).
    package func contains(_ other: IPPrefix) -> Bool {
        other.length >= length && contains(other.address)
    }

    package func overlaps(_ other: IPPrefix) -> Bool { contains(other) || other.contains(self) }
}

extension IPPrefix: CustomStringConvertible {
    /// Canonical text, `10.0.0.0/16`.
    package var description: String { "\(address)/\(length)" }
}

extension IPPrefix: Comparable {
    /// By network address, shorter prefixes first.
    package static func < (left: IPPrefix, right: IPPrefix) -> Bool {
        left.address == right.address ? left.mappedLength < right.mappedLength : left.address < right.address
    }
}

extension IPAddress {
    /// The address with all but the first `bits` bits (0 to 128, counted in the IPv6 form) cleared.
    package func masked(to bits: Int) -> IPAddress {
        switch bits {
        case ..<1: return IPAddress(upper: 0, lower: 0)
        case ..<64: return IPAddress(upper: upper & ~(UInt64.max >> UInt64(bits)), lower: 0)
        case 64: return IPAddress(upper: upper, lower: 0)
        case ..<128: return IPAddress(upper: upper, lower: lower & ~(UInt64.max >> UInt64(bits - 64)))
        default: return self
        }
    }

    /// RFC 1918 and 100.64.0.0/10 for IPv4, fc00::/7 and fe80::/10 for IPv6.
    package var isPrivate: Bool {
        if isIPv4 {
            let bits = ipv4Bits
            return bits >> 24 == 10 || bits >> 20 == 0xac1 || bits >> 16 == 0xc0a8 || bits >> 22 == 0x191
        }
        return upper >> 57 == 0x7e || upper >> 54 == 0x3fa
    }
}
