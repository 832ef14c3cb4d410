internal import FlowModel

/// For what comes in by a virtual hub's gateway. The hub's subnets are this model's own: none takes a route table. Once
/// private traffic has a routing intent, the endpoint's subnet alone decides [learn: how-to-routing-policies].
extension RemedySearch {
    /// The hub that a subnet of this model stands for; nil for a subnet of a VNet.
    func hub(ofSubnet id: String) -> VirtualHub? { network.subnets[id].flatMap { network.hubs[$0.vnet] } }

    mutating func remedy(
        at hubs: [VirtualHub], client: AuditClient, endpoint: PrivateEndpoint, _ place: Place
    ) -> Outcome {
        guard hubs.count == client.entrySubnets.count else {
            return .none(
                "a gateway of virtual hub \(hubs[0].name) and one of a VNet lead to \(client.place.endpoint.name): no one change "
                    + "does for both")
        }
        var devices: [Appliance] = []
        for hub in hubs {
            guard let intent = hub.inspected.first(where: { $0.isPrivateIntent && $0.prefix.contains(place.address) })
            else {
                return .none(
                    "virtual hub \(hub.name) has no private routing intent that holds the private endpoint, and takes no route "
                        + "table")
            }
            if let device = network.appliances[intent.device] { devices.append(device) }
        }
        return tryAtHub(client, endpoint, place, devices)
    }

    private mutating func tryAtHub(
        _ client: AuditClient, _ endpoint: PrivateEndpoint, _ place: Place, _ devices: [Appliance]
    ) -> Outcome {
        let single = policies(of: endpoint) + devices.flatMap { translation($0, endpoint) }
        var reason = "\(network.subnetName(endpoint.subnet)) obeys the routing intent already"
        for changes in single.map({ [$0] }) + (single.count > 1 ? [single] : []) {
            let after = judge(changes, client, place)
            if after.verdict == .inspected, devices.contains(where: { after.devices.contains($0.id) }) {
                return .actions(prune(changes, beside: [], client, place))
            }
            guard changes == [single[0]] else { continue }
            let what = changes[0].kind == .setPolicies ? "network policies" : "translation"
            reason = "with \(what) it would be \(after.verdict.rawValue): \(after.why)"
        }
        return .none(reason)
    }
}
