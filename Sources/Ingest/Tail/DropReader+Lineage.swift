internal import Decode
internal import Digest
internal import FlowModel

/// Identification: which lineage a drop continues, and what is known of its records already.
extension DropReader {
    func lookUp(_ store: any LineageStore) throws(TailError) {
        let found = decoder.head
        let states = try ask(store) { store throws in try found.map(store.lineages) ?? [] }
        beginPass()
        head = found
        lineageOffsets = offsets(states)
        let search = LineageSearch(states.filter { $0.offset > 0 })
        phase = search.nextOffset == nil ? .reading : .searching(search)
    }

    /// Whether the head's lineages stand where this reader knows them to stand. Else another drop carried one of them
    /// on: the reader starts over, so that nothing is stored twice.
    @discardableResult
    func checkLineages(_ store: any LineageStore) throws(TailError) -> Bool {
        guard let head else { return true }
        let states = try ask(store) { store throws in try store.lineages(head: head) }
        if offsets(states) == lineageOffsets { return true }
        startOver()
        return false
    }

    private func offsets(_ states: [LineageState]) -> [Int64: Int64] {
        Dictionary(states.map { ($0.id, $0.offset) }) { first, _ in first }
    }

    /// Called where the checkpoint has reached the offset that was asked for, or would pass it.
    func judge(into batch: inout FlowBatch, _ store: any LineageStore) throws(TailError) {
        switch phase {
        case .searching(var search):
            search.judge(offset: decoder.checkpoint.offset, digest: decoder.prefixDigest())
            phase = .searching(search)
            guard search.nextOffset == nil else { return }
            if let match = search.match, match.offset == decoder.checkpoint.offset {
                let others = search.lineages.filter { $0 != match.id }
                for hash in try hashes(of: others, store) { _ = known.insert(hash) }
                goOn(match, into: &batch)
            } else {
                try readWithAllKnown(search, store)
            }
        case .confirming(let match):
            if decoder.checkpoint.offset == match.offset, decoder.prefixDigest() == match.digest {
                goOn(match, into: &batch)
            } else {
                startOver()
            }
        case .identifying, .reading, .ended:
            break
        }
    }

    /// The drop goes on where this lineage ends.
    func goOn(_ match: LineageState, into batch: inout FlowBatch) {
        lineage = match.id
        batch.repeatedRecords += max(0, hashedRecords - countedRecords)
        phase = .reading
    }

    /// Reads the drop anew with the records of all its head's lineages known, so that only new ones are stored.
    func readWithAllKnown(_ search: LineageSearch, _ store: any LineageStore) throws(TailError) {
        let stored = try hashes(of: search.lineages, store)
        beginPass()
        for hash in stored { _ = known.insert(hash) }
        isTentative = search.match == nil
        if let match = search.match { phase = .confirming(match) } else { phase = .reading }
    }

    /// True where every record of the drop so far is stored: the drop is an old version of one that was read further.
    func isRepeated(_ search: LineageSearch, _ store: any LineageStore) throws(TailError) -> Bool {
        if decoder.checkpoint.records == search.recordsCompared { return true }
        let stored = try hashes(of: search.lineages, store)
        // A set that forgets cannot be compared; the slow way (a pass with all of them known) then tells.
        guard stored.count + known.count < limits.knownRecords / 2 else { return false }
        var distinct = RecordSet(limit: limits.knownRecords)
        var union = known
        for hash in stored {
            _ = distinct.insert(hash)
            _ = union.insert(hash)
        }
        return union.count == distinct.count
    }

    func hashes(of lineages: [Int64], _ store: any LineageStore) throws(TailError) -> [RecordHash] {
        if lineages.isEmpty { return [] }
        return try ask(store) { store throws in try store.recordHashes(lineages: lineages) }
    }

    func ask<Answer>(
        _ store: any LineageStore, _ question: (any LineageStore) throws -> Answer
    ) throws(TailError) -> Answer {
        do {
            return try question(store)
        } catch {
            throw TailError(code: .lineageStore, path: path, cause: "\(error)", underlying: error)
        }
    }
}
