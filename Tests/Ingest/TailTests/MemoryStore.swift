import Decode
import Digest
import FlowModel
import Runtime
import Tail
import Testing

/// A database in memory that holds lineages, and counts how often each record was stored.
final class MemoryStore: LineageStore {
    struct Unreachable: Error {}

    private(set) var states: [Int64: LineageState] = [:]
    private(set) var hashes: [Int64: [RecordHash]] = [:]
    private(set) var stored: [RecordHash: Int] = [:]
    private(set) var deadLetters: [DeadLetter] = []
    /// Dead letters as they were handed over, the same ones again included.
    private(set) var deadLettersTold = 0
    private(set) var repeatedRecords: Int64 = 0
    var isReachable = true

    func lineages(head: RecordHash) throws -> [LineageState] {
        guard isReachable else { throw Unreachable() }
        return states.values.filter { $0.head == head }.sorted { $0.id < $1.id }
    }

    func recordHashes(lineages: [Int64]) throws -> [RecordHash] {
        guard isReachable else { throw Unreachable() }
        return lineages.flatMap { hashes[$0] ?? [] }
    }

    /// Commits one batch; the id of its lineage.
    func commit(_ batch: FlowBatch, _ advance: LineageAdvance?) -> Int64? {
        deadLettersTold += batch.deadLetters.count
        // A dead letter read twice is stored once, as in the database.
        for letter in batch.deadLetters where !deadLetters.contains(where: { $0.hash == letter.hash }) {
            deadLetters.append(letter)
        }
        repeatedRecords += batch.repeatedRecords
        guard let advance else {
            #expect(batch.records.isEmpty, "records without an advance")
            return nil
        }
        #expect(advance.hashes == batch.records.map(\.hash))
        for hash in advance.hashes { stored[hash, default: 0] += 1 }
        let id = advance.lineage ?? Int64(states.count + 1)
        if let before = states[id] { #expect(before.offset < advance.offset && before.head == advance.head) }
        states[id] = LineageState(
            id: id, head: advance.head, offset: advance.offset, records: advance.records, digest: advance.digest)
        hashes[id, default: []] += advance.hashes
        return id
    }

    /// Each of these records is stored once, and nothing else is.
    func expectExactly(_ records: [String], _ where_: String = "", location: SourceLocation = #_sourceLocation) {
        let expected = Set(records.map { RecordHash(of: Array($0.utf8).span) })
        #expect(Set(stored.keys) == expected, "\(where_): other records than expected", sourceLocation: location)
        #expect(stored.values.allSatisfy { $0 == 1 }, "\(where_): a record twice", sourceLocation: location)
    }

    func reasons() -> [DeadLetterReason] { deadLetters.map(\.reason) }
}

/// A record of a VNet flow log with one flow; `number` makes it one of its kind.
func record(_ number: Int, note: String = "a") -> String {
    func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let time = "2024-05-01T10:\(twoDigits(number / 60 % 60)):\(twoDigits(number % 60))"
    return #"{"time":"\#(time).0000000Z","flowLogGUID":"\#(note)\#(number)","macAddress":"001122334455","#
        + #""category":"FlowLogFlowEvent","flowLogResourceID":"/SUBSCRIPTIONS/S/FLOWLOGS/F","#
        + #""targetResourceID":"/subscriptions/s/networkinterfaces/n","flowLogVersion":4,"#
        + #""operationName":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"x","flowGroups":[{"rule":"r","#
        + #""flowTuples":["17145576\#(10 + number % 60)000,10.0.0.4,10.0.1.5,40000,443,6,O,B,NX,0,0,0,0"]}]}]}}"#
}

/// Records as a flow log's drop.
func drop(_ records: [String]) -> [UInt8] { Array(("{\"records\":[" + records.joined(separator: ",") + "]}").utf8) }

let clock = ManualClock(microseconds: 1_714_600_000_000_000)

/// A reader's caller: reads until the drop is caught up, commits each batch, as the daemon does.
func readAll(
    _ reader: DropReader, _ store: MemoryStore, location: SourceLocation = #_sourceLocation
) throws -> ReadOutcome {
    for _ in 0..<10_000 {
        var batch = FlowBatch()
        let outcome = try reader.read(into: &batch, lineages: store)
        switch outcome {
        case .batch(let advance):
            if let id = store.commit(batch, advance) { reader.committed(lineage: id) }
        case .caughtUp(let advance):
            if let id = store.commit(batch, advance) { reader.committed(lineage: id) }
            return outcome
        case .unidentified, .vanished, .held:
            _ = store.commit(batch, nil)
            return outcome
        }
    }
    Issue.record("the reader never catches up", sourceLocation: location)
    return .unidentified
}

/// Reads a drop once with a reader of its own.
func readOnce(_ path: String, _ store: MemoryStore, limits: TailLimits = TailLimits(), finish: Bool = false) throws {
    let reader = DropReader(path: path, clock: clock, limits: limits)
    _ = try readAll(reader, store)
    guard finish else { return }
    var batch = FlowBatch()
    let advance = reader.finish(into: &batch)
    if let id = store.commit(batch, advance) { reader.committed(lineage: id) }
}
