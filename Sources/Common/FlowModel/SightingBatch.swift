/// How good a source is for an observer's minute; the smallest counts (design: counted once).
package enum SourceRank: UInt8, Sendable, Comparable {
    case nic, subnet, vnet, nsg
    case firewallStructured = 10
    case firewallLegacy = 11
    /// Rows that are no sessions and never count.
    case never = 99

    package static func < (left: SourceRank, right: SourceRank) -> Bool { left.rawValue < right.rawValue }
}

/// Where one flow record lies in the topology; indexes are into the `SightingBatch`'s own tables.
package struct Sighting: Sendable {
    /// Routing domain of the vantage point; -1 unknown.
    package var domain: Int32
    /// Index into `endpoints`; -1 where the row has no such address.
    package var source: Int32
    package var destination: Int32
    /// Index into `observers`; -1 where the row names neither MAC nor firewall.
    package var observer: Int32
    /// Observers behind source and destination; -1 where nothing there logs.
    package var sourceObserver: Int32
    package var destinationObserver: Int32
    package var rank: SourceRank

    package init(
        domain: Int32, source: Int32, destination: Int32, observer: Int32, sourceObserver: Int32,
        destinationObserver: Int32, rank: SourceRank
    ) {
        self.domain = domain
        self.source = source
        self.destination = destination
        self.observer = observer
        self.sourceObserver = sourceObserver
        self.destinationObserver = destinationObserver
        self.rank = rank
    }
}

/// A batch of flow records, each located: `sightings[i]` belongs to `flows.rows[i]`.
package struct SightingBatch: Sendable {
    package var flows: FlowBatch
    package var sightings: [Sighting]
    package var endpoints: SharedTable<Endpoint>
    package var observers: SharedTable<Observer>

    package init(
        flows: FlowBatch, sightings: [Sighting], endpoints: SharedTable<Endpoint>, observers: SharedTable<Observer>
    ) {
        self.flows = flows
        self.sightings = sightings
        self.endpoints = endpoints
        self.observers = observers
    }
}
