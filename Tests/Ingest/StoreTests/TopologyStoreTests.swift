import FlowModel
import Postgres
import Runtime
import Store
import Testing

/// Made-up documents: what the store keeps of a version is bytes to it.
private func document(_ seed: UInt64, bytes: Int) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    return (0..<bytes).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
}

private func time(_ hour: Int64, _ microseconds: Int64 = 0) -> EventTime {
    EventTime(microseconds: noon.microseconds + hour * 3_600_000_000 + microseconds)
}

private func age(_ hour: Int64, changed: Int64? = nil) -> TopologyAge {
    TopologyAge(newest: time(hour), oldest: time(hour - 1), changed: time(changed ?? hour))
}

private let counts = TopologyStore.Counts(resources: 9, vnets: 2, privateEndpoints: 1, firewalls: 1, problems: 0)

@Suite(.needsDatabase) struct TopologyStoreTests {
    private func withTopologies(_ body: (TopologyStore, Fixture) throws -> Void) throws {
        try withStore { fixture in
            try body(TopologyStore(connection: fixture.connection, deadline: .seconds(60)), fixture)
        }
    }

    @discardableResult
    private func keep(_ version: String, _ age: TopologyAge, in store: TopologyStore, now: Int64 = 1_000) throws
        -> TopologyTimeline
    {
        try store.keep(version, counts, age: age, now: time(now)) { Array(version.utf8) }
    }

    @Test func aVersionIsValidFromItsFilesOnAndMayComeBack() throws {
        try withTopologies { store, fixture in
            #expect(try store.timeline().validities.isEmpty)
            try keep("a", age(0), in: store)
            try keep("b", age(2), in: store)
            let last = try keep("a", age(4), in: store)
            let expected = [("a", time(0)), ("b", time(2)), ("a", time(4))].map {
                TopologyTimeline.Validity(validFrom: $0.1, version: $0.0)
            }
            #expect(last.validities == expected)
            #expect(try store.timeline() == last)
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.topology_document") == 2)
            let until = try fixture.rows(
                "SELECT version, valid_until IS NULL, valid_until = lead(valid_from) OVER (ORDER BY valid_from) FROM flowsight.topology_version"
            )
            #expect(until.map { $0.bool(1) } == [false, false, true])
            #expect(until.dropLast().map { $0.bool(2) } == [true, true])
        }
    }

    @Test func theVersionThatIsValidIsNotStoredAgain() throws {
        try withTopologies { store, _ in
            try keep("a", age(0), in: store)
            let again = try keep("a", age(5), in: store)
            #expect(again.validities.map(\.validFrom) == [time(0)])
        }
    }

    @Test func anOlderFileThatReplacesANewerOneCountsFromTheReplacement() throws {
        try withTopologies { store, _ in
            try keep("a", age(6), in: store)
            let put = try keep("b", age(2, changed: 7), in: store)
            #expect(put.validities.last?.validFrom == time(7))
            let neither = try keep("c", age(1, changed: 3), in: store)
            #expect(neither.validities.last?.validFrom == time(7, 1))
        }
    }

    @Test func aFileOfTheFutureCountsFromNowOn() throws {
        try withTopologies { store, _ in
            let kept = try keep("a", age(9), in: store, now: 3)
            #expect(kept.validities.last?.validFrom == time(3))
        }
    }

    @Test func documentsComeBackWholeAndShareWhatTheyHaveInCommon() throws {
        try withTopologies { store, fixture in
            let first = document(1, bytes: 3_000_000)
            // A resource more, in the middle, and one less at the end.
            let second = Array(first[..<1_200_000]) + document(2, bytes: 900) + Array(first[1_200_000..<2_990_000])
            for (hour, (version, bytes)) in [("a", first), ("b", second), ("empty", [])].enumerated() {
                _ = try store.keep(version, counts, age: age(Int64(hour)), now: time(1_000)) { bytes }
                #expect(try store.document(of: version) == bytes)
            }
            #expect(try store.document(of: "none") == nil)
            let stored = try fixture.integer("SELECT sum(length(bytes))::bigint FROM flowsight.topology_chunk") ?? 0
            #expect(stored >= 3_000_900)
            #expect(stored < 3_700_000, "a change costs the chunks around it")
        }
    }

    @Test func aKillWhileAVersionIsStoredLeavesNothingOfIt() throws {
        try withTopologies { store, fixture in
            try keep("a", age(0), in: store)
            let other = try fixture.another()
            let doomed = TopologyStore(connection: other.connection, deadline: .seconds(10))
            let backend = try other.integer("SELECT pg_backend_pid()") ?? 0
            #expect(throws: StoreError.self) {
                _ = try doomed.keep("b", counts, age: age(1), now: time(1_000)) {
                    // The server's process dies in the middle of the transaction.
                    _ = try? fixture.rows("SELECT pg_terminate_backend(\(backend))")
                    return document(3, bytes: 200_000)
                }
            }
            #expect(try store.timeline().validities.map(\.version) == ["a"])
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.topology_chunk") == 1)
            let again = try store.keep("b", counts, age: age(1), now: time(1_000)) { document(3, bytes: 200_000) }
            #expect(again.validities.map(\.version) == ["a", "b"])
            #expect(try store.document(of: "b") == document(3, bytes: 200_000))
        }
    }

    @Test func aDocumentThatIsGoneStoresNothing() throws {
        try withTopologies { store, fixture in
            #expect(throws: StoreError.self) {
                _ = try store.keep("a", counts, age: age(0), now: time(1_000)) { nil }
            }
            let validities = try store.timeline().validities
            #expect(validities.isEmpty)
            #expect(try fixture.integer("SELECT count(*) FROM flowsight.topology_document") == 0)
        }
    }

    @Test func twoDaemonsAtOnceStoreOneValidity() throws {
        try withTopologies { store, fixture in
            let others = try (0..<4).map { _ in try fixture.another() }
            let threads = others.map { other in
                let place = other.configuration
                return WorkerThread.start(name: "daemon") {
                    guard let connection = try? Connection(place, stop: nil, deadline: .after(.seconds(30))) else {
                        return
                    }
                    defer { connection.close() }
                    let own = TopologyStore(connection: connection, deadline: .seconds(60))
                    _ = try? own.keep("a", counts, age: age(0), now: time(1_000)) { document(4, bytes: 400_000) }
                }
            }
            for thread in threads { thread.join() }
            #expect(try store.timeline().validities.map(\.version) == ["a"])
            #expect(try store.document(of: "a") == document(4, bytes: 400_000))
        }
    }
}
