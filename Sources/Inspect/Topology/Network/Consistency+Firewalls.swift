internal import FlowModel

/// Firewalls that cannot send on what they get.
extension Consistency {
    mutating func checkFirewalls() {
        let gatewayHops = Set(
            network.subnets.values.filter(\.isGatewaySubnet).compactMap { network.table(ofSubnet: $0.id) }
                .flatMap(\.routes).flatMap(\.nextHops))
        for device in network.appliances.values {
            checkBackends(of: device)
            guard let table = network.table(ofSubnet: device.subnet) else { continue }
            checkCircle(device, table)
            // An NVA may reach on-premises by a tunnel of its own: only what a gateway hands to it must go back there.
            if device.kind == .azureFirewall || device.addresses.contains(where: gatewayHops.contains) {
                checkWayBack(device, table)
            }
        }
    }

    private mutating func checkCircle(_ device: Appliance, _ table: RouteTable) {
        for route in table.routes where [.appliance, .applianceECMP].contains(route.hop) {
            guard let hop = route.nextHops.first(where: device.addresses.contains) else { continue }
            report(
                table.id, "routes.\(route.name).nextHopIpAddress",
                "leads from \(network.subnetName(device.subnet)) back to \(device.name) itself (\(hop)): what it sends to "
                    + "\(route.text) goes in a circle")
        }
    }

    /// Propagation off takes the gateway's routes away; a user route may stand in for them.
    private mutating func checkWayBack(_ device: Appliance, _ table: RouteTable) {
        guard !table.propagatesGatewayRoutes, let subnet = network.subnets[device.subnet] else { return }
        let gateways = network.tables.vnets[subnet.vnet]?.gateways ?? []
        let lost = network.onPremises.filter { range in
            !range.isAssumed && gateways.contains { network.leads($0, to: range) }
                && !table.routes.contains { route in
                    [.gateway, .appliance, .applianceECMP].contains(route.hop)
                        && route.prefix?.overlaps(range.prefix) == true
                        && !route.nextHops.contains(where: device.addresses.contains)
                }
        }
        guard !lost.isEmpty else { return }
        let names = lost.prefix(3).map { "\($0.name) \($0.prefix)" }.joined(separator: ", ")
        let further = lost.count > 3 ? " and \(lost.count - 3) further ranges" : ""
        report(
            table.id, "disableBgpRoutePropagation",
            "is on for \(network.subnetName(subnet.id)): \(device.name) has no route back to on-premises (\(names)\(further)), "
                + "so no answer through it arrives there")
    }

    /// The machines behind a load balancer that a route names must forward.
    private mutating func checkBackends(of device: Appliance) {
        guard let balancer = network.loadBalancers[device.id] else { return }
        for id in balancer.interfaces {
            guard let nic = network.interfaces[id], !nic.forwards else { continue }
            report(
                nic.id, "enableIPForwarding",
                "is off behind load balancer \(balancer.name), which routes name as next hop: what reaches this machine is lost"
            )
        }
    }
}
