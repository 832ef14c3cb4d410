internal import FlowModel

/// Address ranges of a rule, merged and sorted once, so that judging is a binary search and never reads text.
struct AddressRanges: Hashable {
    /// Apart, because an IPv6 range (`::/0`) must not take in what stands for IPv4.
    private(set) var ipv4: [ClosedRange<IPAddress>] = []
    private(set) var ipv6: [ClosedRange<IPAddress>] = []

    init(_ ranges: [ClosedRange<IPAddress>]) {
        ipv4 = AddressRanges.merged(ranges.filter { $0.lowerBound.isIPv4 })
        ipv6 = AddressRanges.merged(ranges.filter { !$0.lowerBound.isIPv4 })
    }

    var isEmpty: Bool { ipv4.isEmpty && ipv6.isEmpty }
    /// True where every IPv4 address is in it, as in `0.0.0.0/0`.
    var holdsAllIPv4: Bool { ipv4 == [IPAddress(ipv4: 0)...IPAddress(ipv4: .max)] }

    func contains(_ address: IPAddress) -> Bool {
        let ranges = address.isIPv4 ? ipv4 : ipv6
        var lower = 0
        var upper = ranges.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if ranges[middle].upperBound < address { lower = middle + 1 } else { upper = middle }
        }
        return lower < ranges.count && ranges[lower].lowerBound <= address
    }

    private static func merged(_ ranges: [ClosedRange<IPAddress>]) -> [ClosedRange<IPAddress>] {
        var result: [ClosedRange<IPAddress>] = []
        for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            if let last = result.last, range.lowerBound <= last.upperBound {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }
}

extension IPPrefix {
    /// From the first to the last address.
    var range: ClosedRange<IPAddress> {
        let free = 128 - mappedLength
        let upper = free <= 64 ? 0 : free == 128 ? UInt64.max : UInt64.max >> UInt64(128 - free)
        let lower = free >= 64 ? UInt64.max : free == 0 ? 0 : UInt64.max >> UInt64(64 - free)
        return address...IPAddress(upper: address.upper | upper, lower: address.lower | lower)
    }
}

/// An address of a rule as it is written.
enum AddressText {
    case any
    case range(ClosedRange<IPAddress>)
    /// A service tag, or a template's expression.
    case word(String)

    /// Reads `*`, `Any`, a prefix, an address, `10.0.0.4-10.0.0.9` (Azure Firewall), or takes it for a word.
    init(_ text: String) {
        if text == "*" || text.lowercased() == "any" {
            self = .any
        } else if let prefix = IPPrefix(text) {
            self = .range(prefix.range)
        } else if let range = AddressText.range(of: text) {
            self = .range(range)
        } else {
            self = .word(text)
        }
    }

    private static func range(of text: String) -> ClosedRange<IPAddress>? {
        let ends = text.split(separator: "-").map { IPAddress(String($0.filter { $0 != " " })) }
        guard ends.count == 2, let lower = ends[0], let upper = ends[1], lower <= upper, lower.isIPv4 == upper.isIPv4
        else { return nil }
        return lower...upper
    }
}
