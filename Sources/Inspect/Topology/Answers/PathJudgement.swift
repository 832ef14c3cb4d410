internal import FlowModel

/// What an explanation decides, without its words: for every session of a live log.
package struct PathJudgement: Sendable, Hashable {
    /// Whether the session can work at all; nil = cannot tell.
    package var works: Bool?
    /// Whether the answer crosses the same firewalls and appliances as the opening; nil = cannot tell.
    package var symmetric: Bool?
    /// Whether a firewall or an inspecting appliance stands on the forward path; nil = cannot tell.
    package var inspected: Bool?
    /// True where the model lets the opening reach a private endpoint.
    package var reachesPrivateEndpoint: Bool
    /// Lower-cased ids of the firewalls and inspecting appliances that the routes put on each path, in its order.
    package var forwardInspectors: [String]
    package var backInspectors: [String]
}

extension Topology {
    /// The verdicts of `explain` on the same session, at a fraction of its cost.
    package func judge(from: Place, to: Place, ipProtocol: Int16, port: Int? = nil) -> PathJudgement {
        let explainer = Explainer(
            shared: shared, from: from, to: destination(to, from: from), ipProtocol: ipProtocol, port: port)
        let works = explainer.works
        return PathJudgement(
            works: works, symmetric: explainer.isSymmetric, inspected: explainer.isInspected,
            reachesPrivateEndpoint: works != false && explainer.forward.hops.last?.kind == .privateEndpoint,
            forwardInspectors: explainer.forward.inspectors,
            backInspectors: explainer.back.inspectors)
    }

    /// The client's routes know no other domain: what they lead to is what has the address in the client's own.
    func destination(_ to: Place, from: Place) -> Place {
        guard from.domain >= 0, to.domain >= 0, from.domain != to.domain else { return to }
        var place = place(to.address, domain: from.domain)
        // What another domain of the export has is explained: nothing is assumed of it.
        if network.onPremises(holding: to.address, domain: from.domain)?.range.isAssumed == true {
            place.endpoint.kind = place.endpoint.kind == .onPremises ? .unknown : place.endpoint.kind
        }
        return place
    }
}
