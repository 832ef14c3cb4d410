internal import FlowModel

/// What look-ups of places by text need, so that none of them goes through all VNets or endpoints.
struct PlaceIndex {
    /// Lower-cased resource id → index into the placement's endpoints.
    private(set) var endpoints: [String: Int32] = [:]
    /// Lower-cased name → ids of VNets, sorted.
    private var vnets: [String: [String]] = [:]
    /// Lower-cased name of a subnet, alone and after its VNet's → ids of the VNets that hold one.
    private var subnets: [String: Set<String>] = [:]
    /// Length → address range → VNets, by id.
    private var ranges: [Int: [IPAddress: [String]]] = [:]

    init(_ network: Network, _ placement: Placement) {
        endpoints.reserveCapacity(placement.endpoints.count)
        for (index, endpoint) in placement.endpoints.enumerated()
        where endpoint.kind != .onPremises && endpoints[endpoint.id] == nil {
            endpoints[endpoint.id] = Int32(index)
        }
        for vnet in network.vnets.values.sorted(by: { $0.id < $1.id }) {
            vnets[vnet.name.lowercased(), default: []].append(vnet.id)
            for range in vnet.ranges {
                ranges[range.mappedLength, default: [:]][range.address, default: []].append(vnet.id)
            }
        }
        for subnet in network.subnets.values {
            subnets[subnet.name.lowercased(), default: []].insert(subnet.vnet)
            subnets[network.subnetName(subnet.id).lowercased(), default: []].insert(subnet.vnet)
        }
    }

    /// Ids of the VNets that a name means, itself or by one of their subnets; sorted.
    func vnets(named name: String) -> [String] {
        if let found = vnets[name] { return found }
        return (subnets[name] ?? []).sorted()
    }

    /// Ids of the VNets one of whose ranges holds the address, sorted.
    func vnets(holding address: IPAddress) -> [String] {
        Array(Set(ranges.flatMap { $0.value[address.masked(to: $0.key)] ?? [] })).sorted()
    }
}
