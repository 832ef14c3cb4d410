internal import FlowModel

extension RemedyPlan {
    /// `--remedy az`: a shell script of Azure CLI commands. Each may be run again: routes and settings are put, tables are
    /// made only where they are missing (making one anew would empty it).
    package func shellScript() -> String {
        var lines = [
            "#!/bin/sh",
            "# Leads TCP to private endpoints through the firewall, and its answers back. Read it before you run it.",
            "set -eu", "",
        ]
        for item in translations { lines += translationLines(item.device, item.prefixes, isRequired: item.isRequired) }
        lines += forwardingLines() + propagationLines() + tableLines() + addLines() + policyLines() + associationLines()
        lines += (budgetLines() + unmendedLines()).map { "# \(comment($0))" }
        return lines.joined(separator: "\n")
    }

    private func translationLines(_ device: Appliance, _ prefixes: [IPPrefix], isRequired: Bool) -> [String] {
        let towards = prefixes.map(\.description).joined(separator: " ")
        let why =
            isRequired
            ? "needed: without it the endpoints' answers do not find back"
            : "advised: the vendor asks for it wherever network rules or appliances inspect private endpoints"
        guard let ranges = privateRanges(of: device, without: prefixes) else {
            guard device.kind != .azureFirewall else {
                return [
                    "# \(comment(device.name)): translate (SNAT) towards \(towards). \(why).",
                    "# Its policy is not in the export: take these prefixes out of the policy's private ranges by hand.",
                    "",
                ]
            }
            return [
                "# \(comment(device.name)): translate (SNAT) towards \(towards). \(why).",
                "# This is set on the appliance itself. Or, for traffic of private endpoints alone, let the platform bring answers",
                "# back: tag disableSnatOnPL = true on its NIC or scale set; setting it resets running connections once.",
                "",
            ]
        }
        let list = ranges.map { quote($0.description) }.joined(separator: " ")
        return [
            "# \(comment(device.name)): translate (SNAT) towards \(towards): the private ranges without it. \(why).",
            "# Application rules translate whatever this says. Other firewalls that share the policy change with it.",
            "# The commands of firewalls are an extension of the CLI: az extension add --name azure-firewall",
            "policy=\"$(az network firewall show --ids \(quote(ResourceID(device.id).spelled(in: network))) --query firewallPolicy.id --output tsv)\"",
            "if [ -n \"$policy\" ]; then",
            "  az network firewall policy update --ids \"$policy\" --private-ranges \(list)", "else",
            "  az network firewall update --ids \(quote(ResourceID(device.id).spelled(in: network))) --private-ranges \(list)",
            "fi", "",
        ]
    }

    private func forwardingLines() -> [String] {
        sorted(.allowForwardedTraffic).flatMap { action -> [String] in
            let id = ResourceID(action.resource ?? "")
            return [
                "# Peering \(comment(peeringName(id.id))): accept what the other VNet forwards.",
                "az network vnet peering update" + scope(id)
                    + " --vnet-name \(quote(network.vnets[parentID(id.id)]?.name ?? id.value(after: "virtualnetworks")))"
                    + " --name \(quote(peering(id.id)?.name ?? lastPart(id.id))) --set allowForwardedTraffic=true", "",
            ]
        }
    }

    private func propagationLines() -> [String] {
        sorted(.propagateGatewayRoutes).flatMap { action -> [String] in
            let id = ResourceID(action.routeTable ?? "")
            return [
                "# \(comment(tableName(id.id))): the firewall needs the gateway's routes to send answers back.",
                "az network route-table update" + scope(id) + " --name \(quote(tableName(id.id)))"
                    + " --disable-bgp-route-propagation false", "",
            ]
        }
    }

    private func tableLines() -> [String] {
        newTables.flatMap { item -> [String] in
            let id = ResourceID(item.table)
            let vnet = network.subnets[item.subnet]?.vnet ?? ""
            let target = scope(id) + " --name \(quote(lastPart(id.id)))"
            return [
                "# A route table for \(comment(network.subnetName(item.subnet))), which has none; it gets its routes before it is used.",
                "az network route-table show\(target) --output none 2>/dev/null || \\",
                "  az network route-table create\(target)"
                    + " --location \"$(az network vnet show --ids \(quote(ResourceID(vnet).spelled(in: network))) --query location --output tsv)\"",
                "",
            ]
        }
    }

    private func addLines() -> [String] {
        var lines: [String] = []
        var last = ""
        for action in sorted(.addRoute) {
            let id = ResourceID(action.routeTable ?? "")
            if id.id != last {
                lines += ["# Routes of \(comment(tableName(id.id))): past the endpoints' own /32, to the firewall."]
            }
            last = id.id
            lines.append(
                "az network route-table route create" + scope(id) + " --route-table-name \(quote(tableName(id.id)))"
                    + " --name \(quote(action.routeName ?? "")) --address-prefix \(quote(action.prefix ?? ""))"
                    + " --next-hop-type VirtualAppliance --next-hop-ip-address \(quote(action.nextHop ?? ""))")
        }
        return lines.isEmpty ? [] : lines + [""]
    }

    private func policyLines() -> [String] {
        sorted(.setPolicies).flatMap { action -> [String] in
            let id = action.subnet ?? ""
            let guess =
                "# Where it is NetworkSecurityGroupEnabled now, write Enabled, or its network security group stops counting."
            return [
                "# \(comment(network.subnetName(id))): let routes, or a hub's routing intent, count for its private endpoints."
            ] + (isGuess(action) ? [guess] : []) + [
                "az network vnet subnet update" + subnet(id)
                    + " --private-endpoint-network-policies \(action.policies ?? "")",
                "",
            ]
        }
    }

    private func associationLines() -> [String] {
        newTables.flatMap { item -> [String] in
            [
                "# From here on \(comment(network.subnetName(item.subnet))) follows its new table.",
                "az network vnet subnet update" + subnet(item.subnet)
                    + " --route-table \(quote(ResourceID(item.table).spelled(in: network)))", "",
            ]
        }
    }

    private func scope(_ id: ResourceID) -> String {
        " --subscription \(quote(id.subscription)) --resource-group \(quote(id.resourceGroup))"
    }

    private func subnet(_ id: String) -> String {
        let subnet = network.subnets[id]
        let vnet = subnet.flatMap { network.vnets[$0.vnet]?.name } ?? ResourceID(id).value(after: "virtualnetworks")
        return scope(ResourceID(id)) + " --vnet-name \(quote(vnet)) --name \(quote(subnet?.name ?? lastPart(id)))"
    }

    func peering(_ id: String) -> Peering? { network.vnets[parentID(id)]?.peerings.first { $0.id == id } }

    /// One word of a shell, whatever is in it.
    private func quote(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122: return true
                default: return "/._-:@".utf8.contains(byte)
                }
            }
        return isPlain ? text : "'" + comment(text).replacing("'", with: "'\\''") + "'"
    }

    /// On one line: a name from an export may hold a line break, which would end a comment.
    private func comment(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }
}
