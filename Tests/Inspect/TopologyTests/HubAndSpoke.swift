import FlowModel
import Runtime
import Topology

/// The network of the product's lab, at other addresses for each seed: a hub with firewall, DNS machine and gateway, and
/// a spoke whose application subnet sends everything to the firewall, or believes so.
struct HubAndSpoke {
    /// What is changed against the lab as it stands.
    struct Changes {
        /// The endpoint's own route to the firewall on the application subnet, and the spoke's on GatewaySubnet.
        var isFixed = false
        var endpointPolicies: String? = "Disabled"
        var hasFlowLogs = false
        var allowsForwardedTraffic = true
        var privateRanges: [String]?
        var gatewayType = "Vpn"
        var hasGateway = true
        var target = "Microsoft.Storage/storageAccounts"
        var status = "Approved"
        var semantics = ""
        var inspect = ""
        var applicationPropagates = false
        var gatewayRoutes: [String] = []
        var extraRoutes: [String] = []
    }

    let hub: String
    let spoke: String
    let site: String
    let host: Int

    var firewall: String { "\(hub).1.4" }
    var dns: String { "\(hub).3.\(host)" }
    var machine: String { "\(spoke).1.\(host)" }
    var backup: String { "\(spoke).1.\(host + 1)" }
    var endpoint: String { "\(spoke).2.\(host)" }
    var client: String { "\(site).7.\(host)" }

    let application = TestNetwork.subnetID("spoke", "app").lowercased()
    let gatewaySubnet = TestNetwork.subnetID("hub", "GatewaySubnet").lowercased()
    let firewallID = TestNetwork.network("azureFirewalls", "fw").lowercased()
    let endpointID = TestNetwork.network("privateEndpoints", "pe").lowercased()
    let machineID = TestNetwork.network("networkInterfaces", "app-nic").lowercased()

    init(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        var blocks = Array(0...255)
        blocks.shuffle(using: &generator)
        hub = "10.\(blocks[0])"
        spoke = "10.\(blocks[1])"
        site = Bool.random(using: &generator) ? "192.168" : "172.\(Int.random(in: 16...31, using: &generator))"
        host = Int.random(in: 10...200, using: &generator)
    }

    func network(_ changes: Changes = Changes()) -> TestNetwork {
        var network = TestNetwork()
        network.addVNet(
            "hub", ["\(hub).0.0/16"],
            subnets: [
                TestNetwork.subnet("hub", "AzureFirewallSubnet", "\(hub).1.0/26"),
                TestNetwork.subnet("hub", "GatewaySubnet", "\(hub).2.0/27", table: "rt-gateway"),
                TestNetwork.subnet("hub", "dns", "\(hub).3.0/24"),
            ], peerings: [TestNetwork.peering(to: "spoke", forwarded: changes.allowsForwardedTraffic, transit: true)])
        network.addVNet(
            "spoke", ["\(spoke).0.0/16"],
            subnets: [
                TestNetwork.subnet("spoke", "app", "\(spoke).1.0/24", table: "rt-app"),
                TestNetwork.subnet("spoke", "data", "\(spoke).2.0/24", policies: changes.endpointPolicies),
            ],
            peerings: [TestNetwork.peering(to: "hub", forwarded: changes.allowsForwardedTraffic, remoteGateways: true)])
        addRoutes(&network, changes)
        network.addFirewall("fw", firewall, vnet: "hub", policy: "policy")
        let ranges = (changes.privateRanges ?? []).map { "\"\($0)\"" }.joined(separator: ",")
        network.add(
            "firewallPolicies", "policy", changes.privateRanges == nil ? "" : "\"snat\":{\"privateRanges\":[\(ranges)]}"
        )
        if changes.hasGateway { network.addGateway("gw", vnet: "hub", type: changes.gatewayType) }
        network.addNIC("dns-nic", dns, vnet: "hub", subnet: "dns", mac: "00-0D-3A-00-00-03", machine: "dns-vm")
        network.addNIC("app-nic", machine, vnet: "spoke", subnet: "app", mac: "00-0D-3A-00-00-01", machine: "app-vm")
        network.addNIC(
            "backup-nic", backup, vnet: "spoke", subnet: "app", mac: "00-0D-3A-00-00-02", machine: "backup-vm")
        network.addPrivateEndpoint(
            "pe", endpoint, vnet: "spoke", subnet: "data", target: changes.target, status: changes.status)
        if changes.hasFlowLogs {
            network.addFlowLog("spoke-log", target: TestNetwork.network("virtualNetworks", "spoke"))
        }
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"\(site).0.0/16\"],\"via\":\"gw\"}],"
                + "\"firewalls\":[{\"id\":\"fw\",\"capacity_mbps\":1000}],\"names\":{\"\(dns)\":\"dns-1\"},"
                + "\"inspect\":[\(changes.inspect)],\"semantics\":{\(changes.semantics)}}")
        return network
    }

    private func addRoutes(_ network: inout TestNetwork, _ changes: Changes) {
        var application = [
            TestNetwork.route("0.0.0.0/0", "VirtualAppliance", firewall),
            TestNetwork.route("\(spoke).2.0/24", "VirtualAppliance", firewall),
        ]
        var gateway = [TestNetwork.route("\(backup)/32", "VirtualAppliance", firewall)]
        if changes.isFixed {
            application.append(TestNetwork.route("\(endpoint)/32", "VirtualAppliance", firewall))
            gateway.append(TestNetwork.route("\(spoke).1.0/24", "VirtualAppliance", firewall))
        }
        network.addTable("rt-app", application + changes.extraRoutes, propagation: changes.applicationPropagates)
        network.addTable("rt-gateway", gateway + changes.gatewayRoutes)
    }

    func explain(
        _ from: String, _ to: String, _ ipProtocol: Int16, _ changes: Changes = Changes()
    ) throws -> Explanation {
        let topology = try network(changes).topology()
        return topology.explain(
            from: try topology.place(from), to: try topology.place(to), ipProtocol: ipProtocol, port: nil)
    }
}
