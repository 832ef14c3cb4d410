internal import FlowModel

/// The keys of Azure resources that the model reads, as Azure spells them. Everything else in an export is passed over
/// while it is scanned: states and exports hold passwords, keys and connection strings (topology exports, 28).
///
/// A reader that asks `Fields` for a key that is missing here always gets nil: add it to its group.
enum KnownKeys {
    static let keys = JSONKeys(
        // Sorted: the order of the index is the order of the canonical form.
        (envelope + resource + addresses + virtualNetworks + routes + endpoints + gateways + balancers
            + securityRules + firewalls + virtualHubs + networkManagers + watchers + zones).sorted(),
        open: ["tags"])

    /// The index of a key that is in the list.
    static func index(_ key: String) -> Int16 {
        guard let index = keys.index(of: key) else { preconditionFailure("\(key) is not among the known keys") }
        return index
    }

    static let id = index("id")
    static let name = index("name")
    static let type = index("type")
    static let kind = index("kind")
    static let tagsKey = index("tags")
    static let sku = index("sku")
    static let properties = index("properties")
    static let resourceID = index("resourceId")
    static let resourceType = index("resourceType")
    static let provisioningState = index("provisioningState")
    static let nextHopType = index("nextHopType")

    /// Tags that are kept, whose case counts; besides those that carry Network Manager's marks.
    static let tags: Set<String> = ["disableSnatOnPL"]
    /// Parts of tag names, in lower case, by which Network Manager marks what it has made.
    static let tagMarks = ["avnm", "networkmanager"]

    private static let envelope = ["resourceId", "resourceType"]

    private static let resource = [
        "id", "name", "type", "kind", "tags", "sku", "tier", "size", "properties", "provisioningState",
    ]

    private static let addresses = [
        "ipConfigurations", "privateIPAddress", "privateIPAllocationMethod", "privateIPAddressVersion", "primary",
        "subnet", "publicIPAddress", "publicIPAddressVersion", "publicIPPrefix", "publicIPPrefixes",
        "publicIPAddresses", "ipAddress", "ipAddresses", "ipPrefix", "prefixLength", "macAddress",
        "enableIPForwarding", "virtualMachine", "privateEndpoint", "networkSecurityGroup",
        "applicationSecurityGroups", "networkInterfaces", "networkProfile", "dnsSettings", "dnsServers",
        "loadBalancerBackendAddressPools", "gatewayLoadBalancer", "privateLinkConnectionProperties", "nicType",
        "ipAddressType", "groupId", "requiredMemberName", "memberName", "fqdns", "fqdn", "dhcpOptions",
    ]

    private static let virtualNetworks = [
        "addressSpace", "addressPrefixes", "addressPrefix", "subnets", "virtualNetworkPeerings",
        "privateEndpointVNetPolicies", "privateEndpointNetworkPolicies", "privateLinkServiceNetworkPolicies",
        "routeTable", "natGateway", "serviceEndpoints", "service", "locations", "delegations", "serviceName",
        "defaultOutboundAccess", "remoteVirtualNetwork", "remoteAddressSpace", "remoteVirtualNetworkAddressSpace",
        "localAddressSpace", "localVirtualNetworkAddressSpace", "peeringState", "peeringSyncLevel",
        "allowVirtualNetworkAccess", "allowForwardedTraffic", "allowGatewayTransit", "useRemoteGateways",
        "doNotVerifyRemoteGateways", "peerCompleteVnets", "localSubnetNames", "remoteSubnetNames",
        "enableOnlyIPv6Peering",
    ]

    private static let routes = [
        "routes", "nextHopType", "nextHopIpAddress", "nextHopIpAddresses", "nextHop", "nextHopResource",
        "hasBgpOverride",
        "disableBgpRoutePropagation", "disablePeeringRoute",
    ]

    private static let endpoints = [
        "customDnsConfigs", "privateLinkServiceConnections", "manualPrivateLinkServiceConnections",
        "privateLinkServiceId", "groupIds", "privateLinkServiceConnectionState", "status",
        "privateDnsZoneConfigs", "privateDnsZoneId", "recordSets", "recordType", "recordSetName",
        "loadBalancerFrontendIpConfigurations", "enableProxyProtocol", "destinationIPAddress", "accessMode",
    ]

    private static let gateways = [
        "gatewayType", "vpnType", "enableBgp", "active", "activeActive", "bgpSettings", "asn", "bgpPeeringAddress",
        "bgpPeeringAddresses", "defaultBgpIpAddresses", "tunnelIpAddresses", "customRoutes",
        "vpnClientConfiguration", "vpnClientAddressPool", "gatewayDefaultSite", "localNetworkAddressSpace",
        "gatewayIpAddress", "virtualNetworkGateway1", "virtualNetworkGateway2", "localNetworkGateway2", "peer",
        "connectionType", "connectionStatus", "expressRouteGatewayBypass", "usePolicyBasedTrafficSelectors",
        "trafficSelectorPolicies", "localAddressRanges", "remoteAddressRanges", "vpnGatewayScaleUnit",
        "expressRouteConnections", "expressRouteCircuitPeering", "connections", "remoteVpnSite", "vpnSiteLinks",
        "p2SConnectionConfigurations", "scaleUnits", "autoScaleConfiguration", "bounds", "min", "max",
        "minCapacity", "maxCapacity", "enablePrivateLinkFastPath", "gatewayIPConfigurations",
    ]

    private static let balancers = [
        "frontendIPConfigurations", "frontendIPConfiguration", "backendAddressPools", "backendAddressPool",
        "backendIPConfigurations", "loadBalancerBackendAddresses", "loadBalancingRules", "frontendPort",
        "backendPort", "enableFloatingIP", "loadDistribution", "disableOutboundSnat", "virtualNetwork",
        "outboundRules", "zones",
    ]

    private static let securityRules = [
        "securityRules", "defaultSecurityRules", "protocol", "access", "priority", "direction", "sourcePortRange",
        "sourcePortRanges", "destinationPortRange", "destinationPortRanges", "sourceAddressPrefix",
        "sourceAddressPrefixes", "destinationAddressPrefix", "destinationAddressPrefixes",
        "sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups",
    ]

    private static let firewalls = [
        "managementIpConfiguration", "firewallPolicy", "basePolicy", "snat", "privateRanges",
        "autoLearnPrivateRanges", "intrusionDetection", "mode", "profile", "additionalProperties",
        "Network.SNAT.PrivateRanges", "Network.DNS.EnableProxy", "threatIntelMode", "hubIPAddresses", "addresses",
        "address", "privateIPRanges", "ruleCollectionGroups", "ruleGroups", "ruleCollections",
        "ruleCollectionType", "rules", "ruleType", "ipProtocols", "protocols", "protocolType", "port", "action",
        "sourceAddresses", "sourceIpGroups", "destinationAddresses", "destinationIpGroups", "destinationFqdns",
        "destinationPorts", "targetFqdns", "targetUrls", "fqdnTags", "webCategories", "terminateTLS",
        "translatedAddress", "translatedFqdn", "translatedPort", "networkRuleCollections",
        "applicationRuleCollections", "natRuleCollections", "enableProxy", "requireProxyForNetworkRules",
        "publicIPs", "count", "natRuleCollection", "ruleConditions", "ruleCondition",
        "ruleConditionType",
    ]

    private static let virtualHubs = [
        "virtualHub", "virtualWan", "virtualHubs", "azureFirewall", "virtualRouterIps", "virtualRouterAsn",
        "virtualHubRouteTableV2s", "attachedConnections", "destinationType", "destinations", "nextHops",
        "routingConfiguration", "associatedRouteTable", "propagatedRouteTables", "ids", "labels", "vnetRoutes",
        "staticRoutes", "staticRoutesConfig", "propagateStaticRoutes", "vnetLocalRouteOverrideCriteria",
        "inboundRouteMap", "outboundRouteMap", "routingPolicies", "enableInternetSecurity",
        "allowBranchToBranchTraffic", "allowVnetToVnetTraffic", "hubRoutingPreference", "routingState",
        "hubVirtualNetworkConnection", "peerIp", "peerAsn", "allowHubToRemoteVnetTransit",
        "allowRemoteVnetToUseHubVnetGateways", "associatedConnections", "propagatingConnections",
        "securityProviderName", "virtualApplianceNics", "instanceType", "nvaSku",
    ]

    private static let networkManagers = [
        "connectivityTopology", "hubs", "appliesToGroups", "networkGroupId", "groupConnectivity",
        "isGlobal", "useHubGateway", "deleteExistingPeering", "connectivityCapabilities",
        "connectedGroupPrivateEndpointsScale", "connectedGroupAddressOverlap", "peeringEnforcement", "memberType",
        "networkManagerScopes", "subscriptions", "managementGroups", "networkManagerScopeAccesses",
    ]

    private static let watchers = [
        "targetResourceId", "storageId", "enabled", "enabledFilteringCriteria", "recordTypes",
        "flowAnalyticsConfiguration", "networkWatcherFlowAnalyticsConfiguration",
        "trafficAnalyticsInterval",
    ]

    private static let zones = [
        "registrationEnabled", "virtualNetworkLinkState", "aRecords", "ipv4Address", "resolutionPolicy",
        "bandwidthInGbps", "privateIPAddresses", "vCpuCount",
    ]
}

extension KnownKeys {
    /// UTF-8 of a tag's name. Bytes, not texts: an estate's resources have hundreds of thousands of tags.
    static func keepsTag(_ tag: [UInt8]) -> Bool {
        tagNames.contains(tag) || tagMarkBytes.contains { holds(tag, $0) }
    }

    /// Whether `mark`, which is in lower case, stands in the text, without regard to case.
    private static func holds(_ text: [UInt8], _ mark: [UInt8]) -> Bool {
        guard text.count >= mark.count else { return false }
        return (0...text.count - mark.count).contains { start in
            mark.indices.allSatisfy { lowerCased(text[start + $0]) == mark[$0] }
        }
    }

    private static let tagNames = tags.map { Array($0.utf8) }
    private static let tagMarkBytes = tagMarks.map { Array($0.utf8) }
}
