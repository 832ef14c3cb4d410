/// Facts about Azure that are disputed, previewed or inferred, with the defaults that azure-routes names; the overlay's
/// `semantics` changes them. Nil = cannot tell.
///
/// What an answer takes from here is written into its `rests_on`, and lowers its confidence.
struct Semantics {
    var routeLimitPerTable = 400
    /// Protocols that an endpoint's /32 steers [one published test and a practitioner's; learn:
    /// private-link-service-overview for private link services].
    var privateEndpointRouteProtocols: [PrivateEndpoint.TargetKind: Set<String>] = [
        .platform: ["tcp"], .privateLinkService: ["tcp", "udp"],
    ]
    var gatewaySubnetObeysSummarisation: Bool? = true
    /// `containing`: the range of the endpoint's VNet that holds the endpoint (inferred); `any` of its ranges.
    var summarisationRange = "containing"
    /// `all`: once the /32 is invalid every protocol follows the user route (inferred); `tcp`.
    var invalidRouteProtocols = "all"
    var bgpOverrideWins: Bool? = true
    var subnetPeeringSpreadsEndpointRoutes: Bool?
    var disablePeeringRouteRemovesEndpointRoutes: Bool?
    var connectedGroupSpreadsEndpointRoutes: Bool? = true
    var expressRouteSameVNetReply: Bool? = true
    var gatewayHubSpokeReply: Bool?
    var replyFollowsMapping: Bool? = true
}
