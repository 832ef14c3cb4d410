internal import FlowModel

/// Appliances of the overlay, and NICs or load balancers that a route names and that forward (design 4.5).
extension NetworkReader {
    mutating func makeAppliances() {
        adoptAddresses()
        makeNamedAppliances()
        // By NIC, not by address: another routing domain may have the same address.
        let taken = Set(network.appliances.values.flatMap(\.interfaces).map(\.id))
        let hops = Set(network.routeTables.values.flatMap(\.routes).flatMap(\.nextHops))
        for balancer in network.loadBalancers.values
        where network.appliances[balancer.id] == nil && balancer.addresses.contains(where: hops.contains) {
            assume(
                id: balancer.id, name: balancer.name, addresses: balancer.addresses, subnet: balancer.subnet,
                nics: balancer.interfaces.compactMap { network.interfaces[$0] }, balancer: balancer)
        }
        for nic in network.interfaces.values
        where nic.forwards && nic.privateEndpoint == nil && !taken.contains(nic.id)
            && nic.addresses.contains(where: hops.contains)
        {
            assume(id: nic.id, name: machineName(of: nic), addresses: nic.addresses, subnet: nic.subnet, nics: [nic])
        }
    }

    /// Templates leave a firewall's address to Azure. Its subnet holds nothing else, so the one address there to which
    /// routes lead is taken for it.
    private mutating func adoptAddresses() {
        let hops = Set(network.routeTables.values.flatMap(\.routes).flatMap(\.nextHops))
        for firewall in network.appliances.values where firewall.addresses.isEmpty {
            let prefixes = network.subnets[firewall.subnet]?.prefixes ?? []
            let named = hops.filter { hop in prefixes.contains { $0.contains(hop) } }
            guard let address = named.first, named.count == 1 else {
                report(firewall.id, "ipConfigurations.privateIPAddress", "is missing")
                continue
            }
            network.appliances[firewall.id]?.addresses = [address]
            network.appliances[firewall.id]?.hasAdoptedAddress = true
            report(
                firewall.id, "ipConfigurations.privateIPAddress",
                "is missing: taken to be \(address), to which routes lead and which lies in its subnet")
        }
    }

    private mutating func makeNamedAppliances() {
        guard !network.overlay.appliances.isEmpty else { return }
        let byAddress = Dictionary(
            grouping: network.interfaces.values.flatMap { nic in nic.addresses.map { ($0, nic.id) } }, by: \.0)
        for device in network.overlay.appliances {
            makeAppliance(device, nics: { address in (byAddress[address] ?? []).map(\.1) })
        }
    }

    private mutating func assume(
        id: String, name: String, addresses: [IPAddress], subnet: String, nics: [NetworkInterface],
        balancer: LoadBalancer? = nil
    ) {
        let isRouter = network.subnets[subnet]?.isRoutingApplianceSubnet ?? false
        network.appliances[id] = Appliance(
            id: id, name: name, kind: isRouter ? .router : .networkAppliance, addresses: addresses, subnet: subnet,
            inspects: !isRouter, isAssumed: !isRouter, translation: .never, tier: "appliance", capacityMbps: nil,
            singleFlowMbps: nil, returnsWithoutTranslation: nics.contains { $0.returnsWithoutTranslation },
            interfaces: interfaces(of: nics), machines: max(1, nics.count),
            keepsSessionsTogether: keeps(balancer, nics))
    }

    private mutating func makeAppliance(_ device: Overlay.Device, nics holding: (IPAddress) -> [String]) {
        let found = device.interfaces.map { text in
            (text: text, ids: network.interfaces[text] != nil ? [text] : IPAddress(text).map(holding) ?? [])
        }
        let nics = Set(found.flatMap(\.ids)).sorted().compactMap { network.interfaces[$0] }
        let balancers = device.loadBalancer.map(loadBalancers(named:)) ?? []
        let balancer = balancers.count == 1 ? balancers.first : nil
        tellMissing(
            of: device, interfaces: found.filter(\.ids.isEmpty).map(\.text), balancerCount: balancers.count,
            isLost: balancer == nil && nics.isEmpty)
        guard let subnet = balancer?.subnet ?? nics.first?.subnet else { return }
        let behind = (balancer?.interfaces ?? []).compactMap { network.interfaces[$0] }
        let all = nics + behind.filter { nic in !nics.contains { $0.id == nic.id } }
        let id = balancer?.id ?? nics[0].id
        network.appliances[id] = Appliance(
            id: id, name: device.name, kind: .networkAppliance,
            addresses: (balancer?.addresses ?? []) + all.flatMap(\.addresses), subnet: subnet,
            inspects: device.inspects, isAssumed: device.translation == nil,
            translation: device.translation ?? .never, tier: "appliance",
            capacityMbps: device.capacityMbps, singleFlowMbps: nil,
            returnsWithoutTranslation: all.contains { $0.returnsWithoutTranslation },
            interfaces: interfaces(of: all), machines: max(1, Set(behind.map { $0.machine ?? $0.id }).count),
            keepsSessionsTogether: keeps(balancer, behind))
        for nic in nics { network.interfaces[nic.id] = nic.with(forwards: true) }
    }

    private mutating func tellMissing(
        of device: Overlay.Device, interfaces: [String], balancerCount: Int, isLost: Bool
    ) {
        let rest = isLost ? "\(device.name) is left out" : "the rest of \(device.name) is used"
        for text in interfaces {
            report(
                device.place, "interfaces",
                "names no NIC of the export: \(text); wanted is a NIC's id or address; \(rest)")
        }
        guard let text = device.loadBalancer, balancerCount != 1 else { return }
        let what =
            balancerCount == 0
            ? "names no load balancer of the export with a private frontend: \(text); wanted is its id or name"
            : "is the name of \(balancerCount) load balancers: \(text); wanted is the id of one"
        report(device.place, "load_balancer", "\(what); \(rest)")
    }

    /// Those that an id or a name means.
    private func loadBalancers(named text: String) -> [LoadBalancer] {
        if let known = network.loadBalancers[text] { return [known] }
        return network.loadBalancers.values.filter { !$0.isProxy && $0.name.lowercased() == text }
    }

    /// Two instances behind a load balancer see one session whole only where it hashes both ways alike: with HA ports.
    /// Nil where the export does not hold the rules [seed; learn: load-balancer-ha-ports-overview].
    private func keeps(_ balancer: LoadBalancer?, _ nics: [NetworkInterface]) -> Bool? {
        guard let balancer, nics.count > 1 else { return true }
        return balancer.hasRules ? balancer.hasHAPorts : nil
    }

    private func interfaces(of nics: [NetworkInterface]) -> [Appliance.Interface] {
        nics.map {
            Appliance.Interface(
                id: $0.id, subnet: $0.subnet, addresses: $0.addresses, isPublic: $0.hasPublicAddress,
                forwards: $0.forwards)
        }
    }

    private func machineName(of nic: NetworkInterface) -> String {
        nic.machine.map(network.name) ?? nic.name
    }
}
