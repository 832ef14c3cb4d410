/// Sorts what joins VNets into nets: one trunk each, owned by a VNet of many joints, with a stub to each other VNet.
struct DrawingNets {
    struct Net {
        /// The box that the trunk starts at; nil for a group, which belongs to nobody.
        var owner: Int?
        /// Boxes at its stubs, with the link of each.
        var stubs: [(box: Int, link: TopologyMap.Link)]
        /// Of a site: its trunk runs above the hubs.
        var isSite = false

        var isBroken: Bool {
            stubs.allSatisfy { $0.link.state == .oneSided || $0.link.state == .notConnected }
        }

        var boxes: [Int] { (owner.map { [$0] } ?? []) + stubs.map(\.box) }
    }

    private(set) var nets: [Net] = []
    /// Boxes that own a trunk, the one with the most joints first.
    private(set) var owners: [Int] = []

    /// `importance` breaks ties: of a pair, the VNet with the firewall is the hub.
    init(links: [TopologyMap.Link], index: [String: Int], importance: [Int]) {
        let pairs = links.compactMap { link -> (first: Int, second: Int, link: TopologyMap.Link)? in
            guard link.name.isEmpty, link.members.count == 2, let first = index[link.members[0]],
                let second = index[link.members[1]]
            else { return nil }
            return (first, second, link)
        }
        cover(pairs, importance)
        for link in links where !link.name.isEmpty {
            let boxes = link.members.compactMap { index[$0] }
            nets.append(Net(owner: nil, stubs: boxes.map { ($0, link) }))
        }
    }

    /// A vertex cover, greedily: whoever has the most joints left owns them all.
    private mutating func cover(
        _ pairs: [(first: Int, second: Int, link: TopologyMap.Link)], _ importance: [Int]
    ) {
        var joints: [Int: [Int]] = [:]
        for (number, pair) in pairs.enumerated() {
            joints[pair.first, default: []].append(number)
            joints[pair.second, default: []].append(number)
        }
        var left = joints.mapValues(\.count)
        var isOwned = Array(repeating: false, count: pairs.count)
        while let owner = left.max(by: { one, other in
            (one.value, importance[one.key], -one.key) < (other.value, importance[other.key], -other.key)
        })?.key {
            var net = Net(owner: owner, stubs: [])
            for number in joints[owner] ?? [] where !isOwned[number] {
                isOwned[number] = true
                let other = pairs[number].first == owner ? pairs[number].second : pairs[number].first
                net.stubs.append((other, pairs[number].link))
                left[other, default: 0] -= 1
                if left[other] == 0 { left[other] = nil }
            }
            left[owner] = nil
            owners.append(owner)
            nets.append(net)
        }
    }
}
