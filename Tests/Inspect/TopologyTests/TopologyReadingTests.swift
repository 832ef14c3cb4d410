import FlowModel
import Foundation
import Topology
import Testing

/// Exports as tools write them, and what is wrong with them.
@Suite struct TopologyReadingTests {
    private let lab = HubAndSpoke(seed: 2)

    private func document(_ text: String, _ name: String = "x.json") -> TopologyDocument {
        TopologyDocument(name: name, bytes: Array(text.utf8))
    }

    @Test func noDocumentIsAnEmptyTopology() throws {
        let topology = try Topology(documents: [])
        #expect(topology.placement.domains.isEmpty && topology.version.isEmpty)
    }

    @Test(arguments: [
        ("not json", TopologyError.Code.notJSON), ("{\"a\":1", .notJSON), ("", .nothingUsable), ("{}", .nothingUsable),
        ("{\"flowsight_overlay\":2}", .unsupportedOverlay), ("{\"$schema\":\"x\",\"resources\":[]}", .nothingUsable),
    ])
    func unusableDocumentsAreTypedErrors(text: String, code: TopologyError.Code) throws {
        let error = #expect(throws: TopologyError.self) { try Topology(documents: [document(text)]) }
        #expect(error?.code == code)
    }

    @Test func theOrderAndNamesOfDocumentsDecideNothing() throws {
        let documents = lab.network().documents
        let one = try Topology(documents: documents)
        let renamed = documents.reversed().map { TopologyDocument(name: "z" + $0.name, bytes: $0.bytes) }
        let other = try Topology(documents: renamed)
        #expect(!one.version.isEmpty && one.version == other.version)
        #expect(one.placement.endpoints == other.placement.endpoints)
        let changed = try lab.network(.init(isFixed: true)).topology()
        #expect(changed.version != one.version)
    }

    @Test func eachWrapperHoldsTheSameResources() throws {
        let list = lab.network().resources.joined(separator: ",")
        let wrappers = [
            "{\"data\":[\(list)]}", "{\"value\":[\(list)]}", "[\(list)]",
            lab.network().resources.joined(separator: "\n"),
            "\u{feff}[\(list)]", "[\(list),\(list)]",
        ]
        let versions = try wrappers.map { try Topology(documents: [document($0)]).version }
        #expect(Set(versions).count == 1)
    }

    @Test func flattenedAndOldSpellingsAreRead() throws {
        let vnet = TestNetwork.network("virtualNetworks", "v")
        let text = """
            [{"id":"\(vnet)","name":"v","type":"Microsoft.Network/virtualNetworks","addressSpace":{"addressPrefixes":["10.6.0.0/16"]},
              "subnets":[{"id":"\(vnet)/subnets/a","name":"a","addressPrefixes":["10.6.1.0/24"],"routeTable":null}],
              "virtualNetworkPeerings":null},
             {"id":"\(TestNetwork.network("networkInterfaces", "n"))","name":"n","enableIpForwarding":true,"macAddress":"000D3A0000AB",
              "ipConfigurations":[{"privateIpAddress":"10.6.1.7","subnet":{"id":"\(vnet)/subnets/A","resourceGroup":"r"}}]}]
            """
        let topology = try Topology(documents: [document(text)])
        let place = try topology.place("10.6.1.7")
        #expect(place.endpoint.kind == .nic)
        let observer = try #require(topology.placement.macs[0x000d_3a00_00ab])
        #expect(topology.placement.observers[Int(observer)].forwards)
    }

    @Test func pagesThatFollowAndWhatIsNotUsedAreTold() throws {
        let text =
            "{\"value\":[{\"id\":\"/subscriptions/s/resourceGroups/r/providers/Microsoft.Foo/bars/b\",\"name\":\"b\"}],\"nextLink\":\"https://x\"}"
        let topology = try Topology(documents: lab.network().documents + [document(text)])
        #expect(topology.problems.contains { $0.resource == "x.json" && $0.field == "nextLink" })
        #expect(topology.notUnderstood.contains("1 of type microsoft.foo/bars: not used"))
    }

    @Test(arguments: [
        ("\"nextLink\":\"https://x\"", "further pages follow; `az rest --url` with this link"),
        ("\"skip_token\":\"t\"", "further pages follow; `az graph query --first 1000 --skip-token` with it"),
        ("\"resultTruncated\":\"true\"", "the answer was cut; export again with `az graph query --first 1000`"),
        ("\"totalRecords\":2,\"count\":1", "it holds 1 of 2 records; export again with `az graph query --first 1000`"),
    ])
    func missingPagesOfTwoFilesOfOneNameAreToldApartWithARemedy(member: String, text: String) throws {
        let page = "{\"data\":[\(lab.network().resources[0])],\(member)}"
        func topology(_ names: String...) throws -> Topology {
            try Topology(documents: names.map { document(page, $0) })
        }
        let topology = try topology("east/list.json", "west/list.json")
        let gaps = topology.problems.filter { $0.problem.hasPrefix("the export is not whole: \(text)") }
        #expect(gaps.map(\.resource) == ["east/list.json", "west/list.json"], "\(topology.problems)")
        #expect(try topology.version == self.topology(page, "other.json").version, "names decide nothing")
    }

    private func topology(_ text: String, _ name: String) throws -> Topology {
        try Topology(documents: [document(text, name)])
    }

    @Test(arguments: [
        (
            "{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"The client 'a'\\n  does not have authorization\"}}",
            "x.json: an error of Azure, no export: AuthorizationFailed: The client 'a' does not have authorization; "
                + "log in with `az login`, or get the role Reader, and export again"
        ),
        (
            "{\"code\":\"ExpiredAuthenticationToken\",\"message\":\"The token is old.\"}",
            "x.json: an error of Azure, no export: ExpiredAuthenticationToken: The token is old.; log in with `az login`, "
                + "or get the role Reader, and export again"
        ),
        (
            "{\"error\":{\"code\":\"BadRequest\",\"message\":\"\(String(repeating: "x", count: 161))\"}}",
            "x.json: an error of Azure, no export: BadRequest: \(String(repeating: "x", count: 160))…; export again"
        ),
    ])
    func anErrorOfAzureIsNamedAsSuch(text: String, expected: String) throws {
        let error = #expect(throws: TopologyError.self) { try topology(text, "x.json") }
        #expect(error?.code == .nothingUsable && error?.cause.hasSuffix(expected) == true, "\(error as Any)")
        let whole = try Topology(documents: lab.network().documents + [document(text)])
        #expect(whole.notUnderstood == [expected])
    }

    @Test(arguments: ["{\"error\":\"x\"}", "{\"error\":{\"code\":5}}", "{\"code\":\"a\"}"])
    func whatIsNoErrorOfAzureIsNotNamedSo(text: String) throws {
        let error = #expect(throws: TopologyError.self) { try topology(text, "x.json") }
        #expect(error?.cause.contains("an error of Azure") == false)
    }

    @Test func danglingReferencesAreReportedAndTheRestIsUsed() throws {
        var network = TestNetwork()
        network.addVNet(
            "v", ["10.1.0.0/16"],
            subnets: [
                TestNetwork.subnet("v", "a", "10.1.1.0/24", table: "gone"), TestNetwork.subnet("v", "b", "10.1.2.0/24"),
            ],
            peerings: [
                TestNetwork.peering(
                    to: "missing", extra: ",\"remoteAddressSpace\":{\"addressPrefixes\":[\"10.2.0.0/16\"]}")
            ])
        network.addNIC("n", "10.9.9.9", vnet: "other", subnet: "a")
        network.addFlowLog("log", target: TestNetwork.network("virtualNetworks", "nowhere"))
        let topology = try network.topology()
        let fields = Set(topology.problems.map(\.field))
        #expect(
            fields.isSuperset(of: [
                "routeTable.id", "remoteVirtualNetwork.id", "ipConfigurations.subnet.id", "targetResourceId",
            ]))
        // A peer that the export lacks has its ranges from the peering: a way that leads out of sight.
        func answer(from client: String) throws -> Explanation {
            topology.explain(
                from: try topology.place(client), to: topology.place(try #require(IPAddress("10.2.0.4")), domain: 0),
                ipProtocol: IPProtocol.tcp, port: nil)
        }
        #expect(try answer(from: "10.1.2.4").works == nil)
        #expect(try answer(from: "10.1.2.4").routes.first { $0.chosen }?.nextHopType == "VNetPeering")
        // The missing table may hold any route: none is said to win.
        #expect(try answer(from: "10.1.1.4").works == nil)
        #expect(try answer(from: "10.1.1.4").routes.allSatisfy { !$0.chosen })
    }

    @Test(arguments: [("Connected", true), ("Disconnected", false), ("Initiated", false)])
    func aPeeringWorksOnlyWithBothSidesConnected(state: String, works: Bool) throws {
        var network = TestNetwork()
        network.addVNet(
            "a", ["10.1.0.0/16"], subnets: [TestNetwork.subnet("a", "s", "10.1.1.0/24")],
            peerings: [TestNetwork.peering(to: "b")])
        network.addVNet(
            "b", ["10.2.0.0/16"], subnets: [TestNetwork.subnet("b", "s", "10.2.1.0/24")],
            peerings: [TestNetwork.peering(to: "a", state: state)])
        network.addNIC("n", "10.2.1.9", vnet: "b", subnet: "s")
        let topology = try network.topology()
        #expect(topology.placement.domains.count == (works ? 1 : 2))
        #expect(topology.problems.isEmpty == works)
        let answer = topology.explain(
            from: try topology.place("10.1.1.4"), to: try topology.place("10.2.1.9"), ipProtocol: IPProtocol.tcp,
            port: nil)
        #expect(answer.works == works)
    }

    @Test func aOneSidedPeeringIsAProblemAndJoinsNothing() throws {
        var network = TestNetwork()
        network.addVNet("a", ["10.1.0.0/16"], subnets: [], peerings: [TestNetwork.peering(to: "b")])
        network.addVNet("b", ["10.2.0.0/16"], subnets: [])
        let topology = try network.topology()
        #expect(topology.placement.domains.count == 2)
        #expect(topology.problems.contains { $0.problem.hasPrefix("one-sided") })
    }

    @Test func anOverlayTellsEveryWrongKeyWithItsPath() throws {
        var network = lab.network()
        network.overlays.append(
            "{\"flowsight_overlay\":1,\"onpremises\":[],\"on_premises\":[{\"prefixes\":[\"10.0.0.0/40\"],\"via\":\"nobody\"}],"
                + "\"firewalls\":[{\"capacity_mbps\":-1}],\"appliances\":[{\"name\":\"x\",\"snat\":\"perhaps\"}],"
                + "\"semantics\":{\"reply_follows_mapping\":\"yes\",\"summarisation_range\":\"all\",\"colour\":1}}")
        let fields = Set(try network.topology().problems.map(\.field))
        for field in [
            "onpremises", "on_premises[0].prefixes", "firewalls[0].id", "appliances[0].snat",
            "appliances[0].interfaces", "semantics.reply_follows_mapping", "semantics.summarisation_range",
            "semantics.colour",
        ] {
            #expect(fields.contains(field), "\(field)")
        }
        #expect(try lab.network().topology().problems.isEmpty, "the lab's own overlay is right")
    }

    @Test(arguments: [
        ("\"on_premises\":{\"prefixes\":[\"10.9.0.0/16\"]}", "on_premises", "is no list, [ … ]: not used"),
        ("\"on_premises\":[\"10.9.0.0/16\"]", "on_premises[0]", "is no object, { … }: not used"),
        ("\"on_premises\":[{\"prefixes\":{\"a\":1}}]", "on_premises[0].prefixes", "is no list of texts"),
        ("\"on_premises\":[{\"prefixes\":[\"10.9.0.0/16\",7]}]", "on_premises[0].prefixes[1]", "is no text"),
        ("\"on_premises\":[{\"prefixes\":[\"10.9.0.0/16\"],\"via\":[\"gw\"]}]", "on_premises[0].via", "is no text"),
        ("\"firewalls\":[{\"id\":\"\"}]", "firewalls[0].id", "is missing: a firewall's id or name"),
        (
            "\"appliances\":[{\"interfaces\":[\"10.1.1.9\"],\"inspects\":\"no\"}]", "appliances[0].inspects",
            "is not true or false: taken as true"
        ),
        ("\"appliances\":[{\"interfaces\":[\"10.1.1.9\"],\"snat\":true}]", "appliances[0].snat", "is no text"),
        (
            "\"appliances\":[{\"interfaces\":[\"10.1.1.9\"],\"load_balancer\":[]}]", "appliances[0].load_balancer",
            "is no id"
        ),
        (
            "\"firewalls\":[{\"id\":\"fw\",\"snat_ports\":\"4992\"}]", "firewalls[0].snat_ports",
            "is no whole number above 0"
        ),
        ("\"firewalls\":[{\"id\":\"fw\",\"snat_ports\":-1}]", "firewalls[0].snat_ports", "is no whole number above 0"),
        ("\"firewalls\":[{\"id\":7}]", "firewalls[0].id", "is no text"),
        ("\"inspect\":\"*\"", "inspect", "is no list, [ … ]: not used"),
        ("\"inspect\":[{\"private_endpoints\":\"*\",\"from\":[\"*\",null]}]", "inspect[0].from[1]", "is no text"),
        ("\"names\":[\"10.1.1.4\"]", "names", "is no object, { … }: not used"),
        ("\"semantics\":5", "semantics", "is no object, { … }: not used"),
        (
            "\"semantics\":{\"private_endpoint_route_protocols\":{\"platform\":[\"tpc\"]}}",
            "semantics.private_endpoint_route_protocols.platform", "tpc is none of tcp, udp, icmp"
        ),
        (
            "\"semantics\":{\"private_endpoint_route_protocols\":{\"platfrom\":[\"tcp\"]}}",
            "semantics.private_endpoint_route_protocols.platfrom", "is no key of an overlay"
        ),
        (
            "\"semantics\":{\"private_endpoint_route_protocols\":[\"tcp\"]}",
            "semantics.private_endpoint_route_protocols", "is no object, { … }: not used"
        ),
    ])
    func anOverlayTellsEveryWrongKindWithItsPath(members: String, field: String, problem: String) throws {
        var network = lab.network()
        network.overlays = ["{\"flowsight_overlay\":1,\(members)}"]
        let problems = try network.topology().problems.filter { $0.resource == "overlay-0.json" }
        #expect(problems.contains { $0.field == field && $0.problem == problem }, "\(problems)")
    }

    @Test func factsForDetectorsComeWithTheirSources() throws {
        let inspect = "{\"private_endpoints\":[\"*\"],\"from\":[\"\(lab.spoke).1.0/24\"],\"by\":[\"fw\"]}"
        let topology = try lab.network(.init(inspect: inspect)).topology()
        let firewall = try #require(topology.firewall(lab.firewallID))
        #expect(firewall.capacityMbps == 1_000 && firewall.singleFlowMbps == 1_500 && firewall.tier == "Standard")
        #expect(topology.firewalls == [firewall])
        #expect(
            topology.routeTable(ofSubnet: lab.application) == TestNetwork.network("routeTables", "rt-app").lowercased())
        let client = try #require(IPAddress(lab.machine))
        let dns = try #require(IPAddress(lab.dns))
        #expect(
            topology.wantsInspection(privateEndpoint: lab.endpointID, clientSubnet: lab.application, client: client))
        #expect(!topology.wantsInspection(privateEndpoint: lab.endpointID, clientSubnet: lab.application, client: dns))
        #expect(
            topology.name(of: lab.machineID) == Finding.Name(name: "app-vm", addresses: [lab.machine], prefixes: []))
        #expect(topology.name(of: lab.application).prefixes == ["\(lab.spoke).1.0/24"])
        #expect(topology.name(of: "\(lab.site).0.0/16").name == "hq")
    }

    private static let samples = ProcessInfo.processInfo.environment["FLOWSIGHT_SAMPLES"]

    @Test(.enabled(if: samples != nil, "needs FLOWSIGHT_SAMPLES, a folder of exports written by others"))
    func realExportsAreReadOrRefusedWithAReason() throws {
        let folder = URL(filePath: try #require(TopologyReadingTests.samples)).appending(path: "topology")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension != "md" }.sorted { $0.path < $1.path }
        #expect(files.count > 20)
        var documents: [TopologyDocument] = []
        for file in files {
            let document = TopologyDocument(name: file.lastPathComponent, bytes: Array(try Data(contentsOf: file)))
            documents.append(document)
            do {
                let topology = try Topology(documents: [document])
                #expect(!topology.version.isEmpty)
            } catch {
                #expect(error.code == .nothingUsable, "\(file.lastPathComponent): \(error)")
            }
        }
        let all = try Topology(documents: documents)
        #expect(all.placement.domains.count > 10)
        for endpoint in all.privateEndpoints {
            for address in endpoint.addresses {
                let domain = all.placement.vantageDomains[endpoint.subnet] ?? -1
                _ = all.explain(
                    from: all.place(address, domain: domain), to: all.place(address, domain: domain),
                    ipProtocol: IPProtocol.tcp, port: nil)
            }
        }
    }

    /// What stands on the missing pages may be a route or a rule: no answer is sure.
    @Test func missingPagesLowerTheConfidence() throws {
        let lab = HubAndSpoke(seed: 5)
        let network = lab.network()
        let more = "{\"value\":[\(network.resources[0])],\"nextLink\":\"https://example.com/2\"}"
        for (text, isWhole) in [(more.replacing("https://example.com/2", with: ""), true), (more, false)] {
            let topology = try Topology(
                documents: network.documents + [TopologyDocument(name: "page-1.json", bytes: Array(text.utf8))])
            let answer = topology.explain(
                from: try topology.place(lab.machine), to: try topology.place(lab.endpoint),
                ipProtocol: IPProtocol.tcp, port: 443)
            #expect((answer.confidence == .high) == isWhole)
            #expect(answer.restsOn.contains { $0.hasSuffix("pages are missing of page-1.json") } != isWhole)
        }
    }
}
