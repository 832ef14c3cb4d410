internal import FlowModel

/// What has addresses: NICs, private endpoints, gateways, load balancers, firewalls and their policies.
extension NetworkReader {
    mutating func readInterface(_ resource: Resource) {
        let fields = resource.fields
        let configurations = fields.list("ipconfigurations").sorted {
            ($0.flag("primary") ?? false) && !($1.flag("primary") ?? false)
        }
        guard let subnet = configurations.firstReference("subnet") else {
            return report(resource.id, "ipConfigurations", "names no subnet")
        }
        let interface = NetworkInterface(
            id: resource.id, name: resource.name,
            addresses: configurations.compactMap { $0.text("privateipaddress").flatMap { IPAddress($0) } },
            subnet: subnet, mac: fields.text("macaddress").flatMap(macAddress) ?? 0,
            forwards: fields.flag("enableipforwarding") ?? false, machine: fields.reference("virtualmachine"),
            privateEndpoint: fields.reference("privateendpoint"),
            securityGroup: fields.reference("networksecuritygroup"),
            returnsWithoutTranslation: fields.tag("disableSnatOnPL") == "true",
            hasPublicAddress: configurations.contains { $0.has("publicipaddress") },
            fqdns: configurations.flatMap { $0.object("privatelinkconnectionproperties")?.texts("fqdns") ?? [] })
        network.interfaces[resource.id] = interface
        if configurations.contains(where: { !$0.list("loadbalancerbackendaddresspools").isEmpty }) {
            network.balancedInterfaces.insert(resource.id)
        }
        join([resource.id, interface.privateEndpoint], toGroupsOf: [fields] + configurations)
        if let endpoint = interface.privateEndpoint {
            endpointInterfaces[endpoint, default: []].append(resource.id)
        } else {
            workloadIDs.append(resource.id)
        }
    }

    /// The address is looked for at the NIC, then in static configurations, then in the DNS records: the last are absent
    /// in old answers and empty where a DNS zone group is connected, and the three may disagree (topology exports, 21).
    mutating func readPrivateEndpoint(_ resource: Resource) {
        let fields = resource.fields
        guard let subnet = fields.reference("subnet") else { return report(resource.id, "subnet.id", "is missing") }
        let named = fields.list("networkinterfaces").compactMap { $0.reference("id") }
        let owned = endpointInterfaces[resource.id] ?? []
        var nics: [NetworkInterface] = []
        for id in named + owned.filter({ !named.contains($0) }) {
            if let nic = network.interfaces[id] {
                nics.append(nic)
            } else {
                report(resource.id, "networkInterfaces.id", "is not in the export: \(id)")
            }
        }
        var addresses = nics.flatMap(\.addresses)
        let configurations = fields.list("ipconfigurations")
        if addresses.isEmpty { addresses = parse(configurations.compactMap { $0.text("privateipaddress") }) }
        let records = fields.list("customdnsconfigs")
        if addresses.isEmpty { addresses = parse(records.flatMap { $0.texts("ipaddresses") }) }
        let connections =
            fields.list("privatelinkserviceconnections") + fields.list("manualprivatelinkserviceconnections")
        let states = connections.compactMap {
            $0.object("privatelinkserviceconnectionstate")?.text("status")?.lowercased()
        }
        let target = connections.firstReference("privatelinkserviceid") ?? ""
        var what = EndpointTarget(id: target, groups: connections.flatMap { $0.texts("groupids") })
        if let service = what?.service { what?.service = endpointServices.insert(service).memberAfterInsert }
        let endpoint = PrivateEndpoint(
            id: resource.id, name: resource.name, addresses: unique(addresses), subnet: subnet,
            targetKind: kindPart(target) == "privatelinkservices" || target.hasSuffix(".privatelinkservice")
                ? .privateLinkService : .platform,
            fqdns: unique(records.compactMap { $0.text("fqdn") } + nics.flatMap(\.fqdns)),
            isApproved: states.isEmpty || states.contains("approved"), target: what)
        endpoints.append(endpoint)
        join([resource.id], toGroupsOf: [fields] + configurations)
        network.privateEndpoints[resource.id] = endpoint
    }

    mutating func readGateway(_ resource: Resource) {
        let fields = resource.fields
        guard let subnet = fields.list("ipconfigurations").firstReference("subnet") else {
            return report(resource.id, "ipConfigurations", "names no subnet")
        }
        let bgp = fields.object("bgpsettings")
        let listed = bgp?.list("bgppeeringaddresses").flatMap { $0.texts("defaultbgpipaddresses") } ?? []
        let single = bgp?.text("bgppeeringaddress")?.split(separator: ",").map(String.init) ?? []
        network.gateways[resource.id] = Gateway(
            id: resource.id, name: resource.name, subnet: subnet,
            isExpressRoute: fields.text("gatewaytype")?.lowercased() == "expressroute",
            addresses: unique(parse(listed + single)))
    }

    mutating func readLoadBalancer(_ resource: Resource) {
        let pools = resource.fields.list("backendaddresspools").flatMap { $0.list("backendipconfigurations") }
        let interfaces = unique(pools.compactMap { $0.text("id").map { parentID(canonicalID($0)) } })
        network.balancedInterfaces.formUnion(interfaces)
        let all = resource.fields.list("frontendipconfigurations")
        if all.contains(where: { $0.has("publicipaddress") }) { network.publicInterfaces.formUnion(interfaces) }
        let frontends = all.filter { $0.text("privateipaddress") != nil }
        guard let subnet = frontends.firstReference("subnet") else { return }
        let rules = resource.fields.list("loadbalancingrules")
        network.loadBalancers[resource.id] = LoadBalancer(
            id: resource.id, name: resource.name,
            addresses: parse(frontends.compactMap { $0.text("privateipaddress") }), subnet: subnet,
            interfaces: interfaces,
            hasRules: !rules.isEmpty,
            hasHAPorts: rules.contains {
                $0.text("protocol")?.lowercased() == "all" && ($0.number("frontendport") ?? 0) == 0
            },
            listeners: rules.map { listener($0, frontends) })
    }

    private func listener(_ rule: Fields, _ frontends: [Fields]) -> LoadBalancer.Listener {
        func port(_ key: String) -> Int { rule.number(key).flatMap { Int(exactly: $0) } ?? 0 }
        let name = rule.reference("frontendipconfiguration").map(lastPart)
        let frontend = frontends.first { $0.text("name")?.lowercased() == name }
        return LoadBalancer.Listener(
            address: frontend?.text("privateipaddress").flatMap { IPAddress($0) },
            ipProtocol: rule.text("protocol")?.lowercased() ?? "all", port: port("frontendport"),
            machinePort: port("backendport"))
    }

    /// Its frontend is somebody in the subnet; its instances have addresses of the subnet that no export lists.
    mutating func readApplicationGateway(_ resource: Resource) {
        let frontends = resource.fields.list("frontendipconfigurations").filter { $0.text("privateipaddress") != nil }
        let configurations = resource.fields.list("gatewayipconfigurations")
        for subnet in configurations.compactMap({ $0.reference("subnet") }) {
            network.subnets[subnet]?.holdsApplicationGateway = true
        }
        guard let subnet = (frontends + configurations).firstReference("subnet") else {
            return
        }
        network.loadBalancers[resource.id] = LoadBalancer(
            id: resource.id, name: resource.name,
            addresses: parse(frontends.compactMap { $0.text("privateipaddress") }), subnet: subnet, interfaces: [],
            isProxy: true)
    }

    /// The tag that spares private endpoints' answers translation stands on the scale set, for the machines of one
    /// [learn: private-link-disable-snat 2025-03].
    mutating func readScaleSet(_ resource: Resource) {
        guard resource.fields.tag("disableSnatOnPL") == "true" else { return }
        for id in network.interfaces.keys where id.hasPrefix(resource.id + "/") {
            network.interfaces[id] = network.interfaces[id]?.with(returnsWithoutTranslation: true)
        }
    }

    mutating func readPolicy(_ resource: Resource) {
        let ranges = resource.fields.object("snat")?.texts("privateranges") ?? []
        policies[resource.id] = FirewallPolicy(
            base: resource.fields.reference("basepolicy"), privateRanges: ranges.isEmpty ? nil : privateRanges(ranges),
            deniesIntrusions: resource.fields.object("intrusiondetection")?.text("mode")?.lowercased() == "deny")
    }

    mutating func readFirewall(_ resource: Resource) {
        let fields = resource.fields
        let configurations = fields.list("ipconfigurations")
        let hub = fields.reference("virtualhub").flatMap { network.hubs[$0]?.id }
        guard
            let subnet = configurations.firstReference("subnet")
                ?? hub.map({ VirtualHub.subnet("AzureFirewallSubnet", of: $0) })
        else {
            return report(resource.id, "ipConfigurations", "names no subnet, and no virtual hub of the export")
        }
        let policy = fields.reference("firewallpolicy")
        if let policy, policies[policy] == nil {
            report(resource.id, "firewallPolicy.id", "is not in the export: \(policy)")
        }
        let tier = fields.object("sku")?.text("tier") ?? "Standard"
        let classic = fields.object("additionalproperties")?.text("network.snat.privateranges")
        let ranges =
            inherited(policy) { $0.privateRanges }
            ?? classic.map { privateRanges($0.split(separator: ",").map(String.init)) }
            ?? Appliance.defaultPrivateRanges
        let capacity = skuCapacity(
            tier, deniesIntrusions: inherited(policy) { $0.deniesIntrusions ? true : nil } ?? false)
        let facts = network.overlay.firewalls.first { $0.id == resource.id || $0.id == resource.name.lowercased() }
        let hubAddress = fields.object("hubipaddresses")?.text("privateipaddress")
        let addresses = parse(
            configurations.compactMap { $0.text("privateipaddress") } + [hubAddress].compactMap { $0 })
        network.appliances[resource.id] = Appliance(
            id: resource.id, name: resource.name, kind: .azureFirewall, addresses: addresses, subnet: subnet,
            inspects: true,
            isAssumed: false, translation: .outside(ranges), tier: tier,
            capacityMbps: facts?.capacityMbps ?? capacity?.total, singleFlowMbps: capacity?.flow,
            returnsWithoutTranslation: false)
    }

    /// Mbit/s in all and of one TCP connection [learn: firewall-performance, page of 2026-03].
    private func skuCapacity(_ tier: String, deniesIntrusions: Bool) -> (total: Double, flow: Double)? {
        switch tier.lowercased() {
        case "basic": return (250, 250)
        case "standard": return (30_000, 1_500)
        case "premium": return deniesIntrusions ? (22_000, 600) : (100_000, 9_000)
        default: return nil
        }
    }

    /// What the policy says, else the one it inherits from (topology exports, 24). Ten levels are more than Azure allows.
    private func inherited<Value>(_ policy: String?, _ value: (FirewallPolicy) -> Value?) -> Value? {
        var next = policy
        for _ in 0..<10 {
            guard let id = next, let policy = policies[id] else { return nil }
            if let value = value(policy) { return value }
            next = policy.base
        }
        return nil
    }

    private func privateRanges(_ texts: [String]) -> [IPPrefix] {
        texts.flatMap { text -> [IPPrefix] in
            let text = text.filter { $0 != " " }
            if text.lowercased() == "ianaprivateranges" { return Appliance.defaultPrivateRanges }
            return IPPrefix(text).map { [$0] } ?? []
        }
    }

    func parse(_ texts: [String]) -> [IPAddress] { texts.compactMap { IPAddress($0) } }

    func unique<Element: Hashable>(_ values: [Element]) -> [Element] {
        guard values.count > 1 else { return values }
        var seen: Set<Element> = []
        return values.filter { seen.insert($0).inserted }
    }

    /// `00-0D-3A-01-02-03` and its spellings as 48 bits.
    private func macAddress(_ text: String) -> UInt64? {
        let digits = text.filter { $0.isHexDigit }
        return digits.utf8.count == 12 ? UInt64(digits, radix: 16) : nil
    }
}
