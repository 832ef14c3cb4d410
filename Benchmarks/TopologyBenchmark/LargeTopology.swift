import FlowModel
import Topology

/// A seeded estate of hubs and spokes in one routing domain, written as Resource Graph answers of 1,000 rows.
///
/// For 10,000 VNets: 20 hubs, 499 spokes each, 100,000 private endpoints with their NICs, 125 route tables of 400 routes.
struct LargeTopology {
    let vnetCount: Int
    let endpointsPerVNet = 10
    /// The export of a day later: a route to one private endpoint is gone from each table.
    var isChanged = false

    init(vnetCount: Int) { self.vnetCount = vnetCount }

    /// A machine of each spoke and an endpoint of some other one, in the order of a seed.
    struct Pair {
        var client: IPAddress
        var endpoint: IPAddress
    }

    static let spokesPerHub = 499

    private var hubCount: Int { (vnetCount + LargeTopology.spokesPerHub) / (LargeTopology.spokesPerHub + 1) }
    private var spokes: [Int] { (0..<vnetCount).filter { $0 % (LargeTopology.spokesPerHub + 1) != 0 } }

    private func hub(of vnet: Int) -> Int { vnet / (LargeTopology.spokesPerHub + 1) * (LargeTopology.spokesPerHub + 1) }

    /// Each VNet has a /22 of 10.0.0.0/8.
    private func base(_ vnet: Int) -> UInt32 { 10 << 24 | UInt32(vnet) << 10 }

    private func address(_ vnet: Int, _ offset: UInt32) -> String { IPAddress(ipv4: base(vnet) + offset).description }

    private func id(_ kind: String, _ name: String, of vnet: Int) -> String {
        "/subscriptions/00000000-0000-0000-0000-\(text(vnet / 100, 12))/resourceGroups/rg-network-\(text(vnet, 5))"
            + "/providers/Microsoft.Network/\(kind)/\(name)"
    }

    private func text(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private func vnetID(_ vnet: Int) -> String { id("virtualNetworks", "vnet-\(text(vnet, 5))", of: vnet) }

    /// Lower-cased id of a VNet, where a flow log is taken.
    var vantage: String { vnetID(0).lowercased() }

    private func subnetID(_ vnet: Int, _ name: String) -> String { "\(vnetID(vnet))/subnets/\(name)" }

    private func tableID(_ hub: Int, _ number: Int) -> String {
        id("routeTables", "rt-\(text(hub, 5))-\(text(number, 3))", of: hub)
    }

    private var tablesPerHub: Int { max(1, 125 / max(1, hubCount)) + 1 }

    /// Pages of a Resource Graph answer, one after the other, so that no more than one need be in memory.
    func forEachDocument(_ body: (TopologyDocument) throws -> Void) rethrows {
        var rows: [String] = []
        var page = 0
        func flush() throws {
            guard !rows.isEmpty else { return }
            let text =
                "{\"totalRecords\":\(rows.count),\"count\":\(rows.count),\"data\":[\(rows.joined(separator: ","))]}"
            try body(TopologyDocument(name: "page-\(page).json", bytes: Array(text.utf8)))
            page += 1
            rows.removeAll(keepingCapacity: true)
        }
        for vnet in 0..<vnetCount {
            rows += vnet == hub(of: vnet) ? hubRows(vnet) : spokeRows(vnet)
            if rows.count >= 1_000 { try flush() }
        }
        try flush()
    }

    private func row(_ kind: String, _ id: String, _ properties: String) -> String {
        let name = id.split(separator: "/").last ?? ""
        return "{\"id\":\"\(id)\",\"name\":\"\(name)\",\"type\":\"microsoft.network/\(kind)\",\"tenantId\":"
            + "\"00000000-0000-0000-0000-000000000001\",\"kind\":\"\",\"location\":\"westeurope\",\"resourceGroup\":\"rg\","
            + "\"subscriptionId\":\"00000000-0000-0000-0000-000000000002\",\"managedBy\":\"\",\"sku\":null,\"plan\":null,"
            + "\"tags\":{\"owner\":\"team\"},\"identity\":null,\"zones\":null,\"extendedLocation\":null,"
            + "\"properties\":{\"provisioningState\":\"Succeeded\",\"resourceGuid\":\"00000000-0000-0000-0000-000000000003\","
            + "\(properties)}}"
    }

    private func peering(_ vnet: Int, to remote: Int, transit: Bool, remoteGateways: Bool) -> String {
        "{\"id\":\"\(vnetID(vnet))/virtualNetworkPeerings/to-\(remote)\",\"name\":\"to-\(remote)\",\"type\":"
            + "\"Microsoft.Network/virtualNetworks/virtualNetworkPeerings\",\"properties\":{\"peeringState\":\"Connected\","
            + "\"remoteVirtualNetwork\":{\"id\":\"\(vnetID(remote))\"},\"allowVirtualNetworkAccess\":true,"
            + "\"allowForwardedTraffic\":true,\"allowGatewayTransit\":\(transit),\"useRemoteGateways\":\(remoteGateways)}}"
    }

    private func subnet(_ vnet: Int, _ name: String, _ offset: UInt32, _ length: Int, table: String? = nil) -> String {
        let route = table.map { ",\"routeTable\":{\"id\":\"\($0)\"}" } ?? ""
        return
            "{\"id\":\"\(subnetID(vnet, name))\",\"name\":\"\(name)\",\"type\":\"Microsoft.Network/virtualNetworks/subnets\","
            + "\"properties\":{\"addressPrefix\":\"\(address(vnet, offset))/\(length)\",\"provisioningState\":\"Succeeded\","
            + "\"privateEndpointNetworkPolicies\":\"Disabled\",\"privateLinkServiceNetworkPolicies\":\"Enabled\"\(route)}}"
    }

    private func vnetRow(_ vnet: Int, subnets: [String], peerings: [String]) -> String {
        row(
            "virtualnetworks", vnetID(vnet),
            "\"addressSpace\":{\"addressPrefixes\":[\"\(address(vnet, 0))/22\"]},\"subnets\":[\(subnets.joined(separator: ","))],"
                + "\"virtualNetworkPeerings\":[\(peerings.joined(separator: ","))],\"enableDdosProtection\":false")
    }

    private func hubRows(_ hub: Int) -> [String] {
        let others = (0..<hubCount).map { $0 * (LargeTopology.spokesPerHub + 1) }.filter { $0 != hub }
        let own = spokes.filter { self.hub(of: $0) == hub }
        let peerings =
            others.map { peering(hub, to: $0, transit: false, remoteGateways: false) }
            + own.map { peering(hub, to: $0, transit: true, remoteGateways: false) }
        let firewall = id("azureFirewalls", "fw-\(text(hub, 5))", of: hub)
        let gateway = id("virtualNetworkGateways", "gw-\(text(hub, 5))", of: hub)
        return [
            vnetRow(
                hub,
                subnets: [
                    subnet(hub, "AzureFirewallSubnet", 0, 26), subnet(hub, "GatewaySubnet", 64, 27),
                ], peerings: peerings),
            row(
                "azurefirewalls", firewall,
                "\"sku\":{\"name\":\"AZFW_VNet\",\"tier\":\"Standard\"},\"ipConfigurations\":[{\"name\":\"c\",\"properties\":"
                    + "{\"privateIPAddress\":\"\(address(hub, 4))\",\"subnet\":{\"id\":\"\(subnetID(hub, "AzureFirewallSubnet"))\"}}}]"
            ),
            row(
                "virtualnetworkgateways", gateway,
                "\"gatewayType\":\"Vpn\",\"ipConfigurations\":[{\"properties\":{\"subnet\":{\"id\":"
                    + "\"\(subnetID(hub, "GatewaySubnet"))\"}}}]"),
        ] + (0..<tablesPerHub).map { tableRow(hub, $0, own) }
    }

    /// 0.0.0.0/0 to the hub's firewall, and the /32s of other spokes' endpoints.
    private func tableRow(_ hub: Int, _ number: Int, _ spokes: [Int]) -> String {
        var routes = [route("default", "0.0.0.0/0", hub)]
        for index in (isChanged ? 1 : 0)..<min(399, spokes.count * endpointsPerVNet) {
            let target = (number * 399 + index) % max(1, spokes.count * endpointsPerVNet)
            guard let spoke = spokes.isEmpty ? nil : spokes[target / endpointsPerVNet] else { break }
            let host = address(spoke, 256 + 4 + UInt32(target % endpointsPerVNet))
            routes.append(route("pe-\(index)", "\(host)/32", hub))
        }
        return row(
            "routetables", tableID(hub, number),
            "\"disableBgpRoutePropagation\":false,\"routes\":[\(routes.joined(separator: ","))]")
    }

    private func route(_ name: String, _ prefix: String, _ hub: Int) -> String {
        "{\"name\":\"\(name)\",\"properties\":{\"addressPrefix\":\"\(prefix)\",\"nextHopType\":\"VirtualAppliance\","
            + "\"nextHopIpAddress\":\"\(address(hub, 4))\",\"provisioningState\":\"Succeeded\",\"hasBgpOverride\":false}}"
    }

    private func spokeRows(_ vnet: Int) -> [String] {
        let hub = hub(of: vnet)
        let table = tableID(hub, vnet % tablesPerHub)
        return [
            vnetRow(
                vnet, subnets: [subnet(vnet, "app", 0, 24, table: table), subnet(vnet, "data", 256, 24)],
                peerings: [peering(vnet, to: hub, transit: false, remoteGateways: true)])
        ] + (0..<endpointsPerVNet).flatMap { endpointRows(vnet, $0) }
    }

    private func endpointRows(_ vnet: Int, _ number: Int) -> [String] {
        let endpoint = id("privateEndpoints", "pe-\(text(vnet, 5))-\(number)", of: vnet)
        let nic = id("networkInterfaces", "pe-\(text(vnet, 5))-\(number).nic", of: vnet)
        let host = address(vnet, 256 + 4 + UInt32(number))
        let target =
            "/subscriptions/x/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/sa\(vnet)x\(number)"
        return [
            row(
                "privateendpoints", endpoint,
                "\"subnet\":{\"id\":\"\(subnetID(vnet, "data"))\"},\"networkInterfaces\":[{\"id\":\"\(nic)\"}],"
                    + "\"customDnsConfigs\":[],\"manualPrivateLinkServiceConnections\":[],\"privateLinkServiceConnections\":"
                    + "[{\"id\":\"\(endpoint)/privateLinkServiceConnections/c\",\"name\":\"c\",\"properties\":{"
                    + "\"groupIds\":[\"blob\"],\"privateLinkServiceId\":\"\(target)\","
                    + "\"privateLinkServiceConnectionState\":{\"status\":\"Approved\",\"description\":\"\"}}}]"),
            row(
                "networkinterfaces", nic,
                "\"macAddress\":\"\",\"enableIPForwarding\":false,\"privateEndpoint\":{\"id\":\"\(endpoint)\"},"
                    + "\"ipConfigurations\":[{\"id\":\"\(nic)/ipConfigurations/p\",\"name\":\"p\",\"properties\":{"
                    + "\"primary\":true,\"privateIPAddress\":\"\(host)\",\"privateIPAllocationMethod\":\"Dynamic\","
                    + "\"subnet\":{\"id\":\"\(subnetID(vnet, "data"))\"},\"privateLinkConnectionProperties\":{"
                    + "\"groupId\":\"blob\",\"requiredMemberName\":\"blob\",\"fqdns\":[\"sa\(vnet)x\(number).blob.core.windows.net\"]}}}]"
            ),
        ]
    }

    /// Half of them inside a spoke, half to another spoke of the same hub.
    func pairs(count: Int) -> [Pair] {
        let spokes = spokes
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        return (0..<count).map { _ in
            let home = spokes[next(spokes.count)]
            let near = spokes[next(spokes.count)]
            let target = next(2) == 0 || hub(of: near) != hub(of: home) ? home : near
            return Pair(
                client: IPAddress(ipv4: base(home) + 4 + UInt32(next(250))),
                endpoint: IPAddress(ipv4: base(target) + 256 + 4 + UInt32(next(endpointsPerVNet))))
        }
    }
}
