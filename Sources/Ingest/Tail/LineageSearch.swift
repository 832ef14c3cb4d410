internal import FlowModel

/// Which of the lineages with a drop's head the drop continues: the longest whose bytes it begins with.
///
/// The drop is hashed up to each candidate's offset, in ascending order; equal digests make a match.
struct LineageSearch {
    /// All lineages of the head.
    let lineages: [Int64]
    private var candidates: ArraySlice<LineageState>
    private(set) var match: LineageState?
    /// Records of the drop when `DropReader` last found that the lineages hold them all.
    var recordsCompared: Int64 = -1

    init(_ states: [LineageState]) {
        lineages = states.map(\.id)
        candidates = states.sorted { ($0.offset, $0.id) < ($1.offset, $1.id) }[...]
    }

    /// Offset up to which the drop is to be hashed next; nil when all candidates are judged.
    var nextOffset: Int64? { candidates.first?.offset }

    /// Judges the candidates that the checkpoint has reached, or passed without standing at their offset.
    mutating func judge(offset: Int64, digest: [UInt8]) {
        guard let target = nextOffset else { return }
        while let candidate = candidates.first, candidate.offset <= max(target, offset) {
            let isLonger = candidate.offset > match?.offset ?? -1
            if candidate.offset == offset, candidate.digest == digest, isLonger { match = candidate }
            candidates.removeFirst()
        }
    }
}
