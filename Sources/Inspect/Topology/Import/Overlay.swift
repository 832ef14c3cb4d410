internal import FlowModel

/// What Azure does not know, of all overlay files together.
struct Overlay {
    struct Range {
        var name: String
        var prefixes: [IPPrefix]
        /// Gateway's id or name, as written.
        var via: String?
    }

    struct Device {
        var name: String
        /// NIC ids or addresses, lower-cased.
        var interfaces: [String]
        var loadBalancer: String?
        var inspects: Bool
        var translation: Appliance.Translation
        var capacityMbps: Double?
    }

    struct FirewallFacts {
        /// Id or name, lower-cased.
        var id: String
        var capacityMbps: Double?
    }

    /// A wish: what these clients send to these private endpoints passes one of these devices.
    struct InspectRule {
        /// Ids, names, prefixes or `*`, lower-cased.
        var privateEndpoints: [String]
        var from: [String]
        var by: [String]
    }

    var onPremises: [Range] = []
    var appliances: [Device] = []
    var firewalls: [FirewallFacts] = []
    var inspect: [InspectRule] = []
    var names: [IPAddress: String] = [:]
    var semantics = Semantics()
}
