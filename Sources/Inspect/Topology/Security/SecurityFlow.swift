package import FlowModel

/// Which way a rule looks, seen from the NIC.
package enum SecurityDirection: String, Sendable, Hashable {
    case inbound, outbound
}

/// The opening of a session between two hosts, as the rules of network security groups see it.
///
/// Groups are stateful: the answer of a session that may open always passes [learn: network-security-groups-overview].
package struct SecurityFlow: Sendable, Hashable {
    /// One end of it.
    package struct Side: Sendable, Hashable {
        package var address: IPAddress
        /// Lower-cased id of the subnet; nil outside the exports' VNets.
        package var subnet: String?
        /// Lower-cased id of the NIC; nil where there is none or the exports lack it.
        package var interface: String?
        /// Lower-cased id of the private endpoint that has the address.
        package var privateEndpoint: String?
        /// True where it is taken to be on-premises, though no export or overlay names its range.
        package var isOnPremises: Bool

        package init(
            address: IPAddress, subnet: String? = nil, interface: String? = nil, privateEndpoint: String? = nil,
            isOnPremises: Bool = false
        ) {
            self.address = address
            self.subnet = subnet
            self.interface = interface
            self.privateEndpoint = privateEndpoint
            self.isOnPremises = isOnPremises
        }
    }

    package var source: Side
    package var destination: Side
    package var ipProtocol: Int16
    /// Destination port; nil = not known.
    package var port: Int?
    /// TCP ports that stand for an unknown one, of `EndpointPorts`; empty = any.
    package var usualPorts: [Int]

    package init(source: Side, destination: Side, ipProtocol: Int16, port: Int?, usualPorts: [Int] = []) {
        self.source = source
        self.destination = destination
        self.ipProtocol = ipProtocol
        self.port = port
        self.usualPorts = usualPorts
    }

    /// TCP and UDP; the others have no ports that a rule could name.
    var hasPorts: Bool { ipProtocol == 6 || ipProtocol == 17 }
    /// What is asked about.
    var ports: PortRanges { PortRanges(asked: port, usual: usualPorts, ipProtocol: ipProtocol) }
}

extension SecurityFlow.Side {
    /// The side that a place is. An appliance is a NIC only where its id is one: a firewall has no NIC in the exports.
    package init(_ place: Place) {
        let endpoint = place.endpoint
        // Asked for every session: the kind says it, and of an appliance the type of its id.
        let isInterface =
            endpoint.kind == .nic || endpoint.kind == .appliance && kindPart(endpoint.id) == "networkinterfaces"
        self.init(
            address: place.address, subnet: endpoint.subnet, interface: isInterface ? endpoint.id : nil,
            privateEndpoint: endpoint.kind == .privateEndpoint ? endpoint.id : nil,
            isOnPremises: endpoint.kind == .onPremises)
    }
}
