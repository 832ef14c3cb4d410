internal import FlowModel

/// Hops between VNets: peerings, appliances, gateways.
extension PathBuilder {
    func crossPeering(
        to peer: String, from home: String, _ path: inout Path, source: IPAddress, _ destination: Place
    ) {
        if let refusal = refusal(from: home, to: peer, path: path, source: source, destination: destination.address) {
            return finish(&path, .dropped(refusal))
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
        from home: String, to peer: String, path: Path, source: IPAddress, destination: IPAddress
    ) -> String? {
        guard let link = network.link(from: home, to: peer) else {
            return "no working peering leads to \(lastPart(peer))"
        }
        let name = network.vnets[peer]?.name ?? lastPart(peer)
        let homeName = network.vnets[home]?.name ?? lastPart(home)
        guard link.local.allowsAccess, link.remote?.allowsAccess ?? true else {
            return "the peering of \(homeName) and \(name) does not allow access"
        }
        let isFromHome = network.vnets[home]?.holds(source) ?? true
        guard !isFromHome, let remote = link.remote, !remote.allowsForwardedTraffic else { return nil }
        if let last = path.appliances.last, translates(last, to: destination) { return nil }
        let byGateway = path.appliances.isEmpty && path.gateway != nil
        if byGateway, remote.usesRemoteGateways, link.local.allowsGatewayTransit { return nil }
        return "the peering \(remote.name) of \(name) does not allow forwarded traffic from \(homeName)"
    }

    /// Whether the device replaces the client's address towards this destination.
    func translates(_ appliance: Appliance, to destination: IPAddress) -> Bool {
        let home = network.subnets[appliance.subnet]?.vnet ?? ""
        let isEndpoint = routes.privateEndpoint(at: destination, nearVNet: home) != nil
        return appliance.translates(to: destination, isPrivateEndpoint: isEndpoint)
    }

    func followAppliance(
        _ route: EffectiveRoute, _ path: inout Path, from home: String, source: IPAddress, to destination: Place
    ) -> String? {
        guard let address = route.nextHops.first else {
            path.end = .unknown("the next hop of \(route.prefix) is not in the export")
            return nil
        }
        if route.nextHops.count > 1 {
            path.facts.append(
                Fact(
                    text: "the way back of equal-cost next hops may take another one (VirtualApplianceEcmp)",
                    confidence: .low))
        }
        let peers = (network.links[home] ?? []).map(\.peer)
        guard let vnet = ([home] + peers).first(where: { network.hosts[$0]?[address] != nil }) else {
            missNextHop(address, &path, from: home, peers: peers)
            return nil
        }
        if vnet != home,
            let refusal = refusal(from: home, to: vnet, path: path, source: source, destination: destination.address)
        {
            finish(&path, .dropped(refusal))
            return nil
        }
        guard case .appliance(let id)? = network.hosts[vnet]?[address], let appliance = network.appliances[id] else {
            finish(&path, .dropped("next hop \(address) of \(route.prefix) does not forward: IP forwarding is off"))
            return nil
        }
        if appliance.isAssumed {
            path.facts.append(
                Fact(
                    text: "\(appliance.name) inspects and does not translate: assumed, no overlay entry",
                    confidence: .low))
        }
        path.hops.append(Hop(kind: appliance.hopKind, id: id, name: appliance.name, address: address.description))
        guard !path.appliances.contains(where: { $0.id == id }) else {
            finish(&path, .dropped("the routes lead in a circle at \(appliance.name)"))
            return nil
        }
        path.appliances.append(appliance)
        return appliance.subnet
    }

    private func missNextHop(_ address: IPAddress, _ path: inout Path, from home: String, peers: [String]) {
        let holder = ([home] + peers).first { network.subnet(holding: address, inVNet: $0) != nil }
        if let holder, let subnet = network.subnet(holding: address, inVNet: holder), subnet.isRoutingApplianceSubnet {
            path.hops.append(Hop(kind: .router, id: nil, name: "routing appliance", address: address.description))
            path.end = .unknown("where the routing appliance \(address) sends it is not in the export")
            return
        }
        guard holder == nil, peers.allSatisfy({ network.vnets[$0] != nil }) else {
            return path.end = .unknown("next hop \(address) is no resource of the export")
        }
        finish(&path, .dropped("next hop \(address) lies in no VNet that is reached directly"))
    }

    /// To on-premises, or round through the gateway: spoke → hub gateway → other spoke works, past the firewall [field].
    func followGateway(
        _ route: EffectiveRoute, _ path: inout Path, from home: String, to destination: Place
    ) -> String? {
        let gateway =
            route.target.flatMap { network.gateways[$0] }
            ?? network.gateways(ofVNet: home).first { !$0.isExpressRoute }
        guard let gateway else {
            path.end = .unknown("no gateway for the route \(route.prefix) is in the export")
            return nil
        }
        let isHairpin = path.gateway?.id == gateway.id
        pass(gateway, &path)
        if network.onPremises.contains(where: {
            network.leads(gateway, to: $0) && $0.prefix.contains(destination.address)
        }) {
            finish(&path, .onPremises, hop: hop(of: destination))
            return nil
        }
        guard !isHairpin else {
            finish(&path, .dropped("the routes lead in a circle at \(gateway.name)"))
            return nil
        }
        return gateway.subnet
    }
}
