/// What Detect decided at one or several ticks of event time, and what Ledger writes in one transaction.
package struct Evaluation: Sendable {
    /// A finding that opened, changed, fell stale or resolved. It holds the finding as it is now.
    package struct Change: Sendable {
        package enum Kind: String, Sendable { case opened, updated, stale, resolved }
        package var kind: Kind
        package var finding: Finding

        package init(kind: Kind, finding: Finding) {
            self.kind = kind
            self.finding = finding
        }
    }

    /// The last tick that was evaluated: all event time before it is decided.
    package var evaluatedUntil: EventTime
    /// In the order of the ticks; the same finding may stand in it more than once.
    package var changes: [Change]
    package var loads: [FirewallLoadMinute]
    package var asymmetricSessions: [AsymmetricSession]
    /// Sightings of event time that no tick has covered yet (inside the lateness).
    package var undecided: Int64

    package init(evaluatedUntil: EventTime) {
        self.evaluatedUntil = evaluatedUntil
        changes = []
        loads = []
        asymmetricSessions = []
        undecided = 0
    }
}

/// What crossed a firewall in one minute of event time (view `firewall_load`).
package struct FirewallLoadMinute: Sendable, Hashable {
    /// Lower-cased resource id.
    package var firewall: String
    package var minute: EventTime
    /// Counted bytes, both directions, of the flows whose path crosses it, spread over their intervals.
    package var bytes: Int64
    /// Bytes per minute that the firewall can carry; nil where nothing says so.
    package var capacityBytes: Int64?
    /// Of `DataProcessed` for this minute, where that metric is exported.
    package var processedBytes: Int64?

    package init(
        firewall: String, minute: EventTime, bytes: Int64, capacityBytes: Int64?, processedBytes: Int64?
    ) {
        self.firewall = firewall
        self.minute = minute
        self.bytes = bytes
        self.capacityBytes = capacityBytes
        self.processedBytes = processedBytes
    }
}

/// One session that a finding `asymmetric-session` rests on (view `asymmetric_session`).
package struct AsymmetricSession: Sendable, Hashable {
    package var fingerprint: String
    /// First sighting, event time.
    package var time: EventTime
    package var from: String
    package var to: String
    package var clientAddress: IPAddress
    package var serverAddress: IPAddress
    package var clientPort: Int32
    package var serverPort: Int32
    package var ipProtocol: Int16
    /// What the forward and the return path cross, in words.
    package var forward: String
    package var back: String

    package init(
        fingerprint: String, time: EventTime, from: String, to: String, clientAddress: IPAddress,
        serverAddress: IPAddress, clientPort: Int32, serverPort: Int32, ipProtocol: Int16, forward: String, back: String
    ) {
        self.fingerprint = fingerprint
        self.time = time
        self.from = from
        self.to = to
        self.clientAddress = clientAddress
        self.serverAddress = serverAddress
        self.clientPort = clientPort
        self.serverPort = serverPort
        self.ipProtocol = ipProtocol
        self.forward = forward
        self.back = back
    }
}
