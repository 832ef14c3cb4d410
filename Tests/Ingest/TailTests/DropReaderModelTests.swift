import FlowModel
import Runtime
import Tail
import TestSupport
import Testing

private let gzip = GzipWriter()

/// Drops that do at random whatever exporters and operators do, against the plain truth: the set of records that were
/// ever written. Readers come and go, commits fail, buffers are tiny.
@Suite struct DropReaderModelTests {
    private let folder = ScratchFolder()

    /// One log: its records so far, and the files that hold a beginning of them.
    private struct Log {
        var name: String
        var records: [String]
        var files: [String] = []
    }

    @Test func eachRecordIsStoredOnceWhateverHappensToTheFiles() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("DropReaderModelTests seed: \(seed)")
        var generator = SplitMix64(seed: seed)
        for round in 0..<12 { try play(round, seed, &generator) }
    }

    private func play(_ round: Int, _ seed: UInt64, _ generator: inout SplitMix64) throws {
        let store = MemoryStore()
        // Two logs with the same first records, and one of its own.
        let common = (0..<3).map { record($0, note: "r\(round)") }
        var logs = ["left", "right", "own"].map { name in
            Log(name: "\(round)\(name)", records: name == "own" ? [] : common)
        }
        var readers: [String: DropReader] = [:]
        var written: Set<String> = []
        for step in 0..<60 {
            let index = Int.random(in: 0..<logs.count, using: &generator)
            let file = change(&logs[index], step, &generator)
            written.formUnion(logs[index].records.prefix(file.count))
            if Bool.random(using: &generator) { readers[file.path] = nil }
            let reader = readers[file.path] ?? DropReader(path: file.path, clock: clock, limits: tiny(&generator))
            readers[file.path] = reader
            try read(reader, store, &generator)
            store.expectExactly(Array(written), "round \(round), step \(step), seed \(seed)")
        }
        #expect(store.deadLetters.isEmpty, "seed \(seed)")
    }

    /// Writes one of the log's files anew or further; how many of the log's records it then holds.
    private func change(
        _ log: inout Log, _ step: Int, _ generator: inout SplitMix64
    ) -> (path: String, count: Int) {
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            log.records.append(record(log.records.count, note: log.name))
        }
        if log.records.isEmpty { log.records.append(record(0, note: log.name)) }
        let isOld = Int.random(in: 0..<4, using: &generator) == 0
        let count = isOld ? Int.random(in: 1...log.records.count, using: &generator) : log.records.count
        let bytes = drop(Array(log.records.prefix(count)))
        let isPacked = Int.random(in: 0..<3, using: &generator) == 0
        let isNew = log.files.isEmpty || Int.random(in: 0..<3, using: &generator) == 0
        let name = isNew ? "\(log.name)\(step)" : log.files.randomElement(using: &generator) ?? log.name
        if isNew { log.files.append(name) }
        if Bool.random(using: &generator) {
            folder.replace(isPacked ? gzip.member(bytes) : bytes, name: name)
        } else {
            folder.write(isPacked ? gzip.member(bytes) : bytes, to: name)
        }
        return (folder.at(name), count)
    }

    private func tiny(_ generator: inout SplitMix64) -> TailLimits {
        var limits = TailLimits()
        limits.readBytes = Int.random(in: 1...3_000, using: &generator)
        limits.outputBytes = Int.random(in: 1...3_000, using: &generator)
        limits.workBytes = Int.random(in: 2_000...50_000, using: &generator)
        limits.knownRecords = 1 << 12
        return limits
    }

    /// Reads to the end; one commit in five fails, and half of those only seemingly.
    private func read(_ reader: DropReader, _ store: MemoryStore, _ generator: inout SplitMix64) throws {
        while true {
            var batch = FlowBatch()
            let outcome = try reader.read(into: &batch, lineages: store)
            let advance: LineageAdvance?
            var isEnd = true
            switch outcome {
            case .batch(let some): (advance, isEnd) = (some, false)
            case .caughtUp(let some): advance = some
            case .unidentified, .vanished, .held: throw Unexpected(outcome: outcome)
            }
            guard advance != nil else {
                if isEnd { return }
                continue
            }
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                reader.rewind()
                isEnd = false
            case 1:
                _ = store.commit(batch, advance)
                reader.rewind()
                isEnd = false
            default:
                if let id = store.commit(batch, advance) { reader.committed(lineage: id) }
            }
            if isEnd { return }
        }
    }
}
