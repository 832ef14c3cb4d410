/// Makes the boxes of a map: what they say, and how much of it.
struct DrawingBoxes {
    private typealias Line = DrawingBox.Line
    private static let subnetLimit = 8
    /// VNets above which boxes name no subnets.
    private static let detailLimit = 100

    /// What the path meets: it is always named.
    let spots: Set<TopologyMap.Spot>
    let names: [String: String]
    let isBrief: Bool
    /// VNet → its peerings that do not work.
    private let broken: [String: [TopologyMap.Link]]

    init(map: TopologyMap) {
        spots = Set(((map.way?.forward ?? []) + (map.way?.back ?? [])).compactMap(\.spot))
        names = map.names
        isBrief = map.vnetCount > DrawingBoxes.detailLimit
        var broken: [String: [TopologyMap.Link]] = [:]
        for link in map.links where link.state == .oneSided || link.state == .notConnected {
            for member in link.members { broken[member, default: []].append(link) }
        }
        self.broken = broken
    }

    // MARK: VNets

    func box(of vnet: TopologyMap.VNet) -> DrawingBox {
        var lines = [
            Line(
                style: .title, text: vnet.name, note: note(of: vnet.kind), tip: vnet.id, spot: .vnet(vnet.id),
                isOnPath: spots.contains(.vnet(vnet.id)))
        ]
        if !vnet.ranges.isEmpty {
            let rest = vnet.ranges.count > 2 ? "  + \(vnet.ranges.count - 2)" : ""
            lines.append(
                Line(
                    style: .ranges, text: vnet.ranges.prefix(2).joined(separator: "  ") + rest,
                    tip: vnet.ranges.joined(separator: " ")))
        }
        lines += warnings(of: vnet)
        lines += isBrief ? briefLines(of: vnet) : subnetLines(of: vnet)
        return DrawingBox(id: vnet.id, kind: .vnet(vnet.kind), lines: lines)
    }

    private func note(of kind: TopologyMap.VNet.Kind) -> String {
        switch kind {
        case .vnet: ""
        case .virtualHub: "virtual hub"
        case .notExported: "not exported"
        }
    }

    private func warnings(of vnet: TopologyMap.VNet) -> [Line] {
        (broken[vnet.id] ?? []).map { link in
            let other = link.members.first { $0 != vnet.id } ?? ""
            let word = link.state == .oneSided ? "one-sided" : link.text.split(separator: " ").first.map(String.init)
            return Line(
                style: .warning, text: "peering to \(names[other] ?? lastPart(other)): \(word ?? "not connected")",
                tip: link.text)
        }
    }

    private func subnetLines(of vnet: TopologyMap.VNet) -> [Line] {
        let chosen = chosenSubnets(of: vnet)
        var lines = vnet.subnets.filter { chosen.contains($0.id) }.flatMap(lines(of:))
        let rest = vnet.subnets.count - chosen.count
        if rest > 0 { lines.append(Line(style: .more, text: "+ \(TopologyMap.count(rest, "subnet"))")) }
        return lines
    }

    /// Where there are too many: those of the path, then those where something stands.
    private func chosenSubnets(of vnet: TopologyMap.VNet) -> Set<String> {
        guard vnet.subnets.count > DrawingBoxes.subnetLimit else { return Set(vnet.subnets.map(\.id)) }
        let ranked = vnet.subnets.enumerated().sorted { left, right in
            (rank(left.element), left.offset) < (rank(right.element), right.offset)
        }.map(\.element)
        let must = ranked.prefix { rank($0) == 0 }.count
        return Set(ranked.prefix(max(must, DrawingBoxes.subnetLimit)).map(\.id))
    }

    private func rank(_ subnet: TopologyMap.Subnet) -> Int {
        if isOnPath(subnet) { return 0 }
        return subnet.things.isEmpty ? 2 : 1
    }

    private func isOnPath(_ subnet: TopologyMap.Subnet) -> Bool {
        spots.contains(.subnet(subnet.id)) || subnet.things.contains { spots.contains(.thing($0.id)) }
    }

    private func lines(of subnet: TopologyMap.Subnet) -> [Line] {
        let details = [
            subnet.routeTable.map { "UDR \($0)" }, subnet.securityGroup.map { "NSG \($0)" },
            subnet.interfaceCount > 0 ? TopologyMap.count(subnet.interfaceCount, "NIC") : nil,
        ].compactMap { $0 }
        var tips = [subnet.id] + details
        tips.append("endpoint policies: \(subnet.policies ?? "not said")")
        if !subnet.delegations.isEmpty { tips.append("delegated to \(subnet.delegations.joined(separator: ", "))") }
        var lines = [
            Line(
                style: .subnet, text: subnet.name, note: subnet.prefixes.first ?? "",
                tip: tips.joined(separator: " · "), spot: .subnet(subnet.id),
                isOnPath: spots.contains(.subnet(subnet.id)))
        ]
        if !details.isEmpty { lines.append(Line(style: .detail, text: details.joined(separator: " · "))) }
        return lines + thingLines(subnet.things)
    }

    /// Few private endpoints are named, and those of the path; the rest is counted.
    private func thingLines(_ things: [TopologyMap.Thing]) -> [Line] {
        var lines = things.filter { $0.kind != .privateEndpoint }.map(line(of:))
        let endpoints = things.filter { $0.kind == .privateEndpoint }
        let named = isBrief ? 0 : TopologyMap.endpointsNamed
        let shown = endpoints.enumerated().filter { $0.offset < named || spots.contains(.thing($0.element.id)) }
        lines += shown.map { line(of: $0.element) }
        let rest = endpoints.count - shown.count
        if rest > 0 { lines.append(Line(style: .more, text: "+ \(TopologyMap.count(rest, "private endpoint"))")) }
        return lines
    }

    private func line(of thing: TopologyMap.Thing) -> Line {
        let rest = thing.addresses.count > 1 ? " + \(thing.addresses.count - 1)" : ""
        let detail = thing.detail.map { " (\($0))" } ?? ""
        return Line(
            style: .thing(thing.kind), text: thing.name, note: (thing.addresses.first ?? "") + rest,
            tip: "\(thing.kind.words) \(thing.name)\(detail): \(thing.addresses.joined(separator: " ")) · \(thing.id)",
            spot: .thing(thing.id), isOnPath: spots.contains(.thing(thing.id)))
    }

    private func briefLines(of vnet: TopologyMap.VNet) -> [Line] {
        let nics = vnet.subnets.reduce(0) { $0 + $1.interfaceCount }
        let text = "\(TopologyMap.count(vnet.subnets.count, "subnet")), \(TopologyMap.count(nics, "NIC"))"
        let onPath = vnet.subnets.filter { spots.contains(.subnet($0.id)) }.map { subnet in
            Line(
                style: .subnet, text: subnet.name, note: subnet.prefixes.first ?? "", spot: .subnet(subnet.id),
                isOnPath: true)
        }
        return [Line(style: .detail, text: text)] + onPath + thingLines(vnet.subnets.flatMap(\.things))
    }

    // MARK: Outside

    /// Sites that the same gateways lead to share a box. An assumed site is drawn where it is the only one, or on the path.
    func boxes(of sites: [TopologyMap.Site]) -> [(box: DrawingBox, gateways: [String])] {
        let isNamed = sites.contains { !$0.isAssumed }
        let drawn = sites.filter { !$0.isAssumed || !isNamed || spots.contains(.site($0.id)) }
        return Dictionary(grouping: drawn, by: \.gateways)
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { gateways, sites in
                let lines = [Line(style: .title, text: "On-premises")] + sites.flatMap(lines(of:))
                return (DrawingBox(id: sites[0].id, kind: .site, lines: lines), gateways)
            }
    }

    private func lines(of site: TopologyMap.Site) -> [Line] {
        let rest = site.prefixes.count > 1 ? " + \(site.prefixes.count - 1)" : ""
        return [
            Line(
                style: .subnet, text: site.name, note: (site.prefixes.first ?? "") + rest,
                tip: "\(site.name): \(site.prefixes.joined(separator: " "))", spot: .site(site.id),
                isOnPath: spots.contains(.site(site.id)))
        ]
    }

    func box(outside name: String, _ spot: TopologyMap.Spot) -> DrawingBox {
        DrawingBox(
            id: name, kind: .outside,
            lines: [Line(style: .title, text: name, tip: name, spot: spot, isOnPath: true)])
    }
}
