import Correlate
import FlowModel
import Topology

/// What the pair window of one private endpoint and client subnet shows at a tick. Both detectors of private endpoints
/// rest on it, so that they never disagree about the facts.
struct PairJudgement: Sendable {
    enum TCP: Sendable, Hashable {
        /// The client's flow log shows TCP with bytes both ways, begun inside the window.
        case proven
        /// The routes let it bypass; why no log shows it.
        case unproven(String)
        /// A log would show it, and shows none.
        case absent
        /// Too young to be judged.
        case undecided
    }

    var privateEndpoint: String
    var clientSubnet: String
    var window: PairWindow
    /// A client whose routes stand for the subnet's, and the address it went to.
    var client: IPAddress
    var server: IPAddress
    var domain: Int32
    /// The routes let TCP pass every firewall.
    var tcpBypasses: Bool
    /// Firewalls that stand on a probe's path and saw it; by number.
    var probingFirewalls: [Int32]
    /// Those that would have seen the TCP and have spoken.
    var speakingFirewalls: [Int32]
    var probes: [PairClient: PairCounts]
    var probedSince: EventTime?
    var probedLast: EventTime?
    var tcp: TCP
    /// Sessions that prove the bypass.
    var proofs: [SessionKey: PairWindow.Session]

    var subject: [String: String] { ["private_endpoint": privateEndpoint, "client_subnet": clientSubnet] }
    var firewallSeesTCP: Bool { !window.firewallTCP.isEmpty }
    var lastSeen: EventTime { ([probedLast] + proofs.values.map(\.last)).compactMap(\.self).max() ?? window.newest }
}

extension PairWindow {
    /// The latest sighting of any kind.
    fileprivate var newest: EventTime {
        (probes.values.map(\.last) + clientTCP.values.map(\.last) + firewallTCP.map(\.last)).max()
            ?? EventTime(microseconds: 0)
    }
}

/// Judges pair windows at one tick.
struct PairJudge {
    let tick: Tick

    /// Subjects that could contradict: probed or wanted inspected, and without TCP at a firewall.
    func judgements(in correlator: inout Correlator) -> [PairJudgement] {
        correlator.pairSubjects(in: tick.pairWindow).compactMap { subject in
            guard correlator.isOfInterest(subject, in: tick.pairWindow),
                !correlator.firewallSeesTCP(of: subject, in: tick.pairWindow)
            else { return nil }
            return judge(subject, in: &correlator)
        }
    }

    /// The judgement of a finding's subject; nil where the window holds nothing of it.
    func judgement(of finding: Finding, in correlator: inout Correlator) -> PairJudgement? {
        correlator.pairSubject(of: finding).flatMap { judge($0, in: &correlator) }
    }

    private func judge(_ subject: PairSubject, in correlator: inout Correlator) -> PairJudgement? {
        let window = correlator.pairWindow(of: subject, in: tick.pairWindow)
        guard let witness = witness(of: window) else { return nil }
        var judgement = PairJudgement(
            privateEndpoint: correlator.register.names[subject.privateEndpoint],
            clientSubnet: correlator.register.names[subject.clientSubnet], window: window, client: witness.address,
            server: witness.server, domain: witness.domain, tcpBypasses: false, probingFirewalls: [],
            speakingFirewalls: [], probes: [:], tcp: .undecided, proofs: [:])
        let path = correlator.register.paths.facts(
            from: witness.address, to: witness.server, domain: witness.domain, ipProtocol: IPProtocol.tcp)
        judgement.tcpBypasses = path.inspected == false && path.reachesPrivateEndpoint
        takeProbes(into: &judgement, in: &correlator)
        takeFirewalls(into: &judgement, in: &correlator)
        judgement.proofs = proofs(in: judgement, &correlator)
        judgement.tcp = tcp(in: judgement, correlator)
        return judgement
    }

    /// The client of the smallest address, whichever row came first: of the rows that may contradict, else of the openings
    /// that a firewall let pass, which is all that is left after a fix where no flow log covers the client.
    private func witness(of window: PairWindow) -> (address: IPAddress, server: IPAddress, domain: Int32)? {
        let clients = (Array(window.probes.keys) + Array(window.clientTCP.keys)).filter { !$0.address.isNone }
        let least = clients.map { ($0.address, $0.server, $0.domain) }.min(by: <)
        return least ?? window.reached.keys.map(\.session).min().map { ($0.client, $0.server, $0.domain) }
    }

    /// Keeps probes that a firewall saw where the routes put it on their path: others contradict the model, not the
    /// operator's intent.
    private func takeProbes(into judgement: inout PairJudgement, in correlator: inout Correlator) {
        var firewalls: Set<Int32> = []
        for (client, counts) in judgement.window.probes where !client.address.isNone {
            let path = correlator.facts(of: client, client.ipProtocol)
            guard path.inspected == true, path.forward.contains(client.firewall) else { continue }
            judgement.probes[client] = counts
            firewalls.insert(client.firewall)
        }
        judgement.probingFirewalls = firewalls.sorted()
        judgement.probedSince = judgement.probes.values.map(\.first).min()
        judgement.probedLast = judgement.probes.values.map(\.last).max()
    }

    /// Who would have seen the TCP: firewalls that saw the probes; without probes those on the path of ICMP or UDP;
    /// where no route leads to one, any firewall of the client's routing domain.
    private func takeFirewalls(into judgement: inout PairJudgement, in correlator: inout Correlator) {
        var candidates = judgement.probingFirewalls
        for ipProtocol in [IPProtocol.icmp, IPProtocol.udp] where candidates.isEmpty {
            candidates =
                correlator.register.paths.facts(
                    from: judgement.client, to: judgement.server, domain: judgement.domain, ipProtocol: ipProtocol
                ).forward
        }
        if candidates.isEmpty {
            let frame = correlator.register.frame
            candidates = frame.numberedFirewalls.filter {
                let domain = frame.topology.placement.vantageDomains[$0.firewall.id]
                return domain.map { frame.domain($0) } == judgement.domain
            }.map(\.number)
        }
        judgement.speakingFirewalls = candidates.filter { correlator.speaks(firewall: $0, in: tick.recent) }
    }

    // MARK: TCP

    private func proofs(
        in judgement: PairJudgement, _ correlator: inout Correlator
    ) -> [SessionKey: PairWindow.Session] {
        var proofs: [SessionKey: PairWindow.Session] = [:]
        let youngest = tick.time.advanced(seconds: -tick.settings.edgeSeconds)
        for (key, session) in judgement.window.sessions {
            guard let begin = session.begin, begin < youngest, session.bytesSent > 0, session.bytesReceived > 0,
                !isNearFirewallTCP(begin, of: key.client, in: judgement.window)
            else { continue }
            let path = correlator.register.paths.facts(of: key)
            guard path.inspected == false, path.reachesPrivateEndpoint,
                judgement.speakingFirewalls.contains(where: { correlator.speaks(firewall: $0, around: begin, at: tick) }
                )
            else { continue }
            proofs[key] = session
        }
        return proofs
    }

    /// A firewall's row of the client that stands beside the session's begin may be its opening, also just outside the window.
    private func isNearFirewallTCP(_ begin: EventTime, of client: IPAddress, in window: PairWindow) -> Bool {
        let earliest = begin.advanced(seconds: -tick.settings.edgeSeconds)
        let latest = begin.advanced(seconds: tick.settings.edgeSeconds)
        return (window.earlierFirewallTCP + window.firewallTCP).contains {
            ($0.client == client || $0.client.isNone) && $0.last >= earliest && $0.first <= latest
        }
    }

    private func tcp(in judgement: PairJudgement, _ correlator: Correlator) -> PairJudgement.TCP {
        guard judgement.proofs.isEmpty else { return .proven }
        let settled = tick.time.advanced(seconds: -tick.settings.correlate.latenessSeconds)
        guard let since = judgement.probedSince, since < settled else { return .undecided }
        let sessions = judgement.window.sessions.values
        if sessions.contains(where: { $0.begin.map { $0 >= settled } ?? false }) { return .undecided }
        if sessions.contains(where: { $0.begin == nil && $0.bytesReceived > 0 }) {
            return .unproven(
                "The client's flow log shows TCP whose sessions began before the window: their one row at the firewall "
                    + "may be older, so they prove nothing.")
        }
        if !sessions.isEmpty {
            return .unproven("The client's flow log shows TCP without bytes both ways, which proves no way.")
        }
        return absence(in: judgement, correlator)
    }

    /// No TCP anywhere: whether a log would have shown it.
    private func absence(in judgement: PairJudgement, _ correlator: Correlator) -> PairJudgement.TCP {
        let explanation = judgement.explanation(IPProtocol.tcp, in: correlator)
        guard explanation.sees.contains(where: { $0.forward == true }) else {
            let reasons = Set(explanation.sees.map { reasonText($0.forwardReason) }).sorted()
            return .unproven("No log can show the TCP: \(reasons.joined(separator: "; ")).")
        }
        let observers = Set(judgement.probes.keys.map(\.clientObserver))
        guard observers.contains(where: { correlator.speaks(observer: $0, in: tick.recent) }) else {
            return .unproven("The client's flow log is silent, so it cannot show the TCP.")
        }
        return .absent
    }

    private func reasonText(_ reason: Visibility.Reason) -> String {
        switch reason {
        case .onPath: "on the path"
        case .notOnPath: "a vantage point is not on its path"
        case .endpointNeverLogs: "a private endpoint writes no log"
        case .protocolNotLogged: "a log leaves the protocol out"
        case .directionNotLogged: "a log leaves the direction out"
        case .workloadNotLogged: "the client's kind of workload has no flow log"
        case .loggingNotEnabled: "no flow log covers the client"
        case .filtered: "the client's flow log filters it out"
        case .pathUnknown: "its path is not known"
        }
    }
}

extension PairJudgement {
    func explanation(_ ipProtocol: Int16, in correlator: Correlator) -> Explanation {
        correlator.register.paths.explanation(
            from: client, to: server, domain: domain, ipProtocol: ipProtocol)
    }
}

extension Correlator {
    fileprivate mutating func facts(of client: PairClient, _ ipProtocol: Int16) -> PathFacts {
        register.paths.facts(from: client.address, to: client.server, domain: client.domain, ipProtocol: ipProtocol)
    }
}
