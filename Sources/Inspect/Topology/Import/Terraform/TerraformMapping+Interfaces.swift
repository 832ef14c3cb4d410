internal import FlowModel

/// NICs, machines and private endpoints.
extension TerraformMapping {
    private static let interfaceType = "Microsoft.Network/networkInterfaces"

    static func interface(_ nic: Attributes, _ answer: inout TerraformAnswer) {
        let addresses = nic.strings("private_ip_addresses", "private_ip_address")
        let blocks = nic.blocks("ip_configuration")
        let configurations = blocks.enumerated().map { place, block -> JSONValue in
            // Old versions leave a dynamic address to the list beside the blocks, which is in their order.
            let listed = addresses.count == blocks.count ? JSONValue.string(addresses[place]) : nil
            return .child(
                block.text("name"),
                [
                    "privateIPAddress": block.text("private_ip_address") ?? listed, "primary": block.flag("primary"),
                    "privateIPAddressVersion": block.text("private_ip_address_version"),
                    "subnet": block.reference("subnet_id"), "publicIPAddress": block.reference("public_ip_address_id"),
                    "loadBalancerBackendAddressPools": block.references("load_balancer_backend_address_pools_ids"),
                    "applicationSecurityGroups": block.references("application_security_group_ids"),
                ])
        }
        answer.add(
            TerraformResource(
                interfaceType, nic,
                [
                    "ipConfigurations": configurations.isEmpty ? nil : .array(configurations),
                    "enableIPForwarding": nic.flag("ip_forwarding_enabled", "enable_ip_forwarding"),
                    "macAddress": nic.text("mac_address"), "virtualMachine": nic.reference("virtual_machine_id"),
                    "networkSecurityGroup": nic.reference("network_security_group_id"),
                ]))
    }

    static func interfaceSecurityGroup(_ association: Attributes, _ answer: inout TerraformAnswer) {
        answer.add(
            .part(
                of: association.string("network_interface_id") ?? "", interfaceType,
                ["networkSecurityGroup": association.reference("network_security_group_id")]))
    }

    /// The provider writes the group into all configurations of the NIC.
    static func interfaceApplicationGroup(_ association: Attributes, _ answer: inout TerraformAnswer) {
        answer.add(
            .part(
                of: association.string("network_interface_id") ?? "", interfaceType,
                [TerraformResources.groupsOfNIC: association.texts("application_security_group_id")]))
    }

    static func interfacePool(_ association: Attributes, _ answer: inout TerraformAnswer) {
        guard let nic = association.string("network_interface_id"),
            let pool = association.string("backend_address_pool_id"),
            let name = association.string("ip_configuration_name")
        else { return }
        let configuration = JSONValue.child(
            .string(name), ["loadBalancerBackendAddressPools": .array([.reference(pool)])])
        answer.add(.part(of: nic, interfaceType, ["ipConfigurations": .array([configuration])]))
        addToPool(pool, [.reference("\(nic)/ipConfigurations/\(name)")], &answer)
    }

    /// Of a machine nothing is kept but its id, its name and its NICs: the rest holds passwords and scripts.
    static func machine(_ machine: Attributes, _ answer: inout TerraformAnswer) {
        answer.add(TerraformResource("Microsoft.Compute/virtualMachines", machine, [:]))
        // A NIC that was written before its machine does not name it yet.
        for nic in machine.strings("network_interface_ids") {
            answer.add(.part(of: nic, interfaceType, ["virtualMachine": machine.reference("id")]))
        }
    }

    static func privateEndpoint(_ endpoint: Attributes, _ answer: inout TerraformAnswer) {
        let connections = endpoint.blocks("private_service_connection")
        let isManual = connections.contains { $0.bool("is_manual_connection") ?? false }
        if isManual {
            answer.report(
                "private_service_connection",
                "a manual connection: the state does not tell whether it was approved; taken as approved")
        }
        let written = connections.map { connection in
            JSONValue.child(
                connection.text("name"),
                [
                    "privateLinkServiceId": connection.text(
                        "private_connection_resource_id", "private_connection_resource_alias"),
                    "groupIds": connection.texts("subresource_names"),
                ])
        }
        let configurations = privateEndpointConfigurations(endpoint)
        answer.add(
            TerraformResource(
                "Microsoft.Network/privateEndpoints", endpoint,
                [
                    "subnet": endpoint.reference("subnet_id"), "ipConfigurations": configurations,
                    "networkInterfaces": endpoint.list("network_interface") { .members(["id": $0.text("id")]) },
                    "customDnsConfigs": endpoint.list("custom_dns_configs") {
                        .members(["fqdn": $0.text("fqdn"), "ipAddresses": $0.texts("ip_addresses")])
                    },
                    (isManual ? "manualPrivateLinkServiceConnections" : "privateLinkServiceConnections"): .array(
                        written),
                ]))
        addInterface(of: endpoint, configurations, &answer)
    }

    /// The endpoint's NIC belongs to Azure, not to Terraform: the endpoint alone tells of it.
    private static func addInterface(
        of endpoint: Attributes, _ configurations: JSONValue?, _ answer: inout TerraformAnswer
    ) {
        let subnet = endpoint.reference("subnet_id")
        let written = (configurations?.array ?? [.child(.string("endpoint"), [:])]).map { configuration -> JSONValue in
            .child(
                configuration["name"],
                ["privateIPAddress": configuration["properties"]?["privateIPAddress"], "subnet": subnet])
        }
        for nic in endpoint.blocks("network_interface") {
            var resource = TerraformResource.part(
                of: nic.string("id") ?? "", interfaceType,
                ["privateEndpoint": endpoint.reference("id"), "ipConfigurations": .array(written)])
            resource.isWhole = true
            answer.add(resource)
        }
    }

    /// Static addresses and the connection's own, which the provider reads from the NIC, one only. The records hold all
    /// addresses of an endpoint with several, and may be old: they are believed where they hold what is known already
    /// (topology exports, 21).
    private static func privateEndpointConfigurations(_ endpoint: Attributes) -> JSONValue? {
        var written: [JSONValue] = []
        var known: Set<String> = []
        func add(_ name: JSONValue?, _ address: String, _ group: JSONValue? = nil, _ member: JSONValue? = nil) {
            guard known.insert(address).inserted else { return }
            written.append(
                .child(
                    name ?? .string("address-\(written.count + 1)"),
                    ["privateIPAddress": .string(address), "groupId": group, "memberName": member]))
        }
        for block in endpoint.blocks("ip_configuration") {
            guard let address = block.string("private_ip_address") else { continue }
            add(block.text("name"), address, block.text("subresource_name"), block.text("member_name"))
        }
        for connection in endpoint.blocks("private_service_connection") {
            if let address = connection.string("private_ip_address") { add(nil, address) }
        }
        let records =
            endpoint.blocks("custom_dns_configs")
            + endpoint.blocks("private_dns_zone_configs").flatMap { $0.blocks("record_sets") }
        let listed = records.flatMap { $0.strings("ip_addresses") }
        if known.isSubset(of: listed) { for address in listed { add(nil, address) } }
        return written.isEmpty ? nil : .array(written)
    }
}
