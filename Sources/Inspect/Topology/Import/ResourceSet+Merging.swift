internal import FlowModel

/// One value for each resource: readings of one id merged, children inside their parent.
extension ResourceSet {
    struct Merged: Sendable {
        var resources: [Reading] = []
        var problems: Set<TopologyProblem> = []
    }

    /// Resources sorted by id. Depends on what the documents say, not on their order.
    func merged() -> Merged {
        var merger = ReadingMerger(texts: packer.texts)
        var heads: [Reading] = []
        heads.reserveCapacity(first.count)
        for index in first.values { heads.append(merge(Int(index), &merger)) }
        heads.sort { packer.texts.isLess($0.id, $1.id) }
        var result = Merged()
        result.resources = attachChildren(heads, &merger)
        result.problems = merger.problems
        return result
    }

    /// The resources as readers take them, sorted by id.
    func resources(of merged: Merged) -> [Resource] {
        let texts = Texts(packer.texts)
        return merged.resources.map { reading in
            Resource(
                id: texts.string(reading.id), type: ResourceKind.all[Int(reading.kind)].lowered,
                fields: Fields(reading.words, at: 0, texts))
        }
    }

    private func merge(_ index: Int, _ merger: inout ReadingMerger) -> Reading {
        var reading = readings[index]
        guard reading.next >= 0 else { return reading }
        var all: [Reading] = []
        var next = Int32(index)
        while next >= 0 {
            all.append(readings[Int(next)])
            next = readings[Int(next)].next
        }
        // In the order of their content: three readings merge to the same value whichever came first.
        all.sort { one, other in
            let types = (ResourceKind.all[Int(one.kind)].lowered, ResourceKind.all[Int(other.kind)].lowered)
            if types.0 != types.1 { return types.0 < types.1 }
            return packer.texts.compare(one.words, 0, other.words, 0) < 0
        }
        reading = all[0]
        for other in all.dropFirst() {
            reading.words = merger.merge(reading.words, other.words, of: packer.texts.string(reading.id))
        }
        reading.next = -1
        return reading
    }

    /// Children whose parent was not exported stay alone: another file may bring the parent (topology exports, 15).
    private func attachChildren(_ heads: [Reading], _ merger: inout ReadingMerger) -> [Reading] {
        var places: [UInt32: Int] = [:]
        for (place, reading) in heads.enumerated() where ResourceKind.all[Int(reading.kind)].array == nil {
            places[reading.id] = place
        }
        var children: [Int: [Reading]] = [:]
        var result = heads
        var isAttached = Array(repeating: false, count: heads.count)
        for (place, reading) in heads.enumerated() {
            let kind = ResourceKind.all[Int(reading.kind)]
            guard kind.array != nil,
                let parent = packer.texts.find(parentID(packer.texts.string(reading.id))).flatMap({ places[$0] }),
                ResourceKind.all[Int(heads[parent].kind)].lowered == kind.parent
            else { continue }
            children[parent, default: []].append(reading)
            isAttached[place] = true
        }
        for (parent, children) in children {
            result[parent].words = merger.attach(
                children.map { (key: ResourceKind.all[Int($0.kind)].container, words: $0.words) },
                to: heads[parent].words, of: packer.texts.string(heads[parent].id))
        }
        return result.indices.filter { !isAttached[$0] }.map { result[$0] }
    }
}
