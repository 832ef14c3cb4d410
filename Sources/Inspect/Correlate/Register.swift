import FlowModel
package import Topology

/// What the numbers in the aggregates stand for, and what is known of addresses: shared by all minutes.
package struct Register: Sendable {
    package var names = NameTable()
    package var paths: PathCache
    private var wishes: [Wish: Bool] = [:]
    private let wishLimit: Int
    private var observers: [Observer: Int32] = [:]
    /// Observers come from the input: bounded, like every text of it.
    private let observerLimit = 200_000
    /// Public name → private endpoints, as indexes into `Topology.privateEndpoints`.
    let privateEndpointNames: [String: [Int]]
    /// Subnet → index into `Topology.firewalls`.
    let firewallSubnets: [String: Int32]
    let topology: Topology

    package init(topology: Topology, settings: CorrelateSettings) {
        self.topology = topology
        paths = PathCache(topology: topology, limit: settings.pathLimit)
        wishLimit = settings.pathLimit
        var names: [String: [Int]] = [:]
        for (index, endpoint) in topology.privateEndpoints.enumerated() {
            for name in endpoint.fqdns { names[publicName(name), default: []].append(index) }
        }
        privateEndpointNames = names
        var subnets: [String: Int32] = [:]
        for (index, firewall) in topology.firewalls.enumerated() {
            if let subnet = firewall.subnet, subnets[subnet] == nil { subnets[subnet] = Int32(index) }
        }
        firewallSubnets = subnets
    }

    private struct Wish: Hashable {
        var subject: PairSubject
        var client: IPAddress
    }

    /// Whether the overlay wants what this client sends to the private endpoint inspected: asked once, then known.
    mutating func isWanted(_ subject: PairSubject, client: IPAddress) -> Bool {
        let wish = Wish(subject: subject, client: client)
        if let known = wishes[wish] { return known }
        if wishes.count >= wishLimit { wishes.removeAll(keepingCapacity: true) }
        let isWanted = topology.wantsInspection(
            privateEndpoint: names[subject.privateEndpoint], clientSubnet: names[subject.clientSubnet], client: client)
        wishes[wish] = isWanted
        return isWanted
    }

    mutating func number(of observer: Observer) -> Int32 {
        if let number = observers[observer] { return number }
        guard observers.count < observerLimit else { return NameTable.unknown }
        let number = Int32(observers.count)
        observers[observer] = number
        return number
    }
}

/// The name under which clients ask for a private endpoint's service: `privatelink` is the zone's label, not theirs.
func publicName(_ name: String) -> String {
    name.lowercased().split(separator: ".").filter { $0 != "privatelink" }.joined(separator: ".")
}
