/// Large maps, cut so that a drawing stays legible.
extension TopologyMap {
    /// VNets above which a drawing is cut.
    package static let vnetLimit = 400

    /// The map itself up to `limit` VNets. Beyond: the path's routing domain; where that is too large, too, the VNets of
    /// the path and what is joined to them. Without a path: as many whole domains as fit, the largest first.
    package func cut(limit: Int = vnetLimit) -> TopologyMap {
        guard vnetCount > limit else { return self }
        var kept: Set<String> = []
        if let way, let domain = domains.first(where: { $0.number == way.domain }) {
            kept = domain.vnets.count <= limit ? Set(domain.vnets.map(\.id)) : neighbourhood(of: way, domain, limit)
        } else {
            for domain in domains.sorted(by: { ($1.vnets.count, $0.number) < ($0.vnets.count, $1.number) }) {
                let room = limit - kept.count
                kept.formUnion(domain.vnets.count <= room ? domain.vnets.map(\.id) : wellJoined(domain, room))
                if kept.count >= limit { break }
            }
        }
        return keeping(kept)
    }

    /// VNets of the path first, then what is joined to them, in the order of the links.
    private func neighbourhood(of way: Way, _ domain: Domain, _ limit: Int) -> Set<String> {
        let spots = Set((way.forward + way.back).compactMap { $0.spot?.resource })
        let own = domain.vnets.filter { vnet in
            spots.contains(vnet.id)
                || vnet.subnets.contains { spots.contains($0.id) || $0.things.contains { spots.contains($0.id) } }
        }.map(\.id)
        var kept = Set(own.prefix(limit))
        let centre = kept
        for link in links where link.members.contains(where: centre.contains) {
            for member in link.members where kept.count < limit { kept.insert(member) }
        }
        return kept
    }

    private func wellJoined(_ domain: Domain, _ room: Int) -> [String] {
        var degrees: [String: Int] = [:]
        for link in links {
            for member in link.members { degrees[member, default: 0] += 1 }
        }
        return domain.vnets.map(\.id).sorted { (degrees[$1] ?? 0, $0) < (degrees[$0] ?? 0, $1) }
            .prefix(room).map { $0 }
    }

    private func keeping(_ kept: Set<String>) -> TopologyMap {
        var map = self
        map.domains = domains.compactMap { domain in
            var domain = domain
            domain.vnets.removeAll { !kept.contains($0.id) }
            let things = Set(domain.vnets.flatMap { $0.subnets.flatMap { $0.things.map(\.id) } })
            domain.sites.removeAll { !$0.gateways.contains(where: things.contains) }
            return domain.vnets.isEmpty ? nil : domain
        }
        map.links = links.compactMap { link in
            var link = link
            link.members.removeAll { !kept.contains($0) }
            return link.members.count < 2 ? nil : link
        }
        map.omittedCount = omittedCount + vnetCount - map.vnetCount
        return map
    }
}
