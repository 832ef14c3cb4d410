internal import FlowModel

/// All pairs of one endpoint subnet: they are judged, mended and checked together, because a route or a policy that helps
/// one of its private endpoints may reach the others, and a route table serves several client subnets.
struct AuditGroup {
    let audit: Audit
    let clients: [AuditClient]
    let endpoints: [PrivateEndpoint]
    /// For each endpoint the one that is judged for it.
    private let representatives: [Int]

    init(audit: Audit, clients: [AuditClient], group: Audit.EndpointGroup) {
        self.audit = audit
        self.clients = clients
        endpoints = group.endpoints
        representatives = group.representatives
    }

    private struct Case {
        var client: Int
        var endpoint: Int
        /// One for each address of the private endpoint.
        var before: [AuditJudgement]
        var actions: [RemedyAction] = []
        /// Why nothing was found.
        var note: String?
        /// Why what was found is not given: it may speak of another private endpoint.
        var withdrawal: String?
        var isWanted: Bool
        var isVacant: Bool

        /// The judgement that decides: of the worst address.
        var worst: AuditJudgement? { before.min { $0.verdict.rank < $1.verdict.rank } }
        var counts: Bool { isWanted && !isVacant }
        /// A pair of which it cannot be told is mended, too: then it can.
        var needsRemedy: Bool { counts && before.contains { $0.verdict != .inspected } }
    }

    private var network: Network { audit.network }

    func pairs(_ search: inout RemedySearch) -> [AuditPair] {
        var cases: [Case] = []
        var firstCases: [Int: Int] = [:]
        for endpoint in endpoints.indices where representatives[endpoint] == endpoint {
            firstCases[endpoint] = cases.count
            for client in clients.indices { cases.append(judge(client, endpoint)) }
        }
        for index in cases.indices where cases[index].needsRemedy { mend(&cases[index], &search) }
        check(&cases, &search)
        return endpoints.indices.flatMap { endpoint -> [AuditPair] in
            let first = firstCases[representatives[endpoint]] ?? 0
            return clients.indices.map { pair(cases[first + $0], of: endpoints[endpoint]) }
        }
    }

    /// The changes of all endpoints for which these were found, in no order.
    private func spread(_ cases: [Case]) -> [RemedyAction] {
        let members = Dictionary(grouping: endpoints.indices) { representatives[$0] }
        var all: Set<RemedyAction> = []
        for item in cases where !item.actions.isEmpty {
            for member in members[item.endpoint] ?? [] {
                let wording = EndpointWording(from: endpoints[item.endpoint], to: endpoints[member])
                all.formUnion(item.actions.map(wording.action))
            }
        }
        return Array(all)
    }

    private func judge(_ client: Int, _ endpoint: Int) -> Case {
        let judgements = places(endpoint).map {
            AuditJudgement(network: network, from: clients[client].place, to: $0)
        }
        return Case(
            client: client, endpoint: endpoint, before: judgements,
            isWanted: audit.isWanted(clients[client], endpoints[endpoint]), isVacant: clients[client].isVacant)
    }

    private func places(_ endpoint: Int) -> [Place] {
        let endpoint = endpoints[endpoint]
        let domain = network.domain(ofSubnet: endpoint.subnet)
        return endpoint.addresses.map { audit.place(of: endpoint, $0, domain: domain) }
    }

    // MARK: Remedies

    private func mend(_ item: inout Case, _ search: inout RemedySearch) {
        let places = places(item.endpoint)
        for (place, before) in zip(places, item.before) where before.verdict != .inspected {
            switch search.remedy(
                client: clients[item.client], endpoint: endpoints[item.endpoint], at: place, before: before)
            {
            case .actions(let actions): item.actions += actions.filter { !item.actions.contains($0) }
            case .none(let reason):
                item.note = item.note ?? reason
                item.actions = []
                return
            }
        }
    }

    /// Tries all remedies of the group at once; takes back those of route tables under which a pair would get worse or
    /// is not mended, until none does.
    private func check(_ cases: inout [Case], _ search: inout RemedySearch) {
        for _ in 0..<RemedySearch.roundLimit {
            // What is only advised is left out: without it, too, nothing may get worse.
            let all = Set(cases.flatMap(\.actions).filter(\.isRequired)).sorted()
            guard !all.isEmpty else { return }
            let spread = spread(cases)
            let overfull = search.overfull(with: spread)
            guard overfull.isEmpty else {
                withdraw(overfull, of: &cases)
                continue
            }
            let failures = search.failures(of: all) { network in
                cases.indices.compactMap { index in
                    isWorse(cases[index], in: network).map { (index, $0) }
                }
            }
            guard !failures.isEmpty else { return search.plan(spread) }
            withdraw(failures, of: &cases)
        }
        // Not to be shown safe within the rounds: nothing is advised.
        for index in cases.indices where !cases[index].actions.isEmpty {
            cases[index].actions = []
            cases[index].withdrawal = "no set of changes was found that mends it and leaves every other pair as it is"
        }
    }

    /// Why the changed network does not do for a pair; nil where it does.
    private func isWorse(_ item: Case, in network: Network) -> String? {
        let client = clients[item.client]
        let endpoint = endpoints[item.endpoint]
        for (place, before) in zip(places(item.endpoint), item.before) {
            let after = AuditJudgement(network: network, from: client.place, to: place)
            if after.verdict == .inspected { continue }
            let name = "\(clientName(client)) → \(endpoint.name)"
            let why = EndpointWording(from: endpoint, to: endpoint).text(after.why)
            if !item.actions.isEmpty { return "\(name) would be \(after.verdict.rawValue): \(why)" }
            let isWorse =
                switch before.verdict {
                case .inspected: true
                case .bypassed: after.verdict != .bypassed
                case .unknown: after.verdict == .broken
                case .broken: false
                }
            if isWorse {
                return "\(name) is \(before.verdict.rawValue) now and would be \(after.verdict.rawValue): \(why)"
            }
        }
        return nil
    }

    private func withdraw(_ failures: [(index: Int, reason: String)], of cases: inout [Case]) {
        let open = cases.indices.filter { !cases[$0].actions.isEmpty }
        // Blamed as they stood in the trial: a second failure of one cause finds it, and takes back nothing else.
        let tried = cases.map(\.actions)
        for failure in failures {
            let tables = Set(clients[cases[failure.index].client].entrySubnets.map(table))
            let blamed = open.filter { index in
                index == failure.index
                    || tried[index].contains { $0.kind == .setPolicies || $0.routeTable.map(tables.contains) == true }
            }
            for index in blamed.isEmpty ? open : blamed where !cases[index].actions.isEmpty {
                cases[index].actions = []
                cases[index].withdrawal = "not shown to be safe: with it, \(failure.reason)"
            }
        }
    }

    /// What would go into a table that cannot take it.
    private func withdraw(_ overfull: [String: String], of cases: inout [Case]) {
        for index in cases.indices {
            guard let reason = cases[index].actions.lazy.compactMap({ $0.routeTable.flatMap { overfull[$0] } }).first
            else {
                continue
            }
            cases[index].actions = []
            cases[index].withdrawal = reason
        }
    }

    private func table(ofEntry subnet: String) -> String {
        network.subnets[subnet]?.routeTable ?? RemedySearch.newTable(forSubnet: subnet, in: network)
    }

    // MARK: What comes out

    private func pair(_ item: Case, of endpoint: PrivateEndpoint) -> AuditPair {
        let client = clients[item.client]
        let wording = EndpointWording(from: endpoints[item.endpoint], to: endpoint)
        guard let worst = item.worst else {
            return AuditPair(
                clientSubnet: client.id, privateEndpoint: endpoint.id, verdict: .unknown,
                why: "the address of \(endpoint.name) is not in the export", seenBy: [], isBlind: false,
                confidence: .high, restsOn: [], remedy: [], remedyNote: nil,
                counts: item.counts)
        }
        let seenBy = seenBy(item, client)
        return AuditPair(
            clientSubnet: client.id, privateEndpoint: endpoint.id, verdict: worst.verdict, why: wording.text(worst.why),
            seenBy: seenBy, isBlind: seenBy.isEmpty && item.before.allSatisfy(\.isWayKnown),
            confidence: item.before.map(\.confidence).min() ?? .high,
            restsOn: unique(item.before.flatMap(\.restsOn)).map(wording.text),
            remedy: item.actions.map(wording.action).sorted(), remedyNote: note(item, wording),
            counts: item.counts)
    }

    private func note(_ item: Case, _ wording: EndpointWording) -> String? {
        guard item.actions.isEmpty else { return nil }
        if item.needsRemedy {
            return item.withdrawal ?? item.note.map(wording.text) ?? "no change of routes mends it"
        }
        if item.isVacant { return "the subnet holds private endpoints only: nothing there opens sessions" }
        return item.isWanted ? nil : "the overlay's inspect does not ask for it"
    }

    private func seenBy(_ item: Case, _ client: AuditClient) -> [String] {
        unique(item.before.flatMap(\.devices)) + client.vantages
    }

    private func clientName(_ client: AuditClient) -> String {
        client.isOnPremises ? client.place.endpoint.name : network.subnetName(client.id)
    }

    private func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
