/// What a session does, worked out row by row and hop by hop from the sentences of the page on Azure routes.
///
/// Written to be read beside that page, not to be fast: it scans everything, knows no index and no cache, and uses
/// nothing of the module under test. What a sentence leaves open is a set of several allowed answers.
struct SlowEvaluator {
    /// One way to fill in what the overlay's null and an absent policy leave open.
    struct Assumptions: Hashable {
        var gatewaySubnetObeys: Bool
        var overrideWins: Bool
        var subnetPeeringSpreads: Bool
        var disabledPeeringRemoves: Bool
        var expressRouteReply: Bool
        var hubSpokeReply: Bool
        var absentPolicySummarises: Bool
    }

    let world: SlowWorld
    let assumptions: Assumptions
    let ipProtocol: String
    let isToPrivateEndpoint: Bool

    /// The answer where nothing is in doubt, else what all ways to fill in the doubts agree on.
    static func outcome(_ world: SlowWorld, _ pair: SlowPair) -> SlowOutcome {
        var isToPrivateEndpoint = false
        if case .privateEndpoint = pair.destination { isToPrivateEndpoint = true }
        let outcomes = ways(world).map {
            SlowEvaluator(
                world: world, assumptions: $0, ipProtocol: pair.protocolName, isToPrivateEndpoint: isToPrivateEndpoint
            ).outcome(pair)
        }
        return outcomes.dropFirst().reduce(outcomes[0]) { $0.agreeing(with: $1) }
    }

    /// All ways to fill in the doubts that the world gives occasion to.
    private static func ways(_ world: SlowWorld) -> [Assumptions] {
        let semantics = world.semantics
        let peerings = world.vnets.flatMap(\.peerings)
        let hasAbsentPolicy = world.privateEndpoints.contains { world.subnet($0.vnet, $0.subnet)?.policy == nil }
        func values(_ setting: Bool?, _ isAsked: Bool = true) -> [Bool] {
            setting.map { [$0] } ?? (isAsked ? [true, false] : [true])
        }
        var all: [Assumptions] = []
        for obeys in values(semantics.gatewaySubnetObeys) {
            for override in values(semantics.overrideWins) {
                for spreads in values(semantics.subnetPeeringSpreads, peerings.contains { $0.localSubnets != nil }) {
                    for removes in values(
                        semantics.disabledPeeringRemoves, world.tables.contains(where: \.hidesPeerings))
                    {
                        for express in values(semantics.expressRouteReply, !world.gateways.isEmpty) {
                            for hubSpoke in values(semantics.hubSpokeReply, !world.gateways.isEmpty) {
                                for summarises in hasAbsentPolicy ? [false, true] : [false] {
                                    all.append(
                                        Assumptions(
                                            gatewaySubnetObeys: obeys, overrideWins: override,
                                            subnetPeeringSpreads: spreads, disabledPeeringRemoves: removes,
                                            expressRouteReply: express, hubSpokeReply: hubSpoke,
                                            absentPolicySummarises: summarises))
                                }
                            }
                        }
                    }
                }
            }
        }
        return all
    }
}

/// The allowed answers; a set of one where the page leaves no choice.
struct SlowOutcome: Hashable {
    struct Sight: Hashable {
        /// `true on_path`, `false not_on_path`, `nil protocol_not_logged`, …
        var forward: Set<String>
        var back: Set<String>
    }

    /// A route decision on the forward path; the route is nil where several answers are possible.
    struct Decision: Hashable {
        var subnet: String
        var prefix: SlowPrefix
        var source: String
        var hop: String
        /// The sentence that decided where it is not the longest prefix alone.
        var rule = "longest prefix"
    }

    var decisions: [Decision]
    /// All decisions of the forward path are in the list.
    var decisionsAreWhole = true
    /// `firewall 10.0.0.4`, `appliance …`, `gateway`, in order; nil where the alternatives differ.
    var devices: [String]?
    /// False where the way on is open, or leads in a circle.
    var devicesAreWhole = true
    var end: String
    /// The sentence that decided on the way back.
    var backRule: String
    var inspected: Set<SlowTruth>
    var works: Set<SlowTruth>
    var symmetric: Set<SlowTruth>
    /// By the vantage point's lower-cased id.
    var sees: [String: Sight]

    func agreeing(with other: SlowOutcome) -> SlowOutcome {
        if self == other { return self }
        func both<Answer>(_ left: Set<Answer>, _ right: Set<Answer>, _ unknown: Set<Answer>) -> Set<Answer> {
            left.intersection(right).union(unknown)
        }
        var merged = self
        let common = zip(decisions, other.decisions).prefix { $0 == $1 }
        merged.decisions = common.map(\.0)
        merged.decisionsAreWhole =
            common.count == decisions.count && common.count == other.decisions.count && decisionsAreWhole
            && other.decisionsAreWhole
        merged.devices = devices == other.devices ? devices : nil
        merged.end = end == other.end ? end : "unknown"
        merged.backRule = backRule == other.backRule ? backRule : "unknown"
        merged.inspected = both(inspected, other.inspected, [.unknown])
        merged.works = both(works, other.works, [.unknown])
        merged.symmetric = both(symmetric, other.symmetric, [.unknown])
        for (vantage, sight) in sees {
            let theirs = other.sees[vantage] ?? sight
            merged.sees[vantage] = Sight(
                forward: both(sight.forward, theirs.forward, ["nil path_unknown"]),
                back: both(sight.back, theirs.back, ["nil path_unknown"]))
        }
        return merged
    }
}
