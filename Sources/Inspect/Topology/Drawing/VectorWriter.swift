/// Writes a laid-out map as SVG; the bytes depend on the map alone.
extension TopologyMap {
    /// A standalone SVG document, for light and dark pages. Beyond `vnetLimit` VNets it is cut.
    package func svg() -> String { VectorWriter(layout: DrawingLayout(map: cut()), map: self).text() }
}

private struct VectorWriter {
    private let layout: DrawingLayout
    private let hasWay: Bool
    private var lines: [String] = []

    init(layout: DrawingLayout, map: TopologyMap) {
        self.layout = layout
        hasWay = map.way != nil
    }

    func text() -> String {
        var writer = self
        writer.write()
        return writer.lines.joined(separator: "\n") + "\n"
    }

    private mutating func write() {
        let legend = VectorLegend(width: layout.width - 2 * DrawingLayout.margin, hasWay: hasWay)
        let height = layout.bottom + DrawingLayout.margin + legend.height + DrawingLayout.margin
        lines.append(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(layout.width)\" height=\"\(height)\" "
                + "viewBox=\"0 0 \(layout.width) \(height)\" role=\"img\">")
        lines.append("<title>\(DrawingText.escape(layout.caption.first ?? "topology"))</title>")
        lines.append(VectorStyle.text)
        lines.append("<rect class=\"page\" width=\"\(layout.width)\" height=\"\(height)\"/>")
        for (number, text) in layout.caption.enumerated() {
            lines.append(
                "<text class=\"caption\" x=\"\(DrawingLayout.margin)\" y=\"\(DrawingLayout.margin + 10 + number * 17)\">"
                    + "\(DrawingText.escape(text))</text>")
        }
        for panel in layout.panels { write(panel) }
        lines += legend.lines(left: DrawingLayout.margin, top: layout.bottom + DrawingLayout.margin)
        lines.append("</svg>")
    }

    private mutating func write(_ panel: DrawingPanel) {
        lines.append("<g class=\"domain\" transform=\"translate(\(panel.left) \(panel.top))\">")
        lines.append("<text class=\"domain-title\" x=\"0\" y=\"16\">\(DrawingText.escape(panel.title))</text>")
        let names = Dictionary(panel.boxes.map { ($0.id, $0.lines.first?.text ?? "") }) { first, _ in first }
        for wire in panel.wires where !isPath(wire) { write(wire, names) }
        for box in panel.boxes { write(box) }
        for wire in panel.wires where isPath(wire) { write(wire, names) }
        lines.append("</g>")
    }

    private func isPath(_ wire: DrawingPanel.Wire) -> Bool { wire.kind == .forward || wire.kind == .back }

    // MARK: Lines

    private mutating func write(_ wire: DrawingPanel.Wire, _ names: [String: String]) {
        let path = wire.lines.map { line in
            line.enumerated().map { "\($0.offset == 0 ? "M" : "L")\($0.element.left) \($0.element.top)" }
                .joined()
        }.joined()
        let (style, tip) = describe(wire, names)
        let marker =
            switch wire.kind {
            case .forward where wire.cross == nil: " marker-end=\"url(#forward)\""
            case .back where wire.cross == nil: " marker-end=\"url(#return)\""
            default: ""
            }
        lines.append("<g class=\"\(style)\"><title>\(DrawingText.escape(tip))</title><path d=\"\(path)\"\(marker)/>")
        for dot in wire.dots { lines.append("<circle cx=\"\(dot.left)\" cy=\"\(dot.top)\" r=\"2\"/>") }
        if let cross = wire.cross {
            lines.append(
                "<path class=\"cross\" d=\"M\(cross.left - 6) \(cross.top - 6)L\(cross.left + 6) \(cross.top + 6)"
                    + "M\(cross.left - 6) \(cross.top + 6)L\(cross.left + 6) \(cross.top - 6)\"/>")
        }
        lines.append("</g>")
    }

    private func describe(_ wire: DrawingPanel.Wire, _ names: [String: String]) -> (style: String, tip: String) {
        switch wire.kind {
        case .trunk(let number, let isBroken): (isBroken ? "trunk broken" : "trunk net\(number % 6)", "peerings")
        case .link(let number, let link):
            (style(of: link, number), TopologyMap().words(for: link, names: names))
        case .site: ("site-line", "gateways to on-premises")
        case .forward: ("forward", wire.tip)
        case .back: ("return", wire.tip)
        }
    }

    private func style(of link: TopologyMap.Link, _ number: Int) -> String {
        let kind = link.name.isEmpty ? "link" : "link group"
        return switch link.state {
        case .works: "\(kind) works net\(number % 6)"
        case .believed: "\(kind) believed net\(number % 6)"
        case .oneSided: "\(kind) one-sided"
        case .notConnected: "\(kind) not-connected"
        }
    }

    // MARK: Boxes

    private mutating func write(_ box: DrawingBox) {
        let kind =
            switch box.kind {
            case .vnet(let kind): "vnet \(kind.rawValue)"
            case .site: "site"
            case .outside: "outside"
            }
        lines.append("<g class=\"box \(kind)\(box.isOnPath ? " on-path" : "")\">")
        lines.append(
            "<rect class=\"frame\" x=\"\(box.left)\" y=\"\(box.top)\" width=\"\(DrawingBox.width)\" "
                + "height=\"\(box.height)\" rx=\"6\"/>")
        for line in box.lines { write(line, of: box) }
        lines.append("</g>")
    }

    private mutating func write(_ line: DrawingBox.Line, of box: DrawingBox) {
        let look = Look(line.style)
        let top = box.top + line.top
        let middle = top + line.height / 2
        let baseline = middle + look.size * 7 / 20
        let right = box.right - 12
        let noteWidth = line.note.isEmpty ? 0 : min(DrawingText.width(line.note, size: 10), DrawingBox.width / 2) + 8
        let room = right - box.left - look.indent - noteWidth
        lines.append("<g class=\"\(look.name)\(line.isOnPath ? " on-path" : "")\">")
        if !line.tip.isEmpty { lines.append("<title>\(DrawingText.escape(line.tip))</title>") }
        if line.isOnPath {
            lines.append(
                "<rect class=\"mark\" x=\"\(box.left + 1)\" y=\"\(top)\" width=\"\(DrawingBox.width - 2)\" "
                    + "height=\"\(line.height)\"/>")
        }
        if case .thing(let kind) = line.style {
            lines.append(VectorStyle.icon(of: kind, left: box.left + 18, middle: middle))
        }
        let text = DrawingText.fit(line.text.printable, width: room, size: look.size, isBold: look.isBold)
        lines.append(
            "<text x=\"\(box.left + look.indent)\" y=\"\(baseline)\">\(DrawingText.escape(text))</text>")
        if !line.note.isEmpty {
            let note = DrawingText.fit(line.note.printable, width: DrawingBox.width / 2, size: 10)
            lines.append(
                "<text class=\"note\" x=\"\(right)\" y=\"\(baseline)\">\(DrawingText.escape(note))</text>")
        }
        lines.append("</g>")
    }

    /// How a line of a box looks; the sizes are those of the style sheet.
    private struct Look {
        var name: String
        var size = 11
        var isBold = false
        var indent = 12

        init(_ style: DrawingBox.Line.Style) {
            switch style {
            case .title: (name, size, isBold) = ("title", 13, true)
            case .ranges: name = "ranges"
            case .subnet: (name, isBold) = ("subnet", true)
            case .detail: (name, size) = ("detail", 10)
            case .more: (name, indent) = ("more", 30)
            case .warning: name = "warning"
            case .thing(let kind): (name, indent) = ("thing \(kind.rawValue)", 30)
            }
        }
    }
}
