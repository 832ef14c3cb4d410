import Correlate
import FlowModel
import Topology

/// Writes a finding about sessions that reach an appliance and get no answer.
struct BrokenDescription {
    let judgement: BrokenJudgement
    let subject: [String: String]
    let correlator: Correlator
    let wording: Wording
    let sample: SessionKey
    let explanation: Explanation

    init(_ judgement: BrokenJudgement, subject: [String: String], in correlator: Correlator) {
        self.judgement = judgement
        self.subject = subject
        self.correlator = correlator
        wording = Wording(topology: correlator.topology)
        guard let sample = judgement.sample else { preconditionFailure("a contradiction has sessions") }
        self.sample = sample
        explanation = correlator.register.paths.explanation(
            from: sample.client, to: sample.server, domain: sample.domain, ipProtocol: sample.ipProtocol,
            port: sample.serverPort < 0 ? nil : Int(sample.serverPort))
    }

    func finding(detector: String, at tick: Tick) -> Finding {
        let minutes = tick.settings.correlate.pairWindowSeconds / 60
        var finding = Finding(
            fingerprint: fingerprint(detector: detector, subject: subject), detector: detector, subject: subject,
            openedAt: tick.time)
        finding.severity = .warning
        finding.confidence = confidence
        finding.cause = cause
        finding.names = wording.names(of: Set(subject.values).union([cause]))
        finding.firstSeen =
            (judgement.sessions.values.compactMap(\.begin) + judgement.reached.values.map(\.first)).min() ?? tick.time
        finding.lastSeen = judgement.lastSeen
        finding.proof = .proven
        finding.proofWhy = proofText
        finding.title = "\(appliance) passes TCP from \(subnet) to \(endpoint), and nothing comes back"
        finding.why =
            "\(Wording.count(Int64(judgement.sessions.count), "TCP session")) from \(subnet) to private endpoint \(endpoint) "
            + "(\(sample.server)) within \(minutes) minutes reached \(appliance), which let them pass, and none got an answer. "
            + "\(proofText) \(expectation)"
        count(into: &finding)
        finding.evidence = evidence
        finding.routes = explanation.routes
        finding.remedy = explanation.remedy.isEmpty ? [remedy] : explanation.remedy
        finding.explain = wording.explainCommand(
            from: sample.client, to: sample.server, fromGroup: judgement.clientSubnet, ipProtocol: sample.ipProtocol)
        return finding
    }

    private var appliance: String { wording.name(subject["appliance"] ?? "") }
    private var subnet: String { wording.name(judgement.clientSubnet) }
    private var endpoint: String { wording.name(judgement.privateEndpoint) }

    /// The logs alone show that nothing came back; why, only the topology says.
    private var confidence: Confidence {
        switch explanation.works {
        case false?: .high
        case nil: .medium
        case true?: .low
        }
    }

    private var expectation: String {
        switch explanation.works {
        case false?: "The routes say why: \(explanation.why)."
        case nil: "Whether it works, the routes do not tell: \(explanation.why)."
        case true?:
            "By the export it should work (\(explanation.why)): the export is older than the network, or the service did not "
                + "answer anybody."
        }
    }

    private var proofText: String {
        let sent = judgement.sessions.values.reduce(0) { saturatingSum($0, $1.packetsSent) }
        return
            "The clients' flow log counts \(Wording.count(sent, "packet")) sent and none received, by any client of the "
            + "subnet since the first of them."
    }

    private var cause: String {
        wording.cause(ofSubnet: wording.decidingSubnet(of: explanation, client: judgement.clientSubnet))
    }

    private var remedy: String {
        "Let \(appliance) translate (SNAT, or an application rule) what it sends to \(sample.server), so that the answer comes "
            + "back through it."
    }

    private func count(into finding: inout Finding) {
        var sums: [IPAddress: (sessions: Int64, bytes: Int64?)] = [:]
        for (key, session) in judgement.sessions {
            let known = sums[key.client] ?? (0, 0)
            sums[key.client] = (known.sessions + 1, saturatingSum(known.bytes ?? 0, session.bytesSent))
            finding.counts.records += session.records + (judgement.reached[key]?.records ?? 0)
            finding.counts.bytesSent = saturatingSum(finding.counts.bytesSent ?? 0, session.bytesSent)
        }
        finding.counts.bytesReceived = 0
        finding.counts.sessions = Int64(judgement.sessions.count)
        finding.counts.clients = Int64(sums.count)
        finding.clients = Finding.clients(sums)
    }

    /// Rows of sessions that were judged, and of no other.
    private var evidence: [Finding.Evidence] {
        let known = Set(judgement.sessions.keys)
        var rows: [Finding.Evidence] = []
        for (kind, what) in [
            (PairEvidence.firewallTCP, "the appliance lets the opening pass"),
            (.clientTCP, "the client's flow log shows what was sent, and nothing received"),
        ] {
            for row in judgement.evidence[kind]?.rows ?? [] {
                let key = SessionKey(
                    client: row.sourceAddress, server: sample.server, clientPort: row.sourcePort,
                    serverPort: row.destinationPort, domain: sample.domain, ipProtocol: row.ipProtocol)
                // A begin counts nothing.
                guard kind == .firewallTCP || row.bytesSent > 0 else { continue }
                if known.contains(key) { rows.append(row.evidence(what, in: correlator)) }
            }
        }
        return Finding.sample(rows)
    }
}
