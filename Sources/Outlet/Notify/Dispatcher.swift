internal import Ledger
package import Postgres
package import Runtime
internal import Synchronization

/// Delivers alerts to their receivers, at least once, from an outbox that outlives the process.
///
/// Give it a thread (`run`) and wake it after a commit that added alerts. Inert until then.
package final class Dispatcher: Sendable {
    /// Opens a connection for the calling thread.
    package typealias Connect = @Sendable () throws(PostgresError) -> Connection

    private let connect: Connect
    private let receivers: [any Receiver]
    private let policy: DeliveryPolicy
    private let clock: any WallClock
    private let seed: UInt64
    private let stop: StopSignal
    private let report: @Sendable (DeliveryEvent) -> Void
    private let messages: BoundedQueue<DeliveryLoop.Message>
    /// True while a wake waits in `messages`: a second one would say nothing more, and might have to wait for a place.
    private let isWoken = Atomic(false)

    /// - Parameters:
    ///   - connect: how the dispatcher gets its own connection, again after one is lost; it should watch `stop`.
    ///   - seed: for the jitter of retries.
    ///   - stop: ends `run` within a second, in the middle of a request or a statement, too.
    ///   - report: called on the delivering thread.
    package init(
        connect: @escaping Connect, receivers: [any Receiver], policy: DeliveryPolicy = DeliveryPolicy(),
        clock: any WallClock, seed: UInt64, stop: StopSignal, report: @Sendable @escaping (DeliveryEvent) -> Void
    ) {
        self.connect = connect
        self.receivers = receivers
        self.policy = policy
        self.clock = clock
        self.seed = seed
        self.stop = stop
        self.report = report
        // One more than the loop's own: the wake.
        messages = BoundedQueue(limit: DeliveryLoop.messageLimit(receivers) + 1)
    }

    /// There may be new alerts: look now. Never waits; from any thread.
    package func wake() {
        guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
        _ = messages.push(.wake, stop: stop)
    }

    /// Delivers until the stop fires: the body of a thread. A database that is away is waited for.
    package func run() {
        var backoff = Backoff(first: .seconds(1), limit: .seconds(30), generator: SplitMix64(seed: seed))
        var loop: DeliveryLoop?
        defer { loop?.close() }
        while !stop.isFired {
            do throws(NotifyError) {
                let outbox = try openOutbox()
                if let loop { loop.resume(with: outbox) } else { loop = try makeLoop(outbox, messages) }
                backoff.reset()
                if let loop { try deliver(loop) }
            } catch {
                guard !stop.isFired else { return }
                // The wake may have gone with the loop that broke; the next one must not think that it still waits.
                isWoken.store(false, ordering: .sequentiallyConsistent)
                report(.databaseAway(message: error.message, hint: error.hint))
                stop.wait(until: .after(backoff.next()))
            }
        }
    }

    /// Delivers what is pending on the calling thread, for at most `timeout`: for a command that ends.
    ///
    /// - Returns: alerts of these receivers that remain in the outbox, for the next run.
    package func deliverPending(timeout: Duration) throws(NotifyError) -> Int {
        let limit = Deadline.after(timeout)
        // A queue of its own: an answer that was too late for an earlier call must not meet this one's requests.
        let loop = try makeLoop(
            try openOutbox(), BoundedQueue(limit: DeliveryLoop.messageLimit(receivers)))
        defer { loop.close() }
        do throws(LedgerError) {
            try loop.deliverPending(until: limit)
            return try loop.pending()
        } catch {
            throw NotifyError(error)
        }
    }

    private func deliver(_ loop: DeliveryLoop) throws(NotifyError) {
        do throws(LedgerError) {
            while !stop.isFired {
                // Cleared before the next turn looks at the outbox: a wake that comes from here on puts a new message
                // in.
                if try loop.step(until: .never) { isWoken.store(false, ordering: .sequentiallyConsistent) }
            }
        } catch {
            throw NotifyError(error)
        }
    }

    private func openOutbox() throws(NotifyError) -> Outbox {
        let connection: Connection
        do throws(PostgresError) {
            connection = try connect()
        } catch {
            throw NotifyError(.database, place: "connect for deliveries", message: error.message, hint: error.hint)
        }
        do throws(LedgerError) {
            return try Outbox(connection: connection)
        } catch {
            throw NotifyError(error)
        }
    }

    private func makeLoop(
        _ outbox: Outbox, _ messages: BoundedQueue<DeliveryLoop.Message>
    ) throws(NotifyError) -> DeliveryLoop {
        let loop = DeliveryLoop(
            outbox: outbox, receivers: receivers, policy: policy, clock: clock, seed: seed, messages: messages,
            stop: stop, report: report)
        do throws(LedgerError) {
            try loop.makeDue()
        } catch {
            throw NotifyError(error)
        }
        return loop
    }
}
