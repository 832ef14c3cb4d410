internal import FlowModel

/// Why each row won or lost, in words; asked for by `explain` only.
extension EffectiveRoutes {
    func considered(_ decision: RouteDecision) -> [ConsideredRoute] {
        decision.routes.map { consider($0, in: decision) } + tags(decision)
    }

    private func consider(_ route: EffectiveRoute, in decision: RouteDecision) -> ConsideredRoute {
        let isChosen = decision.uncertain == nil && decision.winner?.isSame(route) == true
        return ConsideredRoute(
            subnet: decision.subnet, prefix: route.prefix.description, source: route.source.name,
            nextHopType: route.hop.rawValue,
            nextHop: route.nextHops.isEmpty ? nil : route.nextHops.map(\.description).joined(separator: ","),
            appliesTo: ["tcp", "udp", "icmp"].filter(route.steers), chosen: isChosen,
            reason: isChosen ? winningReason(route) : losingReason(route, decision))
    }

    /// Routes to service tags, whose ranges no export holds: they may be the ones that win.
    private func tags(_ decision: RouteDecision) -> [ConsideredRoute] {
        guard !decision.destination.isPrivate, let table = network.table(ofSubnet: decision.subnet) else { return [] }
        return tagRoutes(of: table).map { route in
            ConsideredRoute(
                subnet: decision.subnet, prefix: route.text, source: "user", nextHopType: route.hop.rawValue,
                nextHop: route.nextHops.isEmpty ? nil : route.nextHops.map(\.description).joined(separator: ","),
                appliesTo: ["tcp", "udp", "icmp"], chosen: false,
                reason: "wins if the service tag holds \(decision.destination): its ranges are in no export")
        }
    }

    private func winningReason(_ route: EffectiveRoute) -> String {
        if route.hop == .interfaceEndpoint {
            return "the longest match: the route of private endpoint \(name(route.target))"
        }
        if route.hop == .vnetPeering { return "the longest match: peering with \(name(route.target))" }
        if route.hop == .connectedGroup { return "the longest match: connected group with \(name(route.target))" }
        if route.hop == .gateway, let target = route.target {
            let kind = network.hubs[target] == nil ? "gateway" : "virtual hub"
            return route.isAssumed
                ? "taken for known to \(kind) \(name(target)): nothing else explains the address"
                : "the longest match: known to \(kind) \(name(target))"
        }
        return route.source == .user ? "the longest match: a user route" : "the longest match"
    }

    private func losingReason(_ route: EffectiveRoute, _ decision: RouteDecision) -> String {
        if let invalid = route.invalid { return invalid }
        if !route.steers(decision.protocolName) {
            return "does not steer \(decision.protocolName): the route of private endpoint \(name(route.target))"
        }
        if let uncertain = decision.uncertain { return "cannot tell: \(uncertain)" }
        guard let winner = decision.winner else { return "cannot tell" }
        if winner.prefix.mappedLength > route.prefix.mappedLength {
            return "shorter than \(winner.prefix) → \(winner.hop.rawValue)"
        }
        if winner.prefix.mappedLength < route.prefix.mappedLength {
            return winner.source == .user
                ? "user route \(winner.prefix) overrides gateway routes"
                : "a gateway's route loses to VNet and peering routes, whatever its length"
        }
        return winner.source == route.source
            ? "equal to the chosen one" : "equally long, but \(winner.source.name) beats \(route.source.name)"
    }

    private func name(_ id: String?) -> String { id.map(network.name) ?? "" }
}
