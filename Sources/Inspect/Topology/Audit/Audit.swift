internal import FlowModel

/// Judges every pair of a client subnet, or on-premises range, and a private endpoint of the same routing domain.
///
/// TCP is judged, no port. The pairs come one after the other, sorted by the endpoint's subnet, then the endpoint, then the
/// client, so that a caller can write them without keeping them: what is kept is one endpoint subnet's worth. Each remedy
/// was tried in the model: it leads to `inspected`, and no other pair of the same endpoint subnet gets worse by it.
package struct Audit {
    /// Private endpoints of one subnet, and for each the index of the one that is judged for it.
    struct EndpointGroup {
        var subnet: String
        var endpoints: [PrivateEndpoint]
        var representatives: [Int]
    }

    let topology: Topology
    let clients: AuditClients
    let budget: RouteBudget
    /// The topology's, but for the names of private endpoints that are judged for others: `EndpointWording` puts them in.
    let network: Network
    private let groups: [EndpointGroup]

    /// `isEachJudged`: no private endpoint for another, which takes longer and says the same.
    package init(topology: Topology, isEachJudged: Bool = false) {
        self.topology = topology
        let dedicated = RouteBudget.dedicatedSubnets(topology)
        clients = AuditClients(network: topology.network, dedicated: dedicated)
        budget = RouteBudget(topology: topology, clients: clients, dedicated: dedicated)
        let bySubnet = Dictionary(grouping: topology.privateEndpoints, by: \.subnet)
        let classes = isEachJudged ? nil : EndpointClasses(topology: topology)
        groups = bySubnet.sorted { $0.key < $1.key }.map { subnet, endpoints in
            EndpointGroup(
                subnet: subnet, endpoints: endpoints,
                representatives: classes?.representatives(of: endpoints) ?? Array(endpoints.indices))
        }
        var network = topology.network
        for group in groups {
            for (index, first) in group.representatives.enumerated() where first != index {
                let endpoint = group.endpoints[first]
                network.privateEndpoints[endpoint.id] = endpoint.with(name: EndpointWording.placeholder)
            }
        }
        self.network = network
    }

    /// How many pairs there are.
    package var pairCount: Int { count { $0.endpoints.count } }

    /// How many of them are judged; each other one fares as one of these.
    package var judgedCount: Int { count { Set($0.representatives).count } }

    private func count(_ endpoints: (EndpointGroup) -> Int) -> Int {
        groups.reduce(0) { sum, group in
            sum + endpoints(group) * (clients.byDomain[network.domain(ofSubnet: group.subnet)]?.count ?? 0)
        }
    }

    /// Route tables of which more is asked than a few routes, and what is advised; sorted by id.
    package var routeTables: [RouteBudget.Table] { budget.tables }

    /// The overlay says which pairs are to be inspected. Where it then asks for none, nothing was audited.
    package var hasWishes: Bool { !network.overlay.inspect.isEmpty }

    package func forEachPair(_ body: (AuditPair) -> Void) {
        var search = RemedySearch(audit: self)
        for group in groups {
            let here = clients.byDomain[network.domain(ofSubnet: group.subnet)] ?? []
            guard !here.isEmpty else { continue }
            for pair in AuditGroup(audit: self, clients: here, group: group).pairs(&search) { body(pair) }
        }
    }

    /// Whether the pair is one that counts: every one, unless the overlay says which ones are to be inspected.
    func isWanted(_ client: AuditClient, _ endpoint: PrivateEndpoint) -> Bool {
        guard hasWishes else { return true }
        return topology.wantsInspection(
            privateEndpoint: endpoint.id, clientSubnet: client.id, client: client.place.address)
    }

    func place(of endpoint: PrivateEndpoint, _ address: IPAddress, domain: Int32) -> Place {
        Place(
            address: address, domain: domain,
            endpoint: Endpoint(
                kind: .privateEndpoint, id: endpoint.id, name: network.name(of: endpoint.id), subnet: endpoint.subnet,
                domain: domain, observer: -1))
    }
}
