internal import Digest
package import FlowModel

/// Decodes one drop: uncompressed bytes in, in pieces of any size; flow records, metric points and dead letters out.
///
/// What comes out does not depend on how the bytes were cut into pieces. Memory is bounded by `DecodeLimits.recordBytes`
/// and the piece appended; the batch by `batchRows` and `batchBytes`, past which only the last record leads. Input that
/// cannot be understood is never an error: it becomes a dead letter of the batch. For one thread at a time.
package struct DropDecoder: ~Copyable {
    private let file: String
    private let limits: DecodeLimits
    private let skipsRepeated: Bool
    private var buffer = ByteBuffer()
    /// Absolute offset of the buffer's first byte.
    private var base = 0
    private var splitter: RecordSplitter
    private var context: FormatContext
    private var hasher = RecordHasher()
    private var prefix = SHA256()
    /// Absolute offset up to which `prefix` holds the drop.
    private var hashedTo = 0
    /// The digest at the checkpoint, where `prefix` had to go on because the bytes would not stay.
    private var digestAtCheckpoint: [UInt8]?
    private var wrappersAtCheckpoint = Nesting()
    /// A run of bytes that are no record, or a record beyond the limit, while it arrives.
    private var streamed: StreamedInput?
    /// An event that waits because the checkpoint was asked for before it.
    private var postponed: SplitEvent?
    private var reachedOffset: Int64 = 0
    private var fileID = TextID.none
    private var deadLetters = DeadLetterMeter()

    /// How far the drop has been decoded: after its last whole record.
    package private(set) var checkpoint = DropCheckpoint()
    /// Hash of the drop's first record; nil before it is whole.
    package private(set) var head: RecordHash?
    /// Elements of the log seen so far: repeated, dead and unfinished ones among them.
    package private(set) var recordsRead: Int64 = 0

    /// - Parameters:
    ///   - file: the drop's path, as origins and dead letters show it.
    ///   - now: the wall clock; a time more than an hour after it is a dead letter `time_out_of_range`.
    ///   - skipsRepeated: false to decode records that are known, too: what a drop holds, not what is new in it.
    package init(
        file: String, now: EventTime, limits: DecodeLimits = DecodeLimits(), skipsRepeated: Bool = true
    ) {
        self.file = file
        self.skipsRepeated = skipsRepeated
        self.limits = limits
        splitter = RecordSplitter(recordLimit: limits.recordBytes)
        context = FormatContext(now: now, limits: limits)
    }

    /// Bytes that are held because they are not done with.
    package var bufferedBytes: Int { buffer.count }

    /// True once a wrapper (`records`, or an array that closed) was seen: a drop without records may still be a log.
    package var hasEnvelope: Bool { splitter.hasEnvelope }

    /// Takes the next piece of the drop; decode it before the one after, so that memory stays bounded.
    package mutating func append(_ bytes: Span<UInt8>) {
        if postponed == nil { release() }
        buffer.append(bytes)
    }

    /// Decodes all whole records that are buffered, until the batch is full.
    ///
    /// - Parameters:
    ///   - known: hashes of the records that the lineage holds already; each record's hash is added, also of dead ones.
    ///     A record that is in it is skipped and counted in `batch.repeatedRecords`.
    ///   - from: records that end at or before this offset are only hashed into `known` and counted as repeated. When
    ///     the checkpoint stands there, or the next whole record would pass it, `.reachedOffset` comes back, once for
    ///     each offset: nothing behind it was decoded then.
    package mutating func decode(
        into batch: inout FlowBatch, known: inout RecordSet, from: Int64 = 0
    ) -> DecodeProgress {
        fileID = .none
        context.forgetTexts()
        defer { hashToCheckpoint() }
        while true {
            if from > reachedOffset, checkpoint.offset >= from {
                reachedOffset = from
                return .reachedOffset
            }
            if deadLetters.isFull(batch, limits) { return .batchFull }
            let event = nextEvent()
            if let end = end(of: event), from > reachedOffset, Int64(end) > from {
                reachedOffset = from
                postponed = event
                return .reachedOffset
            }
            switch event {
            case .needsInput:
                guard passLimit() else { return .needsInput }
            case .record(let found): take(found, into: &batch, known: &known, from: from)
            case .lost(let run, let end): take(run, to: end, into: &batch, known: &known, from: from)
            }
        }
    }

    private mutating func nextEvent() -> SplitEvent {
        if let event = postponed {
            postponed = nil
            return event
        }
        return splitter.next(buffer.bytes, base: base)
    }

    /// Where an event moves the checkpoint to; nil for one that does not.
    private func end(of event: SplitEvent) -> Int? {
        switch event {
        case .needsInput: return nil
        case .record(let found): return found.end
        case .lost(let run, let end): return run.defect == nil ? nil : end
        }
    }

    /// A record that is longer than the limit before it is whole: from here on only its hash is kept. True where the
    /// splitter has to look again.
    private mutating func passLimit() -> Bool {
        guard splitter.elementLength > limits.recordBytes, !splitter.isOversize else { return false }
        splitter.passLimit()
        return true
    }
}

// MARK: Memory and digest

extension DropDecoder {
    /// SHA-256 of the uncompressed bytes before the checkpoint.
    package func prefixDigest() -> [UInt8] { digestAtCheckpoint ?? prefix.digest() }

    /// Forgets all bytes after the checkpoint, so that the next piece begins exactly there: how a drop that grew by
    /// overwriting its closing `]}` goes on. False where that cannot be done any more: decode the drop anew from 0.
    package mutating func rewindToCheckpoint() -> Bool {
        guard digestAtCheckpoint == nil, base <= Int(checkpoint.offset) else { return false }
        buffer.truncate(to: Int(checkpoint.offset) - base)
        splitter.rewind(to: Int(checkpoint.offset), wrappers: wrappersAtCheckpoint)
        streamed = nil
        postponed = nil
        recordsRead = checkpoint.records
        return true
    }

    /// Bytes after the checkpoint that are kept for a rewind although the splitter is done with them.
    private static let rewindBytes = 65_536

    /// Lets go of the bytes that nobody needs.
    private mutating func release() {
        let limit = splitter.streamedTo
        if splitter.run != nil || splitter.isOversizeRecord {
            if streamed == nil { streamed = StreamedInput(start: splitter.run?.start ?? splitter.start) }
            streamed?.take(buffer.bytes, base: base, to: limit)
        }
        var keep = splitter.retained
        let offset = Int(checkpoint.offset)
        if keep > offset {
            if keep - offset <= Self.rewindBytes {
                keep = max(offset, base)
            } else {
                if digestAtCheckpoint == nil { digestAtCheckpoint = prefix.digest() }
                hash(to: keep)
            }
        }
        buffer.dropFirst(keep - base)
        base = keep
    }

    private mutating func hashToCheckpoint() {
        let offset = Int(checkpoint.offset)
        if hashedTo < offset {
            digestAtCheckpoint = nil
            hash(to: offset)
        }
    }

    private mutating func hash(to offset: Int) {
        guard offset > hashedTo else { return }
        prefix.update(Span(_unsafeElements: buffer.bytes.part(hashedTo - base, offset - base)))
        hashedTo = offset
    }
}

// MARK: Records

extension DropDecoder {
    private mutating func take(
        _ found: FoundRecord, into batch: inout FlowBatch, known: inout RecordSet, from: Int64
    ) {
        var sample: [UInt8]?
        let hash: RecordHash
        if found.isOversize {
            var input = takeStreamed(from: found.start)
            input.take(buffer.bytes, base: base, to: found.end)
            let finished = input.finish()
            (sample, hash) = (finished.sample, finished.hash)
        } else {
            hash = hasher.hash(Span(_unsafeElements: buffer.bytes.part(found.start - base, found.end - base)))
        }
        guard let index = enter(hash, at: found.start, to: found.end, into: &batch, known: &known, from: from) else {
            return
        }
        if let sample {
            batch.deadLetters.append(letter(Self.tooLong, at: found.start, sample, hash, index, category: nil))
        } else {
            decode(found, index: index, hash: hash, into: &batch)
        }
    }

    private static let tooLong = Fault(reason: .overLimit, detail: "the record is longer than the limit")

    /// Counts a record, moves the checkpoint behind it and adds its origin. Its index; nil where it is repeated.
    private mutating func enter(
        _ hash: RecordHash, at start: Int, to end: Int, into batch: inout FlowBatch, known: inout RecordSet, from: Int64
    ) -> Int64? {
        let index = recordsRead
        recordsRead += 1
        if head == nil { head = hash }
        checkpoint = DropCheckpoint(offset: Int64(end), records: recordsRead)
        wrappersAtCheckpoint = splitter.wrappers
        let isNew = known.insert(hash) || !skipsRepeated
        guard isNew, Int64(end) > from else {
            batch.repeatedRecords += 1
            return nil
        }
        if fileID.isNone { fileID = batch.texts.intern(file) }
        batch.records.append(
            RecordOrigin(
                file: fileID, index: index, offset: Int64(start), hash: hash, time: EventTime(microseconds: 0)))
        return index
    }

    private mutating func decode(_ found: FoundRecord, index: Int64, hash: RecordHash, into batch: inout FlowBatch) {
        let bytes = buffer.bytes.part(found.start - base, found.end - base)
        let rows = batch.count
        let metrics = batch.metrics.count
        context.bytes = bytes
        context.header = RecordHeader()
        context.deadTuples.removeAll(keepingCapacity: true)
        context.record = Int32(batch.records.count - 1)
        do throws(Fault) {
            guard bytes.count <= limits.recordBytes else { throw Self.tooLong }
            context.header = try RecordHeader(bytes, containers: splitter.containers)
            try FormatCatalogue.decode(&context, into: &batch)
            noteRecordTime(rows: rows, in: &batch)
        } catch {
            batch.truncate(rows: rows, metrics: metrics)
            context.deadTuples.removeAll(keepingCapacity: true)
            let sample = Array(bytes.prefix(DeadLetter.inputLimit))
            batch.deadLetters.append(letter(error, at: found.start, sample, hash, index, category: category()))
        }
        for tuple in context.deadTuples { bury(tuple, of: found, index: index, into: &batch) }
    }

    /// A flow log's record without a time of its own has that of its first flow.
    private func noteRecordTime(rows: Int, in batch: inout FlowBatch) {
        let record = Int(context.record)
        guard batch.records[record].time.microseconds == 0, batch.count > rows else { return }
        batch.records[record].time = batch.rows[rows].time
    }

    private func bury(
        _ tuple: FormatContext.DeadTuple, of found: FoundRecord, index: Int64, into batch: inout FlowBatch
    ) {
        let bytes = context.bytes.part(tuple.range.lowerBound, tuple.range.upperBound)
        let field = tuple.badField == 0 ? "" : ": field \(tuple.badField) or the number of fields"
        let input = Array(bytes.prefix(DeadLetter.inputLimit))
        batch.deadLetters.append(
            DeadLetter(
                reason: tuple.fault.reason, file: file, record: index, tuple: tuple.index,
                offset: Int64(found.start + tuple.range.lowerBound), category: category(),
                detail: "\(tuple.fault.detail)\(field)", input: input, hash: tupleHash(tuple, of: found)))
    }

    /// A broken tuple is known by its record and its place there: real records hold the same tuple more than once.
    private func tupleHash(_ tuple: FormatContext.DeadTuple, of found: FoundRecord) -> RecordHash {
        var digest = SHA256()
        digest.update(Span(_unsafeElements: context.bytes))
        digest.update("#\(tuple.index)".utf8.span)
        let bytes = digest.digest()
        var hash = RecordHash(upper: 0, lower: 0)
        for byte in 0..<8 {
            hash.upper = hash.upper << 8 | UInt64(bytes[byte])
            hash.lower = hash.lower << 8 | UInt64(bytes[byte + 8])
        }
        return hash
    }

    /// The record's category as a text that can be stored and shown.
    private func category() -> String? {
        guard let text = context.header.category, text.end <= context.bytes.count else { return nil }
        let bytes = context.bytes.part(text.start, min(text.end, text.start + 200))
        return String(decoding: bytes.map { $0 < 32 ? UInt8(ascii: "?") : $0 }, as: UTF8.self)
    }

    private func letter(
        _ fault: Fault, at start: Int, _ sample: [UInt8], _ hash: RecordHash, _ index: Int64?, category: String?
    ) -> DeadLetter {
        DeadLetter(
            reason: fault.reason, file: file, record: index, offset: Int64(start), category: category,
            detail: "\(fault.detail)", input: sample, hash: hash)
    }
}

// MARK: What is no record

extension DropDecoder {
    private mutating func takeStreamed(from start: Int) -> StreamedInput {
        guard let input = streamed.take() else { return StreamedInput(start: start) }
        return input
    }

    private mutating func take(
        _ run: LostRun, to end: Int, into batch: inout FlowBatch, known: inout RecordSet, from: Int64
    ) {
        var input = takeStreamed(from: run.start)
        input.take(buffer.bytes, base: base, to: end)
        let (sample, hash) = input.finish()
        guard let defect = run.defect else {
            // Read before, when the records after it were.
            if Int64(end) <= from { return }
            batch.deadLetters.append(letter(Self.noJSON, at: run.start, sample, hash, nil, category: nil))
            return
        }
        guard let index = enter(hash, at: run.start, to: end, into: &batch, known: &known, from: from) else { return }
        let fault = Fault(reason: .badRecord, detail: defect)
        batch.deadLetters.append(letter(fault, at: run.start, sample, hash, index, category: nil))
    }

    private static let noJSON = Fault(
        reason: .notJSON, detail: "the bytes are no JSON; a drop is JSON, plain or compressed with gzip")
    private static let cutOff = Fault(
        reason: .cutOff, detail: "the drop ends inside of this record; deliver it again when it is whole")

    /// The end of the input, after `decode` has said `.needsInput`: what is unfinished becomes a dead letter.
    ///
    /// A missing `]}` alone, an empty drop and `{"records":[]}` are nothing.
    package mutating func finish(into batch: inout FlowBatch) {
        let end = base + buffer.count
        let fault: Fault
        let start: Int
        let isRecord: Bool
        if let run = splitter.run {
            start = run.start
            isRecord = run.defect != nil
            fault = run.defect.map { run.goesOn ? .bad($0) : Self.cutOff } ?? Self.noJSON
        } else if splitter.isInRecord {
            start = splitter.start
            isRecord = true
            fault = splitter.isOversizeRecord ? Self.tooLong : Self.cutOff
        } else {
            return
        }
        var input = takeStreamed(from: start)
        input.take(buffer.bytes, base: base, to: end)
        let (sample, hash) = input.finish()
        let index = isRecord ? recordsRead : nil
        if isRecord { recordsRead += 1 }
        batch.deadLetters.append(letter(fault, at: start, sample, hash, index, category: nil))
        splitter.rewind(to: end, wrappers: Nesting())
    }
}

/// Tells when a batch is full. Dead letters keep their input, so they count by its bytes; each is looked at once.
private struct DeadLetterMeter {
    private var count = 0
    private var bytes = 0

    mutating func isFull(_ batch: FlowBatch, _ limits: DecodeLimits) -> Bool {
        if batch.deadLetters.count < count { (count, bytes) = (0, 0) }
        while count < batch.deadLetters.count {
            bytes += batch.deadLetters[count].input.count
            count += 1
        }
        return batch.count >= limits.batchRows || batch.records.count >= limits.batchRows
            || batch.metrics.count >= limits.batchRows || count >= limits.batchRows
            || batch.texts.byteCount + bytes >= limits.batchBytes
    }
}
