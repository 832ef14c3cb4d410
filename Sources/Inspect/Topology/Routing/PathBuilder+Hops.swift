internal import FlowModel

/// Hops between VNets: peerings and appliances.
extension PathBuilder {
    func crossPeering(
        to peer: String, from home: String, _ path: inout Path, _ destination: Place
    ) {
        if let refusal = refusal(from: home, to: peer, path: path, destination: destination.address) {
            return refuse(&path, refusal, from: home, to: peer)
        }
        deliverInPeer(&path, peer, destination)
    }

    private func deliverInPeer(_ path: inout Path, _ peer: String, _ destination: Place) {
        guard network.vnets[peer] != nil else {
            return path.end = .unknown(
                "VNet \(lastPart(peer)), which holds \(destination.address), is not in the export")
        }
        deliverPacket(&path, in: peer, to: destination)
    }

    /// Why the VNet `peer` does not take a packet from `home`: access is off, or the packet's source does not lie in
    /// `home` and forwarded traffic is not allowed. A gateway's own transit needs no such permission [learn:
    /// virtual-network-peering-overview]; a device that translates is the source itself.
    func refusal(
        from home: String, to peer: String, path: Path, destination: IPAddress
    ) -> String? {
        guard let link = network.link(from: home, to: peer) else {
            return "no working peering leads to \(lastPart(peer))"
        }
        let name = network.vnets[peer]?.name ?? lastPart(peer)
        let homeName = network.vnets[home]?.name ?? lastPart(home)
        guard link.allowsAccess else {
            return "the peering of \(homeName) and \(name) does not allow access"
        }
        let isFromHome = network.vnets[home]?.holds(path.source.address) ?? true
        guard !isFromHome, let remote = link.remote, !remote.allowsForwardedTraffic else { return nil }
        if let last = path.appliances.last, path.translating.contains(last.id) { return nil }
        let byGateway = path.appliances.isEmpty && path.gateway != nil
        if byGateway, remote.usesRemoteGateways, link.local.allowsGatewayTransit { return nil }
        return "the peering \(remote.name) of \(name) does not allow forwarded traffic from \(homeName)"
    }

    /// Ends the path at a peering, and says where it is not stated that it ends there.
    func refuse(_ path: inout Path, _ refusal: String, from home: String, to peer: String) {
        guard let link = network.link(from: home, to: peer) else { return finish(&path, .dropped(refusal)) }
        guard !path.isAnswer || !path.isOfTranslated || !link.allowsAccess else {
            let reason = "\(refusal): whether a translated session's answers need it is not stated"
            path.facts.append(Fact(text: reason, confidence: .low))
            path.end = .unknown(reason)
            return
        }
        if !link.allowsAccess {
            path.facts.append(
                Fact(
                    text: "whether another route takes the place of a peering without access is not stated",
                    confidence: .low))
        } else if path.appliances.isEmpty, path.gateway != nil {
            path.facts.append(
                Fact(
                    text: "what becomes of a gateway's packets where forwarded traffic is not allowed is not stated",
                    confidence: .low))
        } else {
            // [learn: virtual-network-manage-peering; field: azure-docs 48390, a published test of 2021]
            path.facts.append(
                Fact(
                    text: "a peering that does not allow forwarded traffic drops it: some saw it pass",
                    confidence: .medium)
            )
        }
        finish(&path, .dropped(refusal))
    }

    /// Whether the device replaces the client's address towards this destination.
    func translates(_ appliance: Appliance, to destination: Place) -> Bool {
        appliance.translates(to: destination.address, isPrivateEndpoint: destination.endpoint.kind == .privateEndpoint)
    }

    func followAppliance(
        _ route: EffectiveRoute, _ path: inout Path, at subnet: String, to destination: Place
    ) -> String? {
        let home = network.subnets[subnet]?.vnet ?? ""
        let device = route.nextHops.isEmpty ? route.target.flatMap { network.appliances[$0] } : nil
        if let device, route.name != nil, network.hubs[home] == nil {
            path.facts.append(
                Fact(
                    text: "the next hop of \(route.prefix) is an expression that names \(device.name)",
                    confidence: .medium))
        }
        guard let address = route.nextHops.first ?? device.map({ $0.addresses.first ?? .none }) else {
            path.end = .unknown("the next hop of \(route.prefix) is not in the export")
            return nil
        }
        guard
            let vnet = device.flatMap({ network.subnets[$0.subnet]?.vnet }) ?? network.vnet(having: address, near: home)
        else {
            return missNextHop(address, &path, from: home)
        }
        if vnet != home, let names = network.link(from: home, to: vnet)?.local.localSubnetNames,
            !names.contains(network.subnets[subnet]?.name.lowercased() ?? "")
        {
            path.end = .unknown(
                "whether \(network.subnetName(subnet)) reaches next hop \(address) over a subnet peering that leaves it out is "
                    + "not stated")
            return nil
        }
        if vnet != home, route.source == .user, let hub = network.hubs[vnet] {
            path.end = .unknown(
                "next hop \(address) of \(route.prefix) is in virtual hub \(hub.name): a user route's next hop must be reached "
                    + "directly, not behind a virtual WAN")
            return nil
        }
        let appliance = device ?? self.appliance(at: address, in: vnet)
        guard appliance != nil || address == destination.address else {
            finish(&path, .dropped("next hop \(address) of \(route.prefix) does not forward: IP forwarding is off"))
            return nil
        }
        if vnet != home,
            let refusal = refusal(from: home, to: vnet, path: path, destination: destination.address)
        {
            refuse(&path, refusal, from: home, to: vnet)
            return nil
        }
        guard let appliance, address != destination.address else {
            path.facts.append(
                Fact(
                    text: "the next hop of \(route.prefix) is the destination itself: taken to arrive",
                    confidence: .medium)
            )
            deliverPacket(&path, in: vnet, to: destination)
            return nil
        }
        if appliance.addresses.contains(destination.address) {
            // The session is with the device itself: it arrives.
            finish(
                &path, .host(.appliance(appliance.id)),
                hop: Hop(
                    kind: appliance.hopKind, id: appliance.id, name: appliance.name, address: address.description))
            return nil
        }
        if let balancer = balancer(at: address, in: vnet), let refusal = noRule(of: balancer, at: address) {
            path.end = .unknown(refusal)
            return nil
        }
        if let refusal = appliance.refusesToForward(enteredAt: address) {
            finish(&path, .dropped(refusal))
            return nil
        }
        if let doubt = equalCostDoubt(route, through: appliance, &path, near: home, to: destination) {
            path.end = .unknown(doubt)
            return nil
        }
        return pass(appliance, enteredAt: address, &path, to: destination)
    }

    private func appliance(at address: IPAddress, in vnet: String) -> Appliance? {
        guard case .appliance(let id)? = network.hosts[vnet]?[address] else { return nil }
        return network.appliances[id]
    }

    private func balancer(at address: IPAddress, in vnet: String) -> String? {
        guard !network.loadBalancers.isEmpty, case .appliance(let id)? = network.hosts[vnet]?[address] else {
            return nil
        }
        return network.loadBalancers[id]?.addresses.contains(address) == true ? id : nil
    }

    /// Through a device: where the next decision falls, or nil where it is a circle.
    func pass(
        _ appliance: Appliance, enteredAt address: IPAddress, _ path: inout Path, to destination: Place
    ) -> String? {
        if appliance.isAssumed {
            path.facts.append(
                Fact(
                    text:
                        "\(appliance.name) \(appliance.inspects ? "inspects and " : "")does not translate: assumed, no "
                        + "overlay entry says so",
                    confidence: .low))
        }
        if appliance.hasAdoptedAddress {
            path.facts.append(
                Fact(text: "the export names no address of \(appliance.name): that of its routes", confidence: .medium))
        }
        path.hops.append(
            Hop(
                kind: appliance.hopKind, id: appliance.id, name: appliance.name,
                address: address.isNone ? nil : address.description))
        guard !path.appliances[path.legStart...].contains(where: { $0.id == appliance.id }) else {
            finish(&path, .dropped("the routes lead in a circle at \(appliance.name)"))
            return nil
        }
        let exit = appliance.exit(towards: destination.address, enteredAt: address)
        guard path.isAnswer || judge(appliance, enteredAt: address, exit: exit, &path, to: destination) else {
            return nil
        }
        path.appliances.append(appliance)
        path.entries.append(address)
        path.exits[appliance.id] = appliance.interfaces.first { $0.subnet == exit }?.addresses.first {
            $0.isIPv4 == path.source.address.isIPv4
        }
        if exit != appliance.subnet {
            path.facts.append(
                Fact(
                    text:
                        "\(appliance.name) sends it on from \(network.subnetName(exit)): how it routes is in no export",
                    confidence: .low))
        }
        return exit
    }

    /// What the device's rules, or the groups of its NICs, do with an opening.
    private func judge(
        _ appliance: Appliance, enteredAt address: IPAddress, exit: String, _ path: inout Path, to destination: Place
    ) -> Bool {
        if appliance.kind == .azureFirewall { return rule(appliance, &path, to: destination) }
        if translates(appliance, to: destination) { path.translating.insert(appliance.id) }
        return letThrough(appliance, enteredAt: address, exit: exit, &path, to: destination)
    }

    /// Any of several next hops may be taken, and without translation the way back may take another one
    /// [learn REST 2026-01-01: VirtualApplianceEcmp]. They are one device where they belong to one. Why it is not known what
    /// becomes of a packet, where they are not alike; nil where they are.
    private func equalCostDoubt(
        _ route: EffectiveRoute, through appliance: Appliance, _ path: inout Path, near home: String,
        to destination: Place
    ) -> String? {
        let others = route.nextHops.dropFirst().filter { !appliance.addresses.contains($0) }
        guard !others.isEmpty else { return nil }
        path.equalCost.insert(appliance.id)
        let isAlike = others.allSatisfy { address in
            guard let vnet = network.vnet(having: address, near: home),
                case .appliance(let id)? = network.hosts[vnet]?[address], let other = network.appliances[id]
            else { return false }
            return other.inspects == appliance.inspects && other.refusesToForward(enteredAt: address) == nil
                && translates(other, to: destination) == translates(appliance, to: destination)
        }
        guard isAlike else {
            return
                "the \(route.nextHops.count) equal-cost next hops of \(route.prefix) are not alike: not all are known to "
                + "forward, to inspect and to translate as \(appliance.name) does"
        }
        path.facts.append(
            Fact(
                text: "one of \(route.nextHops.count) equal-cost next hops is taken (VirtualApplianceEcmp)",
                confidence: .low))
        return nil
    }

    private func missNextHop(_ address: IPAddress, _ path: inout Path, from home: String) -> String? {
        let peers = network.tables.vnets[home]?.links.keys.sorted() ?? []
        var holders = network.subnet(holding: address, inVNet: home) == nil ? [] : [home]
        network.tables.vnets[home]?.system.forEachMatch(address) { _, rows in
            holders += rows.compactMap(\.target).filter { network.subnet(holding: address, inVNet: $0) != nil }
        }
        let holder = holders.first
        if let holder, let subnet = network.subnet(holding: address, inVNet: holder), subnet.isRoutingApplianceSubnet {
            path.hops.append(Hop(kind: .router, id: nil, name: "routing appliance", address: address.description))
            path.facts.append(
                Fact(
                    text:
                        "the routing appliance at \(address) inspects nothing and follows the routes of its subnet (preview)",
                    confidence: .low))
            path.routers += 1
            guard path.routers <= PathBuilder.deviceLimit else {
                finish(&path, .dropped("the routes lead in a circle at \(address)"))
                return nil
            }
            return subnet.id
        }
        if let holder {
            path.end = .unknown("next hop \(address) in \(lastPart(holder)) is no resource of the export")
        } else if peers.contains(where: { network.vnets[$0] == nil }) {
            path.end = .unknown("next hop \(address) is no resource of the export")
        } else {
            finish(&path, .dropped("next hop \(address) lies in no VNet that is reached directly"))
        }
        return nil
    }
}
