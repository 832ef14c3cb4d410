internal import FlowModel

/// Compares the two tables, prefix by prefix and source by source.
///
/// Azure's rows that no export can tell (announced by BGP, ranges of services, further reserved ranges) prove nothing:
/// they are listed with the reason, and are no difference.
struct Verifier {
    /// The rows of one prefix and one source are one route; several next hops are of equal cost. A private endpoint's
    /// /32 is a system route beside others.
    struct Key: Hashable {
        var prefix: IPPrefix
        var source: EffectiveRoute.Source
        var isEndpoint: Bool
    }

    struct Route {
        var key: Key
        var hops: [NextHopType]
        var hopText: String
        var nextHops: [IPAddress]
        var isActive: Bool
        /// Another row of the same prefix wins over it.
        var isOverridden = false
        var target: String?
        /// Why the model holds it for invalid.
        var invalid: String?
        /// Azure's ranges of a service tag.
        var isOfServiceTag = false

        var prefix: IPPrefix { key.prefix }
        var hop: NextHopType { hops.first ?? .unknown }

        var side: Verification.Side {
            Verification.Side(
                source: key.source.name, isActive: isActive && !isOverridden, nextHopType: hopText,
                nextHops: nextHops.map(\.description))
        }
    }

    let shared: SharedNetwork
    var network: Network { shared.network }
    let subnet: Subnet
    let file: EffectiveRouteFile
    private(set) var azure: [Key: Route] = [:]
    private(set) var model: [Key: Route] = [:]
    private var differences: [Verification.Difference] = []
    private var notCompared: [(prefix: IPPrefix?, row: Verification.NotCompared)] = []
    private var agreeing = 0

    init(shared: SharedNetwork, subnet: Subnet, file: EffectiveRouteFile) {
        self.shared = shared
        self.subnet = subnet
        self.file = file
    }

    mutating func verification(of nic: String) -> Verification {
        readAzure()
        readModel()
        for key in Set(azure.keys).union(model.keys).sorted(by: isBefore) {
            switch (azure[key], model[key]) {
            case (let azure?, let model?): compare(azure, model)
            case (let azure?, nil): judgeOnlyInAzure(azure)
            case (nil, let model?): judgeOnlyInModel(model)
            case (nil, nil): break
            }
        }
        notCompared.sort { left, right in
            switch (left.prefix, right.prefix) {
            case (let one?, let other?) where one != other: return one < other
            case (nil, _?): return false
            case (_?, nil): return true
            default: return (left.row.prefix, left.row.reason) < (right.row.prefix, right.row.reason)
            }
        }
        return Verification(
            nic: nic, subnet: subnet.id, subnetName: network.subnetName(subnet.id), agreeing: agreeing,
            differences: differences, notCompared: notCompared.map(\.row))
    }

    private func isBefore(_ left: Key, _ right: Key) -> Bool {
        if left.prefix != right.prefix { return left.prefix < right.prefix }
        if left.source != right.source { return left.source.rawValue < right.source.rawValue }
        return !left.isEndpoint && right.isEndpoint
    }

    // MARK: The two tables

    private mutating func readAzure() {
        for line in file.unreadLines { leave("line \(line)", "a row that cannot be read") }
        for row in file.rows {
            for text in row.destinations {
                guard let prefix = IPPrefix(text), !row.isShortened else {
                    let isShortened = row.isShortened || EffectiveRouteFile.isCut(text)
                    leave(
                        text,
                        isShortened ? EffectiveRouteFile.shortened : "a service tag: its ranges are in no export")
                    continue
                }
                let key = Key(prefix: prefix, source: row.source, isEndpoint: row.hop == .interfaceEndpoint)
                let hop = row.hop == .unknown ? row.hopText : row.hop.rawValue
                Verifier.add(
                    Route(
                        key: key, hops: [row.hop], hopText: hop, nextHops: row.nextHops, isActive: row.isActive,
                        isOfServiceTag: row.isOfServiceTag), to: &azure)
            }
        }
        azure = azure.mapValues(sorted)
    }

    private mutating func readModel() {
        for row in EffectiveRoutes(shared: shared).table(at: subnet.id) {
            let key = Key(prefix: row.prefix, source: row.source, isEndpoint: row.hop == .interfaceEndpoint)
            Verifier.add(
                Route(
                    key: key, hops: [row.hop], hopText: row.hop.rawValue, nextHops: row.nextHops,
                    isActive: row.invalid == nil, target: row.target, invalid: row.invalid), to: &model)
        }
        model = model.mapValues(sorted)
        for key in model.keys {
            let isOverridden = isOverridden(key)
            model[key]?.isOverridden = isOverridden
        }
    }

    private func sorted(_ route: Route) -> Route {
        var route = route
        route.nextHops = Set(route.nextHops).sorted()
        route.hops.sort { $0.rawValue < $1.rawValue }
        return route
    }

    private static func add(_ route: Route, to routes: inout [Key: Route]) {
        guard var known = routes[route.key] else {
            routes[route.key] = route
            return
        }
        // What is invalid beside an active row of its own prefix and source does nothing.
        guard known.isActive == route.isActive else {
            if route.isActive { routes[route.key] = route }
            return
        }
        known.nextHops += route.nextHops
        if !known.hops.contains(route.hop) { known.hops.append(route.hop) }
        known.hopText = known.hops.map(\.rawValue).sorted().joined(separator: "+")
        known.target = [known.target, route.target].compactMap { $0 }.min()
        routes[route.key] = known
    }

    /// For equal prefixes a user route wins; then what leads to VNets and endpoints; then BGP; then the rest.
    private func isOverridden(_ key: Key) -> Bool {
        guard key.source != .user else { return false }
        if model[Key(prefix: key.prefix, source: .user, isEndpoint: false)]?.isActive == true { return true }
        let isInside = key.isEndpoint || [.vnetLocal, .vnetPeering, .connectedGroup].contains(model[key]?.hop)
        guard key.source == .system, !isInside else { return false }
        return model[Key(prefix: key.prefix, source: .bgp, isEndpoint: false)] != nil
    }

    // MARK: What is told

    mutating func differ(
        _ kind: Verification.Kind, _ azure: Route?, _ azureReason: String, _ model: Route?, _ reason: String
    ) {
        guard let prefix = (azure ?? model)?.prefix else { return }
        differences.append(
            Verification.Difference(
                prefix: prefix.description, kind: kind, azure: azure?.side, azureReason: azureReason,
                model: model?.side,
                modelReason: reason))
    }

    mutating func leave(_ route: Route, _ reason: String) {
        notCompared.append((route.prefix, Verification.NotCompared(prefix: route.prefix.description, reason: reason)))
    }

    private mutating func leave(_ text: String, _ reason: String) {
        notCompared.append((nil, Verification.NotCompared(prefix: text, reason: reason)))
    }

    mutating func agree() { agreeing += 1 }
}
