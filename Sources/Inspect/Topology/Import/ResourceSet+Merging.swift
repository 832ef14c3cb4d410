internal import FlowModel

/// One value for each resource: readings of one id merged, children inside their parent.
extension ResourceSet {
    struct Merged: Sendable {
        var resources: [Reading] = []
        /// The set's own values, and what was merged of them.
        var values: PackedStore
        var problems: Set<TopologyProblem> = []
    }

    /// Resources sorted by id. Depends on what the documents say, not on their order.
    func merged() -> Merged {
        var merger = ReadingMerger(texts: packer.texts)
        var merged = Merged(values: values)
        var heads: [Reading] = []
        heads.reserveCapacity(first.count)
        // In the order of the documents, which is often nearly that of the ids: sorting then takes half as long.
        for (index, reading) in readings.enumerated() where first[reading.id] == Int32(index) {
            heads.append(merge(Int32(index), &merger, &merged.values))
        }
        heads.sort { packer.texts.isLess($0.id, $1.id) }
        merged.resources = attachChildren(heads, &merger, &merged.values)
        merged.problems = merger.problems
        return merged
    }

    /// The resources as readers take them.
    func resources(of merged: Merged) -> ResourcesByType {
        let texts = Texts(packer.texts)
        return ResourcesByType(
            merged.resources.map { reading in
                let (words, index) = merged.values.words(at: reading.place)
                return Resource(
                    id: texts.string(reading.id), type: ResourceKind.all[Int(reading.kind)].lowered,
                    fields: Fields(words, at: index, texts))
            })
    }

    private func merge(_ index: Int32, _ merger: inout ReadingMerger, _ values: inout PackedStore) -> Reading {
        guard readings[Int(index)].next >= 0 else { return readings[Int(index)] }
        var all: [(reading: Reading, words: PackedWords)] = []
        var next = index
        while next >= 0 {
            all.append((readings[Int(next)], values.value(at: readings[Int(next)].place)))
            next = readings[Int(next)].next
        }
        // In the order of their content: three readings merge to the same value whichever came first.
        all.sort { one, other in
            let types = (
                ResourceKind.all[Int(one.reading.kind)].lowered, ResourceKind.all[Int(other.reading.kind)].lowered
            )
            if types.0 != types.1 { return types.0 < types.1 }
            return packer.texts.compare(one.words, 0, other.words, 0) < 0
        }
        var words = all[0].words
        for other in all.dropFirst() {
            words = merger.merge(words, other.words, of: packer.texts.string(readings[Int(index)].id))
        }
        return Reading(id: all[0].reading.id, kind: all[0].reading.kind, place: values.append(words))
    }

    /// Children whose parent was not exported stay alone: another file may bring the parent (topology exports, 15).
    private func attachChildren(
        _ heads: [Reading], _ merger: inout ReadingMerger, _ values: inout PackedStore
    ) -> [Reading] {
        guard heads.contains(where: { kind($0).array != nil }) else { return heads }
        var places: [UInt32: Int] = [:]
        for (place, reading) in heads.enumerated() where ResourceKind.all[Int(reading.kind)].array == nil {
            places[reading.id] = place
        }
        var children: [Int: [Reading]] = [:]
        var isAttached = Array(repeating: false, count: heads.count)
        for (place, reading) in heads.enumerated() {
            guard let parent = parent(of: reading, places), kind(heads[parent]).lowered == kind(reading).parent else {
                continue
            }
            children[parent, default: []].append(reading)
            isAttached[place] = true
        }
        var result = heads
        for (parent, children) in children {
            let words = merger.attach(
                children.map { (key: kind($0).container, words: values.value(at: $0.place)) },
                to: values.value(at: heads[parent].place), of: packer.texts.string(heads[parent].id))
            result[parent].place = values.append(words)
        }
        return result.indices.filter { !isAttached[$0] }.map { result[$0] }
    }

    private func kind(_ reading: Reading) -> ResourceKind { ResourceKind.all[Int(reading.kind)] }

    private func parent(of reading: Reading, _ places: [UInt32: Int]) -> Int? {
        guard kind(reading).array != nil else { return nil }
        return packer.texts.find(parentID(packer.texts.string(reading.id))).flatMap { places[$0] }
    }
}
