internal import FlowModel

/// Looks for the smallest change that leads a pair through a firewall and back, by trying it in the model.
struct RemedySearch {
    enum Outcome {
        case actions([RemedyAction])
        case none(String)
    }

    /// Rounds in which the remedies of an endpoint subnet are cut down to those that harm nothing.
    static let roundLimit = 6
    /// Devices that are tried, the likeliest first.
    private static let deviceLimit = 3

    let audit: Audit
    private var trial: Trial
    /// Prefixes that remedies of earlier endpoint subnets add to each table.
    private var planned: [String: Set<String>] = [:]
    private let devicesByVNet: [String: [Appliance]]

    var network: Network { audit.network }

    init(audit: Audit) {
        self.audit = audit
        let network = audit.network
        trial = Trial(network: network)
        let devices = network.appliances.values.filter(\.inspects).sorted {
            ($0.kind == .azureFirewall ? 0 : 1, $0.id) < ($1.kind == .azureFirewall ? 0 : 1, $1.id)
        }
        devicesByVNet = Dictionary(grouping: devices) { network.subnets[$0.subnet]?.vnet ?? "" }
    }

    /// The id of a table that a subnet without one would get, beside its VNet.
    static func newTable(forSubnet id: String, in network: Network) -> String {
        guard let subnet = network.subnets[id] else { return id }
        let group = subnet.vnet.ranges(of: "/providers/").first.map { String(subnet.vnet[..<$0.lowerBound]) } ?? ""
        var name = "rt-\(lastPart(subnet.vnet))-\(lastPart(id))"
        // A table of that name that the subnet does not use may be anybody's.
        while network.routeTables["\(group)/providers/microsoft.network/routetables/\(name)"] != nil {
            name += "-inspect"
        }
        return "\(group)/providers/microsoft.network/routetables/\(name)"
    }

    // MARK: One pair

    mutating func remedy(
        client: AuditClient, endpoint: PrivateEndpoint, at place: Place, before: AuditJudgement
    ) -> Outcome {
        guard endpoint.isApproved else {
            return .none("the private endpoint's connection is not approved: no route mends that")
        }
        guard let entry = client.entrySubnets.first, let vnet = network.subnets[entry]?.vnet else {
            return .none("the subnet where the first decision falls is not in the export")
        }
        let lost = client.entrySubnets.compactMap { network.subnets[$0]?.routeTable }.first {
            network.routeTables[$0] == nil
        }
        if let lost { return .none("route table \(lastPart(lost)) is not in the export: what it holds may contradict") }
        let hubs = client.entrySubnets.compactMap(hub(ofSubnet:))
        if !hubs.isEmpty { return remedy(at: hubs, client: client, endpoint: endpoint, place) }
        let devices = devices(near: vnet, for: client, place, before)
        guard !devices.isEmpty else { return .none(nothingInReach(of: vnet)) }
        var reason = ""
        for (device, hop) in devices.prefix(RemedySearch.deviceLimit) {
            for routes in routeSets(client, endpoint, place.address, hop, device, before) {
                for extra in extras(client, endpoint, device, entry: vnet) {
                    let actions = routes + extra
                    let after = judge(actions, client, place)
                    if after.verdict == .inspected, after.devices.contains(device.id) {
                        let needed = routes + prune(extra, beside: routes, client, place)
                        return .actions(needed + advice(device, endpoint, needed))
                    }
                    if reason.isEmpty {
                        reason = "through \(device.name) it would be \(after.verdict.rawValue): \(after.why)"
                    }
                }
            }
        }
        return .none(reason)
    }

    private func nothingInReach(of vnet: String) -> String {
        let peers = (network.links[vnet] ?? []).map(\.peer)
        if let hub = peers.first(where: { devicesByVNet[$0] != nil }).flatMap({ network.hubs[$0] }) {
            return
                "the only firewall in reach stands in virtual hub \(hub.name): a user route's next hop must be reached directly, "
                + "not behind a virtual WAN"
        }
        return
            "no firewall or inspecting appliance is in reach: neither \(network.vnets[vnet]?.name ?? lastPart(vnet)) nor a VNet "
            + "peered with it directly has one in the export"
    }

    /// Only those of the changes without which it does not do.
    mutating func prune(
        _ extra: [RemedyAction], beside routes: [RemedyAction], _ client: AuditClient, _ place: Place
    ) -> [RemedyAction] {
        guard extra.count > 1 else { return extra }
        var needed = extra
        // Translation is left for last: the vendor asks for it anyway.
        for action in extra.reversed() {
            let fewer = needed.filter { $0 != action }
            if judge(routes + fewer, client, place).verdict == .inspected { needed = fewer }
        }
        return needed
    }

    /// The judgement with the changes; the network is as before afterwards.
    mutating func judge(_ actions: [RemedyAction], _ client: AuditClient, _ place: Place) -> AuditJudgement {
        trial.apply(actions)
        let after = AuditJudgement(network: trial.network, from: client.place, to: place)
        trial.reset()
        return after
    }

    /// What the body finds in the network with all changes.
    mutating func failures(
        of actions: [RemedyAction], _ body: (Network) -> [(index: Int, reason: String)]
    ) -> [(index: Int, reason: String)] {
        trial.apply(actions)
        let found = body(trial.network)
        trial.reset()
        return found
    }

    /// Tables that would hold more routes than they may, with what was planned before, and why.
    func overfull(with actions: [RemedyAction]) -> [String: String] {
        let limit = network.semantics.routeLimitPerTable
        var reasons: [String: String] = [:]
        for (table, prefixes) in added(by: actions) {
            let total = (network.routeTables[table]?.routes.count ?? 0) + prefixes.union(planned[table] ?? []).count
            guard total > limit else { continue }
            reasons[table] =
                "route table \(network.routeTables[table]?.name ?? lastPart(table)) would hold \(total) routes, more than its "
                + "limit of \(limit): give the subnet a table of its own, or the private endpoints a subnet of their own"
        }
        return reasons
    }

    /// Takes the room for the changes.
    mutating func plan(_ actions: [RemedyAction]) {
        for (table, prefixes) in added(by: actions) { planned[table, default: []].formUnion(prefixes) }
    }

    /// Prefixes that are new to each table.
    private func added(by actions: [RemedyAction]) -> [String: Set<String>] {
        var added: [String: Set<String>] = [:]
        for action in actions where action.kind == .addRoute {
            guard let table = action.routeTable, let prefix = action.prefix else { continue }
            let isKnown = network.routeTables[table]?.routes.contains { $0.prefix?.description == prefix } ?? false
            if !isKnown { added[table, default: []].insert(prefix) }
        }
        return added
    }

    // MARK: Devices

    /// Devices that the entry's VNet reaches directly, and the address to name: the one that the overlay asks for, that
    /// the answer goes to already, or that the table names already, come first.
    private func devices(
        near vnet: String, for client: AuditClient, _ place: Place, _ before: AuditJudgement
    ) -> [(device: Appliance, hop: IPAddress)] {
        let vnets = [vnet] + (network.links[vnet] ?? []).map(\.peer)
        let named = client.entrySubnets.compactMap { network.table(ofSubnet: $0) }.flatMap(\.routes)
            .filter { $0.prefix?.contains(place.address) == true }
            .sorted { ($0.prefix?.length ?? 0) > ($1.prefix?.length ?? 0) }.flatMap(\.nextHops)
        let wanted = Set(network.overlay.inspect.flatMap(\.by))
        var found: [(device: Appliance, hop: IPAddress, rank: Int)] = []
        for vnet in vnets {
            for device in devicesByVNet[vnet] ?? [] {
                // No user route leads into a virtual hub [learn: virtual-networks-udr-overview].
                guard network.hubs[vnet] == nil || before.devices.contains(device.id) else { continue }
                guard let hop = named.first(where: device.addresses.contains) ?? hop(of: device, in: vnet) else {
                    continue
                }
                let isWanted = wanted.contains(device.id) || wanted.contains(device.name.lowercased())
                let isOnWay = before.devices.contains(device.id) || before.answeringDevices.contains(device.id)
                let isNamed = named.contains(where: device.addresses.contains)
                found.append((device, hop, isWanted ? 0 : isOnWay ? 1 : isNamed ? 2 : 3))
            }
        }
        // Stable: the VNet's own before its peers', Azure Firewall before others.
        return found.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
            .map { ($0.element.device, $0.element.hop) }
    }

    private func hop(of device: Appliance, in vnet: String) -> IPAddress? {
        device.addresses.first { network.hosts[vnet]?[$0] == .appliance(device.id) }
    }

    // MARK: Changes

    /// Sets of routes to try, the one that is advised first.
    private func routeSets(
        _ client: AuditClient, _ endpoint: PrivateEndpoint, _ address: IPAddress, _ hop: IPAddress, _ device: Appliance,
        _ before: AuditJudgement
    ) -> [[RemedyAction]] {
        // The opening goes there already: only its answer is at fault.
        if before.devices.contains(device.id) { return [[]] }
        let host = client.entrySubnets.map { route(at: $0, IPPrefix(host: address), hop) }
        guard let summary = summary(client, endpoint, address) else { return [host] }
        let routes = client.entrySubnets.map { route(at: $0, summary.prefix, hop) }
        return [summary.needsPolicies ? routes + policies(of: endpoint) : routes, host]
    }

    /// Lets routes count for what the endpoint's subnet holds, and leaves it to its security groups as it was; nothing
    /// where routes count already [learn: disable-private-endpoint-network-policy].
    func policies(of endpoint: PrivateEndpoint) -> [RemedyAction] {
        guard let home = network.subnets[endpoint.subnet], home.privateEndpointPolicies != .obeysRoutes else {
            return []
        }
        var action = RemedyAction(kind: .setPolicies)
        action.subnet = home.id
        action.policies = home.endpointsObeySecurityGroups == true ? "Enabled" : "RouteTableEnabled"
        return [action]
    }

    /// The endpoint's subnet as one route: where its /32s do not reach, where it obeys routes, or where the route
    /// tables would not take all /32s; never where the subnet holds machines, whose sessions would take two ways.
    private func summary(
        _ client: AuditClient, _ endpoint: PrivateEndpoint, _ address: IPAddress
    ) -> (prefix: IPPrefix, needsPolicies: Bool)? {
        guard audit.budget.dedicated.contains(endpoint.subnet), let home = network.subnets[endpoint.subnet],
            let prefix = home.prefixes.first(where: { $0.contains(address) })
        else { return nil }
        let isReached = client.entrySubnets.contains { entry in
            guard let vnet = network.subnets[entry]?.vnet else { return true }
            return vnet == home.vnet || network.link(from: vnet, to: home.vnet) != nil
        }
        if !isReached { return (prefix, false) }
        if case .obeysRoutes = home.privateEndpointPolicies { return (prefix, false) }
        return audit.budget.summarised.contains(endpoint.subnet) ? (prefix, true) : nil
    }

    /// A name that Azure takes, the same for the same prefix.
    static func routeName(_ prefix: IPPrefix) -> String {
        "to-" + prefix.description.map { $0.isNumber || $0.isLetter || $0 == "." ? String($0) : "-" }.joined()
    }

    private func route(at subnet: String, _ prefix: IPPrefix, _ hop: IPAddress) -> RemedyAction {
        var action = RemedyAction(kind: .addRoute)
        action.subnet = subnet
        action.prefix = prefix.description
        action.nextHop = hop.description
        let table = network.table(ofSubnet: subnet)
        action.createsTable = table == nil
        action.routeTable = table?.id ?? RemedySearch.newTable(forSubnet: subnet, in: network)
        // One table takes one route of a prefix: that one is changed.
        action.routeName =
            table?.routes.first { $0.prefix == prefix }?.name
            ?? RemedySearch.routeName(prefix)
        // A table serves several subnets: the route is one.
        if !action.createsTable { action.subnet = nil }
        return action
    }

    /// What the way needs beside routes, the least first.
    private func extras(
        _ client: AuditClient, _ endpoint: PrivateEndpoint, _ device: Appliance, entry: String
    ) -> [[RemedyAction]] {
        let single =
            translation(device, endpoint) + forwarding(device, endpoint, entry: entry) + propagation(client, device)
        let sets = [[]] + single.map { [$0] }
        return single.count > 1 ? sets + [single] : sets
    }

    func translation(_ device: Appliance, _ endpoint: PrivateEndpoint) -> [RemedyAction] {
        let prefixes = network.subnets[endpoint.subnet]?.prefixes ?? []
        let isDedicated = audit.budget.dedicated.contains(endpoint.subnet)
        return endpoint.addresses.filter { !device.translates(to: $0, isPrivateEndpoint: true) }.map { address in
            // Machines beside the endpoint go on seeing who talks to them.
            let prefix = isDedicated ? prefixes.first { $0.contains(address) } : nil
            var action = RemedyAction(kind: .translate)
            action.resource = device.id
            action.prefix = (prefix ?? IPPrefix(host: address)).description
            return action
        }
    }

    /// Sides of peerings on the way that do not take what the other VNet forwards.
    private func forwarding(_ device: Appliance, _ endpoint: PrivateEndpoint, entry: String) -> [RemedyAction] {
        guard let home = network.subnets[device.subnet]?.vnet, let target = network.subnets[endpoint.subnet]?.vnet
        else {
            return []
        }
        var sides: Set<String> = []
        for (one, other) in [(entry, home), (home, target)] where one != other {
            for (from, to) in [(one, other), (other, one)] {
                guard let link = network.link(from: from, to: to), !link.local.allowsForwardedTraffic else { continue }
                sides.insert(link.local.id)
            }
        }
        return sides.sorted().map { id in
            var action = RemedyAction(kind: .allowForwardedTraffic)
            action.resource = id
            return action
        }
    }

    /// The device's own table keeps the gateway's routes away.
    private func propagation(_ client: AuditClient, _ device: Appliance) -> [RemedyAction] {
        guard client.isOnPremises, let table = network.table(ofSubnet: device.subnet), !table.propagatesGatewayRoutes,
            !servesOthers(table.id)
        else { return [] }
        var action = RemedyAction(kind: .propagateGatewayRoutes)
        action.routeTable = table.id
        return [action]
    }

    /// Whether the table steers subnets in which no device stands: their way to on-premises would change, too.
    private func servesOthers(_ table: String) -> Bool {
        let homes = Set(devicesByVNet.values.joined().map(\.subnet))
        return network.subnets.values.contains { $0.routeTable == table && !homes.contains($0.id) }
    }

    /// Translation, where it is not needed by what is known, is advised by the vendor in all cases [learn:
    /// inspect-traffic-with-azure-firewall].
    private func advice(_ device: Appliance, _ endpoint: PrivateEndpoint, _ actions: [RemedyAction]) -> [RemedyAction] {
        guard !actions.contains(where: { $0.kind == .translate }) else { return [] }
        return translation(device, endpoint).map { action in
            var action = action
            action.isRequired = false
            return action
        }
    }
}
