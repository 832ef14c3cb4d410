internal import FlowModel

/// Makes the tables by which Locate says what an address is, and whose log a record comes from.
struct PlacementBuilder {
    private let network: Network
    private(set) var placement = Placement()
    private(set) var problems: [TopologyProblem] = []
    /// Endpoint of each host that has several addresses.
    private var hostEndpoints: [Network.Host: Int32] = [:]
    private var unknownGround: [Int32: Int32] = [:]
    /// Subnet → its firewall, of several the one of the least id.
    private var firewalls: [String: Appliance] = [:]
    private var gateways: [String: [Gateway]] = [:]

    init(network: Network, version: String) {
        self.network = network
        for firewall in network.appliances.values.sorted(by: { $0.id > $1.id }) where firewall.kind == .azureFirewall {
            firewalls[firewall.subnet] = firewall
        }
        gateways = Dictionary(grouping: network.gateways.values, by: \.subnet)
        placement.version = version
        placement.domains = Array(repeating: PrefixTable(), count: Int(network.domainCount))
        addObservers()
        addVantages()
        let vnets = network.vnets.values.sorted { $0.id < $1.id }
        for vnet in vnets { add(vnet) }
        for vnet in vnets { addUnknownGround(of: vnet) }
        addOnPremises()
    }

    // MARK: Observers and vantage points

    private mutating func addObservers() {
        let nics = network.interfaces.values.filter { $0.privateEndpoint == nil }
        for nic in nics.sorted(by: { $0.id < $1.id }) {
            // A NIC whose MAC the export lacks is known by its id, until a log names the NIC as its target.
            let key = nic.mac == 0 ? nic.id : macText(nic.mac)
            let index = add(
                Observer(kind: .nic, key: key, forwards: nic.forwards, domain: network.domain(ofSubnet: nic.subnet)))
            placement.vantageObservers[nic.id] = index
            if nic.mac != 0, placement.macs[nic.mac] == nil { placement.macs[nic.mac] = index }
        }
        for firewall in network.appliances.values.sorted(by: { $0.id < $1.id }) where firewall.kind == .azureFirewall {
            placement.vantageObservers[firewall.id] = add(
                Observer(
                    kind: .firewall, key: firewall.id, forwards: false,
                    domain: network.domain(ofSubnet: firewall.subnet)))
        }
    }

    private mutating func add(_ observer: Observer) -> Int32 {
        placement.observers.append(observer)
        return Int32(placement.observers.count - 1)
    }

    private mutating func addVantages() {
        var groups: [String: Set<Int32>] = [:]
        for (vnet, domain) in network.domains { placement.vantageDomains[vnet] = domain }
        for subnet in network.subnets.values {
            let domain = network.domain(ofSubnet: subnet.id)
            placement.vantageDomains[subnet.id] = domain
            if let group = subnet.securityGroup { groups[group, default: []].insert(domain) }
        }
        // No log is ever taken at a private endpoint's NIC.
        for nic in network.interfaces.values where nic.privateEndpoint == nil {
            let domain = network.domain(ofSubnet: nic.subnet)
            placement.vantageDomains[nic.id] = domain
            if let group = nic.securityGroup { groups[group, default: []].insert(domain) }
        }
        for appliance in network.appliances.values {
            placement.vantageDomains[appliance.id] = network.domain(ofSubnet: appliance.subnet)
        }
        // An NSG may stand in several domains; then only the MAC says where a record was taken.
        for (group, domains) in groups where domains.count == 1 { placement.vantageDomains[group] = domains.first }
        placement.vantageDomains = placement.vantageDomains.filter { $0.value >= 0 }
    }

    // MARK: Addresses

    private mutating func add(_ vnet: VirtualNetwork) {
        guard let domain = network.domains[vnet.id] else { return }
        for id in vnet.subnets {
            guard let subnet = network.subnets[id] else { continue }
            let index = add(endpoint(of: subnet, domain: domain))
            for prefix in subnet.prefixes { place(index, at: prefix, domain: domain, of: id) }
        }
        for (address, host) in (network.hosts[vnet.id] ?? [:]).sorted(by: { $0.key < $1.key }) {
            let index = index(of: host, at: address, domain: domain)
            place(index, at: IPPrefix(host: address), domain: domain, of: placement.endpoints[Int(index)].id)
        }
    }

    /// NICs and private endpoints, the many, are looked up once; most have one address.
    private mutating func index(of host: Network.Host, at address: IPAddress, domain: Int32) -> Int32 {
        switch host {
        case .nic(let id):
            guard let nic = network.interfaces[id], nic.addresses.count == 1 else { break }
            return add(
                Endpoint(
                    kind: .nic, id: id,
                    name: network.overlay.names[address] ?? nic.machine.map(network.name) ?? nic.name,
                    subnet: nic.subnet, domain: domain, observer: placement.vantageObservers[id] ?? -1))
        case .privateEndpoint(let id):
            guard let endpoint = network.privateEndpoints[id], endpoint.addresses.count == 1 else { break }
            return add(
                Endpoint(
                    kind: .privateEndpoint, id: id, name: network.overlay.names[address] ?? endpoint.name,
                    subnet: endpoint.subnet, domain: domain, observer: -1))
        case .appliance, .gateway, .loadBalancer: break
        }
        let index = hostEndpoints[host] ?? add(endpoint(of: host, at: address, domain: domain))
        hostEndpoints[host] = index
        return index
    }

    private mutating func add(_ endpoint: Endpoint) -> Int32 {
        placement.endpoints.append(endpoint)
        return Int32(placement.endpoints.count - 1)
    }

    /// Equal ranges inside one domain (two spokes of two hubs, say): the first one keeps the address.
    private mutating func place(_ index: Int32, at prefix: IPPrefix, domain: Int32, of id: String) {
        if let taken = placement.domains[Int(domain)].value(at: prefix) {
            guard placement.endpoints[Int(taken)].id != id else { return }
            problems.append(
                TopologyProblem(
                    resource: id, field: "addressPrefix",
                    problem: "\(prefix) is also \(placement.endpoints[Int(taken)].id) in the same routing domain"))
        } else {
            placement.domains[Int(domain)].insert(index, at: prefix)
        }
    }

    /// Addresses of a VNet outside its subnets, and of a peer that the export lacks: inside the network, and unknown.
    private mutating func addUnknownGround(of vnet: VirtualNetwork) {
        guard let domain = network.domains[vnet.id] else { return }
        let absent = vnet.peerings.filter { network.vnets[$0.remote] == nil }.flatMap(\.remoteRanges)
        for range in vnet.ranges + absent where placement.domains[Int(domain)].value(at: range) == nil {
            let index =
                unknownGround[domain]
                ?? add(
                    Endpoint(
                        kind: .unknown, id: "unknown", name: "unknown", subnet: nil, domain: domain, observer: -1))
            unknownGround[domain] = index
            placement.domains[Int(domain)].insert(index, at: range)
        }
    }

    /// The endpoint of a subnet's unclaimed addresses. Those of AzureFirewallSubnet are the firewall's instances, which
    /// translate to them; those of GatewaySubnet are the gateway's.
    private func endpoint(of subnet: Subnet, domain: Int32) -> Endpoint {
        if subnet.isFirewallSubnet, let firewall = firewalls[subnet.id] {
            return Endpoint(
                kind: .firewall, id: firewall.id, name: firewall.name, subnet: subnet.id, domain: domain,
                observer: placement.vantageObservers[firewall.id] ?? -1)
        }
        if let gateways = gateways[subnet.id], gateways.count == 1, let gateway = gateways.first {
            return Endpoint(
                kind: .gateway, id: gateway.id, name: gateway.name, subnet: subnet.id, domain: domain, observer: -1)
        }
        return Endpoint(
            kind: .subnet, id: subnet.id, name: network.subnetName(subnet.id), subnet: subnet.id, domain: domain,
            observer: -1)
    }

    private func endpoint(of host: Network.Host, at address: IPAddress, domain: Int32) -> Endpoint {
        let (id, kind, subnet): (String, EndpointKind, String?)
        switch host {
        case .nic(let nic): (id, kind, subnet) = (nic, .nic, network.interfaces[nic]?.subnet)
        case .privateEndpoint(let endpoint):
            (id, kind, subnet) = (endpoint, .privateEndpoint, network.privateEndpoints[endpoint]?.subnet)
        case .appliance(let appliance):
            let isFirewall = network.appliances[appliance]?.kind == .azureFirewall
            (id, kind, subnet) = (appliance, isFirewall ? .firewall : .appliance, network.appliances[appliance]?.subnet)
        case .gateway(let gateway): (id, kind, subnet) = (gateway, .gateway, network.gateways[gateway]?.subnet)
        case .loadBalancer(let balancer):
            (id, kind, subnet) = (balancer, .loadBalancer, network.loadBalancers[balancer]?.subnet)
        }
        return Endpoint(
            kind: kind, id: id, name: network.overlay.names[address] ?? network.displayName(id), subnet: subnet,
            domain: domain, observer: kind == .privateEndpoint ? -1 : placement.vantageObservers[id] ?? -1)
    }

    /// An overlay's range holds in every domain; a local network gateway's in those whose gateways lead to it.
    private mutating func addOnPremises() {
        let gatewayDomains = Dictionary(
            network.gateways.values.map { ($0.id, network.domain(ofSubnet: $0.subnet)) }
        ) { first, _ in first }
        let allDomains = Set(gatewayDomains.values).sorted()
        for range in network.onPremises {
            let domains =
                if range.isOverlay {
                    Array(0..<network.domainCount)
                } else if range.gateways.isEmpty {
                    allDomains
                } else {
                    Set(range.gateways.compactMap { gatewayDomains[$0] }).sorted()
                }
            for domain in domains where domain >= 0 {
                guard placement.domains[Int(domain)].value(at: range.prefix) == nil else { continue }
                let index = add(
                    Endpoint(
                        kind: .onPremises, id: range.prefix.description, name: range.name, subnet: nil, domain: domain,
                        observer: -1))
                placement.domains[Int(domain)].insert(index, at: range.prefix)
            }
        }
    }

    private func macText(_ mac: UInt64) -> String {
        let digits = String(mac, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}

extension Network {
    /// What people call a resource: a NIC goes by its machine's name, an appliance by the overlay's.
    func displayName(_ id: String) -> String {
        if let appliance = appliances[id] { return appliance.name }
        if let machine = interfaces[id]?.machine { return name(of: machine) }
        return subnets[id] != nil ? subnetName(id) : name(of: id)
    }
}
