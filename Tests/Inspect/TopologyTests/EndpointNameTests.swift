import FlowModel
import Testing
import Topology

/// The names by which clients ask for a private endpoint.
@Suite struct EndpointNameTests {
    private static let zone = TestNetwork.network("privateDnsZones", "privatelink.blob.core.windows.net")

    /// v1 and v2, unpeered, each with an endpoint at an address of 10.1.2.0/24, and a zone with an A record for 10.1.2.5.
    private func network(links: [String]?, isSecond: Bool = true, groups: Bool = false) -> TestNetwork {
        var network = TestNetwork()
        network.addNumbered(1)
        network.addPrivateEndpoint(
            "one", "10.1.2.5", vnet: "v1", subnet: "e", target: "Contoso.Own/services", group: "x")
        if isSecond {
            network.addVNet("v2", ["10.1.0.0/16"], subnets: [TestNetwork.subnet("v2", "e", "10.1.2.0/24")])
            network.addPrivateEndpoint(
                "two", "10.1.2.5", vnet: "v2", subnet: "e", target: "Contoso.Own/services", group: "x")
        }
        network.add("privateDnsZones", "privatelink.blob.core.windows.net", "")
        network.addResource(
            """
            {"id":"\(Self.zone)/A/acme","name":"acme","type":"Microsoft.Network/privateDnsZones/A","properties":\
            {"ttl":10,"aRecords":[{"ipv4Address":"10.1.2.5"},{"ipv4Address":"10.1.2.99"}]}}
            """)
        for vnet in links ?? [] {
            network.addResource(
                """
                {"id":"\(Self.zone)/virtualNetworkLinks/\(vnet)","name":"\(vnet)","type":\
                "Microsoft.Network/privateDnsZones/virtualNetworkLinks","properties":{"registrationEnabled":false,\
                "virtualNetwork":{"id":"\(TestNetwork.network("virtualNetworks", vnet))"}}}
                """)
        }
        if groups {
            network.addResource(
                """
                {"id":"\(TestNetwork.network("privateEndpoints", "one"))/privateDnsZoneGroups/default","name":"default",\
                "type":"Microsoft.Network/privateEndpoints/privateDnsZoneGroups","properties":{"privateDnsZoneConfigs":[\
                {"name":"c","properties":{"privateDnsZoneId":"\(Self.zone)","recordSets":[{"recordType":"A",\
                "recordSetName":"own","fqdn":"Own.privatelink.blob.core.windows.net","ttl":10,"ipAddresses":\
                ["10.1.2.5"]}]}}]}}
                """)
        }
        return network
    }

    private func names(_ network: TestNetwork, _ endpoint: String) throws -> [String] {
        try network.topology().privateEndpoints.first { $0.id.hasSuffix("/\(endpoint)") }?.names ?? []
    }

    private static let name = "acme.privatelink.blob.core.windows.net"

    @Test("a zone's record names the endpoints in the routing domains of its links")
    func zone() throws {
        #expect(try names(network(links: ["v1"]), "one") == [Self.name])
        #expect(try names(network(links: ["v1"]), "two").isEmpty)
        #expect(try names(network(links: ["v1", "v2"]), "two") == [Self.name])
    }

    @Test("without links it names the one endpoint that has the address, and none of several")
    func withoutLinks() throws {
        #expect(try names(network(links: nil, isSecond: false), "one") == [Self.name])
        #expect(try names(network(links: nil), "one").isEmpty)
    }

    @Test("the record sets of a zone group name its endpoint")
    func zoneGroup() throws {
        let found = try names(network(links: nil, groups: true), "one")
        #expect(found == ["own.privatelink.blob.core.windows.net"])
    }

    @Test("where nothing tells a name, it follows from the account's")
    func derived() throws {
        var network = TestNetwork()
        network.addNumbered(1)
        network.addPrivateEndpoint("pe", "10.1.2.5", vnet: "v1", subnet: "e")
        #expect(try names(network, "pe") == ["target.blob.core.windows.net"])
        #expect(try network.topology().notUnderstood.isEmpty)
        #expect(try self.network(links: ["v1"]).topology().notUnderstood.isEmpty)
    }
}
