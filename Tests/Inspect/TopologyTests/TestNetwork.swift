import FlowModel
import Topology

/// Writes Azure resources as Resource Graph answers them, with ids of one made-up subscription.
struct TestNetwork {
    private(set) var resources: [String] = []
    var overlays: [String] = []

    static func id(_ kind: String, _ name: String) -> String {
        "/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/RG-net/providers/\(kind)/\(name)"
    }

    static func network(_ kind: String, _ name: String) -> String { id("Microsoft.Network/\(kind)", name) }

    static func subnetID(_ vnet: String, _ subnet: String) -> String {
        "\(network("virtualNetworks", vnet))/subnets/\(subnet)"
    }

    mutating func add(_ kind: String, _ name: String, _ properties: String, extra: String = "") {
        let provider = kind.contains("/") && kind.contains(".") ? kind : "Microsoft.Network/\(kind)"
        resources.append(
            "{\"id\":\"\(TestNetwork.id(provider, name))\",\"name\":\"\(name)\",\"type\":\"\(provider.lowercased())\"\(extra),"
                + "\"properties\":{\(properties)}}")
    }

    /// A whole resource, as JSON.
    mutating func addText(_ resource: String) { resources.append(resource) }

    /// `subnets` and `peerings` are JSON objects.
    mutating func addVNet(_ name: String, _ ranges: [String], subnets: [String], peerings: [String] = []) {
        let quoted = ranges.map { "\"\($0)\"" }.joined(separator: ",")
        add(
            "virtualNetworks", name,
            "\"addressSpace\":{\"addressPrefixes\":[\(quoted)]},\"subnets\":[\(subnets.joined(separator: ","))],"
                + "\"virtualNetworkPeerings\":[\(peerings.joined(separator: ","))]")
    }

    static func subnet(
        _ vnet: String, _ name: String, _ prefix: String, table: String? = nil, policies: String? = "Disabled"
    ) -> String {
        let routeTable = table.map { ",\"routeTable\":{\"id\":\"\(network("routeTables", $0))\"}" } ?? ""
        let policy = policies.map { ",\"privateEndpointNetworkPolicies\":\"\($0)\"" } ?? ""
        // Upper case, as Azure writes references: ids compare without case.
        return
            "{\"id\":\"\(subnetID(vnet, name).uppercased())\",\"name\":\"\(name)\",\"properties\":{\"addressPrefix\":\"\(prefix)\""
            + "\(routeTable)\(policy)}}"
    }

    static func peering(
        to remote: String, state: String = "Connected", forwarded: Bool = true, transit: Bool = false,
        remoteGateways: Bool = false, extra: String = ""
    ) -> String {
        "{\"name\":\"to-\(remote)\",\"properties\":{\"remoteVirtualNetwork\":{\"id\":\"\(network("virtualNetworks", remote))\"},"
            + "\"peeringState\":\"\(state)\",\"allowVirtualNetworkAccess\":true,\"allowForwardedTraffic\":\(forwarded),"
            + "\"allowGatewayTransit\":\(transit),\"useRemoteGateways\":\(remoteGateways)\(extra)}}"
    }

    static func route(_ prefix: String, _ hop: String, _ address: String? = nil, extra: String = "") -> String {
        let next = address.map { ",\"nextHopIpAddress\":\"\($0)\"" } ?? ""
        return "{\"name\":\"r-\(prefix.replacing("/", with: "-"))\",\"properties\":{\"addressPrefix\":\"\(prefix)\","
            + "\"nextHopType\":\"\(hop)\"\(next)\(extra)}}"
    }

    mutating func addTable(_ name: String, _ routes: [String], propagation: Bool = true) {
        add(
            "routeTables", name,
            "\"disableBgpRoutePropagation\":\(!propagation),\"routes\":[\(routes.joined(separator: ","))]")
    }

    mutating func addNIC(
        _ name: String, _ address: String, vnet: String, subnet: String, mac: String = "00-0D-3A-00-00-01",
        machine: String? = nil, forwards: Bool = false
    ) {
        let vm =
            machine.map {
                ",\"virtualMachine\":{\"id\":\"\(TestNetwork.id("Microsoft.Compute/virtualMachines", $0))\"}"
            } ?? ""
        add(
            "networkInterfaces", name,
            "\"macAddress\":\"\(mac)\",\"enableIPForwarding\":\(forwards)\(vm),\"ipConfigurations\":[{\"name\":\"a\","
                + "\"properties\":{\"primary\":true,\"privateIPAddress\":\"\(address)\","
                + "\"subnet\":{\"id\":\"\(TestNetwork.subnetID(vnet, subnet))\"}}}]")
    }

    mutating func addFirewall(
        _ name: String, _ address: String, vnet: String, policy: String? = nil, tier: String = "Standard"
    ) {
        let reference =
            policy.map { ",\"firewallPolicy\":{\"id\":\"\(TestNetwork.network("firewallPolicies", $0))\"}" } ?? ""
        add(
            "azureFirewalls", name,
            "\"sku\":{\"name\":\"AZFW_VNet\",\"tier\":\"\(tier)\"}\(reference),\"ipConfigurations\":[{\"name\":\"c\",\"properties\":"
                + "{\"privateIPAddress\":\"\(address)\",\"subnet\":{\"id\":\"\(TestNetwork.subnetID(vnet, "AzureFirewallSubnet"))\"}}}]"
        )
    }

    mutating func addGateway(_ name: String, vnet: String, type: String = "Vpn") {
        add(
            "virtualNetworkGateways", name,
            "\"gatewayType\":\"\(type)\",\"ipConfigurations\":[{\"properties\":"
                + "{\"subnet\":{\"id\":\"\(TestNetwork.subnetID(vnet, "GatewaySubnet"))\"}}}]")
    }

    /// With its NIC, which alone holds the address.
    mutating func addPrivateEndpoint(
        _ name: String, _ address: String, vnet: String, subnet: String,
        target: String = "Microsoft.Storage/storageAccounts", group: String = "blob",
        status: String = "Approved"
    ) {
        let nic = TestNetwork.network("networkInterfaces", "\(name).nic")
        add(
            "networkInterfaces", "\(name).nic",
            "\"macAddress\":\"\",\"privateEndpoint\":{\"id\":\"\(TestNetwork.network("privateEndpoints", name))\"},\"ipConfigurations\":"
                + "[{\"properties\":{\"privateIPAddress\":\"\(address)\",\"subnet\":{\"id\":\"\(TestNetwork.subnetID(vnet, subnet))\"}}}]"
        )
        add(
            "privateEndpoints", name,
            "\"subnet\":{\"id\":\"\(TestNetwork.subnetID(vnet, subnet))\"},\"networkInterfaces\":[{\"id\":\"\(nic)\"}],"
                + "\"customDnsConfigs\":[],\"privateLinkServiceConnections\":[{\"properties\":{\"groupIds\":[\"\(group)\"],"
                + "\"privateLinkServiceId\":\"\(TestNetwork.id(target, "target"))\","
                + "\"privateLinkServiceConnectionState\":{\"status\":\"\(status)\"}}}]")
    }

    mutating func addFlowLog(_ name: String, target: String, enabled: Bool = true) {
        add("networkWatchers/flowLogs", "watcher", "", extra: "")
        resources.removeLast()
        resources.append(
            "{\"id\":\"\(TestNetwork.network("networkWatchers", "watcher"))/flowLogs/\(name)\",\"name\":\"watcher/\(name)\","
                + "\"type\":\"microsoft.network/networkwatchers/flowlogs\",\"properties\":{\"targetResourceId\":\"\(target)\","
                + "\"enabled\":\(enabled)}}")
    }

    /// The same with other words in all resources.
    func replacing(_ text: String, with other: String) -> TestNetwork {
        var network = self
        network.resources = resources.map { $0.replacing(text, with: other) }
        return network
    }

    /// All resources in one Resource Graph answer, each overlay a file of its own.
    var documents: [TopologyDocument] {
        let export =
            "{\"totalRecords\":\(resources.count),\"count\":\(resources.count),\"data\":[\(resources.joined(separator: ",\n"))]}"
        return [TopologyDocument(name: "export.json", bytes: Array(export.utf8))]
            + overlays.enumerated().map {
                TopologyDocument(name: "overlay-\($0.offset).json", bytes: Array($0.element.utf8))
            }
    }

    func topology() throws -> Topology { try Topology(documents: documents) }
}
