package import Correlate
package import FlowModel
import Topology

/// What it finds: TCP from a client subnet that a firewall or appliance lets pass towards a private endpoint, and that
/// nobody answers: the client's flow log counts what was sent and nothing received.
///
/// Why it matters: whoever steers a private endpoint through an appliance without translating cuts it off where the
/// platform drops what the appliance sends on; the appliance's log looks healthy, row after row of allowed openings. Source:
/// azure-routes, "The way back".
///
/// When it is wrong: where the service behind the endpoint was down for all clients of the subnet; where a group at the
/// endpoint drops what the export does not tell.
///
/// Silent, because it cannot tell: no client of the subject has a flow log that counts; a client received anything since;
/// the routes do not lead through the appliance; the session is younger than the lateness, or began before the window; it went to
/// a port at which the service does not listen (a scan); it sent more than openings, so a row that shows the answer may
/// be missing. Opening rows alone, however often repeated, say nothing; a flow that the appliance denied did not reach it.
///
/// Knobs: `brokenSessions` (5 sessions of a subject), `fixSessions` (5 that are answered since), `correlate.pairWindowSeconds` (60 min), `correlate.latenessSeconds`
/// (15 min: how old a session must be).
///
/// Evidence: the appliance's opening rows; the client's flow log.
package struct InspectionBrokenDetector: Detector {
    package static let id = "inspection-broken"

    package init() {}

    package func contradictions(
        at tick: Tick, in correlator: inout Correlator, open: Set<String>
    ) -> [Contradiction] {
        BrokenJudge(tick: tick).judgements(in: &correlator).compactMap { judgement in
            guard judgement.sessions.count >= tick.settings.brokenSessions,
                let subject = judgement.subject(in: correlator)
            else { return nil }
            return Contradiction(
                fingerprint: fingerprint(detector: Self.id, subject: subject), lastSeen: judgement.lastSeen,
                proof: .proven, severity: .warning
            ) { BrokenDescription(judgement, subject: subject, in: $0).finding(detector: Self.id, at: tick) }
        }
    }

    /// Over where enough sessions were answered since, each beside its row at the appliance, and none went without; or where
    /// the routes lead past the appliance.
    package func standing(of finding: Finding, at tick: Tick, in correlator: inout Correlator) -> Standing {
        if let reason = correlator.lackOfSubject(of: finding) { return .gone(reason) }
        guard let subject = correlator.pairSubject(of: finding), let id = finding.subject["appliance"],
            let firewall = correlator.register.paths.firewallNumber(id)
        else { return .stands }
        let window = correlator.pairWindow(of: subject, in: tick.pairWindow)
        // As old as a session must be to be missed.
        let settled = tick.time.advanced(seconds: -tick.settings.correlate.latenessSeconds)
        let answered = window.reached.filter { key, span in
            key.firewall == firewall && span.first > finding.lastSeen && span.first < settled
                && window.sessions[key.session]?.isAnswered == true
        }
        if answered.count >= tick.settings.fixSessions, correlator.speaks(evidenceOf: finding, in: tick.recent) {
            return .gone("\(answered.count) sessions through it were answered since, and none went without an answer")
        }
        guard correlator.register.hasChanged(since: minuteNumber(finding.lastSeen)),
            let key = window.sessions.keys.min() ?? finding.client(in: correlator.register.frame)
        else { return .stands }
        let path = correlator.register.paths.facts(of: key)
        guard path.inspected != nil, !path.forward.contains(firewall) else { return .stands }
        return .gone("the topology changed: its routes lead past the appliance now")
    }
}

extension BrokenJudgement {
    /// Nil where this version of the topology does not hold the appliance.
    func subject(in correlator: Correlator) -> [String: String]? {
        correlator.firewall(firewall).map {
            ["private_endpoint": privateEndpoint, "client_subnet": clientSubnet, "appliance": $0.id]
        }
    }
}

extension Finding {
    /// A session of the evidence.
    fileprivate func client(in frame: VersionFrame) -> SessionKey? {
        guard let row = evidence.first, let source = row.sourceAddress.flatMap({ IPAddress($0) }),
            let destination = row.destinationAddress.flatMap({ IPAddress($0) }),
            let domain = frame.topology.placement.vantageDomains[row.vantage].map({ frame.domain($0) })
        else { return nil }
        return SessionKey(
            client: source, server: destination, clientPort: -1, serverPort: -1, domain: domain,
            ipProtocol: IPProtocol.tcp)
    }
}
