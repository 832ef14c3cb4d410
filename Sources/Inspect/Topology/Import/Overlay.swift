internal import FlowModel

/// What Azure does not know, of all overlay files together.
struct Overlay {
    /// Where an entry stands: its file, and the way to it there, as in `inspect[0]`.
    struct Place {
        var document: String
        var path: String
    }

    struct Range {
        var place: Place
        var name: String
        var prefixes: [IPPrefix]
        /// Gateway's id or name, as written.
        var via: String?
    }

    struct Device {
        var place: Place
        var name: String
        /// NIC ids or addresses, lower-cased.
        var interfaces: [String]
        var loadBalancer: String?
        var inspects: Bool
        /// Nil where the overlay says something that cannot be read.
        var translation: Appliance.Translation?
        var capacityMbps: Double?
    }

    struct FirewallFacts {
        var place: Place
        /// Id or name, lower-cased.
        var id: String
        var capacityMbps: Double?
    }

    /// A wish: what these clients send to these private endpoints passes one of these devices.
    struct InspectRule {
        var place: Place
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
