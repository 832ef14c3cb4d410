import FlowModel
import Testing
import Topology

/// A load balancer as destination: its machines get the session, by their own groups, and answer by their own routes.
@Suite struct BalancerFacts {
    /// Client in v1/a, frontend 10.1.9.100 in v1/f, machines in v1/s (and v1/t), a firewall beside them.
    private func network(
        answers: [String] = [], machines: [(name: String, address: String, subnet: String, group: String?)],
        listed: [String]? = nil, ports: (Int, Int) = (443, 443), gateway: Bool = false
    ) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(
            1,
            extraSubnets: [
                TestNetwork.firewallSubnet(1), TestNetwork.subnet("v1", "f", "10.1.9.0/24"),
                TestNetwork.subnet("v1", "s", "10.1.7.0/24", table: "back"),
                TestNetwork.subnet("v1", "t", "10.1.8.0/24"),
            ])
        network.addTable("back", to: "10.1.3.4", answers)
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: false)
        for machine in machines {
            let group = machine.group.map {
                ",\"networkSecurityGroup\":{\"id\":\"\(TestNetwork.network("networkSecurityGroups", $0))\"}"
            }
            network.add(
                "networkInterfaces", machine.name,
                "\"ipConfigurations\":[{\"name\":\"a\",\"properties\":{\"privateIPAddress\":\"\(machine.address)\",\"subnet\":"
                    + "{\"id\":\"\(TestNetwork.subnetID("v1", machine.subnet))\"}}}]\(group ?? "")")
        }
        network.add(
            "networkSecurityGroups", "closed",
            "\"securityRules\":[{\"name\":\"no\",\"properties\":{\"priority\":100,\"direction\":\"Inbound\",\"access\":\"Deny\","
                + "\"protocol\":\"*\",\"sourceAddressPrefix\":\"*\",\"sourcePortRange\":\"*\",\"destinationAddressPrefix\":\"*\","
                + "\"destinationPortRange\":\"443\"}}]")
        let frontend =
            "{\"name\":\"f\",\"properties\":{\"privateIPAddress\":\"10.1.9.100\",\"subnet\":{\"id\":"
            + "\"\(TestNetwork.subnetID("v1", "f"))\"}}}"
        let pool = (listed ?? machines.map(\.name)).map {
            "{\"id\":\"\(TestNetwork.network("networkInterfaces", $0))/ipConfigurations/a\"}"
        }
        if gateway {
            network.add("applicationGateways", "lb", "\"frontendIPConfigurations\":[\(frontend)]")
        } else {
            network.add(
                "loadBalancers", "lb",
                "\"frontendIPConfigurations\":[\(frontend)],\"backendAddressPools\":[{\"name\":\"p\",\"properties\":"
                    + "{\"backendIPConfigurations\":[\(pool.joined(separator: ","))]}}],\"loadBalancingRules\":[{\"name\":\"r\","
                    + "\"properties\":{\"protocol\":\"Tcp\",\"frontendPort\":\(ports.0),\"backendPort\":\(ports.1)}}]")
        }
        return network
    }

    private func answer(_ network: TestNetwork, port: Int? = 443) throws -> Explanation {
        try network.answer("10.1.1.10", "10.1.9.100", port: port)
    }

    @Test("its machines answer by the routes of their own subnet, not of the frontend's")
    func wayBack() throws {
        let machines = [(name: "s1", address: "10.1.7.10", subnet: "s", group: String?.none)]
        #expect(try answer(network(machines: machines)).symmetric == true)
        let astray = try answer(network(answers: ["10.1.1.0/24"], machines: machines))
        #expect(astray.works == false && astray.symmetric == false)
    }

    @Test("machines that answer by different ways, or that the export lacks, leave it open")
    func differentMachines() throws {
        let machines = [
            (name: "s1", address: "10.1.7.10", subnet: "s", group: String?.none),
            (name: "t1", address: "10.1.8.10", subnet: "t", group: nil),
        ]
        #expect(try answer(network(machines: machines)).works == true)
        #expect(try answer(network(answers: ["10.1.1.0/24"], machines: machines)).works == nil)
        // Subnets of one VNet with several route tables: the machine that is not listed may stand in any of them.
        #expect(try answer(network(machines: machines, listed: ["s1", "gone"])).works == nil)
        #expect(try answer(network(machines: [], listed: [])).works == nil)
        var plain = TestNetwork()
        plain.addNumbered(1)
        plain.add(
            "loadBalancers", "lb",
            "\"frontendIPConfigurations\":[{\"name\":\"f\",\"properties\":{\"privateIPAddress\":\"10.1.2.100\",\"subnet\":{\"id\":"
                + "\"\(TestNetwork.subnetID("v1", "e"))\"}}}]")
        let unlisted = try plain.answer("10.1.1.10", "10.1.2.100")
        #expect(unlisted.works == true && unlisted.confidence == .medium, "one table for all")
    }

    @Test("their groups decide, at the port that they get")
    func groups() throws {
        func works(_ groups: [String?], _ ports: (Int, Int) = (443, 443), port: Int = 443) throws -> Bool? {
            let machines = groups.enumerated().map {
                (name: "s\($0.offset)", address: "10.1.7.1\($0.offset)", subnet: "s", group: $0.element)
            }
            return try answer(network(machines: machines, ports: ports), port: port).works
        }
        #expect(try works([nil, nil]) == true)
        #expect(try works(["closed", "closed"]) == false)
        #expect(try works(["closed", nil]) == nil)
        #expect(try works(["closed"], (443, 8443)) == true, "they get 8443")
        #expect(try works(["closed"], (8443, 443), port: 8443) == false, "they get 443")
        #expect(try works(["closed"], (8443, 443)) == nil, "no rule for 443")
    }

    @Test("a port that none of its rules takes is left open")
    func rules() throws {
        let machines = [(name: "s1", address: "10.1.7.10", subnet: "s", group: String?.none)]
        let network = network(machines: machines)
        #expect(try answer(network, port: 443).works == true)
        #expect(try answer(network, port: nil).works == true)
        #expect(try answer(network, port: 1433).works == nil)
        #expect(try network.answer("10.1.1.10", "10.1.9.100", IPProtocol.udp, port: 443).works == nil)
    }

    @Test("a rule is its frontend's: another frontend does not listen for it")
    func frontends() throws {
        var network = TestNetwork()
        network.addNumbered(1)
        network.addNIC("s1", "10.1.2.10", vnet: "v1", subnet: "e")
        let balancer = TestNetwork.network("loadBalancers", "lb")
        func frontend(_ name: String, _ address: String) -> String {
            "{\"id\":\"\(balancer)/frontendIPConfigurations/\(name)\",\"name\":\"\(name)\",\"properties\":{\"privateIPAddress\":"
                + "\"\(address)\",\"subnet\":{\"id\":\"\(TestNetwork.subnetID("v1", "e"))\"}}}"
        }
        func rule(_ port: Int, _ frontend: String) -> String {
            "{\"name\":\"r\(port)\",\"properties\":{\"protocol\":\"Tcp\",\"frontendPort\":\(port),\"backendPort\":\(port),"
                + "\"frontendIPConfiguration\":{\"id\":\"\(balancer)/frontendIPConfigurations/\(frontend)\"}}}"
        }
        network.add(
            "loadBalancers", "lb",
            "\"frontendIPConfigurations\":[\(frontend("one", "10.1.2.100")),\(frontend("two", "10.1.2.101"))],"
                + "\"backendAddressPools\":[{\"name\":\"p\",\"properties\":{\"backendIPConfigurations\":[{\"id\":"
                + "\"\(TestNetwork.network("networkInterfaces", "s1"))/ipConfigurations/a\"}]}}],"
                + "\"loadBalancingRules\":[\(rule(443, "one")),\(rule(1433, "two"))]")
        for (address, port, works) in [
            ("10.1.2.100", 443, true), ("10.1.2.101", 443, nil), ("10.1.2.101", 1433, true), ("10.1.2.100", 1433, nil),
        ] as [(String, Int, Bool?)] {
            #expect(try network.answer("10.1.1.10", address, port: port).works == works, "\(address):\(port)")
        }
    }

    @Test("an Application Gateway answers itself")
    func applicationGateway() throws {
        #expect(try answer(network(machines: [], gateway: true)).works == true)
    }
}
