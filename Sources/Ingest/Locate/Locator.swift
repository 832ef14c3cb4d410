package import FlowModel

/// Says of each flow record where it was taken and what its addresses are, in the routing domain of its vantage point.
///
/// It never fails: what the topology does not know becomes `public` or `unknown`, and a NIC that it does not know an
/// observer of its own, named by its MAC.
package struct Locator: Sendable {
    private let placement: Placement

    package init(_ placement: Placement) { self.placement = placement }

    /// Locates a batch; `sightings[i]` of the answer belongs to `flows.rows[i]`.
    package func locate(_ flows: consuming FlowBatch) -> SightingBatch {
        var batch = BatchLocator(placement: placement, textCount: flows.texts.count)
        var sightings: [Sighting] = []
        sightings.reserveCapacity(flows.count)
        for row in flows.rows { sightings.append(batch.sighting(of: row, in: flows.texts)) }
        return SightingBatch(
            flows: flows, sightings: sightings, endpoints: batch.endpoints, observers: batch.observers)
    }

    /// Locates a batch, each row by the version of the topology that judges its minute.
    ///
    /// Domains are numbered as the row's own version numbers them.
    ///
    /// - Parameters:
    ///   - timeline: which version judges when; without any, nothing is known of any address.
    ///   - placement: gives the placement of a validity of the timeline. Asked once for each that the batch needs, in
    ///     order; what it throws ends the call.
    package static func locate(
        _ flows: consuming FlowBatch, by timeline: TopologyTimeline,
        _ placement: (TopologyTimeline.Validity) throws -> Placement
    ) rethrows -> SightingBatch {
        let needed = timeline.indexes(of: flows)
        guard needed.count > 1 else {
            guard let index = needed.first, index >= 0 else { return Locator(.empty).locate(flows) }
            return Locator(try placement(timeline.validities[index])).locate(flows)
        }
        let nowhere = Sighting(
            domain: -1, source: -1, destination: -1, observer: -1, sourceObserver: -1, destinationObserver: -1,
            rank: .never)
        var sightings = Array(repeating: nowhere, count: flows.count)
        var endpoints: [Endpoint] = []
        var observers: [Observer] = []
        for index in needed.sorted() {
            var batch = BatchLocator(
                placement: try placement(timeline.validities[index]), textCount: flows.texts.count)
            let bases = (endpoint: Int32(endpoints.count), observer: Int32(observers.count))
            for (number, row) in flows.rows.enumerated() where timeline.index(at: row.time) == index {
                sightings[number] = batch.sighting(of: row, in: flows.texts).moved(
                    endpoints: bases.endpoint, observers: bases.observer)
            }
            // Each version's tables stand one after the other.
            endpoints += batch.endpoints.map { endpoint in
                var moved = endpoint
                if moved.observer >= 0 { moved.observer += bases.observer }
                return moved
            }
            observers += batch.observers
        }
        return SightingBatch(
            flows: flows, sightings: sightings, endpoints: SharedTable(endpoints), observers: SharedTable(observers))
    }
}

extension TopologyTimeline {
    /// Indexes of the validities that judge a batch's rows; -1 where none is known.
    fileprivate func indexes(of flows: borrowing FlowBatch) -> Set<Int> {
        guard validities.count > 1 else { return flows.isEmpty && validities.isEmpty ? [] : [validities.count - 1] }
        var indexes: Set<Int> = []
        var known: Range<EventTime>?
        for row in flows.rows where known?.contains(row.time) != true {
            // Rows of one minute have one version; most rows follow others of their minute.
            let start = row.time.minute
            known = start..<start.advanced(seconds: 60)
            indexes.insert(index(at: row.time) ?? -1)
        }
        return indexes
    }
}

extension Sighting {
    fileprivate func moved(endpoints: Int32, observers: Int32) -> Sighting {
        func move(_ index: Int32, by base: Int32) -> Int32 { index < 0 ? index : index + base }
        return Sighting(
            domain: domain, source: move(source, by: endpoints), destination: move(destination, by: endpoints),
            observer: move(observer, by: observers), sourceObserver: move(sourceObserver, by: observers),
            destinationObserver: move(destinationObserver, by: observers), rank: rank)
    }
}
