/// Puts the way there, the way back and the witnesses together.
extension SlowEvaluator {
    func outcome(_ pair: SlowPair) -> SlowOutcome {
        var forward = Forward(
            client: pair.client, clientAddress: address(pair.client), destination: address(pair.destination),
            devices: [],
            translated: [])
        let start = self.start(pair.client)
        let there = walk(
            start, Packet(source: forward.clientAddress, destination: forward.destination, isReply: false))
        forward.devices = (start.device.map { [$0] } ?? []) + there.devices
        forward.translated = forward.devices.map { translates($0, forward.destination) }
        forward.lastRow = there.lastRow
        let back = self.back(pair, forward, there.end)
        var outcome = SlowOutcome(
            decisions: there.decisions, devices: forward.devices.map(text), end: "\(there.end)",
            backRule: there.end == .reached ? back.rule : "not reached", inspected: inspected(forward, there.end),
            works: back.works, symmetric: back.symmetric,
            sees: sees(pair, forward, there.end, back))
        if isUnannounced(pair) { outcome.works.insert(.unknown) }
        if there.end != .reached, there.end != .dropped("None") { outcome.devicesAreWhole = false }
        if isPending(pair.destination) { forget(&outcome) }
        return outcome
    }

    /// What does not use a circuit's gateway, its other end is not told of.
    private func isUnannounced(_ pair: SlowPair) -> Bool {
        guard case .site(let name, _) = pair.client, let site = world.sites.first(where: { $0.name == name }),
            let gateway = world.gateways.first(where: { $0.name == site.gateway }), gateway.isExpressRoute
        else { return false }
        let destination = address(pair.destination)
        let holder = world.vnets.first { $0.name != gateway.vnet && $0.ranges.contains { $0.contains(destination) } }
        return holder.map { holder in !gateways(of: holder).contains { $0.name == gateway.name } } ?? false
    }

    private func isPending(_ place: SlowPair.Place) -> Bool {
        guard case .privateEndpoint(let name) = place else { return false }
        return world.privateEndpoints.first { $0.name == name }?.status != "Approved"
    }

    /// "Only an endpoint whose connection is Approved carries traffic": it does not work; whether the /32 is there, and hence
    /// which way a packet takes, is not stated.
    private func forget(_ outcome: inout SlowOutcome) {
        outcome.decisions = []
        outcome.decisionsAreWhole = false
        outcome.devices = nil
        outcome.inspected = Set(SlowTruth.allCases)
        outcome.works = [.no]
        outcome.symmetric = [.unknown, .yes]
        outcome.sees = [:]
    }

    func address(_ place: SlowPair.Place) -> SlowAddress {
        switch place {
        case .interface(let name): world.interfaces.first { $0.name == name }?.address ?? SlowAddress(0, 0, 0, 0)
        case .privateEndpoint(let name):
            world.privateEndpoints.first { $0.name == name }?.address ?? SlowAddress(0, 0, 0, 0)
        case .site(_, let address), .internet(let address), .nowhere(let address): address
        }
    }

    /// A client on-premises comes in at the gateway of its site.
    private func start(_ place: SlowPair.Place) -> Position {
        switch place {
        case .interface(let name):
            let interface = world.interfaces.first { $0.name == name }
            return Position(vnet: interface?.vnet ?? "", subnet: interface?.subnet ?? "", device: nil)
        case .site(let name, _):
            return position(.gateway(world.sites.first { $0.name == name }?.gateway ?? ""))
        default: return Position(vnet: "", subnet: "", device: nil)
        }
    }

    private func text(_ device: Device) -> String {
        switch device {
        case .firewall: "firewall \(address(device).text)"
        case .appliance: "appliance \(address(device).text)"
        case .gateway: "gateway"
        }
    }

    private func back(_ pair: SlowPair, _ forward: Forward, _ end: End) -> Back {
        switch end {
        case .open: return .open
        case .dropped(let why):
            let isSure = isSure(why)
            return Back(
                works: isSure ? [.no] : [.no, .unknown], symmetric: isSure ? [.unknown] : Set(SlowTruth.allCases),
                reachesClient: isSure ? .no : .unknown, isOpen: !isSure)
        case .reached: break
        }
        switch pair.destination {
        case .interface: return replyByRoutes(forward, from: start(pair.destination))
        case .site: return replyByRoutes(forward, from: position(forward.devices.last ?? .gateway("")))
        case .privateEndpoint(let name):
            guard let endpoint = world.privateEndpoints.first(where: { $0.name == name }) else { return .open }
            return replyOfEndpoint(endpoint, forward)
        case .internet: return replyOfInternet(forward, client: nil)
        case .nowhere: return .open
        }
    }

    /// "`inspected` is true where a firewall or an inspecting appliance stands on the forward path."
    private func inspected(_ forward: Forward, _ end: End) -> Set<SlowTruth> {
        let isSeen = forward.devices.contains(where: inspects)
        switch end {
        case .reached: return isSeen ? [.yes] : [.no]
        case .dropped: return isSeen ? [.yes] : [.no, .unknown]
        case .open: return isSeen ? [.yes, .unknown] : Set(SlowTruth.allCases)
        }
    }
}
