internal import FlowModel

/// Virtual hubs, their connections, routing intent and static routes; and the meshes of Network Manager.
extension NetworkReader {
    /// A hub becomes a VNet of its own, with the two subnets that the rules need.
    mutating func readHub(_ resource: Resource) {
        // A Route Server is a hub of this kind: it stands in a subnet of a VNet, and moves no packets.
        guard resource.fields.text("kind")?.lowercased() != "routeserver" else { return }
        let prefix = resource.fields.text("addressprefix").flatMap { IPPrefix($0) }
        network.hubs[resource.id] = VirtualHub(
            id: resource.id, name: resource.name, wan: resource.fields.reference("virtualwan"), prefix: prefix)
        network.vnets[resource.id] = VirtualNetwork(
            id: resource.id, name: resource.name, ranges: prefix.map { [$0] } ?? [], peerings: [])
        for name in ["AzureFirewallSubnet", "GatewaySubnet"] {
            let id = VirtualHub.subnet(name, of: resource.id)
            network.subnets[id] = Subnet(
                id: id, name: name, vnet: resource.id, prefixes: [], routeTable: nil, securityGroup: nil,
                privateEndpointPolicies: .ignoresRoutes, delegations: [])
        }
        for route in resource.fields.object("routetable")?.list("routes") ?? [] {
            for text in route.texts("addressprefixes") {
                readHubRoute(of: resource.id, text, nextHop: route.text("nexthopipaddress"), isIntent: false)
            }
        }
    }

    /// What stands in a hub and names it: connections, intent, route tables, gateways.
    mutating func readHubChild(_ resource: Resource) {
        let hub = resource.fields.reference("virtualhub") ?? parentID(resource.id)
        guard network.hubs[hub] != nil else {
            return report(resource.id, "virtualHub.id", "is not in the export: \(hub)")
        }
        switch lastPart(resource.type) {
        case "hubvirtualnetworkconnections": readHubConnection(resource, of: hub)
        case "routingintent": readIntent(resource, of: hub)
        case "hubroutetables": readHubTable(resource, of: hub)
        default:
            network.gateways[resource.id] = Gateway(
                id: resource.id, name: resource.name, subnet: VirtualHub.subnet("GatewaySubnet", of: hub),
                isExpressRoute: resource.type.hasSuffix("expressroutegateways"), addresses: [])
        }
    }

    private mutating func readHubConnection(_ resource: Resource, of hub: String) {
        guard let vnet = resource.fields.reference("remotevirtualnetwork") else {
            return report(resource.id, "remoteVirtualNetwork.id", "is missing")
        }
        let connection = VirtualHub.Connection(
            id: resource.id, name: resource.name, vnet: vnet,
            getsDefaultRoute: resource.fields.flag("enableinternetsecurity") ?? false,
            propagates: propagation(resource.fields))
        network.hubs[hub]?.connections.append(connection)
    }

    private func propagation(_ fields: Fields) -> Bool? {
        guard let tables = fields.object("routingconfiguration")?.object("propagatedroutetables") else { return nil }
        let ids = tables.list("ids").compactMap { $0.text("id").map { lastPart(canonicalID($0)) } }
        let labels = tables.texts("labels").map { $0.lowercased() }
        guard !ids.isEmpty || !labels.isEmpty else { return nil }
        return ids.contains("defaultroutetable") || labels.contains("default")
    }

    /// Private traffic: the private ranges, all of them [learn: how-to-routing-policies].
    private mutating func readIntent(_ resource: Resource, of hub: String) {
        for policy in resource.fields.list("routingpolicies") {
            guard let device = policy.reference("nexthop") else { continue }
            for destination in policy.texts("destinations") {
                switch destination.lowercased() {
                case "privatetraffic":
                    for prefix in Appliance.defaultPrivateRanges { add(prefix, to: hub, device, isIntent: true) }
                case "internet": if let all = IPPrefix("0.0.0.0/0") { add(all, to: hub, device, isIntent: true) }
                default: report(resource.id, "routingPolicies.destinations", "is not known: \(destination)")
                }
            }
        }
    }

    private mutating func readHubTable(_ resource: Resource, of hub: String) {
        let hasIntent = network.hubs[hub]?.inspected.contains(where: \.isPrivateIntent) == true
        for route in resource.fields.list("routes") where route.text("destinationtype")?.lowercased() == "cidr" {
            // The intent's own row holds the additional private prefixes, too.
            let isIntent = hasIntent && route.text("name")?.lowercased().hasPrefix("_policy_") == true
            for text in route.texts("destinations") {
                readHubRoute(of: hub, text, nextHop: route.reference("nexthop"), isIntent: isIntent)
            }
        }
    }

    private mutating func readHubRoute(of hub: String, _ text: String, nextHop: String?, isIntent: Bool) {
        guard let prefix = IPPrefix(text), let nextHop else { return }
        // A next hop that is a connection leads to an appliance in a spoke, which is not modelled: it is told below.
        guard nextHop.contains("/azurefirewalls/") || nextHop.contains("/networkvirtualappliances/") else {
            return report(hub, "routes.\(text)", "its next hop is no device of the hub: not modelled")
        }
        add(prefix, to: hub, nextHop, isIntent: isIntent)
    }

    private mutating func add(_ prefix: IPPrefix, to hub: String, _ device: String, isIntent: Bool) {
        let range = VirtualHub.Inspected(prefix: prefix, device: canonicalID(device), isIntent: isIntent)
        guard network.hubs[hub]?.inspected.contains(where: { $0.prefix == prefix }) == false else { return }
        network.hubs[hub]?.inspected.append(range)
    }

    /// Peers each hub with its VNets, both ways; what Azure shows in a VNet as a peering to the hub's hidden VNet gives way.
    mutating func joinHubs() {
        for hub in network.hubs.values.sorted(by: { $0.id < $1.id }) {
            network.hubs[hub.id]?.connections.sort { $0.id < $1.id }
            network.hubs[hub.id]?.inspected.sort { ($0.prefix.length, $0.prefix) > ($1.prefix.length, $1.prefix) }
            network.gatewaysOfHub[hub.id] = network.gateways.values
                .filter { $0.subnet == VirtualHub.subnet("GatewaySubnet", of: hub.id) }.sorted { $0.id < $1.id }
            for connection in hub.connections {
                guard network.vnets[connection.vnet] != nil else {
                    report(connection.id, "remoteVirtualNetwork.id", "is not in the export: \(connection.vnet)")
                    continue
                }
                network.vnets[connection.vnet]?.peerings.removeAll { lastPart($0.remote).hasPrefix("hv_") }
                network.vnets[connection.vnet]?.peerings.append(
                    Peering.joining(connection.vnet, to: hub.id, by: connection.id, name: connection.name))
                network.vnets[hub.id]?.peerings.append(
                    Peering.joining(hub.id, to: connection.vnet, by: connection.id, name: connection.name))
            }
        }
    }

    // MARK: Network Manager

    /// Network group → its members, as `staticMembers` list them; a group by policy has none in any export.
    mutating func readGroupMember(_ resource: Resource) {
        guard let member = resource.fields.reference("resourceid") else { return }
        groupMembers[parentID(resource.id), default: []].append(member)
    }

    mutating func readConnectivity(_ resource: Resource) {
        network.tellsConnectedGroups = true
        let isMesh = resource.fields.text("connectivitytopology")?.lowercased() == "mesh"
        for group in resource.fields.list("appliestogroups") {
            guard let id = group.reference("networkgroupid") else { continue }
            let isDirect = group.text("groupconnectivity")?.lowercased() == "directlyconnected"
            if isMesh || isDirect { connectedGroups.append((resource.id, id)) }
        }
    }

    /// Members of a mesh reach each other directly; whether the configuration is deployed stands in no export.
    mutating func joinConnectedGroups() {
        for (configuration, group) in connectedGroups.sorted(by: { $0 < $1 }) {
            let members = Set(groupMembers[group] ?? []).filter { network.vnets[$0] != nil }.sorted()
            if members.isEmpty {
                report(configuration, "appliesToGroups", "no member of \(lastPart(group)) is in the export")
            }
            for member in members {
                for peer in members where peer != member {
                    guard network.links[member]?.contains(where: { $0.peer == peer }) != true else { continue }
                    network.links[member, default: []].append(
                        PeeringLink(
                            local: Peering.joining(member, to: peer, by: group, name: lastPart(group)),
                            remote: Peering.joining(peer, to: member, by: group, name: lastPart(group)),
                            isConnectedGroup: true))
                }
            }
        }
        // An exported manager without its configurations may have joined any VNet; else its peerings mark them.
        network.managedVNets = Set(network.vnets.values.filter { hasManager || $0.isManaged }.map(\.id))
    }
}
