/// The whole drawing: its caption, and the panels beside and under each other.
struct DrawingLayout {
    static let margin = 24
    static let captionSize = 12
    private static let widthLeast = 900

    private(set) var panels: [DrawingPanel] = []
    private(set) var caption: [String] = []
    private(set) var captionHeight = 0
    private(set) var width = 0
    /// Lower edge of the panels.
    private(set) var bottom = 0
    private let map: TopologyMap

    init(map: TopologyMap) {
        self.map = map
        makePanels()
        pack()
    }

    // MARK: Panels

    /// A panel for what links join, whether they work or not; the lone VNets share one.
    private mutating func makePanels() {
        let maker = DrawingBoxes(map: map)
        let groups = DrawingGroups(map: map)
        for group in groups.joined { panels.append(panel(of: group, maker)) }
        guard !groups.lone.vnets.isEmpty else { return }
        panels.append(panel(of: groups.lone, maker))
    }

    private func panel(of group: DrawingGroups.Group, _ maker: DrawingBoxes) -> DrawingPanel {
        let way = map.way.flatMap { group.domains.contains($0.domain) ? $0 : nil }
        let outside = way.map { outsideSpots(of: $0, in: group) } ?? []
        let layout = PanelLayout(group: group, outside: outside, maker: maker)
        var boxOf: [TopologyMap.Spot: Int] = [:]
        for (number, box) in layout.boxes.enumerated() {
            for line in box.lines {
                if let spot = line.spot { boxOf[spot] = number }
            }
        }
        let steps = legs(of: way?.forward ?? [], boxOf, isBack: false) + legs(of: way?.back ?? [], boxOf, isBack: true)
        return PanelWiring(layout: layout, legs: steps).panel(title: group.title)
    }

    /// Spots of the path that no box of the domain has.
    private func outsideSpots(
        of way: TopologyMap.Way, in group: DrawingGroups.Group
    ) -> [(name: String, spot: TopologyMap.Spot)] {
        var known = Set(group.sites.map { TopologyMap.Spot.site($0.id) })
        for vnet in group.vnets {
            known.insert(.vnet(vnet.id))
            for subnet in vnet.subnets {
                known.insert(.subnet(subnet.id))
                known.formUnion(subnet.things.map { .thing($0.id) })
            }
        }
        return (way.forward + way.back).compactMap { station in
            guard let spot = station.spot, known.insert(spot).inserted else { return nil }
            return (station.hop.name, spot)
        }
    }

    private func legs(
        of stations: [TopologyMap.Station], _ boxOf: [TopologyMap.Spot: Int], isBack: Bool
    ) -> [PanelLeg] {
        let way = isBack ? "return" : "forward"
        return zip(stations, stations.dropFirst()).compactMap { station, next in
            guard let spot = station.spot, let box = boxOf[spot] else { return nil }
            let from = PanelLeg.End(box: box, spot: spot)
            let tip = "\(way): \(station.hop.name) → \(next.spot == nil ? "✕ " : "")\(next.hop.name)"
            guard let nextSpot = next.spot else { return PanelLeg(from: from, to: nil, isBack: isBack, tip: tip) }
            guard nextSpot != spot, let nextBox = boxOf[nextSpot] else { return nil }
            return PanelLeg(from: from, to: PanelLeg.End(box: nextBox, spot: nextSpot), isBack: isBack, tip: tip)
        }
    }

    // MARK: The sheet

    /// Panels in rows, each as high as its highest panel.
    private mutating func pack() {
        let area = panels.reduce(0) { $0 + ($1.width + DrawingLayout.margin) * ($1.height + DrawingLayout.margin) }
        let widest = panels.map(\.width).max() ?? 0
        let limit = max(widest, DrawingLayout.widthLeast, Int((Double(area) * 1.6).squareRoot()))
        width = DrawingLayout.widthLeast
        var used = 0
        for panel in panels {
            used = used > 0 && used + panel.width > limit ? panel.width : used + panel.width + DrawingLayout.margin
            width = max(width, used)
        }
        width = max(width, widest) + 2 * DrawingLayout.margin
        writeCaption()
        placePanels(limit: limit)
    }

    private mutating func placePanels(limit: Int) {
        var left = 0
        var top = captionHeight
        var height = 0
        for number in panels.indices {
            if left > 0, left + panels[number].width > limit {
                left = 0
                top += height + DrawingLayout.margin
                height = 0
            }
            panels[number].left = DrawingLayout.margin + left
            panels[number].top = top
            left += panels[number].width + DrawingLayout.margin
            height = max(height, panels[number].height)
        }
        bottom = top + height
    }

    private mutating func writeCaption() {
        var texts = [map.title + (map.dating.map { " · \($0.text)" } ?? "")]
        if let notice = map.cutNotice { texts.append(notice) }
        if let way = map.way { texts += [way.question] + way.verdicts.map { "\($0.label): \($0.text)" } }
        let room = width - 2 * DrawingLayout.margin
        caption = texts.flatMap { DrawingText.wrap($0.printable, width: room, size: DrawingLayout.captionSize) }
        captionHeight = DrawingLayout.margin + caption.count * 17 + 16
    }
}
