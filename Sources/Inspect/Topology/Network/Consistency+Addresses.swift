internal import FlowModel

/// One address, or one range, that means two things.
extension Consistency {
    /// Pairs beyond that many in one routing domain are counted, not listed.
    private static let pairLimit = 1_000

    /// A range, and whose it is.
    private struct Claim {
        var prefix: IPPrefix
        var owner: String
        var isOnPremises = false
    }

    /// VNet ranges that overlap inside one routing domain: a common peer has two routes for one address. Ranges of a
    /// gateway that a VNet holds, too: the VNet's route wins whatever their length [learn: virtual-networks-udr-overview].
    mutating func checkAddressSpaces() {
        var claims: [Int32: [Claim]] = [:]
        for vnet in network.vnets.values {
            guard let domain = network.domains[vnet.id] else { continue }
            claims[domain, default: []] += vnet.ranges.map { Claim(prefix: $0, owner: vnet.id) }
        }
        for (domain, ranges) in onPremisesByDomain() {
            claims[domain, default: []] += ranges.map {
                Claim(prefix: $0.prefix, owner: $0.name, isOnPremises: true)
            }
        }
        for domain in claims.keys.sorted() { sweep(claims[domain] ?? []) }
    }

    /// On-premises ranges, by the domains of the gateways that lead to them.
    private func onPremisesByDomain() -> [Int32: [OnPremises]] {
        var gateways: [Int32: [Gateway]] = [:]
        for gateway in network.gateways.values {
            gateways[network.domain(ofSubnet: gateway.subnet), default: []].append(gateway)
        }
        return gateways.filter { $0.key >= 0 }.mapValues { gateways in
            network.onPremises.filter { range in gateways.contains { network.leads($0, to: range) } }
        }
    }

    /// Prefixes nest or are disjoint: in the order of their addresses, each overlaps exactly those that are still open.
    private mutating func sweep(_ claims: [Claim]) {
        let sorted = claims.sorted {
            ($0.prefix, $0.isOnPremises ? 1 : 0, $0.owner) < ($1.prefix, $1.isOnPremises ? 1 : 0, $1.owner)
        }
        var open: [Claim] = []
        var pairs: Set<[String]> = []
        var furtherCount = 0
        for claim in sorted {
            while let last = open.last, !last.prefix.contains(claim.prefix) { open.removeLast() }
            if pairs.count >= Consistency.pairLimit {
                furtherCount += open.count
            } else {
                for other in open where other.owner != claim.owner && !other.isOnPremises {
                    let pair = [other.owner, claim.owner].sorted()
                    if pairs.insert(pair).inserted { report(other, claim) }
                }
            }
            open.append(claim)
        }
        if furtherCount > 0, let first = sorted.first {
            report(
                first.owner, "addressSpace",
                "about \(furtherCount) further overlaps in its routing domain are not listed")
        }
    }

    private mutating func report(_ outer: Claim, _ inner: Claim) {
        guard !inner.isOnPremises else {
            return report(
                outer.owner, "addressSpace",
                "\(outer.prefix) holds on-premises range \(inner.prefix) (\(inner.owner)) of the same routing domain: the "
                    + "VNet's route wins, so nothing reaches that range")
        }
        let (first, second) = outer.owner < inner.owner ? (outer, inner) : (inner, outer)
        report(
            first.owner, "addressSpace",
            "\(first.prefix) overlaps \(second.prefix) of \(second.owner) in the same routing domain: an address in both "
                + "means two things, and a VNet peered with both reaches only one of them")
    }

    /// Subnets outside their VNet, and subnets of one VNet that overlap.
    mutating func checkSubnets() {
        for vnet in network.vnets.values {
            var claims: [Claim] = []
            for subnet in vnet.subnets.compactMap({ network.subnets[$0] }) {
                for prefix in subnet.prefixes {
                    claims.append(Claim(prefix: prefix, owner: subnet.id))
                    guard !vnet.ranges.isEmpty, !vnet.ranges.contains(where: { $0.contains(prefix) }) else { continue }
                    report(
                        subnet.id, "addressPrefix",
                        "\(prefix) lies outside the ranges of \(vnet.name) "
                            + "(\(vnet.ranges.map(\.description).joined(separator: ", "))): no route leads there")
                }
            }
            claims.sort { ($0.prefix, $0.owner) < ($1.prefix, $1.owner) }
            var open: [Claim] = []
            for claim in claims {
                while let last = open.last, !last.prefix.contains(claim.prefix) { open.removeLast() }
                if let other = open.last, other.owner != claim.owner {
                    report(
                        claim.owner, "addressPrefix",
                        "\(claim.prefix) overlaps \(other.prefix) of subnet \(network.subnetName(other.owner)): whose route "
                            + "table an address follows cannot be told")
                }
                open.append(claim)
            }
        }
    }

    /// Addresses that their own subnet does not hold: one of the two is of another time.
    mutating func checkInterfaces() {
        for nic in network.interfaces.values {
            guard let subnet = network.subnets[nic.subnet], !subnet.prefixes.isEmpty else { continue }
            for address in nic.addresses where !subnet.prefixes.contains(where: { $0.contains(address) }) {
                report(
                    nic.id, "ipConfigurations.privateIPAddress",
                    "\(address) lies outside its subnet \(network.subnetName(subnet.id)) "
                        + "(\(subnet.prefixes.map(\.description).joined(separator: ", "))): which routes lead to it cannot be "
                        + "told; export both at one time")
            }
        }
    }

    /// One address of two NICs in one VNet: an old copy of one of them is in the export.
    mutating func checkAddresses() {
        guard hasEqualAddresses else { return }
        struct Key: Hashable {
            var vnet: String
            var address: IPAddress
        }
        var owners: [Key: String] = [:]
        owners.reserveCapacity(network.interfaces.count)
        for nic in network.interfaces.values.sorted(by: { $0.id < $1.id }) {
            guard let vnet = network.subnets[nic.subnet]?.vnet else { continue }
            for address in nic.addresses {
                let key = Key(vnet: vnet, address: address)
                guard let owner = owners[key] else {
                    owners[key] = nic.id
                    continue
                }
                guard owner != nic.id else { continue }
                report(
                    nic.id, "ipConfigurations.privateIPAddress",
                    "\(address) is also the address of \(owner) in \(vnetName(vnet)): one of them is no longer there, and "
                        + "flows are told to the wrong one")
            }
        }
    }

    /// Whether two NICs of one VNet have one address: nearly never, and cheaper to ask than to say which.
    private var hasEqualAddresses: Bool {
        struct Key: Hashable {
            var vnet: Int
            var address: IPAddress
        }
        var numbers: [String: Int] = [:]
        var vnets: [String: Int] = [:]
        for (id, subnet) in network.subnets {
            let number = vnets[subnet.vnet] ?? vnets.count
            vnets[subnet.vnet] = number
            numbers[id] = number
        }
        var seen: Set<Key> = []
        seen.reserveCapacity(network.interfaces.count)
        for nic in network.interfaces.values {
            guard let vnet = numbers[nic.subnet] else { continue }
            for address in nic.addresses where !seen.insert(Key(vnet: vnet, address: address)).inserted { return true }
        }
        return false
    }
}
