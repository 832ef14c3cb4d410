// Eight bytes at a time: `(x - ones) & ~x & highs` is not zero where a byte of x is zero, and its lowest bit marks the
// first such byte (https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord).
private let ones: UInt64 = 0x0101_0101_0101_0101
private let highs: UInt64 = 0x8080_8080_8080_8080

@inline(__always)
private func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }

extension UnsafeBufferPointer<UInt8> {
    /// Eight bytes from `index` on, the first in the lowest bits. `index + 8` must not pass the end.
    @inline(__always)
    func word(at index: Int) -> UInt64 {
        assert(index >= 0 && index + 8 <= count)
        return UInt64(littleEndian: UnsafeRawPointer(baseAddress! + index).loadUnaligned(as: UInt64.self))
    }

    /// Index of the first quote, backslash or line feed from `start` on; `count` where there is none.
    @inline(__always)
    func endOfPlainText(from start: Int) -> Int {
        var at = start
        while at + 8 <= count {
            let word = word(at: at)
            let hits =
                (zeros(word ^ 0x2222_2222_2222_2222) | zeros(word ^ 0x5c5c_5c5c_5c5c_5c5c)
                    | zeros(word ^ 0x0a0a_0a0a_0a0a_0a0a)) & highs
            if hits != 0 { return at + hits.trailingZeroBitCount >> 3 }
            at += 8
        }
        while at < count, self[at] != UInt8(ascii: "\""), self[at] != UInt8(ascii: "\\"), self[at] != 10 { at += 1 }
        return at
    }

    /// True where every byte is ASCII and none is a NUL.
    func isPlainASCII(from start: Int, to end: Int) -> Bool {
        var at = start
        while at + 8 <= end {
            let word = word(at: at)
            if (word | zeros(word)) & highs != 0 { return false }
            at += 8
        }
        while at < end {
            if self[at] == 0 || self[at] >= 0x80 { return false }
            at += 1
        }
        return true
    }

    /// True where PostgreSQL takes the bytes as text: well-formed UTF-8 (Unicode 16, table 3-7) without NUL.
    func isStorableText(from start: Int, to end: Int) -> Bool {
        if isPlainASCII(from: start, to: end) { return true }
        var at = start
        while at < end {
            let length = storableLength(at: at, end: end)
            if length == 0 { return false }
            at += length
        }
        return true
    }

    /// Bytes of the well-formed character at `at`; 0 where there is none, or a NUL.
    private func storableLength(at: Int, end: Int) -> Int {
        let lead = self[at]
        if lead < 0x80 { return lead == 0 ? 0 : 1 }
        let length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
        guard length > 0, at + length <= end else { return 0 }
        let lower: UInt8 = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80
        let upper: UInt8 = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf
        guard self[at + 1] >= lower, self[at + 1] <= upper else { return 0 }
        for index in (at + 2)..<(at + length) where self[index] & 0xc0 != 0x80 { return 0 }
        return length
    }

    /// True where the bytes from `start` to `end` are exactly these ASCII letters.
    @inline(__always)
    func equals(_ literal: StaticString, from start: Int, to end: Int) -> Bool {
        guard end - start == literal.utf8CodeUnitCount else { return false }
        let letters = literal.utf8Start
        for offset in 0..<(end - start) where self[start + offset] != letters[offset] { return false }
        return true
    }

    /// The bytes from `start` to `end` without copying them.
    @inline(__always)
    func part(_ start: Int, _ end: Int) -> Bytes { Bytes(rebasing: self[start..<end]) }
}

/// Lower-cases ASCII; resource ids, names of hosts and actions are ASCII where case matters.
@inline(__always)
func lowercased(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 0x20 : byte }

@inline(__always)
func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 10 || byte == 13 || byte == 9 }

@inline(__always)
func isDigit(_ byte: UInt8) -> Bool { byte &- 48 < 10 }
