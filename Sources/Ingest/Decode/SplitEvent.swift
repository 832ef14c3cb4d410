/// A whole record: absolute offsets in the drop, from its `{` to after its `}`.
struct FoundRecord {
    var start: Int
    var end: Int
    /// The record passed the limit while it arrived, so that only its hash is left.
    var isOversize: Bool
}

/// Bytes that are no record: either no JSON at all, or a record that breaks off in the middle of its drop.
struct LostRun {
    var start: Int
    /// Nil for bytes that are no JSON; else what is wrong with the record that begins at `start`.
    var defect: StaticString?
    /// Something other than white space follows the place where the record broke off.
    var goesOn = false
}

enum SplitEvent {
    case needsInput
    case record(FoundRecord)
    /// The run ends where the next record begins.
    case lost(LostRun, end: Int)
}
