internal import FlowModel

/// Peerings that carry nothing, or less than they promise [learn: virtual-network-peering-overview].
extension Consistency {
    mutating func checkPeerings() {
        var sides: [String: [String: Peering]] = [:]
        for vnet in network.vnets.values {
            for peering in vnet.peerings.sorted(by: { $0.id > $1.id }) {
                sides[vnet.id, default: [:]][peering.remote] = peering
            }
        }
        let gatewayHomes = Set(network.gateways.values.compactMap { network.subnets[$0.subnet]?.vnet })
        for vnet in network.vnets.values {
            for peering in vnet.peerings { check(peering, of: vnet, back: sides[peering.remote]?[vnet.id]) }
            checkTransit(of: vnet, hasGateway: gatewayHomes.contains(vnet.id))
        }
    }

    private mutating func check(_ peering: Peering, of vnet: VirtualNetwork, back: Peering?) {
        guard peering.isConnected else {
            return report(peering.id, "peeringState", "is \(peering.state ?? ""), not Connected: nothing passes")
        }
        guard let remote = network.vnets[peering.remote] else {
            return report(
                peering.id, "remoteVirtualNetwork.id",
                "is not in the export: \(peering.remote); ways that lead there end in \"cannot tell\"")
        }
        guard let back, back.isConnected else {
            return report(
                peering.id, "remoteVirtualNetwork.id",
                "one-sided: \(remote.name) has no connected peering back, so nothing passes")
        }
        checkGatewayFlags(peering, of: vnet, to: remote, back)
    }

    private mutating func checkGatewayFlags(
        _ peering: Peering, of vnet: VirtualNetwork, to remote: VirtualNetwork, _ back: Peering
    ) {
        guard peering.usesRemoteGateways else { return }
        if back.usesRemoteGateways {
            report(
                peering.id, "useRemoteGateways",
                "both sides use the other's gateways: neither \(vnet.name) nor \(remote.name) gets a gateway's routes")
        } else if !back.allowsGatewayTransit {
            report(
                peering.id, "useRemoteGateways",
                "the peering \(back.name) of \(remote.name) does not allow gateway transit: \(vnet.name) gets none of its "
                    + "gateways' routes")
        }
    }

    private mutating func checkTransit(of vnet: VirtualNetwork, hasGateway: Bool) {
        let users = vnet.peerings.filter { $0.usesRemoteGateways && $0.isConnected }.sorted { $0.id < $1.id }
        guard let first = users.first else { return }
        if hasGateway {
            report(
                first.id, "useRemoteGateways",
                "\(vnet.name) has a gateway of its own: Azure lets it use a peer's only where it has none")
        }
        if users.count > 1 {
            report(
                vnet.id, "virtualNetworkPeerings.useRemoteGateways",
                "\(users.count) peerings use remote gateways (\(users.map(\.name).joined(separator: ", "))): Azure allows one"
            )
        }
    }
}
