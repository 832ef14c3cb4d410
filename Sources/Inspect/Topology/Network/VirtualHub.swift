internal import FlowModel

/// A hub of a virtual WAN, or what is left of it for the rules.
///
/// In the network it stands as a VNet of its own, peered with each connected VNet: so a hub's firewall has the /32s of
/// connected spokes' private endpoints, and other spokes do not [field].
struct VirtualHub {
    struct Connection {
        var id: String
        var name: String
        var vnet: String
        /// `enableInternetSecurity`: the hub's default route reaches the VNet.
        var getsDefaultRoute: Bool
        /// Whether the hub's default route table learns its ranges; nil where the export does not say so
        /// [learn: about-virtual-hub-routing].
        var propagates: Bool?
    }

    /// What a hub does with a packet before it hands it on.
    enum Inspection {
        case device(Inspected)
        case passes
        case open(String)
    }

    /// A range that the hub sends to a device before it sends it anywhere else.
    struct Inspected {
        var prefix: IPPrefix
        /// Lower-cased id of a firewall or appliance.
        var device: String
        /// Of routing intent; else a static route of a hub route table.
        var isIntent: Bool
        /// Private traffic as a whole: it comes before the ranges of the hub's VNets and gateways, however long they are
        /// [learn: how-to-routing-policies]. A default route and static routes win by their length alone.
        var isPrivateIntent: Bool { isIntent && prefix.length > 0 }
    }

    var id: String
    var name: String
    var wan: String?
    var prefix: IPPrefix?
    var connections: [Connection] = []
    var inspected: [Inspected] = []

    /// Subnets that the hub has in this model, and nowhere else.
    static func subnet(_ name: String, of hub: String) -> String { "\(hub)/subnets/\(name.lowercased())" }
}
