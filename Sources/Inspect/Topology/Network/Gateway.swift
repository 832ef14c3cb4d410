internal import FlowModel

/// A virtual network gateway: the door between a VNet and on-premises.
struct Gateway {
    var id: String
    var name: String
    var subnet: String
    var isExpressRoute: Bool
    /// Its own addresses in GatewaySubnet, where the export names them.
    var addresses: [IPAddress]
    /// ExpressRoute FastPath: what comes in passes the gateway by, and no flow log sees it
    /// [learn: vnet-flow-logs-overview].
    var hasFastPath = false
}

/// A range outside Azure, and the gateways that lead to it.
struct OnPremises {
    var name: String
    var prefix: IPPrefix
    /// Lower-cased ids; empty = any gateway of the routing domain.
    var gateways: [String]
    /// True where the overlay names it: it then holds in every routing domain.
    var isOverlay: Bool
    /// True where no export names the range, and a gateway is believed to lead to it.
    var isAssumed = false
}
