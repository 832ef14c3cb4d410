internal import FlowModel

/// Makes the model of merged resources and the overlay; tells what dangles and what it does not use.
struct NetworkReader {
    var network = Network()
    private(set) var problems: [TopologyProblem] = []
    private(set) var notUnderstood: [String] = []
    /// Local network gateway → its ranges.
    private var localNetworks: [String: (name: String, prefixes: [IPPrefix])] = [:]
    /// Local network gateway → gateways that a connection joins to it.
    private var connections: [String: [String]] = [:]
    /// What was read and is looked at again when all of its kind are known.
    var policies: [String: FirewallPolicy] = [:]
    var securityGroups: Set<String> = []
    /// Private endpoint → its NICs, as those name it.
    var endpointInterfaces: [String: [String]] = [:]
    /// Network Manager: network group → members; configuration and the group that it connects.
    var groupMembers: [String: [String]] = [:]
    var connectedGroups: [(String, String)] = []
    var hasManager = false
    /// In the order of the resources, which is that of the ids: sorting 100,000 of them again would take longer than
    /// reading them.
    var interfaceIDs: [String] = []
    var endpointIDs: [String] = []
    private var unused: [String: Int] = [:]

    struct FirewallPolicy {
        var base: String?
        var privateRanges: [IPPrefix]?
        var deniesIntrusions: Bool
    }

    /// Types that are read elsewhere, as part of what names them, or that say nothing about the ways of packets.
    private static let silentTypes: Set<String> = [
        "microsoft.network/publicipaddresses", "microsoft.network/publicipprefixes",
        "microsoft.network/firewallpolicies/rulecollectiongroups", "microsoft.network/firewallpolicies/rulegroups",
        "microsoft.network/ipgroups", "microsoft.network/applicationsecuritygroups",
        "microsoft.network/networksecuritygroups/securityrules", "microsoft.network/privatednszones",
        "microsoft.network/privateendpoints/privatednszonegroups",
    ]

    mutating func read(_ sorted: [Resource], overlay: Overlay) {
        network.overlay = overlay
        reserveCapacity(for: sorted)
        // Parents first: their children come as own resources, too (topology exports, 14).
        for resource in sorted { readParent(resource) }
        for resource in sorted { readChild(resource) }
        for resource in sorted where resource.type == "microsoft.network/azurefirewalls" { readFirewall(resource) }
        for (type, count) in unused.sorted(by: { $0.key < $1.key }) {
            notUnderstood.append("\(count) of type \(type): not used")
        }
        var subnets: [String: [String]] = [:]
        for subnet in network.subnets.values { subnets[subnet.vnet, default: []].append(subnet.id) }
        for (vnet, ids) in subnets { network.vnets[vnet]?.subnets = ids.sorted() }
        readOnPremises()
        assumeOnPremises()
        makeAppliances()
        joinHubs()
        makeLinks()
        joinConnectedGroups()
        RoutingDomains.number(&network)
        makeHosts()
        network.tables = RoutingTables(network)
        readSecurity(sorted)
        readFirewallRules(sorted)
    }

    /// Growing step by step would copy each table some seventeen times.
    private mutating func reserveCapacity(for resources: [Resource]) {
        var counts: [String: Int] = [:]
        for resource in resources { counts[resource.type, default: 0] += 1 }
        network.names.reserveCapacity(resources.count)
        network.interfaces.reserveCapacity(counts["microsoft.network/networkinterfaces"] ?? 0)
        network.privateEndpoints.reserveCapacity(counts["microsoft.network/privateendpoints"] ?? 0)
        endpointInterfaces.reserveCapacity(counts["microsoft.network/privateendpoints"] ?? 0)
    }

    private mutating func readParent(_ resource: Resource) {
        network.names[resource.id] = resource.name
        switch resource.type {
        case "microsoft.network/virtualnetworks": readVNet(resource)
        case "microsoft.network/routetables": readRouteTable(resource)
        case "microsoft.network/networkinterfaces": readInterface(resource)
        case "microsoft.network/firewallpolicies": readPolicy(resource)
        case "microsoft.network/virtualnetworkgateways": readGateway(resource)
        case "microsoft.network/localnetworkgateways":
            let prefixes = resource.fields.object("localnetworkaddressspace")?.texts("addressprefixes") ?? []
            localNetworks[resource.id] = (resource.name, prefixes.compactMap { IPPrefix($0) })
        case "microsoft.network/loadbalancers": readLoadBalancer(resource)
        case "microsoft.network/networksecuritygroups": securityGroups.insert(resource.id)
        case "microsoft.network/virtualhubs": readHub(resource)
        default: break
        }
    }

    private mutating func readChild(_ resource: Resource) {
        switch resource.type {
        case "microsoft.network/virtualnetworks/subnets", "microsoft.network/virtualnetworks/virtualnetworkpeerings":
            reportOrphan(resource)
        case "microsoft.network/routetables/routes": readOrphanRoute(resource)
        case "microsoft.network/privateendpoints": readPrivateEndpoint(resource)
        case "microsoft.network/connections": readConnection(resource)
        case "microsoft.network/networkwatchers/flowlogs": readFlowLog(resource)
        case "microsoft.network/virtualhubs/hubvirtualnetworkconnections",
            "microsoft.network/virtualhubs/routingintent",
            "microsoft.network/virtualhubs/hubroutetables", "microsoft.network/expressroutegateways",
            "microsoft.network/vpngateways", "microsoft.network/p2svpngateways":
            readHubChild(resource)
        case "microsoft.network/networkmanagers/connectivityconfigurations": readConnectivity(resource)
        case "microsoft.network/networkmanagers/networkgroups/staticmembers": readGroupMember(resource)
        case "microsoft.network/applicationgateways":
            readApplicationGateway(resource)
            for configuration in resource.fields.list("gatewayipconfigurations") {
                if let subnet = configuration.reference("subnet") {
                    network.subnets[subnet]?.holdsApplicationGateway = true
                }
            }
        case "microsoft.network/networkmanagers": hasManager = true
        case "microsoft.compute/virtualmachinescalesets": readScaleSet(resource)
        case "microsoft.network/virtualhubs", "microsoft.network/virtualwans",
            "microsoft.network/networkmanagers/networkgroups":
            break
        case "microsoft.network/virtualnetworks", "microsoft.network/routetables",
            "microsoft.network/networkinterfaces",
            "microsoft.network/firewallpolicies", "microsoft.network/virtualnetworkgateways",
            "microsoft.network/localnetworkgateways", "microsoft.network/loadbalancers",
            "microsoft.network/networksecuritygroups", "microsoft.network/azurefirewalls",
            "microsoft.compute/virtualmachines":
            break
        case let type where NetworkReader.silentTypes.contains(type): break
        default: unused[resource.type, default: 0] += 1
        }
    }

    mutating func report(_ resource: String, _ field: String, _ problem: String) {
        problems.append(TopologyProblem(resource: resource, field: field, problem: problem))
    }

    private mutating func readConnection(_ resource: Resource) {
        guard let first = resource.fields.reference("virtualnetworkgateway1") else { return }
        if let second = resource.fields.reference("virtualnetworkgateway2") {
            network.gatewayConnections.append((first, second))
        }
        if let local = resource.fields.reference("localnetworkgateway2") {
            connections[local, default: []].append(first)
            if localNetworks[local] == nil {
                report(resource.id, "localNetworkGateway2.id", "is not in the export: \(local)")
            }
        }
        if resource.fields.flag("expressroutegatewaybypass") == true { network.gateways[first]?.hasFastPath = true }
        if network.gateways[first] == nil {
            report(resource.id, "virtualNetworkGateway1.id", "is not in the export: \(first)")
        }
    }

    private mutating func readFlowLog(_ resource: Resource) {
        network.tellsFlowLogs = true
        guard let target = resource.fields.reference("targetresourceid") else {
            return report(resource.id, "targetResourceId", "is missing")
        }
        let criteria = resource.fields.text("enabledfilteringcriteria") != nil || resource.fields.has("recordtypes")
        network.flowLogs.append(
            FlowLog(
                id: resource.id, target: target, isEnabled: resource.fields.flag("enabled") ?? true,
                isFiltered: criteria))
    }

    private mutating func readOnPremises() {
        for range in network.overlay.onPremises {
            var gateways: [String] = []
            if let via = range.via {
                gateways = network.gateways.values.filter {
                    $0.id == canonicalID(via) || $0.name.lowercased() == via.lowercased()
                }.map(\.id).sorted()
                if gateways.isEmpty { report("overlay", "on_premises.via", "names no gateway of the export: \(via)") }
            }
            for prefix in range.prefixes {
                network.onPremises.append(
                    OnPremises(name: range.name, prefix: prefix, gateways: gateways, isOverlay: true))
            }
        }
        // Two local networks may have one range, behind gateways of two routing domains.
        // What the overlay says of a range without naming a gateway holds for all of them.
        let taken = Set(network.onPremises.filter { $0.gateways.isEmpty }.map(\.prefix))
        for (id, local) in localNetworks.sorted(by: { $0.key < $1.key }) {
            for prefix in local.prefixes where !taken.contains(prefix) {
                network.onPremises.append(
                    OnPremises(
                        name: local.name, prefix: prefix, gateways: (connections[id] ?? []).sorted(), isOverlay: false))
            }
        }
        for gateway in network.gateways.values.sorted(by: { $0.id < $1.id })
        where !network.onPremises.contains(where: { network.leads(gateway, to: $0) }) {
            report(
                gateway.id, "",
                "no export holds what a gateway learns: name the ranges behind it in an overlay (on_premises)")
        }
    }
}
