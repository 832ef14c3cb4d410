internal import FlowModel

/// Judges every pair of a client subnet, or on-premises range, and a private endpoint of the same routing domain.
///
/// TCP is judged, no port. The pairs come one after the other, sorted by the endpoint's subnet, then the endpoint, then the
/// client, so that a caller can write them without keeping them: what is kept is one endpoint subnet's worth. Each remedy
/// was tried in the model: it leads to `inspected`, and no other pair of the same endpoint subnet gets worse by it.
package struct Audit {
    let topology: Topology
    let clients: AuditClients
    let classes: EndpointClasses
    let budget: RouteBudget
    private let groups: [(subnet: String, endpoints: [PrivateEndpoint])]

    private var network: Network { topology.network }

    package init(topology: Topology) {
        self.topology = topology
        let dedicated = RouteBudget.dedicatedSubnets(topology)
        clients = AuditClients(network: topology.network, dedicated: dedicated)
        classes = EndpointClasses(network: topology.network)
        budget = RouteBudget(topology: topology, clients: clients, dedicated: dedicated)
        let bySubnet = Dictionary(grouping: topology.privateEndpoints, by: \.subnet)
        groups = bySubnet.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// How many pairs there are.
    package var pairCount: Int {
        groups.reduce(0) {
            $0 + $1.endpoints.count * (clients.byDomain[network.domain(ofSubnet: $1.subnet)]?.count ?? 0)
        }
    }

    /// Route tables of which more is asked than a few routes, and what is advised; sorted by id.
    package var routeTables: [RouteBudget.Table] { budget.tables }

    package func forEachPair(_ body: (AuditPair) -> Void) {
        var search = RemedySearch(audit: self)
        for group in groups {
            let here = clients.byDomain[network.domain(ofSubnet: group.subnet)] ?? []
            guard !here.isEmpty else { continue }
            for pair in AuditGroup(audit: self, clients: here, endpoints: group.endpoints).pairs(&search) { body(pair) }
        }
    }

    /// Whether the pair is one that counts: every one, unless the overlay says which ones are to be inspected.
    func isWanted(_ client: AuditClient, _ endpoint: PrivateEndpoint) -> Bool {
        guard !network.overlay.inspect.isEmpty else { return true }
        return topology.wantsInspection(
            privateEndpoint: endpoint.id, clientSubnet: client.id, client: client.place.address)
    }

    func place(of endpoint: PrivateEndpoint, _ address: IPAddress, domain: Int32) -> Place {
        Place(
            address: address, domain: domain,
            endpoint: Endpoint(
                kind: .privateEndpoint, id: endpoint.id, name: endpoint.name, subnet: endpoint.subnet, domain: domain,
                observer: -1))
    }
}
