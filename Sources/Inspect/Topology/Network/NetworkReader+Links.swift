internal import FlowModel

/// What follows from all resources together: peerings that work, who has which address.
extension NetworkReader {
    /// A peering works where both sides are Connected; the side that the export lacks is believed (topology exports, 15).
    mutating func makeLinks() {
        var backs: [String: [String: Peering]] = [:]
        for vnet in network.vnets.values {
            backs[vnet.id] = Dictionary(vnet.peerings.map { ($0.remote, $0) }) { first, _ in first }
        }
        for vnet in network.vnets.values.sorted(by: { $0.id < $1.id }) {
            let links = vnet.peerings.sorted(by: { $0.id < $1.id }).compactMap { link($0, of: vnet, backs) }
            if !links.isEmpty { network.links[vnet.id] = links }
        }
    }

    private func link(
        _ peering: Peering, of vnet: VirtualNetwork, _ backs: [String: [String: Peering]]
    ) -> PeeringLink? {
        guard peering.isConnected else { return nil }
        guard let remote = network.vnets[peering.remote] else { return PeeringLink(local: peering, remote: nil) }
        guard let back = backs[remote.id]?[vnet.id], back.isConnected else { return nil }
        return PeeringLink(local: peering, remote: back)
    }

    /// What nothing else explains is on-premises where its domain has a gateway: no export holds what a gateway learns.
    mutating func assumeOnPremises() {
        guard !network.gateways.isEmpty else { return }
        for prefix in Appliance.defaultPrivateRanges {
            network.onPremises.append(
                OnPremises(
                    name: "on-premises (assumed)", prefix: prefix, gateways: [], isOverlay: false, isAssumed: true))
        }
    }

    mutating func makeHosts() {
        for balancer in network.loadBalancers.values.sorted(by: { $0.id > $1.id }) {
            place(.loadBalancer(balancer.id), balancer.addresses, in: balancer.subnet)
        }
        for gateway in network.gateways.values.sorted(by: { $0.id > $1.id }) {
            place(.gateway(gateway.id), gateway.addresses, in: gateway.subnet)
        }
        for id in workloadIDs.reversed() {
            guard let nic = network.interfaces[id] else { continue }
            place(.nic(id), nic.addresses, in: nic.subnet)
        }
        for endpoint in endpoints.reversed() {
            place(.privateEndpoint(endpoint.id), endpoint.addresses, in: endpoint.subnet)
        }
        // Last: an appliance's NIC is an appliance.
        for appliance in network.appliances.values.sorted(by: { $0.id > $1.id }) {
            place(.appliance(appliance.id), appliance.addresses, in: appliance.subnet)
        }
    }

    private mutating func place(_ host: Network.Host, _ addresses: [IPAddress], in subnet: String) {
        guard let vnet = network.subnets[subnet]?.vnet else { return }
        for address in addresses { network.hosts[vnet, default: [:]][address] = host }
    }
}
