package import FlowModel
package import Postgres
package import Runtime

/// Writes what Detect decided, and gives the findings back as they were written.
///
/// One thread's, like its connection. An evaluation is one transaction: the findings, the minutes and sessions they
/// rest on, the alerts, and how far event time is decided. So a tick is either told or not yet decided, never half.
package final class Ledger {
    /// What `record` did.
    package struct Receipt: Sendable, Hashable {
        /// False where the evaluation was already recorded: then nothing was written.
        package var recorded = false
        package var opened = 0
        package var resolved = 0
        /// Outbox rows that this call added: alerts times receivers.
        package var alerts = 0
    }

    let connection: Connection
    private let patience: Duration

    /// - Parameter deadline: how long one call may take before it throws and the connection is lost.
    package init(connection: Connection, deadline: Duration = .seconds(60)) {
        self.connection = connection
        patience = deadline
    }

    var deadline: Deadline { Deadline.after(patience) }

    /// Records an evaluation in one transaction that is on disk when this returns.
    ///
    /// Doing it again changes nothing: an evaluation that reaches no further than what is recorded is left out as a
    /// whole, and one that overlaps meets its own rows.
    /// - Parameters:
    ///   - receivers: names of the receivers; each gets every opening and resolving.
    ///   - clock: for the wall-clock times of the outbox; they are no part of a finding.
    @discardableResult
    package func record(
        _ evaluation: Evaluation, receivers: [String], clock: any WallClock = SystemClock()
    ) throws(LedgerError) -> Receipt {
        let limit = deadline
        let now = clock.microseconds
        do throws(PostgresError) {
            return try connection.transaction(deadline: limit) { () throws(PostgresError) -> Receipt in
                // The drops are read on only after this commit, but an alert must survive the server's crash, too.
                _ = try connection.execute("SET LOCAL synchronous_commit = on", deadline: limit)
                guard try advance(to: evaluation.evaluatedUntil, limit) else { return Receipt() }
                var receipt = Receipt(recorded: true)
                try write(evaluation.changes, limit)
                for change in evaluation.changes {
                    try tell(change, receivers: receivers, now: now, &receipt, limit)
                }
                try write(evaluation.loads, limit)
                try write(evaluation.asymmetricSessions, limit)
                return receipt
            }
        } catch {
            throw LedgerError("record findings", error)
        }
    }

    /// Locks the one row, so that two daemons cannot both believe that a tick is theirs; true where it grew.
    private func advance(to tick: EventTime, _ limit: Deadline) throws(PostgresError) -> Bool {
        let rows = try connection.execute(
            """
            UPDATE flowsight.evaluation SET evaluated_until = $1::timestamptz
            WHERE evaluated_until IS NULL OR evaluated_until < $1::timestamptz RETURNING true
            """, [.text(tick.description)], deadline: limit)
        return rows.count == 1
    }

    /// Only the last state of each finding is kept; sorted, so that two transactions lock in the same order.
    private func write(_ changes: [Evaluation.Change], _ limit: Deadline) throws(PostgresError) {
        var latest: [String: Finding] = [:]
        for change in changes { latest[change.finding.fingerprint] = change.finding }
        for finding in latest.values.sorted(by: { $0.fingerprint < $1.fingerprint }) {
            _ = try connection.execute(FindingRow.upsert, FindingRow.parameters(of: finding), deadline: limit)
        }
    }

    private func tell(
        _ change: Evaluation.Change, receivers: [String], now: Int64, _ receipt: inout Receipt, _ limit: Deadline
    ) throws(PostgresError) {
        let finding = change.finding
        let transition: AlertTransition
        let happenedAt: EventTime
        switch change.kind {
        case .opened: (transition, happenedAt) = (.opened, finding.openedAt)
        case .resolved: (transition, happenedAt) = (.resolved, finding.resolvedAt ?? finding.lastSeen)
        case .updated, .stale: return
        }
        if transition == .opened { receipt.opened += 1 } else { receipt.resolved += 1 }
        let body = alertBody(transition: transition, happenedAt: happenedAt, document: finding.document)
        let key: [Parameter] = [
            .text(storable(finding.fingerprint)), .text(transition.rawValue), .text(happenedAt.description),
        ]
        _ = try connection.execute(
            """
            INSERT INTO flowsight.alert (fingerprint, transition, happened_at, body)
            VALUES ($1, $2, $3::timestamptz, $4) ON CONFLICT DO NOTHING
            """, key + [.text(String(decoding: body, as: UTF8.self))], deadline: limit)
        for receiver in receivers {
            let added = try connection.execute(
                """
                INSERT INTO flowsight.outbox (fingerprint, transition, happened_at, receiver, decided_at, due_at)
                VALUES ($1, $2, $3::timestamptz, $4, \(wallTime("$5")), \(wallTime("$5")))
                ON CONFLICT DO NOTHING RETURNING true
                """, key + [.text(storable(receiver)), .integer(now)], deadline: limit)
            receipt.alerts += added.count
        }
    }
}

/// SQL for a wall-clock time that is passed as microseconds since 1970. Exact: an interval counts microseconds.
func wallTime(_ parameter: String) -> String {
    "(timestamptz 'epoch' + \(parameter)::bigint * interval '1 microsecond')"
}

/// SQL for microseconds since 1970 of a timestamptz. Exact: `extract` gives a numeric (PostgreSQL 14 and later).
func microseconds(_ column: String) -> String { "(extract(epoch FROM \(column)) * 1000000)::bigint" }

/// PostgreSQL's text cannot hold U+0000; a hostile log can. It becomes U+FFFD in columns, never in the document.
func storable(_ text: String) -> String {
    text.utf8.contains(0) ? String(text.unicodeScalars.map { $0 == "\0" ? "\u{fffd}" : Character($0) }) : text
}
