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
    var endpoints: [PrivateEndpoint] = []
    /// NICs that are no private endpoint's, in the same order.
    var workloadIDs: [String] = []
    /// One storage for each kind of service behind private endpoints.
    var endpointServices: Set<EndpointTarget.Service> = []

    struct FirewallPolicy {
        var base: String?
        var privateRanges: [IPPrefix]?
        var deniesIntrusions: Bool
    }

    private typealias Reading = @Sendable (inout NetworkReader, Resource) -> Void

    /// How each type is read, in this order. Parents first: their children come as own resources, too (topology
    /// exports, 14).
    private static let readings: [(type: String, read: Reading)] = [
        ("microsoft.network/virtualnetworks", { $0.readVNet($1) }),
        ("microsoft.network/routetables", { $0.readRouteTable($1) }),
        ("microsoft.network/networkinterfaces", { $0.readInterface($1) }),
        ("microsoft.network/firewallpolicies", { $0.readPolicy($1) }),
        ("microsoft.network/virtualnetworkgateways", { $0.readGateway($1) }),
        ("microsoft.network/localnetworkgateways", { $0.readLocalNetwork($1) }),
        ("microsoft.network/loadbalancers", { $0.readLoadBalancer($1) }),
        ("microsoft.network/networksecuritygroups", { $0.securityGroups.insert($1.id) }),
        ("microsoft.network/virtualhubs", { $0.readHub($1) }),
        ("microsoft.network/virtualnetworks/subnets", { $0.reportOrphan($1) }),
        ("microsoft.network/virtualnetworks/virtualnetworkpeerings", { $0.reportOrphan($1) }),
        ("microsoft.network/routetables/routes", { $0.readOrphanRoute($1) }),
        ("microsoft.network/privateendpoints", { $0.readPrivateEndpoint($1) }),
        ("microsoft.network/connections", { $0.readConnection($1) }),
        ("microsoft.network/networkwatchers/flowlogs", { $0.readFlowLog($1) }),
        ("microsoft.network/virtualhubs/hubvirtualnetworkconnections", { $0.readHubChild($1) }),
        ("microsoft.network/virtualhubs/routingintent", { $0.readHubChild($1) }),
        // After the intent, whose rows Azure writes into the hub's default table, too.
        ("microsoft.network/virtualhubs/hubroutetables", { $0.readHubChild($1) }),
        ("microsoft.network/expressroutegateways", { $0.readHubChild($1) }),
        ("microsoft.network/vpngateways", { $0.readHubChild($1) }),
        ("microsoft.network/p2svpngateways", { $0.readHubChild($1) }),
        ("microsoft.network/networkmanagers", { reader, _ in reader.hasManager = true }),
        ("microsoft.network/networkmanagers/connectivityconfigurations", { $0.readConnectivity($1) }),
        ("microsoft.network/networkmanagers/networkgroups/staticmembers", { $0.readGroupMember($1) }),
        ("microsoft.network/applicationgateways", { $0.readApplicationGateway($1) }),
        ("microsoft.compute/virtualmachinescalesets", { $0.readScaleSet($1) }),
        // Needs their policies, the hubs and the subnets.
        ("microsoft.network/azurefirewalls", { $0.readFirewall($1) }),
    ]

    /// Types that are read elsewhere, as part of what names them, or that say nothing about the ways of packets.
    private static let silentTypes: Set<String> = [
        "microsoft.network/publicipaddresses", "microsoft.network/publicipprefixes",
        "microsoft.network/firewallpolicies/rulecollectiongroups", "microsoft.network/firewallpolicies/rulegroups",
        "microsoft.network/ipgroups", "microsoft.network/applicationsecuritygroups",
        "microsoft.network/networksecuritygroups/securityrules", "microsoft.network/privatednszones",
        "microsoft.network/privatednszones/a", "microsoft.network/privatednszones/virtualnetworklinks",
        "microsoft.network/privateendpoints/privatednszonegroups", "microsoft.network/virtualwans",
        "microsoft.network/networkmanagers/networkgroups", "microsoft.compute/virtualmachines",
    ]

    mutating func read(_ resources: ResourcesByType, overlay: Overlay) {
        network.overlay = overlay
        keepNames(of: resources)
        reserveCapacity(for: resources)
        for (type, read) in NetworkReader.readings {
            for resource in resources[type] { read(&self, resource) }
        }
        tellUnused(resources)
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
        readZones(resources)
        makeHosts()
        network.tables = RoutingTables(network)
        readSecurity(resources)
        readFirewallRules(resources)
    }

    /// NICs and private endpoints, the many, keep their names in their models.
    private mutating func keepNames(of resources: ResourcesByType) {
        for type in resources.types
        where type != "microsoft.network/networkinterfaces" && type != "microsoft.network/privateendpoints" {
            for resource in resources[type] { network.names[resource.id] = resource.name }
        }
    }

    private mutating func tellUnused(_ resources: ResourcesByType) {
        let used = NetworkReader.silentTypes.union(NetworkReader.readings.map(\.type))
        for type in resources.types.sorted() where !used.contains(type) {
            notUnderstood.append("\(resources[type].count) of type \(type): not used")
        }
    }

    /// Growing step by step would copy each table some seventeen times.
    private mutating func reserveCapacity(for resources: ResourcesByType) {
        let endpointCount = resources["microsoft.network/privateendpoints"].count
        network.interfaces.reserveCapacity(resources["microsoft.network/networkinterfaces"].count)
        network.privateEndpoints.reserveCapacity(endpointCount)
        endpoints.reserveCapacity(endpointCount)
        endpointInterfaces.reserveCapacity(endpointCount)
    }

    private mutating func readLocalNetwork(_ resource: Resource) {
        let prefixes = resource.fields.object("localnetworkaddressspace")?.texts("addressprefixes") ?? []
        localNetworks[resource.id] = (resource.name, prefixes.compactMap { IPPrefix($0) })
    }

    mutating func report(_ resource: String, _ field: String, _ problem: String) {
        problems.append(TopologyProblem(resource: resource, field: field, problem: problem))
    }

    /// At a key of an overlay's entry.
    mutating func report(_ entry: Overlay.Place, _ key: String, _ problem: String) {
        report(entry.document, "\(entry.path).\(key)", problem)
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
                if gateways.isEmpty {
                    report(
                        range.place, "via",
                        "names no gateway of the export: \(via); wanted is a gateway's id or name. The range is taken to "
                            + "lie behind any gateway")
                }
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
