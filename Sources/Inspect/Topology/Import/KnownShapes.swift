internal import FlowModel

/// How the values under known keys stand in Azure's answers: what nests, what refers, what comes back from elsewhere.
enum KnownShapes {
    /// Arrays whose elements are resources inside a resource: they have a name and nest under `properties`.
    static let children: Set<Int16> = indices([
        "subnets", "virtualNetworkPeerings", "routes", "securityRules", "defaultSecurityRules", "ipConfigurations",
        "frontendIPConfigurations", "backendAddressPools", "loadBalancingRules", "privateLinkServiceConnections",
        "manualPrivateLinkServiceConnections", "privateDnsZoneConfigs", "delegations", "networkRuleCollections",
        "applicationRuleCollections", "natRuleCollections", "loadBalancerBackendAddresses", "vpnSiteLinks",
        "virtualHubRouteTableV2s", "connections", "gatewayIPConfigurations", "outboundRules",
    ])

    /// References `{"id": …}`, alone or in an array: tools that expand them say nothing that is not said elsewhere.
    static let references: Set<Int16> = indices([
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
    static let meaningfulWhenEmpty: Set<Int16> = indices([
        "ruleCollectionGroups", "ruleGroups", "networkRuleCollections", "applicationRuleCollections",
        "natRuleCollections",
    ])

    /// Of children and of resources, what only points back and is thousands of ids long (topology exports, 10, 17).
    static func isBackReference(_ key: Int16, in container: Int16) -> Bool {
        container == subnets && backOfSubnet.contains(key)
    }

    /// Stands for the resource itself where a container's key is asked for.
    static let resource: Int16 = -2
    static let subnets = KnownKeys.index("subnets")
    private static let backOfSubnet = indices(["ipConfigurations", "networkInterfaces"])

    /// Types whose own answers hold `sku` inside `properties` (topology exports, 24).
    static let nestedSKU: Set<String> = [
        "microsoft.network/azurefirewalls", "microsoft.network/firewallpolicies",
        "microsoft.network/virtualnetworkgateways", "microsoft.network/applicationgateways",
    ]

    private static func indices(_ keys: [String]) -> Set<Int16> { Set(keys.map(KnownKeys.index)) }
}
