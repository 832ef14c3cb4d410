import FlowModel
import Topology
import Testing

/// One address in several routing domains: by text it is ambiguous, by vantage point it is not.
@Suite struct PlaceTests {
    /// Two hubs of equal ranges that nothing joins.
    private func twins() throws -> Topology {
        var network = TestNetwork()
        for hub in ["north", "south"] {
            network.addVNet(
                hub, ["10.0.0.0/16"],
                subnets: [
                    TestNetwork.subnet(hub, "app", "10.0.1.0/24"),
                    TestNetwork.subnet(hub, "GatewaySubnet", "10.0.2.0/27"),
                ])
        }
        network.addGateway("gw", vnet: "south")
        network.addNIC(
            "north-nic", "10.0.1.4", vnet: "north", subnet: "app", mac: "00-0D-3A-00-00-0A", machine: "north-vm")
        network.addNIC(
            "south-nic", "10.0.1.4", vnet: "south", subnet: "app", mac: "00-0D-3A-00-00-0B", machine: "south-vm")
        network.overlays = [
            "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\"]}]}"
        ]
        return try network.topology()
    }

    @Test func ambiguityListsTextsThatNameOnePlaceEach() throws {
        let topology = try twins()
        #expect(topology.placement.domains.count == 2)
        let error = #expect(throws: PlaceError.self) { try topology.place("10.0.1.4") }
        #expect(error?.code == .ambiguous)
        #expect(error?.candidates == ["10.0.1.4@north", "10.0.1.4@south"])
        for candidate in error?.candidates ?? [] { #expect(throws: Never.self) { try topology.place(candidate) } }
    }

    @Test(arguments: [
        "south", "SOUTH", "south/app", TestNetwork.network("virtualNetworks", "south"),
        TestNetwork.subnetID("south", "app"),
    ])
    func aScopeIsAnyNameOrId(scope: String) throws {
        let place = try twins().place("10.0.1.4@\(scope)")
        #expect(place.endpoint.name == "south-vm")
        #expect(place.endpoint.subnet == TestNetwork.subnetID("south", "app").lowercased())
    }

    @Test(arguments: [
        ("10.0.1", PlaceError.Code.notAnAddress), ("10.0.1.4@nowhere", .unknownScope), ("10.0.1.4@app", .ambiguous),
    ])
    func whatNamesNoPlaceIsATypedError(text: String, code: PlaceError.Code) throws {
        let topology = try twins()
        let error = #expect(throws: PlaceError.self) { try topology.place(text) }
        #expect(error?.code == code)
    }

    @Test func aDomainsOwnTableSaysWhatAnAddressIs() throws {
        let topology = try twins()
        let address = try #require(IPAddress("10.0.1.4"))
        let names = (0..<2).map { topology.place(address, domain: $0).endpoint.name }
        #expect(Set(names) == ["north-vm", "south-vm"])
        for (mac, name) in [(0x000d_3a00_000a as UInt64, "north-vm"), (0x000d_3a00_000b, "south-vm")] {
            let observer = try #require(topology.placement.macs[mac])
            let domain = topology.placement.observers[Int(observer)].domain
            let place = topology.place(address, domain: domain)
            #expect(place.endpoint.name == name)
            #expect(place.endpoint.observer == observer)
        }
    }

    @Test func onPremisesBelongsToTheDomainWhoseGatewayLeadsThere() throws {
        let topology = try twins()
        let place = try topology.place("192.168.3.3")
        #expect(
            place.endpoint.kind == .onPremises && place.endpoint.id == "192.168.0.0/16" && place.endpoint.name == "hq")
        #expect(
            place.domain
                == topology.placement.vantageDomains[TestNetwork.network("virtualNetworks", "south").lowercased()])
    }

    @Test func addressesThatNothingClaimsArePlacesToo() throws {
        let topology = try twins()
        #expect(try topology.place("203.0.113.4").endpoint.kind == .public)
        // Only the south has a gateway: what nothing explains lies behind it, or so it is taken.
        #expect(try topology.place("172.20.0.4").endpoint.kind == .onPremises)
        #expect(try topology.place("172.20.0.4@north").endpoint.kind == .unknown)
        // Not so what lies inside a VNet, and in no subnet of it.
        #expect(try topology.place("10.0.200.4@south").endpoint.kind == .unknown)
        #expect(try topology.place("10.0.1.77@north").endpoint.kind == .subnet)
        #expect(try topology.place("10.0.2.5@south").endpoint.kind == .gateway)
    }

    @Test func twoSpokesOfOneDomainMayShareARange() throws {
        var network = TestNetwork()
        network.addVNet(
            "hub-a", ["10.1.0.0/16"], subnets: [],
            peerings: [TestNetwork.peering(to: "hub-b"), TestNetwork.peering(to: "spoke-a")])
        network.addVNet(
            "hub-b", ["10.2.0.0/16"], subnets: [],
            peerings: [TestNetwork.peering(to: "hub-a"), TestNetwork.peering(to: "spoke-b")])
        for (spoke, hub) in [("spoke-a", "hub-a"), ("spoke-b", "hub-b")] {
            network.addVNet(
                spoke, ["10.3.0.0/16"], subnets: [TestNetwork.subnet(spoke, "s", "10.3.1.0/24")],
                peerings: [TestNetwork.peering(to: hub)])
            network.addNIC("\(spoke)-nic", "10.3.1.4", vnet: spoke, subnet: "s", mac: "", machine: "\(spoke)-vm")
        }
        let topology = try network.topology()
        #expect(topology.placement.domains.count == 1)
        #expect(topology.problems.contains { $0.problem.contains("in the same routing domain") })
        #expect(throws: PlaceError.self) { try topology.place("10.3.1.4") }
        #expect(try topology.place("10.3.1.4@spoke-b").endpoint.name == "spoke-b-vm")
    }

    /// Twin estates, each of a hub and a spoke; and a third VNet that has the spokes' range, too.
    private func estates() throws -> Topology {
        var network = TestNetwork()
        for side in ["north", "south"] {
            network.addVNet(
                "hub-\(side)", ["10.0.0.0/16"], subnets: [TestNetwork.subnet("hub-\(side)", "fw", "10.0.1.0/24")],
                peerings: [TestNetwork.peering(to: "spoke-\(side)")])
            network.addVNet(
                "spoke-\(side)", ["10.3.0.0/16"], subnets: [TestNetwork.subnet("spoke-\(side)", "app", "10.3.1.0/24")],
                peerings: [TestNetwork.peering(to: "hub-\(side)")])
            network.addNIC(
                "nic-\(side)", "10.3.1.4", vnet: "spoke-\(side)", subnet: "app", mac: "", machine: "vm-\(side)")
        }
        network.addVNet(
            "alone", ["10.3.0.0/16", "10.8.0.0/16"], subnets: [TestNetwork.subnet("alone", "a", "10.8.1.0/24")])
        return try network.topology()
    }

    @Test(arguments: [
        ("10.0.1.9@hub-south", "10.3.1.4"), ("10.0.1.9@hub-south", "10.3.1.4@app"),
        ("10.0.1.9@hub-south/fw", "10.3.1.4"),
    ])
    func anAddressAloneMeansTheOneInTheOtherEndsDomain(scoped: String, other: String) throws {
        let topology = try estates()
        #expect(throws: PlaceError.self) { try topology.place(other) }
        let places = try topology.places(from: scoped, to: other)
        #expect(places.to.endpoint.name == "vm-south" && places.from.domain == places.to.domain)
        let reversed = try topology.places(from: other, to: scoped)
        #expect(reversed.from == places.to && reversed.to == places.from)
    }

    @Test func anAddressThatTheOtherEndsDomainLacksOrThatBothEndsLeaveOpenStaysAmbiguous() throws {
        let topology = try estates()
        for (from, to) in [("10.8.1.4", "10.0.1.9"), ("10.0.1.9", "10.3.1.4"), ("203.0.113.4", "10.3.1.4")] {
            let error = #expect(throws: PlaceError.self) { try topology.places(from: from, to: to) }
            #expect(error?.code == .ambiguous, "\(from) \(to)")
        }
        let error = #expect(throws: PlaceError.self) { try topology.places(from: "10.3.1.4", to: "10.0.1.9@nowhere") }
        #expect(error?.code == .ambiguous, "the opening's own error comes first")
    }

    @Test func anOnPremisesAddressIsInTheOtherEndsDomain() throws {
        let topology = try twins()
        let places = try topology.places(from: "192.168.3.3", to: "10.0.1.4@south")
        #expect(places.from.endpoint.kind == .onPremises && places.from.domain == places.to.domain)
    }
}
