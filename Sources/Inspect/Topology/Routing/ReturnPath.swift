internal import FlowModel

/// The way of the answer, from whatever the opening reached.
///
/// A NIC answers by its subnet's effective routes towards the client, or towards the device that translated. A private
/// endpoint does not: its reply goes to the host that made the private-link mapping, the last hop whose NIC had the
/// /32, and no route table on its subnet steers it (inferred). What was seen without translation is a table of a
/// published lab and the vendor's guide; where its sources conflict, the answer is unknown.
struct ReturnPath {
    let builder: PathBuilder
    let from: Place
    let to: Place
    let forward: Path

    private var network: Network { builder.network }

    func build() -> Path {
        switch forward.end {
        case .host(.privateEndpoint(let id)): return privateEndpointReply(id)
        case .host(.loadBalancer(let id)): return answer(throughBalancer: id)
        case .host(.nic), .host(.appliance), .host(.gateway), .unclaimed: return answer(from: to)
        case .onPremises: return answer(from: to)
        case .internet: return internetReply()
        case .unknown(let reason):
            var path = Path(source: to, isAnswer: true)
            path.end = .unknown(reason)
            return path
        case .neverAnswered, .dropped, .nothing: return Path(source: to, isAnswer: true)
        }
    }

    /// Devices that put their own address in place of the client's, in the order of the opening.
    private var translators: [Appliance] { forward.appliances.filter { forward.translating.contains($0.id) } }

    private func answer(from place: Place) -> Path {
        var earlier = translators
        guard let last = earlier.popLast() else {
            let path = builder.path(from: place, to: from, isAnswer: true)
            return forward.translationDoubt.map { unlessTranslated(path, $0) } ?? path
        }
        var path = builder.path(from: place, to: builder.place(of: last, on: forward), isAnswer: true)
        guard case .host(.appliance(last.id)) = path.end else { return path }
        path.isOfTranslated = true
        path.appliances.append(last)
        path.facts.append(Fact(text: "\(last.name) translates towards \(to.address)", confidence: .medium))
        goOn(&path, from: last, earlier)
        return path
    }

    /// The machines behind it answer, each by the routes of its own subnet.
    private func answer(throughBalancer id: String) -> Path {
        guard let balancer = network.loadBalancers[id], !balancer.isProxy else { return answer(from: to) }
        let subnets = Set(balancer.interfaces.map { network.interfaces[$0]?.subnet ?? "" }).sorted()
        guard let first = subnets.first, !first.isEmpty else {
            return answerOfUnlisted(behind: balancer)
        }
        let answers = subnets.map { subnet in
            var place = to
            place.endpoint.subnet = subnet
            return answer(from: place)
        }
        let isAlike = answers.allSatisfy {
            $0.inspectors == answers[0].inspectors && $0.end.isLike(answers[0].end)
        }
        return isAlike ? answers[0] : open("the machines behind \(balancer.name) answer by different ways")
    }

    /// Machines of scale sets, and pools of addresses: by whichever subnet of the VNet they stand in.
    private func answerOfUnlisted(behind balancer: LoadBalancer) -> Path {
        let vnet = network.subnets[balancer.subnet].flatMap { network.vnets[$0.vnet] }
        let subnets = (vnet?.subnets ?? []).compactMap { network.subnets[$0] }
            .filter { !$0.isGatewaySubnet && !$0.isFirewallSubnet }
        guard Set(subnets.map { $0.routeTable ?? "" }).count == 1 else {
            return open("not all machines behind \(balancer.name) are in the export: their way back is not known")
        }
        var path = answer(from: to)
        path.facts.append(
            Fact(
                text: "not all machines behind \(balancer.name) are in the export: taken to stand in its VNet",
                confidence: .medium))
        return path
    }

    private func open(_ reason: String) -> Path {
        var path = Path(source: to, isAnswer: true)
        path.facts.append(Fact(text: reason, confidence: .low))
        path.end = .unknown(reason)
        return path
    }

    /// What is known where a device may have put its address in place of the client's: the answer comes back either way
    /// where the client's own way back passes the same devices.
    private func unlessTranslated(_ path: Path, _ doubt: String) -> Path {
        if path.reachesHost || path.isOnPremises, path.inspectors == Array(forward.inspectors.reversed()) {
            return path
        }
        var path = path
        path.facts.append(Fact(text: doubt, confidence: .low))
        path.end = .unknown(doubt)
        return path
    }

    /// From a device on: to the one that translated before it, else to the client.
    private func goOn(_ path: inout Path, from device: Appliance, _ earlier: [Appliance]) {
        var device = device
        path.legStart = path.appliances.count - 1
        for next in earlier.reversed() {
            builder.walk(&path, at: entrySubnet(of: device), to: builder.place(of: next, on: forward))
            guard case .host(.appliance(next.id)) = path.end else { return }
            path.appliances.append(next)
            path.legStart = path.appliances.count - 1
            device = next
        }
        builder.walk(&path, at: entrySubnet(of: device), to: from)
    }

    /// Towards public addresses a firewall translates, and a NIC has a public address of its own: the answer comes back
    /// to whatever stood last.
    private func internetReply() -> Path {
        var path = Path(source: to, isAnswer: true)
        path.hops = [builder.hop(of: to)]
        guard let last = forward.appliances.last else {
            path.hops += forward.hops.dropLast().reversed()
            path.end = .host(.nic(from.endpoint.id))
            return path
        }
        returnThrough(last, &path)
        return path
    }

    /// The answer leaves a device by the interface that the opening came in by.
    private func returnThrough(_ last: Appliance, _ path: inout Path) {
        path.isOfTranslated = !forward.translating.isEmpty
        path.hops.append(
            Hop(kind: last.hopKind, id: last.id, name: last.name, address: last.addresses.first?.description))
        path.appliances.append(last)
        let earlier = forward.appliances.prefix { $0.id != last.id }.filter { forward.translating.contains($0.id) }
        goOn(&path, from: last, Array(earlier))
    }

    private func entrySubnet(of device: Appliance) -> String {
        guard let index = forward.appliances.lastIndex(where: { $0.id == device.id }), index < forward.entries.count
        else { return device.subnet }
        return device.interfaces.first { $0.addresses.contains(forward.entries[index]) }?.subnet ?? device.subnet
    }

    private func privateEndpointReply(_ id: String) -> Path {
        var path = Path(source: to, isAnswer: true)
        path.hops = forward.hops.last.map { [$0] } ?? []
        guard let last = forward.appliances.last else {
            if let device = hubDevice { return hubReply(through: device, path) }
            // Nothing stands between: the reply goes to the client's own host, or to its gateway.
            path.gateway = forward.gateway
            path.hops += forward.hops.dropLast().reversed()
            path.end = from.endpoint.kind == .onPremises ? .onPremises : .host(.nic(from.endpoint.id))
            return path
        }
        if let doubt = forward.translationDoubt, !worksUntranslated(last, id) {
            path.facts.append(Fact(text: doubt, confidence: .low))
            path.end = .unknown(doubt)
            return path
        }
        if let doubt = forward.translationDoubt { path.facts.append(Fact(text: doubt, confidence: .medium)) }
        if !last.returnsWithoutTranslation, !forward.translating.contains(last.id) {
            if last.kind == .azureFirewall, !forward.judgedByRules.contains(last.id) {
                path.facts.append(
                    Fact(
                        text: "network rules do not translate towards \(to.address); an application rule would",
                        confidence: .medium))
            }
            let reply = builder.untranslatedReply(to: forward, through: last, endpoint: id)
            switch reply.outcome() {
            case .dropped(let reason):
                builder.finish(&path, .dropped(reason))
                return path
            case .unknown(let reason):
                path.facts.append(Fact(text: reason, confidence: .low))
                path.end = .unknown(reason)
                return path
            case .works(let fact): if let fact { path.facts.append(fact) }
            }
        }
        if !isAddressed(to: last, from: id) {
            guard network.semantics.replyFollowsMapping == true else {
                path.end = .unknown(
                    "reply_follows_mapping is not set to true: the way of the endpoint's reply is unknown")
                return path
            }
            path.facts.append(Fact(text: "reply_follows_mapping: inferred", confidence: .medium))
        }
        returnThrough(last, &path)
        return path
    }

    /// Translated or not, the answer comes back through the device.
    private func worksUntranslated(_ device: Appliance, _ endpoint: String) -> Bool {
        if case .works = builder.untranslatedReply(to: forward, through: device, endpoint: endpoint).outcome() {
            return true
        }
        return false
    }

    /// The device's own address stands for the client: by mapping or by address, the reply goes there, unless a route table
    /// could count for the endpoint.
    private func isAddressed(to device: Appliance, from endpoint: String) -> Bool {
        let subnet = network.privateEndpoints[endpoint].flatMap { network.subnets[$0.subnet] }
        return forward.translating.contains(device.id) && subnet?.routeTable == nil
    }

    /// The device of the virtual hub to which answers to on-premises go, though the opening passed it by.
    private var hubDevice: Appliance? {
        guard let gateway = forward.gateway,
            let hub = network.subnets[gateway.subnet].flatMap({ network.hubs[$0.vnet] })
        else { return nil }
        return hub.inspected.first { $0.isPrivateIntent && $0.prefix.contains(from.address) }.flatMap {
            network.appliances[$0.device]
        }
    }

    /// On-premises → endpoint passes a hub's firewall by, and replies go to it [learn: how-to-routing-policies].
    private func hubReply(through device: Appliance, _ start: Path) -> Path {
        var path = start
        path.facts.append(
            Fact(
                text: "with private routing intent, answers of private endpoints to on-premises go to \(device.name)",
                confidence: .medium))
        path.gateway = forward.gateway
        returnThrough(device, &path)
        return path
    }
}
