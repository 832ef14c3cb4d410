/// What an address is.
package enum EndpointKind: String, Sendable, Hashable, CaseIterable {
    case nic
    case privateEndpoint = "private_endpoint"
    case firewall, appliance
    case loadBalancer = "load_balancer"
    case gateway
    case onPremises = "on_premises"
    /// A private address inside a known subnet that no resource of the export claims.
    case subnet
    case `public`, unknown
}

/// What an address means inside one routing domain.
package struct Endpoint: Sendable, Hashable {
    package var kind: EndpointKind
    /// Lower-cased resource id; for prefixes (on-premises) the canonical prefix; `public`; `unknown`.
    package var id: String
    /// The resource's or prefix's name, for people.
    package var name: String
    /// Lower-cased id of the subnet that holds it; nil outside Azure.
    package var subnet: String?
    /// Index of the routing domain; -1 where there is none (public, no topology).
    package var domain: Int32
    /// Index into `Placement.observers` of the NIC or firewall that would log it; -1 where nothing does.
    package var observer: Int32

    package init(kind: EndpointKind, id: String, name: String, subnet: String?, domain: Int32, observer: Int32) {
        self.kind = kind
        self.id = id
        self.name = name
        self.subnet = subnet
        self.domain = domain
        self.observer = observer
    }
}

/// The NIC (by MAC) or firewall behind a vantage point.
package struct Observer: Sendable, Hashable {
    package enum Kind: String, Sendable { case nic, firewall }
    package var kind: Kind
    /// 12 upper-case hex digits of the MAC, or the firewall's lower-cased id.
    package var key: String
    /// True for a NIC that forwards (an appliance): it is neither end of what it logs.
    package var forwards: Bool
    /// Index of the routing domain; -1 where the topology does not know it.
    package var domain: Int32

    package init(kind: Kind, key: String, forwards: Bool, domain: Int32) {
        self.kind = kind
        self.key = key
        self.forwards = forwards
        self.domain = domain
    }
}

/// The topology as Locate needs it: immutable, swapped whole when a new topology version becomes valid.
package struct Placement: Sendable {
    /// Addresses and prefixes of each routing domain → index into `endpoints`.
    package var domains: [PrefixTable<Int32>] = []
    package var endpoints: [Endpoint] = []
    package var observers: [Observer] = []
    /// MAC (48 bits) → index into `observers`.
    package var macs: [UInt64: Int32] = [:]
    /// Lower-cased resource id of a possible vantage point (NIC, subnet, VNet, NSG, firewall) → routing domain.
    package var vantageDomains: [String: Int32] = [:]
    /// Lower-cased resource id of a vantage point that is one observer itself (NIC, firewall) → index into `observers`.
    package var vantageObservers: [String: Int32] = [:]
    /// Digest of the resources it was made of; empty without a topology.
    package var version = ""

    package init() {}

    /// No topology: everything is public or unknown, observers are MACs and firewalls as the logs name them.
    package static let empty = Placement()
}
