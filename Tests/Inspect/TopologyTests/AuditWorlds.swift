import FlowModel
import Runtime
import Topology

/// Networks to audit: the layouts of the vendor's guide with a mistake, and random hubs with spokes.
enum AuditWorlds {
    private typealias Network = TestNetwork

    /// [learn: inspect-traffic-with-azure-firewall]: what each of the four layouts lacks.
    static let scenarios: [(name: String, network: TestNetwork)] = [
        ("1, no route for the endpoints' VNet", dedicated(routes: [])),
        ("1, peering refuses forwarded traffic", dedicated(routes: [("10.3.0.0/16", "10.1.1.4")], forwarded: false)),
        ("2, no /32", spoke(routes: [("0.0.0.0/0", "10.1.1.4")])),
        ("2, summary under policies that are off", spoke(routes: [("10.2.2.0/24", "10.1.1.4")])),
        ("2, summary wider than the VNet's range", spoke(routes: [("10.0.0.0/8", "10.1.1.4")], policies: "Enabled")),
        ("3, no /32", single(routes: [], translates: true)),
        ("3, no translation", single(routes: [("10.1.5.4/32", "10.1.1.4")], translates: false)),
        ("3, neither", single(routes: [], translates: false)),
        ("4, no /32 on GatewaySubnet", onPremises(routes: [], translates: true)),
        ("4, no translation", onPremises(routes: [("10.1.5.4/32", "10.1.1.4")], translates: false)),
        ("4, summary under policies that are off", onPremises(routes: [("10.1.5.0/24", "10.1.1.4")], translates: true)),
        (
            "4, firewall without a route back",
            onPremises(routes: [("10.1.5.4/32", "10.1.1.4")], translates: true, firewallPropagates: false)
        ),
    ]

    private static func table(
        _ network: inout TestNetwork, _ name: String, _ routes: [(String, String)], propagation: Bool = true
    ) {
        network.addTable(name, routes.map { Network.route($0.0, "VirtualAppliance", $0.1) }, propagation: propagation)
    }

    private static func firewall(_ network: inout TestNetwork, translates: Bool) {
        network.addFirewall("fw", "10.1.1.4", vnet: "hub", policy: "policy")
        network.add(
            "firewallPolicies", "policy", translates ? "\"snat\":{\"privateRanges\":[\"255.255.255.255/32\"]}" : "")
    }

    /// 1: endpoints in a VNet of their own, peered with the hub only.
    private static func dedicated(routes: [(String, String)], forwarded: Bool = true) -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.1.0.0/16"], subnets: [Network.subnet("hub", "AzureFirewallSubnet", "10.1.1.0/26")],
            peerings: ["spoke", "endpoints"].map { Network.peering(to: $0, forwarded: forwarded) })
        network.addVNet(
            "spoke", ["10.2.0.0/16"], subnets: [Network.subnet("spoke", "app", "10.2.1.0/24", table: "rt")],
            peerings: [Network.peering(to: "hub", forwarded: forwarded)])
        network.addVNet(
            "endpoints", ["10.3.0.0/16"], subnets: [Network.subnet("endpoints", "pe", "10.3.1.0/24")],
            peerings: [Network.peering(to: "hub", forwarded: forwarded)])
        firewall(&network, translates: false)
        table(&network, "rt", routes)
        network.addNIC("vm", "10.2.1.4", vnet: "spoke", subnet: "app")
        network.addPrivateEndpoint("pe", "10.3.1.4", vnet: "endpoints", subnet: "pe")
        return network
    }

    /// 2: endpoints in the spoke, beside the clients.
    private static func spoke(routes: [(String, String)], policies: String = "Disabled") -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.1.0.0/16"], subnets: [Network.subnet("hub", "AzureFirewallSubnet", "10.1.1.0/26")],
            peerings: [Network.peering(to: "spoke")])
        network.addVNet(
            "spoke", ["10.2.0.0/16"],
            subnets: [
                Network.subnet("spoke", "app", "10.2.1.0/24", table: "rt"),
                Network.subnet("spoke", "pe", "10.2.2.0/24", policies: policies),
            ], peerings: [Network.peering(to: "hub")])
        firewall(&network, translates: false)
        table(&network, "rt", routes)
        network.addNIC("vm", "10.2.1.4", vnet: "spoke", subnet: "app")
        network.addPrivateEndpoint("pe", "10.2.2.4", vnet: "spoke", subnet: "pe")
        return network
    }

    /// 3: one VNet for all.
    private static func single(routes: [(String, String)], translates: Bool) -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.1.0.0/16"],
            subnets: [
                Network.subnet("hub", "AzureFirewallSubnet", "10.1.1.0/26"),
                Network.subnet("hub", "app", "10.1.4.0/24", table: "rt"), Network.subnet("hub", "pe", "10.1.5.0/24"),
            ])
        firewall(&network, translates: translates)
        table(&network, "rt", routes)
        network.addNIC("vm", "10.1.4.4", vnet: "hub", subnet: "app")
        network.addPrivateEndpoint("pe", "10.1.5.4", vnet: "hub", subnet: "pe")
        return network
    }

    /// 4: on-premises → gateway → firewall → endpoint.
    private static func onPremises(
        routes: [(String, String)], translates: Bool, firewallPropagates: Bool = true
    ) -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["10.1.0.0/16"],
            subnets: [
                Network.subnet("hub", "AzureFirewallSubnet", "10.1.1.0/26", table: "ft"),
                Network.subnet("hub", "GatewaySubnet", "10.1.2.0/27", table: "gt"),
                Network.subnet("hub", "pe", "10.1.5.0/24"),
            ])
        firewall(&network, translates: translates)
        table(&network, "gt", routes)
        network.addTable("ft", [Network.route("0.0.0.0/0", "Internet")], propagation: firewallPropagates)
        network.addGateway("gw", vnet: "hub")
        network.addPrivateEndpoint("pe", "10.1.5.4", vnet: "hub", subnet: "pe")
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\"]}]}")
        return network
    }

    // MARK: Random worlds

    /// One or two hubs with firewall or NVA, spokes with machines and private endpoints, tables of all kinds shared among
    /// subnets, on-premises behind some hubs.
    static func random(seed: UInt64) -> TestNetwork {
        var generator = SplitMix64(seed: seed)
        var network = TestNetwork()
        let spokes = Int.random(in: 1...4, using: &generator)
        let hasGateway = Bool.random(using: &generator)
        let isNVA = Int.random(in: 0..<4, using: &generator) == 0
        let forwards = Int.random(in: 0..<5, using: &generator) > 0
        let hop = "10.0.1.4"
        var hubSubnets = [
            Network.subnet("hub", isNVA ? "nva" : "AzureFirewallSubnet", "10.0.1.0/26"),
            Network.subnet("hub", "shared", "10.0.3.0/24", table: tableName(&generator), policies: policy(&generator)),
        ]
        if hasGateway {
            let table = Bool.random(using: &generator) ? "gt" : nil
            hubSubnets.append(Network.subnet("hub", "GatewaySubnet", "10.0.2.0/27", table: table))
            network.addGateway("gw", vnet: "hub", type: Bool.random(using: &generator) ? "Vpn" : "ExpressRoute")
            network.overlays.append(
                "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\",\"172.20.0.0/16\"]}]}"
            )
        }
        network.addVNet(
            "hub", ["10.0.0.0/16"], subnets: hubSubnets,
            peerings: (1...spokes).map { Network.peering(to: "s\($0)", forwarded: forwards, transit: hasGateway) })
        for spoke in 1...spokes {
            network.addVNet(
                "s\(spoke)", ["10.\(spoke).0.0/16"],
                subnets: [
                    Network.subnet("s\(spoke)", "app", "10.\(spoke).1.0/24", table: tableName(&generator)),
                    Network.subnet(
                        "s\(spoke)", "pe", "10.\(spoke).2.0/24", table: tableName(&generator),
                        policies: policy(&generator)),
                ],
                peerings: [
                    Network.peering(
                        to: "hub", forwarded: forwards || Bool.random(using: &generator),
                        remoteGateways: hasGateway && Bool.random(using: &generator))
                ])
            network.addNIC("vm\(spoke)", "10.\(spoke).1.4", vnet: "s\(spoke)", subnet: "app", machine: "vm\(spoke)")
            if Bool.random(using: &generator) {
                network.addNIC(
                    "mixed\(spoke)", "10.\(spoke).2.200", vnet: "s\(spoke)", subnet: "pe", machine: "mixed\(spoke)")
            }
            for index in 0..<Int.random(in: 0...3, using: &generator) {
                network.addPrivateEndpoint(
                    "pe\(spoke)-\(index)", "10.\(spoke).2.\(index + 4)", vnet: "s\(spoke)", subnet: "pe",
                    status: Int.random(in: 0..<8, using: &generator) == 0 ? "Pending" : "Approved")
            }
        }
        network.addNIC("dns", "10.0.3.4", vnet: "hub", subnet: "shared", machine: "dns")
        if Bool.random(using: &generator) {
            network.addPrivateEndpoint("pe-hub", "10.0.3.9", vnet: "hub", subnet: "shared")
        }
        if isNVA {
            network.addNIC("nva", hop, vnet: "hub", subnet: "nva", machine: "nva", forwards: true)
        } else {
            network.addFirewall("fw", hop, vnet: "hub", policy: "policy")
            network.add("firewallPolicies", "policy", "")
        }
        for name in ["t0", "t1", "gt"] {
            var routes = name == "gt" ? [] : ["0.0.0.0/0"]
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let spoke = Int.random(in: 0...spokes, using: &generator)
                routes.append(
                    ["10.\(spoke).2.0/24", "10.\(spoke).0.0/16", "10.\(spoke).2.4/32", "10.\(spoke).1.0/24"]
                        .randomElement(using: &generator) ?? "")
            }
            table(
                &network, name, Array(Set(routes)).sorted().map { ($0, hop) },
                propagation: name == "gt" || Bool.random(using: &generator))
        }
        return network
    }

    private static func tableName(_ generator: inout SplitMix64) -> String? {
        [nil, "t0", "t1"].randomElement(using: &generator) ?? nil
    }

    private static func policy(_ generator: inout SplitMix64) -> String? {
        ["Disabled", "Disabled", "Enabled", "RouteTableEnabled", nil].randomElement(using: &generator) ?? nil
    }
}
