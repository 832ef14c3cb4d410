package import FlowModel

/// A flow as one log tells it: what counters add up under.
package struct FlowKey: Hashable, Sendable {
    package var session: SessionKey
    /// Number of the log in the name table.
    package var log: Int32
    /// Observer whose view it is, and the one behind the initiator; -1 unknown.
    package var observer: Int32
    package var initiator: Int32
    /// Number of the set of firewalls that the flow crosses (`PathCache.crossings`).
    package var crossing: Int32
    package var sourceRank: SourceRank
    package var isInbound: Bool
    /// The source is an address of a firewall's own subnet: the client is hidden behind its translation.
    package var isTranslated: Bool
}

extension FlowKey: RankedKey {
    /// By the session alone: the numbers beside it depend on the order of arrival.
    package var rank: UInt64 { session.rank }

    /// All flows of a client that cross the same firewalls.
    package var folded: FlowKey? {
        var folded = self
        folded.session.server = .none
        folded.session.clientPort = -1
        folded.session.serverPort = -1
        return folded
    }
}

/// Bytes of a flow, each way.
package struct Volume: Sendable, Hashable {
    package var sent: Int64
    package var received: Int64

    package init(sent: Int64, received: Int64) {
        self.sent = sent
        self.received = received
    }

    package static let zero = Volume(sent: 0, received: 0)
    package var total: Int64 { saturatingSum(sent, received) }

    package static func + (left: Volume, right: Volume) -> Volume {
        Volume(sent: saturatingSum(left.sent, right.sent), received: saturatingSum(left.received, right.received))
    }
}

/// The rows of a flow in one minute, as far as spreading their bytes needs them.
///
/// The earliest row's bytes lie between the flow's previous row and itself, all others' inside the minute.
package struct FlowMinute: Mergeable {
    package var first: EventTime
    package var firstVolume: Volume
    /// A `begin` stands at the earliest time: nothing came before.
    package var firstBegins: Bool
    package var last: EventTime
    /// An `end` stands at the latest time: a later row belongs to another session.
    package var lastEnds: Bool
    package var restVolume = Volume.zero
    package var records: Int64 = 1

    /// One row.
    package init(first: EventTime, firstVolume: Volume, firstBegins: Bool, last: EventTime, lastEnds: Bool) {
        self.first = first
        self.firstVolume = firstVolume
        self.firstBegins = firstBegins
        self.last = last
        self.lastEnds = lastEnds
    }

    package mutating func merge(_ other: FlowMinute) {
        records += other.records
        restVolume = restVolume + other.restVolume
        if other.first < first {
            restVolume = restVolume + firstVolume
            (first, firstVolume, firstBegins) = (other.first, other.firstVolume, other.firstBegins)
        } else if other.first == first {
            firstVolume = firstVolume + other.firstVolume
            firstBegins = firstBegins || other.firstBegins
        } else {
            restVolume = restVolume + other.firstVolume
        }
        if other.last > last {
            (last, lastEnds) = (other.last, other.lastEnds)
        } else if other.last == last {
            lastEnds = lastEnds || other.lastEnds
        }
    }
}

/// What crossed one firewall in one minute.
package struct LoadMinute: Sendable {
    package struct Client: Sendable {
        package var volume = Volume.zero
        package var sessions: Set<SessionKey> = []
    }

    package var volume = Volume.zero
    /// Rows that count and were logged in this minute.
    package var records: Int64 = 0
    package var clients: [IPAddress: Client] = [:]
    /// Bytes of sessions that came near the ceiling of one connection.
    package var heavySessions: [SessionKey: Int64] = [:]

    package init() {}

    package var bytes: Int64 { volume.total }
}
