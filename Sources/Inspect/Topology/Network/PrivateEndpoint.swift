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
    package let fqdns: [String]
    /// Only an approved connection carries traffic [learn: private-endpoint-overview].
    package let isApproved: Bool
    /// What stands behind it, where its connection tells.
    let target: EndpointTarget?

    init(
        id: String, name: String, addresses: [IPAddress], subnet: String, targetKind: TargetKind, fqdns: [String],
        isApproved: Bool, target: EndpointTarget?
    ) {
        self.id = id
        self.name = name
        self.addresses = addresses
        self.subnet = subnet
        self.targetKind = targetKind
        self.fqdns = fqdns
        self.isApproved = isApproved
        self.target = target
    }
}
