internal import Decode
package import FlowModel
internal import Inflate
package import Runtime

/// Reads one drop from where it stands to its present end, again and again while it grows: each record once, whatever
/// the file is called, however it grew, and however often reading began anew. One thread's.
///
/// A drop is identified first: the hash of its first record leads to the lineages that the database holds, and the
/// digests of their bytes tell which of them this drop continues (design: Identity). A drop that continues none, or
/// ends before it could tell, is read with all records of these lineages known, so that nothing is stored twice.
///
/// A call opens the file, works for a bounded time and closes it: no reader holds a descriptor between calls. Growth is
/// known by the device and inode and by the bytes at the file's start and before the last position; whatever else
/// happened to the file, it is read anew from 0 and identified again, which costs hashing and stores nothing twice.
///
/// After a call the caller commits what is in the batch and then calls `committed(lineage:)`; when a commit failed for
/// good, or its outcome is not known, `rewind()`. Two drops of one lineage may grow at once: before records are taken,
/// the database is asked whether another drop has carried the lineage on; if so, the drop is identified again. Batches
/// of several readers may be committed together if they share their `LineageClaims`; else commit reader by reader.
package final class DropReader {
    /// Each case lists what may follow it; every one may go back to `identifying` when the file is another.
    enum Phase {
        /// Until the first whole record. → searching, reading, ended
        case identifying
        /// Hashing up to the offsets of the head's lineages. → confirming, reading, ended
        case searching(LineageSearch)
        /// Hashing once more up to a lineage that was found before a longer one was not. → reading
        case confirming(LineageState)
        /// Records go to the batch. → ended
        case reading
        /// Nothing more comes from the file until it changes.
        case ended(FileStamp)
    }

    /// Why the work of one call stops.
    enum Pause { case turn, caughtUp, unidentified, held }

    package let path: String
    private let clock: any WallClock
    let limits: TailLimits

    var phase = Phase.identifying
    var stamp: FileStamp?
    var input: DropInput
    var decoder: DropDecoder
    private var decoderBegan: Int64 = 0
    /// Microseconds: half of how far a record's time may lie in the future (`EventTime.futureLimitSeconds`).
    private static let decoderAgeLimit = EventTime.futureLimitSeconds * 1_000_000 / 2
    var output: [UInt8] = []
    var scratch = FlowBatch()
    var known: RecordSet
    var head: RecordHash?
    var lineage: Int64?
    private var awaitsCommit = false
    private let claims: LineageClaims
    /// The head's lineages and their offsets as this reader knows them, its own commits included.
    var lineageOffsets: [Int64: Int64] = [:]
    private var advanceOffset: Int64 = 0
    /// Records may lie in the decoder that the last call did not take.
    private var hasMore = false
    /// Read with all records known because no lineage could be told, and nothing new found yet.
    var isTentative = false
    /// Records hashed in this pass, and those of them that a batch has counted as repeated.
    var hashedRecords: Int64 = 0
    var countedRecords: Int64 = 0
    /// Dead letters given out before the head was known; a pass that begins anew meets them again.
    var givenOut: Set<GivenOut> = []
    static let givenOutLimit = 1_000
    /// The first byte that is no white space: what tells bytes that are no JSON from an unfinished record.
    var firstByte: UInt8?

    package init(
        path: String, clock: any WallClock, limits: TailLimits = TailLimits(), claims: LineageClaims = LineageClaims()
    ) {
        self.path = path
        self.claims = claims
        self.clock = clock
        self.limits = limits
        input = DropInput(limits: limits)
        decoder = DropDecoder(file: path, now: EventTime(microseconds: 0))
        known = RecordSet(limit: limits.knownRecords)
        startOver()
    }

    deinit { claims.release(head, by: self) }

    /// Bytes that this reader holds between calls, about.
    package var memoryBytes: Int { 4_096 + input.memoryBytes + decoder.bufferedBytes + known.count * 64 }

    /// True where a record, whole or not, or a log's envelope was seen since the drop was last read from its beginning.
    package var holdsLog: Bool { decoder.recordsRead > 0 || decoder.hasEnvelope }

    /// True after an advance was given out, until `committed` or `rewind`.
    package var isAwaitingCommit: Bool { awaitsCommit }

    /// Reads on from where the reader stood and appends to the batch, until it is full, this turn's work is done or
    /// there is no more input now.
    ///
    /// Never before an earlier advance was committed or the reader rewound. When an error is thrown, what the call had
    /// appended is taken back, and the drop is identified again when it is read again.
    package func read(
        into batch: inout FlowBatch, lineages: any LineageStore
    ) throws(TailError) -> ReadOutcome {
        precondition(!awaitsCommit, "read again before the last advance was committed or the reader rewound")
        guard let file = try DropFile.open(path) else {
            stamp = nil
            startOver()
            return .vanished
        }
        try resume(file)
        if case .ended = phase { return head == nil ? .unidentified : .caughtUp(nil) }
        let mark = Mark(batch)
        do throws(TailError) {
            let pause = try work(file, into: &batch, since: mark, lineages)
            hasMore = pause == .turn || (pause == .held && hasMore)
            rest(file)
            let advance = advance(of: batch, since: mark)
            switch pause {
            case .turn: return .batch(advance)
            case .caughtUp: return .caughtUp(advance)
            case .unidentified: return .unidentified
            case .held: return .held
            }
        } catch {
            // Dead letters and counts of this call go with the batch: nothing of them may stay behind here.
            mark.undo(&batch)
            startOver()
            throw error
        }
    }

    /// The end of the input, for a replay: what is unfinished becomes dead letters (`cut_off`, `not_json`, `bad_gzip`).
    ///
    /// To be called when `read` has caught up and its advance is committed. Nothing more comes until the file changes.
    package func finish(into batch: inout FlowBatch) -> LineageAdvance? {
        precondition(!awaitsCommit, "finished before the last advance was committed or the reader rewound")
        guard let stamp else { return nil }
        if case .ended = phase { return nil }
        let mark = Mark(batch)
        if input.holdsFirstByte {
            decoder.append([0x1f].span)
            _ = decoder.decode(into: &scratch, known: &known)
        }
        decoder.finish(into: &batch)
        dropGivenOut(from: &batch, since: mark)
        if input.isShort, batch.deadLetters.count == mark.deadLetters {
            batch.deadLetters.append(shortGzip())
        }
        phase = .ended(stamp)
        return advance(of: batch, since: mark)
    }

    /// The last advance is in the database, under this lineage.
    package func committed(lineage: Int64) {
        precondition(awaitsCommit, "a commit of nothing")
        self.lineage = lineage
        lineageOffsets[lineage] = advanceOffset
        awaitsCommit = false
        claims.release(head, by: self)
    }

    /// The last batch is not in the database, or nobody knows: the drop is identified again from its beginning.
    package func rewind() { startOver() }

    // MARK: One call

    private func work(
        _ file: borrowing DropFile, into batch: inout FlowBatch, since mark: Mark, _ lineages: any LineageStore
    ) throws(TailError) -> Pause {
        var workLeft = limits.workBytes
        // Each call asks once what the database holds by now, before it takes any record.
        var isCurrent = false
        if hasMore {
            if isHeld { return .held }
            try checkLineages(lineages)
            isCurrent = true
        }
        while true {
            switch (decode(into: &batch, since: mark), phase) {
            case (_, .identifying) where decoder.head != nil:
                if isHeld { return .held }
                try lookUp(lineages)
                isCurrent = true
            case (.batchFull, .identifying):
                giveOutDeadLetters(into: &batch)
                // They leave in small numbers, so that the batch stays bounded.
                if batch.deadLetters.count - mark.deadLetters >= Self.givenOutLimit { return .turn }
            case (.batchFull, .reading):
                return .turn
            case (.batchFull, _):
                break
            case (.reachedOffset, _):
                try judge(into: &batch, lineages)
            case (.needsInput, _):
                guard workLeft > 0 else { return .turn }
                let isEnd = try !input.next(from: file, into: &output, checkpoint: decoder.checkpoint.offset)
                workLeft -= output.count + 1_024
                if !isCurrent, !output.isEmpty {
                    if isHeld { return hold() }
                    isCurrent = true
                    if try !checkLineages(lineages) { continue }
                }
                noteFirstByte()
                decoder.append(output.span)
                if isEnd, let pause = try end(file, into: &batch, since: mark, lineages) { return pause }
            }
        }
    }

    /// Another drop with the same head awaits its commit.
    private var isHeld: Bool {
        guard let head = head ?? decoder.head else { return false }
        return claims.isHeld(head, fromOther: self)
    }

    private func hold() -> Pause {
        // The bytes just taken from the file are not in the decoder: they are read again, with all others.
        startOver()
        return .held
    }

    private func decode(into batch: inout FlowBatch, since mark: Mark) -> DecodeProgress {
        switch phase {
        case .identifying:
            return decoder.decode(into: &scratch, known: &known)
        case .searching(let search):
            return hash(upTo: search.nextOffset ?? 0)
        case .confirming(let match):
            return hash(upTo: match.offset)
        case .reading:
            let progress = decoder.decode(into: &batch, known: &known)
            dropGivenOut(from: &batch, since: mark)
            guard decoder.head == head || decoder.head == nil else {
                // Another content came between the two passes: these records belong to a head that nobody looked up.
                mark.undo(&batch)
                startOver()
                return .needsInput
            }
            return progress
        case .ended:
            return .needsInput
        }
    }

    /// Hashes records into `known` and decodes none; a record that leads past `offset` may end in the scratch batch.
    private func hash(upTo offset: Int64) -> DecodeProgress {
        let progress = decoder.decode(into: &scratch, known: &known, from: offset)
        hashedRecords += scratch.repeatedRecords
        scratch.removeAll()
        return progress
    }

    // MARK: Passes

    /// Compares the file with what was read of it before.
    private func resume(_ file: borrowing DropFile) throws(TailError) {
        defer { stamp = file.stamp }
        guard let before = stamp, before.isSameFile(as: file.stamp) else { return startOver() }
        if case .ended(let end) = phase {
            if end == file.stamp { return }
            // What was said of bytes that still stand there is not said again.
            let resumption = try input.resume(file, checkpoint: 0)
            let said = givenOut
            startOver()
            if case .goesOn = resumption { givenOut = said }
            return
        }
        if isTentative, file.stamp != before { return startOver() }
        // The decoder judges future times by the wall clock it began with: it must not grow old.
        if clock.microseconds - decoderBegan > Self.decoderAgeLimit { return startOver() }
        switch try input.resume(file, checkpoint: decoder.checkpoint.offset) {
        case .goesOn: break
        case .goesOnAtCheckpoint: if !decoder.rewindToCheckpoint() { startOver() }
        case .changed: startOver()
        }
    }

    private func rest(_ file: borrowing DropFile) {
        input.rest(checkpoint: decoder.checkpoint.offset, file: file)
        output = []
    }

    func startOver() {
        claims.release(head, by: self)
        awaitsCommit = false
        hasMore = false
        givenOut = []
        beginPass()
        countedRecords = 0
        head = nil
        phase = .identifying
        // One record is enough to identify a drop; the rest of what is buffered need not be decoded for it.
        var single = limits.decode
        single.batchRows = 1
        makeDecoder(single)
    }

    /// Reads from the first byte on.
    func beginPass() {
        input = DropInput(limits: limits)
        makeDecoder(limits.decode)
        known = RecordSet(limit: limits.knownRecords)
        scratch.removeAll()
        hashedRecords = 0
        lineage = nil
        isTentative = false
        firstByte = nil
    }

    private func makeDecoder(_ limits: DecodeLimits) {
        decoderBegan = clock.microseconds
        decoder = DropDecoder(file: path, now: EventTime(microseconds: decoderBegan), limits: limits)
    }

    private func advance(of batch: FlowBatch, since mark: Mark) -> LineageAdvance? {
        guard batch.records.count > mark.records, let head else { return nil }
        awaitsCommit = true
        isTentative = false
        advanceOffset = decoder.checkpoint.offset
        claims.claim(head, by: self)
        return LineageAdvance(
            lineage: lineage, head: head, offset: decoder.checkpoint.offset, records: decoder.checkpoint.records,
            digest: decoder.prefixDigest(), file: path, hashes: batch.records[mark.records...].map(\.hash))
    }

    /// What a batch held when a call began.
    struct Mark {
        let rows: Int
        let metrics: Int
        let records: Int
        let deadLetters: Int
        let repeatedRecords: Int64

        init(_ batch: FlowBatch) {
            rows = batch.count
            metrics = batch.metrics.count
            records = batch.records.count
            deadLetters = batch.deadLetters.count
            repeatedRecords = batch.repeatedRecords
        }

        /// Takes back what the call appended; its texts stay in the pool, which nobody names any more.
        func undo(_ batch: inout FlowBatch) {
            batch.truncate(rows: rows, metrics: metrics)
            batch.records.removeLast(batch.records.count - records)
            batch.deadLetters.removeLast(batch.deadLetters.count - deadLetters)
            batch.repeatedRecords = repeatedRecords
        }
    }
}
