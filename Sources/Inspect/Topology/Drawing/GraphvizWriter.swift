/// The map as Graphviz text: clusters for routing domains and VNets, a node for each thing that stands in them.
extension TopologyMap {
    /// For `dot -Tsvg`. Beyond `vnetLimit` VNets it is cut.
    package func dot() -> String { GraphvizWriter(map: cut()).text() }
}

private struct GraphvizWriter {
    private let map: TopologyMap
    private var lines: [String] = []
    /// VNet, subnet, thing and site → its node.
    private var nodes: [TopologyMap.Spot: String] = [:]
    /// VNet → number of its cluster.
    private var clusters: [String: Int] = [:]
    private var count = 0
    private let spots: Set<TopologyMap.Spot>

    init(map: TopologyMap) {
        self.map = map
        spots = Set(((map.way?.forward ?? []) + (map.way?.back ?? [])).compactMap(\.spot))
    }

    func text() -> String {
        var writer = self
        writer.write()
        return writer.lines.joined(separator: "\n") + "\n"
    }

    private mutating func write() {
        lines.append("digraph flowsight {")
        lines.append("  graph [compound=true, rankdir=LR, nodesep=0.15, ranksep=0.9, fontname=\"Helvetica\",")
        lines.append("    labelloc=t, label=\(label(caption))];")
        lines.append("  node [shape=box, style=filled, fillcolor=white, fontname=\"Helvetica\", fontsize=10];")
        lines.append("  edge [fontname=\"Helvetica\", fontsize=9];")
        for domain in map.domains { write(domain) }
        for link in map.links { write(link) }
        writeWay()
        lines.append("}")
    }

    private var caption: [String] {
        var caption = [map.title + (map.dating.map { "; \($0.text)" } ?? "")]
        if let way = map.way { caption += [way.question] + way.verdicts.map { "\($0.label): \($0.text)" } }
        return caption
    }

    // MARK: Boxes

    private mutating func write(_ domain: TopologyMap.Domain) {
        lines.append("  subgraph cluster_domain\(domain.number < 0 ? "_none" : "\(domain.number)") {")
        lines.append("    label=\(label(["routing domain \(domain.number)"])); style=rounded; color=gray60;")
        for vnet in domain.vnets { write(vnet) }
        for site in domain.sites { write(site) }
        lines.append("  }")
    }

    private mutating func write(_ vnet: TopologyMap.VNet) {
        let number = clusters.count
        clusters[vnet.id] = number
        let style = vnet.kind == .notExported ? "\"rounded,dashed\"" : "\"rounded,filled\""
        lines.append("    subgraph cluster_vnet\(number) {")
        lines.append("      label=\(label([vnet.name] + vnet.ranges)); style=\(style);")
        lines.append("      fillcolor=\(vnet.kind == .virtualHub ? "lightsteelblue1" : "gray96"); color=gray40;")
        let ownSubnets = vnet.subnets.map { subnet in
            let count = subnet.interfaceCount > 0 ? ", \(TopologyMap.count(subnet.interfaceCount, "NIC"))" : ""
            return "\(subnet.name) \(subnet.prefixes.joined(separator: " "))\(count)"
        }
        let text = ownSubnets.isEmpty ? ["(not exported)"] : ownSubnets
        node(.vnet(vnet.id), text: vnet.kind == .virtualHub ? ["virtual hub"] : text, "shape=note, fontsize=9")
        for subnet in vnet.subnets { write(subnet) }
        lines.append("    }")
    }

    private mutating func write(_ subnet: TopologyMap.Subnet) {
        if spots.contains(.subnet(subnet.id)) { node(.subnet(subnet.id), text: [subnet.name], "shape=tab") }
        for thing in subnet.things where thing.kind != .privateEndpoint { write(thing) }
        var rest = 0
        for (index, thing) in subnet.endpoints.enumerated() {
            if index < TopologyMap.endpointsNamed || spots.contains(.thing(thing.id)) {
                write(thing)
            } else {
                rest += 1
            }
        }
        guard rest > 0 else { return }
        lines.append(
            "      more\(count) [shape=plaintext, label=\(label(["+ \(TopologyMap.count(rest, "private endpoint"))"]))];"
        )
        count += 1
    }

    private mutating func write(_ thing: TopologyMap.Thing) {
        let style =
            switch thing.kind {
            case .firewall: "shape=box3d, fillcolor=lightsalmon"
            case .appliance: "shape=box3d, fillcolor=moccasin"
            case .router: "shape=diamond"
            case .gateway: "shape=hexagon, fillcolor=lightcyan"
            case .loadBalancer: "shape=trapezium"
            case .privateEndpoint: "shape=ellipse, fillcolor=honeydew"
            case .nic: "shape=box"
            }
        let detail = thing.detail.map { " (\($0))" } ?? ""
        node(
            .thing(thing.id), text: ["\(thing.kind.words) \(thing.name)\(detail)"] + thing.addresses, style)
    }

    private mutating func write(_ site: TopologyMap.Site) {
        node(.site(site.id), text: ["on-premises \(site.name)"] + site.prefixes, "shape=house, fillcolor=gray92")
        for gateway in site.gateways {
            guard let to = nodes[.thing(gateway)] else { continue }
            lines.append("    \(to) -> \(nodes[.site(site.id)] ?? "") [dir=none, color=gray40];")
        }
    }

    private mutating func node(_ spot: TopologyMap.Spot, text: [String], _ style: String) {
        let name = "n\(count)"
        count += 1
        nodes[spot] = name
        let mark = spots.contains(spot) ? ", penwidth=3, color=\"#c2410c\"" : ""
        lines.append("      \(name) [\(style)\(mark), label=\(label(text))];")
    }

    // MARK: Lines

    private mutating func write(_ link: TopologyMap.Link) {
        let style =
            switch link.state {
            case .works: "color=gray40"
            case .believed: "color=gray40, style=dashed"
            case .oneSided: "color=red3, style=dashed, fontcolor=red3"
            case .notConnected: "color=red3, style=dotted, fontcolor=red3"
            }
        if link.name.isEmpty, link.members.count == 2 {
            let text = link.kind == .peering && link.state == .works ? [] : [link.kind.words, link.text]
            return join(link.members[0], link.members[1], "\(style), label=\(label(text.filter { !$0.isEmpty }))")
        }
        let hub = "group\(count)"
        count += 1
        lines.append("  \(hub) [shape=oval, style=dashed, label=\(label([link.kind.words, link.name]))];")
        for member in link.members {
            guard let node = nodes[.vnet(member)], let cluster = clusters[member] else { continue }
            lines.append("  \(hub) -> \(node) [dir=none, lhead=cluster_vnet\(cluster), \(style)];")
        }
    }

    private mutating func join(_ first: String, _ second: String, _ style: String) {
        guard let from = nodes[.vnet(first)], let to = nodes[.vnet(second)],
            let tail = clusters[first], let head = clusters[second]
        else { return }
        lines.append(
            "  \(from) -> \(to) [dir=none, ltail=cluster_vnet\(tail), lhead=cluster_vnet\(head), \(style)];")
    }

    private mutating func writeWay() {
        guard let way = map.way else { return }
        write(way.forward, "color=\"#c2410c\", penwidth=3, constraint=false")
        write(way.back, "color=\"#7c3aed\", penwidth=2, style=dashed, constraint=false")
    }

    private mutating func write(_ stations: [TopologyMap.Station], _ style: String) {
        var last: String?
        for station in stations {
            let next = node(of: station)
            if let last { lines.append("  \(last) -> \(next) [\(style)];") }
            last = next
        }
    }

    /// The node of a hop; what is on no node of the map, and a drop, get one.
    private mutating func node(of station: TopologyMap.Station) -> String {
        if let spot = station.spot, let node = nodes[spot] { return node }
        let name = "n\(count)"
        count += 1
        if let spot = station.spot { nodes[spot] = name }
        let style =
            station.spot == nil
            ? "shape=octagon, color=red3, fontcolor=red3, penwidth=2" : "shape=ellipse, style=dashed"
        let text = station.spot == nil ? "✕ \(station.hop.name)" : station.hop.name
        lines.append("  \(name) [\(style), label=\(label([text]))];")
        return name
    }

    /// Quoted for Graphviz, which reads backslashes as escapes and `&` as the start of an entity.
    private func label(_ texts: [String]) -> String {
        let escaped = texts.map { text in
            text.printable.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("&", with: "&amp;")
        }
        return "\"\(escaped.joined(separator: "\\n"))\""
    }
}
