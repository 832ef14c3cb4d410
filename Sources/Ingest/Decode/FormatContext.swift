internal import FlowModel

/// What a format works with: the record, what is known of it, and memory that is used again for the next one.
struct FormatContext {
    /// The record, from its `{` to after its `}`; valid for one call.
    var bytes = Bytes(start: nil, count: 0)
    var header: RecordHeader
    /// Index of the record in the batch's `records`.
    var record: Int32 = 0
    /// Bounds of the record's own time and of each tuple's.
    let earliest = EventTime.earliest
    let latest: EventTime
    let limits: DecodeLimits
    /// Broken tuples of this record; they become dead letters unless the whole record does.
    var deadTuples: [DeadTuple] = []
    /// A record's `attributes` while they are built.
    var attributes: [UInt8] = []
    private var scratch: [UInt8] = []
    private var resources = ResourceCache()

    struct DeadTuple {
        var index: Int64
        var range: Range<Int>
        var fault: Fault
        var badField: Int
    }

    init(now: EventTime, limits: DecodeLimits) {
        latest = now.advanced(seconds: EventTime.futureLimitSeconds)
        self.limits = limits
        header = RecordHeader()
    }

    /// Text ids are valid for one batch alone: forget them before another one is filled.
    mutating func forgetTexts() { resources = ResourceCache() }
}

// MARK: Times

extension FormatContext {
    static let outOfRange = Fault(
        reason: .timeOutOfRange, detail: "the time lies before 2010 or more than an hour after this machine's clock")

    func isInRange(_ time: EventTime) -> Bool { time >= earliest && time <= latest }

    /// The record's own time; nil where it names none.
    func recordTimeIfAny() throws(Fault) -> EventTime? {
        guard let text = header.time else { return nil }
        let time = try RecordTime.read(bytes, text)
        guard isInRange(time) else { throw Self.outOfRange }
        return time
    }

    func recordTime() throws(Fault) -> EventTime {
        guard let time = try recordTimeIfAny() else { throw .bad("the record names no time") }
        return time
    }
}

// MARK: Texts

extension FormatContext {
    /// The id of a text, unescaped and checked; none for an empty one.
    mutating func intern(_ text: JSONText, into batch: inout FlowBatch) throws(Fault) -> TextID {
        if text.isEmpty { return .none }
        if !text.isEscaped {
            guard bytes.isStorableText(from: text.start, to: text.end) else { throw .badText }
            return batch.texts.intern(Span(_unsafeElements: bytes.part(text.start, text.end)))
        }
        scratch.removeAll(keepingCapacity: true)
        try text.append(from: bytes, to: &scratch)
        return batch.texts.intern(scratch.span)
    }

    mutating func internLowercased(_ text: JSONText, into batch: inout FlowBatch) throws(Fault) -> TextID {
        if text.isEmpty { return .none }
        scratch.removeAll(keepingCapacity: true)
        try text.append(from: bytes, to: &scratch)
        for index in scratch.indices { scratch[index] = lowercased(scratch[index]) }
        return batch.texts.intern(scratch.span)
    }

    /// A host's name as records are compared by it: lower case, without the dot that ends it. Hardly ever repeats less
    /// than a rule does, so it is stored once.
    mutating func internHost(_ text: JSONText, into batch: inout FlowBatch) throws(Fault) -> TextID {
        scratch.removeAll(keepingCapacity: true)
        try text.append(from: bytes, to: &scratch)
        return internHost(into: &batch)
    }

    mutating func internHost(_ text: Bytes, into batch: inout FlowBatch) -> TextID {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: text)
        return internHost(into: &batch)
    }

    private mutating func internHost(into batch: inout FlowBatch) -> TextID {
        if scratch.count > 1, scratch.last == UInt8(ascii: ".") { scratch.removeLast() }
        if scratch.isEmpty { return .none }
        for index in scratch.indices { scratch[index] = lowercased(scratch[index]) }
        return batch.texts.intern(scratch.span)
    }

    /// `group/collection/rule`, missing parts left out; none where all are missing.
    mutating func internRule(_ parts: InlineArray<3, JSONText?>, into batch: inout FlowBatch) throws(Fault) -> TextID {
        scratch.removeAll(keepingCapacity: true)
        for index in parts.indices {
            guard let part = parts[index], !part.isEmpty else { continue }
            if !scratch.isEmpty { scratch.append(UInt8(ascii: "/")) }
            try part.append(from: bytes, to: &scratch)
        }
        return scratch.isEmpty ? .none : batch.texts.intern(scratch.span)
    }

    /// The same of parts that are unescaped and checked already.
    mutating func internRule(
        of text: Bytes, _ parts: InlineArray<3, Range<Int>>, into batch: inout FlowBatch
    ) -> TextID {
        scratch.removeAll(keepingCapacity: true)
        for index in parts.indices where !parts[index].isEmpty {
            if !scratch.isEmpty { scratch.append(UInt8(ascii: "/")) }
            scratch.append(contentsOf: text.part(parts[index].lowerBound, parts[index].upperBound))
        }
        return scratch.isEmpty ? .none : batch.texts.intern(scratch.span)
    }

    /// The text's bytes, unescaped and checked, for a while.
    mutating func withPlain<Value>(
        _ text: JSONText, _ body: (Bytes, inout FormatContext) throws(Fault) -> Value
    ) throws(Fault) -> Value {
        if !text.isEscaped {
            guard bytes.isStorableText(from: text.start, to: text.end) else { throw .badText }
            return try body(bytes.part(text.start, text.end), &self)
        }
        var plain: [UInt8] = []
        try text.append(from: bytes, to: &plain)
        // The closure of the standard library does not carry the type of an error through.
        let result: Result<Value, Fault> = plain.withUnsafeBufferPointer { buffer in
            do throws(Fault) { return .success(try body(buffer, &self)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

// MARK: Ids

/// The last resource and category, and their ids: firewall records of one drop all name the same.
struct ResourceCache {
    var resource: [UInt8] = []
    var category: [UInt8] = []
    var vantage = TextID.none
    var source = TextID.none

    func holds(_ bytes: Bytes, _ resourceText: JSONText, _ categoryText: JSONText) -> Bool {
        !vantage.isNone && equals(resource, bytes, resourceText) && equals(category, bytes, categoryText)
    }

    private func equals(_ kept: [UInt8], _ bytes: Bytes, _ text: JSONText) -> Bool {
        guard kept.count == text.end - text.start else { return false }
        for index in kept.indices where kept[index] != bytes[text.start + index] { return false }
        return true
    }
}

extension FormatContext {
    /// What a firewall's record is filed under: `vantage` is the lower-cased resource id, `source` has `#` and the
    /// lower-cased category behind it.
    mutating func firewallSource(into batch: inout FlowBatch) throws(Fault) -> (vantage: TextID, source: TextID) {
        guard let resource = header.resource, !resource.isEmpty, let category = header.category else {
            throw .bad("the record names no resourceId")
        }
        if resources.holds(bytes, resource, category) { return (resources.vantage, resources.source) }
        let vantage = try internLowercased(resource, into: &batch)
        scratch.append(UInt8(ascii: "#"))
        try category.append(from: bytes, to: &scratch)
        for index in scratch.indices { scratch[index] = lowercased(scratch[index]) }
        let source = batch.texts.intern(scratch.span)
        resources = ResourceCache(
            resource: Array(bytes.part(resource.start, resource.end)),
            category: Array(bytes.part(category.start, category.end)), vantage: vantage, source: source)
        return (vantage, source)
    }

    /// 48 bits of a MAC written with or without separators; 0 where the text is none.
    func mac(_ text: JSONText?) -> UInt64 {
        guard let text else { return 0 }
        var value: UInt64 = 0
        var digits = 0
        for index in text.start..<text.end {
            let byte = bytes[index]
            switch byte {
            case 48...57: value = value << 4 | UInt64(byte - 48)
            case 65...70: value = value << 4 | UInt64(byte - 55)
            case 97...102: value = value << 4 | UInt64(byte - 87)
            case UInt8(ascii: "-"), UInt8(ascii: ":"): continue
            default: return 0
            }
            digits += 1
            if digits > 12 { return 0 }
        }
        return digits == 12 ? value : 0
    }
}
