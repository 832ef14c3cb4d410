/// The answer of `az graph query` for the lab's network: every resource that a route, a log or a finding rests on.
extension Lab {
    /// `topology/resources.json`, as text.
    func topologyText() -> String {
        var random = random("topology")
        let resources = random.shuffled(
            networks() + routeTables() + securityGroups() + machineResources() + endpointResources()
                + firewallResources() + gatewayResources() + watcherResources())
        let answer: JSON = [
            ("count", .integer(resources.count)), ("data", .array(resources)), ("skip_token", nil),
            ("total_records", .integer(resources.count)),
        ].object
        return answer.pretty
    }

    /// One row of the answer; Resource Graph writes types in lower case.
    func resource(_ id: String, _ type: String, _ properties: JSON, extra: [(String, JSON)] = []) -> JSON {
        let parts = id.split(separator: "/")
        let members: [(String, JSON)] = [
            ("id", .text(id)), ("name", .text(String(parts[parts.count - 1]))), ("type", .text(type.lowercased())),
            ("location", .text(plan.region)), ("resourceGroup", .text(parts[3].lowercased())),
            ("subscriptionId", .text(String(parts[1]))), ("tenantId", .text(plan.tenant)), ("tags", nil),
        ]
        return .object(members + extra + [("properties", properties)])
    }

    // MARK: VNets

    private func networks() -> [JSON] {
        let words = plan.words
        let hubSubnets = [
            subnet(plan.firewallSubnet, members: [plan.firewallID + "/azureFirewallIpConfigurations/" + "fw"]),
            subnet(
                plan.gatewaySubnet, routes: plan.hub.id("Microsoft.Network/routeTables", words.gatewayRoutes),
                members: [plan.gatewayID + "/ipConfigurations/default"]),
            subnet(
                plan.resolverSubnet, group: plan.resolver.securityGroupID,
                members: [plan.resolver.nicID + "/ipConfigurations/ipconfig1"]),
        ]
        let spokeSubnets = [
            subnet(
                plan.applicationSubnet, routes: plan.spoke.id("Microsoft.Network/routeTables", words.applicationRoutes),
                group: plan.application.securityGroupID,
                members: [plan.application, plan.backup].map { $0.nicID + "/ipConfigurations/ipconfig1" }),
            subnet(plan.dataSubnet, members: [endpointNIC + "/ipConfigurations/private"]),
        ]
        return [
            network(plan.hub, hubSubnets, peering: peering(of: plan.hub, to: plan.spoke, isHub: true)),
            network(plan.spoke, spokeSubnets, peering: peering(of: plan.spoke, to: plan.hub, isHub: false)),
        ]
    }

    private func network(_ site: LabPlan.Site, _ subnets: [JSON], peering: JSON) -> JSON {
        let properties: JSON = [
            "provisioningState": "Succeeded",
            "addressSpace": ["addressPrefixes": [.text(site.range.description)]],
            "subnets": .array(subnets),
            "virtualNetworkPeerings": [peering],
            "enableDdosProtection": false,
        ]
        return resource(site.vnetID, "Microsoft.Network/virtualNetworks", properties)
    }

    /// A subnet; the references of its members are upper-cased from the group on, as Azure writes them.
    private func subnet(_ subnet: Subnet, routes: String? = nil, group: String? = nil, members: [String]) -> JSON {
        var properties: [(String, JSON)] = [
            ("provisioningState", "Succeeded"), ("addressPrefix", .text(subnet.prefix.description)),
            ("delegations", []), ("serviceEndpoints", []), ("privateEndpointNetworkPolicies", "Disabled"),
            ("privateLinkServiceNetworkPolicies", "Enabled"),
            ("ipConfigurations", .array(members.map { .reference(Lab.shouted($0)) })),
        ]
        if let routes { properties.append(("routeTable", .reference(routes))) }
        if let group { properties.append(("networkSecurityGroup", .reference(group))) }
        return [
            "id": .text(subnet.id), "name": .text(subnet.name), "type": "Microsoft.Network/virtualNetworks/subnets",
            "properties": .object(properties),
        ]
    }

    private static func shouted(_ id: String) -> String {
        id.split(separator: "/", omittingEmptySubsequences: false).enumerated()
            .map { [4, 8, 10].contains($0.offset) ? $0.element.uppercased() : String($0.element) }
            .joined(separator: "/")
    }

    private func peering(of site: LabPlan.Site, to other: LabPlan.Site, isHub: Bool) -> JSON {
        let name = "peer-\(other.vnet)"
        let properties: JSON = [
            "provisioningState": "Succeeded", "peeringState": "Connected", "peeringSyncLevel": "FullyInSync",
            "remoteVirtualNetwork": .reference(other.vnetID),
            "allowVirtualNetworkAccess": true, "allowForwardedTraffic": true,
            "allowGatewayTransit": .bool(isHub), "useRemoteGateways": .bool(!isHub),
            "remoteAddressSpace": ["addressPrefixes": [.text(other.range.description)]],
            "peerCompleteVnets": true,
        ]
        return [
            "id": .text("\(site.vnetID)/virtualNetworkPeerings/\(name)"), "name": .text(name),
            "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "properties": properties,
        ]
    }

    // MARK: Routes

    private func routeTables() -> [JSON] {
        let endpoint = Prefix(base: plan.privateEndpoint, length: 32)
        var application = [
            ("default", Prefix(base: Address(bits: 0), length: 0)), ("endpoints", plan.dataSubnet.prefix),
        ]
        var gateway = [("backup", Prefix(base: plan.backup.address, length: 32))]
        if options.isFixed {
            application.append(("blob", endpoint))
            gateway = [("workload", plan.applicationSubnet.prefix), ("blob", endpoint)]
        }
        return [
            routeTable(
                plan.spoke, plan.words.applicationRoutes, application, of: plan.applicationSubnet, propagates: false),
            routeTable(plan.hub, plan.words.gatewayRoutes, gateway, of: plan.gatewaySubnet, propagates: true),
        ]
    }

    private func routeTable(
        _ site: LabPlan.Site, _ name: String, _ routes: [(String, Prefix)], of subnet: Subnet, propagates: Bool
    ) -> JSON {
        let id = site.id("Microsoft.Network/routeTables", name)
        let entries = routes.map { route -> JSON in
            [
                "id": .text("\(id)/routes/to-\(route.0)"), "name": .text("to-\(route.0)"),
                "type": "Microsoft.Network/routeTables/routes",
                "properties": [
                    "provisioningState": "Succeeded", "addressPrefix": .text(route.1.description),
                    "nextHopType": "VirtualAppliance", "nextHopIpAddress": .text(plan.firewall.description),
                    "hasBgpOverride": false,
                ],
            ]
        }
        let properties: JSON = [
            "provisioningState": "Succeeded", "disableBgpRoutePropagation": .bool(!propagates),
            "routes": .array(entries), "subnets": [.reference(subnet.id)],
        ]
        return resource(id, "Microsoft.Network/routeTables", properties)
    }

    // MARK: Security groups

    private func securityGroups() -> [JSON] {
        [
            securityGroup(plan.application.securityGroupID, of: plan.applicationSubnet),
            securityGroup(plan.resolver.securityGroupID, of: plan.resolverSubnet),
        ]
    }

    private func securityGroup(_ id: String, of subnet: Subnet) -> JSON {
        let rule: JSON = [
            "id": .text("\(id)/securityRules/allow-site-services"), "name": "allow-site-services",
            "type": "Microsoft.Network/networkSecurityGroups/securityRules",
            "properties": [
                "provisioningState": "Succeeded", "protocol": "Tcp", "sourcePortRange": "*",
                "destinationPortRanges": ["22", "443"],
                "sourceAddressPrefix": .text(plan.onPremises.description), "destinationAddressPrefix": "*",
                "access": "Allow", "priority": 200, "direction": "Inbound",
            ],
        ]
        let properties: JSON = [
            "provisioningState": "Succeeded", "securityRules": [rule], "defaultSecurityRules": [],
            "subnets": [.reference(subnet.id)],
        ]
        return resource(id, "Microsoft.Network/networkSecurityGroups", properties)
    }
}

extension [(String, JSON)] {
    /// The members as an object.
    var object: JSON { .object(self) }
}
