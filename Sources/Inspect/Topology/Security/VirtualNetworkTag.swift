internal import FlowModel

/// What the service tag `VirtualNetwork` stands for in a VNet: its own ranges, those of directly peered VNets and of
/// connected on-premises networks [learn: service-tags-overview]. The prefixes of user routes, which differ by subnet,
/// are looked up in the route table.
struct VirtualNetworkTag {
    /// Of the VNet and of its peers: never Internet.
    private(set) var ranges = PrefixTable<Bool>()
    /// Ids of the gateways whose on-premises ranges belong to it.
    private(set) var gateways: [String] = []
    /// Why more ranges may belong to it than the exports tell: a gateway whose routes no export holds, a peered VNet
    /// without ranges; nil where the exports tell all.
    private(set) var gap: String?
    /// Of the VNet or, by transit, of a peer; also one that the export lacks.
    private(set) var hasGateway = false

    fileprivate mutating func add(_ prefixes: [IPPrefix]) { for prefix in prefixes { ranges.insert(true, at: prefix) } }

    fileprivate mutating func add(_ gateway: String) {
        gateways.append(gateway)
        hasGateway = true
    }

    fileprivate mutating func addMissingGateway(of peer: String) {
        hasGateway = true
        leaveOpen("the gateway of the peered VNet \(lastPart(peer)) is not in the export")
    }

    fileprivate mutating func leaveOpen(_ reason: String) { if gap == nil { gap = reason } }
}

/// The tags of all VNets; on-premises ranges are kept once, not in each VNet that a gateway serves.
struct VirtualNetworkTags {
    private var tags: [String: VirtualNetworkTag] = [:]
    /// Ranges that every gateway leads to, and those of one.
    private var behindAny = PrefixTable<Bool>()
    private var behind: [String: PrefixTable<Bool>] = [:]

    init() {}

    subscript(vnet: String) -> VirtualNetworkTag? { tags[vnet] }

    func holdsOnPremises(_ address: IPAddress, _ tag: VirtualNetworkTag) -> Bool {
        guard !tag.gateways.isEmpty else { return false }
        if behindAny.longestMatch(address) != nil { return true }
        return tag.gateways.contains { behind[$0]?.longestMatch(address) != nil }
    }

    /// Needs peerings, gateways and on-premises ranges.
    init(_ network: Network) {
        for range in network.onPremises where range.gateways.isEmpty && !range.isAssumed {
            behindAny.insert(true, at: range.prefix)
        }
        for range in network.onPremises {
            for gateway in range.gateways { behind[gateway, default: PrefixTable()].insert(true, at: range.prefix) }
        }
        let homes = Dictionary(grouping: network.gateways.values.sorted { $0.id < $1.id }) {
            network.subnets[$0.subnet]?.vnet ?? ""
        }
        for vnet in network.vnets.values {
            var tag = VirtualNetworkTag()
            tag.add(vnet.ranges)
            var gateways = homes[vnet.id] ?? []
            for link in network.links[vnet.id] ?? [] { addPeer(link, to: &tag, network) }
            for peer in network.transitPeers(of: vnet.id) {
                gateways += homes[peer] ?? []
                if homes[peer] == nil { tag.addMissingGateway(of: peer) }
            }
            for gateway in gateways {
                tag.add(gateway.id)
                if behindAny.isEmpty, behind[gateway.id] == nil {
                    tag.leaveOpen("no export holds what the gateway \(gateway.name) learns")
                }
            }
            tags[vnet.id] = tag
        }
    }

    /// A peering without access to the other VNet leaves it out of the tag [learn: virtual-network-manage-peering].
    private func addPeer(_ link: PeeringLink, to tag: inout VirtualNetworkTag, _ network: Network) {
        guard link.local.allowsAccess else { return }
        guard let peer = network.vnets[link.peer] else {
            if link.local.remoteRanges.isEmpty {
                tag.leaveOpen("the ranges of the peered VNet \(lastPart(link.peer)) are not in the export")
            }
            return tag.add(link.local.remoteRanges)
        }
        guard let names = link.local.remoteSubnetNames else { return tag.add(peer.ranges) }
        for id in peer.subnets where names.contains(lastPart(id)) { tag.add(network.subnets[id]?.prefixes ?? []) }
    }
}
