internal import FlowModel

/// Where the ranges of destinations begin and end, of all rules of security groups and firewalls.
struct RuleRanges {
    /// Between two addresses of one stretch no range begins or ends: the same ranges hold both.
    struct Stretch: Hashable {
        var begun: Int
        var ended: Int
    }

    private let lowerBounds: [IPAddress]
    private let upperBounds: [IPAddress]

    init(_ network: Network) {
        var all: Set<ClosedRange<IPAddress>> = []
        for group in network.securityGroups.values {
            for rule in group.inbound + group.outbound { all.formUnion(rule.destination.ranges.all) }
        }
        for rules in network.firewallRules.values {
            let destinations =
                rules.nat.map(\.destination) + rules.network.map(\.destination) + rules.application.map(\.destination)
            for destination in destinations { all.formUnion(destination.ranges.all) }
            all.formUnion(rules.nat.compactMap(\.translatedAddress).map { $0...$0 })
        }
        lowerBounds = Set(all.map(\.lowerBound)).sorted()
        upperBounds = Set(all.map(\.upperBound)).sorted()
    }

    func stretch(of address: IPAddress) -> Stretch {
        Stretch(
            begun: RuleRanges.count(lowerBounds) { $0 <= address },
            ended: RuleRanges.count(upperBounds) { $0 < address })
    }

    /// How many of the sorted addresses come before the first for which the condition is false.
    private static func count(_ bounds: [IPAddress], where isBefore: (IPAddress) -> Bool) -> Int {
        var lower = 0
        var upper = bounds.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if isBefore(bounds[middle]) { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}

extension AddressRanges {
    fileprivate var all: [ClosedRange<IPAddress>] { ipv4 + ipv6 }
}
