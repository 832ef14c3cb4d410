package import FlowModel

/// Places by text: an address alone where it lives once, else with the VNet or subnet that is meant.
extension Topology {
    /// The place that `10.1.0.4` or `10.1.0.4@vnet-or-subnet` (name, `vnet/subnet`, or id) names.
    ///
    /// An address that nothing claims is a place, too: public, or unknown.
    package func place(_ text: String) throws(PlaceError) -> Place {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let address = IPAddress(parts[0]) else { throw PlaceError(code: .notAnAddress, text: text) }
        guard parts.count == 2 else { return try place(unscoped: address, text: text) }
        let vnets = vnets(named: parts[1])
        guard let vnet = vnets.first else { throw PlaceError(code: .unknownScope, text: text) }
        guard vnets.count == 1 else {
            throw PlaceError(code: .ambiguous, text: text, candidates: vnets.map { "\(address)@\($0)" })
        }
        return place(address, inVNet: vnet)
    }

    /// The places that the texts of a session's two ends name. One that names several places means the one where the other
    /// end is, if that is a single one.
    package func places(from: String, to: String) throws(PlaceError) -> (from: Place, to: Place) {
        let ends = (
            Result { () throws(PlaceError) in try place(from) }, Result { () throws(PlaceError) in try place(to) }
        )
        switch ends {
        case (.failure(let error), .success(let other)): return (try place(error, beside: other), other)
        case (.success(let other), .failure(let error)): return (other, try place(error, beside: other))
        default: return (try ends.0.get(), try ends.1.get())
        }
    }

    private func place(_ error: PlaceError, beside other: Place) throws(PlaceError) -> Place {
        let parts = error.text.split(separator: "@", maxSplits: 1).map(String.init)
        guard error.code == .ambiguous, other.domain >= 0, let address = parts.first.flatMap({ IPAddress($0) }) else {
            throw error
        }
        let holders = (parts.count == 2 ? vnets(named: parts[1]) : places.vnets(holding: address))
            .filter { network.domains[$0] == other.domain }
        if holders.count == 1 { return place(address, inVNet: holders[0]) }
        // An on-premises address lives in every domain of its range.
        let place = place(address, domain: other.domain)
        guard holders.isEmpty, parts.count == 1, place.endpoint.kind == .onPremises else { throw error }
        return place
    }

    /// The place of an address in a routing domain; an address that nothing claims is `public` or `unknown` there.
    package func place(_ address: IPAddress, domain: Int32) -> Place {
        if domain >= 0, Int(domain) < placement.domains.count,
            let index = placement.domains[Int(domain)].longestMatch(address)
        {
            return Place(address: address, domain: domain, endpoint: placement.endpoints[Int(index)])
        }
        let isPublic = !address.isPrivate
        let name = isPublic ? "public" : "unknown"
        let domain = isPublic ? -1 : domain
        return Place(
            address: address, domain: domain,
            endpoint: Endpoint(
                kind: isPublic ? .public : .unknown, id: name, name: name, subnet: nil, domain: domain, observer: -1))
    }

    private func place(unscoped address: IPAddress, text: String) throws(PlaceError) -> Place {
        let holders = places.vnets(holding: address)
        if holders.count == 1, let vnet = holders.first { return place(address, inVNet: vnet) }
        guard holders.isEmpty else {
            throw PlaceError(code: .ambiguous, text: text, candidates: holders.map { "\(address)@\(scopeName($0))" })
        }
        // Without a range that holds it, an address is nowhere: 10,000 domains need no look.
        let isSomewhere = network.onPremises.contains { $0.prefix.contains(address) }
        var found = (0..<(isSomewhere ? network.domainCount : 0)).map { place(address, domain: $0) }.filter {
            $0.endpoint.kind == .onPremises
        }
        if found.count > 1 {
            // The overlay's ranges hold everywhere; only a domain with a gateway that leads there is a way.
            let leading = found.filter {
                network.onPremises(holding: address, domain: $0.domain)?.gateways.isEmpty == false
            }
            if !leading.isEmpty { found = leading }
        }
        if found.count == 1 { return found[0] }
        guard found.isEmpty else {
            var leasts: [Int32: String] = [:]
            for (vnet, domain) in network.domains { leasts[domain] = min(leasts[domain] ?? vnet, vnet) }
            let candidates = found.compactMap { leasts[$0.domain].map { "\(address)@\(scopeName($0))" } }
            throw PlaceError(code: .ambiguous, text: text, candidates: candidates.sorted())
        }
        return place(address, domain: network.domainCount == 1 ? 0 : -1)
    }

    /// The place in one VNet, whatever else has the address in the same domain.
    private func place(_ address: IPAddress, inVNet vnet: String) -> Place {
        let domain = network.domains[vnet] ?? -1
        let known = place(address, domain: domain)
        if let subnet = known.endpoint.subnet.flatMap({ network.subnets[$0] }), subnet.vnet == vnet { return known }
        guard network.vnets[vnet]?.holds(address) == true else { return known }
        if let host = network.hosts[vnet]?[address],
            let endpoint = endpoint(host.id), endpoint.domain == domain
        {
            return Place(address: address, domain: domain, endpoint: endpoint)
        }
        guard let subnet = network.subnet(holding: address, inVNet: vnet),
            let endpoint = endpoint(subnet.id)
        else { return known }
        return Place(address: address, domain: domain, endpoint: endpoint)
    }

    /// The VNet's name where it is the only one of that name, else its id.
    private func scopeName(_ id: String) -> String {
        let name = network.vnets[id]?.name ?? lastPart(id)
        return vnets(named: name).count == 1 ? name : id
    }

    private func endpoint(_ id: String) -> Endpoint? { places.endpoints[id].map { placement.endpoints[Int($0)] } }

    /// Ids of the VNets that a name or id means, itself or by one of their subnets; sorted.
    private func vnets(named text: String) -> [String] {
        let wanted = canonicalID(text)
        if network.vnets[wanted] != nil { return [wanted] }
        if let subnet = network.subnets[wanted] { return [subnet.vnet] }
        return places.vnets(named: wanted)
    }
}

extension Network.Host {
    /// Lower-cased id of the resource.
    var id: String {
        switch self {
        case .nic(let id), .privateEndpoint(let id), .appliance(let id), .gateway(let id), .loadBalancer(let id):
            return id
        }
    }
}
