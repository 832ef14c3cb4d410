internal import FlowModel

/// What a subnet has of a private endpoint's /32.
struct PrivateEndpointRoute {
    var route: EffectiveRoute?
    /// Why it is not known whether the /32 is there, or whether it is valid.
    var doubt: String?
    /// Beside the doubt: what the export lacks. Of no weight where the doubt has none.
    var doubtFact: Fact?
    var facts: [Fact] = []

    /// The doubt, where it touches the decision: a user route as long as the /32 wins either way, and a protocol that
    /// the /32 does not steer does not care.
    func uncertain(_ protocolName: String, _ winner: EffectiveRoute?) -> String? {
        guard let doubt, let route, route.steers(protocolName) else { return nil }
        if let winner, winner.source == .user, winner.prefix == route.prefix { return nil }
        return doubt
    }
}

/// The rule that the product exists for: a private endpoint's /32 steers TCP only.
///
/// Every private endpoint puts a /32 system route, next hop `InterfaceEndpoint`, on all subnets of its own VNet and of
/// every directly peered VNet, GatewaySubnet included, and not further [seed; a published lab of 2021]. Towards a
/// platform service it steers TCP alone: UDP and ICMP follow whatever route would win without it [seed, one test; a
/// practitioner's test]. Towards a private link service of one's own it steers UDP, too [learn:
/// private-link-service-overview]. ICMP never. So a user route for a larger block shows the firewall the ping, and not
/// the traffic.
extension EffectiveRoutes {
    func privateEndpointRoute(at subnet: Subnet, to destination: IPAddress, users: [EffectiveRoute])
        -> PrivateEndpointRoute
    {
        guard let found = privateEndpoint(at: destination, nearVNet: subnet.vnet), found.endpoint.isApproved else {
            return PrivateEndpointRoute()
        }
        let endpoint = found.endpoint
        let protocols = network.semantics.privateEndpointRouteProtocols[endpoint.targetKind] ?? ["tcp"]
        var answer = PrivateEndpointRoute(
            route: EffectiveRoute(
                prefix: IPPrefix(host: destination), source: .system, hop: .interfaceEndpoint, target: endpoint.id,
                protocols: protocols))
        if let link = found.link { spread(over: link, endpoint, at: subnet, &answer) }
        guard answer.route != nil else { return answer }
        summarise(endpoint, at: subnet, destination, users, &answer)
        return answer
    }

    /// The private endpoint with this address in the VNet itself or in one joined to it directly.
    func privateEndpoint(
        at address: IPAddress, nearVNet vnet: String
    ) -> (endpoint: PrivateEndpoint, link: PeeringLink?)? {
        if let endpoint = privateEndpoint(at: address, inVNet: vnet) { return (endpoint, nil) }
        guard let table = network.tables.vnets[vnet] else { return nil }
        var peers: [String] = []
        table.system.forEachMatch(address) { _, rows in
            peers += rows.filter { $0.hop != .vnetLocal }.compactMap(\.target)
        }
        // Over a subnet peering an endpoint may come that lies outside of the subnets it names.
        peers += table.partialPeers
        for peer in peers.count > 1 ? Set(peers).sorted() : peers {
            if let endpoint = privateEndpoint(at: address, inVNet: peer), let link = table.links[peer] {
                return (endpoint, link)
            }
        }
        return nil
    }

    private func privateEndpoint(at address: IPAddress, inVNet vnet: String) -> PrivateEndpoint? {
        guard case .privateEndpoint(let id)? = network.hosts[vnet]?[address] else { return nil }
        return network.privateEndpoints[id]
    }

    /// Whether the /32 comes over this peering: not stated for subnet peering, for `disablePeeringRoute` and for
    /// connected groups (there inferred from their limit).
    private func spread(
        over link: PeeringLink, _ endpoint: PrivateEndpoint, at subnet: Subnet, _ answer: inout PrivateEndpointRoute
    ) {
        let isOutside =
            link.local.remoteSubnetNames.map {
                !$0.contains(network.subnets[endpoint.subnet]?.name.lowercased() ?? "")
            } ?? false
        let isElsewhere = link.local.localSubnetNames.map { !$0.contains(subnet.name.lowercased()) } ?? false
        if isOutside || isElsewhere {
            apply(
                network.semantics.subnetPeeringSpreadsEndpointRoutes, "subnet_peering_spreads_endpoint_routes", &answer)
        }
        if link.isConnectedGroup {
            apply(
                network.semantics.connectedGroupSpreadsEndpointRoutes, "connected_group_spreads_endpoint_routes",
                &answer)
        }
        if network.table(of: subnet)?.dropsPeeringRoutes == true {
            apply(
                network.semantics.disablePeeringRouteRemovesEndpointRoutes.map { !$0 },
                "disable_peering_route_removes_endpoint_routes", &answer)
        }
    }

    private func apply(_ spreads: Bool?, _ setting: String, _ answer: inout PrivateEndpointRoute) {
        answer.facts.append(Fact(text: "\(setting): not stated by the vendor", confidence: .low))
        if spreads == nil { answer.doubt = "whether the endpoint's /32 reaches the subnet is not stated (\(setting))" }
        if spreads == false { answer.route = nil }
    }

    /// Route summarisation: a user route at least as long as the endpoint's VNet range that holds the endpoint, and that
    /// contains it, invalidates the /32 where the **endpoint's** subnet obeys routes. 0.0.0.0/0 never does
    /// [learn: disable-private-endpoint-network-policy].
    private func summarise(
        _ endpoint: PrivateEndpoint, at subnet: Subnet, _ destination: IPAddress, _ users: [EffectiveRoute],
        _ answer: inout PrivateEndpointRoute
    ) {
        guard let home = network.subnets[endpoint.subnet], let vnet = network.vnets[home.vnet] else { return }
        if let intent = privateIntent(among: users, at: subnet) { return obeyAtHub(home, intent, &answer) }
        var ranges = vnet.ranges
        if network.semantics.summarisationRange == "containing" { ranges = ranges.filter { $0.contains(destination) } }
        noteRangeChoice(ranges, of: vnet, home, users, &answer)
        guard let needed = ranges.map(\.length).min(),
            let summary = users.first(where: {
                $0.prefix.length >= needed && $0.prefix.length > 0 && $0.prefix != IPPrefix(host: destination)
            })
        else { return }
        switch home.privateEndpointPolicies {
        case .ignoresRoutes: return
        case .notSaid where subnet.isGatewaySubnet && network.semantics.gatewaySubnetObeysSummarisation == false:
            answer.facts.append(EffectiveRoutes.gatewayDisobeys)
        case .notSaid:
            answer.doubtFact = Fact(
                text: "privateEndpointNetworkPolicies of \(network.subnetName(home.id)) is not in the export",
                confidence: .medium)
            answer.doubt =
                "whether \(summary.prefix) invalidates the endpoint's /32 depends on privateEndpointNetworkPolicies of "
                + "\(network.subnetName(home.id)), which the export lacks"
        case .obeysRoutes:
            // Whether the /32 came over the peering no longer matters: it is invalid if it did.
            let spreading = answer.doubt
            answer.doubt = nil
            if subnet.isGatewaySubnet { obeyAtGateway(&answer) }
            guard answer.doubt == nil, answer.route != nil, !answer.facts.contains(EffectiveRoutes.gatewayDisobeys)
            else { return answer.doubt = answer.doubt ?? spreading }
            invalidate(summary, home, &answer)
        }
    }

    /// That a route does not summarise may rest on the choice of the range it is held against.
    private func noteRangeChoice(
        _ ranges: [IPPrefix], of vnet: VirtualNetwork, _ home: Subnet, _ users: [EffectiveRoute],
        _ answer: inout PrivateEndpointRoute
    ) {
        guard home.privateEndpointPolicies == .obeysRoutes, let held = ranges.map(\.length).min(),
            let shortest = vnet.ranges.map(\.length).min(), shortest < held,
            users.contains(where: { $0.prefix.length >= shortest && $0.prefix.length > 0 && $0.prefix.length < held })
        else { return }
        answer.facts.append(Fact(text: "summarisation_range: inferred", confidence: .medium))
    }

    /// With private routing intent, what comes from on-premises passes the hub's firewall only where the endpoint's subnet
    /// obeys routes; prefixes added to the intent do not mend it [learn: how-to-routing-policies].
    private func obeyAtHub(_ home: Subnet, _ intent: EffectiveRoute, _ answer: inout PrivateEndpointRoute) {
        switch home.privateEndpointPolicies {
        case .ignoresRoutes: return
        case .obeysRoutes:
            let reason = "invalid: \(network.subnetName(home.id)) obeys the hub's \(intent.name ?? "routes")"
            answer.route = answer.route?.changed(invalid: reason)
        case .notSaid:
            answer.doubt =
                "whether the hub's firewall gets it depends on privateEndpointNetworkPolicies of "
                + "\(network.subnetName(home.id)), which the export lacks"
        }
    }

    private static let gatewayDisobeys = Fact(
        text: "gateway_subnet_obeys_summarisation is set to false", confidence: .medium)

    private func obeyAtGateway(_ answer: inout PrivateEndpointRoute) {
        switch network.semantics.gatewaySubnetObeysSummarisation {
        case true?:
            answer.facts.append(
                Fact(text: "gateway_subnet_obeys_summarisation: a practitioner's report of 2025", confidence: .medium))
        case false?: answer.facts.append(EffectiveRoutes.gatewayDisobeys)
        case nil: answer.doubt = "whether GatewaySubnet obeys route summarisation is set to unknown"
        }
    }

    private func invalidate(_ summary: EffectiveRoute, _ home: Subnet, _ answer: inout PrivateEndpointRoute) {
        answer.facts.append(
            Fact(text: "summarisation_range and invalid_route_protocols: inferred", confidence: .medium))
        if network.semantics.invalidRouteProtocols == "tcp" {
            let left = answer.route?.protocols?.subtracting(["tcp"]) ?? []
            answer.route = left.isEmpty ? nil : answer.route?.changed(protocols: left)
            return
        }
        let reason =
            "invalid: user route \(summary.prefix) summarises it, and \(network.subnetName(home.id)) obeys routes"
        answer.route = answer.route?.changed(invalid: reason)
    }
}
