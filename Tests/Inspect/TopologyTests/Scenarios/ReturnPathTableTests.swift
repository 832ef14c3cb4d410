import FlowModel
import Topology
import Testing

/// The table of “The way back”, row by row: what was seen without translation where client, appliance and endpoint
/// stand in VNets a (10.0.0.0/16), b (10.1.0.0/16) and c (10.2.0.0/16), peered in a chain; and what translation mends.
@Suite struct ReturnPathTableTests {
    enum Device: String, CaseIterable, Sendable { case azureFirewall, machine }

    struct Row: Sendable, CustomTestStringConvertible {
        let client: String
        let device: String
        let endpoint: String
        /// Type of the gateway in the client's VNet where the client is on-premises.
        var gateway: String?
        let tcp: Outcome

        var testDescription: String { "\(gateway ?? "client") in \(client), appliance in \(device), \(endpoint)" }
    }

    private static let numbers = ["a": 0, "b": 1, "c": 2]

    static func fixture(
        _ row: Row, _ device: Device = .azureFirewall, translates: Bool = false, tag: String? = nil,
        target: String = "Microsoft.Sql/servers", tcp: Outcome? = nil
    ) -> Fixture {
        var network = TestNetwork()
        let hop = "10.\(numbers[row.device] ?? 9).3.4"
        let endpoint = "10.\(numbers[row.endpoint] ?? 9).2.5"
        addVNets(to: &network, row)
        network.addTable("rt", to: hop, ["\(endpoint)/32"])
        switch device {
        case .azureFirewall: network.addGuideFirewall(hop, vnet: row.device, translates: translates)
        case .machine:
            network.addAppliance(
                "nva", hop, vnet: row.device, subnet: "AzureFirewallSubnet", snat: translates ? "always" : "never",
                tag: tag)
        }
        network.addPrivateEndpoint("pe", endpoint, vnet: row.endpoint, subnet: "endpoints", target: target)
        let client = "10.\(numbers[row.client] ?? 9).1.10"
        network.addNIC("client", client, vnet: row.client, subnet: "clients", machine: "client-vm")
        if let gateway = row.gateway {
            network.addGateway("gw", vnet: row.client, type: gateway)
            network.addSite("192.168.0.0/16")
        }
        let wanted = tcp ?? (translates ? .inspected : row.tcp)
        let udp: Outcome =
            target.contains("privateLinkServices") ? wanted : .unansweredBehindFirewall
        var fixture = Fixture(
            name: "\(row.testDescription), \(device)", network: network,
            client: row.gateway == nil
                ? .machine(client, nic: "client", subnet: "\(row.client)/clients")
                : .onPremises("192.168.5.10", gatewayIn: row.client),
            endpoint: endpoint,
            rows: [
                .tcp("\(endpoint)/32 VirtualAppliance", wanted), .udp("\(endpoint)/32 VirtualAppliance", udp),
                .icmp("\(endpoint)/32 VirtualAppliance", .unansweredBehindFirewall),
            ])
        if device == .machine { fixture.firewall = [TestNetwork.network("networkInterfaces", "nva").lowercased()] }
        return fixture
    }

    private static func addVNets(to network: inout TestNetwork, _ row: Row) {
        let peers = ["a": ["b"], "b": ["a", "c"], "c": ["b"]]
        for vnet in ["a", "b", "c"] {
            let number = numbers[vnet] ?? 9
            let table = vnet == row.client ? "rt" : nil
            network.addVNet(
                vnet, ["10.\(number).0.0/16"],
                subnets: [
                    TestNetwork.subnet(vnet, "clients", "10.\(number).1.0/24", table: table),
                    TestNetwork.subnet(vnet, "endpoints", "10.\(number).2.0/24"),
                    TestNetwork.subnet(vnet, "AzureFirewallSubnet", "10.\(number).3.0/26"),
                    TestNetwork.subnet(vnet, "GatewaySubnet", "10.\(number).4.0/27", table: table),
                ],
                peerings: (peers[vnet] ?? []).map { peer in
                    // The VNet beside the gateway's learns the site from it.
                    TestNetwork.peering(
                        to: peer, transit: row.gateway != nil && vnet == row.client,
                        remoteGateways: row.gateway != nil && peer == row.client)
                })
        }
    }

    static let clientRows = [
        Row(client: "a", device: "a", endpoint: "a", tcp: .droppedBehindFirewall),
        Row(client: "a", device: "a", endpoint: "b", tcp: .droppedBehindFirewall),
        Row(client: "a", device: "b", endpoint: "a", tcp: .inspectedWithoutTranslation),
        Row(client: "a", device: "b", endpoint: "b", tcp: .inspectedWithoutTranslation),
        Row(client: "a", device: "b", endpoint: "c", tcp: .inspectedWithoutTranslation),
    ]

    static let siteRows = [
        Row(client: "a", device: "a", endpoint: "a", gateway: "Vpn", tcp: .droppedBehindFirewall),
        Row(client: "a", device: "b", endpoint: "c", gateway: "Vpn", tcp: .inspectedWithoutTranslation),
        // Said to work, not tested; the guide asks for translation.
        Row(
            client: "a", device: "a", endpoint: "a", gateway: "ExpressRoute",
            tcp: .inspected.with { $0.atBest = .low }),
        // Reports conflict: only evidence decides.
        Row(client: "a", device: "a", endpoint: "b", gateway: "Vpn", tcp: .answerUnknown),
        Row(client: "a", device: "a", endpoint: "b", gateway: "ExpressRoute", tcp: .answerUnknown),
    ]

    @Test(arguments: clientRows + siteRows, Device.allCases)
    func withoutTranslation(_ row: Row, device: Device) throws {
        try ReturnPathTableTests.fixture(row, device).check()
    }

    /// Where reports conflict for storage alone: some saw it work, some saw it dropped.
    @Test(arguments: Device.allCases) func storageInAnotherVNetIsLeftOpen(_ device: Device) throws {
        let row = Row(client: "a", device: "a", endpoint: "b", tcp: .answerUnknown)
        try ReturnPathTableTests.fixture(row, device, target: "Microsoft.Storage/storageAccounts").check()
        let same = Row(client: "a", device: "a", endpoint: "a", tcp: .droppedBehindFirewall)
        try ReturnPathTableTests.fixture(same, device, target: "Microsoft.Storage/storageAccounts").check()
    }

    @Test(arguments: clientRows + siteRows, Device.allCases)
    func withTranslationEachRowWorksAndIsSymmetric(_ row: Row, device: Device) throws {
        try ReturnPathTableTests.fixture(row, device, translates: true).check()
    }

    /// The lab's endpoints led to a private link service: UDP takes the same way as TCP there, and is answered.
    @Test(arguments: clientRows) func anEndpointOfOnesOwnServiceTreatsUDPAlike(_ row: Row) throws {
        try ReturnPathTableTests.fixture(row, .machine, target: "Microsoft.Network/privateLinkServices").check()
    }

    /// The platform returns what the endpoint sends to the NIC that has the tag. [learn: private-link-disable-snat]
    @Test(arguments: clientRows) func theTagMakesAMachineSymmetricWithoutTranslation(_ row: Row) throws {
        try ReturnPathTableTests.fixture(
            row, .machine, tag: "\"disableSnatOnPL\":\"true\"", tcp: .inspected.with { $0.atBest = .high }
        ).check()
    }

    @Test(arguments: ["\"disablesnatonpl\":\"true\"", "\"disableSnatOnPL\":\"false\"", "\"other\":\"true\""])
    func anyOtherSpellingOfTheTagDoesNothing(tag: String) throws {
        try ReturnPathTableTests.fixture(ReturnPathTableTests.clientRows[0], .machine, tag: tag).check()
    }

    /// Translation must show against every row that fails or is unknown without it.
    @Test(arguments: (clientRows + siteRows).filter { $0.tcp.works != "true" })
    func translationChangesWhatFails(_ row: Row) throws {
        let without = ReturnPathTableTests.fixture(row)
        #expect(try !without.differences(from: ReturnPathTableTests.fixture(row, translates: true)).isEmpty)
    }
}
