import FlowModel
import Topology
import Testing

/// One row of an expectation table: a protocol, the route that wins at the client's subnet (prefix and next hop type),
/// and what becomes of the session.
struct ExpectedSession: Equatable, Sendable {
    let ipProtocol: Int16
    let route: String
    let outcome: Outcome

    static func tcp(_ route: String, _ outcome: Outcome) -> ExpectedSession {
        ExpectedSession(ipProtocol: IPProtocol.tcp, route: route, outcome: outcome)
    }

    static func udp(_ route: String, _ outcome: Outcome) -> ExpectedSession {
        ExpectedSession(ipProtocol: IPProtocol.udp, route: route, outcome: outcome)
    }

    static func icmp(_ route: String, _ outcome: Outcome) -> ExpectedSession {
        ExpectedSession(ipProtocol: IPProtocol.icmp, route: route, outcome: outcome.forICMP())
    }
}

/// A network, a client and a private endpoint in it, and the whole table of what `explain` must answer.
struct Fixture: Sendable, CustomTestStringConvertible {
    /// How a client is called in the network.
    enum Client: Sendable {
        /// A NIC's address, its name, and its subnet as `vnet/subnet`.
        case machine(String, nic: String, subnet: String)
        /// An on-premises address; its packets are routed at the GatewaySubnet of the VNet.
        case onPremises(String, gatewayIn: String)
    }

    let name: String
    let network: TestNetwork
    let client: Client
    let endpoint: String
    /// Destination port of TCP and UDP.
    var port = 443
    /// Id of the firewall or appliance, lower-cased; further ids that it may be called by.
    var firewall = [TestNetwork.network("azureFirewalls", "fw").lowercased()]
    /// Id of the private endpoint or of the server's NIC, lower-cased; nil for a server on-premises.
    var server: String? = TestNetwork.network("privateEndpoints", "pe").lowercased()
    /// A peering that is not up leaves firewall and endpoint in a routing domain of their own: no vantage points here.
    var endpointLiesElsewhere = false
    let rows: [ExpectedSession]

    var testDescription: String { name }

    /// Firewall and endpoint lie in another routing domain than the client.
    var inTwoDomains: Fixture {
        var fixture = self
        fixture.endpointLiesElsewhere = true
        return fixture
    }

    func answer(_ ipProtocol: Int16) throws -> Explanation {
        let topology = try network.topology()
        return topology.explain(
            from: try topology.place(clientAddress), to: try topology.place(endpoint), ipProtocol: ipProtocol,
            port: ipProtocol == IPProtocol.icmp ? nil : port)
    }

    var clientAddress: String {
        switch client {
        case .machine(let address, _, _), .onPremises(let address, _): address
        }
    }

    var clientSubnet: String {
        switch client {
        case .machine(_, _, let subnet):
            let parts = subnet.split(separator: "/").map(String.init)
            return TestNetwork.subnetID(parts[0], parts[1]).lowercased()
        case .onPremises(_, let vnet): return TestNetwork.subnetID(vnet, "GatewaySubnet").lowercased()
        }
    }

    /// Holds the answers against the table, cell by cell.
    func check(sourceLocation: SourceLocation = #_sourceLocation) throws {
        for row in rows {
            let answer = try answer(row.ipProtocol)
            let expected = cells(of: row)
            for (cell, wanted) in zip(cells(of: answer), expected) {
                let title = "\(IPProtocol.name(row.ipProtocol)) \(cell.column)"
                let message = "\(name), \(title): expected “\(wanted)”, got “\(cell.value)”: \(answer.why)"
                let isRight = Fixture.matches(cell.value, wanted)
                #expect(isRight, "\(message)", sourceLocation: sourceLocation)
            }
            checkConfidence(of: answer, row, sourceLocation)
            checkContract(of: answer, row, sourceLocation)
        }
    }

    /// What holds for every answer: a null says why, a reason fits its verdict, one decision a subnet.
    private func checkContract(of answer: Explanation, _ row: ExpectedSession, _ sourceLocation: SourceLocation) {
        let title: Comment = "\(name), \(IPProtocol.name(row.ipProtocol))"
        #expect(!answer.why.isEmpty, title, sourceLocation: sourceLocation)
        #expect(answer.symmetric != nil || !answer.symmetricReason.isEmpty, title, sourceLocation: sourceLocation)
        for sees in answer.sees {
            for (value, reason) in [(sees.forward, sees.forwardReason), (sees.back, sees.backReason)] {
                let fits = value == nil ? ![.onPath, .notOnPath].contains(reason) : value == (reason == .onPath)
                #expect(fits, "\(title) \(sees.vantage)", sourceLocation: sourceLocation)
            }
        }
        for (subnet, routes) in Dictionary(grouping: answer.routes, by: \.subnet) {
            #expect(routes.filter(\.chosen).count <= 2, "\(title) \(subnet)", sourceLocation: sourceLocation)
            #expect(
                routes.allSatisfy { !$0.reason.isEmpty && !$0.appliesTo.isEmpty }, title, sourceLocation: sourceLocation
            )
        }
        let names = answer.forward.filter { [.firewall, .appliance].contains($0.kind) }.map(\.name)
        #expect(answer.inspected != true || answer.inspectedBy == names, title, sourceLocation: sourceLocation)
    }

    private func checkConfidence(of answer: Explanation, _ row: ExpectedSession, _ sourceLocation: SourceLocation) {
        let title = "\(name), \(IPProtocol.name(row.ipProtocol))"
        #expect(answer.confidence <= row.outcome.atBest, "\(title), confidence", sourceLocation: sourceLocation)
        if row.outcome.atBest < .high {
            #expect(!answer.restsOn.isEmpty, "\(title), rests_on", sourceLocation: sourceLocation)
        }
    }

    private func cells(of row: ExpectedSession) -> [String] {
        let outcome = row.outcome
        let hasNIC = if case .machine = client { true } else { false }
        return [
            row.route, outcome.forward, outcome.back, outcome.works, outcome.symmetric, outcome.inspected,
            hasNIC ? outcome.client : "", endpointLiesElsewhere ? "*" : outcome.firewall,
            endpointLiesElsewhere ? "*" : server == nil ? "" : outcome.server,
        ]
    }

    /// Cells of these rows and of the other fixture's that differ in the answers: a mistake must show somewhere.
    func differences(from other: Fixture) throws -> [String] {
        try rows.map(\.ipProtocol).flatMap { ipProtocol in
            try zip(cells(of: answer(ipProtocol)), other.cells(of: other.answer(ipProtocol)))
                .filter { $0.0.value != $0.1.value }.map { "\(IPProtocol.name(ipProtocol)) \($0.0.column)" }
        }
    }

    /// `*` at the end of a cell, or as one, stands for whatever the facts leave open.
    private static func matches(_ value: String, _ wanted: String) -> Bool {
        let values = value.split(separator: ",", omittingEmptySubsequences: false)
        let wishes = wanted.split(separator: ",", omittingEmptySubsequences: false)
        if wanted == "*" { return true }
        guard values.count == wishes.count else { return false }
        return zip(values, wishes).allSatisfy { $1.hasSuffix("*") ? $0.hasPrefix($1.dropLast()) : $0 == $1 }
    }
}
