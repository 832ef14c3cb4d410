internal import FlowModel

/// The whole table of a subnet, as `az network nic show-effective-route-table` lists it.
extension EffectiveRoutes {
    /// Every row, strongest first within a prefix, prefixes in their order. The /32s of all private endpoints in reach are
    /// among them, the invalid ones with their reason.
    func table(at id: String) -> [EffectiveRoute] {
        guard let subnet = network.subnets[id], let table = network.tables.vnets[subnet.vnet] else { return [] }
        var prefixes = Set(table.reserved.map(\.prefix) + ["0.0.0.0/0", "::/0"].compactMap { IPPrefix($0) })
        prefixes.formUnion(table.system.all.map(\.0))
        prefixes.formUnion(table.partial.flatMap(\.routes).map(\.prefix))
        prefixes.formUnion(table.hub.all.map(\.0))
        prefixes.formUnion((network.table(ofSubnet: id)?.routes ?? []).compactMap(\.prefix))
        for gateway in table.gateways {
            prefixes.formUnion(network.tables.gatewayRoutes[gateway.id]?.all.map(\.0) ?? [])
        }
        var rows: [EffectiveRoute] = []
        for prefix in prefixes.sorted() {
            rows += decide(at: id, to: prefix.address, protocolName: "tcp").routes.filter {
                $0.prefix == prefix && $0.hop != .interfaceEndpoint
            }
        }
        return rows + endpointRows(at: subnet)
    }

    private func endpointRows(at subnet: Subnet) -> [EffectiveRoute] {
        let vnets = [subnet.vnet] + (network.tables.vnets[subnet.vnet]?.links.keys.sorted() ?? [])
        let addresses = vnets.flatMap { vnet in
            (network.hosts[vnet] ?? [:]).compactMap { address, host -> IPAddress? in
                if case .privateEndpoint = host { address } else { nil }
            }
        }
        return Set(addresses).sorted().flatMap { address in
            decide(at: subnet.id, to: address, protocolName: "tcp").routes.filter { $0.hop == .interfaceEndpoint }
        }
    }
}
