/// Places the boxes of a panel: sites on top, hubs under them, the other VNets in columns beneath.
///
/// Lines run only between columns (channels) and between rows (buses), so that none crosses a box.
struct PanelLayout {
    static let laneWidth = 8
    private static let gap = 18
    private static let titleHeight = 30

    private(set) var boxes: [DrawingBox]
    private(set) var nets: DrawingNets
    private(set) var siteNets: [DrawingNets.Net] = []
    private(set) var columnCount = 1
    private let vnetCount: Int

    init(group: DrawingGroups.Group, outside: [(name: String, spot: TopologyMap.Spot)], maker: DrawingBoxes) {
        let vnets = group.vnets
        vnetCount = vnets.count
        boxes = vnets.map(maker.box(of:))
        let index = Dictionary(vnets.enumerated().map { ($1.id, $0) }) { first, _ in first }
        nets = DrawingNets(links: group.links, index: index, importance: vnets.map(PanelLayout.importance))
        addOuter(vnets, group.sites, outside, maker)
        arrange()
    }

    /// A hub holds what others go through.
    private static func importance(of vnet: TopologyMap.VNet) -> Int {
        let kinds = vnet.subnets.flatMap(\.things).map(\.kind)
        return (vnet.kind == .virtualHub ? 8 : 0) + (kinds.contains(.gateway) ? 4 : 0)
            + (kinds.contains(.firewall) || kinds.contains(.appliance) ? 2 : 0) + (vnet.kind == .vnet ? 1 : 0)
    }

    // MARK: The row on top

    private mutating func addOuter(
        _ vnets: [TopologyMap.VNet], _ sites: [TopologyMap.Site],
        _ outside: [(name: String, spot: TopologyMap.Spot)], _ maker: DrawingBoxes
    ) {
        var holders: [String: Int] = [:]
        for (number, vnet) in vnets.enumerated() {
            for thing in vnet.subnets.flatMap(\.things) where thing.kind == .gateway { holders[thing.id] = number }
        }
        for (box, gateways) in maker.boxes(of: sites) {
            let link = TopologyMap.Link(kind: .gatewayConnection, state: .works, members: [], name: "", text: "")
            let ends = Set(gateways.compactMap { holders[$0] }).sorted()
            siteNets.append(DrawingNets.Net(owner: boxes.count, stubs: ends.map { ($0, link) }, isSite: true))
            add(box)
        }
        for (name, spot) in outside { add(maker.box(outside: name, spot)) }
    }

    private mutating func add(_ box: DrawingBox) {
        boxes.append(box)
        boxes[boxes.count - 1].row = .outer
    }

    // MARK: Rows and columns

    private mutating func arrange() {
        let outer = boxes.indices.filter { boxes[$0].row == .outer }
        let total = boxes.indices.filter { boxes[$0].row != .outer }.reduce(0) {
            $0 + boxes[$1].height + PanelLayout.gap
        }
        // Half as wide again as high.
        let wanted = Double(total) * 1.5 / Double(DrawingBox.width + 40)
        columnCount = max(1, min(Int(wanted.squareRoot().rounded()), vnetCount))
        let hubs = chosenHubs()
        columnCount = max(columnCount, hubs.count, outer.count)
        for hub in hubs { boxes[hub].row = .hub }
        fillGrid(hubs)
        spread(hubs) { layout, hub in layout.gridColumns(of: hub) }
        spread(outer) { layout, box in
            layout.siteNets.filter { $0.owner == box }.flatMap { $0.stubs.map { layout.boxes[$0.box].column } }
        }
    }

    /// Owners of trunks, and what sites are joined to, as many as find room side by side.
    private func chosenHubs() -> [Int] {
        var seen: Set<Int> = []
        let candidates = (siteNets.flatMap { $0.stubs.map(\.box) } + nets.owners).filter { seen.insert($0).inserted }
        let first = candidates.prefix(max(columnCount, 4))
        let order = Dictionary(nets.owners.enumerated().map { ($1, $0) }) { first, _ in first }
        return first.sorted { (order[$0] ?? .max, $0) < (order[$1] ?? .max, $1) }
    }

    /// Column by column, the VNets of one hub next to each other, all columns about equally high.
    private mutating func fillGrid(_ hubs: [Int]) {
        var rank: [Int: Int] = [:]
        for (position, hub) in hubs.enumerated() {
            for net in nets.nets where net.owner == hub {
                for stub in net.stubs { rank[stub.box] = min(rank[stub.box] ?? position, position) }
            }
        }
        let grid = boxes.indices.filter { boxes[$0].row == .grid }
            .sorted { (rank[$0] ?? .max, $0) < (rank[$1] ?? .max, $1) }
        let total = grid.reduce(0) { $0 + boxes[$1].height + PanelLayout.gap }
        var done = 0
        for box in grid {
            let height = boxes[box].height + PanelLayout.gap
            boxes[box].column = min(columnCount - 1, (done + height / 2) * columnCount / max(total, 1))
            boxes[box].top = done
            done += height
        }
    }

    private func gridColumns(of hub: Int) -> [Int] {
        nets.nets.filter { $0.owner == hub }.flatMap(\.stubs).filter { boxes[$0.box].row == .grid }
            .map { boxes[$0.box].column }
    }

    /// Each near the middle of what it is joined to, no two in one column.
    private mutating func spread(_ row: [Int], near columns: (PanelLayout, Int) -> [Int]) {
        let wishes = row.map { box in
            let columns = columns(self, box)
            return (
                box,
                columns.isEmpty ? columnCount / 2 : (columns.reduce(0, +) * 2 + columns.count) / (columns.count * 2)
            )
        }.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        var next = 0
        for (number, (box, wish)) in wishes.enumerated() {
            let last = columnCount - (wishes.count - number)
            boxes[box].column = min(max(next, wish), last)
            next = boxes[box].column + 1
        }
    }

    // MARK: Coordinates

    /// Left edges of the channels, and the width of all, once it is known how many lines each channel holds.
    mutating func placeColumns(lanes: [Int]) -> (channels: [Int], width: Int) {
        var channels: [Int] = []
        var left = 0
        for column in 0...columnCount {
            channels.append(left)
            left += PanelLayout.breadth(lanes[column])
            guard column < columnCount else { break }
            for box in boxes.indices where boxes[box].column == column { boxes[box].left = left }
            left += DrawingBox.width
        }
        return (channels, left)
    }

    /// Upper edges of the two buses, and the height of all.
    mutating func placeRows(upperLanes: Int, lowerLanes: Int) -> (upper: Int, lower: Int, height: Int) {
        let upper = stack(.outer, at: PanelLayout.titleHeight)
        let lower = stack(.hub, at: upper + (has(.outer) ? PanelLayout.breadth(upperLanes) : 0))
        let hasBus = has(.hub) || lowerLanes > 0
        let bottom = stackGrid(at: lower + (hasBus ? PanelLayout.breadth(lowerLanes) : 0))
        return (upper, lower, max(bottom, lower) + 4)
    }

    private func has(_ row: DrawingBox.Row) -> Bool { boxes.contains { $0.row == row } }

    static func breadth(_ lanes: Int) -> Int { 24 + lanes * laneWidth }

    private mutating func stack(_ row: DrawingBox.Row, at top: Int) -> Int {
        var bottom = top
        for box in boxes.indices where boxes[box].row == row {
            boxes[box].top = top
            bottom = max(bottom, boxes[box].bottom)
        }
        return bottom
    }

    private mutating func stackGrid(at top: Int) -> Int {
        var bottoms = Array(repeating: top, count: columnCount)
        for box in boxes.indices.filter({ boxes[$0].row == .grid }).sorted(by: { boxes[$0].top < boxes[$1].top }) {
            boxes[box].top = bottoms[boxes[box].column]
            bottoms[boxes[box].column] = boxes[box].bottom + PanelLayout.gap
        }
        return bottoms.max() ?? top
    }
}
