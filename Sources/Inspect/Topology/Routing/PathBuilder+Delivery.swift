internal import FlowModel

/// The end of a path: a private endpoint by its /32, or whatever has the address in a VNet.
extension PathBuilder {
    /// By the /32. Over a peering, what a device forwards untranslated needs forwarded traffic allowed.
    func enterPrivateEndpoint(
        _ id: String, _ path: inout Path, from home: String, _ destination: Place
    ) {
        let vnet = network.privateEndpoints[id].flatMap { network.subnets[$0.subnet]?.vnet } ?? home
        if vnet != home, let link = network.link(from: home, to: vnet), !link.allowsAccess {
            let names = [home, vnet].map { network.vnets[$0]?.name ?? lastPart($0) }
            path.end = .unknown(
                "the peering of \(names[0]) and \(names[1]) does not allow access: whether a private endpoint's /32 leads "
                    + "over it is not stated")
            return
        }
        if vnet != home, !path.appliances.isEmpty,
            let refusal = refusal(from: home, to: vnet, path: path, destination: destination.address)
        {
            return refuse(&path, refusal, from: home, to: vnet)
        }
        arrive(at: id, &path, destination)
    }

    /// At a private endpoint that answers, unless the last device lets packets out that its host drops.
    private func arrive(at id: String, _ path: inout Path, _ destination: Place) {
        if path.translationDoubt == nil, let last = path.appliances.last, !last.returnsWithoutTranslation,
            !path.translating.contains(last.id)
        {
            let reply = untranslatedReply(to: path, through: last, endpoint: id)
            if case .dropped(let reason) = reply.outcome() {
                path.needsTranslation = true
                path.facts += UntranslatedReply.facts(
                    of: last, towards: destination.address, isRuled: path.judgedByRules.contains(last.id))
                return finish(&path, .dropped(reason))
            }
        }
        finish(&path, .host(.privateEndpoint(id)), hop: privateEndpointHop(id, destination.address))
    }

    /// A device that translates stands for the client where a later one does not.
    func untranslatedReply(to path: Path, through last: Appliance, endpoint: String) -> UntranslatedReply {
        let seen = path.appliances.last { path.translating.contains($0.id) }
        return UntranslatedReply(
            shared: shared, from: seen.map { place(of: $0, on: path) } ?? path.source,
            gateway: seen == nil ? path.gateway : nil,
            device: last, endpoint: endpoint)
    }

    /// `path` is the way that leads through it: it shows the address by which it sent the packets on.
    func place(of device: Appliance, on path: Path) -> Place {
        Place(
            address: path.shown(by: device), domain: domain,
            endpoint: Endpoint(
                kind: device.kind == .azureFirewall ? .firewall : .appliance, id: device.id, name: device.name,
                subnet: device.subnet, domain: domain, observer: -1))
    }

    private func privateEndpointHop(_ id: String, _ address: IPAddress) -> Hop {
        Hop(
            kind: .privateEndpoint, id: id, name: network.privateEndpoints[id]?.name ?? lastPart(id),
            address: address.description)
    }

    /// A user route to an endpoint whose next hop is a VNet needs `privateEndpointVNetPolicies`, or connectivity breaks
    /// [field: azure-docs 119645].
    func deliverLocally(_ route: EffectiveRoute, _ path: inout Path, in vnet: String, to destination: Place) {
        if route.source == .user, case .privateEndpoint? = network.hosts[vnet]?[destination.address],
            network.vnets[vnet]?.hasHighScaleEndpoints != true
        {
            path.facts.append(
                Fact(
                    text: "a route to an endpoint by VnetLocal without privateEndpointVNetPolicies is said to break it",
                    confidence: .low))
            return finish(
                &path,
                .dropped(
                    "user route \(route.prefix) → VnetLocal to a private endpoint needs privateEndpointVNetPolicies of "
                        + lastPart(vnet)))
        }
        guard route.source != .user || network.vnets[vnet]?.holds(destination.address) == true else {
            path.end = .unknown(
                "what becomes of \(destination.address) by user route \(route.prefix) → VnetLocal, outside the VNet's ranges, "
                    + "is not stated")
            return
        }
        deliverPacket(&path, in: vnet, to: destination)
    }

    /// Why it is not known what a load balancer does: none of its rules takes such a session.
    func noRule(of id: String, at address: IPAddress) -> String? {
        guard let balancer = network.loadBalancers[id], !balancer.isProxy,
            balancer.takes(protocolName, port: port, at: address) == false
        else { return nil }
        let session = port.map { "\(protocolName) to port \($0)" } ?? protocolName
        return "no rule of load balancer \(balancer.name) takes \(session)"
    }

    /// Hands a packet to whatever has the address in the VNet.
    func deliverPacket(_ path: inout Path, in vnet: String, to destination: Place) {
        let address = destination.address
        switch network.hosts[vnet]?[address] {
        case .privateEndpoint(let id)?:
            // Without its /32 a packet still goes there by the VNet's route; only what the /32 steers is answered.
            let kind = network.privateEndpoints[id]?.targetKind ?? .platform
            let isAnswered = network.semantics.privateEndpointRouteProtocols[kind]?.contains(protocolName) ?? false
            guard !isAnswered else { return arrive(at: id, &path, destination) }
            finish(&path, .neverAnswered(id), hop: privateEndpointHop(id, address))
        case .nic(let id)?:
            finish(
                &path, .host(.nic(id)),
                hop: Hop(kind: .nic, id: id, name: hop(of: destination).name, address: address.description))
        case .appliance(let id)?:
            guard let appliance = network.appliances[id] else { return path.end = .unclaimed }
            finish(
                &path, .host(.appliance(id)),
                hop: Hop(kind: appliance.hopKind, id: id, name: appliance.name, address: address.description))
        case .gateway(let id)?:
            finish(
                &path, .host(.gateway(id)),
                hop: Hop(kind: .gateway, id: id, name: lastPart(id), address: address.description))
        case .loadBalancer(let id)?:
            if let refusal = noRule(of: id, at: address) { return path.end = .unknown(refusal) }
            finish(
                &path, .host(.loadBalancer(id)),
                hop: Hop(
                    kind: .loadBalancer, id: id, name: network.name(of: id), address: address.description))
        case nil:
            guard network.vnets[vnet] != nil else {
                return path.end = .unknown("VNet \(lastPart(vnet)) is not in the export")
            }
            let subnet = network.subnet(holding: address, inVNet: vnet)
            let name = subnet.map { network.subnetName($0.id) } ?? lastPart(vnet)
            finish(
                &path, .unclaimed,
                hop: Hop(kind: .nic, id: nil, name: "\(name) \(address)", address: address.description))
        }
    }
}
