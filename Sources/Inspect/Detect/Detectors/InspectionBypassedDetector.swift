package import Correlate
package import FlowModel
import Topology

/// What it finds: TCP from a client subnet to a private endpoint that the overlay wants inspected passes no firewall,
/// proven by the client's flow log.
///
/// Why it matters: what the operator has said shall be inspected is not, and data flows.
///
/// When it is wrong: where the overlay's `inspect` means an appliance whose log is not read; where the export of the
/// topology is older than the routes.
///
/// Silent, because it cannot tell: no firewall that would have seen the TCP has spoken for the lateness; the routes do
/// not say that TCP passes every firewall; no session with bytes both ways began inside the window.
///
/// Knobs: those of `private-endpoint-icmp-udp-only`, whose probes it carries as evidence and which it replaces.
///
/// Evidence: the client's TCP rows; the firewall's ICMP and UDP rows, where there are any; the routes of both.
package struct InspectionBypassedDetector: Detector {
    package static let id = "inspection-bypassed"

    package init() {}

    package func contradictions(
        at tick: Tick, in correlator: inout Correlator, open: Set<String>
    ) -> [Contradiction] {
        PairJudge(tick: tick).judgements(in: &correlator).compactMap { judgement in
            guard judgement.tcp == .proven, judgement.tcpBypasses,
                isWanted(judgement, in: correlator)
            else { return nil }
            return Contradiction(
                fingerprint: fingerprint(detector: Self.id, subject: judgement.subject), lastSeen: judgement.lastSeen,
                proof: .proven, severity: .critical,
                supersedes: [
                    fingerprint(detector: PrivateEndpointICMPUDPOnlyDetector.id, subject: judgement.subject)
                ]
            ) { Self.describe(judgement, at: tick, in: $0) }
        }
    }

    package func standing(of finding: Finding, at tick: Tick, in correlator: inout Correlator) -> Standing {
        let judge = PairJudge(tick: tick)
        if let judgement = judge.judgement(of: finding, in: &correlator), !judgement.proofs.isEmpty,
            !isWanted(judgement, in: correlator)
        {
            return .gone("the overlay does not want this inspected any more")
        }
        return judge.standing(of: finding, in: &correlator)
    }

    private func isWanted(_ judgement: PairJudgement, in correlator: Correlator) -> Bool {
        judgement.proofs.keys.contains {
            correlator.topology.wantsInspection(
                privateEndpoint: judgement.privateEndpoint, clientSubnet: judgement.clientSubnet, client: $0.client)
        }
    }

    private static func describe(_ judgement: PairJudgement, at tick: Tick, in correlator: Correlator) -> Finding {
        let description = PairDescription(judgement, in: correlator)
        var finding = description.finding(detector: id, at: tick)
        finding.severity = .critical
        finding.proof = .proven
        finding.title =
            "TCP from \(description.subnetName) to \(description.endpointName) passes no firewall, against the overlay"
        finding.proofWhy = description.proofText
        let probes =
            judgement.probes.isEmpty
            ? "" : " The same firewall saw \(description.probesText): ping does not test this path."
        finding.why =
            "The overlay wants what \(description.subnetName) sends to private endpoint \(description.endpointName) "
            + "(\(judgement.server)) inspected, and its TCP passes no firewall. \(description.proofText) "
            + "\(description.routesText).\(probes)"
        return finding
    }
}
