import Runtime

/// The sessions that are asked of a world: a sample that holds private endpoints more often than the rest.
extension SlowWorld {
    func pairs(seed: UInt64, count: Int) -> [SlowPair] {
        var random = SplitMix64(seed: seed ^ 0x5eed)
        let domains = Set(vnets.map { String($0.name.prefix(1)) }).sorted()
        var pairs: [SlowPair] = []
        for _ in 0..<count {
            guard let domain = domains.randomElement(using: &random),
                let client = clients(domain).randomElement(using: &random),
                let destination = destination(domain, client, &random)
            else { continue }
            for name in ["tcp", "udp", "icmp"] {
                pairs.append(SlowPair(client: client, destination: destination, protocolName: name))
            }
        }
        return pairs
    }

    private func clients(_ domain: String) -> [SlowPair.Place] {
        interfaces.filter { $0.name.hasPrefix(domain) && !$0.forwards }.map { .interface($0.name) }
            + onPremises(domain) + onPremises(domain)
    }

    private func onPremises(_ domain: String) -> [SlowPair.Place] {
        sites.filter { $0.name.hasPrefix(domain) }.map { .site($0.name, $0.prefixes[0].host(9)) }
    }

    /// The client's subnet, or GatewaySubnet, has a user route for the address alone.
    private func hasOwnRoute(to address: SlowAddress, _ client: SlowPair.Place) -> Bool {
        let table: Table?
        switch client {
        case .interface(let name):
            let interface = interfaces.first { $0.name == name }
            table = self.table(interface?.vnet ?? "", interface?.subnet ?? "")
        case .site(let name, _):
            let gateway = sites.first { $0.name == name }?.gateway
            table = self.table(gateways.first { $0.name == gateway }?.vnet ?? "", "GatewaySubnet")
        default: table = nil
        }
        return table?.routes.contains { $0.prefix == SlowPrefix(host: address) } == true
    }

    private func destination(
        _ domain: String, _ client: SlowPair.Place, _ random: inout SplitMix64
    ) -> SlowPair.Place? {
        let endpoints = privateEndpoints.filter { $0.name.hasPrefix(domain) }
        let machines = interfaces.filter { $0.name.hasPrefix(domain) && !$0.forwards }
        var choices: [SlowPair.Place] = endpoints.map { .privateEndpoint($0.name) }
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1, 2: choices = machines.map { .interface($0.name) }
        case 3: choices = onPremises(domain)
        case 4: choices = [.internet(SlowAddress(8, 8, 8, 8))]
        default:
            let routed = endpoints.filter { hasOwnRoute(to: $0.address, client) }
            if !routed.isEmpty { choices = routed.map { .privateEndpoint($0.name) } }
        }
        if case .site = client { choices = choices.filter { !$0.isOutside } }
        return choices.filter { $0 != client }.randomElement(using: &random)
    }
}

extension SlowPair.Place {
    /// On-premises or the Internet.
    var isOutside: Bool {
        switch self {
        case .site, .internet, .nowhere: true
        case .interface, .privateEndpoint: false
        }
    }
}
