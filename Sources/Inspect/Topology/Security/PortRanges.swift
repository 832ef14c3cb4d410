/// A set of ports: sorted ranges that neither touch nor overlap.
package struct PortRanges: Sendable, Hashable {
    private(set) var ranges: [ClosedRange<Int>]

    static let all = PortRanges([0...65535])

    init(_ ranges: [ClosedRange<Int>]) {
        self.ranges = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = self.ranges.last, range.lowerBound <= last.upperBound + 1 {
                self.ranges[self.ranges.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                self.ranges.append(range)
            }
        }
    }

    /// Reads `*`, `443`, `80-90`; nil where one of the texts is none of these. No text at all is every port.
    init?(texts: [String]) {
        var ranges: [ClosedRange<Int>] = []
        for text in separated(texts) {
            if text == "*" || text.lowercased() == "any" {
                ranges.append(0...65535)
                continue
            }
            let ends = text.split(separator: "-").map { Int($0) }
            guard let lower = ends.first ?? nil, let upper = ends.last ?? nil, ends.count <= 2, lower <= upper,
                (0...65535).contains(lower), upper <= 65535
            else { return nil }
            ranges.append(lower...upper)
        }
        self.init(texts.isEmpty ? [0...65535] : ranges)
    }

    var isEmpty: Bool { ranges.isEmpty }
    var isAll: Bool { ranges == [0...65535] }

    func contains(_ port: Int) -> Bool { ranges.contains { $0.contains(port) } }

    /// Whether they have a port in common; allocates nothing, for rules that mostly have none.
    func overlaps(_ other: PortRanges) -> Bool {
        for range in ranges {
            for other in other.ranges where range.lowerBound <= other.upperBound && other.lowerBound <= range.upperBound
            {
                return true
            }
        }
        return false
    }

    func intersection(_ other: PortRanges) -> PortRanges {
        if isAll { return other }
        if other.isAll { return self }
        var result: [ClosedRange<Int>] = []
        for range in ranges {
            for other in other.ranges where range.overlaps(other) { result.append(range.clamped(to: other)) }
        }
        return PortRanges(result)
    }

    func subtracting(_ other: PortRanges) -> PortRanges {
        if other.isAll { return PortRanges([]) }
        var result = ranges
        for cut in other.ranges {
            result = result.flatMap { range -> [ClosedRange<Int>] in
                guard range.overlaps(cut) else { return [range] }
                var rest: [ClosedRange<Int>] = []
                if range.lowerBound < cut.lowerBound { rest.append(range.lowerBound...cut.lowerBound - 1) }
                if range.upperBound > cut.upperBound { rest.append(cut.upperBound + 1...range.upperBound) }
                return rest
            }
        }
        return PortRanges(result)
    }

    func union(_ other: PortRanges) -> PortRanges { PortRanges(ranges + other.ranges) }
}

/// The parts of texts that may list several, `80,443`, without spaces; a template's expression stays whole.
func separated(_ texts: [String]) -> [String] {
    texts.flatMap { text in
        text.contains("[") ? [text] : text.split(separator: ",").map { part in String(part.filter { $0 != " " }) }
    }
}

extension PortRanges: CustomStringConvertible {
    /// `443, 8080-8090`, as Azure writes them.
    package var description: String {
        if isAll { return "*" }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }
}

extension PortRanges {
    /// What is asked about: one port, else the usual ones of TCP, else all; protocols without ports have all.
    init(asked port: Int?, usual: [Int], ipProtocol: Int16) {
        guard ipProtocol == 6 || ipProtocol == 17 else {
            self = .all
            return
        }
        if let port {
            self = PortRanges([port...port])
        } else {
            self = usual.isEmpty || ipProtocol != 6 ? .all : PortRanges(usual.map { $0...$0 })
        }
    }
}
