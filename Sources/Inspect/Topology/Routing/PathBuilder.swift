internal import FlowModel

/// Follows packets hop by hop: the effective routes at the sender's subnet, then at the subnet of each device that they
/// are sent to.
struct PathBuilder {
    let shared: SharedNetwork
    var network: Network { shared.network }
    let routes: EffectiveRoutes
    let domain: Int32
    let ipProtocol: Int16
    /// Destination port; nil = any.
    let port: Int?

    /// More devices than that one after the other are a loop.
    static let deviceLimit = 8

    var protocolName: String { IPProtocol.name(ipProtocol) }

    init(shared: SharedNetwork, domain: Int32, ipProtocol: Int16, port: Int? = nil) {
        self.port = port
        self.shared = shared
        self.domain = domain
        self.ipProtocol = ipProtocol
        routes = EffectiveRoutes(shared: shared)
    }

    /// The hop that an end of the session is.
    func hop(of place: Place) -> Hop {
        let endpoint = place.endpoint
        let kind: Hop.Kind
        switch endpoint.kind {
        case .nic, .subnet, .unknown: kind = .nic
        case .privateEndpoint: kind = .privateEndpoint
        case .firewall: kind = .firewall
        case .appliance: kind = .appliance
        case .loadBalancer: kind = .loadBalancer
        case .gateway: kind = .gateway
        case .onPremises: kind = .onPremises
        case .public: kind = .internet
        }
        let isResource = endpoint.kind != .onPremises && endpoint.kind != .public && endpoint.kind != .unknown
        return Hop(
            kind: kind, id: isResource ? endpoint.id : nil, name: endpoint.name, address: place.address.description)
    }

    /// The way of packets that `place` sends to `destination`.
    func path(from place: Place, to destination: Place, isAnswer: Bool = false) -> Path {
        var path = Path(source: place, isAnswer: isAnswer)
        path.hops = [hop(of: place)]
        guard !destination.address.isNone else {
            path.end = .unknown("the address of \(destination.endpoint.name) is not in the export")
            return path
        }
        guard place.address.isIPv4 == destination.address.isIPv4 else {
            path.end = .unknown(
                "\(place.address) and \(destination.address) are of two families: no session between them")
            return path
        }
        guard isAnswer || letOut(&path, to: destination) else { return path }
        start(&path, from: place, to: destination)
        noteTwoMeanings(of: destination, &path)
        noteUnannounced(destination, &path)
        if !isAnswer { letIn(&path, to: destination) }
        return path
    }

    /// A gateway may hand an address that is on-premises and in a VNet to either.
    private func noteTwoMeanings(of destination: Place, _ path: inout Path) {
        guard destination.endpoint.kind != .onPremises, let gateway = path.gateway,
            network.leads(gateway, to: destination.address)
        else { return }
        path.facts.append(
            Fact(
                text:
                    "\(destination.address) is in a VNet, and \(gateway.name) leads to it on-premises, too: which of them "
                    + "it takes is not stated", confidence: .low))
    }

    /// A gateway announces its own VNet, and the peers that use it: what else it would lead to, on-premises is not told. An
    /// ExpressRoute circuit has no other way to know; a VPN's other end may have a route of its own.
    private func noteUnannounced(_ destination: Place, _ path: inout Path) {
        guard path.source.endpoint.kind == .onPremises, let gateway = path.gateway,
            let home = network.subnets[gateway.subnet]?.vnet, network.hubs[home] == nil,
            let vnet = destination.endpoint.subnet.flatMap({ network.subnets[$0]?.vnet }), vnet != home,
            !(network.tables.vnets[vnet]?.gateways.contains { $0.id == gateway.id } ?? false)
        else { return }
        let reason =
            "\(gateway.name) does not announce \(network.vnets[vnet]?.name ?? lastPart(vnet)) to \(path.source.endpoint.name): "
            + "no peering with gateway transit"
        path.facts.append(Fact(text: reason, confidence: gateway.isExpressRoute ? .low : .medium))
        if gateway.isExpressRoute { path.doubt = path.doubt ?? reason }
    }

    private func start(_ path: inout Path, from place: Place, to destination: Place) {
        switch place.endpoint.kind {
        case .onPremises: enter(&path, from: place, to: destination)
        case .public: path.end = .unknown("traffic that the Internet opens is not modelled")
        default:
            guard let subnet = place.endpoint.subnet else {
                return path.end = .unknown("\(place.address) is no address of the export")
            }
            walk(&path, at: subnet, to: destination)
        }
    }

    /// From on-premises through its gateway: the first decision falls at GatewaySubnet.
    private func enter(_ path: inout Path, from place: Place, to destination: Place) {
        let leading = network.onPremises(holding: place.address, domain: domain)?.gateways ?? []
        // Of several, one that the destination's VNet uses knows the way.
        let used = destination.endpoint.subnet.flatMap { network.subnets[$0] }.map { gateways(ofVNet: $0.vnet) } ?? []
        let knowing = leading.first { gateway in used.contains { $0.id == gateway.id } }
        guard let gateway = knowing ?? leading.first else {
            path.end = .unknown("no gateway of the export leads to \(place.endpoint.name)")
            return
        }
        if leading.count > 1 {
            path.facts.append(
                Fact(
                    text: "several gateways lead to \(place.endpoint.name): \(gateway.name) is taken", confidence: .low)
            )
        }
        pass(gateway, &path)
        walk(&path, at: gateway.subnet, to: destination)
    }

    /// Its own, those of peers that it uses, and those of the virtual hubs that it is connected to.
    private func gateways(ofVNet vnet: String) -> [Gateway] {
        let own = network.tables.vnets[vnet]?.gateways ?? []
        guard !network.hubs.isEmpty else { return own }
        return own + (network.tables.vnets[vnet]?.links.keys.sorted() ?? []).flatMap { network.gatewaysOfHub[$0] ?? [] }
    }

    func pass(_ gateway: Gateway, _ path: inout Path) {
        path.gateway = gateway
        path.hops.append(
            Hop(kind: .gateway, id: gateway.id, name: gateway.name, address: gateway.addresses.first?.description))
    }

    /// Follows the routes from `subnet` on; appends to the path.
    func walk(_ path: inout Path, at subnet: String, to destination: Place) {
        var subnet = subnet
        let isAssumed =
            destination.endpoint.kind == .onPremises
            && network.onPremises(holding: destination.address, domain: domain)?.range.isAssumed == true
        for _ in 0...PathBuilder.deviceLimit {
            let decision = routes.decide(
                at: subnet, to: destination.address, protocolName: protocolName, isAssumed: isAssumed,
                isAnswer: path.isAnswer)
            path.decisions.append(decision)
            path.facts += decision.facts
            if let uncertain = decision.uncertain {
                path.end = .unknown(uncertain)
                return
            }
            guard let route = decision.winner else {
                finish(&path, .dropped("\(network.subnetName(subnet)) has no route to \(destination.address)"))
                return
            }
            guard let next = follow(route, &path, at: subnet, to: destination) else { return }
            subnet = next
        }
        finish(&path, .dropped("the routes lead in a circle"))
    }

    /// Takes one route; the subnet where the next decision falls, or nil where the path has ended.
    private func follow(
        _ route: EffectiveRoute, _ path: inout Path, at subnet: String, to destination: Place
    ) -> String? {
        let home = network.subnets[subnet]?.vnet ?? ""
        switch route.hop {
        case .vnetLocal: deliverLocally(route, &path, in: route.target ?? home, to: destination)
        case .vnetPeering, .connectedGroup:
            crossPeering(to: route.target ?? "", from: home, &path, destination)
        case .interfaceEndpoint:
            enterPrivateEndpoint(route.target ?? "", &path, from: home, destination)
        case .appliance, .applianceECMP:
            return followAppliance(route, &path, at: subnet, to: destination)
        case .gateway: return followGateway(route, &path, at: subnet, to: destination)
        case .internet, .serviceEndpoint: leaveForInternet(&path, to: destination)
        case .none:
            finish(
                &path,
                .dropped("\(route.source == .user ? "user route" : "system route") \(route.prefix) → None drops it"))
        case .unknown:
            path.end = .unknown("the next hop of \(route.prefix) at \(network.subnetName(subnet)) is not known")
        }
        return nil
    }

    /// Ends a path; a drop is a hop of its own, so that it shows where packets die.
    func finish(_ path: inout Path, _ end: Path.End, hop: Hop? = nil) {
        path.end = end
        if let hop { path.hops.append(hop) }
        if case .dropped(let reason) = end { path.hops.append(Hop(kind: .drop, id: nil, name: reason, address: nil)) }
    }
}
