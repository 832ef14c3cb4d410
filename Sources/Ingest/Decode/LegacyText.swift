internal import FlowModel

/// A legacy text that is read from left to right; all it returns are ranges of the text.
struct LegacyText {
    let bytes: Bytes
    private(set) var at = 0

    init(_ bytes: Bytes) { self.bytes = bytes }

    var rest: Range<Int> { at..<bytes.count }

    mutating func skip(_ words: StaticString) -> Bool {
        guard at + words.utf8CodeUnitCount <= bytes.count,
            bytes.equals(words, from: at, to: at + words.utf8CodeUnitCount)
        else { return false }
        at += words.utf8CodeUnitCount
        return true
    }

    /// What stands before the next `words`, which are passed; nil where they do not follow.
    mutating func read(before words: StaticString) -> Range<Int>? {
        guard let found = bytes.firstIndex(of: words, from: at, to: bytes.count) else { return nil }
        let range = at..<found
        at = found + words.utf8CodeUnitCount
        return range
    }

    /// The next word, up to a blank or the end.
    mutating func word() -> Range<Int> {
        let start = at
        while at < bytes.count, bytes[at] != 32 { at += 1 }
        return start..<at
    }

    /// Letters, as many as follow.
    mutating func letters() -> Range<Int> {
        let start = at
        while at < bytes.count, lowercased(bytes[at]) >= 97, lowercased(bytes[at]) <= 122 { at += 1 }
        return start..<at
    }

    mutating func skipBlanks() {
        while at < bytes.count, bytes[at] == 32 { at += 1 }
    }

    mutating func back(to index: Int) { at = index }
}

extension UnsafeBufferPointer<UInt8> {
    func firstIndex(of words: StaticString, from start: Int, to end: Int) -> Int? {
        let length = words.utf8CodeUnitCount
        var index = start
        while index + length <= end {
            if equals(words, from: index, to: index + length) { return index }
            index += 1
        }
        return nil
    }

    func lastIndex(of words: StaticString, from start: Int, to end: Int) -> Int? {
        let length = words.utf8CodeUnitCount
        var index = end - length
        while index >= start {
            if equals(words, from: index, to: index + length) { return index }
            index -= 1
        }
        return nil
    }

    func contains(_ words: StaticString) -> Bool { firstIndex(of: words, from: 0, to: count) != nil }

    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var range = range
        while !range.isEmpty, self[range.lowerBound] == 32 { range = (range.lowerBound + 1)..<range.upperBound }
        while !range.isEmpty, self[range.upperBound - 1] == 32 { range = range.lowerBound..<(range.upperBound - 1) }
        return range
    }
}

/// `a:p`, `[v6]:p`, `a:` or `a`: an address and its port, -1 where the text names none.
struct LegacyEndpoint {
    var address: IPAddress
    var port: Int32 = -1

    init?(_ bytes: Bytes, _ range: Range<Int>) {
        var split = range.upperBound
        var colons = 0
        for index in range where bytes[index] == UInt8(ascii: ":") {
            colons += 1
            split = index
        }
        if !range.isEmpty, bytes[range.lowerBound] == UInt8(ascii: "[") {
            let closing = bytes.lastIndex(of: "]", from: range.lowerBound, to: range.upperBound)
            guard let bracket = closing else { return nil }
            guard bracket + 1 == range.upperBound || bytes[bracket + 1] == UInt8(ascii: ":") else { return nil }
            split = bracket + 1
        } else if colons > 1 {
            // An IPv6 address without brackets names no port.
            split = range.upperBound
        }
        let text = bytes.part(range.lowerBound, split)
        guard let address = IPAddress(bytes: Span(_unsafeElements: text)) else { return nil }
        self.address = address
        guard split + 1 < range.upperBound else { return }
        var value = 0
        for index in (split + 1)..<range.upperBound {
            guard isDigit(bytes[index]), value < 65_536 else { return nil }
            value = value * 10 + Int(bytes[index] - 48)
        }
        guard value < 65_536 else { return nil }
        port = Int32(value)
    }
}

/// The rule that a legacy text ends with, split from the right on the labels, because names hold blanks and commas.
struct LegacyRule {
    var policy = 0..<0
    var group = 0..<0
    var collection = 0..<0
    var rule = 0..<0
    /// What stands before the first label.
    var before: Range<Int>

    init(_ bytes: Bytes, _ range: Range<Int>) {
        before = range
        rule = cut(bytes, ". Rule: ")
        collection = cut(bytes, ". Rule Collection: ")
        group = cut(bytes, ". Rule Collection Group: ")
        policy = cut(bytes, ". Policy: ")
    }

    private mutating func cut(_ bytes: Bytes, _ label: StaticString) -> Range<Int> {
        guard let found = bytes.lastIndex(of: label, from: before.lowerBound, to: before.upperBound) else {
            return 0..<0
        }
        var value = bytes.trimmed((found + label.utf8CodeUnitCount)..<before.upperBound)
        if value.upperBound == bytes.count, !value.isEmpty, bytes[value.upperBound - 1] == UInt8(ascii: ".") {
            value = value.lowerBound..<(value.upperBound - 1)
        }
        before = before.lowerBound..<found
        return value
    }
}
