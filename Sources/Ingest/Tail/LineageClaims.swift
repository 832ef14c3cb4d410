internal import FlowModel

/// Heads whose newest advance is given out and not committed yet: what the database does not show. One thread's.
///
/// Readers that share it may have their batches committed together: a reader that meets a head claimed by another one
/// waits, because it cannot know what is stored of it.
package final class LineageClaims {
    private var holders: [RecordHash: ObjectIdentifier] = [:]

    package init() {}

    func claim(_ head: RecordHash, by reader: DropReader) { holders[head] = ObjectIdentifier(reader) }

    func release(_ head: RecordHash?, by reader: DropReader) {
        guard let head, holders[head] == ObjectIdentifier(reader) else { return }
        holders[head] = nil
    }

    func isHeld(_ head: RecordHash, fromOther reader: DropReader) -> Bool {
        guard let holder = holders[head] else { return false }
        return holder != ObjectIdentifier(reader)
    }
}
