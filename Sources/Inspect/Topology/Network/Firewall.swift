package import FlowModel

/// An Azure Firewall, or an appliance that the overlay or a route names, as detectors need it.
package struct Firewall: Sendable, Hashable {
    /// Lower-cased id: of the Azure Firewall, or of the appliance's load balancer or NIC.
    package var id: String
    package var name: String
    /// `Basic`, `Standard`, `Premium`; `appliance` for one that is no Azure Firewall.
    package var tier: String
    /// Of the overlay, else the SKU's total [learn: firewall-performance, page of 2026-03]; nil where nothing says so.
    package var capacityMbps: Double?
    /// The ceiling of one TCP connection, of the SKU [same page].
    package var singleFlowMbps: Double?
    /// Private addresses that routes name as next hop.
    package var addresses: [IPAddress]
    /// Lower-cased id; nil where the export names none.
    package var subnet: String?

    package init(
        id: String, name: String, tier: String, capacityMbps: Double?, singleFlowMbps: Double?,
        addresses: [IPAddress], subnet: String?
    ) {
        self.id = id
        self.name = name
        self.tier = tier
        self.capacityMbps = capacityMbps
        self.singleFlowMbps = singleFlowMbps
        self.addresses = addresses
        self.subnet = subnet
    }
}
