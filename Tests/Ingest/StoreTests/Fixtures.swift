import Digest
import FlowModel
import Postgres
import Runtime
import Store
import TestSupport
import Testing

/// 2026-03-04T10:00:00Z, in the middle of a day and at the start of an hour.
let noon = EventTime(seconds: 1_772_618_400)

/// Puts batches together by hand: located rows of made-up logs.
struct LoadBuilder {
    var batch = SightingBatch(flows: FlowBatch(), sightings: [], endpoints: SharedTable(), observers: SharedTable())
    var advances: [LineageAdvance] = []

    /// A record of a drop; its hash is that of `name`.
    mutating func record(_ name: String, file: String = "drops/a.json", index: Int64 = 0, at time: EventTime = noon)
        -> Int32
    {
        batch.flows.records.append(
            RecordOrigin(
                file: batch.flows.texts.intern(file), index: index, offset: index * 100, hash: recordHash(name),
                time: time))
        return Int32(batch.flows.records.count - 1)
    }

    mutating func text(_ text: String) -> TextID { batch.flows.texts.intern(text) }

    mutating func observer(_ kind: Observer.Kind, _ key: String) -> Int32 {
        index(Observer(kind: kind, key: key, forwards: false, domain: 0), in: &batch.observers)
    }

    mutating func endpoint(_ kind: EndpointKind, _ id: String, observer: Int32 = -1) -> Int32 {
        index(
            Endpoint(kind: kind, id: id, name: "name of \(id)", subnet: "/subnets/s", domain: 0, observer: observer),
            in: &batch.endpoints)
    }

    mutating func add(_ row: FlowRow, _ place: Sighting) {
        batch.flows.append(row)
        batch.sightings.append(place)
    }

    /// Moves a lineage over the records that the batch holds.
    mutating func advance(
        lineage: Int64? = nil, head: String, offset: Int64, records: Int64, hashes: [String],
        file: String = "drops/a.json"
    ) {
        advances.append(
            LineageAdvance(
                lineage: lineage, head: recordHash(head), offset: offset, records: records,
                digest: [UInt8](repeating: UInt8(truncatingIfNeeded: offset), count: 32), file: file,
                hashes: hashes.map(recordHash)))
    }

    var load: Load { Load(sightings: batch, advances: advances) }

    private func index<Value: Equatable>(_ value: Value, in values: inout SharedTable<Value>) -> Int32 {
        if let found = values.firstIndex(of: value) { return Int32(found) }
        values.append(value)
        return Int32(values.count - 1)
    }
}

func recordHash(_ name: String) -> RecordHash { RecordHash(of: Array(name.utf8).span) }

let nowhere = Sighting(
    domain: -1, source: -1, destination: -1, observer: -1, sourceObserver: -1, destinationObserver: -1, rank: .nic)

/// One load of plain rows of one record at the given times.
func plainLoad(
    _ times: [EventTime], record name: String = "record", source: String = "log/one", lineage: Int64? = nil,
    head: String = "head", offset: Int64 = 100, records: Int64 = 1
) -> Load {
    var builder = LoadBuilder()
    let record = builder.record(name, at: times.first ?? noon)
    for (tuple, time) in times.enumerated() {
        var row = FlowRow(format: .vnetV4)
        row.time = time
        row.record = record
        row.tuple = Int32(tuple)
        row.source = builder.text(source)
        builder.add(row, nowhere)
    }
    builder.advance(lineage: lineage, head: head, offset: offset, records: records, hashes: [name])
    return builder.load
}

/// A database with the schema, and a store on it.
struct Fixture {
    let configuration: ConnectionConfiguration
    let connection: Connection
    let store: Store

    init(_ configuration: ConnectionConfiguration, deadline: Duration = .seconds(60)) throws {
        self.configuration = configuration
        connection = try Connection(configuration, stop: nil, deadline: .after(.seconds(30)))
        store = Store(connection: connection, deadline: deadline)
    }

    /// Another session on the same database.
    func another(deadline: Duration = .seconds(60)) throws -> Fixture { try Fixture(configuration, deadline: deadline) }

    func rows(_ sql: String) throws -> Rows { try connection.execute(sql, deadline: .after(.seconds(60))) }

    func integer(_ sql: String) throws -> Int64? { try rows(sql).first?.integer(0) }

    /// All flows and points, as `flows` gives them.
    func all(
        from: EventTime = .earliest, to: EventTime? = nil, limit: Int = 10_000, batches: ClosedRange<Int64>? = nil
    ) throws -> [FlowBatch] {
        var found: [FlowBatch] = []
        try store.flows(from: from, to: to, limit: limit, batches: batches) { found.append($0) }
        return found
    }
}

/// Runs `body` on a database of its own, with the schema of `Store.migrations`.
func withStore(deadline: Duration = .seconds(60), _ body: (Fixture) throws -> Void) throws {
    try withTemporaryDatabase { configuration in
        let fixture = try Fixture(configuration, deadline: deadline)
        _ = try Migrator(Store.migrations).migrate(fixture.connection, deadline: .after(.seconds(60)))
        try body(fixture)
        fixture.connection.close()
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips, visibly, where no server for tests is named.
    static var needsDatabase: Self {
        .enabled(if: testDatabaseIsConfigured, "run with Tests/with-postgres: FLOWSIGHT_TEST_DATABASE is not set")
    }
}
