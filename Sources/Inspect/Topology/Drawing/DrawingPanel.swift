/// A part of a drawing that lines do not leave: one routing domain, or all VNets that nothing is joined to.
struct DrawingPanel {
    struct Point: Hashable {
        var left: Int
        var top: Int
    }

    /// A connected set of lines.
    struct Wire {
        enum Kind: Equatable {
            /// What all joints of a net share; the number chooses its colour.
            case trunk(Int, isBroken: Bool)
            case link(Int, TopologyMap.Link)
            case site
            case forward, back
        }

        var kind: Kind
        var lines: [[Point]] = []
        /// Where lines meet, in contrast to where they only cross.
        var dots: [Point] = []
        /// Where packets die.
        var cross: Point?
        var tip = ""
    }

    var title: String
    var boxes: [DrawingBox] = []
    var wires: [Wire] = []
    var width = 0
    var height = 0
    /// Its place in the drawing.
    var left = 0
    var top = 0
}
