/// "The way back".
extension SlowEvaluator {
    struct Back {
        var works: Set<SlowTruth>
        var symmetric: Set<SlowTruth>
        /// Devices that the reply crosses, as far as it comes.
        var crossed: [Device] = []
        var reachesClient: SlowTruth
        /// Nothing can be said of the way back.
        var isOpen = false

        static let open = Back(
            works: Set(SlowTruth.allCases), symmetric: Set(SlowTruth.allCases), reachesClient: .unknown, isOpen: true)
        /// "nothing comes back": no answer, hence no word on its way.
        static let nothing = Back(works: [.no], symmetric: [.unknown], reachesClient: .no)
        static let unknown = Back(works: [.unknown], symmetric: [.unknown], reachesClient: .unknown)
    }

    /// The way there, with who translated the source.
    struct Forward {
        var client: SlowPair.Place
        var clientAddress: SlowAddress
        var destination: SlowAddress
        var devices: [Device]
        var translated: [Bool]
        var lastRow: Row?
    }

    /// The reply of a NIC, of on-premises or of the Internet: by the routes to the source that it saw.
    func replyByRoutes(_ forward: Forward, from start: Position) -> Back {
        unwind(forward, from: start, left: forward.devices.count)
    }

    /// A public address answers whoever translated last: the platform does it for a NIC, a firewall for what crosses it.
    func replyOfInternet(_ forward: Forward, client: Position?) -> Back {
        guard let last = forward.devices.last else {
            return Back(works: [.yes], symmetric: [.yes], reachesClient: .yes)
        }
        guard case .firewall = last, forward.translated.last == true else { return .open }
        var back = unwind(forward, from: position(last), left: forward.devices.count - 1, crossed: [last])
        back.isOpen = false
        return back
    }

    /// "The reply goes to the host that made the private-link mapping (the last hop whose NIC had the /32), not by a route to
    /// the client's address", by the table under "The way back".
    func replyOfEndpoint(_ endpoint: SlowWorld.PrivateEndpoint, _ forward: Forward) -> Back {
        // "Only an endpoint whose connection is Approved carries traffic."
        guard endpoint.status == "Approved" else {
            return Back(works: [.no], symmetric: Set(SlowTruth.allCases), reachesClient: .no)
        }
        // "TCP and UDP take it and are answered. ICMP never"; of a platform service TCP only.
        guard protocols(endpoint).contains(ipProtocol) else { return .nothing }
        if let row = forward.lastRow, row.hop != "InterfaceEndpoint" { return replyWithoutMapping(row, endpoint) }
        guard let last = forward.devices.last(where: { $0.isAppliance }) else {
            // A gateway between two VNets as the mapping's host is not in the table; an on-premises client's is known to work.
            if case .site = forward.client { return Back(works: [.yes], symmetric: [.yes], reachesClient: .yes) }
            return forward.devices.isEmpty ? Back(works: [.yes], symmetric: [.yes], reachesClient: .yes) : .open
        }
        guard last == forward.devices.last else { return .open }
        switch mapping(endpoint, forward, last) {
        case .yes: return unwind(forward, from: position(last), left: forward.devices.count - 1, crossed: [last])
        case .no: return .nothing
        case .unknown: return .unknown
        }
    }

    /// "A user route to an endpoint whose next hop is a VNet needs it [high scale], or connectivity breaks."
    private func replyWithoutMapping(_ row: Row, _ endpoint: SlowWorld.PrivateEndpoint) -> Back {
        guard row.source == .user, row.hop == "VnetLocal" else { return .open }
        guard world.vnet(endpoint.vnet)?.isHighScale != true else { return .open }
        return Back(works: [.no, .unknown], symmetric: Set(SlowTruth.allCases), reachesClient: .unknown, isOpen: true)
    }

    /// Whether the endpoint's reply comes to the last appliance.
    private func mapping(
        _ endpoint: SlowWorld.PrivateEndpoint, _ forward: Forward, _ last: Device
    ) -> SlowTruth {
        // "With translation at the appliance …: works and is symmetric everywhere."
        if forward.translated.last == true { return .yes }
        // "`disableSnatOnPL = true` (… NVA only) lets the platform return endpoint traffic to that NIC without SNAT".
        if case .appliance(let name) = last, world.interfaces.first(where: { $0.name == name })?.hasMappingTag == true {
            return .yes
        }
        let translator = forward.translated.lastIndex(of: true)
        let untranslated = forward.devices[(translator.map { $0 + 1 } ?? 0)...].filter(\.isAppliance)
        // The table knows one appliance between the client (or the address that a translation put in its place) and the endpoint.
        guard untranslated.count == 1 else { return .unknown }
        if let translator {
            return withoutTranslation(vnet(forward.devices[translator]), vnet(last), endpoint.vnet)
        }
        switch forward.client {
        case .site(let name, _): return fromOnPremises(name, vnet(last), endpoint.vnet)
        case .interface(let name):
            let home = world.interfaces.first { $0.name == name }?.vnet ?? ""
            // Through a gateway first: not in the table.
            return forward.devices.first == last ? withoutTranslation(home, vnet(last), endpoint.vnet) : .unknown
        default: return .unknown
        }
    }

    /// The table's rows of clients in a VNet.
    private func withoutTranslation(_ client: String, _ appliance: String, _ endpoint: String) -> SlowTruth {
        // A A A and A A B: "packets leave the appliance and are dropped at its host before the endpoint; nothing comes back".
        // A B A, A B B, A B C: "works".
        client == appliance ? .no : .yes
    }

    /// The table's rows of on-premises clients.
    private func fromOnPremises(_ site: String, _ appliance: String, _ endpoint: String) -> SlowTruth {
        guard let name = world.sites.first(where: { $0.name == site })?.gateway,
            let gateway = world.gateways.first(where: { $0.name == name })
        else { return .unknown }
        let isHere = appliance == gateway.vnet
        // "on-premises, gateway in hub A | hub A | spoke B: reports conflict".
        if isHere, endpoint != gateway.vnet { return assumptions.hubSpokeReply ? .yes : .no }
        // "on-premises, VPN gateway in VNet A | VNet A | VNet A: dropped"; ExpressRoute: "said to work, not tested there".
        if isHere { return gateway.isExpressRoute && assumptions.expressRouteReply ? .yes : .no }
        // "on-premises, VPN gateway in A | VNet B | VNet C (chain): works". The others are not in the table.
        let isChain = endpoint != gateway.vnet && endpoint != appliance
        return isChain && !gateway.isExpressRoute ? .yes : .unknown
    }

    /// Takes a reply back from device to device: each stretch by the routes to the address that was seen there, each
    /// translation undone where it was made. "Stateful firewalls drop a return … that has no session."
    private func unwind(_ forward: Forward, from start: Position, left: Int, crossed: [Device] = []) -> Back {
        var crossed = crossed
        var position = start
        var left = left
        while true {
            let translator = (0..<left).last { forward.translated[$0] }
            let target = translator.map { address(forward.devices[$0]) } ?? forward.clientAddress
            let packet = Packet(source: forward.destination, destination: target, isReply: true)
            let stretch = walk(position, packet, goal: translator.map { forward.devices[$0] })
            for device in stretch.devices {
                crossed.append(device)
                if inspects(device), !forward.devices.contains(device) {
                    // A datagram has no opening: to the firewall it may be one of a new session. Whether an appliance keeps
                    // sessions, the overlay does not say.
                    let isSure = ipProtocol == "tcp" && device.isFirewall
                    return Back(
                        works: isSure ? [.no] : [.no, .unknown], symmetric: [.no], crossed: crossed,
                        reachesClient: isSure ? .no : .unknown, isOpen: !isSure)
                }
            }
            guard stretch.end == .reached else { return lost(forward, crossed, stretch.end) }
            guard let translator else { return arrived(forward, crossed) }
            crossed.append(forward.devices[translator])
            position = self.position(forward.devices[translator])
            left = translator
        }
    }

    /// An export may lack what a route names; the page does not say what the Internet does with a private address.
    func isSure(_ why: String) -> Bool { !["nobody", "no gateway", "private address to the Internet"].contains(why) }

    private func lost(_ forward: Forward, _ crossed: [Device], _ end: End) -> Back {
        guard case .dropped(let why) = end else {
            var back = Back.open
            back.crossed = crossed
            return back
        }
        let isSure = isSure(why)
        return Back(
            works: isSure ? [.no] : [.no, .unknown], symmetric: Set(SlowTruth.allCases), crossed: crossed,
            reachesClient: isSure ? .no : .unknown, isOpen: !isSure)
    }

    /// "Whether the answer crosses the same firewalls and appliances as the opening."
    private func arrived(_ forward: Forward, _ crossed: [Device]) -> Back {
        let there = forward.devices.filter(\.isAppliance)
        let back = Array(crossed.filter(\.isAppliance).reversed())
        if there == back { return Back(works: [.yes], symmetric: [.yes], crossed: crossed, reachesClient: .yes) }
        // Whether a router that inspects nothing counts, and whether a firewall bears to see one direction, is left open.
        let isSame = there.filter(inspects) == back.filter(inspects)
        return Back(
            works: isSame ? [.yes] : Set(SlowTruth.allCases), symmetric: isSame ? Set(SlowTruth.allCases) : [.no],
            crossed: crossed, reachesClient: isSame ? .yes : .unknown, isOpen: !isSame)
    }
}

extension SlowEvaluator.Device {
    var isFirewall: Bool {
        if case .firewall = self { return true }
        return false
    }

    var isAppliance: Bool {
        if case .gateway = self { return false }
        return true
    }
}
