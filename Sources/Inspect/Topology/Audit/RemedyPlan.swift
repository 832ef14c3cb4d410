internal import FlowModel

/// All remedies of an audit as one list of changes, each once, in an order that breaks nothing on the way: first what
/// brings answers back, then tables and their routes, then policies, and last the tables' association.
package struct RemedyPlan: Sendable {
    private(set) package var actions: [RemedyAction] = []
    private var known: [RemedyAction: Int] = [:]
    /// Pairs that need a remedy and have none, by the reason.
    private(set) package var unmended: [String: Int] = [:]
    private(set) package var mendedCount = 0
    let network: Network
    let budget: [RouteBudget.Table]
    /// Firewalls whose policy the export lacks: what they translate now is not known.
    private let unknownPolicies: Set<String>

    package init(audit: Audit) {
        network = audit.topology.network
        budget = audit.routeTables
        unknownPolicies = Set(
            audit.topology.problems.filter { $0.field == "firewallPolicy.id" }.map(\.resource))
    }

    /// Takes in what a pair needs; a change that one pair needs and another is only advised is needed.
    package mutating func add(_ pair: AuditPair) {
        guard !pair.remedy.isEmpty else {
            if pair.isOpen { unmended[pair.remedyNote ?? "", default: 0] += 1 }
            return
        }
        mendedCount += 1
        for action in pair.remedy {
            var key = action
            key.isRequired = true
            if let index = known[key] {
                if action.isRequired { actions[index].isRequired = true }
            } else {
                known[key] = actions.count
                actions.append(action)
            }
        }
    }

    package func sorted(_ kind: RemedyAction.Kind) -> [RemedyAction] { actions.filter { $0.kind == kind }.sorted() }

    /// What each device has to translate towards, sorted by its id.
    var translations: [(device: Appliance, prefixes: [IPPrefix], isRequired: Bool)] {
        let byDevice = Dictionary(grouping: sorted(.translate)) { $0.resource ?? "" }
        return byDevice.sorted { $0.key < $1.key }.compactMap { id, actions in
            guard let device = network.appliances[id] else { return nil }
            let prefixes = actions.compactMap { $0.prefix.flatMap { IPPrefix($0) } }.sorted()
            return (device, prefixes, actions.contains(where: \.isRequired))
        }
    }

    /// The private ranges of an Azure Firewall without the prefixes that it is to translate towards
    /// [learn: snat-private-range]; nil for other devices, and where the ranges that it has are not known.
    func privateRanges(of device: Appliance, without prefixes: [IPPrefix]) -> [IPPrefix]? {
        guard case .outside(let ranges) = device.translation, !unknownPolicies.contains(device.id) else { return nil }
        let rest = prefixes.reduce(ranges) { ranges, prefix in ranges.flatMap { $0.subtracting(prefix) } }.sorted()
        // An empty list would mean the default; this range stands for "translate always" [learn: snat-private-range].
        return rest.isEmpty ? [IPPrefix(host: IPAddress(ipv4: .max))] : rest
    }

    /// Whether the export leaves open if security groups count for the subnet's private endpoints.
    func isGuess(_ action: RemedyAction) -> Bool {
        network.subnets[action.subnet ?? ""]?.endpointsObeySecurityGroups == nil
    }

    /// Tables that do not exist yet, with the subnet that gets each; sorted.
    var newTables: [(table: String, subnet: String)] {
        var seen: Set<String> = []
        return sorted(.addRoute).filter { $0.createsTable }.compactMap { action in
            guard let table = action.routeTable, let subnet = action.subnet, seen.insert(table).inserted else {
                return nil
            }
            return (table, subnet)
        }
    }

    /// The table's name as Azure spells it.
    func tableName(_ id: String) -> String { network.routeTables[id]?.name ?? lastPart(id) }
}

/// Parts of an Azure resource id.
struct ResourceID {
    let id: String
    private let parts: [Substring]

    init(_ id: String) {
        self.id = id
        parts = id.split(separator: "/")
    }

    /// The id as Azure spells it: Terraform refuses lower-cased types. Names of VNets, subnets and tables come from the
    /// export; the resource group's spelling is not kept, and does not count.
    func spelled(in network: Network) -> String {
        let types = [
            "resourcegroups": "resourceGroups", "microsoft.network": "Microsoft.Network",
            "virtualnetworks": "virtualNetworks", "routetables": "routeTables", "azurefirewalls": "azureFirewalls",
            "virtualnetworkpeerings": "virtualNetworkPeerings",
        ]
        var words = parts.enumerated().map {
            $0.offset % 2 == 0 || $0.offset == 5 ? types[String($0.element)] ?? String($0.element) : String($0.element)
        }
        let name =
            network.subnets[id]?.name ?? network.vnets[id]?.name ?? network.routeTables[id]?.name
            ?? network.knownName(of: id)
        if let name, !words.isEmpty { words[words.count - 1] = name }
        if let subnet = network.subnets[id], let vnet = network.vnets[subnet.vnet], words.count == 10 {
            words[7] = vnet.name
        }
        return "/" + words.joined(separator: "/")
    }

    var subscription: String { value(after: "subscriptions") }
    var resourceGroup: String { value(after: "resourcegroups") }

    func value(after key: String) -> String {
        guard let index = parts.firstIndex(where: { $0.lowercased() == key }), index + 1 < parts.count else {
            return ""
        }
        return String(parts[index + 1])
    }
}
