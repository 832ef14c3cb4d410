internal import FlowModel

/// What contradicts itself, points nowhere or cannot work in a finished network, all of it at once.
///
/// Each problem names the resource, the field, what is wrong and what follows. What the export merely lacks is a problem
/// only where something in it points there; peered VNets outside the export are believed.
struct Consistency {
    let network: Network
    /// Lower-cased ids of the NSGs of the export.
    let securityGroups: Set<String>
    private(set) var problems: [TopologyProblem] = []
    /// VNet → VNets that a working peering joins to it directly.
    let peers: [String: Set<String>]
    /// Private endpoints by VNet.
    let endpointCounts: [String: Int]
    /// Subnets that hold private endpoints, or are said to.
    let endpointSubnets: Set<String>

    init(network: Network, securityGroups: Set<String>) {
        self.network = network
        self.securityGroups = securityGroups
        peers = network.links.mapValues { Set($0.map(\.peer)) }
        var bySubnet: [String: Int] = [:]
        for endpoint in network.privateEndpoints.values { bySubnet[endpoint.subnet, default: 0] += 1 }
        var counts: [String: Int] = [:]
        for (subnet, count) in bySubnet {
            if let vnet = network.subnets[subnet]?.vnet { counts[vnet, default: 0] += count }
        }
        endpointCounts = counts
        endpointSubnets = Set(bySubnet.keys)
        checkReferences()
        checkOverlay()
        checkPeerings()
        checkAddressSpaces()
        checkSubnets()
        checkInterfaces()
        checkAddresses()
        checkNextHops()
        checkTables()
        checkGatewaySubnets()
        checkFirewalls()
        checkPrivateEndpoints()
    }

    mutating func report(_ resource: String, _ field: String, _ problem: String) {
        problems.append(TopologyProblem(resource: resource, field: field, problem: problem))
    }

    /// At a key of an overlay's entry.
    mutating func report(_ entry: Overlay.Place, _ key: String, _ problem: String) {
        report(entry.document, "\(entry.path).\(key)", problem)
    }

    func vnetName(_ id: String) -> String { network.vnets[id]?.name ?? lastPart(id) }
}
