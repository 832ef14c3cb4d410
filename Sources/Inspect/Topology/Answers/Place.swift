package import FlowModel

/// An address inside a routing domain, and what it is there.
package struct Place: Sendable, Hashable {
    package var address: IPAddress
    /// Index of the routing domain; -1 where there is none.
    package var domain: Int32
    package var endpoint: Endpoint

    package init(address: IPAddress, domain: Int32, endpoint: Endpoint) {
        self.address = address
        self.domain = domain
        self.endpoint = endpoint
    }
}
