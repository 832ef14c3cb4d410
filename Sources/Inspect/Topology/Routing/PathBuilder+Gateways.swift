internal import FlowModel

/// Hops through gateways and virtual hubs.
extension PathBuilder {
    /// To on-premises, round through the gateway (spoke → hub gateway → other spoke works, past the firewall [field]), or
    /// into a virtual hub.
    func followGateway(
        _ route: EffectiveRoute, _ path: inout Path, at subnet: String, to destination: Place
    ) -> String? {
        let home = network.subnets[subnet]?.vnet ?? ""
        if let hub = route.target.flatMap({ network.hubs[$0] }) {
            return enter(hub, &path, from: home, to: destination)
        }
        if let address = route.nextHops.first, route.target == nil {
            // With a plain appliance address it is a Route Server's route [azure-routes: next hop names].
            path.end = .unknown("the way of \(route.prefix) to \(address), a Route Server's route, is in no export")
            return nil
        }
        let gateway =
            route.target.flatMap { network.gateways[$0] }
            ?? network.tables.vnets[home]?.gateways.first { !$0.isExpressRoute }
        guard let gateway else {
            path.end = .unknown("no gateway for the route \(route.prefix) is in the export")
            return nil
        }
        if let vnet = network.subnets[gateway.subnet]?.vnet, vnet != home,
            let refusal = refusal(from: home, to: vnet, path: path, destination: destination.address)
        {
            refuse(&path, refusal, from: home, to: vnet)
            return nil
        }
        let isHairpin = path.gateway?.id == gateway.id
        if network.subnets[subnet]?.id != gateway.subnet || path.gateway == nil { pass(gateway, &path) }
        if destination.endpoint.kind == .onPremises, route.isAssumed || network.leads(gateway, to: destination.address)
        {
            finish(&path, .onPremises, hop: hop(of: destination))
            return nil
        }
        if let far = network.tables.joinedGateways[gateway.id]?.first(where: {
            network.vnet(ofSubnet: $0.subnet)?.holds(destination.address) == true
        }), path.gateway?.id != far.id {
            path.facts.append(
                Fact(text: "a VNet-to-VNet connection joins \(gateway.name) and \(far.name)", confidence: .medium))
            pass(far, &path)
            return far.subnet
        }
        guard !isHairpin else {
            guard network.subnets[subnet]?.id == gateway.subnet else {
                finish(&path, .dropped("the routes lead in a circle at \(gateway.name)"))
                return nil
            }
            path.end = .unknown(
                "the routes lead back to \(gateway.name): what becomes of \(destination.address) behind it is in no export"
            )
            return nil
        }
        return gateway.subnet
    }

    /// A hub hands packets to its device first where it is told to, then to a VNet, to another hub, or to a gateway.
    private func enter(
        _ hub: VirtualHub, _ path: inout Path, from home: String, to destination: Place
    ) -> String? {
        path.hubs += 1
        guard path.hubs <= PathBuilder.deviceLimit else {
            finish(&path, .dropped("the routes lead in a circle at \(hub.name)"))
            return nil
        }
        path.hops.append(Hop(kind: .router, id: hub.id, name: hub.name, address: nil))
        let inner = VirtualHub.subnet("AzureFirewallSubnet", of: hub.id)
        let range: VirtualHub.Inspected
        switch network.inspection(by: hub, towards: destination.address) {
        case .passes: return inner
        case .device(let found): range = found
        case .open(let reason):
            path.end = .unknown(reason)
            return nil
        }
        guard let device = network.appliances[range.device], let address = device.addresses.first else {
            path.end = .unknown("device \(lastPart(range.device)) of virtual hub \(hub.name) is not in the export")
            return nil
        }
        path.facts.append(
            range.isIntent
                ? Fact(text: "routing intent of virtual hub \(hub.name)", confidence: .medium)
                : Fact(
                    text: "a static route of virtual hub \(hub.name): its associations are not judged", confidence: .low
                ))
        return pass(device, enteredAt: address, &path, to: destination)
    }
}
