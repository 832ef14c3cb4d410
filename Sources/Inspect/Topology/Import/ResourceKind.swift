/// A type of Azure resource that is read, and how its children stand in it.
struct ResourceKind: Sendable {
    /// As Azure spells it.
    let type: String
    /// `type` in lower case.
    let lowered: String
    /// Key of the parent's array that holds children of this type; nil where they stand alone.
    let array: String?
    /// Lower-cased type of the parent, where `array` is set.
    let parent: String
    /// Key of `array`, or the mark of a resource that stands alone.
    let container: Int16
    /// Of machines no more than the name is kept.
    let isNameOnly: Bool
    /// Only a VNet's `subnets` are its own; elsewhere they point back.
    let holdsSubnets: Bool

    private init(_ type: String, array: String? = nil) {
        self.type = type
        lowered = type.lowercased()
        self.array = array
        parent = lowered.split(separator: "/").dropLast().joined(separator: "/")
        container = array.map(KnownKeys.index) ?? KnownShapes.resource
        isNameOnly = lowered == "microsoft.compute/virtualmachines"
        holdsSubnets = lowered == "microsoft.network/virtualnetworks"
    }

    static func index(of type: some StringProtocol) -> Int? { indices[type.lowercased()] }

    /// An index into it is good for one run of the program only.
    static let all: [ResourceKind] =
        network.map { ResourceKind("Microsoft.Network/\($0)") } + children + [
            ResourceKind("Microsoft.Compute/virtualMachines"),
            ResourceKind("Microsoft.Compute/virtualMachineScaleSets"),
        ]

    /// Lower-cased types that say nothing about the ways of packets, and are not worth a word.
    static let silent: Set<String> = [
        "microsoft.network/networkwatchers", "microsoft.resources/resourcegroups",
        "microsoft.storage/storageaccounts", "microsoft.operationalinsights/workspaces",
    ]

    private static let indices = {
        var indices = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($0.element.lowered, $0.offset) })
        // What the ids of NICs of scale sets spell: NICs like others.
        indices["microsoft.compute/virtualmachinescalesets/virtualmachines/networkinterfaces"] =
            indices["microsoft.network/networkinterfaces"]
        return indices
    }()

    private static let children: [ResourceKind] = [
        ResourceKind("Microsoft.Network/virtualNetworks/subnets", array: "subnets"),
        ResourceKind("Microsoft.Network/virtualNetworks/virtualNetworkPeerings", array: "virtualNetworkPeerings"),
        ResourceKind("Microsoft.Network/routeTables/routes", array: "routes"),
        ResourceKind("Microsoft.Network/networkSecurityGroups/securityRules", array: "securityRules"),
        ResourceKind("Microsoft.Network/networkSecurityGroups/defaultSecurityRules", array: "defaultSecurityRules"),
        ResourceKind("Microsoft.Network/loadBalancers/backendAddressPools", array: "backendAddressPools"),
        ResourceKind("Microsoft.Network/loadBalancers/frontendIPConfigurations", array: "frontendIPConfigurations"),
    ]

    private static let network = [
        "virtualNetworks", "routeTables", "networkSecurityGroups", "applicationSecurityGroups", "networkInterfaces",
        "privateEndpoints", "privateEndpoints/privateDnsZoneGroups", "azureFirewalls", "firewallPolicies",
        "firewallPolicies/ruleCollectionGroups", "firewallPolicies/ruleGroups", "ipGroups", "publicIPAddresses",
        "publicIPPrefixes", "loadBalancers", "virtualNetworkGateways", "connections", "localNetworkGateways",
        "expressRouteGateways", "expressRouteGateways/expressRouteConnections", "vpnGateways",
        "vpnGateways/vpnConnections", "vpnSites", "p2sVpnGateways", "virtualHubs",
        "virtualHubs/hubVirtualNetworkConnections", "virtualHubs/hubRouteTables", "virtualHubs/routeTables",
        "virtualHubs/routingIntent", "virtualHubs/ipConfigurations", "virtualHubs/bgpConnections", "virtualWans",
        "networkManagers", "networkManagers/connectivityConfigurations", "networkManagers/networkGroups",
        "networkManagers/networkGroups/staticMembers", "virtualNetworkAppliances", "networkVirtualAppliances",
        "networkWatchers/flowLogs", "privateDnsZones", "privateDnsZones/virtualNetworkLinks", "privateDnsZones/A",
        "privateLinkServices", "natGateways", "applicationGateways", "bastionHosts",
    ]
}
