package import Runtime

/// Brings the schema `flowsight` forward, step by step; the table `flowsight.migration` keeps what was done.
package struct Migrator: Sendable {
    /// All steps that this build knows, from 1 on.
    package let migrations: [Migration]

    /// - Parameter migrations: numbered 1, 2, 3, … in this order.
    package init(_ migrations: [Migration]) {
        precondition(
            migrations.map(\.number) == Array(1..<migrations.count + 1), "migrations are numbered from 1 without gaps")
        self.migrations = migrations
    }

    /// Where the database stands. Reads only.
    package func state(_ connection: Connection, deadline: Deadline) throws(PostgresError) -> SchemaState {
        guard let done = try lastStep(connection, deadline) else { return .absent }
        if done > migrations.count { return .newer(number: done) }
        return done == migrations.count ? .current : .older(by: migrations.count - done)
    }

    /// Runs the missing steps, each in a transaction of its own, and gives those that this call ran.
    ///
    /// Safe to repeat and to run twice at once: an advisory lock holds the second one back until the step is done.
    /// Throws `.migration`: for a step that fails (nothing of it stays; the steps before it do), and for a schema of a
    /// later build.
    package func migrate(_ connection: Connection, deadline: Deadline) throws(PostgresError) -> [Migration] {
        var ran: [Migration] = []
        repeat {
            guard let step = try runNext(connection, deadline) else { return ran }
            ran.append(step)
        } while true
    }

    /// Throws unless the schema is exactly the one of this build: what every command but `migrate` does first.
    package func requireCurrent(_ connection: Connection, deadline: Deadline) throws(PostgresError) {
        let problem: String
        switch try state(connection, deadline: deadline) {
        case .current: return
        case .newer(let number): throw newer(number)
        case .absent: problem = "the database has no schema flowsight yet"
        case .older(let missing):
            problem = "the schema flowsight is \(missing) step\(missing == 1 ? "" : "s") behind this build"
        }
        throw PostgresError(code: .migration, message: problem, hint: "run flowsight migrate", isTransient: false)
    }

    private func runNext(_ connection: Connection, _ deadline: Deadline) throws(PostgresError) -> Migration? {
        var step: Migration?
        do throws(PostgresError) {
            try connection.transaction(deadline: deadline) { () throws(PostgresError) in
                try connection.execute(
                    "SELECT pg_advisory_xact_lock($1)", [.integer(Migrator.lock)], deadline: deadline)
                let done = try lastStep(connection, deadline) ?? 0
                guard done <= migrations.count else { throw newer(done) }
                guard done < migrations.count else { return }
                let next = migrations[done]
                step = next
                try run(next, connection, deadline)
            }
        } catch {
            guard let step, error.code == .statement || error.code == .copy else { throw error }
            throw PostgresError(
                code: .migration, sqlState: error.sqlState,
                message: "step \(step.number) of the schema (\(step.name)) failed: \(error.message)",
                hint: error.hint
                    ?? "nothing of this step was kept; run flowsight migrate again when the cause is mended",
                isTransient: error.isTransient)
        }
        return step
    }

    private func run(_ step: Migration, _ connection: Connection, _ deadline: Deadline) throws(PostgresError) {
        if step.number == 1 { try connection.execute(Migrator.ledger, deadline: deadline) }
        try connection.execute(step.sql, deadline: deadline)
        try connection.execute(
            "INSERT INTO flowsight.migration (number, name) VALUES ($1, $2)",
            [.integer(Int64(step.number)), .text(step.name)], deadline: deadline)
    }

    /// The number of the last step that was done; nil where there is no table of steps, or an empty one.
    private func lastStep(_ connection: Connection, _ deadline: Deadline) throws(PostgresError) -> Int? {
        let table = try connection.execute("SELECT to_regclass('flowsight.migration') IS NOT NULL", deadline: deadline)
        guard table.first?.bool(0) == true else { return nil }
        let number = try connection.execute("SELECT max(number) FROM flowsight.migration", deadline: deadline)
        return number.first?.integer(0).map { Int($0) }
    }

    private func newer(_ number: Int) -> PostgresError {
        PostgresError(
            code: .migration,
            message: "the schema flowsight is at step \(number), this build knows steps up to \(migrations.count)",
            hint: "run the build that made the schema, or a later one", isTransient: false)
    }

    /// Any number that nothing else locks: "flowsigh" in ASCII.
    private static let lock: Int64 = 0x666c_6f77_7369_6768

    private static let ledger = """
        CREATE SCHEMA IF NOT EXISTS flowsight;
        CREATE TABLE IF NOT EXISTS flowsight.migration (
            number integer PRIMARY KEY,
            name text NOT NULL,
            done_at timestamptz NOT NULL DEFAULT now()
        );
        COMMENT ON TABLE flowsight.migration IS 'Steps of the schema that were done; written by flowsight migrate'
        """
}
