internal import FlowModel

extension RemedyPlan {
    /// `--remedy routes`: the changes as tables for people.
    package func routesText() -> String {
        var lines: [String] = []
        if actions.isEmpty { lines.append("no change to make: no pair has a remedy") }
        for item in translations {
            let need = item.isRequired ? "needed" : "advised"
            lines.append(
                "translate (SNAT) at \(item.device.name) towards \(item.prefixes.map(\.description).joined(separator: ", ")) "
                    + "(\(need)), by network rules or by application rules")
        }
        for action in sorted(.allowForwardedTraffic) {
            lines.append("allow forwarded traffic on peering \(peeringName(action.resource ?? ""))")
        }
        for action in sorted(.propagateGatewayRoutes) {
            lines.append("turn gateway route propagation on in route table \(tableName(action.routeTable ?? ""))")
        }
        lines += routeLines()
        for action in sorted(.setPolicies) {
            lines.append(
                "set privateEndpointNetworkPolicies of subnet \(network.subnetName(action.subnet ?? "")) to \(action.policies ?? "")"
                    + (isGuess(action) ? " (Enabled where it is NetworkSecurityGroupEnabled now)" : ""))
        }
        lines += budgetLines()
        lines += unmendedLines()
        return lines.joined(separator: "\n")
    }

    private func routeLines() -> [String] {
        let routes = sorted(.addRoute)
        guard !routes.isEmpty else { return [] }
        let users = Dictionary(grouping: network.subnets.values) { $0.routeTable ?? "" }
            .mapValues { $0.map(\.id).sorted() }
        var rows = [["ROUTE TABLE", "PREFIX", "NEXT HOP", "OF SUBNET"]]
        for action in routes {
            let table = action.routeTable ?? ""
            let subnets = action.subnet.map { [$0] } ?? users[table] ?? []
            let shown = subnets.prefix(3).map(network.subnetName).joined(separator: ", ")
            rows.append([
                tableName(table) + (action.createsTable ? " (new)" : ""), action.prefix ?? "",
                "VirtualAppliance \(action.nextHop ?? "")",
                shown + (subnets.count > 3 ? " and \(subnets.count - 3) more" : ""),
            ])
        }
        return columns(rows)
    }

    /// What single routes would cost each table that a remedy touches, and which kind is advised.
    func budgetLines() -> [String] {
        let touched = Set(actions.compactMap(\.routeTable))
        let tables = budget.filter { touched.contains($0.id) }
        let close = tables.filter { $0.advice != .hostRoutes || $0.total * 2 > $0.limit }
        var lines = close.map { table in
            let advice =
                switch table.advice {
                case .hostRoutes: "they fit: single /32 routes are advised"
                case .summaryRoutes: "more than fit: summary routes with network policies are advised"
                case .split: "more than fit, summarised or not: split the subnets over several tables"
                }
            return "\(tableName(table.id)): \(table.routeCount) routes now, with \(table.hostRoutesNeeded) /32 routes "
                + "\(table.total) of \(table.limit): \(advice)"
        }
        let rest = tables.filter { table in !close.contains { $0.id == table.id } }
        if let fullest = rest.max(by: { $0.total < $1.total }) {
            lines.append(
                "\(rest.count) route \(rest.count == 1 ? "table" : "tables"): with single /32 routes at most \(fullest.total) of "
                    + "\(fullest.limit) (\(tableName(fullest.id))): single /32 routes are advised")
        }
        return lines
    }

    func unmendedLines() -> [String] {
        unmended.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { reason, count in
            "no remedy for \(count) \(count == 1 ? "pair" : "pairs"): \(reason)"
        }
    }

    func peeringName(_ id: String) -> String {
        "\(lastPart(id)) of \(network.vnets[parentID(id)]?.name ?? lastPart(parentID(id)))"
    }
}

/// Rows as columns of equal width, the last one as it is.
func columns(_ rows: [[String]]) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
        row.enumerated().map { index, cell in
            index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count + 2)
        }.joined()
    }
}
