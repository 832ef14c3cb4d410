import Topology

/// The world as Azure Resource Graph answers it, and what Azure does not know as an overlay.
extension SlowWorld {
    var documents: [TopologyDocument] {
        let all = resources
        let export = "{\"totalRecords\":\(all.count),\"count\":\(all.count),\"data\":[\(all.joined(separator: ",\n"))]}"
        return [
            TopologyDocument(name: "export.json", bytes: Array(export.utf8)),
            TopologyDocument(name: "overlay.json", bytes: Array(overlay.utf8)),
        ]
    }

    private var resources: [String] {
        vnets.map(vnetText) + tables.map(tableText) + interfaces.map(interfaceText)
            + privateEndpoints.flatMap(endpointTexts) + firewalls.flatMap(firewallTexts) + gateways.map(gatewayText)
            + sites.filter { !$0.isOverlay }.flatMap(siteTexts) + securityGroups.map(securityGroupText)
            + flowLogs.map(flowLogText)
    }

    private func resource(
        _ kind: String, _ name: String, _ properties: [String], extra: String = ""
    ) -> String {
        "{\"id\":\"\(TestNetwork.network(kind, name))\",\"name\":\"\(name)\",\"type\":\"microsoft.network/\(kind.lowercased())\""
            + "\(extra),\"properties\":{\(properties.joined(separator: ","))}}"
    }

    private func list(_ prefixes: [SlowPrefix]) -> String {
        "[\(prefixes.map { "\"\($0.text)\"" }.joined(separator: ","))]"
    }

    private func words(_ words: [String]) -> String { "[\(words.map { "\"\($0)\"" }.joined(separator: ","))]" }

    private func reference(_ kind: String, _ name: String) -> String {
        "{\"id\":\"\(TestNetwork.network(kind, name))\"}"
    }

    private func subnetReference(_ vnet: String, _ subnet: String) -> String {
        "{\"id\":\"\(TestNetwork.subnetID(vnet, subnet))\"}"
    }

    private func vnetText(_ vnet: VNet) -> String {
        var properties = [
            "\"addressSpace\":{\"addressPrefixes\":\(list(vnet.ranges))}",
            "\"subnets\":[\(vnet.subnets.map { subnetText(vnet.name, $0) }.joined(separator: ","))]",
            "\"virtualNetworkPeerings\":[\(vnet.peerings.map { peeringText(vnet.name, $0) }.joined(separator: ","))]",
        ]
        if vnet.isHighScale { properties.append("\"privateEndpointVNetPolicies\":\"Basic\"") }
        return resource("virtualNetworks", vnet.name, properties)
    }

    private func subnetText(_ vnet: String, _ subnet: Subnet) -> String {
        var properties = [
            subnet.prefixes.count == 1
                ? "\"addressPrefix\":\"\(subnet.prefixes[0].text)\"" : "\"addressPrefixes\":\(list(subnet.prefixes))"
        ]
        if let table = subnet.table { properties.append("\"routeTable\":\(reference("routeTables", table))") }
        if let policy = subnet.policy { properties.append("\"privateEndpointNetworkPolicies\":\"\(policy)\"") }
        if let group = subnet.securityGroup {
            properties.append("\"networkSecurityGroup\":\(reference("networkSecurityGroups", group))")
        }
        if let delegation = subnet.delegation {
            properties.append(
                "\"delegations\":[{\"name\":\"d\",\"properties\":{\"serviceName\":\"\(delegation)\"}}]")
        }
        return
            "{\"id\":\"\(TestNetwork.subnetID(vnet, subnet.name))\",\"name\":\"\(subnet.name)\",\"properties\":{\(properties.joined(separator: ","))}}"
    }

    private func peeringText(_ vnet: String, _ peering: Peering) -> String {
        var properties = [
            "\"remoteVirtualNetwork\":\(reference("virtualNetworks", peering.remote))",
            "\"peeringState\":\"\(peering.state)\"", "\"allowVirtualNetworkAccess\":\(peering.allowsAccess)",
            "\"allowForwardedTraffic\":\(peering.allowsForwarded)",
            "\"allowGatewayTransit\":\(peering.allowsTransit)", "\"useRemoteGateways\":\(peering.usesRemoteGateways)",
        ]
        if peering.isIPv6Only { properties.append("\"enableOnlyIPv6Peering\":true") }
        if let local = peering.localSubnets, let remote = peering.remoteSubnets {
            properties.append("\"peerCompleteVnets\":false,\"localSubnetNames\":\(words(local))")
            properties.append("\"remoteSubnetNames\":\(words(remote))")
        }
        let name = "to-\(peering.remote)"
        let id = "\(TestNetwork.network("virtualNetworks", vnet))/virtualNetworkPeerings/\(name)"
        return "{\"id\":\"\(id)\",\"name\":\"\(name)\",\"properties\":{\(properties.joined(separator: ","))}}"
    }

    private func tableText(_ table: Table) -> String {
        var properties = [
            "\"disableBgpRoutePropagation\":\(!table.propagates)",
            "\"routes\":[\(table.routes.enumerated().map { routeText($0.offset, $0.element) }.joined(separator: ","))]",
        ]
        if table.hidesPeerings { properties.append("\"disablePeeringRoute\":\"All\"") }
        return resource("routeTables", table.name, properties)
    }

    private func routeText(_ number: Int, _ route: UserRoute) -> String {
        let address = route.address.map { ",\"nextHopIpAddress\":\"\($0.text)\"" } ?? ""
        let override = route.overridesBGP ? ",\"hasBgpOverride\":true" : ""
        return "{\"name\":\"r\(number)\",\"properties\":{\"addressPrefix\":\"\(route.prefix.text)\","
            + "\"nextHopType\":\"\(route.hop)\"\(address)\(override)}}"
    }

    private func interfaceText(_ interface: Interface) -> String {
        let number = (interfaces.firstIndex { $0.name == interface.name } ?? 0) + 16
        var properties = [
            "\"macAddress\":\"00-0D-3A-00-00-\(String(number, radix: 16))\"",
            "\"enableIPForwarding\":\(interface.forwards)",
            "\"ipConfigurations\":[{\"name\":\"a\",\"properties\":{\"primary\":true,\"privateIPAddress\":\"\(interface.address.text)\","
                + "\"subnet\":\(subnetReference(interface.vnet, interface.subnet))}}]",
        ]
        if let group = interface.securityGroup {
            properties.append("\"networkSecurityGroup\":\(reference("networkSecurityGroups", group))")
        }
        let tags = interface.hasMappingTag ? ",\"tags\":{\"disableSnatOnPL\":\"true\"}" : ""
        return resource("networkInterfaces", interface.name, properties, extra: tags)
    }

    private func endpointTexts(_ endpoint: PrivateEndpoint) -> [String] {
        let subnet = subnetReference(endpoint.vnet, endpoint.subnet)
        let target =
            endpoint.isOwnService
            ? TestNetwork.network("privateLinkServices", "own")
            : TestNetwork.id("Microsoft.Sql/servers", "server")
        return [
            resource(
                "networkInterfaces", "\(endpoint.name).nic",
                [
                    "\"macAddress\":\"\"", "\"privateEndpoint\":\(reference("privateEndpoints", endpoint.name))",
                    "\"ipConfigurations\":[{\"properties\":{\"privateIPAddress\":\"\(endpoint.address.text)\",\"subnet\":\(subnet)}}]",
                ]),
            resource(
                "privateEndpoints", endpoint.name,
                [
                    "\"subnet\":\(subnet)", "\"customDnsConfigs\":[]",
                    "\"networkInterfaces\":[\(reference("networkInterfaces", "\(endpoint.name).nic"))]",
                    "\"privateLinkServiceConnections\":[{\"properties\":{\"groupIds\":[\"blob\"],\"privateLinkServiceId\":\"\(target)\","
                        + "\"privateLinkServiceConnectionState\":{\"status\":\"\(endpoint.status)\"}}}]",
                ]),
        ]
    }
}

extension SlowWorld {
    private func firewallTexts(_ firewall: Firewall) -> [String] {
        let policy = "\(firewall.name)-policy"
        let ranges = firewall.privateRanges.map { ",\"snat\":{\"privateRanges\":\(list($0))}" } ?? ""
        return [
            resource(
                "azureFirewalls", firewall.name,
                [
                    "\"sku\":{\"name\":\"AZFW_VNet\",\"tier\":\"Standard\"}",
                    "\"firewallPolicy\":\(reference("firewallPolicies", policy))",
                    "\"ipConfigurations\":[{\"name\":\"c\",\"properties\":{\"privateIPAddress\":\"\(firewall.address.text)\","
                        + "\"subnet\":\(subnetReference(firewall.vnet, "AzureFirewallSubnet"))}}]",
                ]),
            resource("firewallPolicies", policy, ["\"sku\":{\"tier\":\"Standard\"}\(ranges)"]),
        ]
    }

    private func gatewayText(_ gateway: Gateway) -> String {
        resource(
            "virtualNetworkGateways", gateway.name,
            [
                "\"gatewayType\":\"\(gateway.isExpressRoute ? "ExpressRoute" : "Vpn")\"",
                "\"ipConfigurations\":[{\"properties\":{\"subnet\":\(subnetReference(gateway.vnet, "GatewaySubnet"))}}]",
            ])
    }

    private func siteTexts(_ site: Site) -> [String] {
        [
            resource(
                "localNetworkGateways", site.name,
                ["\"localNetworkAddressSpace\":{\"addressPrefixes\":\(list(site.prefixes))}"]),
            resource(
                "connections", "to-\(site.name)",
                [
                    "\"connectionType\":\"IPsec\"",
                    "\"virtualNetworkGateway1\":\(reference("virtualNetworkGateways", site.gateway))",
                    "\"localNetworkGateway2\":\(reference("localNetworkGateways", site.name))",
                ]),
        ]
    }

    /// Lets everything pass: NSGs are here as targets of flow logs only.
    private func securityGroupText(_ name: String) -> String {
        let rules = ["Inbound", "Outbound"].map {
            "{\"name\":\"all-\($0)\",\"properties\":{\"priority\":100,\"direction\":\"\($0)\",\"access\":\"Allow\",\"protocol\":\"*\","
                + "\"sourceAddressPrefix\":\"*\",\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"*\",\"destinationPortRange\":\"*\"}}"
        }
        return resource("networkSecurityGroups", name, ["\"securityRules\":[\(rules.joined(separator: ","))]"])
    }

    private func flowLogText(_ log: FlowLog) -> String {
        let target =
            switch log.target {
            case .vnet(let name): TestNetwork.network("virtualNetworks", name)
            case .subnet(let vnet, let name): TestNetwork.subnetID(vnet, name)
            case .interface(let name): TestNetwork.network("networkInterfaces", name)
            case .securityGroup(let name): TestNetwork.network("networkSecurityGroups", name)
            }
        let filter = log.isFiltered ? ",\"enabledFilteringCriteria\":\"dstip=10.9.9.9\"" : ""
        return
            "{\"id\":\"\(TestNetwork.network("networkWatchers", "watcher"))/flowLogs/\(log.name)\",\"name\":\"watcher/\(log.name)\","
            + "\"type\":\"microsoft.network/networkwatchers/flowlogs\",\"properties\":{\"targetResourceId\":\"\(target)\","
            + "\"enabled\":\(log.isEnabled)\(filter)}}"
    }

    private var overlay: String {
        let onPremises = sites.filter(\.isOverlay).map {
            "{\"name\":\"\($0.name)\",\"prefixes\":\(list($0.prefixes)),\"via\":\"\($0.gateway)\"}"
        }
        let machines = appliances.map {
            "{\"name\":\"\($0.name)\",\"interfaces\":[\"\(TestNetwork.network("networkInterfaces", $0.interface))\"],"
                + "\"inspects\":\($0.inspects),\"snat\":\"\($0.translates)\"}"
        }
        return
            "{\"flowsight_overlay\":1,\n\"on_premises\":[\(onPremises.joined(separator: ","))],\n"
            + "\"appliances\":[\(machines.joined(separator: ","))],\n\"semantics\":{\(semanticsText)}}"
    }

    private var semanticsText: String {
        func text(_ value: Bool?) -> String { value.map { "\($0)" } ?? "null" }
        return [
            "\"private_endpoint_route_protocols\":{\"platform\":\(words(semantics.platformProtocols)),"
                + "\"private_link_service\":\(words(semantics.ownServiceProtocols))}",
            "\"gateway_subnet_obeys_summarisation\":\(text(semantics.gatewaySubnetObeys))",
            "\"bgp_override_wins\":\(text(semantics.overrideWins))",
            "\"subnet_peering_spreads_endpoint_routes\":\(text(semantics.subnetPeeringSpreads))",
            "\"disable_peering_route_removes_endpoint_routes\":\(text(semantics.disabledPeeringRemoves))",
            "\"expressroute_same_vnet_reply\":\(text(semantics.expressRouteReply))",
            "\"gateway_hub_spoke_reply\":\(text(semantics.hubSpokeReply))",
        ].joined(separator: ",")
    }
}
