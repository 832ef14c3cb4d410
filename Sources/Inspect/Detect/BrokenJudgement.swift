import Correlate
import FlowModel
import Topology

/// What the pair window shows, at a tick, of TCP that a firewall lets pass towards a private endpoint and that nobody answers.
struct BrokenJudgement: Sendable {
    var privateEndpoint: String
    var clientSubnet: String
    var firewall: Int32
    /// Sessions that begin after the last answer to any client of the subject, and get none.
    var sessions: [SessionKey: PairWindow.Session]
    var reached: [SessionKey: SeenSpan]
    var evidence: [PairEvidence: EvidenceSample]

    /// Stands for all: their routes are those of the same subnet.
    var sample: SessionKey? { sessions.keys.min() }
    var lastSeen: EventTime { sessions.values.map(\.last).max() ?? EventTime(microseconds: 0) }
}

/// Judges at one tick which sessions are not answered behind which firewall.
struct BrokenJudge {
    let tick: Tick

    func judgements(in correlator: inout Correlator) -> [BrokenJudgement] {
        correlator.unansweredSubjects(in: tick.pairWindow).flatMap { judge($0, in: &correlator) }
    }

    /// By firewall, for a subject.
    func judge(_ subject: PairSubject, in correlator: inout Correlator) -> [BrokenJudgement] {
        let window = correlator.pairWindow(of: subject, in: tick.pairWindow)
        let endpoint = correlator.register.names[subject.privateEndpoint]
        let usual = correlator.topology.usualPorts(ofPrivateEndpoint: endpoint)
        var found: [Int32: BrokenJudgement] = [:]
        for (key, span) in window.reached {
            guard let session = window.sessions[key.session], isUnanswered(session, in: window),
                usual.isEmpty || usual.contains(Int(key.session.serverPort))
            else { continue }
            let path = correlator.register.paths.facts(of: key.session)
            guard path.inspected == true, path.forward.contains(key.firewall) else { continue }
            var judgement =
                found[key.firewall]
                ?? BrokenJudgement(
                    privateEndpoint: endpoint, clientSubnet: correlator.register.names[subject.clientSubnet],
                    firewall: key.firewall, sessions: [:], reached: [:], evidence: window.evidence)
            judgement.sessions[key.session] = session
            judgement.reached[key.session] = span
            found[key.firewall] = judgement
        }
        return found.values.sorted { $0.firewall < $1.firewall }
    }

    /// Begun inside the window, old enough for its late rows to be there, after the last answer to anybody, and never more
    /// than openings: a row that was lost may have shown the answer of one that sent more.
    private func isUnanswered(_ session: PairWindow.Session, in window: PairWindow) -> Bool {
        let settled = tick.time.advanced(seconds: -tick.settings.correlate.latenessSeconds)
        guard let begin = session.begin, begin < settled, session.packetsSent > 0, !session.isAnswered else {
            return false
        }
        guard window.answered.map({ $0 < begin }) ?? true else { return false }
        return session.bytesSent / session.packetsSent <= BrokenJudge.openingBytes
    }

    /// A SYN with all its options is shorter, with the frame's header.
    private static let openingBytes: Int64 = 100
}
