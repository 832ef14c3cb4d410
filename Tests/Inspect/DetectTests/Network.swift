import FlowModel
import Topology

/// A small hub and spoke, made up: firewall 10.0.1.4 in the hub, a gateway to 192.168.0.0/16, clients in 10.2.1.0/24, a
/// private endpoint 10.2.2.5 beside them.
struct Network {
    /// Route table of the client subnet beside the default route, as (prefix, next hop type, address).
    var applicationRoutes = [("10.2.2.0/24", "VirtualAppliance", "10.0.1.4")]
    /// Route table of GatewaySubnet.
    var gatewayRoutes = [("10.2.1.5/32", "VirtualAppliance", "10.0.1.4")]
    var wantsInspection = false
    var capacityMbps = 1_000
    var endpointPolicies = "Disabled"
    var tier = "Standard"
    /// Name of a VNet of its own, in a routing domain of its own.
    var islandName: String?
    var hasPrivateEndpoint = true
    /// Route table of the hub's snet-shared; nil for none.
    var sharedRoutes: [(String, String, String)]?
    /// The endpoint's name stands in a private DNS zone, and not at the endpoint.
    var isNamedByZone = false
    /// Type of what stands behind the private endpoint.
    var target = "Microsoft.Storage/storageAccounts"

    /// The same network with routes that lead everything through the firewall.
    static var fixed: Network {
        var network = Network()
        network.applicationRoutes.append(("10.2.2.5/32", "VirtualAppliance", "10.0.1.4"))
        network.gatewayRoutes = [("10.2.0.0/16", "VirtualAppliance", "10.0.1.4")]
        return network
    }

    static let group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg-net"
    static let provider = group + "/providers/microsoft.network"
    static let firewall = provider + "/azurefirewalls/fw-hub"
    static let privateEndpoint = provider + "/privateendpoints/pe-blob"
    static let spoke = provider + "/virtualnetworks/vnet-spoke"
    static let hub = provider + "/virtualnetworks/vnet-hub"
    static let applicationSubnet = spoke + "/subnets/snet-app"
    static let applicationTable = provider + "/routetables/rt-app"
    static let gatewaySubnet = hub + "/subnets/gatewaysubnet"
    static let flowLog = provider + "/networkwatchers/nw/flowlogs/fl-spoke"
    static let applicationMAC: UInt64 = 0x000d_3a00_0004
    static let backupMAC: UInt64 = 0x000d_3a00_0005
    static let sharedMAC: UInt64 = 0x000d_3a00_0009
    static let sharedSubnet = hub + "/subnets/snet-shared"
    static let hubFlowLog = provider + "/networkwatchers/nw/flowlogs/fl-hub"

    func topology() throws -> Topology { try Topology(documents: documents) }

    /// An export and an overlay.
    var documents: [TopologyDocument] {
        [
            TopologyDocument(name: "export.json", bytes: Array(export.utf8)),
            TopologyDocument(name: "overlay.json", bytes: Array(overlay.utf8)),
        ]
    }

    private var overlay: String {
        let inspect = wantsInspection ? #","inspect":[{"private_endpoints":["*"],"from":["*"],"by":["fw-hub"]}]"# : ""
        return #"""
            {"flowsight_overlay":1,
             "on_premises":[{"name":"hq","prefixes":["192.168.0.0/16"],"via":"vgw-hub"}],
             "firewalls":[{"id":"fw-hub","capacity_mbps":\#(capacityMbps)}]\#(inspect)}
            """#
    }

    private func table(_ name: String, _ routes: [(String, String, String)], propagation: Bool) -> String {
        let list = routes.enumerated().map { index, route in
            let hop = route.2.isEmpty ? "" : #","nextHopIpAddress":"\#(route.2)""#
            return
                #"{"name":"r\#(index)","properties":{"addressPrefix":"\#(route.0)","nextHopType":"\#(route.1)"\#(hop)}}"#
        }
        return #"""
            {"id":"\#(Network.provider)/routeTables/\#(name)","name":"\#(name)","type":"Microsoft.Network/routeTables",
             "properties":{"disableBgpRoutePropagation":\#(!propagation),"routes":[\#(list.joined(separator: ","))]}}
            """#
    }

    private func peering(_ name: String, to remote: String, _ prefix: String, transit: Bool) -> String {
        #"""
        {"name":"\#(name)","properties":{"remoteVirtualNetwork":{"id":"\#(Network.provider)/virtualNetworks/\#(remote)"},
         "peeringState":"Connected","allowVirtualNetworkAccess":true,"allowForwardedTraffic":true,
         "allowGatewayTransit":\#(transit),"useRemoteGateways":\#(!transit),
         "remoteAddressSpace":{"addressPrefixes":["\#(prefix)"]}}}
        """#
    }

    private func nic(_ name: String, _ address: String, subnet: String, mac: String, extra: String = "") -> String {
        #"""
        {"id":"\#(Network.provider)/networkInterfaces/\#(name)","name":"\#(name)",
         "type":"Microsoft.Network/networkInterfaces","properties":{"macAddress":"\#(mac)"\#(extra),
         "ipConfigurations":[{"name":"ipc","properties":{"privateIPAddress":"\#(address)","primary":true,
         "subnet":{"id":"\#(subnet)"}}}]}}
        """#
    }

    private var export: String {
        let provider = Network.provider
        let hub = "\(provider)/virtualNetworks/vnet-hub"
        let spoke = "\(provider)/virtualNetworks/vnet-spoke"
        let names = #"{"fqdn":"acme.blob.example.net","ipAddresses":["10.2.2.5"]}"#
        let zone = "\(provider)/privateDnsZones/privatelink.blob.example.net"
        let sharedTable =
            sharedRoutes == nil ? "" : #","routeTable":{"id":"\#(provider)/routeTables/rt-shared"}"#
        let vm = #","virtualMachine":{"id":"\#(Network.group)/providers/Microsoft.Compute/virtualMachines/vm"}"#
        let resources = [
            #"""
            {"id":"\#(hub)","name":"vnet-hub","type":"Microsoft.Network/virtualNetworks","location":"westeurope",
             "properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[
              {"name":"AzureFirewallSubnet","id":"\#(hub)/subnets/AzureFirewallSubnet","properties":{"addressPrefix":"10.0.1.0/26"}},
              {"name":"snet-shared","id":"\#(hub)/subnets/snet-shared","properties":{"addressPrefix":"10.0.2.0/24"\#(sharedTable)}},
              {"name":"GatewaySubnet","id":"\#(hub)/subnets/GatewaySubnet","properties":{"addressPrefix":"10.0.255.0/27",
               "routeTable":{"id":"\#(provider)/routeTables/rt-gateway"}}}],
              "virtualNetworkPeerings":[\#(peering("to-spoke", to: "vnet-spoke", "10.2.0.0/16", transit: true))]}}
            """#,
            #"""
            {"id":"\#(spoke)","name":"vnet-spoke","type":"Microsoft.Network/virtualNetworks","location":"westeurope",
             "properties":{"addressSpace":{"addressPrefixes":["10.2.0.0/16"]},"subnets":[
              {"name":"snet-app","id":"\#(spoke)/subnets/snet-app","properties":{"addressPrefix":"10.2.1.0/24",
               "routeTable":{"id":"\#(provider)/routeTables/rt-app"}}},
              {"name":"snet-data","id":"\#(spoke)/subnets/snet-data","properties":{"addressPrefix":"10.2.2.0/24",
               "privateEndpointNetworkPolicies":"\#(endpointPolicies)"}}],
              "virtualNetworkPeerings":[\#(peering("to-hub", to: "vnet-hub", "10.0.0.0/16", transit: false))]}}
            """#,
            table("rt-app", [("0.0.0.0/0", "VirtualAppliance", "10.0.1.4")] + applicationRoutes, propagation: false),
            table("rt-gateway", gatewayRoutes, propagation: true),
            table("rt-shared", sharedRoutes ?? [], propagation: true),
            #"""
            {"id":"\#(provider)/azureFirewalls/fw-hub","name":"fw-hub","type":"Microsoft.Network/azureFirewalls",
             "properties":{"sku":{"name":"AZFW_VNet","tier":"\#(tier)"},"ipConfigurations":[{"name":"ipc","properties":
             {"privateIPAddress":"10.0.1.4","subnet":{"id":"\#(hub)/subnets/AzureFirewallSubnet"}}}]}}
            """#,
            #"""
            {"id":"\#(provider)/virtualNetworkGateways/vgw-hub","name":"vgw-hub",
             "type":"Microsoft.Network/virtualNetworkGateways","properties":{"gatewayType":"Vpn","ipConfigurations":[
             {"name":"ipc","properties":{"subnet":{"id":"\#(hub)/subnets/GatewaySubnet"}}}]}}
            """#,
            #"""
            {"id":"\#(provider)/privateEndpoints/pe-blob","name":"pe-blob","type":"Microsoft.Network/privateEndpoints",
             "properties":{"subnet":{"id":"\#(spoke)/subnets/snet-data"},"networkInterfaces":[
             {"id":"\#(provider)/networkInterfaces/nic-pe"}],"customDnsConfigs":[\#(isNamedByZone ? "" : names)],"privateLinkServiceConnections":[{"name":"c","properties":
             {"privateLinkServiceId":"\#(Network.group)/providers/\#(target)/acme",
             "groupIds":["blob"],"privateLinkServiceConnectionState":{"status":"Approved"}}}]}}
            """#,
            nic(
                "nic-pe", "10.2.2.5", subnet: "\(spoke)/subnets/snet-data", mac: "",
                extra: #","privateEndpoint":{"id":"\#(provider)/privateEndpoints/pe-blob"}"#),
            nic("nic-app", "10.2.1.4", subnet: "\(spoke)/subnets/snet-app", mac: "00-0D-3A-00-00-04", extra: vm),
            nic("nic-backup", "10.2.1.5", subnet: "\(spoke)/subnets/snet-app", mac: "00-0D-3A-00-00-05", extra: vm),
            nic("nic-dns", "10.0.2.4", subnet: "\(hub)/subnets/snet-shared", mac: "00-0D-3A-00-00-09", extra: vm),
        ]
        let island = islandName.map {
            #"""
            {"id":"\#(provider)/virtualNetworks/\#($0)","name":"\#($0)","type":"Microsoft.Network/virtualNetworks",
             "properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/8"]},"subnets":[]}}
            """#
        }
        let zoneResources = [
            #"{"id":"\#(zone)","name":"z","type":"Microsoft.Network/privateDnsZones","properties":{}}"#,
            #"""
            {"id":"\#(zone)/A/acme","name":"acme","type":"Microsoft.Network/privateDnsZones/A",
             "properties":{"aRecords":[{"ipv4Address":"10.2.2.5"}]}}
            """#,
            #"""
            {"id":"\#(zone)/virtualNetworkLinks/l","name":"l","type":"Microsoft.Network/privateDnsZones/virtualNetworkLinks",
             "properties":{"virtualNetwork":{"id":"\#(spoke)"}}}
            """#,
        ]
        let all =
            (resources + (isNamedByZone ? zoneResources : [])).filter { hasPrivateEndpoint || !$0.contains("pe-blob") }
            + (island.map { [$0] } ?? [])
        return #"{"value":[\#(all.joined(separator: ","))]}"#
    }
}
