internal import FlowModel

/// The map for people.
extension TopologyMap {
    /// Private endpoints of a subnet that are named before the rest is counted.
    static let endpointsNamed = 3
    private static let problemsNamed = 20

    /// By routing domain and VNet; ends with what is wrong, what was not understood, and how old it is.
    package func table() -> String {
        let names = names
        var lines = wayLines()
        let linksOfDomain = linksByDomain()
        for domain in domains {
            lines.append("routing domain \(domain.number): \(TopologyMap.count(domain.vnets.count, "VNet"))")
            for vnet in domain.vnets { lines += tableLines(of: vnet) }
            lines += siteLines(of: domain)
            for link in linksOfDomain[domain.number] ?? [] { lines.append("  \(words(for: link, names: names))") }
            lines.append("")
        }
        lines += closingLines()
        return lines.map(\.printable).joined(separator: "\n")
    }

    private func wayLines() -> [String] {
        guard let way else { return [] }
        return [way.question] + way.verdicts.map { "  \($0.label): \($0.text)" } + [""]
    }

    private func linksByDomain() -> [Int: [Link]] {
        var domainOf: [String: Int] = [:]
        for domain in domains {
            for vnet in domain.vnets { domainOf[vnet.id] = domain.number }
        }
        var links: [Int: [Link]] = [:]
        for link in self.links {
            // A peering that does not work joins no domains: it is told in each of its two.
            for domain in Set(link.members.compactMap { domainOf[$0] }) { links[domain, default: []].append(link) }
        }
        return links
    }

    private func tableLines(of vnet: VNet) -> [String] {
        let kind =
            switch vnet.kind {
            case .vnet: "VNet"
            case .virtualHub: "virtual hub"
            case .notExported: "VNet (not in the export)"
            }
        let ranges = vnet.ranges.isEmpty ? "no range" : vnet.ranges.joined(separator: " ")
        return ["  \(kind) \(vnet.name): \(ranges)"] + subnetLines(vnet.subnets)
    }

    /// Columns as wide as the VNet's subnets need; under each subnet what stands in it.
    private func subnetLines(_ subnets: [Subnet]) -> [String] {
        guard !subnets.isEmpty else { return [] }
        let heads = ["subnet", "prefix", "route table", "NSG", "endpoint policies", "NICs"]
        let rows = subnets.map(cells)
        let widths = heads.indices.map { column in
            ([heads] + rows).map { $0[column].count }.max() ?? 0
        }
        var lines = [line(heads, widths)]
        for (subnet, row) in zip(subnets, rows) {
            lines.append(line(row, widths))
            lines += thingLines(of: subnet)
        }
        return lines
    }

    private func cells(of subnet: Subnet) -> [String] {
        [
            subnet.name, subnet.prefixes.isEmpty ? "-" : subnet.prefixes.joined(separator: " "),
            subnet.routeTable ?? "-", subnet.securityGroup ?? "-", subnet.policies ?? "not said",
            String(subnet.interfaceCount),
        ]
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let line = zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: max(0, width - cell.count))
        }.joined(separator: "  ")
        return "    " + (line.lastIndex { $0 != " " }.map { String(line[...$0]) } ?? "")
    }

    private func thingLines(of subnet: Subnet) -> [String] {
        var lines =
            subnet.delegations.isEmpty ? [] : ["      delegated to \(subnet.delegations.joined(separator: ", "))"]
        lines += subnet.things.filter { $0.kind != .privateEndpoint }.map { "      \(words(for: $0))" }
        let endpoints = subnet.endpoints
        lines += endpoints.prefix(TopologyMap.endpointsNamed).map { "      \(words(for: $0))" }
        if endpoints.count > TopologyMap.endpointsNamed {
            let rest = endpoints.count - TopologyMap.endpointsNamed
            lines.append("      + \(TopologyMap.count(rest, "private endpoint"))")
        }
        return lines
    }

    private func words(for thing: Thing) -> String {
        ([thing.kind.words, thing.name] + thing.addresses + (thing.detail.map { ["(\($0))"] } ?? []))
            .joined(separator: " ")
    }

    private func siteLines(of domain: Domain) -> [String] {
        guard !domain.sites.isEmpty else { return [] }
        let gateways = domain.vnets.flatMap(\.subnets).flatMap(\.things).filter { $0.kind == .gateway }
        let names = Dictionary(gateways.map { ($0.id, $0.name) }) { first, _ in first }
        return domain.sites.map { site in
            let gateways = site.gateways.map { names[$0] ?? lastPart($0) }.joined(separator: ", ")
            let assumed = site.isAssumed ? "; no export names it" : ""
            return "  on-premises \(site.name): \(site.prefixes.joined(separator: " ")) by \(gateways)\(assumed)"
        }
    }

    private func closingLines() -> [String] {
        var lines: [String] = []
        for site in unreached {
            lines.append("on-premises \(site.name): \(site.prefixes.joined(separator: " ")), no gateway leads there")
        }
        for thing in unplaced { lines.append("in no subnet of the export: \(words(for: thing))") }
        lines.append(TopologyMap.count(problems.count, "problem"))
        for problem in problems.prefix(TopologyMap.problemsNamed) {
            let parts = [problemNames[problem.resource] ?? problem.resource, problem.field, problem.problem]
            lines.append("  \(parts.filter { !$0.isEmpty }.joined(separator: ": "))")
        }
        let rest = problems.count - TopologyMap.problemsNamed
        if rest > 0 { lines.append("  + \(TopologyMap.count(rest, "problem")); --format json lists them") }
        if !notUnderstood.isEmpty { lines.append("not understood:") }
        lines += notUnderstood.map { "  \($0)" }
        lines.append(dating?.text ?? "how old it is, is not known")
        return lines
    }
}
