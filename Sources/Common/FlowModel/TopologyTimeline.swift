/// Since when each version of the topology holds: all validities that are known, each until the next one begins.
///
/// A version is the digest of everything that a topology was read from; the same one may come back (A, B, A).
package struct TopologyTimeline: Sendable, Hashable {
    package struct Validity: Sendable, Hashable {
        package var validFrom: EventTime
        /// `Placement.version` of the topology.
        package var version: String

        package init(validFrom: EventTime, version: String) {
            self.validFrom = validFrom
            self.version = version
        }

        /// The first minute that it judges, in minutes since the epoch: one whose start it covers.
        package var firstMinute: Int64 {
            let start = validFrom.minute
            return start.microseconds / microsecondsPerMinute + (start < validFrom ? 1 : 0)
        }
    }

    /// Ascending by `validFrom`, no two at the same time.
    package private(set) var validities: [Validity]

    /// - Parameter validities: in any order.
    package init(_ validities: [Validity]) { self.validities = validities.sorted { $0.validFrom < $1.validFrom } }

    /// Those that judge a minute, ascending: of several that begin in one minute the last one is left.
    package var judging: [Validity] {
        validities.indices.filter {
            $0 + 1 == validities.count || validities[$0 + 1].firstMinute > validities[$0].firstMinute
        }.map { validities[$0] }
    }

    /// The validity that judges the minute of a time: the last one that had begun at the minute's start. The first one
    /// also judges what is older than it. Nil where no version is known.
    package func validity(at time: EventTime) -> Validity? { index(at: time).map { validities[$0] } }

    /// Index of that validity.
    package func index(at time: EventTime) -> Int? {
        guard !validities.isEmpty else { return nil }
        let start = time.minute
        var lower = 0
        var upper = validities.count
        while lower < upper {
            let middle = (lower + upper) / 2
            if validities[middle].validFrom <= start { lower = middle + 1 } else { upper = middle }
        }
        return max(lower - 1, 0)
    }
}

/// How old the files are that a topology was read from.
package struct TopologyAge: Sendable, Hashable {
    /// Modification times of the newest and of the oldest file.
    package var newest: EventTime
    package var oldest: EventTime
    /// When a file or a folder was last changed, renamed, replaced or removed there, whatever its own time says.
    package var changed: EventTime

    package init(newest: EventTime, oldest: EventTime, changed: EventTime) {
        self.newest = newest
        self.oldest = oldest
        self.changed = changed
    }

    /// When the validity of what was read begins, after the one that began at `previous`.
    ///
    /// At the newest file's time, never in the future, and always after `previous`: where a file was removed, or an
    /// older one put back with its old time, at the time of that change; else a microsecond later.
    package func validityBegin(after previous: EventTime?, now: EventTime) -> EventTime {
        let begin = min(newest, now)
        guard let previous, begin <= previous else { return begin }
        return max(min(changed, now), EventTime(microseconds: previous.microseconds + 1))
    }
}

private let microsecondsPerMinute: Int64 = 60_000_000
