internal import FlowModel

/// What follows from all resources together: appliances, peerings that work, who has which address.
extension NetworkReader {
    /// Appliances of the overlay, and NICs or load balancers that a route names and that forward (design 4.5).
    mutating func makeAppliances() {
        for device in network.overlay.appliances { makeAppliance(device) }
        let taken = Set(network.appliances.values.flatMap(\.addresses))
        let hops = Set(network.routeTables.values.flatMap(\.routes).flatMap(\.nextHops)).subtracting(taken)
        for balancer in network.loadBalancers.values where balancer.addresses.contains(where: hops.contains) {
            assume(id: balancer.id, name: balancer.name, addresses: balancer.addresses, subnet: balancer.subnet)
        }
        for nic in network.interfaces.values
        where nic.forwards && nic.privateEndpoint == nil && nic.addresses.contains(where: hops.contains) {
            assume(
                id: nic.id, name: machineName(of: nic), addresses: nic.addresses, subnet: nic.subnet,
                returnsWithoutTranslation: nic.returnsWithoutTranslation)
        }
    }

    private mutating func assume(
        id: String, name: String, addresses: [IPAddress], subnet: String, returnsWithoutTranslation: Bool = false
    ) {
        let isRouter = network.subnets[subnet]?.isRoutingApplianceSubnet ?? false
        network.appliances[id] = Appliance(
            id: id, name: name, kind: isRouter ? .router : .networkAppliance, addresses: addresses, subnet: subnet,
            inspects: !isRouter, isAssumed: !isRouter, translation: .never, tier: "appliance", capacityMbps: nil,
            singleFlowMbps: nil, returnsWithoutTranslation: returnsWithoutTranslation)
    }

    private mutating func makeAppliance(_ device: Overlay.Device) {
        let nics = network.interfaces.values.filter { nic in
            device.interfaces.contains(nic.id) || nic.addresses.contains { device.interfaces.contains($0.description) }
        }.sorted { $0.id < $1.id }
        let balancer = device.loadBalancer.flatMap { network.loadBalancers[$0] }
        guard let subnet = balancer?.subnet ?? nics.first?.subnet else {
            return report("overlay", "appliances.\(device.name)", "none of its interfaces is in the export")
        }
        let id = balancer?.id ?? nics[0].id
        network.appliances[id] = Appliance(
            id: id, name: device.name, kind: .networkAppliance,
            addresses: (balancer?.addresses ?? []) + nics.flatMap(\.addresses), subnet: subnet,
            inspects: device.inspects, isAssumed: false, translation: device.translation, tier: "appliance",
            capacityMbps: device.capacityMbps, singleFlowMbps: nil,
            returnsWithoutTranslation: nics.contains { $0.returnsWithoutTranslation })
        for nic in nics { network.interfaces[nic.id]?.forwards = true }
    }

    private func machineName(of nic: NetworkInterface) -> String {
        nic.machine.map { network.names[$0] ?? lastPart($0) } ?? nic.name
    }

    /// A peering works where both sides are Connected; the side that the export lacks is believed (topology exports, 15).
    mutating func makeLinks() {
        for vnet in network.vnets.values.sorted(by: { $0.id < $1.id }) {
            for peering in vnet.peerings.sorted(by: { $0.id < $1.id }) {
                guard peering.isConnected else { continue }
                guard let remote = network.vnets[peering.remote] else {
                    network.links[vnet.id, default: []].append(PeeringLink(local: peering, remote: nil))
                    continue
                }
                guard let back = remote.peerings.first(where: { $0.remote == vnet.id }), back.isConnected else {
                    continue
                }
                network.links[vnet.id, default: []].append(PeeringLink(local: peering, remote: back))
            }
        }
    }

    mutating func makeHosts() {
        for balancer in network.loadBalancers.values.sorted(by: { $0.id > $1.id }) {
            place(.loadBalancer(balancer.id), balancer.addresses, in: balancer.subnet)
        }
        for gateway in network.gateways.values.sorted(by: { $0.id > $1.id }) {
            place(.gateway(gateway.id), gateway.addresses, in: gateway.subnet)
        }
        for nic in network.interfaces.values.sorted(by: { $0.id > $1.id }) where nic.privateEndpoint == nil {
            place(.nic(nic.id), nic.addresses, in: nic.subnet)
        }
        for endpoint in network.privateEndpoints.values.sorted(by: { $0.id > $1.id }) {
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
