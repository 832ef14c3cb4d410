internal import FlowModel

/// Names and ranges that the overlay points at, and that are nowhere: a wish of nothing is always fulfilled.
extension Consistency {
    mutating func checkOverlay() {
        let devices = network.appliances.values
        let known = Set(devices.map(\.id) + devices.map { $0.name.lowercased() })
        for firewall in network.overlay.firewalls where !known.contains(firewall.id) {
            report(
                firewall.place, "id",
                "names no firewall of the export: \(firewall.id); wanted is an id or a name. What it says of its capacity "
                    + "is not used")
        }
        guard !network.overlay.inspect.isEmpty else { return }
        let subnets = Set(
            network.subnets.values.flatMap { [$0.id, $0.name.lowercased(), network.subnetName($0.id).lowercased()] })
        for rule in network.overlay.inspect {
            for device in rule.by where !known.contains(device) {
                report(
                    rule.place, "by",
                    "names no firewall or appliance of the export: \(device); wanted is an id or a name")
            }
            checkEndpoints(of: rule)
            checkClients(of: rule, subnets: subnets)
        }
    }

    private mutating func checkEndpoints(of rule: Overlay.InspectRule) {
        let known = Set(network.privateEndpoints.values.flatMap { [$0.id, $0.name.lowercased()] })
        for text in rule.privateEndpoints where text != "*" && !known.contains(text) {
            let prefix = IPPrefix(text)
            let isHeld = network.privateEndpoints.values.contains { endpoint in
                prefix.map { endpoint.addresses.contains(where: $0.contains) } ?? false
            }
            guard !isHeld else { continue }
            report(
                rule.place, "private_endpoints",
                "names no private endpoint of the export: \(text); wanted is an id, a name, a prefix that holds one's "
                    + "address, or *. It asks for nothing")
        }
    }

    private mutating func checkClients(of rule: Overlay.InspectRule, subnets: Set<String>) {
        for text in rule.from where text != "*" && !subnets.contains(text) {
            if let prefix = IPPrefix(text), isSomewhere(prefix) { continue }
            report(
                rule.place, "from",
                "names no subnet and no range of a client: \(text); wanted is a subnet's id, its name, vnet/subnet, a prefix "
                    + "in a subnet or in on_premises, or *. It asks for nothing")
        }
    }

    /// What a gateway is only assumed to lead to does not count: any mistyped prefix would lie there.
    private func isSomewhere(_ prefix: IPPrefix) -> Bool {
        network.subnets.values.contains { $0.prefixes.contains(where: prefix.overlaps) }
            || network.onPremises.contains { !$0.isAssumed && prefix.overlaps($0.prefix) }
            || network.vnets.values.contains { vnet in
                vnet.peerings.contains { peering in
                    network.vnets[peering.remote] == nil && peering.remoteRanges.contains(where: prefix.overlaps)
                }
            }
    }
}
