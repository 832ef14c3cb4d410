package import FlowModel

/// A private endpoint whose connection may carry traffic.
package struct PrivateEndpoint: Sendable, Hashable {
    /// What stands behind it; its name is the key of the overlay's `private_endpoint_route_protocols`.
    package enum TargetKind: String, Sendable, Hashable {
        /// Storage, SQL, Key Vault, …: a service of the platform.
        case platform
        /// A private link service of one's own.
        case privateLinkService = "private_link_service"
    }

    /// Lower-cased resource id.
    package var id: String
    package var name: String
    package var addresses: [IPAddress]
    /// Lower-cased id of the subnet that holds it.
    package var subnet: String
    package var targetKind: TargetKind
    package var fqdns: [String]
    /// Only an approved connection carries traffic [learn: private-endpoint-overview].
    package var isApproved: Bool

    package init(
        id: String, name: String, addresses: [IPAddress], subnet: String, targetKind: TargetKind, fqdns: [String],
        isApproved: Bool = true
    ) {
        self.id = id
        self.name = name
        self.addresses = addresses
        self.subnet = subnet
        self.targetKind = targetKind
        self.fqdns = fqdns
        self.isApproved = isApproved
    }
}
