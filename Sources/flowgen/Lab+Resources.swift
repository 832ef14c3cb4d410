/// The resources beside the VNets: machines, the private endpoint, the firewall, the gateway, the flow logs.
extension Lab {
    var endpointNIC: String {
        plan.spoke.id("Microsoft.Network/networkInterfaces", "\(plan.words.privateEndpoint).nic")
    }

    private func publicAddressID(_ name: String) -> String {
        plan.hub.id("Microsoft.Network/publicIPAddresses", name)
    }

    // MARK: Machines

    func machineResources() -> [JSON] {
        plan.machines.flatMap { machine -> [JSON] in
            let dashed = stride(from: 0, to: 12, by: 2).map { start in
                String(Array(machine.mac)[start..<start + 2])
            }.joined(separator: "-")
            let nic: JSON = [
                "provisioningState": "Succeeded", "macAddress": .text(dashed), "enableIPForwarding": false,
                "enableAcceleratedNetworking": true, "primary": true,
                "virtualMachine": .reference(machine.machineID),
                "ipConfigurations": [
                    configuration(
                        "\(machine.nicID)/ipConfigurations/ipconfig1", address: machine.address,
                        subnet: machine.subnetID)
                ],
            ]
            let virtual: JSON = [
                "provisioningState": "Succeeded", "hardwareProfile": ["vmSize": "Standard_D4s_v5"],
                "networkProfile": ["networkInterfaces": [.reference(machine.nicID)]],
            ]
            return [
                resource(machine.nicID, "Microsoft.Network/networkInterfaces", nic),
                resource(machine.machineID, "Microsoft.Compute/virtualMachines", virtual),
            ]
        }
    }

    private func configuration(_ id: String, address: Address?, subnet: String, public publicID: String? = nil) -> JSON
    {
        let name = id.split(separator: "/").last.map(String.init) ?? id
        var properties: [(String, JSON)] = [
            ("provisioningState", "Succeeded"), ("privateIPAllocationMethod", "Dynamic"), ("primary", true),
            ("privateIPAddressVersion", "IPv4"), ("subnet", .reference(subnet)),
        ]
        if let address { properties.append(("privateIPAddress", .text(address.description))) }
        if let publicID { properties.append(("publicIPAddress", .reference(publicID))) }
        return ["id": .text(id), "name": .text(name), "properties": .object(properties)]
    }

    // MARK: Private endpoint

    func endpointResources() -> [JSON] {
        let nic: JSON = [
            "provisioningState": "Succeeded", "macAddress": "", "enableIPForwarding": false, "nicType": "Standard",
            "privateEndpoint": .reference(plan.privateEndpointID),
            "ipConfigurations": [
                configuration(
                    "\(endpointNIC)/ipConfigurations/private", address: plan.privateEndpoint,
                    subnet: plan.dataSubnet.id)
            ],
        ]
        let connection: JSON = [
            "id": .text("\(plan.privateEndpointID)/privateLinkServiceConnections/blob"), "name": "blob",
            "type": "Microsoft.Network/privateEndpoints/privateLinkServiceConnections",
            "properties": [
                "provisioningState": "Succeeded", "privateLinkServiceId": .text(plan.storageID), "groupIds": ["blob"],
                "privateLinkServiceConnectionState": [
                    "status": "Approved", "description": "Auto-Approved", "actionsRequired": "None",
                ],
            ],
        ]
        let endpoint: JSON = [
            "provisioningState": "Succeeded", "subnet": .reference(plan.dataSubnet.id),
            "networkInterfaces": [.reference(endpointNIC)], "ipConfigurations": [],
            "privateLinkServiceConnections": [connection], "manualPrivateLinkServiceConnections": [],
            "customDnsConfigs": [
                ["fqdn": .text(plan.storageName), "ipAddresses": [.text(plan.privateEndpoint.description)]]
            ],
        ]
        let storage: JSON = [
            "provisioningState": "Succeeded", "publicNetworkAccess": "Disabled",
            "primaryEndpoints": ["blob": .text("https://\(plan.storageName)/")],
        ]
        return [
            resource(endpointNIC, "Microsoft.Network/networkInterfaces", nic),
            resource(plan.privateEndpointID, "Microsoft.Network/privateEndpoints", endpoint),
            resource(plan.storageID, "Microsoft.Storage/storageAccounts", storage, extra: [("kind", "StorageV2")]),
        ]
    }

    // MARK: Firewall

    func firewallResources() -> [JSON] {
        let policyID = plan.hub.id("Microsoft.Network/firewallPolicies", plan.words.policy)
        let publicID = publicAddressID(plan.words.firewallAddress)
        let firewall: JSON = [
            "provisioningState": "Succeeded", "sku": ["name": "AZFW_VNet", "tier": "Standard"],
            "threatIntelMode": "Alert", "additionalProperties": [:], "firewallPolicy": .reference(policyID),
            "ipConfigurations": [
                configuration(
                    "\(plan.firewallID)/azureFirewallIpConfigurations/fw", address: plan.firewall,
                    subnet: plan.firewallSubnet.id, public: publicID)
            ],
        ]
        let policy: JSON = [
            "provisioningState": "Succeeded", "sku": ["tier": "Standard"], "threatIntelMode": "Alert",
            "dnsSettings": ["enableProxy": true, "servers": []],
            "snat": ["autoLearnPrivateRanges": "Disabled", "privateRanges": ["IANAPrivateRanges"]],
            "firewalls": [.reference(plan.firewallID)],
        ]
        let address: JSON = [
            "provisioningState": "Succeeded", "ipAddress": "203.0.113.254", "publicIPAllocationMethod": "Static",
        ]
        return [
            resource(plan.firewallID, "Microsoft.Network/azureFirewalls", firewall),
            resource(policyID, "Microsoft.Network/firewallPolicies", policy),
            resource(publicID, "Microsoft.Network/publicIPAddresses", address),
        ]
    }

    // MARK: Gateway

    func gatewayResources() -> [JSON] {
        let words = plan.words
        let publicID = publicAddressID(words.gatewayAddress)
        let siteID = plan.hub.id("Microsoft.Network/localNetworkGateways", words.site)
        let connectionID = plan.hub.id("Microsoft.Network/connections", words.connection)
        let gateway: JSON = [
            "provisioningState": "Succeeded", "gatewayType": "Vpn", "vpnType": "RouteBased", "enableBgp": false,
            "activeActive": false, "sku": ["name": "VpnGw2", "tier": "VpnGw2", "capacity": 2],
            "ipConfigurations": [
                configuration(
                    "\(plan.gatewayID)/ipConfigurations/default", address: nil, subnet: plan.gatewaySubnet.id,
                    public: publicID)
            ],
        ]
        let site: JSON = [
            "provisioningState": "Succeeded", "gatewayIpAddress": "198.51.100.254",
            "localNetworkAddressSpace": ["addressPrefixes": [.text(plan.onPremises.description)]],
        ]
        let connection: JSON = [
            "provisioningState": "Succeeded", "connectionType": "IPsec", "connectionStatus": "Connected",
            "virtualNetworkGateway1": .reference(plan.gatewayID), "localNetworkGateway2": .reference(siteID),
            "enableBgp": false, "routingWeight": 0,
        ]
        let address: JSON = [
            "provisioningState": "Succeeded", "ipAddress": "203.0.113.253", "publicIPAllocationMethod": "Static",
        ]
        return [
            resource(plan.gatewayID, "Microsoft.Network/virtualNetworkGateways", gateway),
            resource(siteID, "Microsoft.Network/localNetworkGateways", site),
            resource(connectionID, "Microsoft.Network/connections", connection),
            resource(publicID, "Microsoft.Network/publicIPAddresses", address),
        ]
    }

    // MARK: Flow logs

    func watcherResources() -> [JSON] {
        let storage = plan.hub.id("Microsoft.Storage/storageAccounts", plan.words.logStorage)
        return [
            flowLog(plan.spokeFlowLogID, of: plan.spoke.vnetID, storage),
            flowLog(plan.hubFlowLogID, of: plan.resolverSubnet.id, storage),
        ]
    }

    private func flowLog(_ id: String, of target: String, _ storage: String) -> JSON {
        let properties: JSON = [
            "provisioningState": "Succeeded", "enabled": true, "targetResourceId": .text(target),
            "storageId": .text(storage), "format": ["type": "JSON", "version": 2],
            "retentionPolicy": ["days": 0, "enabled": false],
            "flowAnalyticsConfiguration": [
                "networkWatcherFlowAnalyticsConfiguration": ["enabled": false, "trafficAnalyticsInterval": 60]
            ],
        ]
        return resource(id, "Microsoft.Network/networkWatchers/flowLogs", properties)
    }

    // MARK: Overlay

    /// `topology/overlay.json`: what Azure does not know. References are ids in one lab and names in another.
    func overlayText() -> String {
        var random = random("overlay")
        let gateway = random.pick([plan.gatewayID, plan.words.gateway])
        let firewall = random.pick([plan.firewallID, plan.words.firewall])
        var overlay: [(String, JSON)] = [
            ("flowsight_overlay", 1),
            (
                "on_premises",
                [
                    [
                        "name": .text(plan.words.site), "prefixes": [.text(plan.onPremises.description)],
                        "via": .text(gateway),
                    ]
                ]
            ),
            ("firewalls", [["id": .text(firewall), "capacity_mbps": .integer(Lab.capacityMbps)]]),
        ]
        if options.hasWish {
            let endpoint = random.pick([
                plan.privateEndpointID, plan.words.privateEndpoint, "\(plan.privateEndpoint)/32", "*",
            ])
            // Not from everywhere: the resolver's subnet reaches the endpoint past the firewall in either lab.
            let from = random.pick([plan.applicationSubnet.id, plan.applicationSubnet.prefix.description])
            overlay.append(
                (
                    "inspect",
                    [["private_endpoints": [.text(endpoint)], "from": [.text(from)], "by": [.text(firewall)]]]
                ))
        }
        return overlay.object.pretty
    }
}
