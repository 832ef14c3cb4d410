package import FlowModel

/// Says of each flow record where it was taken and what its addresses are, in the routing domain of its vantage point.
///
/// Holds one version of the topology; a new version means a new locator. It never fails: what the topology does not
/// know becomes `public` or `unknown`, and a NIC that it does not know an observer of its own, named by its MAC.
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
}
