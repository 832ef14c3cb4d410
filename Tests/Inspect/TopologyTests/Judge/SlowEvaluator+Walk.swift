/// Which way a packet goes, one hop after the other.
extension SlowEvaluator {
    enum Device: Hashable {
        case firewall(String)
        case appliance(String)
        case gateway(String)
    }

    enum End: Hashable {
        case reached
        case dropped(String)
        /// The page leaves it open.
        case open(String)
    }

    struct Walk {
        var decisions: [SlowOutcome.Decision] = []
        var devices: [Device] = []
        var end = End.open("not walked")
        /// The last route before the destination.
        var lastRow: Row?
    }

    /// Where a packet is: leaving a subnet, sent by a workload or by a device.
    struct Position {
        var vnet: String
        var subnet: String
        var device: Device?
    }

    struct Packet {
        var source: SlowAddress
        var destination: SlowAddress
        /// A reply is translated back, never anew.
        var isReply: Bool
    }

    /// Walks from a position until the packet is somewhere or lost; `goal` is the device that a reply looks for, if any.
    func walk(_ start: Position, _ packet: Packet, goal: Device? = nil) -> Walk {
        var walk = Walk()
        var position = start
        var packet = packet
        for _ in 0..<12 {
            guard let vnet = world.vnet(position.vnet), let subnet = world.subnet(position.vnet, position.subnet) else {
                return walk.ending(.open("no such subnet"))
            }
            guard let row = winner(vnet, subnet, packet.destination) else {
                return walk.ending(.dropped("no route"))
            }
            walk.decisions.append(decision(vnet, subnet, row, packet.destination))
            walk.lastRow = row
            switch step(row, vnet, packet, position) {
            case .end(.open(let reason)) where SlowEvaluator.unknownRoutes.contains(reason):
                walk.decisions.removeLast()
                return walk.ending(.open(reason))
            case .end(let end): return walk.ending(end)
            case .device(let device):
                if goal == device { return walk.ending(.reached) }
                if isAddress(packet.destination, of: device) { return walk.ending(.reached) }
                if walk.devices.contains(device) || start.device == device { return walk.ending(.dropped("loop")) }
                walk.devices.append(device)
                if case .gateway(let name) = device, let end = beyond(gateway: name, packet) { return walk.ending(end) }
                if !packet.isReply, translates(device, packet.destination) { packet.source = address(device) }
                position = self.position(device)
            }
        }
        return walk.ending(.dropped("loop"))
    }

    /// Ends at which it is the route that is not known.
    private static let unknownRoutes = ["no access over the peering", "a common ExpressRoute circuit"]

    private enum Step {
        case end(End)
        case device(Device)
    }

    /// The VNets of a gateway's domain: the generator begins all names of a domain with one letter.
    private func neighbours(of gateway: String) -> [SlowWorld.VNet] {
        world.vnets.filter { $0.name.hasPrefix(gateway.prefix(1)) }
    }

    private func step(_ row: Row, _ vnet: SlowWorld.VNet, _ packet: Packet, _ position: Position) -> Step {
        let device = position.device
        switch row.hop {
        case "None":
            let isReserved = row.source == .system
            return .end(
                isReserved && mayShareCircuit(vnet, position.subnet, packet.destination)
                    ? .open("a common ExpressRoute circuit") : .dropped("None"))
        case "Internet":
            return .end(packet.destination.isPrivate ? .dropped("private address to the Internet") : .reached)
        case "VnetLocal":
            guard vnet.ranges.contains(where: { $0.contains(packet.destination) }) else {
                return .end(.open("VnetLocal for an address outside the VNet"))
            }
            return delivered(packet.destination, in: vnet)
        case "VNetPeering", "InterfaceEndpoint":
            let name = row.hop == "VNetPeering" ? row.target : endpointVNet(row.target)
            guard let remote = world.vnet(name) else { return .end(.open("no such VNet")) }
            if let end = crossing(from: vnet, into: remote, packet.source, device) { return .end(end) }
            return delivered(packet.destination, in: remote)
        case "VirtualNetworkGateway": return toGateway(row, vnet, packet, device)
        case "VirtualAppliance": return toAppliance(row, vnet, packet, position)
        default: return .end(.open("next hop \(row.hop)"))
        }
    }

    /// Two VNets on one ExpressRoute circuit reach each other through it; which circuit a gateway has is in no export here.
    private func mayShareCircuit(_ vnet: SlowWorld.VNet, _ subnet: String, _ destination: SlowAddress) -> Bool {
        guard subnet == "GatewaySubnet" || propagates(vnet, subnet) else { return false }
        let own = gateways(of: vnet)
        guard own.contains(where: \.isExpressRoute) else { return false }
        let holders = world.vnets.filter { holder in holder.ranges.contains { $0.contains(destination) } }
        return holders.flatMap(gateways).contains { far in
            far.isExpressRoute && !own.contains { $0.name == far.name }
        }
    }

    private func endpointVNet(_ name: String) -> String {
        world.privateEndpoints.first { $0.name == name }?.vnet ?? ""
    }

    /// The packet is in the VNet that holds its destination: whoever has the address gets it.
    private func delivered(_ destination: SlowAddress, in vnet: SlowWorld.VNet) -> Step {
        if let device = device(at: destination, in: vnet.name) { return .device(device) }
        let isSomebody =
            world.interfaces.contains { $0.vnet == vnet.name && $0.address == destination }
            || world.privateEndpoints.contains { $0.vnet == vnet.name && $0.address == destination }
        return .end(isSomebody ? .reached : .open("nothing in the export has the address"))
    }

    /// "`allowForwardedTraffic` must be on to accept packets whose source is not in the peer."
    private func crossing(
        from vnet: SlowWorld.VNet, into remote: SlowWorld.VNet, _ source: SlowAddress, _ device: Device?
    ) -> End? {
        if vnet.name == remote.name { return nil }
        let sides = [
            vnet.peerings.first { $0.remote == remote.name }, remote.peerings.first { $0.remote == vnet.name },
        ]
        // Whether the route stays in the table, or another one takes its place, is not stated.
        if sides.contains(where: { $0?.allowsAccess == false }) { return .open("no access over the peering") }
        let accepts = remote.peerings.first { $0.remote == vnet.name }?.allowsForwarded == true
        if accepts || vnet.ranges.contains(where: { $0.contains(source) }) { return nil }
        if case .gateway = device {
            // A gateway's own transit needs none [learn: virtual-network-peering-overview; architecture-center 1051].
            let isTransit =
                remote.peerings.contains { $0.remote == vnet.name && $0.usesRemoteGateways }
                && vnet.peerings.contains { $0.remote == remote.name && $0.allowsTransit }
            return isTransit ? nil : .open("forwarded traffic of a gateway without allowForwardedTraffic")
        }
        return .dropped("no forwarded traffic accepted")
    }

    private func toGateway(_ row: Row, _ vnet: SlowWorld.VNet, _ packet: Packet, _ device: Device?) -> Step {
        let reachable = gateways(of: vnet)
        // "VirtualNetworkGateway (VPN only)" as the next hop of a user route.
        let usable =
            row.source == .user ? reachable.filter { !$0.isExpressRoute } : reachable.filter { $0.name == row.target }
        guard let gateway = usable.first else {
            return .end(reachable.isEmpty ? .dropped("no gateway") : .open("user route to an ExpressRoute gateway"))
        }
        guard let home = world.vnet(gateway.vnet) else { return .end(.open("no such VNet")) }
        if device == .gateway(gateway.name) { return .end(.open("back to on-premises")) }
        if let end = crossing(from: vnet, into: home, packet.source, device) { return .end(end) }
        return .device(.gateway(gateway.name))
    }

    /// What a gateway does with a packet itself; nil where the routes of GatewaySubnet decide: "A VPN gateway carries spoke →
    /// hub gateway → other spoke as a hairpin".
    private func beyond(gateway: String, _ packet: Packet) -> End? {
        let isOnPremises = world.sites.contains { site in
            site.gateway == gateway && site.prefixes.contains { $0.contains(packet.destination) }
        }
        let isInVNet = neighbours(of: gateway).contains { $0.ranges.contains { $0.contains(packet.destination) } }
        if isOnPremises { return isInVNet ? .open("on-premises and in a VNet") : .reached }
        return isInVNet ? nil : .open("a gateway and an address that nothing explains")
    }

    /// "VirtualAppliance (address of a NIC with IP forwarding, … or of a firewall; must be reachable directly)".
    private func toAppliance(_ row: Row, _ vnet: SlowWorld.VNet, _ packet: Packet, _ position: Position) -> Step {
        guard let address = row.address else { return .end(.open("no address")) }
        let from = position.device
        let edges = workingPeerings(vnet).filter { !$0.peering.isIPv6Only }
        let near = [vnet] + edges.map(\.remote)
        guard let home = near.first(where: { $0.ranges.contains { $0.contains(address) } }) else {
            return .end(.dropped("the appliance is not reachable directly"))
        }
        if let local = edges.first(where: { $0.remote.name == home.name })?.peering.localSubnets {
            // Whether an appliance outside the peered subnets is reached is not stated.
            guard local.contains(position.subnet) else { return .end(.open("subnet peering")) }
        }
        if let device = device(at: address, in: home.name) {
            if device == from { return .end(.dropped("loop")) }
            if let end = crossing(from: vnet, into: home, packet.source, from) { return .end(end) }
            if isAddress(packet.destination, of: device) { return .end(.reached) }
            return .device(device)
        }
        if let interface = world.interfaces.first(where: { $0.vnet == home.name && $0.address == address }) {
            return .end(interface.address == packet.destination ? .open("via itself") : .dropped("does not forward"))
        }
        return .end(.dropped("nobody"))
    }
}

extension SlowEvaluator.Walk {
    func ending(_ end: SlowEvaluator.End) -> Self {
        var walk = self
        walk.end = end
        return walk
    }
}

extension SlowEvaluator {
    func device(at address: SlowAddress, in vnet: String) -> Device? {
        if let firewall = world.firewalls.first(where: { $0.vnet == vnet && $0.address == address }) {
            return .firewall(firewall.name)
        }
        let forwarding = world.interfaces.first { $0.vnet == vnet && $0.address == address && $0.forwards }
        return forwarding.map { .appliance($0.name) }
    }

    func isAddress(_ address: SlowAddress, of device: Device) -> Bool {
        if case .gateway = device { return false }
        return self.address(device) == address
    }

    func address(_ device: Device) -> SlowAddress {
        switch device {
        case .firewall(let name): world.firewalls.first { $0.name == name }?.address ?? SlowAddress(0, 0, 0, 0)
        case .appliance(let name): world.interfaces.first { $0.name == name }?.address ?? SlowAddress(0, 0, 0, 0)
        case .gateway: SlowAddress(0, 0, 0, 0)
        }
    }

    func vnet(_ device: Device) -> String { position(device).vnet }

    func position(_ device: Device) -> Position {
        switch device {
        case .firewall(let name):
            let vnet = world.firewalls.first { $0.name == name }?.vnet ?? ""
            return Position(vnet: vnet, subnet: "AzureFirewallSubnet", device: device)
        case .appliance(let name):
            let interface = world.interfaces.first { $0.name == name }
            return Position(vnet: interface?.vnet ?? "", subnet: interface?.subnet ?? "", device: device)
        case .gateway(let name):
            let vnet = world.gateways.first { $0.name == name }?.vnet ?? ""
            return Position(vnet: vnet, subnet: "GatewaySubnet", device: device)
        }
    }

    /// "A NIC with IP forwarding that a route names is an appliance without an entry here: it inspects, and does not
    /// translate, until the overlay says otherwise."
    func inspects(_ device: Device) -> Bool {
        switch device {
        case .firewall: true
        case .appliance(let name): world.appliances.first { $0.interface == name }?.inspects ?? true
        case .gateway: false
        }
    }

    /// "network rules do not SNAT when the destination lies in the private ranges (default: RFC 1918 and 100.64.0.0/10; the
    /// policy's `snat.privateRanges` replaces them)"; "NVAs: SNAT as the overlay says".
    func translates(_ device: Device, _ destination: SlowAddress) -> Bool {
        switch device {
        case .firewall(let name):
            let ranges = world.firewalls.first { $0.name == name }?.privateRanges ?? SlowPrefix.reserved
            return !ranges.contains { $0.contains(destination) }
        case .appliance(let name):
            switch world.appliances.first(where: { $0.interface == name })?.translates {
            case "always": return true
            case "private_endpoints": return isToPrivateEndpoint
            default: return false
            }
        case .gateway: return false
        }
    }
}
