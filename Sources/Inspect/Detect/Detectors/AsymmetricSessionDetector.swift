package import Correlate
package import FlowModel
import Topology

/// What it finds: sessions whose answer takes another way than the opening: through a firewall that never saw the
/// opening and has no state for it.
///
/// Why it matters: a stateful firewall drops such an answer, so the session never comes about; the client sees a
/// timeout, and each log alone looks half right. Source: azure-routes, "The way back".
///
/// When it is wrong: where the network-rule log of the firewall loses rows; where the export is older than the routes.
///
/// Silent, because it cannot tell: the routes do not say that the ways differ; the firewall's network-rule log has not
/// spoken for the lateness, or not around the session's begin; the session's begin lies outside the window (its opening
/// row may be older) or inside the lateness (the row may be late); neither the answering machine's flow log shows
/// the begin nor the flow trace a SYN-ACK, since a bare INVALID may be anybody's; payload flowed either way, so the answer arrived: then the export is older
/// than the routes, and nothing is said of the whole direction. The predicted route alone is never enough, nor is a session
/// that nobody answered.
///
/// Knobs: `asymmetricSessions` (5 sessions of a subject), `correlate.pairWindowSeconds` (60 min),
/// `correlate.latenessSeconds` (15 min: how old a session must be).
///
/// Evidence: the answering machine's flow log (direction in, something received); the firewall's flow trace that shows
/// the answer as `INVALID`. Platform probes (168.63.129.16, rule `PlatformRule`) and denied flows are no evidence.
package struct AsymmetricSessionDetector: Detector {
    package static let id = "asymmetric-session"

    package init() {}

    package func contradictions(
        at tick: Tick, in correlator: inout Correlator, open: Set<String>
    ) -> [Contradiction] {
        correlator.directionSubjects(in: tick.pairWindow).compactMap { subject in
            let judgement = DirectionJudgement(subject, at: tick, in: &correlator)
            guard judgement.sessions.count >= tick.settings.asymmetricSessions else { return nil }
            let print = fingerprint(detector: Self.id, subject: judgement.subject)
            var contradiction = Contradiction(
                fingerprint: print, lastSeen: judgement.lastSeen, proof: .proven, severity: .warning
            ) { DirectionDescription(judgement, in: $0).finding(detector: Self.id, at: tick) }
            contradiction.sessions = judgement.rows(fingerprint: print, in: correlator) { _ in true }
            contradiction.newSessions = judgement.rows(fingerprint: print, in: correlator) {
                $0.readyNumber(tick) == tick.number
            }
            return contradiction
        }
    }

    package func standing(of finding: Finding, at tick: Tick, in correlator: inout Correlator) -> Standing {
        if let reason = correlator.lackOfSubject(of: finding) { return .gone(reason) }
        guard correlator.speaks(evidenceOf: finding, in: tick.recent) else { return .stands }
        let session = finding.session(in: correlator.register.frame)
        let isSymmetric = session.map { correlator.register.paths.facts(of: $0).symmetric } == true
        if isSymmetric, correlator.register.hasChanged(since: minuteNumber(finding.lastSeen)) {
            return .gone("the topology changed: its routes lead the answer the way of the opening now")
        }
        guard finding.lastSeen < tick.time.advanced(seconds: -tick.settings.correlate.pairWindowSeconds) else {
            return .stands
        }
        if let from = finding.subject["from"], let to = finding.subject["to"],
            let fromNumber = correlator.register.names.number(of: from),
            let toNumber = correlator.register.names.number(of: to)
        {
            let subject = DirectionSubject(from: fromNumber, to: toNumber)
            let judgement = DirectionJudgement(subject, at: tick, in: &correlator)
            if judgement.sessions.isEmpty, let opening = judgement.lastOpening, opening > finding.lastSeen {
                return .gone("the firewall shows the openings of this direction, the last at \(opening)")
            }
        }
        if isSymmetric {
            return .gone("the routes lead the answer the way of the opening now, and no session contradicted it since")
        }
        return .stands
    }
}

/// Sessions of one direction that are asymmetric as far as the logs show it.
struct DirectionJudgement: Sendable {
    struct Session: Sendable {
        var seen: DirectionWindow.Session
        /// Firewalls on the way back that are not on the way there and never saw the opening.
        var passed: [Int32]

        var begin: EventTime { seen.begin ?? seen.first }

        /// The tick at which the session was old enough and its answer known.
        func readyNumber(_ tick: Tick) -> Int64 {
            let settled = begin.advanced(seconds: tick.settings.correlate.latenessSeconds)
            let known = ([seen.answered].compactMap(\.self) + seen.strays.values).min() ?? begin
            return max(minuteNumber(settled), minuteNumber(known)) + 1
        }
    }

    var from: String
    var to: String
    var sessions: [SessionKey: Session] = [:]
    var evidence: [EvidenceRow]
    var lastOpening: EventTime?

    var subject: [String: String] { ["from": from, "to": to] }
    var lastSeen: EventTime { sessions.values.map(\.seen.last).max() ?? EventTime(microseconds: 0) }

    init(_ subject: DirectionSubject, at tick: Tick, in correlator: inout Correlator) {
        let window = correlator.directionWindow(of: subject, in: tick.pairWindow)
        from = correlator.register.names[subject.from]
        to = correlator.register.names[subject.to]
        evidence = window.evidence
        lastOpening = window.lastOpening
        guard !isDisproven(window, in: &correlator) else { return }
        for (key, seen) in window.sessions {
            let passed = passedFirewalls(key, seen, at: tick, in: &correlator)
            if !passed.isEmpty { sessions[key] = Session(seen: seen, passed: passed) }
        }
    }

    /// True where a session that no firewall on its way back saw carried payload: its answer arrived, so the routes are not
    /// what the export says, and the small sessions beside it prove nothing either.
    private func isDisproven(_ window: DirectionWindow, in correlator: inout Correlator) -> Bool {
        window.sessions.contains { key, seen in
            let path = correlator.register.paths.facts(of: key)
            return seen.carriesPayload && path.symmetric == false && seen.openings.isDisjoint(with: path.back)
        }
    }

    /// Firewalls that show the session to be asymmetric; none where anything is missing.
    private func passedFirewalls(
        _ key: SessionKey, _ seen: DirectionWindow.Session, at tick: Tick, in correlator: inout Correlator
    ) -> [Int32] {
        // A bare INVALID has no begin: it may be a late packet of a session that idled out, of either side.
        guard let begin = seen.begin ?? seen.namedAnswer,
            begin < tick.time.advanced(seconds: -tick.settings.correlate.latenessSeconds),
            !seen.carriesPayload
        else { return [] }
        let path = correlator.register.paths.facts(of: key)
        guard path.symmetric == false else { return [] }
        let candidates = Set(path.back).subtracting(path.forward)
        guard candidates.isDisjoint(with: seen.openings) else { return [] }
        return candidates.sorted().filter { firewall in
            let isAnswered = seen.strays[firewall] != nil || seen.answered != nil
            return isAnswered && correlator.speaks(firewall: firewall, in: tick.recent)
                && correlator.speaks(firewall: firewall, around: begin, at: tick)
        }
    }

    /// The sessions as rows of the view `asymmetric_session`, in order.
    func rows(
        fingerprint: String, in correlator: Correlator, where isWanted: (Session) -> Bool
    ) -> [AsymmetricSession] {
        sessions.filter { isWanted($0.value) }.sorted { $0.key < $1.key }.map { key, session in
            let passed = session.passed.compactMap { correlator.firewall($0) }.sorted { $0.id < $1.id }
            let through = passed.map(\.name).joined(separator: ", ")
            return AsymmetricSession(
                fingerprint: fingerprint, time: session.seen.first, from: from, to: to, clientAddress: key.client,
                serverAddress: key.server, clientPort: key.clientPort, serverPort: key.serverPort,
                ipProtocol: key.ipProtocol, forward: "past \(through)", back: "through \(through)")
        }
    }
}

extension DirectionWindow.Session {
    /// Packets larger than an opening, its answer and their options, in either direction: TCP carries payload after the
    /// handshake only, so the answer arrived, whatever way it took. 150 bytes on the average are more than SYN and SYN-ACK
    /// ever are.
    var carriesPayload: Bool {
        (packetsSent > 0 && bytesSent / packetsSent > 150)
            || (packetsReceived > 0 && bytesReceived / packetsReceived > 150)
    }
}

extension Finding {
    /// A session of the evidence, opener first.
    fileprivate func session(in frame: VersionFrame) -> SessionKey? {
        guard let row = evidence.first, let source = row.sourceAddress.flatMap({ IPAddress($0) }),
            let destination = row.destinationAddress.flatMap({ IPAddress($0) }),
            let ipProtocol = IPProtocol.number(row.ipProtocol),
            let domain = frame.topology.placement.vantageDomains[row.vantage].map({ frame.domain($0) })
        else { return nil }
        let isAnswer = frame.topology.firewall(row.vantage) != nil
        return SessionKey(
            client: isAnswer ? destination : source, server: isAnswer ? source : destination, clientPort: -1,
            serverPort: -1, domain: domain, ipProtocol: ipProtocol)
    }
}
