package import FlowModel

/// One change to Azure that a remedy is made of.
package struct RemedyAction: Sendable, Hashable, Comparable {
    /// In the order in which the changes are safe: nothing is sent to a device before its answers find back.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The device puts its own address in place of the client's towards `prefix`.
        case translate
        /// The peering `resource` accepts what the other VNet forwards.
        case allowForwardedTraffic = "allow_forwarded_traffic"
        /// The route table takes a gateway's routes again.
        case propagateGatewayRoutes = "propagate_gateway_routes"
        /// A user route; a table that does not exist yet is made first and given to `subnet` last.
        case addRoute = "add_route"
        /// `privateEndpointNetworkPolicies` of `subnet` lets user routes count for its private endpoints.
        case setPolicies = "set_private_endpoint_network_policies"
    }

    package var kind: Kind
    /// Lower-cased id of the route table; for `addRoute` and `propagateGatewayRoutes`.
    package var routeTable: String?
    /// Canonical text.
    package var prefix: String?
    /// An address, or a next hop type that needs none.
    package var nextHop: String?
    /// Name of the route, in a table's own spelling where it replaces one of the same prefix.
    package var routeName: String?
    /// Lower-cased id of the subnet that gets a new table, or whose policies are set.
    package var subnet: String?
    /// What `privateEndpointNetworkPolicies` becomes; `Enabled` where security groups count for the endpoints already.
    package var policies: String?
    /// The table does not exist yet.
    package var createsTable = false
    /// Lower-cased id of the firewall, appliance or peering.
    package var resource: String?
    /// Without it the session is not shown to work; else it is advised.
    package var isRequired = true

    package init(kind: Kind) { self.kind = kind }

    private var order: (Int, String, String, String, String) {
        (
            Kind.allCases.firstIndex(of: kind) ?? 0, resource ?? "", routeTable ?? "", prefix ?? "", subnet ?? ""
        )
    }

    package static func < (left: RemedyAction, right: RemedyAction) -> Bool { left.order < right.order }

    /// One element of `remedy` (a route: the first three keys are the contract's) or of `settings` (what is no route).
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        if kind == .addRoute {
            json.key("route_table"); json.value(routeTable)
            json.key("prefix"); json.value(prefix)
            json.key("next_hop"); json.value(nextHop)
            json.key("route_name"); json.value(routeName)
            json.key("creates_table"); json.value(createsTable)
            json.key("subnet"); json.value(subnet)
        } else {
            json.key("action"); json.value(kind.rawValue)
            json.key("resource"); json.value(resource ?? routeTable ?? subnet)
            json.key("prefix"); json.value(prefix)
            json.key("value"); json.value(policies)
        }
        json.key("required"); json.value(isRequired)
        json.endObject()
    }
}
