/// What the signs and lines of a drawing mean, in rows as wide as the drawing.
struct VectorLegend {
    private struct Entry {
        var text: String
        /// Drawn in a space of 30 by 12, at the origin.
        var sign: String
    }

    private static let rowHeight = 20
    private let rows: [[(entry: Entry, left: Int)]]

    var height: Int { rows.count * VectorLegend.rowHeight }

    init(width: Int, hasWay: Bool) {
        var rows: [[(entry: Entry, left: Int)]] = [[]]
        var left = 0
        for entry in VectorLegend.entries(hasWay: hasWay) {
            let breadth = 36 + DrawingText.width(entry.text, size: 10) + 20
            if left > 0, left + breadth > width {
                rows.append([])
                left = 0
            }
            rows[rows.count - 1].append((entry, left))
            left += breadth
        }
        self.rows = rows
    }

    private static func entries(hasWay: Bool) -> [Entry] {
        let things = TopologyMap.Thing.Kind.allCases.map {
            Entry(text: $0.words, sign: VectorStyle.icon(of: $0, left: 15, middle: 6))
        }
        var lines = [
            ("peering (a trunk and its stubs)", "works net0"), ("peering one-sided", "one-sided"),
            ("peering not connected", "not-connected"), ("peering, other side not exported", "believed net0"),
            ("connected group, virtual WAN", "group net0"), ("to on-premises", "site-line"),
        ]
        if hasWay { lines += [("forward", "forward"), ("return", "return")] }
        var entries = lines.map { text, style in
            Entry(text: text, sign: "<g class=\"\(style)\"><path d=\"M0 6L30 6\"/></g>")
        }
        if hasWay {
            entries.append(
                Entry(
                    text: "dropped", sign: "<g class=\"forward\"><path class=\"cross\" d=\"M9 0L21 12M9 12L21 0\"/></g>"
                ))
        }
        return things + entries
    }

    func lines(left: Int, top: Int) -> [String] {
        rows.enumerated().flatMap { number, row in
            row.map { entry, offset in
                "<g class=\"legend\" transform=\"translate(\(left + offset) \(top + number * VectorLegend.rowHeight))\">"
                    + "\(entry.sign)<text x=\"36\" y=\"10\">\(DrawingText.escape(entry.text))</text></g>"
            }
        }
    }
}
