package import FlowModel

/// Sessions of a direction whose way back differs, as a window of event time shows them.
package struct DirectionWindow: Sendable {
    package struct Session: Sendable {
        /// Began inside the window.
        package var begin: EventTime?
        /// The earliest sighting since.
        package var first: EventTime
        package var last: EventTime
        /// The answering machine's log shows an answer.
        package var answered: EventTime?
        package var records: Int64 = 0
        package var packetsSent: Int64 = 0
        package var bytesSent: Int64 = 0
        package var packetsReceived: Int64 = 0
        package var bytesReceived: Int64 = 0
        /// Firewalls whose flow trace shows the answer without state, and when first.
        package var strays: [Int32: EventTime] = [:]
        /// The earliest of them whose flag names a SYN-ACK.
        package var namedAnswer: EventTime?
        /// Firewalls that show the opening.
        package var openings: Set<Int32> = []
    }

    package var subject: DirectionSubject
    package var sessions: [SessionKey: Session] = [:]
    package var evidence: [EvidenceRow] = []
    /// The last opening row of the direction at any firewall.
    package var lastOpening: EventTime?
}

extension Correlator {
    package func directionSubjects(in numbers: Range<Int64>) -> Set<DirectionSubject> {
        var subjects: Set<DirectionSubject> = []
        for number in numbers {
            if let minute = minute(number) { subjects.formUnion(minute.directions.keys) }
        }
        return subjects
    }

    /// The window of a subject over `numbers`; openings count from a lateness before it, because a firewall's row may
    /// be older than the flow log's first.
    package mutating func directionWindow(of subject: DirectionSubject, in numbers: Range<Int64>) -> DirectionWindow {
        var window = DirectionWindow(subject: subject)
        var openings: [SessionKey: Set<Int32>] = [:]
        var threshold = UInt64.max
        for number in (numbers.lowerBound - settings.latenessSeconds / 60)..<numbers.upperBound {
            guard let taken = minute(number)?.directions[subject] else { continue }
            let direction = register.ofThisWorld(taken, of: number)
            threshold = min(threshold, direction.openings.threshold)
            for (key, span) in direction.openings.entries {
                openings[key.session, default: []].insert(key.firewall)
                window.lastOpening = max(window.lastOpening ?? span.last, span.last)
            }
            if number >= numbers.lowerBound { window.add(direction) }
        }
        // Where a minute held more openings than are kept, only sessions that would have been kept are judged.
        if threshold < .max { window.sessions = window.sessions.filter { $0.key.rank <= threshold } }
        for (key, firewalls) in openings { window.sessions[key]?.openings = firewalls }
        return window
    }
}

extension DirectionWindow {
    fileprivate mutating func add(_ direction: DirectionMinute) {
        for (key, counts) in direction.answered.entries {
            var session = sessions[key] ?? Session(first: counts.first, last: counts.last)
            session.begin = session.begin ?? counts.begin
            session.first = min(session.first, counts.first)
            session.last = max(session.last, counts.last)
            session.answered = earlier(session.answered, counts.answered)
            session.records += counts.records
            session.packetsSent = saturatingSum(session.packetsSent, counts.packetsSent)
            session.bytesSent = saturatingSum(session.bytesSent, counts.bytesSent)
            session.packetsReceived = saturatingSum(session.packetsReceived, counts.packetsReceived)
            session.bytesReceived = saturatingSum(session.bytesReceived, counts.bytesReceived)
            sessions[key] = session
        }
        for (key, span) in direction.strays.entries {
            var session = sessions[key.session] ?? Session(first: span.first, last: span.last)
            session.first = min(session.first, span.first)
            session.last = max(session.last, span.last)
            session.records += span.records
            session.strays[key.firewall] = earlier(session.strays[key.firewall], span.first)
            session.namedAnswer = earlier(session.namedAnswer, span.answer)
            sessions[key.session] = session
        }
        evidence += direction.evidence.rows + direction.strayEvidence.rows
    }
}
