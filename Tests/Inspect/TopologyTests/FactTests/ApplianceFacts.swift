import FlowModel
import Topology
import Testing

/// “The way back”: appliances of others, and what a firewall's log can show of an answer.
@Suite struct ApplianceFacts {
    /// Client, appliance and endpoint in one VNet: only translation, or the tag, makes it work.
    private func network(snat: String = "never", tag: String? = nil, onMachine: Bool = true) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1, table: "rt", extraSubnets: [TestNetwork.subnet("v1", "n", "10.1.8.0/24")])
        network.addTable("rt", to: "10.1.8.4", ["10.1.2.5/32"])
        network.addAppliance("nva", "10.1.8.4", vnet: "v1", subnet: "n", snat: snat, tag: onMachine ? tag : nil)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        return network
    }

    @Test(
        "an appliance translates as the overlay says",
        arguments: [("never", false), ("always", true), ("private_endpoints", true)])
    func overlay(snat: String, works: Bool) throws {
        #expect(try network(snat: snat).answer("10.1.1.10", "10.1.2.5").works == works)
    }

    @Test(
        "disableSnatOnPL at the machine's NIC, in exactly this spelling",
        arguments: [
            ("\"disableSnatOnPL\":\"true\"", true), ("\"DisableSnatOnPL\":\"true\"", false),
            ("\"disableSNATOnPL\":\"true\"", false), ("\"disableSnatOnPL\":\"false\"", false),
        ])
    func tag(tag: String, works: Bool) throws {
        let answer = try network(tag: tag).answer("10.1.1.10", "10.1.2.5")
        #expect(answer.works == works)
        if works { #expect(answer.symmetric == true) }
    }

    @Test("disableSnatOnPL at the scale set, for the machines of one")
    func scaleSet() throws {
        var network = TestNetwork()
        network.addNumbered(1, table: "rt", extraSubnets: [TestNetwork.subnet("v1", "n", "10.1.8.0/24")])
        network.addTable("rt", to: "10.1.8.4", ["10.1.2.5/32"])
        let set = TestNetwork.id("Microsoft.Compute/virtualMachineScaleSets", "nvas")
        network.addResource(
            """
            {"id":"\(set)/virtualMachines/0/networkInterfaces/nva","name":"nva",\
            "type":"Microsoft.Network/networkInterfaces","properties":{"enableIPForwarding":true,\
            "virtualMachine":{"id":"\(set)/virtualMachines/0"},"ipConfigurations":[{"name":"a","properties":\
            {"primary":true,"privateIPAddress":"10.1.8.4","subnet":{"id":"\(TestNetwork.subnetID("v1", "n"))"}}}]}}
            """)
        network.addResource(
            """
            {"id":"\(set)","name":"nvas","type":"Microsoft.Compute/virtualMachineScaleSets",\
            "tags":{"disableSnatOnPL":"true"},"properties":{}}
            """)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        let tagged = network
        let answer = try tagged.answer("10.1.1.10", "10.1.2.5")
        #expect(answer.works == true)
    }

    /// The appliance's own group lets it out by the address that the packets have then.
    private func guarded(snat: String, allowed: String) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1, table: "rt", extraSubnets: [TestNetwork.subnet("v1", "n", "10.1.8.0/24")])
        network.addTable("rt", to: "10.1.8.4", ["10.1.2.5/32"])
        func rule(_ name: String, _ priority: Int, _ access: String, _ source: String) -> String {
            SecurityLab.rule(name, priority, "Outbound", access, from: source)
        }
        network.add(
            "networkSecurityGroups", "g",
            "\"securityRules\":[\(rule("yes", 100, "Allow", allowed)),\(rule("no", 200, "Deny", "*"))]")
        network.add(
            "networkInterfaces", "nva",
            "\"enableIPForwarding\":true,\"networkSecurityGroup\":{\"id\":\"\(TestNetwork.network("networkSecurityGroups", "g"))\"},"
                + "\"ipConfigurations\":[{\"name\":\"a\",\"properties\":{\"privateIPAddress\":\"10.1.8.4\",\"subnet\":{\"id\":"
                + "\"\(TestNetwork.subnetID("v1", "n"))\"}}}]")
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"appliances\":[{\"name\":\"nva\",\"interfaces\":[\"10.1.8.4\"],\"snat\":\"\(snat)\"}]}"
        )
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        return network
    }

    @Test(
        "a translating appliance's group sees the appliance's address; what it denies, the appliance has seen",
        arguments: [("10.1.8.4", true), ("10.1.1.10", false)])
    func ownGroup(allowed: String, works: Bool) throws {
        let answer = try guarded(snat: "always", allowed: allowed).answer("10.1.1.10", "10.1.2.5")
        #expect(answer.works == works && answer.inspected == true)
        if !works { #expect(answer.why.contains("NSG g (outbound"), "\(answer.why)") }
    }

    /// A tag on anything but the appliance's own NIC is nothing: Azure Firewall has no NIC to put it on.
    @Test("disableSnatOnPL does nothing for Azure Firewall")
    func notForAzureFirewall() throws {
        var network = TestNetwork()
        network.addNumbered(1, table: "rt", extraSubnets: [TestNetwork.firewallSubnet(1)])
        network.addTable("rt", to: "10.1.3.4", ["10.1.2.5/32"])
        network.add(
            "azureFirewalls", "fw",
            "\"sku\":{\"name\":\"AZFW_VNet\",\"tier\":\"Standard\"},\"ipConfigurations\":[{\"name\":\"c\",\"properties\":"
                + "{\"privateIPAddress\":\"10.1.3.4\",\"subnet\":"
                + "{\"id\":\"\(TestNetwork.subnetID("v1", "AzureFirewallSubnet"))\"}}}]",
            extra: ",\"tags\":{\"disableSnatOnPL\":\"true\"}")
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        #expect(try network.answer("10.1.1.10", "10.1.2.5").works == false)
    }

    private func balanced(ports: Int, protocol: String, snat: String) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(
            1, table: "rt",
            extraSubnets: [
                TestNetwork.subnet("v1", "n", "10.1.8.0/24"),
                TestNetwork.subnet("v1", "s", "10.1.7.0/24", table: "back"),
            ])
        network.addNIC("server", "10.1.7.10", vnet: "v1", subnet: "s", machine: "server")
        network.addTable("rt", to: "10.1.8.100", ["10.1.7.0/24"])
        network.addTable("back", to: "10.1.8.100", ["10.1.1.0/24"])
        network.addBalancedAppliances(ports: ports, protocol: `protocol`, snat: snat)
        return network
    }

    @Test(
        "two instances see a session alike where the balancer hashes both ways alike, or they translate",
        arguments: [(0, "All", "never", true), (443, "Tcp", "always", true)] as [(Int, String, String, Bool)])
    func instancesAgree(ports: Int, protocol: String, snat: String, symmetric: Bool) throws {
        let answer = try balanced(ports: ports, protocol: `protocol`, snat: snat)
            .answer("10.1.1.10", "10.1.7.10", port: 443)
        #expect(answer.symmetric == symmetric)
    }

    /// An appliance of a management and a trust NIC; the server lets in `allowed` alone.
    @Test(
        "an appliance of several interfaces shows the address of the one that it sends by",
        arguments: [("10.1.8.4", true), ("10.1.9.4", false)])
    func shownAddress(allowed: String, works: Bool) throws {
        var network = TestNetwork()
        let rules = [
            SecurityLab.rule("yes", 100, "Inbound", "Allow", from: allowed),
            SecurityLab.rule("no", 200, "Inbound", "Deny"),
        ]
        network.add("networkSecurityGroups", "g", "\"securityRules\":[\(rules.joined(separator: ","))]")
        let group = "\"networkSecurityGroup\":{\"id\":\"\(TestNetwork.network("networkSecurityGroups", "g"))\"}"
        network.addNumbered(
            1, table: "rt",
            extraSubnets: [
                TestNetwork.subnet("v1", "n", "10.1.8.0/24"), TestNetwork.subnet("v1", "m", "10.1.9.0/24"),
                "{\"name\":\"s\",\"properties\":{\"addressPrefix\":\"10.1.7.0/24\",\(group)}}",
            ])
        network.addNIC("server", "10.1.7.10", vnet: "v1", subnet: "s", machine: "server")
        network.addTable("rt", to: "10.1.8.4", ["10.1.7.0/24"])
        network.addNIC("a-management", "10.1.9.4", vnet: "v1", subnet: "m", machine: "nva", forwards: true)
        network.addNIC("z-trust", "10.1.8.4", vnet: "v1", subnet: "n", machine: "nva", forwards: true)
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"appliances\":[{\"name\":\"nva\",\"interfaces\":[\"10.1.9.4\",\"10.1.8.4\"],\"snat\":\"always\"}]}"
        )
        #expect(try network.answer("10.1.1.10", "10.1.7.10", port: 443).works == works)
    }

    @Test("a group of the frontend's subnet alone does not count: nothing has a NIC there")
    func frontendsSubnet() throws {
        var network = TestNetwork()
        let rule = SecurityLab.rule("no", 100, "Inbound", "Deny")
        network.add("networkSecurityGroups", "g", "\"securityRules\":[\(rule)]")
        let group = "\"networkSecurityGroup\":{\"id\":\"\(TestNetwork.network("networkSecurityGroups", "g"))\"}"
        network.addNumbered(
            1, table: "rt",
            extraSubnets: [
                TestNetwork.subnet("v1", "n", "10.1.8.0/24"), TestNetwork.subnet("v1", "s", "10.1.7.0/24"),
                "{\"name\":\"f\",\"properties\":{\"addressPrefix\":\"10.1.9.0/24\",\(group)}}",
            ])
        network.addNIC("server", "10.1.7.10", vnet: "v1", subnet: "s", machine: "server")
        network.addTable("rt", to: "10.1.9.100", ["10.1.7.0/24"])
        network.addBalancedAppliances(ports: 0, protocol: "All", snat: "always", frontend: "10.1.9.100")
        let apart = network.replacing(
            "\"privateIPAddress\":\"10.1.9.100\",\"subnet\":{\"id\":\"\(TestNetwork.subnetID("v1", "n"))\"}",
            with: "\"privateIPAddress\":\"10.1.9.100\",\"subnet\":{\"id\":\"\(TestNetwork.subnetID("v1", "f"))\"}")
        #expect(try apart.answer("10.1.1.10", "10.1.7.10", port: 443).works == true)
    }

    @Test("the groups of the appliances behind a load balancer are asked, too", arguments: [true, false])
    func balancedGroups(isOpen: Bool) throws {
        var network = balanced(ports: 0, protocol: "All", snat: "always")
        let rule = SecurityLab.rule("r", 100, "Inbound", isOpen ? "Allow" : "Deny")
        network.add("networkSecurityGroups", "g", "\"securityRules\":[\(rule)]")
        network = network.replacing(
            "\"enableIPForwarding\":true,",
            with: "\"enableIPForwarding\":true,\"networkSecurityGroup\":{\"id\":"
                + "\"\(TestNetwork.network("networkSecurityGroups", "g"))\"},")
        let answer = try network.answer("10.1.1.10", "10.1.7.10", port: 443)
        #expect(answer.works == isOpen)
    }

    @Test("a port that no rule of the appliances' load balancer takes is left open", arguments: [443, 1433])
    func balancedPort(port: Int) throws {
        let answer = try balanced(ports: 443, protocol: "Tcp", snat: "always")
            .answer("10.1.1.10", "10.1.7.10", port: port)
        #expect(answer.works == (port == 443 ? true : nil))
    }

    @Test("two instances behind single ports without translation do not see a session alike")
    func instancesDisagree() throws {
        let answer = try balanced(ports: 443, protocol: "Tcp", snat: "never")
            .answer("10.1.1.10", "10.1.7.10", port: 443)
        #expect(answer.symmetric != true)
    }

    @Test("a stateful firewall drops an answer that has no session", arguments: ["10.1.7.10"])
    func lonelyAnswer(server: String) throws {
        // The server's table sends the answer to a firewall that the opening passed by.
        var network = TestNetwork()
        network.addNumbered(
            1,
            extraSubnets: [
                TestNetwork.firewallSubnet(1), TestNetwork.subnet("v1", "s", "10.1.7.0/24", table: "back"),
            ])
        network.addNIC("server", server, vnet: "v1", subnet: "s", machine: "server")
        network.addTable("back", to: "10.1.3.4", ["10.1.1.0/24"])
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: false)
        let answer = try network.answer("10.1.1.10", server)
        #expect(answer.works == false && answer.symmetric == false && answer.inspected == false)
        #expect(answer.back.map(\.kind) == [.nic, .firewall, .drop])
        let view = try #require(answer.sees.first { $0.vantage.hasSuffix("/azurefirewalls/fw") })
        #expect(view.forward == false && view.back == nil && view.backReason == .directionNotLogged)
    }

    @Test("Azure Firewall's log has no return direction")
    func noReturn() throws {
        var network = TestNetwork()
        network.addNumbered(1, table: "rt", extraSubnets: [TestNetwork.firewallSubnet(1)])
        network.addTable("rt", to: "10.1.3.4", ["10.1.2.5/32"])
        network.addGuideFirewall("10.1.3.4", vnet: "v1", translates: true)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        let view = try #require(
            network.answer("10.1.1.10", "10.1.2.5").sees.first { $0.vantage.hasSuffix("/azurefirewalls/fw") })
        #expect(view.forward == true && view.forwardReason == .onPath)
        #expect(view.back == nil && view.backReason == .directionNotLogged)
    }
}
