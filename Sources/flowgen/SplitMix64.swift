/// A seeded generator (Steele, Lea, Flood 2014) with the few draws that the lab needs.
///
/// The draws are written here, not taken from the standard library, so that a seed gives the same lab on every
/// toolchain.
struct SplitMix64 {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A generator of its own for one part of the lab, so that one part's draws never move another's.
    init(seed: UInt64, part: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a, 64 bits
        for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        var mixer = SplitMix64(seed: seed ^ hash)  // wrapping on purpose: it is a hash
        state = mixer.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A whole number of the closed range; the bias of the modulo is far below what traffic could show.
    mutating func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// A time span in microseconds, between two counts of milliseconds.
    mutating func milliseconds(_ range: ClosedRange<Int>) -> Int64 {
        Int64(int(range.lowerBound * 1_000...range.upperBound * 1_000))
    }

    /// A number of `range`, evenly spread.
    mutating func double(_ range: ClosedRange<Double>) -> Double {
        let unit = Double(next() >> 11) * 0x1p-53
        return range.lowerBound + unit * (range.upperBound - range.lowerBound)
    }

    /// True in `percent` of 100 cases.
    mutating func chance(percent: Int) -> Bool { int(1...100) <= percent }

    /// One of `elements`, which must not be empty.
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[int(0...elements.count - 1)] }

    /// `elements` in another order (Fisher, Yates).
    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        guard result.count > 1 else { return result }
        for index in stride(from: result.count - 1, to: 0, by: -1) { result.swapAt(index, int(0...index)) }
        return result
    }

    /// A GUID in lower case, version 4 by its form.
    mutating func guid() -> String {
        let upper = (next() & 0xffff_ffff_ffff_0fff) | 0x4000
        let lower = (next() & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000
        let digits = hex(upper, digits: 16) + hex(lower, digits: 16)
        var parts: [Substring] = []
        var start = digits.startIndex
        for length in [8, 4, 4, 4, 12] {
            let end = digits.index(start, offsetBy: length)
            parts.append(digits[start..<end])
            start = end
        }
        return parts.joined(separator: "-")
    }
}

/// `value` in lower-case hexadecimal, filled with zeros to `digits`.
func hex(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
}
