import FlowModel
import Topology
import Testing

/// Short ways to ask a small network one question.
extension TestNetwork {
    func answer(_ from: String, _ to: String, _ ipProtocol: Int16 = IPProtocol.tcp, port: Int? = nil) throws
        -> Explanation
    {
        let topology = try topology()
        return topology.explain(
            from: try topology.place(from), to: try topology.place(to), ipProtocol: ipProtocol, port: port)
    }

    /// Prefix, source and next hop type of the route that wins at the client.
    func chosen(_ from: String, _ to: String, _ ipProtocol: Int16 = IPProtocol.tcp) throws -> String {
        let answer = try answer(from, to, ipProtocol)
        return answer.routes.first { $0.chosen }.map { "\($0.prefix) \($0.source) \($0.nextHopType)" } ?? "none"
    }

    /// A VNet `10.N.0.0/16` with a subnet `a` (`10.N.1.0/24`), a machine `nN` at `10.N.1.10`, and peerings by number.
    mutating func addNumbered(
        _ number: Int, table: String? = nil, peers: [String] = [], extraSubnets: [String] = [],
        policies: String? = "Disabled"
    ) {
        let name = "v\(number)"
        addVNet(
            name, ["10.\(number).0.0/16"],
            subnets: [
                TestNetwork.subnet(name, "a", "10.\(number).1.0/24", table: table),
                TestNetwork.subnet(name, "e", "10.\(number).2.0/24", policies: policies),
            ] + extraSubnets, peerings: peers)
        addNIC("n\(number)", "10.\(number).1.10", vnet: name, subnet: "a", machine: "m\(number)")
    }

    static func firewallSubnet(_ number: Int, table: String? = nil) -> String {
        subnet("v\(number)", "AzureFirewallSubnet", "10.\(number).3.0/26", table: table)
    }

    static func gatewaySubnet(_ number: Int, table: String? = nil) -> String {
        subnet("v\(number)", "GatewaySubnet", "10.\(number).4.0/27", table: table)
    }

    func problems() throws -> [String] { try topology().problems.map { "\($0)" } }
}
