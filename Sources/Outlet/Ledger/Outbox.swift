internal import FlowModel
package import Postgres
internal import Runtime

/// The alerts that are still to be delivered: one thread's, like its connection.
///
/// An attempt begins with a claim that is stored before anything is sent. A process that dies in between leaves a
/// claimed alert behind, which falls due again: the receiver may get it twice, never not at all.
///
/// All times are wall-clock microseconds since 1970.
package final class Outbox {
    private let connection: Connection
    private let patience: Duration

    /// Switches the connection's commits to asynchronous: losing the last moments of delivery book-keeping in a crash
    /// of the server only repeats an alert, and waiting for the disk would add to the latency of every alert.
    package init(connection: Connection, deadline: Duration = .seconds(10)) throws(LedgerError) {
        self.connection = connection
        patience = deadline
        _ = try run("set up the outbox", "SET synchronous_commit = off", [])
    }

    /// Claims the alert of a receiver that has been due the longest, until `lease` passes: nobody else gets it before.
    ///
    /// An alert waits while an earlier one about the same finding is pending, so that "resolved" never overtakes
    /// "opened".
    package func claim(receiver: String, now: Int64, lease: Int64) throws(LedgerError) -> DueAlert? {
        let rows = try run(
            "claim an alert",
            """
            UPDATE flowsight.outbox AS claimed
            SET due_at = \(wallTime("$3")), attempts = claimed.attempts + 1,
                first_attempt_at = coalesce(claimed.first_attempt_at, \(wallTime("$2")))
            FROM flowsight.alert
            WHERE claimed.sequence = (
                SELECT sequence FROM flowsight.outbox AS candidate
                WHERE \(Outbox.deliverable) AND due_at <= \(wallTime("$2"))
                ORDER BY due_at, sequence LIMIT 1 FOR UPDATE SKIP LOCKED)
            AND (alert.fingerprint, alert.transition, alert.happened_at)
                = (claimed.fingerprint, claimed.transition, claimed.happened_at)
            RETURNING claimed.fingerprint, claimed.transition, \(microseconds("claimed.happened_at")), alert.body,
                claimed.attempts, \(microseconds("claimed.first_attempt_at"))
            """, [.text(storable(receiver)), .integer(now), .integer(lease)])
        guard rows.count == 1, let fingerprint = rows[0].string(0),
            let transition = rows[0].string(1).flatMap({ AlertTransition(rawValue: $0) }),
            let happenedAt = rows[0].integer(2),
            let body = rows[0].string(3), let attempt = rows[0].integer(4), let first = rows[0].integer(5)
        else { return nil }
        let key = AlertKey(
            fingerprint: fingerprint, transition: transition, happenedAt: EventTime(microseconds: happenedAt),
            receiver: receiver)
        return DueAlert(key: key, body: Array(body.utf8), attempt: Int(attempt), firstAttemptAt: first)
    }

    /// When the next alert of a receiver falls due; nil where none is pending.
    package func nextDue(receiver: String) throws(LedgerError) -> Int64? {
        let rows = try run(
            "look for due alerts",
            "SELECT \(microseconds("min(due_at)")) FROM flowsight.outbox AS candidate WHERE \(Outbox.deliverable)",
            [.text(storable(receiver))])
        return rows.count == 0 ? nil : rows[0].integer(0)
    }

    /// How many alerts of a receiver are pending.
    package func pending(receiver: String) throws(LedgerError) -> Int {
        let rows = try run(
            "count pending alerts",
            "SELECT count(*) FROM flowsight.outbox WHERE receiver = $1 AND state = 'pending'",
            [.text(storable(receiver))])
        return Int(rows[0].integer(0) ?? 0)
    }

    /// Makes all pending alerts of a receiver due now: for a start, after which a mended receiver should not wait for
    /// the old schedule. What the receiver itself asked to wait (`throttled`) keeps its time.
    package func makeDue(receiver: String, now: Int64, except reason: String) throws(LedgerError) {
        _ = try run(
            "make pending alerts due",
            """
            UPDATE flowsight.outbox SET due_at = \(wallTime("$2"))
            WHERE receiver = $1 AND state = 'pending' AND due_at > \(wallTime("$2"))
            AND last_reason IS DISTINCT FROM $3
            """, [.text(storable(receiver)), .integer(now), .text(reason)])
    }

    /// The receiver has taken the alert.
    package func delivered(_ key: AlertKey, status: Int, now: Int64) throws(LedgerError) {
        try finish(key, "delivered", reason: nil, status: status, now: now)
    }

    /// The attempt failed; the next one is due at `due`.
    package func failed(_ key: AlertKey, reason: String, status: Int?, due: Int64) throws(LedgerError) {
        _ = try run(
            "mark a failed attempt",
            """
            UPDATE flowsight.outbox SET due_at = \(wallTime("$5")), last_reason = $6, last_status = $7::integer
            WHERE \(Outbox.isKey) AND state = 'pending'
            """, parameters(key) + [.integer(due), .text(reason), number(status)])
    }

    /// The alert's time is over: it stays in the outbox, and is not tried again.
    package func gaveUp(_ key: AlertKey, reason: String, status: Int?, now: Int64) throws(LedgerError) {
        try finish(key, "given_up", reason: reason, status: status, now: now)
    }

    private func finish(
        _ key: AlertKey, _ state: String, reason: String?, status: Int?, now: Int64
    ) throws(LedgerError) {
        _ = try run(
            "mark an alert \(state)",
            """
            UPDATE flowsight.outbox SET state = $5, finished_at = \(wallTime("$6")), last_reason = $7,
                last_status = $8::integer
            WHERE \(Outbox.isKey) AND state = 'pending'
            """,
            parameters(key) + [.text(state), .integer(now), reason.map { .text($0) } ?? .null, number(status)])
    }

    private static let isKey =
        "fingerprint = $1 AND transition = $2 AND happened_at = $3::timestamptz AND receiver = $4"

    private static let deliverable = """
        candidate.receiver = $1 AND candidate.state = 'pending' AND NOT EXISTS (
            SELECT FROM flowsight.outbox AS earlier WHERE earlier.fingerprint = candidate.fingerprint
            AND earlier.receiver = candidate.receiver AND earlier.state = 'pending'
            AND earlier.sequence < candidate.sequence)
        """

    private func parameters(_ key: AlertKey) -> [Parameter] {
        [
            .text(storable(key.fingerprint)), .text(key.transition.rawValue), .text(key.happenedAt.description),
            .text(storable(key.receiver)),
        ]
    }

    private func number(_ value: Int?) -> Parameter { value.map { .integer(Int64($0)) } ?? .null }

    private func run(_ place: String, _ sql: String, _ parameters: [Parameter]) throws(LedgerError) -> Rows {
        do throws(PostgresError) {
            return try connection.execute(sql, parameters, deadline: .after(patience))
        } catch {
            throw LedgerError(place, error)
        }
    }
}
