/// What is drawn together: routing domains that a link joins, be it a peering that does not work.
struct DrawingGroups {
    struct Group {
        var title = ""
        var domains: [Int] = []
        var vnets: [TopologyMap.VNet] = []
        var sites: [TopologyMap.Site] = []
        var links: [TopologyMap.Link] = []
    }

    /// In the order of their first domain.
    private(set) var joined: [Group] = []
    /// VNets that nothing is joined to, without a site and off the path.
    private(set) var lone = Group()

    init(map: TopologyMap) {
        var domainOf: [String: Int] = [:]
        for (index, domain) in map.domains.enumerated() {
            for vnet in domain.vnets { domainOf[vnet.id] = index }
        }
        var roots = Array(map.domains.indices)
        for link in map.links {
            let ends = link.members.compactMap { domainOf[$0] }.map { DrawingGroups.root($0, &roots) }
            guard let least = ends.min() else { continue }
            for end in ends { roots[end] = least }
        }
        var groups: [Int: Group] = [:]
        for (index, domain) in map.domains.enumerated() {
            let root = DrawingGroups.root(index, &roots)
            groups[root, default: Group()].domains.append(domain.number)
            groups[root]?.vnets += domain.vnets
            groups[root]?.sites += domain.sites
        }
        for link in map.links {
            guard let index = link.members.lazy.compactMap({ domainOf[$0] }).first else { continue }
            groups[DrawingGroups.root(index, &roots)]?.links.append(link)
        }
        for (_, group) in groups.sorted(by: { $0.key < $1.key }) { add(group, map.way) }
        finish()
    }

    private static func root(_ index: Int, _ roots: inout [Int]) -> Int {
        var index = index
        while roots[index] != index {
            roots[index] = roots[roots[index]]  // Halves the way for the next look-up.
            index = roots[index]
        }
        return index
    }

    private mutating func add(_ group: Group, _ way: TopologyMap.Way?) {
        let isOnPath = way.map { group.domains.contains($0.domain) } ?? false
        if group.vnets.count > 1 || !group.sites.isEmpty || isOnPath {
            var group = group
            let numbers = group.domains.map(String.init).joined(separator: ", ")
            let domains =
                switch group.domains.count {
                case 1: "Routing domain \(numbers)"
                case ...4: "Routing domains \(numbers)"
                default: "\(group.domains.count) routing domains"
                }
            group.title = "\(domains) · \(TopologyMap.count(group.vnets.count, "VNet"))"
            group.vnets = DrawingGroups.sorted(group.vnets)
            joined.append(group)
        } else {
            lone.domains += group.domains
            lone.vnets += group.vnets
        }
    }

    private mutating func finish() {
        lone.title = "\(TopologyMap.count(lone.vnets.count, "VNet")) without peerings"
        lone.vnets = DrawingGroups.sorted(lone.vnets)
    }

    /// By name, numbers in names by their value: `spoke-2` before `spoke-10`.
    private static func sorted(_ vnets: [TopologyMap.VNet]) -> [TopologyMap.VNet] {
        vnets.map { (key: key(of: $0.name), vnet: $0) }.sorted { ($0.key, $0.vnet.id) < ($1.key, $1.vnet.id) }
            .map(\.vnet)
    }

    private static func key(of name: String) -> String {
        var key = ""
        var digits = ""
        for character in name.lowercased() + " " {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            if !digits.isEmpty { key += String(repeating: "0", count: max(0, 20 - digits.count)) + digits }
            digits = ""
            key.append(character)
        }
        return key
    }
}
