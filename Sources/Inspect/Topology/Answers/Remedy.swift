internal import FlowModel

/// What to change so that the session is inspected, or its two ways agree: exact routes, ready to enter.
struct Remedy {
    let explainer: Explainer

    private var network: Network { explainer.network }

    func all(symmetric: Bool?) -> [String] {
        if let remedy = atHub { return remedy }
        if symmetric == false { return asymmetry() }
        if explainer.forward.needsTranslation { return translation() }
        if explainer.ipProtocol == IPProtocol.tcp, explainer.privateEndpoint != nil,
            explainer.forward.inspectors.isEmpty,
            case .host = explainer.forward.end
        {
            return bypass()
        }
        return []
    }

    /// "add to route table T the route P → VirtualAppliance A", or how to get a table first; nil at a virtual hub, whose
    /// subnets are the platform's own.
    func addRoute(at subnet: String, _ prefix: String, _ hop: String) -> String? {
        if network.subnets[subnet].flatMap({ network.hubs[$0.vnet] }) != nil { return nil }
        if let table = network.table(ofSubnet: subnet) {
            return "add to route table \(table.name) the route \(prefix) → \(hop)"
        }
        return "give subnet \(network.subnetName(subnet)) a route table with the route \(prefix) → \(hop)"
    }

    // MARK: The endpoint's own /32

    private func bypass() -> [String] {
        guard let decision = explainer.forward.decisions.last, decision.winner?.hop == .interfaceEndpoint,
            let endpoint = explainer.privateEndpoint
        else { return [] }
        let host = IPPrefix(host: explainer.to.address).description
        guard let device = deviceNear(decision.subnet), let hop = device.addresses.first,
            let route = addRoute(at: decision.subnet, host, "VirtualAppliance \(hop)")
        else { return [] }
        var remedies = [route]
        if let summary = summary(of: endpoint, at: decision.subnet) {
            remedies.append(
                "or set privateEndpointNetworkPolicies of subnet \(network.subnetName(endpoint.subnet)) to RouteTableEnabled: "
                    + "user route \(summary) then invalidates the /32")
        }
        remedies += needsTranslation(device, endpoint)
        return remedies
    }

    /// Where a virtual hub's gateway hands packets to an endpoint by its /32: the endpoint's subnet alone decides, once
    /// private traffic has an intent [learn: how-to-routing-policies]. Nil elsewhere.
    private var atHub: [String]? {
        guard let decision = explainer.forward.decisions.last, decision.winner?.hop == .interfaceEndpoint,
            let hub = network.subnets[decision.subnet].flatMap({ network.hubs[$0.vnet] }),
            explainer.forward.inspectors.isEmpty, let endpoint = explainer.privateEndpoint
        else { return nil }
        guard hub.inspected.contains(where: { $0.isPrivateIntent && $0.prefix.contains(explainer.to.address) }) else {
            return []
        }
        return [
            "set privateEndpointNetworkPolicies of subnet \(network.subnetName(endpoint.subnet)) to RouteTableEnabled: the "
                + "routing intent of virtual hub \(hub.name) then takes it to the firewall"
        ]
    }

    /// A user route to a device that is long enough to summarise the /32, were the endpoint's subnet to obey routes.
    private func summary(of endpoint: PrivateEndpoint, at subnet: String) -> String? {
        guard let home = network.subnets[endpoint.subnet], home.privateEndpointPolicies != .obeysRoutes,
            let range = network.vnets[home.vnet]?.ranges.first(where: { $0.contains(explainer.to.address) })
        else { return nil }
        let routes = network.table(ofSubnet: subnet)?.routes ?? []
        return routes.first { route in
            guard let prefix = route.prefix, route.hop == .appliance || route.hop == .applianceECMP else {
                return false
            }
            return prefix.contains(explainer.to.address) && prefix.length >= range.length
        }?.text
    }

    /// The device that the subnet's routes already name, else one in its VNet, else one in a peered VNet.
    private func deviceNear(_ subnet: String) -> Appliance? {
        let vnet = network.subnets[subnet]?.vnet ?? ""
        let vnets = [vnet] + (network.tables.vnets[vnet]?.links.keys.sorted() ?? [])
        let hops = (network.table(ofSubnet: subnet)?.routes ?? [])
            .filter { $0.hop == .appliance && $0.prefix?.contains(explainer.to.address) == true }
            .sorted { ($0.prefix?.length ?? 0) > ($1.prefix?.length ?? 0) }.flatMap(\.nextHops)
        for hop in hops {
            for vnet in vnets {
                if case .appliance(let id)? = network.hosts[vnet]?[hop], let device = network.appliances[id],
                    device.inspects
                {
                    return device
                }
            }
        }
        let devices = network.appliances.values.filter { $0.inspects }.sorted {
            ($0.kind == .azureFirewall ? 0 : 1, $0.id) < ($1.kind == .azureFirewall ? 0 : 1, $1.id)
        }
        return vnets.lazy.compactMap { vnet in devices.first { network.subnets[$0.subnet]?.vnet == vnet } }.first
    }

    private func needsTranslation(_ device: Appliance, _ endpoint: PrivateEndpoint) -> [String] {
        let place = network.subnets[device.subnet]?.vnet
        let client =
            explainer.from.endpoint.subnet.flatMap { network.subnets[$0]?.vnet }
            ?? explainer.forward.gateway.flatMap { network.subnets[$0.subnet]?.vnet }
        guard client == place, !explainer.builder.translates(device, to: explainer.to) else { return [] }
        return ["and translate at \(device.name) (SNAT, or an application rule): client and firewall share a VNet"]
    }

    private func translation() -> [String] {
        guard let device = explainer.forward.appliances.last else { return [] }
        return ["translate at \(device.name) towards \(explainer.to.address) (SNAT, or an application rule)"]
    }

    // MARK: Two ways that differ

    private func asymmetry() -> [String] {
        if let device = explainer.backOnly.first {
            return steer(explainer.forward, to: explainer.to, device) + release(explainer.back, explainer.from)
        }
        if let device = explainer.forwardOnly.first { return steer(explainer.back, to: explainer.from, device) }
        return []
    }

    /// Sends the way that passes by the device through it, at its first decision.
    private func steer(_ path: Path, to destination: Place, _ device: Appliance) -> [String] {
        guard let subnet = path.decisions.first?.subnet, let hop = device.addresses.first else { return [] }
        return addRoute(at: subnet, range(of: destination), "VirtualAppliance \(hop)").map { [$0] } ?? []
    }

    /// True where the way there leads others of the subnet's route table through a device: their answers must go on coming
    /// through it, and a route in that table would take them off.
    private func othersComeThroughADevice(into subnet: String) -> Bool {
        guard let entry = explainer.forward.decisions.first?.subnet, let table = network.subnets[subnet]?.routeTable
        else {
            return false
        }
        let served = network.subnets.values.filter { $0.routeTable == table }.flatMap(\.prefixes)
        return network.table(ofSubnet: entry)?.routes.contains { route in
            guard let prefix = route.prefix, [.appliance, .applianceECMP].contains(route.hop) else { return false }
            return served.contains { $0.overlaps(prefix) }
        } ?? false
    }

    /// Or takes the answer off the device: both ways then pass it by.
    private func release(_ path: Path, _ destination: Place) -> [String] {
        guard destination.endpoint.kind == .onPremises, let subnet = path.decisions.first?.subnet,
            !othersComeThroughADevice(into: subnet)
        else { return [] }
        let isExpressRoute = explainer.forward.gateway?.isExpressRoute ?? false
        guard isExpressRoute, let table = network.table(ofSubnet: subnet) else {
            guard let route = addRoute(at: subnet, range(of: destination), "VirtualNetworkGateway") else { return [] }
            return ["or, so that neither way is inspected, \(route)"]
        }
        // A user route to a gateway is for VPN gateways only [learn: virtual-networks-udr-overview].
        return ["or, so that neither way is inspected, turn gateway route propagation on in route table \(table.name)"]
    }

    /// The subnet's prefix, or the on-premises range, that holds a place.
    private func range(of place: Place) -> String {
        if place.endpoint.kind == .onPremises { return place.endpoint.id }
        let prefixes = place.endpoint.subnet.flatMap { network.subnets[$0]?.prefixes } ?? []
        return (prefixes.first { $0.contains(place.address) } ?? IPPrefix(host: place.address)).description
    }
}
