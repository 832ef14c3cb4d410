package import FlowModel
package import Postgres
import Runtime

/// Stores located flow records and reads them back. One thread's, as its connection is.
///
/// A commit is one transaction: rows, sums, coverage, identity pages, checkpoints and dead letters together, or
/// nothing. `DESIGN.md` says why the tables are as they are.
package final class Store: LineageStore {
    let connection: Connection
    let duration: Duration
    private let vocabulary = Vocabulary()

    /// - Parameters:
    ///   - connection: to a database whose schema is current; nobody else may use it while a call runs.
    ///   - deadline: how long one commit may take; reading back takes up to twenty times as long for each hour of rows.
    package init(connection: Connection, deadline: Duration) {
        self.connection = connection
        duration = deadline
    }

    /// Stores a load, all or nothing.
    ///
    /// Rows that the database cannot hold (U+0000, a value that the server refuses, more than `Screening.daysLimit`
    /// days in one batch) become dead letters; the others are stored. After an error nothing is stored, except where
    /// the connection broke while the COMMIT itself was under way: the lineages then say whether it was.
    ///
    /// - Throws: `staleReader` where a lineage has moved on since the load was read; `database` for all else.
    package func commit(_ load: Load) throws(StoreError) -> CommitReceipt {
        var screening = Screening(of: load.sightings.flows)
        do {
            return try attempt(load, screening)
        } catch {
            guard error.isRefusedValue else { throw error }
            let refused = try refusedRows(of: load, screening)
            guard !refused.isEmpty else { throw error }
            screening.refuse(refused)
            return try attempt(load, screening)
        }
    }

    /// The largest event time of all stored rows and metric points; nil where there are none.
    package func latestEventTime() throws(StoreError) -> EventTime? {
        let rows = try query(
            "SELECT \(microseconds("max(last_time)")) FROM flowsight.batch", [], "asking for the latest time")
        return rows.first?.integer(0).map { EventTime(microseconds: $0) }
    }

    private func attempt(_ load: Load, _ screening: Screening) throws(StoreError) -> CommitReceipt {
        let deadline = Deadline.after(duration)
        var work = ExactlyOnceTransaction(
            connection: connection, deadline: deadline, vocabulary: vocabulary, load: load, screening: screening)
        do {
            let receipt = try connection.transaction(deadline: deadline) { () throws(PostgresError) in try work.run() }
            vocabulary.keep()
            return receipt
        } catch {
            vocabulary.forget()
            throw work.refusal ?? StoreError(place: work.step, cause: error)
        }
    }

    private func refusedRows(of load: Load, _ screening: Screening) throws(StoreError) -> [Int: String] {
        let search = RefusalSearch(
            connection: connection, deadline: .after(duration * 10), sightings: load.sightings, screening: screening)
        do {
            return try search.run()
        } catch {
            throw StoreError(place: "looking for the rows that the server refuses", cause: error)
        }
    }

    func query(_ sql: String, _ parameters: [Parameter] = [], _ place: String) throws(StoreError) -> Rows {
        do {
            return try connection.execute(sql, parameters, deadline: .after(duration))
        } catch {
            throw StoreError(place: place, cause: error)
        }
    }
}

/// SQL for the microseconds since 1970 of a timestamptz: exact, since `extract` answers with a numeric.
func microseconds(_ expression: String) -> String { "(extract(epoch FROM \(expression)) * 1000000)::bigint" }
