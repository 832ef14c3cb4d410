/// One box of a drawing: a VNet, on-premises ranges, or a place outside the map.
struct DrawingBox {
    enum Kind: Equatable {
        case vnet(TopologyMap.VNet.Kind)
        case site, outside
    }

    enum Row: Equatable {
        case outer, hub, grid
    }

    struct Line {
        enum Style: Equatable {
            case title, ranges, subnet, detail, more, warning
            case thing(TopologyMap.Thing.Kind)
        }

        var style: Style
        var text: String
        /// At the right edge.
        var note = ""
        var tip = ""
        var spot: TopologyMap.Spot?
        var isOnPath = false
        /// Distance of its upper edge from the box's.
        var top = 0

        var height: Int {
            switch style {
            case .title: 22
            case .ranges: 15
            case .subnet: 19
            case .detail: 13
            case .more, .warning: 16
            case .thing: 18
            }
        }
    }

    static let width = 290
    private static let padding = 6

    var id: String
    var kind: Kind
    var lines: [Line]
    var row = Row.grid
    var column = 0
    var left = 0
    var top = 0
    let height: Int

    var right: Int { left + DrawingBox.width }
    var bottom: Int { top + height }
    var isOnPath: Bool { lines.contains(where: \.isOnPath) }

    init(id: String, kind: Kind, lines: [Line]) {
        self.id = id
        self.kind = kind
        var top = DrawingBox.padding
        self.lines = lines.map { line in
            var line = line
            line.top = top
            top += line.height
            return line
        }
        height = top + DrawingBox.padding
    }

    /// Middle of the line of a spot; nil where the box has none.
    func middle(of spot: TopologyMap.Spot) -> Int? {
        lines.first { $0.spot == spot }.map { top + $0.top + $0.height / 2 }
    }
}
