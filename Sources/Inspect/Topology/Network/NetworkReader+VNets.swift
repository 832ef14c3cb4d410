internal import FlowModel

/// VNets, subnets, peerings and route tables: from their parents, and as resources of their own.
extension NetworkReader {
    mutating func readVNet(_ resource: Resource) {
        let ranges = prefixes(resource.fields.object("addressspace")?.texts("addressprefixes") ?? [], of: resource.id)
        network.vnets[resource.id] = VirtualNetwork(
            id: resource.id, name: resource.name, ranges: ranges,
            peerings: resource.fields.list("virtualnetworkpeerings").compactMap { peering($0, in: resource.id) },
            hasHighScaleEndpoints: resource.fields.text("privateendpointvnetpolicies")?.lowercased() == "basic")
        for fields in resource.fields.list("subnets") { readSubnet(fields, in: resource.id) }
    }

    private mutating func readSubnet(_ fields: Fields, in vnet: String) {
        guard let name = fields.text("name") ?? fields.text("id").map(lastPart) else { return }
        let id = "\(vnet)/subnets/\(name.lowercased())"
        let texts =
            fields.texts("addressprefixes").isEmpty ? fields.texts("addressprefix") : fields.texts("addressprefixes")
        // A subnet's own resource may say what the copy inside its VNet leaves out.
        let known = network.subnets[id]
        let prefixes = prefixes(texts, of: id)
        network.subnets[id] = Subnet(
            id: id, name: name, vnet: vnet, prefixes: prefixes.isEmpty ? known?.prefixes ?? [] : prefixes,
            routeTable: fields.reference("routetable") ?? known?.routeTable,
            securityGroup: fields.reference("networksecuritygroup") ?? known?.securityGroup,
            privateEndpointPolicies: policies(fields, of: id) ?? known?.privateEndpointPolicies ?? .notSaid,
            endpointsObeySecurityGroups: obeySecurityGroups(fields) ?? known?.endpointsObeySecurityGroups,
            delegations: fields.list("delegations").compactMap { $0.text("servicename")?.lowercased() },
            serviceEndpoints: fields.list("serviceendpoints").compactMap { $0.text("service") },
            hasDefaultOutbound: fields.flag("defaultoutboundaccess") ?? known?.hasDefaultOutbound,
            hasNATGateway: fields.reference("natgateway") != nil || known?.hasNATGateway == true,
            holdsApplicationGateway: known?.holdsApplicationGateway ?? false,
            holdsUnlistedMachines: known?.holdsUnlistedMachines == true || fields.flag("ipconfigurations") == true)
    }

    private mutating func policies(_ fields: Fields, of subnet: String) -> Subnet.NetworkPolicies? {
        guard let word = policyWord(fields) else { return nil }
        switch word.lowercased() {
        case "enabled", "routetableenabled": return .obeysRoutes
        case "disabled", "networksecuritygroupenabled": return .ignoresRoutes
        default:
            report(
                subnet, "privateEndpointNetworkPolicies",
                "\(word) is none of Enabled, Disabled, NetworkSecurityGroupEnabled, RouteTableEnabled: counts as not said"
            )
            return nil
        }
    }

    /// The same property decides two things, routes and groups.
    private func obeySecurityGroups(_ fields: Fields) -> Bool? {
        switch policyWord(fields)?.lowercased() {
        case "enabled", "networksecuritygroupenabled": return true
        case "disabled", "routetableenabled": return false
        default: return nil
        }
    }

    /// Templates and states write truth values, too.
    private func policyWord(_ fields: Fields) -> String? {
        let key = "privateendpointnetworkpolicies"
        return fields.flag(key).map { $0 ? "Enabled" : "Disabled" } ?? fields.text(key)
    }

    /// Children whose parent is in the export were put into it: these have none (topology exports, 15).
    mutating func reportOrphan(_ resource: Resource) {
        report(resource.id, "id", "its VNet is not in the export: export \(parentID(resource.id)), too")
    }

    /// A peering's own id may name another VNet than the one that holds it (topology exports, 12): its place decides.
    private func peering(_ fields: Fields, in vnet: String) -> Peering? {
        guard let remote = fields.reference("remotevirtualnetwork") else { return nil }
        let name = fields.text("name") ?? fields.text("id").map(lastPart) ?? ""
        let spaces = [fields.object("remotevirtualnetworkaddressspace"), fields.object("remoteaddressspace")]
        let ranges = spaces.lazy.compactMap { $0?.texts("addressprefixes") }.first ?? []
        let isWhole = fields.flag("peercompletevnets") ?? true
        let localNames = fields.texts("localsubnetnames")
        return Peering(
            id: "\(vnet)/virtualnetworkpeerings/\(name.lowercased())", name: name, remote: remote,
            state: fields.text("peeringstate"), allowsAccess: fields.flag("allowvirtualnetworkaccess") ?? true,
            allowsForwardedTraffic: fields.flag("allowforwardedtraffic") ?? false,
            allowsGatewayTransit: fields.flag("allowgatewaytransit") ?? false,
            usesRemoteGateways: fields.flag("useremotegateways") ?? false,
            remoteRanges: ranges.compactMap { IPPrefix($0) },
            remoteSubnetNames: isWhole ? nil : Set(fields.texts("remotesubnetnames").map { $0.lowercased() }),
            localSubnetNames: isWhole || localNames.isEmpty ? nil : Set(localNames.map { $0.lowercased() }),
            carriesIPv4: !(fields.flag("enableonlyipv6peering") ?? false),
            // Before there was a sync level, ranges could not change under a peering.
            isInSync: (fields.text("peeringsynclevel") ?? "fullyinsync").lowercased() == "fullyinsync")
    }

    mutating func readRouteTable(_ resource: Resource) {
        network.routeTables[resource.id] = RouteTable(
            id: resource.id, name: resource.name,
            routes: resource.fields.list("routes").compactMap { route($0, of: resource.id) },
            propagatesGatewayRoutes: !(resource.fields.flag("disablebgproutepropagation") ?? false),
            dropsPeeringRoutes: resource.fields.text("disablepeeringroute")?.lowercased() == "all")
    }

    /// Routes that were exported without their table: what they say holds, what else it says is not known.
    mutating func readOrphanRoute(_ resource: Resource) {
        let table = parentID(resource.id)
        report(
            resource.id, "id",
            "its route table is not in the export: other routes of \(table) and its propagation are not known")
        guard let route = route(resource.fields, of: table) else { return }
        let empty = RouteTable(
            id: table, name: lastPart(table), routes: [], propagatesGatewayRoutes: true, dropsPeeringRoutes: false)
        network.routeTables[table, default: empty].routes.append(route)
    }

    private mutating func route(_ fields: Fields, of table: String) -> UserRoute? {
        guard let text = fields.text("addressprefix") else { return nil }
        let name = fields.text("name") ?? text
        let prefix = IPPrefix(text)
        guard prefix != nil || !isMeantAsPrefix(text) else {
            report(
                table, "routes.\(name).addressPrefix",
                "\(text) is neither a prefix nor a service tag: the route is left out")
            return nil
        }
        let type = fields.text("nexthoptype")
        let hop = NextHopType(type ?? "")
        if let type, hop == .unknown {
            report(
                table, "routes.\(name).nextHopType",
                "\(type) is none of VnetLocal, VirtualNetworkGateway, VirtualAppliance, Internet, None: where \(text) leads "
                    + "cannot be told")
        }
        let addresses = fields.texts("nexthopipaddress") + (fields.object("nexthop")?.texts("nexthopipaddresses") ?? [])
        return UserRoute(
            name: name, text: text, prefix: prefix, hop: hop, nextHops: addresses.compactMap { IPAddress($0) },
            overridesGatewayRoutes: fields.flag("hasbgpoverride") ?? false,
            device: fields.reference("nexthopresource"))
    }

    /// No service tag begins with a digit or holds a colon; what a template leaves open begins with a bracket or a brace.
    private func isMeantAsPrefix(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        return (0x30...0x39).contains(first)
            || text.allSatisfy { $0.isHexDigit || "./:".contains($0) } && text.contains(":")
    }

    private mutating func prefixes(_ texts: [String], of resource: String) -> [IPPrefix] {
        texts.compactMap { text in
            if let prefix = IPPrefix(text) { return prefix }
            report(resource, "addressPrefixes", "\(text) is no prefix")
            return nil
        }
    }
}
