import Correlate
import FlowModel
import Topology

/// Writes a finding about a firewall at a limit.
struct LoadDescription {
    let judgement: LoadJudgement
    /// The other limit, where it is met at once.
    let other: LoadJudgement?
    let correlator: Correlator
    let wording: Wording

    init(_ judgement: LoadJudgement, other: LoadJudgement?, in correlator: Correlator) {
        self.judgement = judgement
        self.other = other
        self.correlator = correlator
        wording = Wording(topology: correlator.topology)
    }

    private var firewall: Firewall { judgement.firewall }
    private var name: String { wording.name(firewall.id) }
    private var capacity: Int64 { judgement.capacity ?? 0 }
    private var peak: Int64 { judgement.hot.map(\.bytes).max() ?? 0 }

    func finding(detector: String, at tick: Tick) -> Finding {
        var finding = Finding(
            fingerprint: fingerprint(detector: detector, subject: judgement.subject), detector: detector,
            subject: judgement.subject, openedAt: tick.time)
        finding.severity = .warning
        finding.confidence = confidence(tick.settings)
        finding.cause = firewall.id
        finding.names = wording.names(of: [firewall.id])
        finding.firstSeen = minuteStart(judgement.hot.first?.number ?? tick.number)
        finding.lastSeen = judgement.lastSeen
        finding.proof = judgement.proof
        finding.proofWhy = proofText(tick.settings)
        let clients = clientSums
        finding.title = title
        finding.why = why(clients, at: tick) + " " + finding.proofWhy + otherText
        finding.counts.clients = Int64(clients.keys.filter { !$0.isNone }.count)
        finding.counts.sessions = clients.values.reduce(0) { $0 + $1.sessions }
        finding.counts.records = judgement.hot.reduce(0) { $0 + (load($1)?.records ?? 0) }
        if judgement.limit == .throughput {
            let volume = judgement.hot.reduce(Volume.zero) { $0 + (load($1)?.volume ?? .zero) }
            finding.counts.bytesSent = volume.sent
            finding.counts.bytesReceived = volume.received
        }
        finding.clients = Finding.clients(clients)
        finding.evidence = evidence(tick)
        finding.remedy = remedy(clients)
        if let flow = busiestFlow(clients, finding.evidence) {
            let group = flow.from.endpoint.group ?? ""
            finding.explain = wording.explainCommand(
                from: flow.from.address, to: flow.to.address, fromGroup: group, ipProtocol: flow.ipProtocol)
            finding.routes =
                correlator.topology.explain(
                    from: flow.from, to: flow.to, ipProtocol: flow.ipProtocol, port: nil
                ).routes
        }
        return finding
    }

    private func load(_ minute: LoadJudgement.Minute) -> LoadMinute? {
        correlator.loads[minute.number]?[judgement.index]
    }

    // MARK: Words

    private var title: String {
        switch judgement.limit {
        case .throughput: "\(name) carries \(Wording.percent(peak, of: capacity)) % of its capacity"
        case .flow: "One session through \(name) is at the ceiling of one connection"
        }
    }

    private func why(_ clients: [IPAddress: (sessions: Int64, bytes: Int64?)], at tick: Tick) -> String {
        let minutes = "\(judgement.hot.count) of \(tick.settings.bottleneckMinutes) minutes"
        if let session = judgement.session {
            return "The session \(session.client) port \(session.clientPort) to \(session.server) port "
                + "\(session.serverPort) reached \(Wording.mbps(peak)) in \(minutes), of the \(Wording.mbps(capacity)) "
                + "that \(name) gives one connection: it cannot go faster, however much capacity is free."
        }
        let top = busiest(clients)
        let who = top.map { client in
            " Most of it is \(client.address)'s: \(Wording.percent(client.bytes, of: total(clients))) % in "
                + "\(Wording.count(client.sessions, "session"))."
        }
        return "What crosses \(name) reached \(Wording.mbps(peak)) of its \(Wording.mbps(capacity)), and "
            + "\(tick.settings.bottleneckOpenPercent) % or more in \(minutes).\(who ?? "")"
    }

    private func proofText(_ settings: DetectSettings) -> String {
        guard let percent = judgement.processedPercent else {
            return "Counted from flow logs; the metric DataProcessed of these minutes is missing."
        }
        if judgement.limit == .flow { return "Counted from flow logs of the session's ends." }
        return "DataProcessed shows \(percent) % of what the flow logs add up to in the same minutes."
    }

    private var otherText: String {
        guard let other else { return "" }
        switch other.limit {
        case .throughput: return " At the same time \(name) as a whole is at its capacity, a finding of its own."
        case .flow: return " At the same time one session is at the ceiling of one connection, a finding of its own."
        }
    }

    private func confidence(_ settings: DetectSettings) -> Confidence {
        guard judgement.limit == .throughput, let percent = judgement.processedPercent else { return .medium }
        return abs(percent - 100) <= settings.metricAgreementPercent ? .high : .medium
    }

    private func remedy(_ clients: [IPAddress: (sessions: Int64, bytes: Int64?)]) -> [String] {
        if judgement.limit == .flow {
            return [
                "Let the transfer use several connections: one is given \(Wording.mbps(capacity)) at most by \(name).",
                "A higher SKU gives one connection more (Premium 9,000 Mbit/s with IDPS off or on alert).",
            ]
        }
        let who = busiest(clients).map { $0.address.description } ?? "the busiest client"
        return [
            "Move or limit the transfers of \(who), or lead them past \(name) where inspection is not needed.",
            "Raise the capacity of \(name): its SKU, or autoscaleConfiguration.minCapacity, since scaling out takes 5 "
                + "to 7 minutes. Where the overlay's capacity_mbps is too low, correct it.",
        ]
    }

    /// The flow that stands for the load: the one session, else the largest row of the busiest client among the evidence.
    private func busiestFlow(
        _ clients: [IPAddress: (sessions: Int64, bytes: Int64?)], _ evidence: [Finding.Evidence]
    ) -> (from: Place, to: Place, ipProtocol: Int16)? {
        let client = busiest(clients)?.address
        let sessions = judgement.hot.flatMap { minute in
            load(minute)?.clients.filter { client == nil || $0.key == client }.flatMap(\.value.sessions) ?? []
        }
        guard let session = judgement.session ?? sessions.min() else { return nil }
        let frame = correlator.register.frame
        let largest = evidence.filter { $0.sourceAddress == client?.description }.max {
            (($0.bytesSent ?? 0) + ($0.bytesReceived ?? 0), $1.recordHash, $1.ordinal)
                < (($1.bytesSent ?? 0) + ($1.bytesReceived ?? 0), $0.recordHash, $0.ordinal)
        }
        if judgement.session == nil, let largest, let from = largest.sourceAddress.flatMap({ IPAddress($0) }),
            let to = largest.destinationAddress.flatMap({ IPAddress($0) }),
            let number = IPProtocol.number(largest.ipProtocol)
        {
            let domain = session.domain
            return (frame.place(from, domain: domain), frame.place(to, domain: domain), number)
        }
        return (
            frame.place(session.client, domain: session.domain), frame.place(session.server, domain: session.domain),
            session.ipProtocol
        )
    }

    // MARK: Who

    private var clientSums: [IPAddress: (sessions: Int64, bytes: Int64?)] {
        if let session = judgement.session {
            return [session.client: (1, judgement.hot.reduce(0) { saturatingSum($0, $1.bytes) })]
        }
        var sessions: [IPAddress: Set<SessionKey>] = [:]
        var bytes: [IPAddress: Int64] = [:]
        for minute in judgement.hot {
            for (address, client) in load(minute)?.clients ?? [:] {
                sessions[address, default: []].formUnion(client.sessions)
                bytes[address] = saturatingSum(bytes[address] ?? 0, client.volume.total)
            }
        }
        var sums: [IPAddress: (sessions: Int64, bytes: Int64?)] = [:]
        for (address, sum) in bytes { sums[address] = (Int64(sessions[address]?.count ?? 0), sum) }
        return sums
    }

    private func total(_ clients: [IPAddress: (sessions: Int64, bytes: Int64?)]) -> Int64 {
        clients.values.reduce(0) { saturatingSum($0, $1.bytes ?? 0) }
    }

    private func busiest(
        _ clients: [IPAddress: (sessions: Int64, bytes: Int64?)]
    ) -> (address: IPAddress, sessions: Int64, bytes: Int64)? {
        let top = clients.min {
            ($1.value.bytes ?? 0, $0.key) < ($0.value.bytes ?? 0, $1.key)
        }
        return top.map { ($0.key, $0.value.sessions, $0.value.bytes ?? 0) }
    }

    private func evidence(_ tick: Tick) -> [Finding.Evidence] {
        guard let first = judgement.hot.first?.number, let last = judgement.hot.last?.number else { return [] }
        var sample = EvidenceSample(limit: Finding.evidenceLimit)
        // Rows are written at the end of their interval: those of the hot minutes stand up to an interval later.
        for number in first...(last + tick.settings.correlate.intervalSeconds / 60) {
            for (crossing, rows) in correlator.minute(number)?.flowEvidence ?? [:]
            where correlator.register.paths.crossings[Int(crossing)].contains(judgement.index) {
                sample.insert(all: rows)
            }
        }
        return Finding.sample(
            sample.rows.map { $0.evidence("a flow that crosses the firewall", in: correlator) })
    }
}
