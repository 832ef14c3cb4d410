package import Ledger
package import Runtime

/// Takes due alerts from the outbox, sends them, and stores how it went: one thread's, like the outbox's connection.
///
/// Each receiver has a lane of its own, with one request on its way at most; the requests of all lanes are on their way
/// at once, so a receiver that does not answer holds no other up. The thread sleeps until an answer, a wake, a due
/// alert or the end of an attempt's time.
package final class DeliveryLoop {
    /// What wakes the thread.
    enum Message: Sendable {
        case wake
        case ended(lane: Int, number: Int, WebhookClient.Ending)
    }

    private struct Lane {
        var receiver: any Receiver
        var machine: DeliveryLane
        var flight: Flight?
    }

    private struct Flight {
        var alert: DueAlert
        /// Tells a late answer of an attempt that was cut off from the answer of the present one.
        var number: Int
        /// The client's number of the request.
        var request: Int
        var deadline: Deadline
    }

    private struct Settlement {
        var key: AlertKey
        var attempt: Int
        var action: DeliveryAction
    }

    /// How long a claim outlasts its attempt's time, in seconds: until then nobody else takes the alert.
    private static let leaseSlackSeconds: Int64 = 15
    /// How often the outbox is looked at without a wake, in seconds: another process may have added alerts.
    private static let pollSeconds: Int64 = 15

    private let policy: DeliveryPolicy
    private let clock: any WallClock
    private let stop: StopSignal
    private let report: @Sendable (DeliveryEvent) -> Void
    private let client: WebhookClient
    private let messages: BoundedQueue<Message>
    private var lanes: [Lane]
    private var outbox: Outbox
    private var attempts = 0
    /// Outcomes that are not stored yet: they outlive a database that goes away in between.
    private var unsettled: [Settlement] = []

    /// - Parameters:
    ///   - messages: holds a place for every lane and one for a wake, so that nobody waits to put something in.
    ///   - report: called on the loop's thread, after an outcome is stored.
    init(
        outbox: Outbox, receivers: [any Receiver], policy: DeliveryPolicy, clock: any WallClock, seed: UInt64,
        messages: BoundedQueue<Message>, stop: StopSignal, report: @Sendable @escaping (DeliveryEvent) -> Void
    ) {
        self.outbox = outbox
        self.policy = policy
        self.clock = clock
        self.messages = messages
        self.stop = stop
        self.report = report
        client = WebhookClient(attemptSeconds: policy.attemptSeconds)
        var seeds = SplitMix64(seed: seed)
        lanes = receivers.map { receiver in
            let generator = SplitMix64(seed: seeds.next())
            return Lane(receiver: receiver, machine: DeliveryLane(policy: policy, generator: generator))
        }
    }

    /// A loop without a `Dispatcher` around it.
    package convenience init(
        outbox: Outbox, receivers: [any Receiver], policy: DeliveryPolicy = DeliveryPolicy(), clock: any WallClock,
        seed: UInt64, stop: StopSignal, report: @Sendable @escaping (DeliveryEvent) -> Void
    ) {
        self.init(
            outbox: outbox, receivers: receivers, policy: policy, clock: clock, seed: seed,
            messages: BoundedQueue(limit: DeliveryLoop.messageLimit(receivers)), stop: stop, report: report)
    }

    /// Two a lane: a request that is cut off may still answer while the next one does.
    static func messageLimit(_ receivers: [any Receiver]) -> Int { receivers.count * 2 + 1 }

    /// Once, at a start: what is pending is tried at once, except where the receiver asked to wait.
    package func makeDue() throws(LedgerError) {
        for lane in lanes {
            try outbox.makeDue(
                receiver: lane.receiver.name, now: clock.microseconds, except: FailureReason.throttled.rawValue)
        }
    }

    /// Goes on with another connection, after one was lost.
    func resume(with outbox: Outbox) { self.outbox = outbox }

    /// Sends all that is due by the clock, and waits for the outcomes; returns early when the stop fires.
    package func deliverDue() throws(LedgerError) {
        while !stop.isFired {
            try settle()
            try startDue()
            guard isFlying else { return }
            try step(until: .never, onlyFlights: true)
        }
    }

    /// Sends until nothing is pending that can be sent, the deadline passes or the stop fires.
    package func deliverPending(until limit: Deadline) throws(LedgerError) {
        while !stop.isFired, !limit.isPast {
            try step(until: limit, onlyFlights: false, mayIdle: false)
            guard try isWorthWaiting() else { return }
        }
    }

    /// Alerts of these receivers that are still pending.
    package func pending() throws(LedgerError) -> Int {
        var count = 0
        for lane in lanes { count += try outbox.pending(receiver: lane.receiver.name) }
        return count
    }

    /// One turn: stores outcomes, starts what is due, and sleeps until something happens or the deadline passes.
    /// - Parameters:
    ///   - onlyFlights: sleep for requests on their way alone, not for what falls due later.
    ///   - mayIdle: sleep although nothing is pending.
    /// - Returns: whether it was a wake that ended the sleep.
    @discardableResult
    func step(until limit: Deadline, onlyFlights: Bool = false, mayIdle: Bool = true) throws(LedgerError) -> Bool {
        try settle()
        try startDue()
        if onlyFlights && !isFlying { return false }
        if !isFlying && !mayIdle, try !isWorthWaiting() { return false }
        let deadline = min(limit, try nextWake(onlyFlights: onlyFlights))
        let message = messages.pop(until: deadline, stop: stop)
        if let message { receive(message) }
        endOverdue()
        try settle()
        if case .wake = message { return true }
        return false
    }

    /// Cuts off what is on its way: it is due again when its claim has run out, or at the next start.
    package func close() {
        for index in lanes.indices { abandon(index) }
        client.close()
    }

    private func abandon(_ index: Int) {
        guard let flight = lanes[index].flight else { return }
        lanes[index].flight = nil
        lanes[index].machine.abandon()
        _ = client.abandon(flight.request)
    }

    private var isFlying: Bool { lanes.contains { $0.flight != nil } }

    private func isWorthWaiting() throws(LedgerError) -> Bool {
        for lane in lanes where lane.machine.state != .disabled {
            if lane.flight != nil { return true }
            if try outbox.pending(receiver: lane.receiver.name) > 0 { return true }
        }
        return false
    }

    private func startDue() throws(LedgerError) {
        for index in lanes.indices {
            let now = clock.microseconds
            guard !stop.isFired, lanes[index].machine.mayBegin(now: now) else { continue }
            let lease = now + (policy.attemptSeconds + DeliveryLoop.leaseSlackSeconds) * 1_000_000
            guard let alert = try outbox.claim(receiver: lanes[index].receiver.name, now: now, lease: lease) else {
                continue
            }
            lanes[index].machine.begin()
            attempts += 1
            let (number, messages, stop) = (attempts, messages, stop)
            let request = lanes[index].receiver.request(for: alert, timestamp: now / 1_000_000)
            let started = client.start(request) { ending in
                _ = messages.push(.ended(lane: index, number: number, ending), stop: stop)
            }
            lanes[index].flight = Flight(
                alert: alert, number: number, request: started, deadline: .after(.seconds(policy.attemptSeconds)))
        }
    }

    private func nextWake(onlyFlights: Bool) throws(LedgerError) -> Deadline {
        var deadline = onlyFlights ? Deadline.never : .after(.seconds(DeliveryLoop.pollSeconds))
        for lane in lanes {
            if let flight = lane.flight {
                deadline = min(deadline, flight.deadline)
            } else if !onlyFlights, let due = try due(lane) {
                deadline = min(deadline, .after(.microseconds(max(0, due - clock.microseconds))))
            }
        }
        return deadline
    }

    /// When a lane without a request has something to do.
    private func due(_ lane: Lane) throws(LedgerError) -> Int64? {
        guard lane.machine.state != .disabled, let due = try outbox.nextDue(receiver: lane.receiver.name) else {
            return nil
        }
        if case .paused(let until) = lane.machine.state { return max(due, until) }
        return due
    }

    private func receive(_ message: Message) {
        guard case .ended(let index, let number, let ending) = message, lanes[index].flight?.number == number else {
            return
        }
        switch ending {
        case .response(let response): end(index, lanes[index].receiver.outcome(of: response, now: clock.microseconds))
        case .failed(let reason): end(index, .failed(reason, status: nil, waitSeconds: nil))
        }
    }

    /// The attempt's time is the loop's to keep: libcurl's is reset by every byte that trickles in.
    private func endOverdue() {
        for index in lanes.indices {
            guard let flight = lanes[index].flight, flight.deadline.isPast else { continue }
            if let response = client.abandon(flight.request) {
                end(index, lanes[index].receiver.outcome(of: response, now: clock.microseconds))
            } else {
                end(index, .failed(.timeout, status: nil, waitSeconds: nil))
            }
        }
    }

    private func end(_ index: Int, _ outcome: AttemptOutcome) {
        guard let alert = lanes[index].flight?.alert else { return }
        lanes[index].flight = nil
        let action = lanes[index].machine.finish(
            outcome, attempt: alert.attempt, firstAttemptAt: alert.firstAttemptAt, now: clock.microseconds)
        unsettled.append(Settlement(key: alert.key, attempt: alert.attempt, action: action))
    }

    private func settle() throws(LedgerError) {
        while let settlement = unsettled.first {
            try store(settlement)
            unsettled.removeFirst()
            tell(settlement)
        }
    }

    private func store(_ settlement: Settlement) throws(LedgerError) {
        let key = settlement.key
        switch settlement.action {
        case .markDelivered(let status): try outbox.delivered(key, status: status, now: clock.microseconds)
        case .retry(let due, let reason, let status):
            try outbox.failed(key, reason: reason.rawValue, status: status, due: due)
        case .giveUp(let reason, let status):
            try outbox.gaveUp(key, reason: reason.rawValue, status: status, now: clock.microseconds)
        }
    }

    private func tell(_ settlement: Settlement) {
        let receiver = settlement.key.receiver
        let id = settlement.key.webhookID
        let attempt = settlement.attempt
        switch settlement.action {
        case .markDelivered(let status):
            report(.delivered(receiver: receiver, id: id, attempt: attempt, status: status))
        case .retry(_, .gone, _): report(.receiverDisabled(receiver: receiver))
        case .retry(let due, let reason, let status):
            report(
                .failed(
                    receiver: receiver, id: id, attempt: attempt, reason: reason, status: status, retryAt: due))
        case .giveUp(let reason, let status):
            report(.gaveUp(receiver: receiver, id: id, attempt: attempt, reason: reason, status: status))
        }
    }
}
