internal import FlowModel

/// What the service tag `VirtualNetwork` stands for in a VNet: its own ranges, those of directly peered VNets and of
/// connected on-premises networks [learn: service-tags-overview]. The prefixes of user routes, which differ by subnet,
/// are looked up in the route table.
struct VirtualNetworkTag {
    enum Origin {
        /// Of the VNet or of a peered one: never Internet.
        case network
        /// Of an on-premises network behind a gateway.
        case onPremises
    }

    private(set) var ranges = PrefixTable<Origin>()
    /// Why more ranges may belong to it than the exports tell: a gateway whose routes no export holds, a peered VNet
    /// without ranges; nil where the exports tell all.
    private(set) var gap: String?

    mutating func add(_ prefix: IPPrefix, _ origin: Origin) {
        if origin == .onPremises, ranges.value(at: prefix) != nil { return }
        ranges.insert(origin, at: prefix)
    }

    mutating func leaveOpen(_ reason: String) { if gap == nil { gap = reason } }
}

extension Network {
    /// Makes the tags of all VNets; needs peerings, gateways and on-premises ranges.
    func virtualNetworkTagsOfAllVNets() -> [String: VirtualNetworkTag] {
        let homes = Dictionary(grouping: gateways.values.sorted { $0.id < $1.id }) { subnets[$0.subnet]?.vnet ?? "" }
        return vnets.mapValues { vnet in
            var tag = VirtualNetworkTag()
            for range in vnet.ranges { tag.add(range, .network) }
            var reached = homes[vnet.id] ?? []
            for link in links[vnet.id] ?? [] {
                addPeer(link, to: &tag)
                guard link.local.usesRemoteGateways, link.remote?.allowsGatewayTransit ?? true else { continue }
                reached += homes[link.peer] ?? []
                if homes[link.peer] == nil {
                    tag.leaveOpen("the gateway of the peered VNet \(lastPart(link.peer)) is not in the export")
                }
            }
            for gateway in reached { addOnPremises(gateway, to: &tag) }
            return tag
        }
    }

    /// A peering without access to the other VNet leaves it out of the tag [learn: virtual-network-manage-peering].
    private func addPeer(_ link: PeeringLink, to tag: inout VirtualNetworkTag) {
        guard link.local.allowsAccess else { return }
        guard let peer = vnets[link.peer] else {
            if link.local.remoteRanges.isEmpty {
                tag.leaveOpen("the ranges of the peered VNet \(lastPart(link.peer)) are not in the export")
            }
            return link.local.remoteRanges.forEach { tag.add($0, .network) }
        }
        guard let names = link.local.remoteSubnetNames else { return peer.ranges.forEach { tag.add($0, .network) } }
        for id in peer.subnets where names.contains(lastPart(id)) {
            for prefix in subnets[id]?.prefixes ?? [] { tag.add(prefix, .network) }
        }
    }

    private func addOnPremises(_ gateway: Gateway, to tag: inout VirtualNetworkTag) {
        let behind = onPremises.filter { leads(gateway, to: $0) }
        for range in behind { tag.add(range.prefix, .onPremises) }
        if behind.isEmpty { tag.leaveOpen("no export holds what the gateway \(gateway.name) learns") }
    }
}
