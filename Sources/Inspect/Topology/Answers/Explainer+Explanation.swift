internal import FlowModel

/// The judgement in words: the answer of `flowsight explain`.
extension Explainer {
    func explanation() -> Explanation {
        var answer = verdictInWords()
        answer.routes = (forward.decisions + back.decisions).flatMap(builder.routes.considered)
        answer.remedy = Remedy(explainer: self).all(symmetric: answer.symmetric)
        return answer
    }

    /// Without the rows of route tables and the remedies, which take as long as all the rest.
    func verdictInWords() -> Explanation {
        var answer = Explanation(from: from.address.description, to: to.address.description, ipProtocol: ipProtocol)
        answer.forward = forward.hops
        answer.back = back.hops
        answer.forwardInspectors = forward.inspectors
        answer.backInspectors = back.inspectors
        answer.inspected = isInspected
        answer.inspectedBy = forward.appliances.filter(\.inspects).map(\.name)
        (answer.symmetric, answer.symmetricReason) = (isSymmetric, symmetricReason)
        (answer.works, answer.why) = verdict()
        cutReturn(&answer)
        let facts = unique(forward.facts + back.facts + protocolFacts() + importFacts())
        answer.restsOn = facts.map(\.text)
        // An answer that tells nothing is sure of nothing, whatever it rests on.
        let tellsNothing = answer.works == nil && answer.inspected == nil
        answer.confidence = tellsNothing ? .low : facts.map(\.confidence).min() ?? .high
        answer.sees = Witnesses(explainer: self, works: answer.works, arrives: arrives(answer)).all()
        return answer
    }

    private var symmetricReason: String {
        if let incomparable { return incomparable }
        guard isSymmetric == true else { return asymmetryReason }
        return forward.inspectors.isEmpty
            ? "neither way crosses a firewall"
            : "both ways cross \(forward.appliances.filter(\.inspects).map(\.name).joined(separator: ", "))"
    }

    private func verdict() -> (Bool?, String) {
        switch outcome {
        case .works: return (true, ([workingReason()] + forward.notes).joined(separator: "; "))
        case .fails(let reason): return (false, reason)
        case .unknown(let reason): return (nil, reason)
        case .neverAnswered(let id): return (false, neverAnsweredReason(id))
        case .asymmetric: return asymmetricVerdict()
        }
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
        if answer.works == false { return false }
        switch back.end {
        case .unknown: return nil
        case .nothing, .dropped: return false
        default: break
        }
        // The answer's way is known, though not what a firewall makes of half a session.
        if case .asymmetric = outcome { return answer.works ?? true }
        return answer.works
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

    /// What stands on the missing pages may be a route, a rule, a peering.
    private func importFacts() -> [Fact] {
        guard let first = network.incompleteDocuments.first else { return [] }
        let count = network.incompleteDocuments.count
        let others = count > 1 ? " and \(count - 1) more" : ""
        return [Fact(text: "the export is not whole: pages are missing of \(first)\(others)", confidence: .medium)]
    }

    private func unique(_ facts: [Fact]) -> [Fact] {
        var seen: Set<Fact> = []
        return facts.filter { seen.insert($0).inserted }
    }
}
