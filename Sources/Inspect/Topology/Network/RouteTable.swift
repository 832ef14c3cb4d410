internal import FlowModel

struct RouteTable {
    var id: String
    var name: String
    var routes: [UserRoute]
    /// Gateway routes reach its subnets unless it disables them.
    var propagatesGatewayRoutes: Bool
    /// `disablePeeringRoute: All` (preview 2026): its subnets have no system routes of peerings.
    var dropsPeeringRoutes: Bool
}

struct UserRoute {
    var name: String
    /// As written: a prefix, or a service tag.
    var text: String
    /// Nil for a service tag, whose ranges no export holds.
    var prefix: IPPrefix?
    var hop: NextHopType
    var nextHops: [IPAddress]
    var overridesGatewayRoutes: Bool
    /// The device whose address is the next hop, where a template names it and not the address.
    var device: String?
}

/// Azure's next hop types in one spelling; tools write them in many [azure-routes: next hop names].
enum NextHopType: String {
    case vnetLocal = "VnetLocal"
    case vnetPeering = "VNetPeering"
    case gateway = "VirtualNetworkGateway"
    case appliance = "VirtualAppliance"
    case applianceECMP = "VirtualApplianceEcmp"
    case internet = "Internet"
    case none = "None"
    case serviceEndpoint = "VirtualNetworkServiceEndpoint"
    case interfaceEndpoint = "InterfaceEndpoint"
    case connectedGroup = "ConnectedGroup"
    case unknown = "unknown"

    /// Reads any tool's spelling, without case and spaces.
    init(_ text: String) {
        // As REST writes them: an estate has tens of thousands of routes.
        if let known = NextHopType(rawValue: text) {
            self = known
            return
        }
        switch text.lowercased().filter({ $0 != " " }) {
        case "vnetlocal", "virtualnetwork": self = .vnetLocal
        case "vnetpeering", "vnetglobalpeering", "globalvnetpeering": self = .vnetPeering
        case "virtualnetworkgateway": self = .gateway
        case "virtualappliance": self = .appliance
        case "virtualapplianceecmp": self = .applianceECMP
        case "internet": self = .internet
        case "none": self = .none
        case "virtualnetworkserviceendpoint": self = .serviceEndpoint
        case "interfaceendpoint": self = .interfaceEndpoint
        case "connectedgroup": self = .connectedGroup
        default: self = .unknown
        }
    }
}
