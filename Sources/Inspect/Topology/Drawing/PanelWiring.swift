/// Leads the lines of a panel through its channels and buses, each in a lane of its own.
struct PanelWiring {
    /// Whose lane it is.
    private enum Lane: Hashable {
        case back(Int), site(Int), net(Int), forward(Int)
    }

    /// A place where a net meets a box: at a channel, or at the upper or lower edge of a hub or site.
    private struct Port: Hashable {
        var lane: Lane
        var box: Int
    }

    private var layout: PanelLayout
    private let legs: [PanelLeg]
    /// Of each channel, from left to right.
    private var channelLanes: [[Lane: Int]]
    private var channels: [Int] = []
    private var busLanes: [Lane: Int] = [:]
    private var busLeft: (upper: Int, lower: Int) = (0, 0)
    /// Places along a box's edge, by port.
    private var ports: [Port: Int] = [:]
    private var portCounts: [Int: Int] = [:]
    private var topPortCounts: [Int: Int] = [:]

    init(layout: PanelLayout, legs: [PanelLeg]) {
        self.layout = layout
        self.legs = legs
        channelLanes = Array(repeating: [:], count: layout.columnCount + 1)
    }

    func panel(title: String) -> DrawingPanel {
        var wiring = self
        return wiring.wire(title)
    }

    private mutating func wire(_ title: String) -> DrawingPanel {
        assignChannels()
        assignPorts()
        let columns = layout.placeColumns(lanes: channelLanes.map(\.count))
        channels = columns.channels
        let upper = assignBus(isUpper: true)
        let lower = assignBus(isUpper: false)
        let rows = layout.placeRows(upperLanes: upper, lowerLanes: lower)
        busLeft = (rows.upper, rows.lower)
        var panel = DrawingPanel(
            title: title, boxes: layout.boxes,
            width: max(columns.width, DrawingText.width(title, size: 13, isBold: true)),
            height: rows.height)
        for (number, net) in layout.siteNets.enumerated() { panel.wires.append(siteWire(net, .site(number))) }
        for (number, net) in layout.nets.nets.enumerated() { panel.wires += wires(of: net, number) }
        panel.wires += legs.indices.reversed().map(wire(ofLeg:))
        return panel
    }

    // MARK: Lanes

    private var allNets: [(lane: Lane, net: DrawingNets.Net)] {
        layout.siteNets.enumerated().map { (.site($0.offset), $0.element) }
            + layout.nets.nets.enumerated().map { (.net($0.offset), $0.element) }
    }

    /// Lanes of the way back are next to the boxes on their left, those of the way forth next to the boxes on their right.
    private mutating func assignChannels() {
        for (number, leg) in legs.enumerated() where leg.isBack { takeChannels(leg, .back(number)) }
        for (lane, net) in allNets {
            for box in net.boxes where layout.boxes[box].row == .grid { take(lane, channel: layout.boxes[box].column) }
        }
        for (number, leg) in legs.enumerated() where !leg.isBack { takeChannels(leg, .forward(number)) }
    }

    private mutating func takeChannels(_ leg: PanelLeg, _ lane: Lane) {
        take(lane, channel: channel(of: leg.from.box, leg))
        if let to = leg.to { take(lane, channel: channel(of: to.box, leg)) }
    }

    private mutating func take(_ lane: Lane, channel: Int) {
        if channelLanes[channel][lane] == nil { channelLanes[channel][lane] = channelLanes[channel].count }
    }

    private func channel(of box: Int, _ leg: PanelLeg) -> Int { layout.boxes[box].column + (leg.isBack ? 1 : 0) }

    private mutating func assignPorts() {
        for (lane, net) in allNets {
            for box in net.boxes {
                let isTop = net.isSite && layout.boxes[box].row == .hub
                let count = (isTop ? topPortCounts[box] : portCounts[box]) ?? 0
                ports[Port(lane: lane, box: box)] = count
                if isTop { topPortCounts[box] = count + 1 } else { portCounts[box] = count + 1 }
            }
        }
    }

    private func isUpper(_ lane: Lane) -> Bool {
        switch lane {
        case .site: return true
        case .net: return false
        case .forward(let number), .back(let number):
            let ends = [legs[number].from.box, legs[number].to?.box ?? legs[number].from.box]
            let rows = ends.map { layout.boxes[$0].row }
            return rows.contains(.outer) && !rows.contains(.grid)
        }
    }

    /// Lanes that do not overlap share a height; says how many heights there are.
    private mutating func assignBus(isUpper: Bool) -> Int {
        var spans: [(lane: Lane, left: Int, right: Int)] = []
        for (lane, net) in allNets where self.isUpper(lane) == isUpper {
            let places = places(of: net, lane)
            if needsBus(net), let left = places.min(), let right = places.max() { spans.append((lane, left, right)) }
        }
        for (number, leg) in legs.enumerated() {
            let lane: Lane = leg.isBack ? .back(number) : .forward(number)
            guard self.isUpper(lane) == isUpper, let to = leg.to else { continue }
            let ends = [leg.from.box, to.box].map { position(lane, channel: channel(of: $0, leg)) }
            if ends[0] != ends[1] { spans.append((lane, min(ends[0], ends[1]), max(ends[0], ends[1]))) }
        }
        var rights: [Int] = []
        for span in spans {
            let free = rights.firstIndex { $0 + PanelLayout.laneWidth < span.left } ?? rights.count
            if free == rights.count { rights.append(span.right) } else { rights[free] = span.right }
            busLanes[span.lane] = free
        }
        return rights.count
    }

    private func needsBus(_ net: DrawingNets.Net) -> Bool {
        let boxes = net.boxes.map { layout.boxes[$0] }
        return boxes.contains { $0.row != .grid } || Set(boxes.map(\.column)).count > 1
    }

    private func places(of net: DrawingNets.Net, _ lane: Lane) -> [Int] {
        net.boxes.map { box in
            layout.boxes[box].row == .grid
                ? position(lane, channel: layout.boxes[box].column) : portPosition(lane, box)
        }
    }

    // MARK: Coordinates

    private func position(_ lane: Lane, channel: Int) -> Int {
        channels[channel] + 14 + (channelLanes[channel][lane] ?? 0) * PanelLayout.laneWidth
    }

    private func height(_ lane: Lane) -> Int {
        (isUpper(lane) ? busLeft.upper : busLeft.lower) + 14 + (busLanes[lane] ?? 0) * PanelLayout.laneWidth
    }

    /// Along the upper or lower edge of a hub or site.
    private func portPosition(_ lane: Lane, _ box: Int) -> Int {
        var isTop = false
        if case .site = lane { isTop = layout.boxes[box].row == .hub }
        let count = (isTop ? topPortCounts[box] : portCounts[box]) ?? 1
        let number = ports[Port(lane: lane, box: box)] ?? 0
        return layout.boxes[box].left + DrawingBox.width * (number + 1) / (count + 1)
    }

    /// Along the left edge of a VNet in the grid, beside its name.
    private func portHeight(_ lane: Lane, _ box: Int) -> Int {
        layout.boxes[box].top + 10 + (ports[Port(lane: lane, box: box)] ?? 0) % 6 * 5
    }

    // MARK: Nets

    private typealias Point = DrawingPanel.Point

    /// From a box to its net's bus or channel, and where it meets that.
    private func joint(_ lane: Lane, _ box: Int) -> (line: [DrawingPanel.Point], dot: DrawingPanel.Point) {
        let place = layout.boxes[box]
        if place.row == .grid {
            let meeting = Point(left: position(lane, channel: place.column), top: portHeight(lane, box))
            return ([meeting, Point(left: place.left, top: meeting.top)], meeting)
        }
        let meeting = Point(left: portPosition(lane, box), top: height(lane))
        let edge = height(lane) < place.top ? place.top : place.bottom
        return ([meeting, Point(left: meeting.left, top: edge)], meeting)
    }

    /// The bus, and a line down each channel to the lowest stub.
    private func trunk(of net: DrawingNets.Net, _ lane: Lane) -> [[DrawingPanel.Point]] {
        var lines: [[DrawingPanel.Point]] = []
        let places = places(of: net, lane)
        let hasBus = needsBus(net)
        if hasBus, let left = places.min(), let right = places.max(), left < right {
            lines.append([Point(left: left, top: height(lane)), Point(left: right, top: height(lane))])
        }
        let grid = Dictionary(grouping: net.boxes.filter { layout.boxes[$0].row == .grid }) { layout.boxes[$0].column }
        for (column, boxes) in grid.sorted(by: { $0.key < $1.key }) {
            let heights = boxes.map { portHeight(lane, $0) }
            guard let first = heights.min(), let last = heights.max() else { continue }
            let left = position(lane, channel: column)
            lines.append([Point(left: left, top: hasBus ? height(lane) : first), Point(left: left, top: last)])
        }
        return lines
    }

    private func wires(of net: DrawingNets.Net, _ number: Int) -> [DrawingPanel.Wire] {
        let lane = Lane.net(number)
        guard let owner = net.owner else {
            guard let link = net.stubs.first?.link else { return [] }
            let joints = net.stubs.map { joint(lane, $0.box) }
            return [
                DrawingPanel.Wire(
                    kind: .link(number, link), lines: trunk(of: net, lane) + joints.map(\.line), dots: joints.map(\.dot)
                )
            ]
        }
        let start = joint(lane, owner)
        let trunk = DrawingPanel.Wire(
            kind: .trunk(number, isBroken: net.isBroken), lines: trunk(of: net, lane) + [start.line], dots: [start.dot])
        return [trunk]
            + net.stubs.map { stub in
                let joint = joint(lane, stub.box)
                return DrawingPanel.Wire(kind: .link(number, stub.link), lines: [joint.line], dots: [joint.dot])
            }
    }

    private func siteWire(_ net: DrawingNets.Net, _ lane: Lane) -> DrawingPanel.Wire {
        let joints = net.boxes.map { joint(lane, $0) }
        return DrawingPanel.Wire(
            kind: .site, lines: trunk(of: net, lane) + joints.map(\.line), dots: joints.map(\.dot))
    }

    // MARK: Paths

    private func wire(ofLeg number: Int) -> DrawingPanel.Wire {
        let leg = legs[number]
        let lane: Lane = leg.isBack ? .back(number) : .forward(number)
        // A cross stands clear of the arrow that led here.
        let start = end(leg.from, leg, lane, by: leg.to == nil ? 8 : 4)
        var wire = DrawingPanel.Wire(kind: leg.isBack ? .back : .forward, tip: leg.tip)
        if let to = leg.to {
            let stop = end(to, leg, lane, by: -4)
            let turn = height(lane)
            let bus =
                start.turn.left == stop.turn.left
                ? [] : [Point(left: start.turn.left, top: turn), Point(left: stop.turn.left, top: turn)]
            wire.lines = [[start.edge, start.turn] + bus + [stop.turn, stop.edge]]
        } else {
            wire.lines = [[start.edge, start.turn]]
            wire.cross = start.turn
        }
        return wire
    }

    /// At the edge of the box, and where the line turns in the channel.
    private func end(
        _ end: PanelLeg.End, _ leg: PanelLeg, _ lane: Lane, by offset: Int
    ) -> (edge: DrawingPanel.Point, turn: DrawingPanel.Point) {
        let box = layout.boxes[end.box]
        let top = (box.middle(of: end.spot) ?? box.top + 14) + offset
        return (
            Point(left: leg.isBack ? box.right : box.left, top: top),
            Point(left: position(lane, channel: channel(of: end.box, leg)), top: top)
        )
    }
}

/// One step of a path: from a line of a box to another, or to nowhere.
struct PanelLeg {
    struct End {
        var box: Int
        var spot: TopologyMap.Spot
    }

    var from: End
    /// Nil for a drop.
    var to: End?
    var isBack: Bool
    var tip: String
}
