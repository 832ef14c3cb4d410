import Decode
import FlowModel
import Runtime
import Tail
import TestSupport
import Testing

private let gzip = GzipWriter()

/// Small buffers and batches, so that every border lies inside of a small drop.
private func tinyLimits(readBytes: Int = 100, batchRows: Int = 3) -> TailLimits {
    var limits = TailLimits()
    limits.readBytes = readBytes
    limits.outputBytes = 90
    limits.workBytes = 3_000
    limits.decode.batchRows = batchRows
    return limits
}

@Suite struct DropReaderTests {
    private let folder = ScratchFolder()
    private let store = MemoryStore()

    @Test func aWholeDropIsReadOnceAndOnceOnly() throws {
        let records = (0..<20).map { record($0) }
        folder.write(drop(records), to: "a.json")
        let reader = DropReader(path: folder.at("a.json"), clock: clock)
        _ = try readAll(reader, store)
        _ = try readAll(reader, store)
        store.expectExactly(records)
        #expect(store.states.count == 1)
        #expect(store.states[1]?.records == 20)
    }

    @Test(arguments: [1, 7, 100, 131_072], [1, 3, 50_000])
    func buffersAndBatchesOfAnySizeGiveTheSame(readBytes: Int, batchRows: Int) throws {
        let records = (0..<12).map { record($0) }
        folder.write(drop(records), to: "a.json")
        folder.write(gzip.member(drop(records.map { $0.replacing("a", with: "b") })), to: "b.json.gz")
        let limits = tinyLimits(readBytes: readBytes, batchRows: batchRows)
        try readOnce(folder.at("a.json"), store, limits: limits)
        try readOnce(folder.at("b.json.gz"), store, limits: limits)
        store.expectExactly(records + records.map { $0.replacing("a", with: "b") })
        #expect(store.states.count == 2)
    }

    /// Azure inserts a block before the closing `]}`: the bytes there are overwritten at each growth.
    @Test(arguments: [true, false])
    func aDropWhoseEndIsOverwrittenSixtyTimesGivesEachRecordOnce(restarts: Bool) throws {
        var records: [String] = []
        var reader = DropReader(path: folder.at("a.json"), clock: clock)
        for step in 0..<60 {
            let end = records.isEmpty ? 0 : drop(records).count - 2
            records.append(record(step))
            folder.append("", to: "a.json")
            folder.overwrite(Array(drop(records)[end...]), in: "a.json", at: end)
            if restarts { reader = DropReader(path: folder.at("a.json"), clock: clock) }
            _ = try readAll(reader, store)
            store.expectExactly(records, "step \(step)")
        }
        #expect(store.states.count == 1)
        // Growth is no new reading: nothing was met a second time.
        #expect(restarts || store.repeatedRecords == 0)
    }

    @Test(arguments: [true, false])
    func aDropCutAtEveryByteOfAGrowthGivesEachRecordOnce(restarts: Bool) throws {
        let records = [record(1), record(2), record(3)]
        let before = drop(Array(records.prefix(1)))
        let after = drop(records)
        for cut in (before.count - 2)...after.count {
            let store = MemoryStore()
            var reader = DropReader(path: folder.at("a.json"), clock: clock)
            for content in [before, Array(after[..<cut]), after] {
                folder.write(content, to: "a.json")
                if restarts { reader = DropReader(path: folder.at("a.json"), clock: clock) }
                _ = try readAll(reader, store)
            }
            store.expectExactly(records, "cut at \(cut)")
            #expect(store.states.count == 1, "cut at \(cut)")
            #expect(store.deadLetters.isEmpty, "cut at \(cut)")
        }
    }

    @Test(arguments: [true, false])
    func gzipThatGrowsByBytesAndByMembersGivesEachRecordOnce(restarts: Bool) throws {
        let lines = (0..<6).map { record($0) }
        let packed = lines.map { gzip.member(Array(($0 + "\n").utf8)) }
        var reader = DropReader(path: folder.at("a.json.gz"), clock: clock)
        for (index, member) in packed.enumerated() {
            for half in [member[..<(member.count / 2)], member[(member.count / 2)...]] {
                folder.append(Array(half), to: "a.json.gz")
                if restarts { reader = DropReader(path: folder.at("a.json.gz"), clock: clock) }
                _ = try readAll(reader, store)
            }
            store.expectExactly(Array(lines[...index]), "member \(index)")
        }
        #expect(store.states.count == 1)
        #expect(store.deadLetters.isEmpty)
        #expect(restarts || store.repeatedRecords == 0)
    }

    @Test func renamesCopiesAndLaterCompressionStoreNothingTwice() throws {
        let records = (0..<10).map { record($0) }
        folder.write(drop(records), to: "a.json")
        try readOnce(folder.at("a.json"), store, limits: tinyLimits())
        folder.rename("a.json", to: "b.json")
        try readOnce(folder.at("b.json"), store, limits: tinyLimits())
        folder.write(drop(records), to: "copy.json")
        try readOnce(folder.at("copy.json"), store, limits: tinyLimits())
        folder.write(gzip.member(drop(records)), to: "b.json.gz")
        try readOnce(folder.at("b.json.gz"), store, limits: tinyLimits())
        store.expectExactly(records)
        #expect(store.states.count == 1)
        #expect(store.repeatedRecords == 30)
        // And it goes on under the new name.
        folder.replace(drop(records + [record(10)]), name: "copy.json")
        try readOnce(folder.at("copy.json"), store)
        store.expectExactly(records + [record(10)])
        #expect(store.states.count == 1)
    }

    @Test func theSameFirstRecordWithAnotherContinuationKeepsBoth() throws {
        let common = (0..<5).map { record($0) }
        let left = (5..<9).map { record($0, note: "left") }
        let right = (5..<9).map { record($0, note: "right") }
        folder.write(drop(common + left), to: "left.json")
        folder.write(drop(common + right), to: "right.json")
        try readOnce(folder.at("left.json"), store, limits: tinyLimits())
        try readOnce(folder.at("right.json"), store, limits: tinyLimits())
        store.expectExactly(common + left + right)
        #expect(store.states.count == 2)
        // Both go on, each in its own lineage.
        folder.replace(drop(common + left + [record(20)]), name: "left.json")
        folder.replace(drop(common + right + [record(21)]), name: "right.json")
        try readOnce(folder.at("right.json"), store)
        try readOnce(folder.at("left.json"), store)
        store.expectExactly(common + left + right + [record(20), record(21)])
        #expect(store.states.count == 2)
    }

    /// Only the digest tells them apart: every record ends where the other drop's does.
    @Test func continuationsOfTheSameLengthAreToldApart() throws {
        let left = [record(0)] + (1..<5).map { record($0, note: "left") }
        let east = [record(0)] + (1..<6).map { record($0, note: "east") }
        folder.write(drop(left), to: "left.json")
        folder.write(drop(east), to: "east.json")
        try readOnce(folder.at("left.json"), store, limits: tinyLimits())
        try readOnce(folder.at("east.json"), store, limits: tinyLimits())
        store.expectExactly(left + east.dropFirst())
        #expect(store.states.count == 2)
    }

    @Test func aShorterOldVersionAfterTheLongerOneIsNothing() throws {
        let records = (0..<9).map { record($0) }
        folder.write(drop(records), to: "new.json")
        try readOnce(folder.at("new.json"), store)
        folder.write(drop(Array(records.prefix(4))), to: "old.json")
        let reader = DropReader(path: folder.at("old.json"), clock: clock, limits: tinyLimits())
        let outcome = try readAll(reader, store)
        guard case .caughtUp(nil) = outcome else { throw Unexpected(outcome: outcome) }
        store.expectExactly(records)
        #expect(store.states.count == 1)
        #expect(store.repeatedRecords == 4)
        // It was a copy under way: it becomes the whole, and more.
        for count in 5...9 {
            folder.write(drop(Array(records.prefix(count))), to: "old.json")
            _ = try readAll(reader, store)
        }
        folder.write(drop(records + [record(9)]), to: "old.json")
        _ = try readAll(reader, store)
        store.expectExactly(records + [record(9)])
        #expect(store.states.count == 1)
    }

    @Test func aShorterVersionWithRecordsOfItsOwnIsALineageOfItsOwn() throws {
        let records = (0..<9).map { record($0) }
        folder.write(drop(records), to: "long.json")
        try readOnce(folder.at("long.json"), store)
        folder.write(drop([records[0], record(50), records[3]]), to: "short.json")
        try readOnce(folder.at("short.json"), store)
        store.expectExactly(records + [record(50)])
        #expect(store.states.count == 2)
    }

    @Test func aFileThatIsTruncatedAndRefilledIsReadAnew() throws {
        let reader = DropReader(path: folder.at("a.json"), clock: clock)
        let first = (0..<5).map { record($0) }
        folder.write(drop(first), to: "a.json")
        _ = try readAll(reader, store)
        // Longer than before, in place: only the bytes tell.
        let second = (100..<110).map { record($0) }
        folder.write(drop(second), to: "a.json")
        _ = try readAll(reader, store)
        store.expectExactly(first + second)
        // Shorter than before.
        let third = [record(200)]
        folder.write(drop(third), to: "a.json")
        _ = try readAll(reader, store)
        // Of the same length.
        let fourth = [record(201)]
        #expect(drop(third).count == drop(fourth).count)
        folder.write(drop(fourth), to: "a.json")
        _ = try readAll(reader, store)
        // Emptied, and filled with compressed bytes.
        folder.write("", to: "a.json")
        guard case .unidentified = try readAll(reader, store) else { throw Unexpected() }
        folder.write(gzip.member(drop([record(202)])), to: "a.json")
        _ = try readAll(reader, store)
        // Another file under the same name.
        folder.replace(drop([record(203)]), name: "a.json")
        _ = try readAll(reader, store)
        store.expectExactly(first + second + third + fourth + [record(202), record(203)])
        #expect(store.states.count == 6)
    }

    @Test func aDropThatVanishesSaysSoAndMayComeBack() throws {
        let reader = DropReader(path: folder.at("a.json"), clock: clock)
        guard case .vanished = try readAll(reader, store) else { throw Unexpected() }
        folder.write(drop([record(1)]), to: "a.json")
        _ = try readAll(reader, store)
        folder.delete("a.json")
        guard case .vanished = try readAll(reader, store) else { throw Unexpected() }
        folder.write(drop([record(1), record(2)]), to: "a.json")
        _ = try readAll(reader, store)
        store.expectExactly([record(1), record(2)])
        #expect(store.states.count == 1)
    }

    @Test func aCommitWhoseOutcomeIsUnknownIsNothingTwiceAndNothingLost() throws {
        let records = (0..<30).map { record($0) }
        folder.write(drop(records), to: "a.json")
        let seed = UInt64.random(in: 0...UInt64.max)
        print("DropReaderTests seed: \(seed)")
        var generator = SplitMix64(seed: seed)
        for isCommitted in [true, false] {
            let store = MemoryStore()
            let reader = DropReader(path: folder.at("a.json"), clock: clock, limits: tinyLimits())
            var isDone = false
            while !isDone {
                var batch = FlowBatch()
                let advance: LineageAdvance?
                switch try reader.read(into: &batch, lineages: store) {
                case .batch(let some): advance = some
                case .caughtUp(let some):
                    advance = some
                    isDone = true
                case let other: throw Unexpected(outcome: other)
                }
                guard advance != nil else { continue }
                if Int.random(in: 0..<3, using: &generator) == 0 {
                    if isCommitted { _ = store.commit(batch, advance) }
                    reader.rewind()
                    isDone = false
                } else if let id = store.commit(batch, advance) {
                    reader.committed(lineage: id)
                }
            }
            store.expectExactly(records, "committed: \(isCommitted), seed \(seed)")
            #expect(store.states.count == 1)
        }
    }

    @Test func aStoreThatCannotBeAskedIsAnErrorAndLosesNothing() throws {
        folder.write(drop([record(1), record(2)]), to: "a.json")
        let reader = DropReader(path: folder.at("a.json"), clock: clock)
        store.isReachable = false
        for _ in 0..<3 {
            var batch = FlowBatch()
            let error = #expect(throws: TailError.self) { try reader.read(into: &batch, lineages: store) }
            #expect(error?.code == .lineageStore)
            #expect(error?.underlying is MemoryStore.Unreachable)
            #expect(batch.isEmpty)
        }
        store.isReachable = true
        _ = try readAll(reader, store)
        store.expectExactly([record(1), record(2)])
    }

    @Test func aBatchMayHoldOtherDropsAlready() throws {
        folder.write(drop([record(1)]), to: "a.json")
        folder.write(drop([record(2), record(3)]), to: "b.json")
        var batch = FlowBatch()
        let first = DropReader(path: folder.at("a.json"), clock: clock)
        let second = DropReader(path: folder.at("b.json"), clock: clock)
        guard case .caughtUp(let one?) = try first.read(into: &batch, lineages: store),
            case .caughtUp(let two?) = try second.read(into: &batch, lineages: store)
        else { throw Unexpected() }
        #expect(one.hashes.count == 1 && two.hashes.count == 2)
        #expect(batch.records.map(\.hash) == one.hashes + two.hashes)
    }

    /// A copy that is delivered again and again beside the drop itself: each carries the lineage on.
    @Test func twoDropsOfOneLineageThatGrowInTurnStoreNothingTwice() throws {
        let readers = ["a.json", "b.json"].map { DropReader(path: folder.at($0), clock: clock) }
        for count in 1...12 {
            let index = count % 2
            folder.write(drop((0..<count).map { record($0) }), to: ["a.json", "b.json"][index])
            _ = try readAll(readers[index], store)
            store.expectExactly((0..<count).map { record($0) }, "\(count) records")
        }
        #expect(store.states.count == 1)
    }

    @Test func aDropWaitsWhileAnotherOneWithItsHeadAwaitsItsCommit() throws {
        folder.write(drop([record(1), record(2)]), to: "a.json")
        folder.write(drop([record(1), record(2), record(3)]), to: "b.json")
        let claims = LineageClaims()
        let first = DropReader(path: folder.at("a.json"), clock: clock, claims: claims)
        let second = DropReader(path: folder.at("b.json"), clock: clock, claims: claims)
        var batch = FlowBatch()
        guard case .caughtUp(let advance?) = try first.read(into: &batch, lineages: store) else { throw Unexpected() }
        for _ in 0..<2 {
            guard case .held = try second.read(into: &batch, lineages: store) else { throw Unexpected() }
        }
        #expect(batch.records.count == 2)
        first.committed(lineage: try #require(store.commit(batch, advance)))
        _ = try readAll(second, store)
        store.expectExactly([record(1), record(2), record(3)])
        // And again when both are known, whichever comes first.
        folder.write(drop((1...4).map { record($0) }), to: "a.json")
        folder.write(drop((1...5).map { record($0) }), to: "b.json")
        var next = FlowBatch()
        guard case .caughtUp(let other?) = try second.read(into: &next, lineages: store),
            case .held = try first.read(into: &next, lineages: store)
        else { throw Unexpected() }
        second.committed(lineage: try #require(store.commit(next, other)))
        _ = try readAll(first, store)
        store.expectExactly((1...5).map { record($0) })
        #expect(store.states.count == 1)
    }

    @Test func aReaderThatGrowsOldIdentifiesAgainAndStoresNothingTwice() throws {
        let clock = ManualClock(microseconds: 1_714_600_000_000_000)
        let reader = DropReader(path: folder.at("a.json"), clock: clock)
        for count in 1...4 {
            folder.write(drop((0..<count).map { record($0) }), to: "a.json")
            _ = try readAll(reader, store)
            clock.advance(by: .seconds(1_801))
        }
        store.expectExactly((0..<4).map { record($0) })
        #expect(store.states.count == 1)
        #expect(store.repeatedRecords == 1 + 2 + 3)
    }

    @Test func whatIsNoRegularFileIsAnErrorAndNeverBlocks() throws {
        folder.makeFolder("x.json")
        makeFIFO(folder.at("fifo.json"))
        for path in [folder.at("x.json"), folder.at("fifo.json"), "/dev/zero"] {
            let reader = DropReader(path: path, clock: clock)
            var batch = FlowBatch()
            let error = #expect(throws: TailError.self) { try reader.read(into: &batch, lineages: store) }
            #expect(error?.code == .notRegular, "\(path)")
        }
        folder.link("loop.json", as: "loop.json")
        let reader = DropReader(path: folder.at("loop.json"), clock: clock)
        var batch = FlowBatch()
        let error = #expect(throws: TailError.self) { try reader.read(into: &batch, lineages: store) }
        #expect(error?.code == .unreadable)
    }
}

struct Unexpected: Error { var outcome: ReadOutcome? }
