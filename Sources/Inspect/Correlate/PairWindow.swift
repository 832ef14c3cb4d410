package import FlowModel

/// What a pair window holds of a subject: everything a detector asks of (client, private endpoint, protocol), where no
/// single session is needed.
package struct PairWindow: Sendable {
    package struct Session: Sendable {
        /// Began inside the window.
        package var begin: EventTime?
        package var records: Int64 = 0
        package var packetsSent: Int64 = 0
        package var bytesSent: Int64 = 0
        package var packetsReceived: Int64 = 0
        package var bytesReceived: Int64 = 0
        package var last: EventTime

        package var isAnswered: Bool { packetsReceived > 0 || bytesReceived > 0 }
    }

    /// When a client's rows stood in a firewall's log; the client is `.none` where its minute held more than are kept.
    package struct ClientSpan: Sendable {
        package var client: IPAddress
        package var first: EventTime
        package var last: EventTime
    }

    package var subject: PairSubject
    /// ICMP and UDP at firewalls, each told once.
    package var probes: [PairClient: PairCounts] = [:]
    /// TCP at firewalls inside the window, minute by minute.
    package var firewallTCP: [ClientSpan] = []
    /// The same before the window, as far back as its older edge needs.
    package var earlierFirewallTCP: [ClientSpan] = []
    /// TCP at the clients' flow logs, each told once.
    package var clientTCP: [PairClient: PairCounts] = [:]
    package var sessions: [SessionKey: Session] = [:]
    /// Openings that a firewall lets pass, by session and firewall.
    package var reached: [FirewallSession: SeenSpan] = [:]
    /// The latest row of a client that shows something received.
    package var answered: EventTime?
    package var evidence: [PairEvidence: EvidenceSample] = [:]
}

extension Correlator {
    /// Subjects with a sighting in these minutes, in no order.
    package func pairSubjects(in numbers: Range<Int64>) -> Set<PairSubject> {
        var subjects: Set<PairSubject> = []
        for number in numbers {
            if let minute = minute(number) { subjects.formUnion(minute.pairs.keys) }
        }
        return subjects
    }

    /// Whether a firewall shows TCP of the subject in these minutes.
    package mutating func firewallSeesTCP(of subject: PairSubject, in numbers: Range<Int64>) -> Bool {
        for number in numbers {
            guard let pair = minute(number)?.pairs[subject], !pair.firewallTCP.isEmpty else { continue }
            if !register.ofThisWorld(pair, of: number).firewallTCP.isEmpty { return true }
        }
        return false
    }

    /// Whether a finding can come of the subject at all: it was probed, or the overlay wants its TCP inspected.
    package func isOfInterest(_ subject: PairSubject, in numbers: Range<Int64>) -> Bool {
        numbers.contains {
            guard let pair = minute($0)?.pairs[subject] else { return false }
            return pair.isWanted || !pair.probes.isEmpty
        }
    }

    /// Subjects of which a firewall lets TCP pass, and of which a client's row counts what was sent and nothing received.
    package func unansweredSubjects(in numbers: Range<Int64>) -> Set<PairSubject> {
        var reached: Set<PairSubject> = []
        var unanswered: Set<PairSubject> = []
        for number in numbers {
            for (subject, pair) in minute(number)?.pairs ?? [:] {
                if !pair.reached.isEmpty { reached.insert(subject) }
                if pair.hasUnanswered { unanswered.insert(subject) }
            }
        }
        return reached.intersection(unanswered)
    }

    /// The window of a subject over `numbers`; minutes before it count for its older edge alone.
    package mutating func pairWindow(of subject: PairSubject, in numbers: Range<Int64>) -> PairWindow {
        var window = PairWindow(subject: subject)
        for number in (numbers.lowerBound - settings.latenessSeconds / 60)..<numbers.upperBound {
            guard let minute = minute(number), let taken = minute.pairs[subject] else { continue }
            let pair = register.ofThisWorld(taken, of: number)
            let spans = pair.firewallTCP.all.map {
                PairWindow.ClientSpan(client: $0.key.address, first: $0.value.first, last: $0.value.last)
            }
            guard number >= numbers.lowerBound else {
                window.earlierFirewallTCP += spans
                continue
            }
            window.firewallTCP += spans
            window.add(pair, of: minute, evidenceLimit: settings.evidencePerMinute)
        }
        return window
    }
}

extension PairWindow {
    fileprivate mutating func add(_ pair: PairMinute, of minute: Minute, evidenceLimit: Int) {
        for (client, counts) in pair.probes.all
        where minute.counts(firewall: client.firewall, rank: client.sourceRank) {
            if probes[client]?.merge(counts) == nil { probes[client] = counts }
        }
        for (client, counts) in pair.clientTCP.all where minute.counts(log: client.log, observer: client.observer) {
            if clientTCP[client]?.merge(counts) == nil { clientTCP[client] = counts }
        }
        for (key, counts) in pair.sessions.entries {
            var session = sessions[key] ?? Session(last: counts.last)
            session.begin = session.begin ?? counts.begin
            session.records += counts.records
            session.packetsSent = saturatingSum(session.packetsSent, counts.packetsSent)
            session.bytesSent = saturatingSum(session.bytesSent, counts.bytesSent)
            session.packetsReceived = saturatingSum(session.packetsReceived, counts.packetsReceived)
            session.bytesReceived = saturatingSum(session.bytesReceived, counts.bytesReceived)
            session.last = max(session.last, counts.last)
            sessions[key] = session
        }
        for (key, span) in pair.reached.entries where reached[key]?.merge(span) == nil { reached[key] = span }
        if let time = pair.answered { answered = max(answered ?? time, time) }
        for (kind, sample) in pair.evidence {
            evidence[kind, default: EvidenceSample(limit: evidenceLimit)].insert(all: sample)
        }
    }
}

extension BoundedTable {
    /// Entries and the sums of what did not fit, in no order.
    package var all: [(key: Key, value: Value)] {
        entries.map { ($0.key, $0.value) } + rest.map { ($0.key, $0.value) }
    }
}
