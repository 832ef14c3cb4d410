import Correlate
import FlowModel
import Topology

/// Writes what both detectors of private endpoints say alike: counts, evidence, routes, remedy.
struct PairDescription {
    let judgement: PairJudgement
    let correlator: Correlator
    let wording: Wording
    let tcp: Explanation
    /// Of the protocol that the firewall saw; ICMP where it saw both, or none.
    let probe: Explanation
    let probeProtocol: Int16

    init(_ judgement: PairJudgement, in correlator: Correlator) {
        self.judgement = judgement
        self.correlator = correlator
        wording = Wording(topology: correlator.topology)
        let protocols = Set(judgement.probes.keys.map(\.ipProtocol))
        probeProtocol =
            protocols.isEmpty || protocols.contains(IPProtocol.icmp) ? IPProtocol.icmp : protocols.min() ?? 1
        tcp = judgement.explanation(IPProtocol.tcp, in: correlator)
        probe = judgement.explanation(probeProtocol, in: correlator)
    }

    func finding(detector: String, at tick: Tick) -> Finding {
        let subject = judgement.subject
        var finding = Finding(
            fingerprint: fingerprint(detector: detector, subject: subject), detector: detector, subject: subject,
            openedAt: tick.time)
        // The logs are the judge: what they prove does not rest on disputed facts any more.
        finding.confidence = judgement.tcp == .proven ? .high : min(tcp.confidence, probe.confidence)
        finding.cause = cause
        finding.names = wording.names(of: [judgement.privateEndpoint, judgement.clientSubnet, cause])
        finding.firstSeen = firstSeen
        finding.lastSeen = judgement.lastSeen
        count(into: &finding)
        finding.evidence = evidence
        finding.routes = tcp.routes + probe.routes.filter { !tcp.routes.contains($0) }
        finding.remedy = remedy
        finding.explain = wording.explainCommand(
            from: judgement.client, to: judgement.server, fromGroup: judgement.clientSubnet,
            ipProtocol: IPProtocol.tcp)
        return finding
    }

    // MARK: Words

    var endpointName: String { wording.name(judgement.privateEndpoint) }
    var subnetName: String { wording.name(judgement.clientSubnet) }
    var firewallIDs: [String] {
        let indexes = judgement.probingFirewalls.isEmpty ? judgement.speakingFirewalls : judgement.probingFirewalls
        return indexes.compactMap { correlator.firewall($0)?.id }.sorted()
    }
    var firewallNames: String { wording.names(firewallIDs) }

    /// The route that wins for a protocol where its way is decided.
    private func winner(of explanation: Explanation) -> ConsideredRoute? { explanation.routes.first(where: \.chosen) }

    /// Both winning routes side by side.
    var routesText: String {
        guard let tcpRoute = winner(of: tcp) else { return tcp.why }
        let name = IPProtocol.name(probeProtocol).uppercased()
        guard let probeRoute = winner(of: probe), probeRoute != tcpRoute else {
            return "TCP follows \(wording.text(of: tcpRoute))"
        }
        return "TCP follows \(wording.text(of: tcpRoute)), which steers "
            + "\(tcpRoute.appliesTo.map { $0.uppercased() }.joined(separator: ", ")) only; "
            + "\(name) follows \(wording.text(of: probeRoute))"
    }

    /// `12 ICMP and 30 UDP records`.
    var probesText: String {
        var sums: [String: Int64] = [:]
        for (client, counts) in judgement.probes {
            sums[IPProtocol.name(client.ipProtocol).uppercased(), default: 0] += counts.records
        }
        let parts = sums.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return parts.joined(separator: " and ") + (sums.values.reduce(0, +) == 1 ? " record" : " records")
    }

    /// ` ICMP is what ping and monitoring send; a private endpoint answers none of it.`: nothing where it may.
    var patternText: String {
        guard let text = ProbePattern(judgement.window.evidence).text, probe.works == false else { return "" }
        return " \(text): this private endpoint answers none of it."
    }

    var proofText: String {
        let sessions = Int64(judgement.proofs.count)
        let sent = judgement.proofs.values.reduce(0) { saturatingSum($0, $1.bytesSent) }
        let received = judgement.proofs.values.reduce(0) { saturatingSum($0, $1.bytesReceived) }
        return "The client's flow log shows \(Wording.count(sessions, "TCP session")) that began in the window, with "
            + "\(sent) bytes sent and \(received) received; \(firewallNames) spoke at the time and shows none."
    }

    // MARK: Parts

    /// The subnet whose routes decide the TCP: the client's, or GatewaySubnet for clients on-premises.
    private var decidingSubnet: String {
        if judgement.clientSubnet.hasPrefix("/") { return judgement.clientSubnet }
        return wording.decidingSubnet(of: tcp, client: judgement.clientSubnet)
    }

    private var cause: String { wording.cause(ofSubnet: decidingSubnet) }

    private var firstSeen: EventTime {
        (judgement.probes.values.map(\.first) + judgement.window.clientTCP.values.map(\.first)).min()
            ?? judgement.lastSeen
    }

    private func count(into finding: inout Finding) {
        let clientTCP = judgement.window.clientTCP
        var sums: [IPAddress: (sessions: Int64, bytes: Int64?)] = [:]
        // Sessions are those of TCP; where no log shows any, what the firewall saw.
        for (client, counts) in clientTCP.isEmpty ? judgement.probes : clientTCP {
            finding.counts.sessions += counts.begins
            let bytes = client.firewall < 0 ? saturatingSum(counts.bytesSent, counts.bytesReceived) : nil
            let known = sums[client.address] ?? (0, nil)
            sums[client.address] = (
                known.sessions + counts.begins, bytes.map { saturatingSum(known.bytes ?? 0, $0) } ?? known.bytes
            )
        }
        for client in judgement.probes.keys where sums[client.address] == nil { sums[client.address] = (0, nil) }
        finding.counts.records = (judgement.probes.values.map(\.records) + clientTCP.values.map(\.records)).reduce(0, +)
        finding.counts.clients = Int64(sums.keys.filter { !$0.isNone }.count)
        if !clientTCP.isEmpty {
            finding.counts.bytesSent = clientTCP.values.reduce(0) { saturatingSum($0, $1.bytesSent) }
            finding.counts.bytesReceived = clientTCP.values.reduce(0) { saturatingSum($0, $1.bytesReceived) }
        }
        finding.clients = Finding.clients(sums)
    }

    private var evidence: [Finding.Evidence] {
        var rows: [Finding.Evidence] = []
        for (kind, sample) in judgement.window.evidence {
            guard let text = text(of: kind) else { continue }
            for row in sample.rows { rows.append(row.evidence(text, in: correlator)) }
        }
        return Finding.sample(rows)
    }

    /// Nil for what says nothing of a bypass.
    private func text(of kind: PairEvidence) -> String? {
        switch kind {
        case .icmp: "the firewall sees ICMP to the private endpoint"
        case .udp: "the firewall sees UDP to the private endpoint"
        case .clientTCP: "the client's flow log shows TCP to the private endpoint"
        case .firewallTCP: nil
        }
    }

    private var remedy: [String] {
        let hop =
            winner(of: probe)?.nextHop
            ?? correlator.topology.firewall(firewallIDs.first ?? "")?.addresses.first?.description
        let target = "next hop type VirtualAppliance, next hop \(hop ?? "the firewall's private address")"
        let prefixes =
            (correlator.topology.privateEndpoints.first { $0.id == judgement.privateEndpoint }?.addresses
            ?? [judgement.server]).map { IPPrefix(host: $0).description }.joined(separator: " and ")
        let subnet = wording.name(decidingSubnet)
        let route: String
        if let table = correlator.topology.routeTable(ofSubnet: decidingSubnet) {
            route =
                "Add to route table \(wording.name(table)) (\(table)), which serves subnet \(subnet), a route for "
                + "\(prefixes): \(target) (\(firewallNames))."
        } else {
            route =
                "Subnet \(subnet) (\(decidingSubnet)) has no route table: make one with a route for \(prefixes): "
                + "\(target) (\(firewallNames)), and associate it."
        }
        let translate =
            "Let \(firewallNames) translate (SNAT) what it sends to \(prefixes), so that the answer comes "
            + "back through it; then test with TCP, not with ping."
        return [route, translate]
    }
}
