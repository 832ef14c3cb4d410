internal import FlowModel

/// One flow log's tuple: fills what the tuple says into a row that holds what its record and group say.
protocol TupleFormat {
    /// Fields of a tuple.
    static var fieldCount: Int { get }
    /// False where the time lies beyond all years; what does not fit stays in the reader.
    static func read(_ tuple: inout TupleReader, into row: inout FlowRow, _ texts: inout TupleTexts) -> Bool
}

/// The few texts that stand in tuples themselves: the last one and its id, so that it is looked up once a run.
struct TupleTexts {
    let bytes: Bytes
    private var last = 0..<0
    private var lastID = TextID.none
    private(set) var pending = 0..<0

    init(_ bytes: Bytes) { self.bytes = bytes }

    /// Notes the text that the row's `encryption` is to be.
    @inline(__always)
    mutating func note(_ range: Range<Int>) { pending = range }

    /// The noted text's id; nil where it is no identifier.
    mutating func resolve(into batch: inout FlowBatch) -> TextID? {
        if pending.isEmpty { return TextID.none }
        if !lastID.isNone, isLast() { return lastID }
        for index in pending {
            let byte = lowercased(bytes[index])
            guard byte >= 97 && byte <= 122 || isDigit(byte) || byte == UInt8(ascii: "_") else { return nil }
        }
        last = pending
        lastID = batch.texts.intern(Span(_unsafeElements: bytes.part(pending.lowerBound, pending.upperBound)))
        return lastID
    }

    private func isLast() -> Bool {
        guard pending.count == last.count else { return false }
        for offset in 0..<last.count where bytes[last.lowerBound + offset] != bytes[pending.lowerBound + offset] {
            return false
        }
        return true
    }
}

/// Walks `flowTuples` arrays and counts the tuples of one record.
struct FlowLogWalker<Tuple: TupleFormat> {
    /// Index of the next tuple in its record.
    private var next: Int32 = 0
    private var texts: TupleTexts

    init(_ context: FormatContext) { texts = TupleTexts(context.bytes) }

    /// Reads the array at the cursor; `row` holds what all its tuples share.
    mutating func readTuples(
        _ cursor: inout JSONCursor, of shared: FlowRow, _ context: inout FormatContext, into batch: inout FlowBatch
    ) throws(Fault) {
        var row = shared
        try cursor.openArray()
        while try cursor.nextElement() {
            row.tuple = next
            next += 1
            guard Int(next) <= context.limits.recordRows else {
                throw Fault(reason: .overLimit, detail: "the record holds more flow tuples than the limit")
            }
            guard cursor.peek() == UInt8(ascii: "\"") else {
                let start = cursor.at
                try cursor.skipValue()
                try context.noteDeadTuple(Int64(row.tuple), start..<cursor.at, Self.noTuple, 0)
                continue
            }
            let text = try cursor.string()
            if text.isEscaped {
                try readEscaped(text, &row, &context, into: &batch)
                continue
            }
            var tuple = TupleReader(cursor.bytes, from: text.start, to: text.end)
            let isPossible = Tuple.read(&tuple, into: &row, &texts)
            try take(row, tuple, isPossible, text.start..<text.end, &context, into: &batch)
        }
    }

    private static var noTuple: Fault { Fault(reason: .badTuple, detail: "the tuple is no text") }
    private static var misfit: Fault { Fault(reason: .badTuple, detail: "the tuple does not fit its format") }

    @inline(__always)
    private mutating func take(
        _ filled: FlowRow, _ tuple: TupleReader, _ isPossible: Bool, _ range: Range<Int>,
        _ context: inout FormatContext, into batch: inout FlowBatch
    ) throws(Fault) {
        guard tuple.isWhole(Tuple.fieldCount) else {
            return try context.noteDeadTuple(Int64(filled.tuple), range, Self.misfit, max(tuple.badField, 1))
        }
        guard isPossible, context.isInRange(filled.time) else {
            return try context.noteDeadTuple(Int64(filled.tuple), range, FormatContext.outOfRange, 0)
        }
        var row = filled
        guard let encryption = texts.resolve(into: &batch) else {
            return try context.noteDeadTuple(Int64(filled.tuple), range, Self.misfit, 9)
        }
        row.encryption = encryption
        if row.ipProtocol == IPProtocol.icmp || row.ipProtocol == IPProtocol.icmpV6 {
            row.sourcePort = -1
            row.destinationPort = -1
        }
        batch.append(row)
    }

    /// Nobody escapes a tuple; it may cost a copy.
    private mutating func readEscaped(
        _ text: JSONText, _ row: inout FlowRow, _ context: inout FormatContext, into batch: inout FlowBatch
    ) throws(Fault) {
        var plain: [UInt8] = []
        do {
            try text.append(from: context.bytes, to: &plain)
        } catch {
            return try context.noteDeadTuple(Int64(row.tuple), text.start..<text.end, error, 0)
        }
        let kept = texts
        let result: Result<Void, Fault> = plain.withUnsafeBufferPointer { bytes in
            texts = TupleTexts(bytes)
            var tuple = TupleReader(bytes, from: 0, to: bytes.count)
            let isPossible = Tuple.read(&tuple, into: &row, &texts)
            do throws(Fault) {
                try take(row, tuple, isPossible, text.start..<text.end, &context, into: &batch)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        texts = kept
        try result.get()
    }
}

extension FormatContext {
    /// Remembers a broken tuple; with too many of them, the record itself is broken.
    mutating func noteDeadTuple(_ index: Int64, _ range: Range<Int>, _ fault: Fault, _ badField: Int) throws(Fault) {
        guard deadTuples.count < limits.recordDeadTuples else {
            throw .bad("the record holds so many broken tuples that it is broken itself")
        }
        deadTuples.append(DeadTuple(index: index, range: range, fault: fault, badField: badField))
    }
}

extension JSONCursor {
    /// Reads an object that holds a text and an array that belongs under it, in any order, and the array after the text.
    ///
    /// Escaped keys are not looked for: no exporter writes them. `body` gets the cursor before the array, and the text (nil where there is none). Returns false where the
    /// object holds no such array.
    mutating func readGroup(
        text textKey: StaticString?, array arrayKey: StaticString,
        _ body: (inout JSONCursor, JSONText?) throws(Fault) -> Void
    ) throws(Fault) -> Bool {
        var text: JSONText?
        var postponed = -1
        var isFound = false
        try openObject()
        while let key = try nextKey() {
            if let textKey, bytes.equals(textKey, from: key.start, to: key.end) {
                text = try stringIfAny()
            } else if bytes.equals(arrayKey, from: key.start, to: key.end) {
                isFound = true
                if text != nil || textKey == nil {
                    try body(&self, text)
                } else {
                    _ = peek()
                    postponed = at
                    try skipValue()
                }
            } else {
                try skipValue()
            }
        }
        if postponed >= 0 {
            var again = JSONCursor(bytes, at: postponed)
            try body(&again, text)
        }
        return isFound
    }
}
