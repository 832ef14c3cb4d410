internal import FlowModel

extension RemedyPlan {
    /// `--remedy terraform`: blocks of the azurerm provider for what is new, and comments for what stands in resources
    /// that the configuration has already.
    package func terraform() -> String {
        var lines = [
            "# Leads TCP to private endpoints through the firewall, and its answers back.",
            "# A route table whose routes stand inside azurerm_route_table takes no azurerm_route: put them there instead.",
            "",
        ]
        for item in translations { lines += translationLines(item.device, item.prefixes, isRequired: item.isRequired) }
        lines += settingLines() + tableBlocks() + routeBlocks() + associationBlocks()
        lines += (budgetLines() + unmendedLines()).map { "# \(line($0))" }
        return lines.joined(separator: "\n")
    }

    private func translationLines(_ device: Appliance, _ prefixes: [IPPrefix], isRequired: Bool) -> [String] {
        let need = isRequired ? "needed" : "advised"
        let towards = prefixes.map(\.description).joined(separator: ", ")
        guard let ranges = privateRanges(of: device, without: prefixes) else {
            guard device.kind != .azureFirewall else {
                return [
                    "# \(line(device.name)): translate (SNAT) towards \(towards) (\(need)). Its policy is not in the export: take these",
                    "# prefixes out of private_ip_ranges of its azurerm_firewall_policy.", "",
                ]
            }
            return [
                "# \(line(device.name)): translate (SNAT) towards \(towards), on the appliance itself (\(need)); or tag its NIC or scale",
                "# set with disableSnatOnPL = \"true\", so that the platform brings the endpoints' answers back.", "",
            ]
        }
        let list = ranges.map { text($0.description) }.joined(separator: ", ")
        return [
            "# \(line(device.name)): translate (SNAT) towards \(towards) (\(need)). In its azurerm_firewall_policy:",
            "#   private_ip_ranges = [\(list)]", "# Without a policy: the same argument in its azurerm_firewall.", "",
        ]
    }

    private func settingLines() -> [String] {
        var lines: [String] = []
        for action in sorted(.allowForwardedTraffic) {
            lines += [
                "# In azurerm_virtual_network_peering \(line(peeringName(action.resource ?? ""))):",
                "#   allow_forwarded_traffic = true",
                "",
            ]
        }
        for action in sorted(.propagateGatewayRoutes) {
            lines += [
                "# In azurerm_route_table \(line(tableName(action.routeTable ?? ""))):",
                "#   bgp_route_propagation_enabled = true",
                "# (provider 3.x: disable_bgp_route_propagation = false)", "",
            ]
        }
        for action in sorted(.setPolicies) {
            lines += [
                "# In azurerm_subnet \(line(network.subnetName(action.subnet ?? ""))), after any routes below"
                    + (isGuess(action) ? " (Enabled where it is" : ":")
            ]
            if isGuess(action) { lines.append("# NetworkSecurityGroupEnabled now):") }
            lines += ["#   private_endpoint_network_policies = \"\(action.policies ?? "")\"", ""]
        }
        return lines
    }

    private func tableBlocks() -> [String] {
        newTables.flatMap { item -> [String] in
            let id = ResourceID(item.table)
            let vnet = network.subnets[item.subnet]?.vnet ?? ""
            return [
                "# \(line(network.subnetName(item.subnet))) has no route table.",
                "data \"azurerm_virtual_network\" \(label(item.table)) {",
                "  name                = \(text(network.vnets[vnet]?.name ?? lastPart(vnet)))",
                "  resource_group_name = \(text(ResourceID(vnet).resourceGroup))", "}", "",
                "resource \"azurerm_route_table\" \(label(item.table)) {",
                "  name                = \(text(lastPart(item.table)))",
                "  resource_group_name = \(text(id.resourceGroup))",
                "  location            = data.azurerm_virtual_network.\(name(item.table)).location", "}", "",
            ]
        }
    }

    private func routeBlocks() -> [String] {
        let subscriptions = Set(sorted(.addRoute).map { ResourceID($0.routeTable ?? "").subscription })
        return sorted(.addRoute).flatMap { action -> [String] in
            let table = action.routeTable ?? ""
            let route = action.routeName ?? ""
            let place =
                subscriptions.count > 1
                ? ["# Needs the provider of subscription \(line(ResourceID(table).subscription))."] : []
            let known = network.routeTables[table]?.routes.contains { $0.name == route } == true
            return place + (known ? ["# Replaces the route of this name: change its block, or import it."] : []) + [
                "resource \"azurerm_route\" \(label("\(table)/\(route)")) {",
                "  name                   = \(text(route))",
                "  resource_group_name    = \(text(ResourceID(table).resourceGroup))",
                "  route_table_name       = "
                    + (action.createsTable ? "azurerm_route_table.\(name(table)).name" : text(tableName(table))),
                "  address_prefix         = \(text(action.prefix ?? ""))",
                "  next_hop_type          = \"VirtualAppliance\"",
                "  next_hop_in_ip_address = \(text(action.nextHop ?? ""))", "}", "",
            ]
        }
    }

    /// Last: a subnet follows its new table only when all routes stand in it.
    private func associationBlocks() -> [String] {
        newTables.flatMap { item -> [String] in
            let routes = sorted(.addRoute).filter { $0.routeTable == item.table }
                .map { "azurerm_route.\(name("\(item.table)/\($0.routeName ?? "")"))" }
            return [
                "resource \"azurerm_subnet_route_table_association\" \(label(item.table)) {",
                "  subnet_id      = \(text(ResourceID(item.subnet).spelled(in: network)))",
                "  route_table_id = azurerm_route_table.\(name(item.table)).id",
                "  depends_on     = [\(routes.joined(separator: ", "))]", "}", "",
            ]
        }
    }

    /// A name of Terraform for an id: what is special to a table or route, and a sum that keeps equal names apart.
    private func name(_ id: String) -> String {
        let parts = id.split(separator: "/")
        let words = id.contains("/routetables/") ? parts.drop { $0 != "routetables" }.dropFirst() : parts.suffix(1)
        let word = words.joined(separator: "_").map { $0.isASCII && ($0.isLetter || $0.isNumber) ? String($0) : "_" }
            .joined()
        let sum = id.utf8.reduce(UInt32(0x811c_9dc5)) { ($0 ^ UInt32($1)) &* 0x0100_0193 }  // FNV-1a is modulo 2^32.
        return "fs_\(word)_\(String(sum, radix: 16))"
    }

    private func label(_ id: String) -> String { "\"\(name(id))\"" }

    /// A string of Terraform: `${` and `%{` would be templates.
    private func text(_ text: String) -> String {
        var quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        quoted = quoted.replacing("${", with: "$${").replacing("%{", with: "%%{")
        return "\"\(String(quoted.map { $0.isNewline ? " " : $0 }))\""
    }

    private func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }
}
