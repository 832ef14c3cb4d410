internal import FlowModel

/// Finds what joins VNets, each pair once, with the state of both its sides.
struct LinkCollector {
    private struct Pair: Hashable {
        var first: String
        var second: String

        init(_ one: String, _ other: String) {
            first = min(one, other)
            second = max(one, other)
        }
    }

    let network: Network

    /// Sorted by members, then kind and name.
    func links() -> [TopologyMap.Link] {
        (peerings() + gatewayConnections() + connectedGroups() + virtualWANs()).sorted { left, right in
            if left.members != right.members { return left.members.lexicographicallyPrecedes(right.members) }
            return (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
        }
    }

    // MARK: Peerings

    private func peerings() -> [TopologyMap.Link] {
        var sides: [Pair: [(vnet: String, peering: Peering)]] = [:]
        for vnet in network.vnets.values {
            for peering in vnet.peerings {
                sides[Pair(vnet.id, peering.remote), default: []].append((vnet.id, peering))
            }
        }
        return sides.filter { $0.key.first != $0.key.second }.map { pair, sides in
            link(pair, sides.sorted { ($0.vnet, $0.peering.id) < ($1.vnet, $1.peering.id) })
        }
    }

    private func link(_ pair: Pair, _ sides: [(vnet: String, peering: Peering)]) -> TopologyMap.Link {
        let isHub = network.hubs[pair.first] != nil || network.hubs[pair.second] != nil
        let (state, text) = judge(pair, sides)
        return TopologyMap.Link(
            kind: isHub ? .hubConnection : .peering, state: state, members: [pair.first, pair.second], name: "",
            text: text)
    }

    private func judge(
        _ pair: Pair, _ sides: [(vnet: String, peering: Peering)]
    ) -> (TopologyMap.Link.State, String) {
        if let broken = sides.first(where: { !$0.peering.isConnected }) {
            return (.notConnected, "\(broken.peering.state ?? "not Connected") at \(name(broken.vnet))")
        }
        let missing = [pair.first, pair.second].first { vnet in !sides.contains { $0.vnet == vnet } }
        guard let missing else { return (.works, "") }
        return network.vnets[missing] == nil
            ? (.believed, "\(name(missing)) is not in the export") : (.oneSided, "no peering back at \(name(missing))")
    }

    private func name(_ vnet: String) -> String { network.vnets[vnet]?.name ?? lastPart(vnet) }

    // MARK: Other joints

    private func gatewayConnections() -> [TopologyMap.Link] {
        var pairs: Set<Pair> = []
        for (first, second) in network.gatewayConnections {
            guard let one = vnet(ofGateway: first), let other = vnet(ofGateway: second), one != other else { continue }
            pairs.insert(Pair(one, other))
        }
        return pairs.map {
            TopologyMap.Link(
                kind: .gatewayConnection, state: .works, members: [$0.first, $0.second], name: "", text: "")
        }
    }

    private func vnet(ofGateway id: String) -> String? {
        network.gateways[id].flatMap { network.subnets[$0.subnet]?.vnet }
    }

    /// One link for all members of a group, however many pairs they are. Groups of one name and domain are one.
    private func connectedGroups() -> [TopologyMap.Link] {
        struct Group: Hashable {
            var name: String
            var domain: Int32
        }
        var members: [Group: Set<String>] = [:]
        for (vnet, links) in network.links {
            for link in links where link.isConnectedGroup {
                let group = Group(name: link.local.name, domain: network.domains[vnet] ?? -1)
                members[group, default: []].insert(vnet)
            }
        }
        return members.map { group, members in
            TopologyMap.Link(
                kind: .connectedGroup, state: .works, members: members.sorted(), name: group.name, text: "")
        }
    }

    private func virtualWANs() -> [TopologyMap.Link] {
        var hubs: [String: [String]] = [:]
        for hub in network.hubs.values {
            if let wan = hub.wan { hubs[wan, default: []].append(hub.id) }
        }
        return hubs.filter { $0.value.count > 1 }.map { wan, hubs in
            TopologyMap.Link(
                kind: .virtualWAN, state: .works, members: hubs.sorted(), name: network.name(of: wan),
                text: "")
        }
    }
}
