/// The effective routes of a subnet, and which of them wins: "Choosing a route" and "The private endpoint's route".
extension SlowEvaluator {
    struct Row: Hashable {
        enum Source: String { case user, bgp, system }

        var prefix: SlowPrefix
        var source: Source
        var hop: String
        var address: SlowAddress?
        /// The VNet of a VnetLocal or VNetPeering row, the gateway of a BGP row, the endpoint of an InterfaceEndpoint row.
        var target = ""
        var overridesBGP = false
    }

    /// "The longest matching prefix wins; for equal prefixes user beats BGP beats system."
    func winner(_ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet, _ destination: SlowAddress) -> Row? {
        let matching = rows(vnet, subnet).filter { $0.prefix.contains(destination) }
        let allowed = withoutBeatenGatewayRoutes(matching)
        let longest = allowed.map(\.prefix.length).max()
        let finalists = allowed.filter { $0.prefix.length == longest }
        for source in [Row.Source.user, .bgp, .system] {
            // A peering's route and a reserved None may have one prefix: the block is in use, so it is not reserved.
            let rows = finalists.filter { $0.source == source }
            if let row = rows.first(where: { $0.hop != "None" }) ?? rows.first { return row }
        }
        return nil
    }

    /// "System routes for the VNet itself, for peerings and for service endpoints are preferred over BGP routes even where
    /// the BGP route is more specific"; "`hasBgpOverride: true` on a user route: it wins over BGP routes of any length".
    private func withoutBeatenGatewayRoutes(_ matching: [Row]) -> [Row] {
        let isInside = matching.contains { $0.source == .system && ["VnetLocal", "VNetPeering"].contains($0.hop) }
        let isOverridden = matching.contains(where: \.overridesBGP) && assumptions.overrideWins
        return isInside || isOverridden ? matching.filter { $0.source != .bgp } : matching
    }

    /// "A subnet's effective routes = system routes + user routes of its one route table + gateway (BGP) routes."
    func rows(_ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet) -> [Row] {
        ownRanges(vnet) + defaultRoutes() + reservedRoutes(vnet, subnet) + peeringRoutes(vnet, subnet)
            + endpointRoutes(vnet, subnet) + userRoutes(subnet) + gatewayRoutes(vnet, subnet)
    }

    /// "each address range of the VNet → VnetLocal"
    private func ownRanges(_ vnet: SlowWorld.VNet) -> [Row] {
        vnet.ranges.map { Row(prefix: $0, source: .system, hop: "VnetLocal", target: vnet.name) }
    }

    /// "0.0.0.0/0 → Internet"
    private func defaultRoutes() -> [Row] {
        [SlowPrefix.everything, .everythingIPv6].map { Row(prefix: $0, source: .system, hop: "Internet") }
    }

    /// "reserved … → None (dropped). A reserved None route turns into VnetLocal only where the VNet has exactly that prefix.
    /// A 0.0.0.0/0 user route to an appliance or to a VPN gateway removes the reserved None routes of that subnet."
    private func reservedRoutes(_ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet) -> [Row] {
        let removing = userRoutes(subnet).filter {
            $0.prefix == .everything && ["VirtualAppliance", "VirtualNetworkGateway"].contains($0.hop)
        }
        guard removing.isEmpty else { return [] }
        return SlowPrefix.reserved.filter { !vnet.ranges.contains($0) }.map {
            Row(prefix: $0, source: .system, hop: "None")
        }
    }

    private func table(_ subnet: SlowWorld.Subnet) -> SlowWorld.Table? {
        world.tables.first { $0.name == subnet.table }
    }

    func propagates(_ vnet: SlowWorld.VNet, _ subnet: String) -> Bool {
        world.subnet(vnet.name, subnet).map { table($0)?.propagates != false } ?? false
    }

    func userRoutes(_ subnet: SlowWorld.Subnet) -> [Row] {
        (table(subnet)?.routes ?? []).map {
            Row(prefix: $0.prefix, source: .user, hop: $0.hop, address: $0.address, overridesBGP: $0.overridesBGP)
        }
    }

    /// "prefixes from a gateway → VirtualNetworkGateway on all subnets unless the route table disables propagation";
    /// "`useRemoteGateways` on the spoke together with `allowGatewayTransit` on the hub brings the hub's gateway routes".
    private func gatewayRoutes(_ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet) -> [Row] {
        guard table(subnet)?.propagates != false else { return [] }
        return gateways(of: vnet).flatMap { gateway in
            world.sites.filter { $0.gateway == gateway.name }.flatMap(\.prefixes).map {
                Row(prefix: $0, source: .bgp, hop: "VirtualNetworkGateway", target: gateway.name)
            }
        }
    }

    /// The gateways of a VNet: its own, and those of a hub that it may use.
    func gateways(of vnet: SlowWorld.VNet) -> [SlowWorld.Gateway] {
        let own = world.gateways.filter { $0.vnet == vnet.name }
        let remote = workingPeerings(vnet).filter { $0.peering.usesRemoteGateways && $0.reverse.allowsTransit }
        return own + remote.flatMap { edge in world.gateways.filter { $0.vnet == edge.peering.remote } }
    }

    struct Edge {
        var peering: SlowWorld.Peering
        var reverse: SlowWorld.Peering
        var remote: SlowWorld.VNet
    }

    /// "A peering works only when both sides are Connected"; "`allowVirtualNetworkAccess` must be on" is asked at the crossing.
    func workingPeerings(_ vnet: SlowWorld.VNet) -> [Edge] {
        vnet.peerings.compactMap { peering in
            guard let remote = world.vnet(peering.remote),
                let reverse = remote.peerings.first(where: { $0.remote == vnet.name })
            else { return nil }
            let isConnected = peering.state == "Connected" && reverse.state == "Connected"
            return isConnected ? Edge(peering: peering, reverse: reverse, remote: remote) : nil
        }
    }

    /// "Each range of a peered VNet → VNetPeering"; subnet peering: "the routes are the subnets' prefixes";
    /// "`enableOnlyIPv6Peering` gives no IPv4 route"; "`disablePeeringRoute: All` suppresses the system peering routes".
    private func peeringRoutes(_ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet) -> [Row] {
        guard table(subnet)?.hidesPeerings != true else { return [] }
        return workingPeerings(vnet).flatMap { edge -> [Row] in
            peeredPrefixes(edge, from: subnet).filter { !edge.peering.isIPv6Only || $0.address.isIPv6 }.map {
                Row(prefix: $0, source: .system, hop: "VNetPeering", target: edge.remote.name)
            }
        }
    }

    private func peeredPrefixes(_ edge: Edge, from subnet: SlowWorld.Subnet) -> [SlowPrefix] {
        guard let local = edge.peering.localSubnets, let remote = edge.peering.remoteSubnets else {
            return edge.remote.ranges
        }
        guard local.contains(subnet.name) else { return [] }
        return edge.remote.subnets.filter { remote.contains($0.name) }.flatMap(\.prefixes)
    }
}

extension SlowEvaluator {
    /// "Every private endpoint puts a /32 system route, next hop InterfaceEndpoint, on all subnets of its own VNet and of
    /// every directly peered VNet, GatewaySubnet included; not further"; "The /32 applies to TCP only where the target is a
    /// platform service"; "For a target of type privateLinkServices TCP and UDP take it".
    private func endpointRoutes(_ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet) -> [Row] {
        world.privateEndpoints.filter { endpoint in
            protocols(endpoint).contains(ipProtocol)
                && reaches(endpoint, vnet, subnet) && !isInvalid(endpoint, vnet, subnet)
        }.map {
            Row(
                prefix: SlowPrefix(host: $0.address), source: .system, hop: "InterfaceEndpoint", address: $0.address,
                target: $0.name)
        }
    }

    func protocols(_ endpoint: SlowWorld.PrivateEndpoint) -> [String] {
        endpoint.isOwnService ? world.semantics.ownServiceProtocols : world.semantics.platformProtocols
    }

    func reaches(
        _ endpoint: SlowWorld.PrivateEndpoint, _ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet
    ) -> Bool {
        if endpoint.vnet == vnet.name { return true }
        guard let edge = workingPeerings(vnet).first(where: { $0.remote.name == endpoint.vnet }) else { return false }
        if edge.peering.isIPv6Only { return false }
        // "`disablePeeringRoute` … its effect on a peer's /32 is not stated".
        if table(subnet)?.hidesPeerings == true, assumptions.disabledPeeringRemoves { return false }
        guard let local = edge.peering.localSubnets, let remote = edge.peering.remoteSubnets else { return true }
        // "Whether the /32 of an endpoint outside them spreads is not stated".
        let isPeered = local.contains(subnet.name) && remote.contains(endpoint.subnet)
        return isPeered || assumptions.subnetPeeringSpreads
    }

    /// "where the endpoint's subnet has `privateEndpointNetworkPolicies` = Enabled or RouteTableEnabled, a user route on the
    /// client's subnet whose prefix length is equal to or longer than the prefix length of the endpoint's VNet address range
    /// that holds it (and that contains the endpoint) invalidates the /32".
    func isInvalid(
        _ endpoint: SlowWorld.PrivateEndpoint, _ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet
    ) -> Bool {
        guard summarises(endpoint) else { return false }
        // "a report of 2025 says that GatewaySubnet now obeys summarisation and policy: setting".
        if subnet.name == "GatewaySubnet", !assumptions.gatewaySubnetObeys { return false }
        let holding = world.vnet(endpoint.vnet)?.ranges.first { $0.contains(endpoint.address) }
        guard let range = holding else { return false }
        return userRoutes(subnet).contains {
            $0.prefix.contains(endpoint.address) && $0.prefix.length >= range.length
        }
    }

    /// "`Disabled` (the default) and `NetworkSecurityGroupEnabled` do not"; "Absent in an export = Disabled, medium
    /// confidence, and where the summarisation rule would decide the verdict, null".
    private func summarises(_ endpoint: SlowWorld.PrivateEndpoint) -> Bool {
        switch world.subnet(endpoint.vnet, endpoint.subnet)?.policy {
        case "Enabled", "RouteTableEnabled": true
        case nil: assumptions.absentPolicySummarises
        default: false
        }
    }
}

extension SlowEvaluator {
    /// What the tally counts: the winner, and the sentence that made it win.
    func decision(
        _ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet, _ row: Row, _ destination: SlowAddress
    ) -> SlowOutcome.Decision {
        .init(
            subnet: TestNetwork.subnetID(vnet.name, subnet.name).lowercased(), prefix: row.prefix,
            source: row.source.rawValue, hop: row.hop, rule: rule(vnet, subnet, row, destination))
    }

    private func rule(
        _ vnet: SlowWorld.VNet, _ subnet: SlowWorld.Subnet, _ row: Row, _ destination: SlowAddress
    ) -> String {
        let matching = rows(vnet, subnet).filter { $0.prefix.contains(destination) }
        let endpoint = world.privateEndpoints.first {
            $0.address == destination && protocols($0).contains(ipProtocol) && reaches($0, vnet, subnet)
        }
        if row.source == .user, let endpoint {
            if row.prefix == SlowPrefix(host: destination) { return "user route of the same /32" }
            return isInvalid(endpoint, vnet, subnet) ? "summarisation" : "longest prefix"
        }
        if row.hop == "InterfaceEndpoint" {
            let isShorter = matching.contains { $0.source == .user }
            return isShorter ? "the /32 beats a user route" : "the /32"
        }
        if row.source == .user, matching.contains(where: { $0.source == .bgp && $0.prefix.length > row.prefix.length })
        {
            return row.overridesBGP ? "override beats BGP" : "inside beats BGP"
        }
        if row.source == .system, matching.contains(where: { $0.source == .bgp }) { return "inside beats BGP" }
        if row.source == .user, row.prefix == .everything, destination.isPrivate { return "default route removes None" }
        if row.source == .user, matching.contains(where: { $0.source == .system && $0.prefix == row.prefix }) {
            return "user beats system"
        }
        if SlowPrefix.reserved.contains(row.prefix) {
            return row.hop == "None" ? "reserved" : "exactly a reserved block"
        }
        return "longest prefix"
    }
}
