import FlowModel
import Runtime
import Testing
import Topology

/// What is a difference, with both reasons, and what is none.
struct VerificationTests {
    typealias Row = VerifyLab.Row

    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var lab = VerifyLab()
        var without: [String] = []
        var adding: [Row] = []
        var expected: [String] = []
        /// Parts of both reasons of the first difference.
        var azure = ""
        var model = ""
        /// Prefixes, each with a part of the reason why it is not compared.
        var left: [String: String] = [:]
        var testDescription: String { name }
    }

    /// The hub is in no export; its range stands in the spoke's peering.
    private static func absentHub(sync: String?) -> VerifyLab {
        let level = sync.map { ",\"peeringSyncLevel\":\"\($0)\"" } ?? ""
        var lab = VerifyLab()
        lab.hasHub = false
        lab.hubPeering = TestNetwork.peering(
            to: "hub", extra: ",\"remoteAddressSpace\":{\"addressPrefixes\":[\"10.0.0.0/16\"]}\(level)")
        return lab
    }

    private func check(_ test: Case) throws {
        let rows = VerifyLab.azure.filter { !test.without.contains("\($0.source) \($0.prefixes[0])") } + test.adding
        let verification = try test.lab.verify(rows)
        #expect(verification.kinds == test.expected)
        #expect(verification.agrees == test.expected.isEmpty)
        if let first = verification.differences.first {
            #expect(first.azureReason.contains(test.azure), "\(first.azureReason)")
            #expect(first.modelReason.contains(test.model), "\(first.modelReason)")
            #expect((first.azure == nil) == (first.kind == .onlyInModel))
            #expect((first.model == nil) == (first.kind == .onlyInAzure))
        }
        for (prefix, reason) in test.left {
            #expect(
                verification.reasons(prefix).contains { $0.contains(reason) }, "\(prefix): \(verification.notCompared)")
        }
    }

    private static let appliance = ["10.0.1.4"]

    @Test(arguments: [
        Case(name: "nothing"),
        Case(
            name: "a user route that the export lacks",
            adding: [Row(source: "User", prefixes: ["10.0.5.0/24"], hop: "VirtualAppliance", nextHops: appliance)],
            expected: ["10.0.5.0/24 only_in_azure"],
            azure: "source User, state Active, next hop VirtualAppliance 10.0.1.4",
            model: "route table rt-app holds no such route"),
        Case(
            name: "a user route that Azure lacks", without: ["User 10.1.2.0/24"],
            expected: ["10.1.2.0/24 only_in_model"],
            azure: "Azure lists no such route", model: "user route r-10.1.2.0-24 of route table rt-app (routes."),
        Case(
            name: "no route table in the export, one in Azure",
            lab: {
                var lab = VerifyLab(); lab.table = nil; return lab
            }(),
            expected: [
                "0.0.0.0/0 only_in_azure", "10.1.2.0/24 only_in_azure", "10.1.2.4/32 other_state",
                "192.168.0.0/16 only_in_model",
            ],
            model: "subnet spoke/app has no route table", left: ["0.0.0.0/0": "a user route of the same prefix"]),
        Case(
            name: "another address of the appliance", without: ["User 0.0.0.0/0"],
            adding: [Row(source: "User", prefixes: ["0.0.0.0/0"], hop: "VirtualAppliance", nextHops: ["10.0.1.5"])],
            expected: ["0.0.0.0/0 other_next_hop"], azure: "VirtualAppliance 10.0.1.5", model: "user route r-0.0.0.0-0"),
        Case(
            name: "another kind of hop", without: ["User 10.1.2.0/24"],
            adding: [Row(source: "User", prefixes: ["10.1.2.0/24"], hop: "None")],
            expected: ["10.1.2.0/24 other_next_hop"], azure: "next hop None", model: "user route"),
        Case(
            name: "the /32 stands", without: ["Default 10.1.2.4/32"],
            adding: [Row(prefixes: ["10.1.2.4/32"], hop: "InterfaceEndpoint")], expected: ["10.1.2.4/32 other_state"],
            azure: "state Active",
            model: "private endpoint pe, in the VNet or in one peered with it directly; invalid: user route 10.1.2.0/24"
        ),
        Case(
            name: "the /32 is invalid, and policies are off",
            lab: {
                var lab = VerifyLab(); lab.policies = "Disabled"; return lab
            }(),
            expected: ["10.1.2.4/32 other_state"], azure: "state Invalid",
            model: "privateEndpointNetworkPolicies of spoke/data does not let user routes invalidate it"),
        Case(
            name: "an endpoint that the export lacks",
            adding: [Row(prefixes: ["10.1.2.77/32"], hop: "InterfaceEndpoint")],
            expected: ["10.1.2.77/32 only_in_azure"],
            azure: "InterfaceEndpoint", model: "no private endpoint of the exports has this address"),
        Case(
            name: "an endpoint that the model holds for out of reach",
            adding: [Row(prefixes: ["10.7.2.4/32"], hop: "InterfaceEndpoint")], expected: ["10.7.2.4/32 only_in_azure"],
            model: "private endpoint pe-far is at far/data, whose VNet is not peered with spoke directly"),
        Case(
            name: "an endpoint that waits for approval",
            lab: {
                var lab = VerifyLab(); lab.status = "Pending"; return lab
            }(),
            expected: ["10.1.2.4/32 only_in_azure"], model: "private endpoint pe is not approved"),
        Case(
            name: "an endpoint that Azure lacks", without: ["Default 10.0.5.4/32"],
            expected: ["10.0.5.4/32 only_in_model"],
            model: "private endpoint pe-hub"),
        Case(
            name: "a peering that the export lacks", adding: [Row(prefixes: ["10.9.0.0/16"], hop: "VNetGlobalPeering")],
            expected: ["10.9.0.0/16 only_in_azure"], azure: "VNetPeering",
            model: "no working peering of VNet spoke leads to a VNet with such a range (virtualNetworkPeerings)"),
        Case(
            name: "a peering that Azure lacks", without: ["Default 10.0.0.0/16"],
            expected: ["10.0.0.0/16 only_in_model"],
            model: "peering to-hub with VNet hub (addressSpace.addressPrefixes)"),
        Case(
            name: "a range that an absent VNet's peering does not tell",
            lab: absentHub(sync: "FullyInSync"), without: ["Default 10.0.5.4/32"],
            adding: [
                Row(prefixes: ["10.9.0.0/16"], hop: "VNetPeering"),
                Row(prefixes: ["10.9.0.4/32"], hop: "InterfaceEndpoint"),
            ],
            expected: ["10.9.0.0/16 only_in_azure", "10.9.0.4/32 only_in_azure"], azure: "VNetPeering",
            model: "no working peering of VNet spoke leads to a VNet with such a range"),
        Case(
            name: "a range of the VNet", without: ["Default 10.1.0.0/16"],
            adding: [Row(prefixes: ["10.1.0.0/15"], hop: "VNetLocal")],
            expected: ["10.0.0.0/15 only_in_azure", "10.1.0.0/16 only_in_model"],
            model: "VNet spoke has no such range (addressSpace.addressPrefixes)"),
        Case(
            name: "reserved ranges that a default route should have removed",
            adding: [Row(prefixes: ["10.0.0.0/8"], hop: "None")],
            expected: ["10.0.0.0/8 only_in_azure"], azure: "next hop None",
            model: "leads to VirtualAppliance: that removes the reserved ranges"),
        Case(
            name: "routes of a gateway where propagation is off",
            adding: [
                Row(
                    source: "VirtualNetworkGateway", prefixes: ["172.20.0.0/16"], hop: "VirtualNetworkGateway",
                    nextHops: ["10.0.2.4"])
            ],
            expected: ["172.20.0.0/16 only_in_azure"], azure: "source VirtualNetworkGateway",
            model: "route table rt-app keeps gateways' routes away (disableBgpRoutePropagation)"),
        Case(
            name: "a range on-premises that no gateway announces",
            lab: {
                var lab = VerifyLab(); lab.propagates = true; return lab
            }(),
            expected: ["192.168.0.0/16 only_in_model"], model: "gateway gw leads to hq (overlay: on_premises.prefixes)"),
    ])
    func aDifferenceIsToldWithBothReasons(test: Case) throws { try check(test) }

    @Test(arguments: [
        Case(
            name: "further None routes",
            adding: [
                Row(prefixes: ["127.0.0.0/8", "198.18.0.0/15"], hop: "None"),
                Row(prefixes: ["25.4.0.0/14"], hop: "None"),
            ],
            left: [
                "127.0.0.0/8": "beyond the documented", "198.18.0.0/15": "beyond the documented",
                "25.4.0.0/14": "beyond the documented",
            ]),
        Case(
            name: "service endpoints",
            adding: [Row(prefixes: ["20.60.0.0/24", "2603:1020::/40"], hop: "VirtualNetworkServiceEndpoint")],
            left: ["20.60.0.0/24": "service endpoint", "2603:1020::/40": "service endpoint"]),
        Case(
            name: "a service tag by its name",
            adding: [Row(source: "User", prefixes: ["AzureMonitor"], hop: "Internet")],
            left: ["AzureMonitor": "service tag"]),
        Case(
            name: "ranges that Azure marks as a service tag's",
            adding: [Row(source: "User", prefixes: ["10.66.0.0/24"], hop: "Internet", tags: ["AzureMonitor"])],
            left: ["10.66.0.0/24": "ranges of a service tag"]),
        Case(
            name: "ranges of a service tag of the table",
            lab: {
                var lab = VerifyLab(); lab.routes.append(TestNetwork.route("AzureMonitor", "Internet")); return lab
            }(),
            adding: [Row(source: "User", prefixes: ["20.38.0.0/24"], hop: "Internet")],
            left: ["20.38.0.0/24": "service tag"]),
        Case(
            name: "routes learned by BGP",
            lab: {
                var lab = VerifyLab(); lab.propagates = true; return lab
            }(),
            adding: [
                Row(
                    source: "VirtualNetworkGateway", prefixes: ["192.168.0.0/16"], hop: "VirtualNetworkGateway",
                    nextHops: ["10.0.2.4"]),
                Row(
                    source: "VirtualNetworkGateway", prefixes: ["172.20.0.0/16"], hop: "VirtualNetworkGateway",
                    nextHops: ["10.0.9.4"]),
            ], left: ["172.20.0.0/16": "not in any export"]),
        Case(
            name: "a range on-premises that is announced in parts",
            lab: {
                var lab = VerifyLab(); lab.propagates = true; return lab
            }(),
            adding: [Row(source: "VirtualNetworkGateway", prefixes: ["192.168.4.0/24"], hop: "VirtualNetworkGateway")],
            left: ["192.168.0.0/16": "in other ranges", "192.168.4.0/24": "not in any export"]),
        Case(
            name: "two rows of one prefix, for two gateway addresses",
            lab: {
                var lab = VerifyLab(); lab.propagates = true; return lab
            }(),
            adding: ["10.0.2.4", "10.0.2.5"].map {
                Row(
                    source: "VirtualNetworkGateway", prefixes: ["192.168.0.0/16"], hop: "VirtualNetworkGateway",
                    nextHops: [$0])
            }),
        Case(
            name: "a connected group", adding: [Row(prefixes: ["10.8.0.0/16"], hop: "ConnectedGroup")],
            left: ["10.8.0.0/16": "Virtual Network Manager"]),
        Case(
            name: "a hop that nobody knows", adding: [Row(prefixes: ["10.8.0.0/16"], hop: "HyperNet")],
            left: ["10.8.0.0/16": "HyperNet"]),
        Case(
            name: "an invalid system route",
            adding: [Row(state: "Invalid", prefixes: ["10.9.0.0/16"], hop: "VNetPeering")],
            left: ["10.9.0.0/16": "does nothing"]),
        Case(
            name: "an overridden system route that Azure leaves out", without: ["Default 0.0.0.0/0"],
            left: ["0.0.0.0/0": "overridden by user route r-0.0.0.0-0 of route table rt-app"]),
        Case(
            name: "reserved ranges that Azure does not list",
            lab: {
                var lab = VerifyLab(); lab.routes.removeFirst(); return lab
            }(), without: ["User 0.0.0.0/0", "Default 0.0.0.0/0"],
            adding: [Row(prefixes: ["0.0.0.0/0"], hop: "Internet"), Row(prefixes: ["10.0.0.0/8"], hop: "None")],
            left: ["172.16.0.0/12": "differ by year", "::/0": "no IPv6"]),
        Case(
            name: "policies that the export does not tell",
            lab: {
                var lab = VerifyLab(); lab.policies = nil; return lab
            }(),
            left: [
                "10.1.2.4/32":
                    "depends on privateEndpointNetworkPolicies of spoke/data, which the export lacks; Azure says Invalid"
            ]),
        Case(
            name: "a route table that no export holds",
            lab: {
                var lab = VerifyLab(); lab.holdsTable = false; return lab
            }(),
            left: [
                "10.1.2.0/24": "route table rt-app of the subnet is not in any export",
                "10.1.2.4/32": "not in any export; Azure says Invalid", "0.0.0.0/0": "is not in any export",
                "192.168.0.0/16": "may keep gateways' routes away",
            ]),
        Case(
            name: "a peered VNet that no export holds",
            lab: {
                var lab = VerifyLab(); lab.hasHub = false; return lab
            }(),
            left: [
                "10.0.0.0/16": "a peered VNet that is not in any export: hub",
                "10.0.5.4/32": "a peered VNet that is not in any export: hub",
            ]),
        Case(
            name: "a peered VNet of which the peering tells the range", lab: absentHub(sync: nil),
            left: ["10.0.5.4/32": "a peered VNet that is not in any export: hub"]),
        Case(
            name: "a peering whose ranges are old", lab: absentHub(sync: "LocalNotInSync"),
            adding: [
                Row(prefixes: ["10.9.0.0/16"], hop: "VNetPeering"),
                Row(prefixes: ["10.9.0.4/32"], hop: "InterfaceEndpoint"),
            ],
            left: ["10.9.0.0/16": "not in any export: hub", "10.9.0.4/32": "not in any export: hub"]),
        Case(
            name: "a user route to the endpoint itself that shows as None",
            lab: {
                var lab = VerifyLab()
                lab.routes.append(TestNetwork.route("10.0.5.4/32", "VirtualAppliance", "10.0.1.4"))
                return lab
            }(), without: ["Default 10.0.5.4/32"],
            adding: [
                Row(source: "User", prefixes: ["10.0.5.4/32"], hop: "None"),
                Row(state: "Invalid", prefixes: ["10.0.5.4/32"], hop: "InterfaceEndpoint"),
            ], left: ["10.0.5.4/32": "to a private endpoint's own address as None"]),
    ])
    func whatProvesNothingIsListedAndIsNoDifference(test: Case) throws { try check(test) }

    @Test func severalNextHopsOfOnePrefixAreOneRoute() throws {
        var lab = VerifyLab()
        lab.routes[0] = TestNetwork.route(
            "0.0.0.0/0", "VirtualApplianceEcmp",
            extra: ",\"nextHop\":{\"nextHopIpAddresses\":[\"10.0.1.4\",\"10.0.1.5\"]}")
        let rows = VerifyLab.azure.filter { $0.source != "User" || $0.prefixes != ["0.0.0.0/0"] }
        let twice = ["10.0.1.5", "10.0.1.4"].map {
            Row(source: "User", prefixes: ["0.0.0.0/0"], hop: "VirtualAppliance", nextHops: [$0])
        }
        #expect(try lab.verify(rows + twice).kinds == [])
        let one = try lab.verify(rows + twice.prefix(1))
        #expect(one.kinds == ["0.0.0.0/0 other_next_hop"])
        #expect(one.differences.first?.model?.nextHops == ["10.0.1.4", "10.0.1.5"])
    }

    @Test func theOrderOfRowsDoesNotCount() throws {
        var generator = SplitMix64(seed: 7)
        let rows =
            VerifyLab.azure + [
                Row(prefixes: ["127.0.0.0/8", "10.1.2.9/32"], hop: "None"),
                Row(prefixes: ["10.9.0.0/16"], hop: "VNetPeering"),
            ]
        let expected = try VerifyLab().verify(rows)
        for _ in 0..<10 { #expect(try VerifyLab().verify(rows.shuffled(using: &generator)) == expected) }
        #expect(expected.kinds == ["10.9.0.0/16 only_in_azure"])
    }

    @Test func jsonAndTextHoldBothSides() throws {
        let rows =
            VerifyLab.azure.filter { $0.prefixes != ["10.1.2.4/32"] } + [
                Row(prefixes: ["10.1.2.4/32"], hop: "InterfaceEndpoint")
            ]
        let verification = try VerifyLab().verify(rows)
        var json = JSONWriter()
        verification.write(to: &json)
        #expect(
            json.string.hasPrefix(
                """
                {"nic":"\(VerifyLab.nic)","subnet":"\(TestNetwork.subnetID("spoke", "app").lowercased())","agrees":false,"differences":[\
                {"prefix":"10.1.2.4/32","kind":"other_state","azure":{"source":"system","state":"active","next_hop_type":"InterfaceEndpoint",\
                "next_hop":null},"azure_reason":"source Default, state Active, next hop InterfaceEndpoint","model":{"source":"system",\
                "state":"invalid","next_hop_type":"InterfaceEndpoint","next_hop":null},"model_reason":"private endpoint pe, in the VNet or \
                in one peered with it directly; invalid: user route 10.1.2.0/24 summarises it, and spoke/data obeys routes"}],\
                "not_compared":[{"prefix":"::/0","reason":"Azure lists no IPv6 route: the NIC has no IPv6 address"}]}
                """))
        let text = verification.text().split(separator: "\n").map(String.init)
        #expect(text[0] == "app-nic at spoke/app: 1 difference, 6 routes alike")
        #expect(text[1] == "10.1.2.4/32  other state")
        #expect(text[2].hasPrefix("  Azure: source Default, state Active, next hop InterfaceEndpoint"))
        #expect(text[3].hasPrefix("  model: system, invalid, InterfaceEndpoint; private endpoint pe"))
        #expect(
            try VerifyLab().verify(VerifyLab.azure).text().hasPrefix("app-nic at spoke/app: agrees, 7 routes alike"))
    }
}
