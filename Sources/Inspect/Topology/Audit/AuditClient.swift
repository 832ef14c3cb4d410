internal import FlowModel

/// A place that opens sessions: a subnet that can hold workloads, or an on-premises range.
struct AuditClient {
    /// Lower-cased id of the subnet, or the range's prefix.
    var id: String
    /// The address that stands for all of it, and what it is.
    var place: Place
    /// Subnets whose route tables decide first: its own, or GatewaySubnet of each gateway that leads to the range.
    var entrySubnets: [String]
    /// It holds private endpoints only, so that nothing there opens sessions: judged, and not counted.
    var isVacant = false
    /// Where its own side is logged: the subnet where flow logs cover all of it, else the NICs that they cover.
    var vantages: [String] = []

    var isOnPremises: Bool { place.endpoint.kind == .onPremises }
}

/// Which clients each routing domain has.
///
/// A subnet counts unless the platform keeps it for its own (gateways, Azure Firewall, Route Server, Bastion, routing
/// appliances, DNS resolvers), or only appliances stand in it: what those open is not a workload's. A subnet that holds
/// private endpoints and nothing else is listed, because a machine may be put there, and needs no remedy until one is. An
/// on-premises range counts in every domain with a gateway
/// that leads to it.
struct AuditClients {
    private let network: Network
    private let dedicated: Set<String>
    private var occupants: [String: [NetworkInterface]] = [:]
    private(set) var byDomain: [Int32: [AuditClient]] = [:]

    /// Subnets that hold nothing but the platform's own [learn: their names are reserved].
    private static let reserved: Set<String> = [
        "gatewaysubnet", "azurefirewallsubnet", "azurefirewallmanagementsubnet", "routeserversubnet",
        "azurebastionsubnet", "virtualnetworkappliancesubnet",
    ]

    init(network: Network, dedicated: Set<String>) {
        self.network = network
        self.dedicated = dedicated
        for nic in network.interfaces.values where nic.privateEndpoint == nil {
            occupants[nic.subnet, default: []].append(nic)
        }
        for id in network.subnets.keys.sorted() { add(id) }
        addOnPremises()
    }

    /// NICs of the subnet, those of private endpoints left out; sorted by id.
    func interfaces(ofSubnet id: String) -> [NetworkInterface] {
        (occupants[id] ?? []).sorted { $0.id < $1.id }
    }

    private mutating func add(_ id: String) {
        guard let subnet = network.subnets[id], !AuditClients.reserved.contains(subnet.name.lowercased()),
            !subnet.delegations.contains(where: { $0.hasPrefix("microsoft.network/dnsresolvers") })
        else { return }
        let domain = network.domain(ofSubnet: id)
        guard domain >= 0 else { return }
        let nics = interfaces(ofSubnet: id)
        let workloads = nics.filter { !isAppliance($0) && !$0.addresses.isEmpty }
        if workloads.isEmpty, !nics.isEmpty { return }
        guard let place = place(in: subnet, domain: domain, workloads.first) else { return }
        byDomain[domain, default: []].append(
            AuditClient(
                id: id, place: place, entrySubnets: [id], isVacant: dedicated.contains(id),
                vantages: vantages(of: subnet, nics)))
    }

    /// Nothing of workloads that flow logs do not hold [learn: vnet-flow-logs-overview].
    private func vantages(of subnet: Subnet, _ nics: [NetworkInterface]) -> [String] {
        guard subnet.unloggedWorkload == nil else { return [] }
        switch network.flowLogCoverage(ofSubnet: subnet.id) {
        case .covered, .notSaid: return [subnet.id]
        case .filtered, .notCovered, .workload: break
        }
        return nics.map(\.id).filter {
            if case .covered = network.flowLogCoverage(ofInterface: $0) { return true }
            return false
        }
    }

    private func isAppliance(_ nic: NetworkInterface) -> Bool {
        guard let vnet = network.subnets[nic.subnet]?.vnet else { return false }
        return nic.addresses.contains {
            if case .appliance? = network.hosts[vnet]?[$0] { return true }
            return false
        }
    }

    /// A machine of the subnet, else an address that nothing has.
    private func place(in subnet: Subnet, domain: Int32, _ nic: NetworkInterface?) -> Place? {
        if let nic, let address = nic.addresses.first(where: \.isIPv4) ?? nic.addresses.first {
            return Place(
                address: address, domain: domain,
                endpoint: Endpoint(
                    kind: .nic, id: nic.id, name: network.displayName(nic.id), subnet: subnet.id, domain: domain,
                    observer: -1))
        }
        guard let prefix = subnet.prefixes.first(where: \.isIPv4) ?? subnet.prefixes.first else { return nil }
        let hosts = network.hosts[subnet.vnet] ?? [:]
        // Azure keeps the first four addresses and the last one of a subnet [learn: virtual-networks-faq].
        guard let address = prefix.addresses(from: 4).first(where: { hosts[$0] == nil }) else { return nil }
        return Place(
            address: address, domain: domain,
            endpoint: Endpoint(
                kind: .subnet, id: subnet.id, name: network.subnetName(subnet.id), subnet: subnet.id, domain: domain,
                observer: -1))
    }

    private mutating func addOnPremises() {
        let domains = Set(network.gateways.values.map { network.domain(ofSubnet: $0.subnet) }).filter { $0 >= 0 }
        guard !network.onPremises.isEmpty else { return }
        for domain in domains.sorted() {
            let taken = network.vnets.values.filter { network.domains[$0.id] == domain }.flatMap(\.ranges)
            var seen: Set<IPPrefix> = []
            for range in network.onPremises.sorted(by: { ($0.prefix, $0.name) < ($1.prefix, $1.name) })
            where !range.isAssumed && seen.insert(range.prefix).inserted {
                let narrower = network.onPremises.map(\.prefix).filter { $0.length > range.prefix.length }
                guard let address = free(range.prefix, besides: taken + narrower),
                    let found = network.onPremises(holding: address, domain: domain), !found.gateways.isEmpty
                else { continue }
                let place = Place(
                    address: address, domain: domain,
                    endpoint: Endpoint(
                        kind: .onPremises, id: range.prefix.description, name: range.name, subnet: nil, domain: domain,
                        observer: -1))
                byDomain[domain, default: []].append(
                    AuditClient(
                        id: range.prefix.description, place: place,
                        entrySubnets: Array(Set(found.gateways.map(\.subnet))).sorted()))
            }
        }
    }

    /// The first address of the range that none of the prefixes holds.
    private func free(_ range: IPPrefix, besides taken: [IPPrefix]) -> IPAddress? {
        var next = range.addresses(from: range.length >= range.hostLength - 1 ? 0 : 1).first { _ in true }
        for prefix in taken.filter({ range.overlaps($0) }).sorted() {
            guard let address = next, prefix.contains(address) else { continue }
            next = prefix.addressAfter
        }
        return next.flatMap { range.contains($0) ? $0 : nil }
    }
}

extension IPPrefix {
    var hostLength: Int { isIPv4 ? 32 : 128 }

    /// The addresses of the prefix from the n-th on, at most a thousand.
    func addresses(from first: Int) -> some Sequence<IPAddress> {
        let count = hostLength - length >= 10 ? 1_024 : 1 << (hostLength - length)
        let start = count > first ? first : 0
        return (start..<count).lazy.map { IPAddress(upper: address.upper, lower: address.lower | UInt64($0)) }
    }

    /// The address that follows the prefix's last one; nil where there is none.
    var addressAfter: IPAddress? {
        guard isIPv4 else { return nil }
        let (sum, overflow) = address.ipv4Bits.addingReportingOverflow(length == 0 ? 0 : 1 << UInt32(32 - length))
        return overflow || length == 0 ? nil : IPAddress(ipv4: sum)
    }
}
