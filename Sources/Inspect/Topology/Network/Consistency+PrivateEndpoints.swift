internal import FlowModel

/// Private endpoints of which something is missing, or too many.
extension Consistency {
    /// In one VNet, and over all VNets that are peered directly; and the same at high scale (`privateEndpointVNetPolicies`
    /// `Basic`) [learn: increase-private-endpoint-vnet-limits].
    private static let limits = (vnet: 1_000, peered: 4_000)
    private static let highScaleLimits = (vnet: 5_000, peered: 20_000)

    mutating func checkPrivateEndpoints() {
        for endpoint in network.privateEndpoints.values where endpoint.addresses.isEmpty {
            report(
                endpoint.id, "networkInterfaces",
                "no address: neither its NIC nor DNS records are in the export; nothing can be told of its traffic")
        }
        for id in endpointSubnets {
            checkHighScale(subnet: id)
            guard let subnet = network.subnets[id], case .notSaid = subnet.privateEndpointPolicies else { continue }
            report(
                id, "privateEndpointNetworkPolicies",
                "is not said: taken as Disabled, so the endpoints' own /32 routes win unless a /32 user route stands "
                    + "against them")
        }
        for vnet in network.vnets.values { checkLimits(of: vnet) }
    }

    private mutating func checkHighScale(subnet id: String) {
        guard let subnet = network.subnets[id], case .ignoresRoutes = subnet.privateEndpointPolicies,
            let vnet = network.vnets[subnet.vnet], vnet.hasHighScaleEndpoints
        else { return }
        report(
            subnet.id, "privateEndpointNetworkPolicies",
            "does not enable route tables, which privateEndpointVNetPolicies Basic of \(vnet.name) needs")
    }

    private mutating func checkLimits(of vnet: VirtualNetwork) {
        let limits = vnet.hasHighScaleEndpoints ? Consistency.highScaleLimits : Consistency.limits
        let count = endpointCounts[vnet.id] ?? 0
        if count > limits.vnet {
            let advice =
                vnet.hasHighScaleEndpoints
                ? "" : "; privateEndpointVNetPolicies Basic raises it to \(Consistency.highScaleLimits.vnet)"
            report(
                vnet.id, "privateEndpoints",
                "\(count) private endpoints, more than the limit of \(limits.vnet) in one VNet\(advice)")
        }
        let around = peers[vnet.id] ?? []
        let sum = around.reduce(count) { $0 + (endpointCounts[$1] ?? 0) }
        // Which limit holds where only some of the VNets are set to high scale is not stated: the higher one.
        let isHighScale =
            vnet.hasHighScaleEndpoints || around.contains { network.vnets[$0]?.hasHighScaleEndpoints == true }
        let peeredLimit = isHighScale ? Consistency.highScaleLimits.peered : Consistency.limits.peered
        if sum > peeredLimit {
            report(
                vnet.id, "privateEndpoints",
                "\(sum) private endpoints in \(vnet.name) and the VNets peered with it, more than about \(peeredLimit): beyond "
                    + "it packets are dropped without any error")
        }
    }
}
