/// An IPv4 or IPv6 address in 16 bytes. IPv4 is kept as `::ffff:a.b.c.d`, so that one flow has one spelling.
///
/// `none` stands for "the log names no address" in columns; it is no address that traffic can carry.
package struct IPAddress: Hashable, Sendable, Comparable {
    /// The upper 64 bits of the IPv6 form.
    package var upper: UInt64
    /// The lower 64 bits of the IPv6 form.
    package var lower: UInt64

    package init(upper: UInt64, lower: UInt64) {
        self.upper = upper
        self.lower = lower
    }

    /// The IPv4 address with the given 32 bits, most significant octet first.
    package init(ipv4 bits: UInt32) { self.init(upper: 0, lower: 0xffff_0000_0000 | UInt64(bits)) }

    /// No address: every bit set.
    package static let none = IPAddress(upper: .max, lower: .max)

    package var isNone: Bool { self == .none }
    package var isIPv4: Bool { upper == 0 && lower >> 32 == 0xffff }
    /// The 32 bits of an IPv4 address; meaningless for IPv6.
    package var ipv4Bits: UInt32 { UInt32(truncatingIfNeeded: lower) }

    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        left.upper == right.upper ? left.lower < right.lower : left.upper < right.upper
    }
}

extension IPAddress {
    /// Reads `a.b.c.d`, any RFC 4291 spelling of IPv6, and either in square brackets (as Azure Firewall writes IPv6).
    package init?(_ text: String) {
        var copy = text
        let address = copy.withUTF8 { IPAddress(bytes: Span(_unsafeElements: $0)) }
        guard let address else { return nil }
        self = address
    }

    /// Reads the text form from bytes without making a String; nil where the bytes are no address.
    package init?(bytes: Span<UInt8>) {
        var start = 0
        var end = bytes.count
        if end >= 2, bytes[0] == UInt8(ascii: "["), bytes[end - 1] == UInt8(ascii: "]") {
            start = 1
            end -= 1
        }
        guard end > start else { return nil }
        for index in start..<min(end, start + 5) where bytes[index] == UInt8(ascii: ":") {
            self.init(ipv6: bytes, from: start, to: end)
            return
        }
        guard let bits = parseIPv4(bytes, from: start, to: end) else { return nil }
        self.init(ipv4: bits)
    }

    private init?(ipv6 bytes: Span<UInt8>, from start: Int, to end: Int) {
        var groups = InlineArray<8, UInt16>(repeating: 0)
        var count = 0
        var gap = -1
        var position = start
        if end - start >= 2, bytes[start] == UInt8(ascii: ":") {
            guard bytes[start + 1] == UInt8(ascii: ":") else { return nil }
            gap = 0
            position = start + 2
        }
        while position < end {
            guard count < 8 else { return nil }
            let groupStart = position
            var value: UInt32 = 0
            while position < end, let digit = hexDigit(bytes[position]) {
                value = value << 4 | digit
                position += 1
                guard position - groupStart <= 4 else { return nil }
            }
            if position < end, bytes[position] == UInt8(ascii: ".") {
                guard count <= 6, let bits = parseIPv4(bytes, from: groupStart, to: end) else { return nil }
                groups[count] = UInt16(bits >> 16)
                groups[count + 1] = UInt16(truncatingIfNeeded: bits)
                count += 2
                position = end
                break
            }
            guard position > groupStart else { return nil }
            groups[count] = UInt16(value)
            count += 1
            guard position < end else { break }
            guard bytes[position] == UInt8(ascii: ":") else { return nil }
            position += 1
            guard position < end else { return nil }
            if bytes[position] == UInt8(ascii: ":") {
                guard gap < 0 else { return nil }
                gap = count
                position += 1
            }
        }
        guard gap >= 0 ? count < 8 : count == 8 else { return nil }
        var upper: UInt64 = 0
        var lower: UInt64 = 0
        for index in 0..<8 {
            var group: UInt16 = 0
            if gap < 0 || index < gap {
                group = groups[index]
            } else if index >= 8 - (count - gap) {
                group = groups[index - (8 - count)]
            }
            if index < 4 { upper = upper << 16 | UInt64(group) } else { lower = lower << 16 | UInt64(group) }
        }
        self.init(upper: upper, lower: lower)
        if isNone { return nil }
    }
}

private func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 48...57: return UInt32(byte - 48)
    case 65...70: return UInt32(byte - 55)
    case 97...102: return UInt32(byte - 87)
    default: return nil
    }
}

private func parseIPv4(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> UInt32? {
    var bits: UInt32 = 0
    var octets = 0
    var position = start
    while octets < 4 {
        var octet: UInt32 = 0
        let octetStart = position
        while position < end, (48...57).contains(bytes[position]) {
            octet = octet * 10 + UInt32(bytes[position] - 48)
            position += 1
            guard position - octetStart <= 3 else { return nil }
        }
        guard position > octetStart, octet <= 255 else { return nil }
        bits = bits << 8 | octet
        octets += 1
        if octets < 4 {
            guard position < end, bytes[position] == UInt8(ascii: ".") else { return nil }
            position += 1
        }
    }
    return position == end ? bits : nil
}

extension IPAddress: CustomStringConvertible {
    /// Canonical text: dotted for IPv4, RFC 5952 for IPv6.
    package var description: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the canonical text to `bytes`.
    package func write(to bytes: inout [UInt8]) {
        if isIPv4 {
            for shift in stride(from: 24, through: 0, by: -8) {
                appendDecimal(ipv4Bits >> UInt32(shift) & 255, to: &bytes)
                if shift > 0 { bytes.append(UInt8(ascii: ".")) }
            }
            return
        }
        var run = (start: -1, count: 1)
        var index = 0
        while index < 8 {
            var zeros = 0
            while index + zeros < 8, group(index + zeros) == 0 { zeros += 1 }
            if zeros > run.count { run = (index, zeros) }
            index += max(zeros, 1)
        }
        index = 0
        while index < 8 {
            if index == run.start {
                // The group before has written the first colon of the two already, unless the run begins the address.
                if index == 0 { bytes.append(UInt8(ascii: ":")) }
                bytes.append(UInt8(ascii: ":"))
                index += run.count
                continue
            }
            appendHex(group(index), to: &bytes)
            index += 1
            if index < 8 { bytes.append(UInt8(ascii: ":")) }
        }
    }

    private func group(_ index: Int) -> UInt16 {
        let half = index < 4 ? upper : lower
        return UInt16(truncatingIfNeeded: half >> (48 - 16 * UInt64(index & 3)))
    }
}

private func appendDecimal(_ value: UInt32, to bytes: inout [UInt8]) {
    if value >= 100 { bytes.append(UInt8(48 + value / 100)) }
    if value >= 10 { bytes.append(UInt8(48 + value / 10 % 10)) }
    bytes.append(UInt8(48 + value % 10))
}

private func appendHex(_ value: UInt16, to bytes: inout [UInt8]) {
    var started = false
    for shift in stride(from: 12, through: 0, by: -4) {
        let digit = UInt8(value >> UInt16(shift) & 15)
        if digit != 0 || started || shift == 0 {
            bytes.append(digit < 10 ? 48 + digit : 87 + digit)
            started = true
        }
    }
}
