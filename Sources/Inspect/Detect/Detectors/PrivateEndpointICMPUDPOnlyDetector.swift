package import Correlate
package import FlowModel
import Topology

/// What it finds: a firewall sees ICMP or UDP from a client subnet to a private endpoint and none of its TCP, while the
/// routes let TCP pass it by.
///
/// Why it matters: a private endpoint's /32 route steers TCP only, so a route for a larger block shows the firewall the
/// ping and not the traffic. Whoever tests with ping believes that everything is inspected.
/// Source: azure-routes, "The private endpoint's route"; [learn: inspect-traffic-with-azure-firewall].
///
/// When it is wrong: where the export of the topology is older than the routes (the explanation shows the routes it
/// rests on); where an application rule without a name that leads to the private endpoint carries the TCP.
///
/// Silent, because it cannot tell: the firewall's network-rule log has not spoken for the lateness; the routes do not
/// say whether TCP is inspected; TCP began within `edgeSeconds`.
///
/// Knobs: `correlate.pairWindowSeconds` (60 min) holds probes and TCP against each other; `edgeSeconds` (5 min) is the
/// age from which a session proves; `correlate.latenessSeconds` (15 min) the age of the first probe from which the
/// absence of TCP means something.
///
/// Evidence: the firewall's ICMP and UDP rows, the client's TCP rows; the routes of both protocols.
///
/// `proven`: the client's flow log shows TCP with bytes both ways, begun inside the window. `unproven`: the routes say
/// so and no log can show it. `none` (info): a log would show TCP and shows none, so nothing bypasses today.
package struct PrivateEndpointICMPUDPOnlyDetector: Detector {
    package static let id = "private-endpoint-icmp-udp-only"

    package init() {}

    package func contradictions(
        at tick: Tick, in correlator: inout Correlator, open: Set<String>
    ) -> [Contradiction] {
        PairJudge(tick: tick).judgements(in: &correlator).compactMap { judgement in
            guard judgement.tcpBypasses, !judgement.probes.isEmpty, !judgement.speakingFirewalls.isEmpty,
                judgement.tcp != .undecided
            else { return nil }
            // The same cause, said with more: one cause, one finding.
            let stronger = fingerprint(detector: InspectionBypassedDetector.id, subject: judgement.subject)
            guard !open.contains(stronger) else { return nil }
            return Contradiction(
                fingerprint: fingerprint(detector: Self.id, subject: judgement.subject), lastSeen: judgement.lastSeen,
                proof: judgement.tcp.proof, severity: judgement.tcp == .absent ? .info : .warning
            ) { Self.describe(judgement, at: tick, in: $0) }
        }
    }

    package func standing(of finding: Finding, at tick: Tick, in correlator: inout Correlator) -> Standing {
        PairJudge(tick: tick).standing(of: finding, in: &correlator)
    }

    private static func describe(_ judgement: PairJudgement, at tick: Tick, in correlator: Correlator) -> Finding {
        let description = PairDescription(judgement, in: correlator)
        var finding = description.finding(detector: id, at: tick)
        let minutes = tick.settings.correlate.pairWindowSeconds / 60
        finding.severity = judgement.tcp == .absent ? .info : .warning
        finding.proof = judgement.tcp.proof
        finding.title =
            "\(description.firewallNames) sees probes from \(description.subnetName) to \(description.endpointName), "
            + (judgement.tcp == .proven ? "but TCP bypasses it" : "but TCP would bypass it")
        finding.proofWhy = proofText(judgement, description)
        finding.why =
            "\(description.firewallNames) saw \(description.probesText) from \(description.subnetName) to private "
            + "endpoint \(description.endpointName) (\(judgement.server)) within \(minutes) minutes, and none of its "
            + "TCP: ping does not test this path. \(description.routesText).\(description.patternText) \(finding.proofWhy)"
        return finding
    }

    private static func proofText(_ judgement: PairJudgement, _ description: PairDescription) -> String {
        switch judgement.tcp {
        case .proven: description.proofText
        case .unproven(let reason): reason
        case .absent, .undecided:
            "The client's flow log speaks and shows no TCP to the private endpoint: nothing bypasses, but TCP would."
        }
    }
}

extension PairJudgement.TCP {
    var proof: Finding.Proof {
        switch self {
        case .proven: .proven
        case .unproven: .unproven
        case .absent, .undecided: .none
        }
    }
}

extension PairJudge {
    /// Over where a firewall sees enough TCP sessions, no session passed it by since, and the logs that would show one
    /// speak; or where the routes lead TCP through a firewall and nothing in the window says otherwise. One session alone
    /// is no fix.
    func standing(of finding: Finding, in correlator: inout Correlator) -> Standing {
        if let reason = correlator.lackOfSubject(of: finding) { return .gone(reason) }
        guard let judgement = judgement(of: finding, in: &correlator) else {
            return changedStanding(of: finding, in: &correlator)
        }
        let lastProof = judgement.proofs.values.compactMap(\.begin).max()
        // As old as a session must be to prove that it passed by.
        let youngest = tick.time.advanced(seconds: -tick.settings.edgeSeconds)
        let right = judgement.window.reached.filter { _, span in
            span.first < youngest && lastProof.map { span.first > $0 } ?? true
        }
        let count = Set(right.keys.map(\.session)).count
        if count >= tick.settings.fixSessions, let seen = right.values.map(\.last).max(),
            correlator.speaks(evidenceOf: finding, in: tick.recent)
        {
            return .gone(
                "the firewall sees the TCP of this client subnet to the private endpoint again: \(count) sessions that none "
                    + "passed by since, the last at \(seen)")
        }
        guard !judgement.tcpBypasses, lastProof == nil, !judgement.speakingFirewalls.isEmpty,
            correlator.register.paths.facts(
                from: judgement.client, to: judgement.server, domain: judgement.domain, ipProtocol: IPProtocol.tcp
            ).inspected == true
        else { return .stands }
        return .gone("the routes lead TCP through a firewall now, and no session passed it by in the pair window")
    }

    /// The window holds nothing of the subject that the version which is valid now judges: where the topology changed
    /// since the finding's last sighting, it alone says whether the contradiction can still be.
    private func changedStanding(of finding: Finding, in correlator: inout Correlator) -> Standing {
        let frame = correlator.register.frame
        guard correlator.register.hasChanged(since: minuteNumber(finding.lastSeen)),
            let endpoint = finding.subject["private_endpoint"],
            let server = frame.topology.privateEndpoints.first(where: { $0.id == endpoint })?.addresses.first,
            let row = finding.evidence.first(where: { $0.sourceAddress != nil }),
            let client = row.sourceAddress.flatMap({ IPAddress($0) }),
            let domain = frame.topology.placement.vantageDomains[row.vantage].map({ frame.domain($0) }),
            frame.place(client, domain: domain).endpoint.group == finding.subject["client_subnet"],
            correlator.register.paths.facts(
                from: client.routingAddress, to: server.routingAddress, domain: domain, ipProtocol: IPProtocol.tcp
            ).inspected == true
        else { return .stands }
        return .gone("the topology changed: its routes lead TCP through a firewall now")
    }
}
