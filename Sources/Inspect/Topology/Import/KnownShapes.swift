internal import FlowModel

/// How the values under known keys stand in Azure's answers: what nests, what refers, what comes back from elsewhere.
enum KnownShapes {
    /// Arrays whose elements are resources inside a resource: they have a name and nest under `properties`.
    static let children = KeySet([
        "subnets", "virtualNetworkPeerings", "routes", "securityRules", "defaultSecurityRules", "ipConfigurations",
        "frontendIPConfigurations", "backendAddressPools", "loadBalancingRules", "privateLinkServiceConnections",
        "manualPrivateLinkServiceConnections", "privateDnsZoneConfigs", "delegations", "networkRuleCollections",
        "applicationRuleCollections", "natRuleCollections", "loadBalancerBackendAddresses", "vpnSiteLinks",
        "virtualHubRouteTableV2s", "connections", "gatewayIPConfigurations", "outboundRules",
    ])

    /// References `{"id": …}`, alone or in an array: tools that expand them say nothing that is not said elsewhere.
    static let references = KeySet([
        "subnet", "routeTable", "networkSecurityGroup", "publicIPAddress", "publicIPPrefix", "publicIPAddresses",
        "publicIPPrefixes", "remoteVirtualNetwork", "virtualNetwork", "virtualMachine", "privateEndpoint",
        "natGateway", "firewallPolicy", "basePolicy", "virtualHub", "virtualWan", "virtualHubs", "azureFirewall",
        "associatedRouteTable", "backendAddressPool", "frontendIPConfiguration", "localNetworkGateway2",
        "virtualNetworkGateway1", "virtualNetworkGateway2", "inboundRouteMap", "outboundRouteMap",
        "hubVirtualNetworkConnection", "gatewayDefaultSite", "remoteVpnSite", "networkInterfaces",
        "loadBalancerBackendAddressPools", "applicationSecurityGroups", "backendIPConfigurations",
        "sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups", "ids", "gatewayLoadBalancer",
        "loadBalancerFrontendIpConfigurations",
    ])

    /// Arrays whose being empty says something: that a firewall or a policy has no such rules.
    static let meaningfulWhenEmpty = KeySet([
        "ruleCollectionGroups", "ruleGroups", "networkRuleCollections", "applicationRuleCollections",
        "natRuleCollections",
    ])

    /// Of children and of resources, what only points back and is thousands of ids long (topology exports, 10, 17).
    static func isBackReference(_ key: Int16, in container: Int16) -> Bool {
        container == subnets && backOfSubnet.contains(key)
    }

    /// Members of a resource that do not nest under `properties`; `sku` where `nestedSKU` does not say otherwise.
    static let besideProperties = KeySet(["id", "name", "kind", "tags"])

    /// Stands for the resource itself where a container's key is asked for.
    static let resource: Int16 = -2
    static let subnets = KnownKeys.index("subnets")
    private static let backOfSubnet = KeySet(["ipConfigurations", "networkInterfaces"])

    /// Types whose own answers hold `sku` inside `properties` (topology exports, 24).
    static let nestedSKU: Set<String> = [
        "microsoft.network/azurefirewalls", "microsoft.network/firewallpolicies",
        "microsoft.network/virtualnetworkgateways", "microsoft.network/applicationgateways",
    ]
}

/// Some of the known keys, asked for with each value of an export.
struct KeySet: Sendable {
    private let holds: [Bool]

    init(_ keys: [String]) {
        var holds = Array(repeating: false, count: KnownKeys.keys.spelled.count)
        for key in keys { holds[Int(KnownKeys.index(key))] = true }
        self.holds = holds
    }

    /// False for what is no key: an element of an array, a resource that stands alone.
    func contains(_ key: Int16) -> Bool { key >= 0 && holds[Int(key)] }
}
