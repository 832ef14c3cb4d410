/// Finds whole records in the bytes of a drop, in every wrapper that exporters write, without building a tree.
///
/// A state machine over bytes: it may stop anywhere and goes on with the next piece, so the records found never depend
/// on how the bytes were cut. Wrappers are followed leniently (a fragment may begin with `,` or end with `]}` that
/// nothing opened); inside a record brackets must match, and an opening brace must stand where a value can.
/// https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview (block layout),
/// https://learn.microsoft.com/azure/azure-monitor/platform/resource-logs-blob-format (JSON lines)
struct RecordSplitter {
    enum Mode {
        /// Between records: → `element` at `{`, → `lost` at what no wrapper holds.
        case between
        /// Inside a record, or in what follows a wrapper's `records`: → `between` at its end, → `lost` where it breaks.
        case element
        /// Looking for the next record after bytes that are none: → `element` at what may be one.
        case lost
    }

    /// Nesting that is followed, of wrappers and inside a record; deeper input is broken.
    static let depthLimit = 64

    private(set) var mode = Mode.between
    /// Next byte to look at, absolute.
    private(set) var position = 0
    /// `{` of the element, absolute.
    private(set) var start = 0
    private(set) var run: LostRun?
    private(set) var wrappers = Nesting()
    private(set) var hasEnvelope = false
    private(set) var isOversize = false
    /// Offsets inside the element of its values that are objects or arrays (begin, end), the first of them: the reader
    /// jumps over what it does not need.
    private(set) var containers: [Int32] = []

    private var nesting = Nesting()
    /// Levels beyond `depthLimit` that are open: such a record is followed to its end, or to the line's, as one.
    private var excess = 0
    private var inString = false
    /// The first significant byte after `{` was seen and fits.
    private var isOpened = false
    /// What follows a wrapper's `records`: it ends with the wrapper and is no record.
    private var isTail = false
    /// Last significant byte outside of strings; a quote for a whole string.
    private var previous: UInt8 = 0
    private var keyStart = 0
    private var keyEnd = 0
    private var atBreak = false
    private var completed: FoundRecord?
    private let recordLimit: Int

    init(recordLimit: Int) { self.recordLimit = recordLimit }

    /// The first byte that must stay in memory.
    var retained: Int {
        if let completed { return completed.start }
        return mode == .element && !isOversize ? start : position
    }

    /// How far bytes that are no record, or a record beyond the limit, are certain to be so.
    var streamedTo: Int {
        if let completed { return completed.start }
        return mode == .element && !isOversize ? start : position
    }

    var isOversizeRecord: Bool { mode == .element && isOversize && !isTail }

    /// Inside a record that is no wrapper's tail.
    var isInRecord: Bool { mode == .element && !isTail }

    /// The bytes from which an unfinished record is missing its end; how long it is so far.
    var elementLength: Int { mode == .element ? position - start : 0 }

    /// Goes on without keeping the element's bytes.
    mutating func passLimit() {
        if run != nil {
            giveUp()
        } else {
            isOversize = true
            containers.removeAll(keepingCapacity: true)
        }
    }

    /// Forgets all that was seen after `offset`, a place between records at which `wrappers` were open.
    mutating func rewind(to offset: Int, wrappers: Nesting) {
        mode = .between
        position = offset
        self.wrappers = wrappers
        run = nil
        completed = nil
        isOversize = false
    }

    /// The next event; `bytes` begin at the absolute offset `base` and hold all from `retained` on.
    mutating func next(_ bytes: Bytes, base: Int) -> SplitEvent {
        if let completed {
            self.completed = nil
            return .record(completed)
        }
        while true {
            let event: SplitEvent?
            switch mode {
            case .between: event = scanBetween(bytes, base)
            case .element: event = scanElement(bytes, base)
            case .lost: event = scanLost(bytes, base)
            }
            if let event { return event }
        }
    }
}

// MARK: Between records

extension RecordSplitter {
    private mutating func scanBetween(_ bytes: Bytes, _ base: Int) -> SplitEvent? {
        var at = position - base
        while at < bytes.count {
            switch bytes[at] {
            case 32, 10, 13, 9, UInt8(ascii: ","): break
            case UInt8(ascii: "{"):
                open(at: base + at)
                return nil
            case UInt8(ascii: "["):
                guard wrappers.push(isObject: false) else { return lose(at: base + at) }
            case UInt8(ascii: "]"):
                if wrappers.depth > 0 {
                    hasEnvelope = true
                    if !wrappers.topIsObject { wrappers.pop() }
                    if wrappers.depth > 0, wrappers.topIsObject {
                        openTail(at: base + at + 1)
                        return nil
                    }
                }
            case UInt8(ascii: "}"):
                if wrappers.depth > 0, wrappers.topIsObject { wrappers.pop() }
            case 0xef:
                // A byte-order mark begins the drop, or each part of a drop that was put together.
                guard at + 3 <= bytes.count else {
                    position = base + at
                    return .needsInput
                }
                guard bytes[at + 1] == 0xbb, bytes[at + 2] == 0xbf else { return lose(at: base + at) }
                at += 2
            default:
                return lose(at: base + at)
            }
            at += 1
        }
        position = base + at
        return .needsInput
    }

    private mutating func open(at offset: Int) {
        mode = .element
        start = offset
        position = offset + 1
        nesting = Nesting()
        excess = 0
        _ = nesting.push(isObject: true)
        inString = false
        isOpened = false
        isTail = false
        isOversize = false
        previous = UInt8(ascii: "{")
        containers.removeAll(keepingCapacity: true)
    }

    private mutating func openTail(at offset: Int) {
        open(at: offset)
        position = offset
        isOpened = true
        isTail = true
        previous = UInt8(ascii: "]")
    }

    /// Begins a run of bytes that are no JSON.
    private mutating func lose(at offset: Int) -> SplitEvent? {
        if run == nil { run = LostRun(start: offset) } else { run?.goesOn = true }
        mode = .lost
        position = offset
        atBreak = false
        return nil
    }
}

// MARK: Inside a record

extension RecordSplitter {
    private mutating func scanElement(_ bytes: Bytes, _ base: Int) -> SplitEvent? {
        if !isOpened {
            guard let event = scanOpening(bytes, base) else { return nil }
            if case .needsInput = event, isOpened == false { return event }
            if case .lost = event { return event }
        }
        var at = position - base
        let count = bytes.count
        while true {
            if inString {
                at = bytes.endOfPlainText(from: at)
                guard at < count else { break }
                if bytes[at] == UInt8(ascii: "\\") {
                    guard at + 1 < count else { break }
                    // An escaped line feed is no escape: the text is looked at again from there.
                    at += bytes[at + 1] == 10 ? 1 : 2
                    continue
                }
                guard bytes[at] != 10 else { return breakOff(at: base + at, "a text runs over the end of its line") }
                inString = false
                previous = UInt8(ascii: "\"")
                if nesting.depth == 1 { keyEnd = base + at }
                at += 1
            }
            guard at < count else { break }
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                inString = true
                if nesting.depth == 1 { keyStart = base + at + 1 }
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                previous = byte
            case 10 where excess > 0:
                return breakOff(at: base + at + 1, "nested deeper than 64 levels")
            case 32, 10, 13, 9:
                break
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard canOpen() else { return breakOff(at: base + at, "a record begins inside of another's value") }
                if byte == UInt8(ascii: "["), isWrapper(bytes, base, at) {
                    wrap(at: base + at)
                    return nil
                }
                // A record that goes deeper is refused when it is decoded.
                if !nesting.push(isObject: byte == UInt8(ascii: "{")) { excess += 1 }
                if nesting.depth == 2 { noteContainer(base + at) }
                previous = byte
            case UInt8(ascii: "}") where excess > 0, UInt8(ascii: "]") where excess > 0:
                excess -= 1
                previous = byte
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard nesting.topIsObject == (byte == UInt8(ascii: "}")) else {
                    return breakOff(at: base + at, "brackets do not match")
                }
                nesting.pop()
                if nesting.depth == 0 { return close(at: base + at + 1) }
                if nesting.depth == 1 { noteContainer(base + at + 1) }
                previous = byte
            default:
                previous = byte
            }
            at += 1
        }
        position = base + at
        return .needsInput
    }

    /// The first significant byte of an element: a key, or its end; anything else is no JSON.
    /// Nil = the mode changed; `.needsInput` with `isOpened` = go on scanning.
    private mutating func scanOpening(_ bytes: Bytes, _ base: Int) -> SplitEvent? {
        var at = position - base
        while at < bytes.count, isSpace(bytes[at]) { at += 1 }
        position = base + at
        guard at < bytes.count else { return .needsInput }
        if bytes[at] == UInt8(ascii: "\"") || (bytes[at] == UInt8(ascii: "}") && run == nil) {
            isOpened = true
            if let run, run.defect != nil {
                self.run = nil
                return .lost(run, end: start)
            }
            return .needsInput
        }
        if run == nil { return lose(at: start, goOnAt: base + at) }
        mode = .lost
        run?.goesOn = true
        atBreak = false
        return nil
    }

    private mutating func lose(at offset: Int, goOnAt next: Int) -> SplitEvent? {
        _ = lose(at: offset)
        position = next
        return nil
    }

    /// A value can begin here. Truncated lines betray themselves by a `{` in the middle of a value.
    private func canOpen() -> Bool {
        previous == UInt8(ascii: ":") || previous == UInt8(ascii: "[")
            || (previous == UInt8(ascii: ",") && !nesting.topIsObject)
    }

    /// The array that opens at `at` is the value of the element's own key `records`.
    private func isWrapper(_ bytes: Bytes, _ base: Int, _ at: Int) -> Bool {
        nesting.depth == 1 && !isOversize && base + at - start <= recordLimit && keyEnd - keyStart == 7
            && bytes.equals("records", from: keyStart - base, to: keyEnd - base)
    }

    private mutating func wrap(at offset: Int) {
        // A tail's wrapper is on the stack already.
        let isNested = isTail || wrappers.push(isObject: true)
        guard isNested, wrappers.push(isObject: false) else {
            if !isTail { wrappers.pop() }
            _ = breakOff(at: offset, "wrappers nested deeper than 64 levels")
            return
        }
        hasEnvelope = true
        mode = .between
        position = offset + 1
        // A run of bytes that are no JSON is closed by the next whole record, inside of this wrapper.
    }

    private mutating func noteContainer(_ offset: Int) {
        guard containers.count < 128, !isOversize, offset - start < Int(Int32.max) else { return }
        containers.append(Int32(offset - start))
    }

    /// What only may be a record, after bytes that are none, is not worth more patience than the limit.
    private mutating func giveUp() {
        mode = .lost
        position = start + recordLimit
        run?.goesOn = true
        atBreak = false
    }

    private mutating func close(at end: Int) -> SplitEvent? {
        if run != nil, end - start > recordLimit {
            giveUp()
            return nil
        }
        mode = .between
        position = end
        if isTail {
            wrappers.pop()
            return nil
        }
        let found = FoundRecord(start: start, end: end, isOversize: isOversize)
        isOversize = false
        if let run {
            self.run = nil
            completed = found
            return .lost(run, end: start)
        }
        return .record(found)
    }

    /// The element ends in the middle: look for the next record from `offset` on.
    private mutating func breakOff(at offset: Int, _ defect: StaticString) -> SplitEvent? {
        if run != nil, offset - start > recordLimit {
            giveUp()
            return nil
        }
        mode = .lost
        position = offset
        // An opening brace that stands wrong is where the next record begins.
        atBreak = true
        if isTail {
            wrappers.pop()
            mode = .between
        } else if run == nil {
            run = LostRun(start: start, defect: defect)
        }
        return nil
    }
}

// MARK: After bytes that are no record

extension RecordSplitter {
    private mutating func scanLost(_ bytes: Bytes, _ base: Int) -> SplitEvent? {
        var at = position - base
        while at < bytes.count {
            switch bytes[at] {
            case 10, 13, UInt8(ascii: ","): atBreak = true
            case 32, 9: break
            case UInt8(ascii: "{") where atBreak:
                let kept = run
                open(at: base + at)
                run = kept
                return nil
            default:
                atBreak = false
                run?.goesOn = true
            }
            at += 1
        }
        position = base + at
        return .needsInput
    }
}
