/// The table under "The way back": whether the endpoint's reply comes to the last appliance of the way there.
extension SlowEvaluator {
    struct Mapping {
        var comesBack: SlowTruth
        /// The row of the table, or the sentence.
        var rule: String
    }

    func mapping(_ endpoint: SlowWorld.PrivateEndpoint, _ forward: Forward, _ last: Device) -> Mapping {
        // "With translation at the appliance …: works and is symmetric everywhere."
        if forward.translated.last == true { return Mapping(comesBack: .yes, rule: "translated") }
        // "`disableSnatOnPL = true` (… NVA only) lets the platform return endpoint traffic to that NIC without SNAT".
        if case .appliance(let name) = last, world.interfaces.first(where: { $0.name == name })?.hasMappingTag == true {
            return Mapping(comesBack: .yes, rule: "tagged")
        }
        let translator = forward.translated.lastIndex(of: true)
        let untranslated = forward.devices[(translator.map { $0 + 1 } ?? 0)...].filter(\.isAppliance)
        // The table knows one appliance between the client (or the address that a translation put in its place) and the endpoint.
        guard untranslated.count == 1 else { return Mapping(comesBack: .unknown, rule: "several appliances") }
        if let translator {
            return withoutTranslation(vnet(forward.devices[translator]), vnet(last), endpoint.vnet)
        }
        switch forward.client {
        case .site(let name, _): return fromOnPremises(name, vnet(last), endpoint.vnet)
        case .interface(let name):
            let home = world.interfaces.first { $0.name == name }?.vnet ?? ""
            guard forward.devices.first == last else {
                return Mapping(comesBack: .unknown, rule: "a gateway before the appliance")
            }
            return withoutTranslation(home, vnet(last), endpoint.vnet)
        default: return Mapping(comesBack: .unknown, rule: "no such client")
        }
    }

    /// The table's rows of clients in a VNet.
    private func withoutTranslation(_ client: String, _ appliance: String, _ endpoint: String) -> Mapping {
        // A A A and A A B: "packets leave the appliance and are dropped at its host before the endpoint; nothing comes back".
        if client == appliance {
            return Mapping(comesBack: .no, rule: endpoint == appliance ? "A A A" : "A A B")
        }
        // A B A, A B B and A B C: "works".
        return Mapping(comesBack: .yes, rule: endpoint == client ? "A B A" : endpoint == appliance ? "A B B" : "A B C")
    }

    /// The table's rows of on-premises clients.
    private func fromOnPremises(_ site: String, _ appliance: String, _ endpoint: String) -> Mapping {
        guard let name = world.sites.first(where: { $0.name == site })?.gateway,
            let gateway = world.gateways.first(where: { $0.name == name })
        else { return Mapping(comesBack: .unknown, rule: "no gateway") }
        let kind = gateway.isExpressRoute ? "ExpressRoute" : "VPN"
        let isHere = appliance == gateway.vnet
        // "on-premises, gateway in hub A | hub A | spoke B: reports conflict".
        if isHere, endpoint != gateway.vnet {
            return Mapping(comesBack: assumptions.hubSpokeReply ? .yes : .no, rule: "\(kind) hub hub spoke")
        }
        // "on-premises, VPN gateway in VNet A | VNet A | VNet A: dropped"; ExpressRoute: "said to work, not tested there".
        if isHere {
            let comesBack = gateway.isExpressRoute && assumptions.expressRouteReply
            return Mapping(comesBack: comesBack ? .yes : .no, rule: "\(kind) A A A")
        }
        // "on-premises, VPN gateway in A | VNet B | VNet C (chain): works". The others are not in the table.
        let isChain = endpoint != gateway.vnet && endpoint != appliance
        return Mapping(
            comesBack: isChain && !gateway.isExpressRoute ? .yes : .unknown,
            rule: isChain ? "\(kind) A B C" : "\(kind), not in the table")
    }
}
