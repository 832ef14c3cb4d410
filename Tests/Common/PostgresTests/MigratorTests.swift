import Postgres
import Runtime
import TestSupport
import Testing

private let soon = Duration.seconds(60)

private let steps = [
    Migration(number: 1, name: "first", sql: "CREATE TABLE flowsight.a (x int); CREATE TABLE flowsight.b (x int)"),
    Migration(number: 2, name: "second", sql: "ALTER TABLE flowsight.a ADD y int"),
    Migration(number: 3, name: "third", sql: "DROP TABLE flowsight.b"),
]

@Suite(.enabled(if: testDatabaseIsConfigured)) struct MigratorTests {
    private func migrator(_ count: Int) -> Migrator { Migrator(Array(steps.prefix(count))) }

    @Test func bringsAnEmptyDatabaseForwardAndIsSafeToRepeat() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            #expect(try migrator(3).state(connection, deadline: .after(soon)) == .absent)
            #expect(try migrator(1).migrate(connection, deadline: .after(soon)).map(\.number) == [1])
            #expect(try migrator(3).state(connection, deadline: .after(soon)) == .older(by: 2))
            #expect(try migrator(3).migrate(connection, deadline: .after(soon)).map(\.name) == ["second", "third"])
            #expect(try migrator(3).state(connection, deadline: .after(soon)) == .current)
            #expect(try migrator(3).migrate(connection, deadline: .after(soon)) == [])
            try migrator(3).requireCurrent(connection, deadline: .after(soon))
            let names = try connection.execute(
                "SELECT number, name FROM flowsight.migration ORDER BY number", deadline: .after(soon))
            #expect(names.map { $0.string(1) } == ["first", "second", "third"])
        }
    }

    @Test func aSchemaOfALaterBuildIsLeftAlone() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            _ = try migrator(3).migrate(connection, deadline: .after(soon))
            #expect(try migrator(2).state(connection, deadline: .after(soon)) == .newer(number: 3))
            for call in [
                { _ = try migrator(2).migrate(connection, deadline: .after(soon)) },
                { try migrator(2).requireCurrent(connection, deadline: .after(soon)) },
            ] {
                let error = #expect(throws: PostgresError.self) { try call() }
                #expect(error?.code == .migration && error?.isTransient == false && error?.hint != nil)
            }
        }
    }

    @Test func anOlderSchemaIsRefusedByWhatNeedsTheCurrentOne() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            for expected in ["no schema", "2 steps behind"] {
                let error = #expect(throws: PostgresError.self) {
                    try migrator(3).requireCurrent(connection, deadline: .after(soon))
                }
                #expect(error?.message.contains(expected) == true && error?.hint == "run flowsight migrate")
                _ = try migrator(1).migrate(connection, deadline: .after(soon))
            }
        }
    }

    @Test func twoAtOnceDoEachStepOnce() throws {
        try withTemporaryDatabase { configuration in
            let done = BoundedQueue<[Int]>(limit: 8)
            let threads = (0..<4).map { _ in
                WorkerThread.start(name: "migrate") {
                    do {
                        let connection = try connect(configuration)
                        let ran = try Migrator(steps).migrate(connection, deadline: .after(soon))
                        _ = done.push(ran.map(\.number), stop: nil)
                    } catch {
                        Issue.record("\(error)")
                        _ = done.push([], stop: nil)
                    }
                }
            }
            threads.forEach { $0.join() }
            var numbers: [Int] = []
            for _ in 0..<4 { numbers += done.pop(until: .after(.zero), stop: nil) ?? [] }
            #expect(numbers.sorted() == [1, 2, 3])
        }
    }

    @Test func aStepThatFailsKeepsTheOnesBeforeItAndNothingOfItself() throws {
        try withTemporaryDatabase { configuration in
            let connection = try connect(configuration)
            let broken = Migration(number: 2, name: "broken", sql: "CREATE TABLE flowsight.c (x int); SELECT 1/0")
            let error = #expect(throws: PostgresError.self) {
                _ = try Migrator([steps[0], broken]).migrate(connection, deadline: .after(soon))
            }
            #expect(error?.code == .migration && error?.sqlState == "22012")
            #expect(error?.message.contains("step 2 of the schema (broken)") == true)
            #expect(try migrator(3).state(connection, deadline: .after(soon)) == .older(by: 2))
            let table = try connection.execute("SELECT to_regclass('flowsight.c')", deadline: .after(soon))
            #expect(table[0].isNull(0))
            #expect(try migrator(3).migrate(connection, deadline: .after(soon)).count == 2)
        }
    }
}
