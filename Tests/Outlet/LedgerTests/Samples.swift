import FlowModel

/// Made-up findings; addresses of RFC 5737 and RFC 1918.
enum Samples {
    static let noon = EventTime(seconds: 1_767_268_800)

    static func finding(_ fingerprint: String, openedAt: EventTime = noon) -> Finding {
        let subnet = "/subscriptions/s/resourcegroups/r/providers/microsoft.network/virtualnetworks/v/subnets/app"
        var finding = Finding(
            fingerprint: fingerprint, detector: "private-endpoint-icmp-udp-only",
            subject: ["private_endpoint": "/pe/blob", "client_subnet": subnet], openedAt: openedAt)
        finding.title = "TCP to blob passes the firewall by"
        finding.why = "ICMP and UDP cross the firewall; \"TCP\" does not \\ ever, für 10.2.1.4"
        finding.cause = subnet
        finding.names = [subnet: .init(name: "app", addresses: [], prefixes: ["10.2.1.0/24"])]
        finding.counts.records = 12
        finding.counts.sessions = 7
        finding.counts.clients = 1
        finding.counts.bytesSent = 9_007_199_254_740_993
        finding.clients = [.init(address: "10.2.1.4", sessions: 7, bytes: nil)]
        finding.evidence = [
            .init(
                source: "/firewall", time: openedAt, recordHash: "00ff", ordinal: 0, vantage: "/firewall",
                sourceAddress: "10.2.1.4", destinationAddress: "10.2.2.5", ipProtocol: "icmp", destinationPort: nil,
                bytesSent: nil, bytesReceived: nil, what: "a ping at the firewall")
        ]
        finding.routes = [
            .init(
                subnet: subnet, prefix: "10.2.2.5/32", source: "system", nextHopType: "InterfaceEndpoint", nextHop: nil,
                appliesTo: ["tcp"], chosen: true, reason: "the longest prefix")
        ]
        finding.remedy = ["Enable network policies for private endpoints", "Add a route"]
        finding.explain = "flowsight explain --from 10.2.1.4 --to 10.2.2.5"
        return finding
    }

    static func resolved(_ finding: Finding, at time: EventTime) -> Finding {
        var finding = finding
        finding.state = .resolved
        finding.resolvedAt = time
        finding.resolvedBecause = "the firewall sees its TCP"
        return finding
    }

    static func evaluation(
        until tick: EventTime, _ changes: (Evaluation.Change.Kind, Finding)...
    ) -> Evaluation {
        var evaluation = Evaluation(evaluatedUntil: tick)
        evaluation.changes = changes.map { Evaluation.Change(kind: $0.0, finding: $0.1) }
        return evaluation
    }

    static func json(_ finding: Finding) -> String {
        var json = JSONWriter()
        finding.write(to: &json)
        return json.string
    }
}
