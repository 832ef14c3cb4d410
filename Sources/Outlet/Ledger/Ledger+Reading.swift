internal import FoundationEssentials
package import FlowModel
internal import Postgres

/// Findings are read back from their documents: what was written is what is read, byte for byte.
extension Ledger {
    /// The findings that Detect goes on with after a start: open and stale ones, sorted by opening, then fingerprint.
    package func openFindings() throws(LedgerError) -> [Finding] {
        try decoded(documents("state <> 'resolved'", [], "read open findings"))
    }

    /// Findings of a state, or all (nil), sorted by opening, then fingerprint.
    package func findings(state: Finding.State? = nil) throws(LedgerError) -> [Finding] {
        try decoded(findingDocuments(state: state))
    }

    /// The same findings as the exact JSON that was stored.
    package func findingDocuments(state: Finding.State? = nil) throws(LedgerError) -> [String] {
        guard let state else { return try documents("true", [], "read findings") }
        return try documents("state = $1", [.text(state.rawValue)], "read \(state.rawValue) findings")
    }

    /// The finding of a fingerprint; nil where there is none.
    package func finding(fingerprint: String) throws(LedgerError) -> Finding? {
        guard let document = try findingDocument(fingerprint: fingerprint) else { return nil }
        return try decoded([document]).first
    }

    /// The exact JSON of a finding; nil where there is none.
    package func findingDocument(fingerprint: String) throws(LedgerError) -> String? {
        try documents("fingerprint = $1", [.text(storable(fingerprint))], "read finding \(fingerprint)").first
    }

    /// The last tick that was recorded; nil before the first.
    package func evaluatedUntil() throws(LedgerError) -> EventTime? {
        do throws(PostgresError) {
            let rows = try connection.execute(
                "SELECT \(microseconds("evaluated_until")) FROM flowsight.evaluation", deadline: deadline)
            return rows.count == 0 ? nil : rows[0].integer(0).map { EventTime(microseconds: $0) }
        } catch {
            throw LedgerError("read how far event time is decided", error)
        }
    }

    /// Alerts that no receiver has taken yet, of all receivers. Those that were given up are not pending.
    package func pendingAlerts() throws(LedgerError) -> Int {
        do throws(PostgresError) {
            let rows = try connection.execute(
                "SELECT count(*) FROM flowsight.outbox WHERE state = 'pending'", deadline: deadline)
            return Int(rows[0].integer(0) ?? 0)
        } catch {
            throw LedgerError("count pending alerts", error)
        }
    }

    private func documents(
        _ condition: String, _ parameters: [Parameter], _ place: String
    ) throws(LedgerError) -> [String] {
        do throws(PostgresError) {
            let rows = try connection.execute(
                """
                SELECT document FROM flowsight.finding_state WHERE \(condition)
                ORDER BY opened_at, fingerprint COLLATE "C"
                """, parameters, deadline: deadline)
            return (0..<rows.count).compactMap { rows[$0].string(0) }
        } catch {
            throw LedgerError(place, error)
        }
    }

    private func decoded(_ documents: [String]) throws(LedgerError) -> [Finding] {
        let decoder = JSONDecoder()
        var findings: [Finding] = []
        for document in documents {
            do {
                findings.append(try decoder.decode(Finding.self, from: Data(document.utf8)))
            } catch {
                // The document begins with its fingerprint: enough to find it, and bounded.
                throw LedgerError(unreadable: String(document.prefix(60)), "a stored finding cannot be read: \(error)")
            }
        }
        return findings
    }
}
