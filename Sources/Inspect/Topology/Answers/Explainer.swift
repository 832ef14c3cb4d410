internal import FlowModel

/// Judges a session by its two paths: does it work, is it symmetric, who inspects it.
struct Explainer {
    let network: Network
    let from: Place
    let to: Place
    let ipProtocol: Int16
    let builder: PathBuilder
    let forward: Path
    let back: Path

    init(network: Network, from: Place, to: Place, ipProtocol: Int16) {
        self.network = network
        self.from = from
        self.to = to
        self.ipProtocol = ipProtocol
        builder = PathBuilder(
            network: network, domain: from.domain < 0 ? to.domain : from.domain, ipProtocol: ipProtocol)
        forward = builder.path(from: from, to: to)
        back = ReturnPath(builder: builder, from: from, to: to, forward: forward).build()
    }

    func explanation() -> Explanation {
        var answer = Explanation(from: from.address.description, to: to.address.description, ipProtocol: ipProtocol)
        answer.forward = forward.hops
        answer.back = back.hops
        answer.forwardInspectors = forward.inspectors
        answer.backInspectors = back.inspectors
        answer.routes = (forward.decisions + back.decisions).flatMap(builder.routes.considered)
        answer.inspected = isInspected
        answer.inspectedBy = forward.appliances.filter(\.inspects).map(\.name)
        (answer.symmetric, answer.symmetricReason) = symmetry()
        (answer.works, answer.why) = verdict(answer)
        cutReturn(&answer)
        let facts = unique(forward.facts + back.facts + protocolFacts())
        answer.restsOn = facts.map(\.text)
        answer.confidence = facts.map(\.confidence).min() ?? .high
        answer.sees = Witnesses(explainer: self, works: answer.works, arrives: arrives(answer)).all()
        answer.remedy = Remedy(explainer: self).all(symmetric: answer.symmetric)
        return answer
    }

    private var isInspected: Bool? {
        if !forward.inspectors.isEmpty { return true }
        if case .unknown = forward.end { return nil }
        return false
    }

    // MARK: Symmetry

    /// Devices that see the answer and never saw the opening.
    var backOnly: [Appliance] {
        back.appliances.filter { device in device.inspects && !forward.inspectors.contains(device.id) }
    }

    var forwardOnly: [Appliance] {
        forward.appliances.filter { device in device.inspects && !back.inspectors.contains(device.id) }
    }

    private func symmetry() -> (Bool?, String) {
        switch forward.end {
        case .unknown(let reason): return (nil, reason)
        case .dropped: return (nil, "nothing arrives, so nothing answers")
        case .neverAnswered: return (nil, "nothing answers")
        default: break
        }
        if case .unknown(let reason) = back.end { return (nil, reason) }
        if case .dropped(let reason) = back.end, backOnly.isEmpty { return (nil, "nothing comes back: \(reason)") }
        if forward.inspectors == Array(back.inspectors.reversed()) {
            return forward.inspectors.isEmpty
                ? (true, "neither way crosses a firewall")
                : (true, "both ways cross \(forward.appliances.filter(\.inspects).map(\.name).joined(separator: ", "))")
        }
        return (false, asymmetryReason())
    }

    private func asymmetryReason() -> String {
        if let device = backOnly.first { return "the opening passes by \(device.name), the answer goes to it" }
        if let device = forwardOnly.first { return "the opening goes through \(device.name), the answer passes by it" }
        return "the answer crosses the firewalls in another order than the opening"
    }

    // MARK: Does it work

    private func verdict(_ answer: Explanation) -> (Bool?, String) {
        switch forward.end {
        case .unknown(let reason): return (nil, reason)
        case .dropped(let reason): return (false, reason)
        case .neverAnswered(let id): return (false, neverAnsweredReason(id))
        case .host(.privateEndpoint(let id)) where network.privateEndpoints[id]?.isApproved == false:
            return (false, "the private endpoint's connection is not approved")
        case .unclaimed: return (nil, "no resource of the export has the address \(to.address)")
        default: break
        }
        switch back.end {
        case .unknown(let reason): return (nil, reason)
        case .dropped(let reason) where backOnly.isEmpty: return (false, reason)
        default: break
        }
        if answer.symmetric == false { return asymmetricVerdict() }
        return (true, workingReason())
    }

    /// A stateful firewall drops a return that has no session [azure-routes, "The way back"].
    private func asymmetricVerdict() -> (Bool?, String) {
        if let device = backOnly.first {
            let reason = "\(device.name) gets the answer and never saw the opening"
            guard ipProtocol == IPProtocol.tcp else {
                return (nil, "\(reason); whether it lets it pass depends on its rules")
            }
            guard !device.isAssumed else { return (nil, "\(reason); whether it keeps sessions is not known") }
            return (false, "\(reason): it has no session for the SYN-ACK and drops it")
        }
        return (nil, "\(asymmetryReason()); whether the firewall lets half a session pass is not stated")
    }

    private func neverAnsweredReason(_ id: String) -> String {
        let name = network.privateEndpoints[id]?.name ?? lastPart(id)
        let protocols =
            network.privateEndpoints[id].flatMap { network.semantics.privateEndpointRouteProtocols[$0.targetKind] }
            ?? []
        let way =
            forward.inspectors.isEmpty
            ? "" : "it goes through \(forward.appliances.map(\.name).joined(separator: ", ")), and "
        return "\(way)\(name) answers \(protocols.sorted().joined(separator: " and ")) only: "
            + "\(builder.protocolName) does not test the way of TCP"
    }

    private func workingReason() -> String {
        let names = forward.appliances.filter(\.inspects).map(\.name).joined(separator: ", ")
        let way = names.isEmpty ? "no firewall stands on the way" : "through \(names)"
        guard names.isEmpty, let decision = forward.decisions.first, decision.winner?.hop == .interfaceEndpoint else {
            return way
        }
        let loser = builder.routes.considered(decision).first {
            $0.source == "user" && ($0.nextHopType == NextHopType.appliance.rawValue) && !$0.chosen
        }
        let at = network.subnetName(decision.subnet)
        guard let loser else { return "\(way): the endpoint's own /32 leads there from \(at)" }
        return
            "\(way): at \(at) the endpoint's own /32 route (InterfaceEndpoint) takes TCP past user route \(loser.prefix) → "
            + "\(loser.nextHop ?? "appliance"), which is shorter"
    }

    /// Where a stateful firewall drops the answer, the path ends there.
    private func cutReturn(_ answer: inout Explanation) {
        guard answer.works == false, let device = backOnly.first,
            let index = answer.back.firstIndex(where: { $0.id == device.id })
        else { return }
        answer.back.removeSubrange((index + 1)...)
        answer.back.append(Hop(kind: .drop, id: nil, name: "no session at \(device.name)", address: nil))
    }

    /// Whether the answer reaches the client.
    private func arrives(_ answer: Explanation) -> Bool? {
        switch back.end {
        case .unknown: return nil
        case .nothing, .dropped: return false
        default: return answer.works
        }
    }

    private func protocolFacts() -> [Fact] {
        guard let kind = privateEndpoint?.targetKind, ipProtocol != IPProtocol.tcp else { return [] }
        let protocols = network.semantics.privateEndpointRouteProtocols[kind] ?? []
        return [
            Fact(
                text:
                    "private_endpoint_route_protocols.\(kind.rawValue) = \(protocols.sorted().joined(separator: ", ")): "
                    + "one published test and a practitioner's", confidence: .medium)
        ]
    }

    /// The private endpoint that the destination is, if it is one.
    var privateEndpoint: PrivateEndpoint? {
        switch forward.end {
        case .host(.privateEndpoint(let id)), .neverAnswered(let id): return network.privateEndpoints[id]
        default: return to.endpoint.kind == .privateEndpoint ? network.privateEndpoints[to.endpoint.id] : nil
        }
    }

    private func unique(_ facts: [Fact]) -> [Fact] {
        var seen: Set<Fact> = []
        return facts.filter { seen.insert($0).inserted }
    }
}
