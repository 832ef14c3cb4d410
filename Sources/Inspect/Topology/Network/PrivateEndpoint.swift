package import FlowModel

/// A private endpoint whose connection may carry traffic. A class, as an estate has 100,000 of them and many things go
/// through all: a copy is one reference, not six.
package final class PrivateEndpoint: Sendable {
    /// What stands behind it; its name is the key of the overlay's `private_endpoint_route_protocols`.
    package enum TargetKind: String, Sendable, Hashable {
        /// Storage, SQL, Key Vault, …: a service of the platform.
        case platform
        /// A private link service of one's own.
        case privateLinkService = "private_link_service"
    }

    /// Lower-cased resource id.
    package let id: String
    package let name: String
    package let addresses: [IPAddress]
    /// Lower-cased id of the subnet that holds it.
    package let subnet: String
    package let targetKind: TargetKind
    /// As the endpoint or its NIC tell them: public names of the service.
    package let fqdns: [String]
    /// Lower-cased names that private DNS zones have for its addresses.
    package let aliases: [String]
    /// Only an approved connection carries traffic [learn: private-endpoint-overview].
    package let isApproved: Bool
    /// What stands behind it, where its connection tells.
    let target: EndpointTarget?

    init(
        id: String, name: String, addresses: [IPAddress], subnet: String, targetKind: TargetKind, fqdns: [String],
        isApproved: Bool, target: EndpointTarget?, aliases: [String] = []
    ) {
        self.id = id
        self.name = name
        self.addresses = addresses
        self.subnet = subnet
        self.targetKind = targetKind
        self.fqdns = fqdns
        self.isApproved = isApproved
        self.target = target
        self.aliases = aliases
    }

    /// Public names by which clients ask for its service; empty where nothing tells them.
    var publicNames: [String] { fqdns.isEmpty ? target.map(EndpointNames.derived) ?? [] : fqdns }

    /// Ports at which clients usually speak to it; empty where any may be meant.
    var usualPorts: [Int] { target.map { EndpointPorts.usual($0.service) } ?? [] }

    /// All names by which clients may ask for it; where nothing tells one, the public name of its service, if that follows
    /// from its account's name.
    package var names: [String] {
        let told = fqdns + aliases.filter { !fqdns.contains($0) }
        return told.isEmpty ? publicNames : told
    }

    func with(name: String? = nil, aliases: [String]? = nil) -> PrivateEndpoint {
        PrivateEndpoint(
            id: id, name: name ?? self.name, addresses: addresses, subnet: subnet, targetKind: targetKind, fqdns: fqdns,
            isApproved: isApproved, target: target, aliases: aliases ?? self.aliases)
    }
}
