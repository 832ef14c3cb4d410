import Correlate
import FlowModel
import Topology

/// Writes a finding about a direction whose answers take another way.
struct DirectionDescription {
    let judgement: DirectionJudgement
    let correlator: Correlator
    let wording: Wording
    /// The smallest session stands for all: their routes are those of the same two subnets.
    let sample: SessionKey
    let explanation: Explanation

    init(_ judgement: DirectionJudgement, in correlator: Correlator) {
        self.judgement = judgement
        self.correlator = correlator
        wording = Wording(topology: correlator.topology)
        guard let sample = judgement.sessions.keys.min() else {
            preconditionFailure("a contradiction has sessions")
        }
        self.sample = sample
        explanation = correlator.register.paths.explanation(
            from: sample.client, to: sample.server, domain: sample.domain, ipProtocol: sample.ipProtocol)
    }

    func finding(detector: String, at tick: Tick) -> Finding {
        let sessions = judgement.sessions
        var finding = Finding(
            fingerprint: fingerprint(detector: detector, subject: judgement.subject), detector: detector,
            subject: judgement.subject, openedAt: tick.time)
        finding.severity = .warning
        // Without flow trace, a session that both ends gave up at once looks the same in counters.
        let isTraced = sessions.values.contains { !$0.seen.strays.isEmpty }
        finding.confidence = isTraced ? explanation.confidence : min(explanation.confidence, .medium)
        finding.cause = cause
        finding.names = wording.names(of: [judgement.from, judgement.to, cause])
        finding.firstSeen = sessions.values.map(\.seen.first).min() ?? tick.time
        finding.lastSeen = judgement.lastSeen
        finding.proof = .proven
        finding.proofWhy = proofText
        finding.title =
            "Answers from \(wording.name(judgement.to)) to \(wording.name(judgement.from)) go through "
            + "\(firewallNames), which never saw the openings"
        finding.why =
            "\(Wording.count(Int64(sessions.count), "session")) from \(wording.name(judgement.from)) to "
            + "\(wording.name(judgement.to)) within \(tick.settings.correlate.pairWindowSeconds / 60) minutes took one "
            + "way there and another back: the opening passes \(firewallNames) by, the answer goes through it, and a "
            + "stateful firewall drops an answer to what it never saw. \(proofText)"
        count(into: &finding)
        finding.evidence = evidence
        finding.routes = explanation.routes
        finding.remedy = explanation.remedy.isEmpty ? [remedy] : explanation.remedy
        finding.explain = wording.explainCommand(
            from: sample.client, to: sample.server, fromGroup: judgement.from, ipProtocol: sample.ipProtocol)
        return finding
    }

    private var firewallIDs: [String] {
        Set(judgement.sessions.values.flatMap(\.passed)).compactMap { correlator.firewall($0)?.id }.sorted()
    }

    private var firewallNames: String { wording.names(firewallIDs) }

    /// Where the way there is decided: the routes that pass the firewall by.
    private var decidingSubnet: String {
        wording.decidingSubnet(of: explanation, client: judgement.from)
    }

    private var cause: String { wording.cause(ofSubnet: decidingSubnet) }

    private var remedy: String {
        let address = firewallIDs.first.flatMap { correlator.topology.firewall($0) }?.addresses.first?.description
        return
            "On subnet \(wording.name(decidingSubnet)) (\(decidingSubnet)) add a route for \(sample.server) with next "
            + "hop type VirtualAppliance, next hop \(address ?? "the firewall's private address"), so that the opening "
            + "goes the way of the answer."
    }

    private var proofText: String {
        let answered = judgement.sessions.values.count { $0.seen.answered != nil }
        let strays = judgement.sessions.values.count { !$0.seen.strays.isEmpty }
        var parts: [String] = []
        if answered > 0 {
            parts.append("the answering machine's flow log shows the answers of \(answered)")
        }
        if strays > 0 { parts.append("the firewall's flow trace shows the answers of \(strays) without state") }
        return "Of these sessions, \(parts.joined(separator: ", and ")); \(firewallNames) spoke at the time and shows "
            + "no opening row of any."
    }

    private func count(into finding: inout Finding) {
        var sums: [IPAddress: (sessions: Int64, bytes: Int64?)] = [:]
        for (key, session) in judgement.sessions {
            let bytes = saturatingSum(session.seen.bytesSent, session.seen.bytesReceived)
            let known = sums[key.client] ?? (0, 0)
            sums[key.client] = (known.sessions + 1, saturatingSum(known.bytes ?? 0, bytes))
            finding.counts.records += session.seen.records
            finding.counts.bytesSent = saturatingSum(finding.counts.bytesSent ?? 0, session.seen.bytesSent)
            finding.counts.bytesReceived = saturatingSum(finding.counts.bytesReceived ?? 0, session.seen.bytesReceived)
        }
        finding.counts.sessions = Int64(judgement.sessions.count)
        finding.counts.clients = Int64(sums.count)
        finding.clients = Finding.clients(sums)
    }

    /// Rows of sessions that were judged, and of no other.
    private var evidence: [Finding.Evidence] {
        let known = Set(judgement.sessions.keys.map { SessionKey($0, domain: 0) })
        return Finding.sample(
            judgement.evidence.compactMap { row in
                let isAnswer = row.format == .azfwFlowTrace
                let key = SessionKey(
                    client: isAnswer ? row.destinationAddress : row.sourceAddress,
                    server: isAnswer ? row.sourceAddress : row.destinationAddress,
                    clientPort: isAnswer ? row.destinationPort : row.sourcePort,
                    serverPort: isAnswer ? row.sourcePort : row.destinationPort, domain: 0, ipProtocol: row.ipProtocol)
                guard known.contains(key) else { return nil }
                return row.evidence(
                    isAnswer
                        ? "the firewall's flow trace shows the answer, and the firewall shows no opening"
                        : "the answering machine's flow log shows an answer", in: correlator)
            })
    }
}

extension SessionKey {
    /// The session without its domain, which evidence rows do not carry.
    fileprivate init(_ key: SessionKey, domain: Int32) {
        self = key
        self.domain = domain
    }
}
