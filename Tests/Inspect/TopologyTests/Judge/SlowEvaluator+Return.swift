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
        /// The sentence that decided, in short.
        var rule = "routes"

        static let open = Back(
            works: Set(SlowTruth.allCases), symmetric: Set(SlowTruth.allCases), reachesClient: .unknown, isOpen: true)
        /// "nothing comes back": no answer, hence no word on its way.
        static let nothing = Back(works: [.no], symmetric: [.unknown], reachesClient: .no)
        static let unknown = Back(works: [.unknown], symmetric: [.unknown], reachesClient: .unknown)

        func named(_ rule: String) -> Back {
            var back = self
            back.rule = rule
            return back
        }
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
        guard protocols(endpoint).contains(ipProtocol) else { return Back.nothing.named("protocol never answered") }
        if let row = forward.lastRow, row.hop != "InterfaceEndpoint" {
            return replyWithoutMapping(row, endpoint).named("no /32 at the last hop")
        }
        guard let last = forward.devices.last(where: { $0.isAppliance }) else {
            // A gateway between two VNets as the mapping's host is not in the table; an on-premises client's is known to work.
            let direct = Back(works: [.yes], symmetric: [.yes], reachesClient: .yes, rule: "straight from the endpoint")
            if case .site = forward.client { return direct }
            return forward.devices.isEmpty ? direct : .open
        }
        guard last == forward.devices.last else { return .open }
        let back = unwind(forward, from: position(last), left: forward.devices.count - 1, crossed: [last])
        let mapping = mapping(endpoint, forward, last)
        switch mapping.comesBack {
        case .yes: return back.named(mapping.rule)
        case .no: return Back.nothing.named(mapping.rule)
        case .unknown where back.works == [.no]:
            // Even if the reply came to the appliance, it would not come to the client.
            return Back(
                works: [.no, .unknown], symmetric: back.symmetric.union([.unknown]), crossed: [],
                reachesClient: .unknown, isOpen: true, rule: mapping.rule)
        case .unknown:
            // Several appliances without translation are not in the table; that the last one gets the reply is the sentence above it.
            guard mapping.rule == "several appliances" else { return Back.unknown.named(mapping.rule) }
            return Back(
                works: back.works.union([.no, .unknown]), symmetric: back.symmetric.union([.unknown]),
                reachesClient: .unknown, isOpen: true, rule: mapping.rule)
        }
    }

    /// "A user route to an endpoint whose next hop is a VNet needs it [high scale], or connectivity breaks."
    private func replyWithoutMapping(_ row: Row, _ endpoint: SlowWorld.PrivateEndpoint) -> Back {
        guard row.source == .user, row.hop == "VnetLocal" else { return .open }
        guard world.vnet(endpoint.vnet)?.isHighScale != true else { return .open }
        return Back(works: [.no, .unknown], symmetric: Set(SlowTruth.allCases), reachesClient: .unknown, isOpen: true)
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
        // "Without forwarded traffic and without translation": whether a translated session's answer, which carries the
        // destination's address into the client's VNet, needs it is left open.
        if why == "no forwarded traffic accepted", forward.translated.contains(true) {
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
