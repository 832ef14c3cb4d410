package import FlowModel

/// What `DropReader.read` has done. Whatever came with it in the batch is to be committed together with the advance;
/// without an advance there is no new record, but the batch may hold dead letters.
package enum ReadOutcome: Sendable {
    /// The batch is full, or the reader has worked long enough for one turn: commit, and read again.
    case batch(LineageAdvance?)
    /// There is no more input now: commit, and read again when the file has changed.
    case caughtUp(LineageAdvance?)
    /// There is no more input now, and no whole record yet: read again when the file has changed.
    case unidentified
    /// Another drop with the same first record awaits its commit: commit that one, and read again. Nothing was
    /// appended.
    case held
    /// No file stands under the path any more.
    case vanished
}
