package import FlowModel
package import Topology

/// Sightings in, aggregates by minute of event time out.
///
/// `observe` takes batches in any order and only adds: sums, earliest and latest times, samples by hash. So what a
/// tick reads depends on the set of sightings, never on their order.
///
/// Memory grows with what is held of a minute, not with rows, and minutes leave after each tick:
/// - flows with counters whose path crosses a firewall: `flowsPerMinute` of about 150 bytes, for the lateness and two
///   intervals (the default settings: 2.5 MB a minute at most, 25 minutes);
/// - a subject (private endpoint and client subnet; direction whose way back differs): at most `sessionsPerMinute`
///   sessions and `clientsPerMinute` clients of about 100 bytes each, and samples of `evidencePerMinute` rows, for the
///   pair window and the lateness. Subjects exist where the topology has them, not where packets claim them.
/// - traffic whose path crosses no firewall, goes to no private endpoint and returns the way it came leaves nothing but
///   its observer's mark.
package struct Correlator: Sendable {
    package let settings: CorrelateSettings
    /// Names, observers and paths: what numbers in the aggregates stand for.
    package var register: Register
    /// Keyed by the start of the minute, in minutes since the epoch.
    package private(set) var minutes: [Int64: Minute] = [:]
    /// Loads of minutes that are at least partly known.
    package var loads: [Int64: [Int32: LoadMinute]] = [:]
    /// The largest event time seen.
    package private(set) var newest: EventTime?
    /// Rows of earlier minutes are too old for any tick to come.
    private var forgotten = Int64.min

    package init(versions: TopologyVersions, settings: CorrelateSettings = CorrelateSettings()) {
        self.settings = settings
        register = Register(versions: versions, settings: settings)
    }

    /// The version that is asked: that of the minute that was turned to last.
    package var topology: Topology { register.topology }

    /// Asks the version of the topology that judges a minute from now on.
    package mutating func turn(to minute: Int64) { register.turn(to: minute) }

    /// Takes other versions of the topology, which judge all that was observed as those before did.
    ///
    /// - Parameter prepared: what the newest of them answers, where it was asked beforehand.
    package mutating func take(_ versions: TopologyVersions, prepared: PreparedPaths? = nil) {
        register.take(versions, prepared: prepared)
    }

    /// The firewall of a number, in the version that is asked; nil where it does not hold it.
    package func firewall(_ number: Int32) -> Firewall? { register.frame.firewalls[number] }

    /// Takes a batch up. Rows in any order; rows older than any tick to come are counted as late and left out.
    package mutating func observe(_ batch: SightingBatch) {
        var reader = BatchReader(batch: batch, settings: settings)
        for index in batch.flows.rows.indices {
            guard let number = admit(batch.flows.rows[index].time) else { continue }
            register.turn(to: number)
            reader.take(index, into: &minutes[number, default: Minute(settings)], register: &register)
        }
        for point in batch.flows.metrics { observe(point, texts: batch.flows.texts) }
    }

    /// Late rows: older than what any tick to come may look at.
    package private(set) var lateSightings: Int64 = 0

    private mutating func admit(_ time: EventTime) -> Int64? {
        let number = minuteNumber(time)
        if let newest { self.newest = max(newest, time) } else { newest = time }
        guard number >= forgotten else {
            lateSightings += 1
            return nil
        }
        return number
    }

    private mutating func observe(_ point: MetricPoint, texts: TextPool) {
        guard let number = admit(point.time) else { return }
        register.turn(to: number)
        minutes[number, default: Minute(settings)].sightings += 1
        guard texts.string(point.name) == "DataProcessed", let total = point.total, total >= 0,
            let vantage = texts.string(point.vantage), let firewall = register.paths.firewallNumber(vantage),
            point.timeGrain.isNone || texts.string(point.timeGrain) == "PT1M"
        else { return }
        // The largest: an interval that is exported again, more complete, replaces what it said before.
        let bytes = total < 1e15 ? Int64(total) : 1_000_000_000_000_000
        let known = minutes[number]?.processed[firewall] ?? 0
        minutes[number]?.processed[firewall] = max(known, bytes)
    }

    /// The minute of this number, cut to its bounds; nil where nothing of it was seen.
    package func minute(_ number: Int64) -> Minute? { minutes[number] }

    /// Cuts a minute to its bounds, which must happen before a tick reads it.
    package mutating func settle(_ number: Int64) { minutes[number]?.settle() }

    /// Forgets what no tick after `tick` looks at; versions that judge none of it are given back.
    @discardableResult
    package mutating func forget(after tick: EventTime) -> [VersionFrame] {
        let tickNumber = minuteNumber(tick)
        let oldest = tickNumber - settings.windowSeconds / 60
        forgotten = max(forgotten, oldest)
        for number in minutes.keys where number < oldest { minutes.removeValue(forKey: number) }
        let oldestFlow = tickNumber - 2 * settings.intervalSeconds / 60 - 1
        for number in minutes.keys where number < oldestFlow && minutes[number]?.flows.isEmpty == false {
            minutes[number]?.flows = BoundedTable(limit: settings.flowsPerMinute)
        }
        for number in loads.keys where number < oldest { loads.removeValue(forKey: number) }
        return register.forgetVersions(before: oldest)
    }

    /// The first minute at or after `number` that holds a sighting.
    package func nextMinute(from number: Int64) -> Int64? { minutes.keys.filter { $0 >= number }.min() }

    /// Sightings in minutes at or after `number`.
    package func sightings(from number: Int64) -> Int64 {
        minutes.reduce(0) { $1.key >= number ? $0 + $1.value.sightings : $0 }
    }
}

extension BoundedTable {
    package var isEmpty: Bool { entries.isEmpty && rest.isEmpty }
}

/// Minutes since the Unix epoch.
package func minuteNumber(_ time: EventTime) -> Int64 { time.minute.microseconds / 60_000_000 }

/// The start of a minute of this number.
package func minuteStart(_ number: Int64) -> EventTime { EventTime(microseconds: number * 60_000_000) }
