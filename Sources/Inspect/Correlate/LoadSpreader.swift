import FlowModel
import Topology

extension Correlator {
    /// Spreads the bytes of a minute's rows over the minutes they were counted in, and adds them to `loads`.
    ///
    /// Called once for each minute, in order, when all its rows are known. A minute's load is final when the rows of
    /// one interval after it have been spread.
    package mutating func spreadLoad(of number: Int64) {
        guard let minute = minutes[number], !minute.flows.isEmpty else { return }
        turn(to: number)
        let initiators = initiatorCrossings(in: minute)
        for (key, flow) in minute.flows.entries {
            add(flow, of: key, in: minute, number, initiators: initiators, isFolded: false)
        }
        for (key, flow) in minute.flows.rest {
            add(flow, of: key, in: minute, number, initiators: initiators, isFolded: true)
        }
    }

    /// Sets of firewalls that some client's own log tells of in this minute.
    private func initiatorCrossings(in minute: Minute) -> Set<Int32> {
        var crossings: Set<Int32> = []
        for table in [minute.flows.entries, minute.flows.rest] {
            for key in table.keys where !key.isInbound {
                for firewall in register.paths.crossings[Int(key.crossing)] { crossings.insert(firewall) }
            }
        }
        return crossings
    }

    private mutating func add(
        _ flow: FlowMinute, of key: FlowKey, in minute: Minute, _ number: Int64, initiators: Set<Int32>, isFolded: Bool
    ) {
        guard counts(key, in: minute, initiators: initiators) else { return }
        let firewalls = register.paths.crossings[Int(key.crossing)]
        for firewall in firewalls {
            edit(&loads[number, default: [:]], firewall, LoadMinute()) { $0.records += flow.records }
        }
        if flow.restVolume.total > 0 {
            add(flow.restVolume, to: number, of: key, firewalls, isFolded: isFolded)
        }
        guard flow.firstVolume.total > 0 else { return }
        let start = flow.firstBegins ? nil : previousRow(of: key, before: number)
        for share in shares(of: flow.firstVolume, from: start, to: flow.first) {
            add(share.volume, to: share.minute, of: key, firewalls, isFolded: isFolded)
        }
    }

    /// The counting rule of the design (3.2), as far as rows with bytes are concerned.
    private func counts(_ key: FlowKey, in minute: Minute, initiators: Set<Int32>) -> Bool {
        guard minute.counts(log: key.log, observer: key.observer) else { return false }
        guard key.isInbound else { return true }
        if key.isTranslated {
            return !register.paths.crossings[Int(key.crossing)].contains { initiators.contains($0) }
        }
        return key.initiator < 0 || minute.covered[key.initiator] == nil
    }

    /// When the flow's row before this minute was written; nil where none stands in the last two intervals, or where
    /// it ended the session.
    private func previousRow(of key: FlowKey, before number: Int64) -> EventTime? {
        let depth = 2 * settings.intervalSeconds / 60
        for earlier in 1...depth {
            guard let flows = minutes[number - earlier]?.flows else { continue }
            if let flow = flows.entries[key] ?? flows.rest[key] { return flow.lastEnds ? nil : flow.last }
        }
        return nil
    }

    /// Bytes by minute of an interval that ends at `end` and is never longer than `intervalSeconds`.
    private func shares(
        of volume: Volume, from start: EventTime?, to end: EventTime
    ) -> [(minute: Int64, volume: Volume)] {
        guard let start, start < end else { return [(minuteNumber(end), volume)] }
        let from = max(start, end.advanced(seconds: -settings.intervalSeconds))
        let length = end.microseconds - from.microseconds
        var shares: [(minute: Int64, volume: Volume)] = []
        var given = Volume.zero
        for number in minuteNumber(from)...minuteNumber(end) {
            // Shares are differences of rounded running sums: they add up to the bytes exactly.
            let reached = min(minuteStart(number + 1), end).microseconds - from.microseconds
            let running = Volume(
                sent: part(of: volume.sent, reached, of: length),
                received: part(of: volume.received, reached, of: length))
            shares.append(
                (number, Volume(sent: running.sent - given.sent, received: running.received - given.received)))
            given = running
        }
        return shares.filter { $0.volume.total > 0 }
    }

    private func part(of bytes: Int64, _ reached: Int64, of length: Int64) -> Int64 {
        length.dividingFullWidth(bytes.multipliedFullWidth(by: reached)).quotient
    }

    private mutating func add(
        _ volume: Volume, to number: Int64, of key: FlowKey, _ firewalls: [Int32], isFolded: Bool
    ) {
        for firewall in firewalls {
            let ceiling = self.firewall(firewall)?.singleFlowBytesPerMinute
            edit(&loads[number, default: [:]], firewall, LoadMinute()) { load in
                load.volume = load.volume + volume
                edit(&load.clients, key.session.client, LoadMinute.Client()) { client in
                    client.volume = client.volume + volume
                    if !isFolded { client.sessions.insert(key.session) }
                }
                // A row that brings less than a fiftieth of the ceiling to a minute is left out: a session near the
                // ceiling loses next to nothing by it, and small ones take no memory.
                if let ceiling, !isFolded, volume.total >= ceiling / 50 {
                    load.heavySessions[key.session] = saturatingSum(load.heavySessions[key.session] ?? 0, volume.total)
                }
            }
        }
    }
}
