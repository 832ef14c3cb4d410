/// Security of the ways: groups and firewall rules.
extension Topology {
    /// What the network security groups on the way of a flow say, in the order in which it passes them; empty where no
    /// group stands on it.
    package func securityChecks(_ flow: SecurityFlow) -> [SecurityCheck] { SecurityJudge(network: network).judge(flow) }
}
