import FlowModel
import Topology
import Testing

/// One resource that several documents speak of, and values that tools write in several ways. The numbers are those of
/// the list of oddities that an importer must survive.
@Suite struct ExportMergingTests {
    private static func subnet(_ name: String, _ members: String) -> String {
        "{\"id\":\"\(Imported.id("virtualNetworks/V/subnets/\(name)"))\",\"name\":\"\(name)\",\(members)}"
    }

    private static func vnet(_ subnets: [String]) -> String {
        "{\"id\":\"\(Imported.id("virtualNetworks/V"))\",\"name\":\"V\",\"properties\":{\"addressSpace\":"
            + "{\"addressPrefixes\":[\"10.1.0.0/16\"]},\"subnets\":[\(subnets.joined(separator: ","))]}}"
    }

    @Test("14: children that come twice count once, in one file or in two")
    func childrenTwice() throws {
        let one = Self.subnet("a", "\"properties\":{\"addressPrefix\":\"10.1.1.0/24\"}")
        let two = Self.subnet("B", "\"properties\":{\"addressPrefix\":\"10.1.2.0/24\"}")
        let whole = try Imported(Self.vnet([one, two]))
        #expect(whole.property("virtualNetworks/V", "subnets")?.array?.count == 2)
        for texts in [
            [Self.vnet([two, one]), one, two], ["[\(Self.vnet([one, two])),\(one),\(two)]"],
            [one, Self.vnet([two])], [two, one, Self.vnet([])],
            [Self.vnet([one]), Self.vnet([two])],
        ] {
            let imported = try Imported(Imported.documents(texts))
            #expect(imported.resources.count == 1, "\(texts)")
            #expect(imported.set.digest == whole.set.digest, "\(texts)")
            #expect(imported.set.problems.isEmpty)
        }
    }

    @Test("14: what one reading leaves out the other says")
    func readingsComplete() throws {
        let table = "\"routeTable\":{\"id\":\"\(Imported.id("routeTables/T"))\"}"
        let imported = try Imported(
            Self.vnet([Self.subnet("a", "\"properties\":{\"addressPrefix\":\"10.1.1.0/24\"}")]),
            Self.subnet("A", "\"routeTable\":null,\"privateEndpointNetworkPolicies\":\"Enabled\""),
            Self.subnet("a", "\"properties\":{\(table)}"))
        #expect(
            imported.property("virtualNetworks/V", "subnets", "0", "properties", "routeTable", "id")?.string
                == "\(Imported.group)/routetables/t")
        #expect(
            imported.property("virtualNetworks/V", "subnets", "0", "properties", "privateEndpointNetworkPolicies")?
                .string == "Enabled")
    }

    @Test("14: readings that contradict each other are told, and the order of the files decides nothing")
    func contradictions() throws {
        func table(_ flag: String, _ prefixes: String) -> String {
            "{\"id\":\"\(Imported.id("routeTables/T"))\",\"disableBgpRoutePropagation\":\(flag),\"routes\":[{\"name\":\"r\","
                + "\"nextHopType\":\"None\",\"addressPrefix\":\"\(prefixes)\"}]}"
        }
        let texts = [table("true", "10.0.0.0/8"), table("false", "10.0.0.0/8"), table("true", "10.0.0.0/9")]
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
        let results = try orders.map { order in
            try Imported(Imported.documents(order.map { texts[$0] }))
        }
        #expect(Set(results.map(\.set.digest)).count == 1)
        #expect(Set(results.map(\.set.problems)).count == 1)
        let fields = results[0].set.problems.map(\.field)
        #expect(fields == ["disableBgpRoutePropagation", "routes[r].addressPrefix"])
        #expect(results[0].set.problems[1].problem.contains("10.0.0.0/8 (used) and 10.0.0.0/9"))
        let prefix = results[0].property("routeTables/T", "routes", "0", "properties", "addressPrefix")
        #expect(prefix?.string == "10.0.0.0/8", "what is said to be used is used")
        #expect(results[0].property("routeTables/T", "disableBgpRoutePropagation")?.bool == true)
    }

    @Test("15: a route without its table is used, a subnet and a peering without their VNet are told")
    func orphans() throws {
        var network = TestNetwork()
        network.addVNet("v", ["10.1.0.0/16"], subnets: [TestNetwork.subnet("v", "a", "10.1.1.0/24", table: "gone")])
        let route =
            "{\"id\":\"\(TestNetwork.network("routeTables", "gone"))/routes/r\",\"name\":\"r\",\"addressPrefix\":\"10.9.0.0/16\","
            + "\"nextHopType\":\"None\"}"
        let subnet = Self.subnet("alone", "\"addressPrefix\":\"10.8.0.0/24\"")
        let topology = try Topology(documents: network.documents + Imported.documents(["\(route)\(subnet)"]))
        let answer = topology.explain(
            from: try topology.place("10.1.1.4"), to: topology.place(try #require(IPAddress("10.9.0.4")), domain: 0),
            ipProtocol: IPProtocol.tcp, port: nil)
        #expect(answer.routes.contains { $0.prefix == "10.9.0.0/16" && $0.chosen })
        let problems = topology.problems.map(\.problem)
        #expect(problems.contains { $0.hasPrefix("its route table is not in the export") })
        #expect(problems.contains { $0.hasPrefix("its VNet is not in the export") })
    }

    @Test("16: equal ranges in one export are three VNets")
    func equalRanges() throws {
        let texts = ["a", "b", "c"].map {
            "{\"id\":\"\(Imported.id("virtualNetworks/\($0)"))\",\"addressSpace\":{\"addressPrefixes\":[\"10.0.0.0/16\"]}}"
        }
        let topology = try Topology(documents: Imported.documents(texts))
        #expect(topology.placement.domains.count == 3)
        #expect(throws: PlaceError.self) { try topology.place("10.0.0.4") }
        #expect(try topology.place("10.0.0.4@b").domain == 1)
    }

    @Test("17: back references of a subnet are not kept")
    func backReferences() throws {
        let nics = (0..<218).map {
            "{\"id\":\"\(Imported.id("networkInterfaces/N\($0)").uppercased())/IPCONFIGURATIONS/C\"}"
        }
        let imported = try Imported(
            Self.vnet([
                Self.subnet(
                    "a",
                    "\"properties\":{\"addressPrefix\":\"10.1.1.0/24\",\"ipConfigurations\":[\(nics.joined(separator: ","))]}"
                )
            ]))
        #expect(
            imported.set.digest
                == (try Imported(Self.vnet([Self.subnet("a", "\"addressPrefix\":\"10.1.1.0/24\"")])).set.digest))
    }

    @Test(
        "17: what a back reference leads to is told by its own id",
        arguments: [
            ("[\(expanded("networkInterfaces/N/ipConfigurations/C"))]", false),
            (expanded("networkInterfaces/N/ipConfigurations/C"), false),
            (
                "[\(expanded("networkInterfaces/N/ipConfigurations/C")),\(expanded("virtualNetworkGateways/G/ipConfigurations/C"))]",
                true
            ),
            ("[\(expanded("loadBalancers/L/frontendIPConfigurations/F"))]", true), ("[]", false), ("[null]", false),
        ])
    func expandedBackReferences(references: String, isUnlisted: Bool) throws {
        let imported = try Imported(
            Self.vnet([Self.subnet("a", "\"addressPrefix\":\"10.1.1.0/24\",\"ipConfigurations\":\(references)")]))
        let subnet = imported.property("virtualNetworks/V", "subnets", "0", "properties")
        #expect(subnet?["ipConfigurations"]?.bool == (isUnlisted ? true : nil))
        #expect(try Imported([imported.document]).set.digest == imported.set.digest)
    }

    private static func expanded(_ path: String) -> String {
        "{\"name\":\"C\",\"id\":\"\(Imported.id(path))\",\"properties\":{\"subnet\":{\"id\":\"\(Imported.id("virtualNetworks/V/subnets/a"))\"}}}"
    }

    @Test("an object that repeats its keys takes no longer than another", .timeLimit(.minutes(1)))
    func repeatedKeys() throws {
        let id = Imported.id("routeTables/T")
        // The later of two keys first, as often as can be: the worst order for a sort by insertion.
        let members = ["\"zones\":[\"1\"],", "\"name\":\"t\","].map { String(repeating: $0, count: 200_000) }.joined()
        let imported = try Imported("{\(members)\"id\":\"\(id)\",\"name\":\"last\"}")
        #expect(imported.resources[id.lowercased()]?["name"]?.string == "t")
    }

    @Test("18: one prefix or several; null, empty and absent are the same")
    func absent() throws {
        let texts = [
            Self.subnet("a", "\"addressPrefix\":\"10.1.1.0/24\",\"routeTable\":null,\"delegations\":null,\"tags\":{}"),
            Self.subnet("a", "\"properties\":{\"addressPrefix\":\"10.1.1.0/24\",\"delegations\":[],\"routeTable\":{}}"),
        ]
        #expect(Set(try texts.map { try Imported(Self.vnet([$0])).set.digest }).count == 1)
        for member in ["\"addressPrefix\":\"10.1.1.0/24\"", "\"addressPrefixes\":[\"10.1.1.0/24\"]"] {
            let topology = try Topology(documents: Imported.documents([Self.vnet([Self.subnet("a", member)])]))
            #expect(try topology.place("10.1.1.4").endpoint.kind == .subnet)
        }
    }

    @Test("19: propagation as a truth value and as a text", arguments: ["true", "\"True\"", "\"true\""])
    func propagation(value: String) throws {
        let imported = try Imported(
            "{\"id\":\"\(Imported.id("routeTables/T"))\",\"properties\":{\"disableBgpRoutePropagation\":\(value)}}")
        #expect(imported.property("routeTables/T", "disableBgpRoutePropagation")?.bool == true)
    }

    @Test("20: policies keep the export's words, and their absence")
    func policies() throws {
        for word in ["Enabled", "Disabled", "RouteTableEnabled", "NetworkSecurityGroupEnabled"] {
            let imported = try Imported(Self.vnet([Self.subnet("a", "\"privateEndpointNetworkPolicies\":\"\(word)\"")]))
            #expect(
                imported.property("virtualNetworks/V", "subnets", "0", "properties", "privateEndpointNetworkPolicies")?
                    .string == word)
        }
        let imported = try Imported(Self.vnet([Self.subnet("a", "\"addressPrefix\":\"10.1.1.0/24\"")]))
        #expect(
            imported.property("virtualNetworks/V", "subnets", "0", "properties", "privateEndpointNetworkPolicies")
                == nil)
    }

    @Test(
        "21, 22, 23: an endpoint's address is the NIC's, then the static one, then the DNS record's; its state decides",
        arguments: [
            (true, true, true, "10.1.1.4"), (false, true, true, "10.1.1.5"), (false, false, true, "10.1.1.6"),
        ])
    func addresses(hasNIC: Bool, isStatic: Bool, hasRecord: Bool, address: String) throws {
        let subnet = "\"subnet\":{\"id\":\"\(Imported.id("virtualNetworks/V/subnets/a").uppercased())\"}"
        let nic =
            "{\"id\":\"\(Imported.id("networkInterfaces/p.nic.1"))\",\"macAddress\":\"\",\"privateEndpoint\":{\"id\":\""
            + "\(Imported.id("privateEndpoints/p"))\"},\"ipConfigurations\":[{\"name\":\"c\",\"privateIPAddress\":\"10.1.1.4\",\(subnet)}]}"
        let fixed = "\"ipConfigurations\":[{\"name\":\"c\",\"properties\":{\"privateIPAddress\":\"10.1.1.5\"}}],"
        let record = "\"customDnsConfigs\":[{\"fqdn\":\"*.x.net\",\"ipAddresses\":[\"10.1.1.6\"]}],"
        for (member, status, isApproved) in [
            ("privateLinkServiceConnections", "Approved", true),
            ("manualPrivateLinkServiceConnections", "Pending", false),
        ] {
            let endpoint =
                "{\"id\":\"\(Imported.id("privateEndpoints/p"))\",\(isStatic ? fixed : "")\(hasRecord ? record : "")\(subnet),"
                + "\"\(member)\":[{\"name\":\"c\",\"privateLinkServiceConnectionState\":{\"status\":\"\(status)\"}}]}"
            let texts =
                [Self.vnet([Self.subnet("a", "\"addressPrefix\":\"10.1.1.0/24\"")]), endpoint] + (hasNIC ? [nic] : [])
            let topology = try Topology(documents: Imported.documents(texts))
            #expect(topology.privateEndpoints.first?.addresses.map(\.description) == [address])
            #expect(topology.privateEndpoints.first?.isApproved == isApproved)
        }
    }

    @Test("24: rule collections under the old and the new name are kept, and the base policy")
    func policiesOfFirewalls() throws {
        for kind in ["ruleGroups", "ruleCollectionGroups"] {
            let imported = try Imported(
                "{\"id\":\"\(Imported.id("firewallPolicies/p/\(kind)/g"))\",\"properties\":{\"priority\":100,\"ruleCollections\":"
                    + "[{\"name\":\"c\",\"priority\":200,\"action\":{\"type\":\"Allow\"},\"rules\":[{\"name\":\"r\",\"ruleType\":\"NetworkRule\","
                    + "\"ipProtocols\":[\"TCP\"],\"destinationPorts\":[\"443\"]}]}]}}",
                "{\"id\":\"\(Imported.id("firewallPolicies/p"))\",\"basePolicy\":{\"id\":\"\(Imported.id("firewallPolicies/b"))\"},"
                    + "\"snat\":{\"privateRanges\":[\"IANAPrivateRanges\",\"172.20.0.0/16\"]}}")
            let rule = "firewallPolicies/p/\(kind)/g"
            #expect(
                imported.property(rule, "ruleCollections", "0", "rules", "0", "destinationPorts", "0")?.string == "443")
            #expect(imported.property(rule, "ruleCollections", "0", "action", "type")?.string == "Allow")
            #expect(imported.property("firewallPolicies/p", "basePolicy", "id")?.string?.hasSuffix("/b") == true)
            #expect(imported.property("firewallPolicies/p", "snat", "privateRanges")?.array?.count == 2)
        }
    }

    @Test("27: what a subnet peering says is kept")
    func subnetPeering() throws {
        let imported = try Imported(
            "{\"id\":\"\(Imported.id("virtualNetworks/V/virtualNetworkPeerings/p"))\",\"peerCompleteVnets\":false,"
                + "\"localSubnetNames\":[\"a\"],\"remoteSubnetNames\":[\"b\",\"c\"],\"peeringSyncLevel\":\"FullyInSync\","
                + "\"remoteVirtualNetworkAddressSpace\":{\"addressPrefixes\":[\"10.2.1.0/24\"]}}")
        let peering = "virtualNetworks/V/virtualNetworkPeerings/p"
        #expect(imported.property(peering, "peerCompleteVnets")?.bool == false)
        #expect(imported.property(peering, "remoteSubnetNames")?.array?.count == 2)
        #expect(
            imported.property(peering, "remoteVirtualNetworkAddressSpace", "addressPrefixes", "0")?.string
                == "10.2.1.0/24")
    }
}
