package import FlowModel

/// One round of reading: every drop that had more to read when it began is read to its end before anything is judged.
///
/// Drops that go on growing never let the queue become empty, and judging must not wait for that. What the round's drops
/// held when it began has been read when it ends; what was written since is, as any log's rows, no older than the newest
/// event of the beginning by more than the lateness. So that event, and none that came in meanwhile, moves the watermark.
package struct ReadingRound: Sendable {
    private var unfinished: Set<String>
    /// The newest event time that was stored when the round began; nil where nothing was.
    package let newest: EventTime?

    /// - Parameter drops: all that wait to be read. To be made only while nothing else is known to have changed
    ///   (`FolderWatcher.isCaughtUp`), else the round would speak for drops that it does not know.
    package init(drops: Set<String>, newest: EventTime?) {
        unfinished = drops
        self.newest = newest
    }

    package var isComplete: Bool { unfinished.isEmpty }

    /// The drop has nothing more to read now.
    package mutating func finish(_ drop: String) { unfinished.remove(drop) }
}
