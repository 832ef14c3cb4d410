import FlowModel

/// What is compared between two versions of a topology.
extension Topology {
    /// Lower-cased id of each VNet → its routing domain, as this version numbers it.
    package var vnetDomains: [String: Int32] { network.domains }

    /// Whether the topology holds what a finding's subject names: a resource's lower-cased id, or an on-premises prefix.
    package func holds(_ id: String) -> Bool {
        network.subnets[id] != nil || network.privateEndpoints[id] != nil || network.appliances[id] != nil
            || network.vnets[id] != nil || network.interfaces[id] != nil || network.routeTables[id] != nil
            || network.onPremises.contains { $0.prefix.description == id }
    }
}
