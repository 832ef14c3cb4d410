internal import FlowModel

/// Ids that the export points at, and that are nowhere.
extension Consistency {
    mutating func checkReferences() {
        for subnet in network.subnets.values {
            if let table = subnet.routeTable, network.routeTables[table] == nil {
                report(
                    subnet.id, "routeTable.id",
                    "is not in the export: \(table); which way the subnet's packets take cannot be told")
            }
            if let group = subnet.securityGroup, !securityGroups.contains(group) {
                report(
                    subnet.id, "networkSecurityGroup.id",
                    "is not in the export: \(group); what it denies cannot be told")
            }
        }
        for nic in network.interfaces.values {
            checkSubnet(nic.subnet, of: nic.id, "ipConfigurations.subnet.id")
            if let group = nic.securityGroup, !securityGroups.contains(group) {
                report(
                    nic.id, "networkSecurityGroup.id", "is not in the export: \(group); what it denies cannot be told")
            }
        }
        let unknown = endpointSubnets.filter { network.subnets[$0] == nil }
        if !unknown.isEmpty {
            for endpoint in network.privateEndpoints.values where unknown.contains(endpoint.subnet) {
                checkSubnet(endpoint.subnet, of: endpoint.id, "subnet.id")
            }
        }
        for appliance in network.appliances.values {
            checkSubnet(appliance.subnet, of: appliance.id, "ipConfigurations.subnet.id")
        }
        for gateway in network.gateways.values {
            checkSubnet(gateway.subnet, of: gateway.id, "ipConfigurations.subnet.id")
        }
        for log in network.flowLogs where !isKnown(log.target) {
            report(
                log.id, "targetResourceId", "is not in the export: \(log.target); what this log should see is not known"
            )
        }
    }

    private mutating func checkSubnet(_ subnet: String, of resource: String, _ field: String) {
        guard network.subnets[subnet] == nil else { return }
        report(resource, field, "is not in the export: \(subnet); no way from or to it can be told")
    }

    private func isKnown(_ id: String) -> Bool {
        network.vnets[id] != nil || network.subnets[id] != nil || network.interfaces[id] != nil
            || securityGroups.contains(id)
    }
}
