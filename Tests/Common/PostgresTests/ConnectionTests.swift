import Glibc
import Postgres
import Runtime
import TestSupport
import Testing

private let soon = Duration.seconds(30)

@Suite(.enabled(if: testDatabaseIsConfigured)) struct ConnectionTests {
    @Test(
        arguments: [
            (Parameter.null, "text", nil), (.text("aß'\\\"\n"), "text", "aß'\\\"\n"), (.text(""), "text", ""),
            (.integer(.min), "bigint", "-9223372036854775808"), (.double(1e-300), "float8", "1e-300"),
            (.double(.nan), "float8", "NaN"), (.double(-.infinity), "float8", "-Infinity"), (.bool(true), "bool", "t"),
            (.bool(false), "bool", "f"), (.bytes([0, 1, 0xfe, 0xff]), "bytea", "\\x0001feff"),
            (.bytes([]), "bytea", "\\x"),
        ] as [(Parameter, String, String?)])
    func carriesEveryKindOfParameter(parameter: Parameter, type: String, text: String?) throws {
        try withTemporaryDatabase { configuration in
            let rows = try connect(configuration).execute("SELECT $1::\(type)", [parameter], deadline: .after(soon))
            #expect(rows.count == 1 && rows[0].count == 1)
            #expect(rows[0].string(0) == text)
            #expect(rows[0].isNull(0) == (text == nil))
        }
    }

    @Test func readsEveryKindOfValue() throws {
        try withTemporaryDatabase { configuration in
            let rows = try connect(configuration).execute(
                "SELECT 7::bigint, 0.1::float8, true, false, '\\x00ff'::bytea, 'x', NULL::int", deadline: .after(soon))
            let row = try #require(rows.first)
            #expect(row.integer(0) == 7 && row.double(1) == 0.1 && row.bool(2) == true && row.bool(3) == false)
            #expect(row.bytes(4) == [0, 255] && row.string(5) == "x")
            #expect(row.integer(6) == nil && row.bool(6) == nil && row.bytes(6) == nil && row.double(6) == nil)
            #expect(row.integer(5) == nil && row.bool(5) == nil && row.bytes(5) == nil, "another kind reads as nil")
        }
    }

    @Test func aScriptAnswersWithTheRowsOfItsLastStatement() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            let rows = try connection.execute(
                "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT sum(a) FROM t", deadline: .after(soon))
            #expect(rows.first?.integer(0) == 3)
            #expect(try connection.execute("DELETE FROM t", deadline: .after(soon)).affected == 2)
            #expect(try connection.execute("", deadline: .after(soon)).count == 0)
        }
    }

    @Test func aRefusedStatementSaysWhyAndLeavesTheConnectionUsable() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            let error = #expect(throws: PostgresError.self) {
                try connection.execute("SELECT nothing_of_that_name()", deadline: .after(soon))
            }
            #expect(error?.code == .statement && error?.sqlState == "42883" && error?.isTransient == false)
            #expect(error?.hint?.contains("No function matches") == true)
            #expect(connection.isUsable)
            #expect(try connection.execute("SELECT 1", deadline: .after(soon)).first?.integer(0) == 1)
        }
    }

    @Test func aTextWithNULIsRefusedInsteadOfCut() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            let error = #expect(throws: PostgresError.self) {
                try connection.execute("SELECT $1", [.text("a\0b")], deadline: .after(soon))
            }
            #expect(error?.sqlState == "22021")
            #expect(connection.isUsable)
        }
    }

    @Test func theSessionReadsTheSameWhateverTheDatabasesDefaultsAre() throws {
        try withTemporaryDatabase { configuration in
            let database = try #require(configuration.database)
            try connect(configuration).execute(
                """
                ALTER DATABASE \(database) SET bytea_output = escape;
                ALTER DATABASE \(database) SET timezone = 'Asia/Tokyo';
                ALTER DATABASE \(database) SET datestyle = 'German'
                """, deadline: .after(soon))
            let rows = try connect(configuration).execute(
                "SELECT '\\x41'::bytea, timestamptz '2024-01-02 03:04:05Z', current_setting('application_name')",
                deadline: .after(soon))
            #expect(rows[0].bytes(0) == [0x41] && rows[0].string(1) == "2024-01-02 03:04:05+00")
            #expect(rows[0].string(2) == "flowsight")
        }
    }

    @Test func aFailedBodyRollsBackAndAFinishedOneCommits() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            try connection.execute("CREATE TABLE t (a int PRIMARY KEY)", deadline: .after(soon))
            let error = #expect(throws: PostgresError.self) {
                try connection.transaction(deadline: .after(soon)) { () throws(PostgresError) in
                    try connection.execute("INSERT INTO t VALUES (1)", deadline: .after(soon))
                    try connection.execute("INSERT INTO t VALUES (1)", deadline: .after(soon))
                }
            }
            #expect(error?.sqlState == "23505")
            #expect(try connection.execute("SELECT 1 FROM t", deadline: .after(soon)).count == 0)
            try connection.transaction(deadline: .after(soon)) { () throws(PostgresError) in
                _ = try connection.execute("INSERT INTO t VALUES (2)", deadline: .after(soon))
            }
            #expect(try connect(configuration).execute("SELECT 1 FROM t", deadline: .after(soon)).count == 1)
        }
    }

    @Test func aBodyThatHidesAFailureDoesNotPassForCommitted() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            let error = #expect(throws: PostgresError.self) {
                try connection.transaction(deadline: .after(soon)) { () throws(PostgresError) in
                    // The failure is hidden on purpose: that is the case under test.
                    _ = try? connection.execute("SELECT 1/0", deadline: .after(soon))
                }
            }
            #expect(error?.sqlState == "25P02")
        }
    }

    @Test func aDeadlineEndsAStatementAndTheConnection() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            let begin = ContinuousClock.now
            let error = #expect(throws: PostgresError.self) {
                try connection.execute("SELECT pg_sleep(60)", deadline: .after(.milliseconds(100)))
            }
            #expect(error?.code == .deadline && error?.isTransient == true && error?.hint != nil)
            #expect(ContinuousClock.now - begin < .seconds(5))
            #expect(!connection.isUsable)
            let second = #expect(throws: PostgresError.self) { try connection.execute("SELECT 1", deadline: .never) }
            #expect(second?.code == .connection)
        }
    }

    @Test func aStopEndsAStatementOfAnyLength() throws {
        try withTemporaryDatabase { configuration in
            let stop = StopSignal()
            let connection = try connect(configuration, stop: stop)
            let thread = WorkerThread.start(name: "stopper") { stop.fire() }
            let error = #expect(throws: PostgresError.self) {
                try connection.execute("SELECT pg_sleep(60)", deadline: .never)
            }
            #expect(error?.code == .stopped && error?.isTransient == false)
            #expect(!connection.isUsable)
            thread.join()
        }
    }

    @Test func aBackendThatIsTerminatedIsATransientLoss() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            let process = Int64(connection.backendProcess)
            try connect(configuration).execute(
                "SELECT pg_terminate_backend($1::int, 10000)", [.integer(process)], deadline: .after(soon))
            let error = #expect(throws: PostgresError.self) {
                try connection.execute("SELECT 1", deadline: .after(soon))
            }
            #expect(error?.code == .connection && error?.isTransient == true)
            #expect(!connection.isUsable)
        }
    }

    @Test func aDatabaseThatDoesNotExistIsPermanent() throws {
        try withTemporaryDatabase { configuration in
            var wrong = configuration
            wrong.database = "no_such_database"
            let error = #expect(throws: PostgresError.self) { _ = try connect(wrong) }
            #expect(error?.code == .connection && error?.sqlState == "3D000" && error?.isTransient == false)
            #expect(error?.message.contains("LOCATION") == false && error?.message.contains("3D000:") == false)
        }
    }
}
