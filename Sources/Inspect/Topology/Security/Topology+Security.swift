/// Security of the ways: groups and firewall rules.
extension Topology {
    /// What the network security groups on the way of a flow say, in the order in which it passes them; empty where no
    /// group stands on it.
    package func securityChecks(_ flow: SecurityFlow) -> [SecurityCheck] { SecurityJudge(network: network).judge(flow) }

    /// What the rules of an Azure Firewall, by its lower-cased id, do with a flow; nil where it is none.
    package func firewallRuling(_ firewall: String, _ flow: FirewallFlow) -> FirewallRuling? {
        network.firewallRules[firewall].map { FirewallJudge(rules: $0).judge(flow) }
    }

    /// The ports at which clients usually speak to a private endpoint, by its lower-cased id; empty where any may be
    /// meant.
    package func usualPorts(ofPrivateEndpoint id: String) -> [Int] {
        network.privateEndpoints[id]?.usualPorts ?? []
    }

    /// Bounds of a firewall's autoscaling; nil where the export names none.
    package func instances(ofFirewall id: String) -> ClosedRange<Int>? { network.appliances[id]?.instances }
}
