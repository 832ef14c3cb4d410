package import FlowModel

/// The network as the exports and overlays describe it, and what follows from it: where an address lies, which route
/// wins, which way a session takes, who sees it.
///
/// Immutable and pure: the same documents, in any order, give the same answers. How it is built: `DESIGN.md`.
package struct Topology: Sendable {
    let shared: SharedNetwork
    var network: Network { shared.network }
    let places: PlaceIndex

    /// What Locate needs.
    package let placement: Placement
    /// Contradictions and dangling references, sorted.
    package let problems: [TopologyProblem]
    /// What was seen in the documents and is not used, sorted.
    package let notUnderstood: [String]
    /// Azure Firewalls and appliances, sorted by id.
    package let firewalls: [Firewall]
    /// Sorted by id.
    package let privateEndpoints: [PrivateEndpoint]

    /// Digest of the resources and overlays; the order and the names of the documents do not count.
    package var version: String { placement.version }

    /// Reads exports and overlays in any order. No document at all is an empty topology; documents that hold nothing
    /// usable are an error.
    package init(documents: [TopologyDocument]) throws(TopologyError) {
        var resources = ResourceSet()
        for document in documents { try resources.add(document) }
        try self.init(resources)
    }

    /// Makes the model of what was read. A set without any document gives an empty topology; documents that held nothing
    /// usable are an error.
    package init(_ resources: consuming ResourceSet) throws(TopologyError) {
        let names = resources.documentNames
        guard names.isEmpty || !resources.isEmpty else {
            throw TopologyError(
                code: .nothingUsable, document: names.count == 1 ? names.first ?? "" : "",
                cause: "holds no Azure resource and no overlay: \(resources.notUnderstood.joined(separator: "; "))",
                hint: "export with Azure Resource Graph: its answer is an object with `data`")
        }
        var overlay = OverlayReader()
        for (_, text) in resources.overlays.sorted(by: { $0.key < $1.key }) {
            overlay.read(Fields(text.value), of: text.document)
        }
        let merged = resources.merged()
        let version = resources.digest(of: merged)
        var reader = NetworkReader()
        reader.read(resources.resources(of: merged), overlay: overlay.overlay)
        reader.network.incompleteDocuments = Set(resources.gaps.map(\.resource)).sorted()
        let builder = PlacementBuilder(network: reader.network, version: version)
        shared = SharedNetwork(reader.network)
        placement = builder.placement
        places = PlaceIndex(reader.network, builder.placement)
        let consistency = Consistency(network: reader.network, securityGroups: reader.securityGroups)
        problems = merged.problems.union(resources.readerProblems).union(resources.gaps)
            .union(overlay.problems).union(reader.problems).union(builder.problems).union(consistency.problems).sorted()
        notUnderstood = Array(Set(resources.notUnderstood + reader.notUnderstood)).sorted()
        firewalls = reader.network.appliances.values.filter { $0.kind != .router }.sorted { $0.id < $1.id }.map(
            Firewall.init)
        privateEndpoints = reader.endpoints
    }

    /// What a session that `from` opens to `to` does. Without a port: what its routes do, and rules for all ports.
    package func explain(from: Place, to: Place, ipProtocol: Int16, port: Int?) -> Explanation {
        Explainer(
            shared: shared, from: from, to: destination(to, from: from), ipProtocol: ipProtocol, port: port, asked: to
        ).explanation()
    }

    /// The firewall or appliance of a lower-cased id.
    package func firewall(_ id: String) -> Firewall? { network.appliances[id].map(Firewall.init) }

    /// Lower-cased id of the route table of a subnet; nil where it has none.
    package func routeTable(ofSubnet id: String) -> String? { network.table(ofSubnet: id)?.id }

    /// Whether a flow log covers a subnet's NICs; nil where the export holds no flow-log resource. A filtered flow log
    /// does not cover: it may hide what is looked for.
    package func flowLogCovers(subnet id: String) -> Bool? {
        switch network.flowLogCoverage(ofSubnet: id) {
        case .covered: return true
        case .filtered, .notCovered, .workload: return false
        case .notSaid: return nil
        }
    }

    /// Whether the overlay's `inspect` asks that what this client sends to the private endpoint is inspected.
    package func wantsInspection(privateEndpoint id: String, clientSubnet: String, client: IPAddress) -> Bool {
        guard let endpoint = network.privateEndpoints[id] else { return false }
        return network.overlay.inspect.contains { rule in
            rule.privateEndpoints.contains { matches($0, endpoint) }
                && rule.from.contains { matches($0, clientSubnet: clientSubnet, client: client) }
        }
    }

    func matches(_ pattern: String, _ endpoint: PrivateEndpoint) -> Bool {
        if pattern == "*" || pattern == endpoint.id || pattern == endpoint.name.lowercased() { return true }
        guard let prefix = IPPrefix(pattern) else { return false }
        return endpoint.addresses.contains(where: prefix.contains)
    }

    private func matches(_ pattern: String, clientSubnet: String, client: IPAddress) -> Bool {
        if pattern == "*" || pattern == clientSubnet { return true }
        if let prefix = IPPrefix(pattern) { return prefix.contains(client) }
        guard let subnet = network.subnets[clientSubnet] else { return false }
        return pattern == subnet.name.lowercased() || pattern == network.subnetName(clientSubnet).lowercased()
    }

    /// What people call an id, or an on-premises prefix.
    package func name(of id: String) -> Finding.Name {
        if let range = network.onPremises.first(where: { $0.prefix.description == id }) {
            return Finding.Name(name: range.name, addresses: [], prefixes: [id])
        }
        var addresses: [IPAddress] = network.privateEndpoints[id]?.addresses ?? network.interfaces[id]?.addresses ?? []
        if let appliance = network.appliances[id] { addresses = appliance.addresses }
        let prefixes = network.subnets[id]?.prefixes ?? network.vnets[id]?.ranges ?? []
        let isPrefix = addresses.isEmpty && prefixes.isEmpty && IPPrefix(id) != nil
        return Finding.Name(
            name: isPrefix ? id : network.displayName(id), addresses: addresses.map(\.description),
            prefixes: isPrefix ? [id] : prefixes.map(\.description))
    }
}

extension Firewall {
    init(_ appliance: Appliance) {
        self.init(
            id: appliance.id, name: appliance.name, tier: appliance.tier, capacityMbps: appliance.capacityMbps,
            singleFlowMbps: appliance.singleFlowMbps, addresses: appliance.addresses, subnet: appliance.subnet)
    }
}
