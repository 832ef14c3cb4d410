internal import FlowModel

/// One way through the network, as the routes steer it.
struct Path {
    enum End {
        case host(Network.Host)
        /// An address of a known subnet that no resource claims.
        case unclaimed
        /// Packets arrive at a private endpoint, which never answers this protocol.
        case neverAnswered(String)
        case onPremises
        case internet
        case dropped(String)
        case unknown(String)
        /// Nothing is sent: there is nothing to answer.
        case nothing

        /// The same kind of end, whatever host or reason.
        func isLike(_ other: End) -> Bool {
            switch (self, other) {
            case (.host, .host), (.unclaimed, .unclaimed), (.neverAnswered, .neverAnswered), (.onPremises, .onPremises),
                (.internet, .internet), (.dropped, .dropped), (.unknown, .unknown), (.nothing, .nothing):
                return true
            default: return false
            }
        }
    }

    /// Whose packets take it.
    let source: Place
    /// The way back: what opened the session is there, whatever the export says.
    let isAnswer: Bool
    /// It answers a session that a device translated.
    var isOfTranslated = false
    var hops: [Hop] = []
    /// Devices that the packets pass, in order, inspecting or not.
    var appliances: [Appliance] = []
    /// The address by which they enter each of them.
    var entries: [IPAddress] = []
    var decisions: [RouteDecision] = []
    var facts: [Fact] = []
    var end = End.nothing
    /// Gateway that the path passed, if any.
    var gateway: Gateway?
    /// Devices that put their own address in place of the client's.
    var translating: Set<String> = []
    /// The address by which packets leave a device of several interfaces.
    var exits: [String: IPAddress] = [:]
    /// Firewalls whose rules are known, and let it pass.
    var judgedByRules: Set<String> = []
    /// Why it is not known whether a device translates, or whether groups and rules let it pass; nil where it is.
    var translationDoubt: String?
    var doubt: String?
    /// What groups and rules say beyond "it passes": which ports do not.
    var notes: [String] = []
    /// A group of the host it reaches drops it there.
    var isDeniedAtHost = false
    /// It ends at a device that would have to translate for the packets to arrive.
    var needsTranslation = false
    /// Devices taken where several next hops, of more than one device, were there to take.
    var equalCost: Set<String> = []
    /// Where the devices of this leg begin: behind a device that undoes its translation, the way is another one.
    var legStart = 0
    /// Routing appliances and virtual hubs passed: a bound against circles.
    var routers = 0
    var hubs = 0

    var reachesHost: Bool {
        switch end {
        case .host, .unclaimed, .neverAnswered: true
        default: false
        }
    }

    /// The address that stands for the client behind a device that translates: of the client's family.
    func shown(by device: Appliance) -> IPAddress {
        exits[device.id] ?? device.addresses.first { $0.isIPv4 == source.address.isIPv4 } ?? .none
    }

    var isOnPremises: Bool { if case .onPremises = end { true } else { false } }

    var inspectors: [String] { appliances.filter(\.inspects).map(\.id) }
}

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

    /// The Internet leads to public addresses, and not to those that a network has inside.
    private func leaveForInternet(_ path: inout Path, to destination: Place) {
        let address = destination.address
        guard !address.isPrivate else {
            return finish(&path, .dropped("\(address) is private and its route leads to the Internet"))
        }
        switch destination.endpoint.kind {
        case .public: break
        case .onPremises, .unknown:
            return path.end = .unknown(
                "\(address) is a public address of \(destination.endpoint.name): whether its route to the Internet leads "
                    + "there is in no export")
        default:
            return finish(
                &path,
                .dropped(
                    "\(address) is public and inside \(destination.endpoint.name): its route leads to the Internet, not there"
                ))
        }
        if let gateway = path.gateway, path.appliances.isEmpty {
            return path.end = .unknown(
                "what \(gateway.name) does with \(address), on-premises or nowhere, is in no export")
        }
        if let range = EffectiveRoutes.furtherReserved.first(where: { $0.contains(address) }) {
            return path.end = .unknown("\(range) may have a route of the platform to None: in no export")
        }
        if let end = withoutWayOut(path) { return finish(&path, end) }
        if let last = path.appliances.last, last.kind == .networkAppliance || !path.translating.contains(last.id) {
            path.facts.append(
                Fact(text: "who translates behind \(last.name) towards the Internet is in no export", confidence: .low))
        }
        finish(
            &path, .internet, hop: Hop(kind: .internet, id: nil, name: "Internet", address: address.description))
    }

    /// Where default outbound access is off, a machine needs a public address, a NAT gateway or a load balancer's outbound
    /// rule [learn: default-outbound-access]; behind an internal load balancer it has none by default, whatever the subnet
    /// says [learn: load-balancer-outbound-connections]. Nil where it has a way, or may.
    private func withoutWayOut(_ path: Path) -> Path.End? {
        let source = path.source.endpoint
        guard source.kind == .nic, path.appliances.isEmpty, path.gateway == nil, !path.isAnswer,
            let subnet = source.subnet.flatMap({ network.subnets[$0] }), !subnet.hasNATGateway,
            let nic = network.interfaces[source.id], !nic.hasPublicAddress
        else { return nil }
        let isBalanced = network.balancedInterfaces.contains(nic.id)
        if subnet.hasDefaultOutbound != false {
            guard isBalanced, !network.publicInterfaces.contains(nic.id) else { return nil }
            return .unknown("\(nic.name) is behind an internal load balancer, which takes default outbound access away")
        }
        let place = network.subnetName(subnet.id)
        if isBalanced {
            return .unknown(
                "\(place) has no default outbound access: whether a load balancer lets \(nic.name) out is not read")
        }
        if let service = subnet.serviceEndpoints.first {
            return .unknown(
                "\(place) has no default outbound access: whether service endpoint \(service) leads there is in no export"
            )
        }
        return .dropped("\(place) has no default outbound access, and \(nic.name) no public address or NAT gateway")
    }

    /// Ends a path; a drop is a hop of its own, so that it shows where packets die.
    func finish(_ path: inout Path, _ end: Path.End, hop: Hop? = nil) {
        path.end = end
        if let hop { path.hops.append(hop) }
        if case .dropped(let reason) = end { path.hops.append(Hop(kind: .drop, id: nil, name: reason, address: nil)) }
    }

    /// By the /32. Over a peering, what a device forwards untranslated needs forwarded traffic allowed.
    private func enterPrivateEndpoint(
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
    private func deliverLocally(_ route: EffectiveRoute, _ path: inout Path, in vnet: String, to destination: Place) {
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
