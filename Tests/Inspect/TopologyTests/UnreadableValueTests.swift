import FlowModel
import Testing
import Topology

/// Values that Azure would not write: nothing of them vanishes without a word.
@Suite struct UnreadableValueTests {
    private typealias Network = TestNetwork

    /// One VNet, a client under a route table, a private endpoint beside it.
    private func network(_ routes: [String] = [], policies: String = "\"Disabled\"", client: String = "10.2.1.4")
        -> TestNetwork
    {
        var network = TestNetwork()
        let data = Network.subnet("spoke", "data", "10.2.2.0/24", policies: nil)
            .replacing("\"addressPrefix\"", with: "\"privateEndpointNetworkPolicies\":\(policies),\"addressPrefix\"")
        network.addVNet(
            "spoke", ["10.2.0.0/16"], subnets: [Network.subnet("spoke", "app", "10.2.1.0/24", table: "rt"), data])
        network.addTable("rt", routes)
        network.addNIC("app-nic", client, vnet: "spoke", subnet: "app", machine: "app-vm")
        network.addPrivateEndpoint("pe", "10.2.2.4", vnet: "spoke", subnet: "data")
        return network
    }

    /// Exactly one problem, at this resource and field, that says all of this.
    private func expect(
        _ network: TestNetwork, _ resource: String, _ field: String, _ texts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let all = try network.topology().problems
        #expect(all.count == 1, "\(all)", sourceLocation: sourceLocation)
        let problem = try #require(all.first, sourceLocation: sourceLocation)
        #expect(problem.resource.hasSuffix(resource) && problem.field == field, sourceLocation: sourceLocation)
        for text in texts {
            #expect(problem.problem.contains(text), "\(text) in \(problem.problem)", sourceLocation: sourceLocation)
        }
    }

    // MARK: Routes

    @Test(arguments: ["10.2.1.300/32", "10.2.1.4/33", "10.2.1.x/32", "fd00::/200"])
    func aRouteToNoPrefixIsTold(prefix: String) throws {
        try expect(
            network([Network.route(prefix, "None")]), "/routetables/rt",
            "routes.r-\(prefix.replacing("/", with: "-")).addressPrefix",
            "\(prefix) is neither a prefix nor a service tag", "the route is left out")
    }

    @Test(arguments: ["10.2.1.4/32", "fd00::/64", "10.9.9.9", "Storage.WestEurope", "AzureCloud"])
    func aRouteToAPrefixOrATagIsNoProblem(prefix: String) throws {
        #expect(try network([Network.route(prefix, "None")]).topology().problems == [])
    }

    @Test func aNextHopTypeThatAzureDoesNotKnowIsTold() throws {
        try expect(
            network([Network.route("10.9.0.0/16", "Banana")]), "/routetables/rt", "routes.r-10.9.0.0-16.nextHopType",
            "Banana is none of VnetLocal", "where 10.9.0.0/16 leads cannot be told")
        for type in ["VnetLocal", "VNet Local", "VirtualNetworkGateway", "internet", "None"] {
            #expect(try network([Network.route("10.9.0.0/16", type)]).topology().problems == [], "\(type)")
        }
    }

    // MARK: Addresses

    @Test func anAddressOutsideTheNICsSubnetIsTold() throws {
        #expect(try network(client: "10.2.1.255").topology().problems == [])
        for address in ["10.2.2.9", "10.77.0.4"] {
            try expect(
                network(client: address), "/networkinterfaces/app-nic", "ipConfigurations.privateIPAddress",
                "\(address) lies outside its subnet spoke/app (10.2.1.0/24)")
        }
    }

    // MARK: Network policies

    /// Whether the endpoint's own route wins over its subnet's wider one: it does where the policies are off.
    private func ignoresRoutes(_ policies: String) throws -> Bool {
        let topology = try network([Network.route("10.2.2.0/24", "None")], policies: policies).topology()
        #expect(topology.problems == [])
        let answer = topology.explain(
            from: try topology.place("10.2.1.4"), to: try topology.place("10.2.2.4"), ipProtocol: IPProtocol.tcp,
            port: nil)
        return answer.works == true
    }

    @Test(arguments: [
        ("\"Disabled\"", true), ("\"Enabled\"", false), ("false", true), ("true", false), ("\"False\"", true),
        ("\"true\"", false),
    ])
    func aTruthValueOfTheNetworkPoliciesIsAWord(policies: String, expected: Bool) throws {
        #expect(try ignoresRoutes(policies) == expected)
    }

    @Test func aWordOfTheNetworkPoliciesThatAzureDoesNotKnowIsToldAndCountsAsNotSaid() throws {
        let problems = try network(policies: "\"Banana\"").topology().problems
        #expect(problems.allSatisfy { $0.resource.hasSuffix("/subnets/data") })
        #expect(problems.map(\.field) == ["privateEndpointNetworkPolicies", "privateEndpointNetworkPolicies"])
        #expect(problems.first?.problem.hasPrefix("Banana is none of Enabled, Disabled") == true, "\(problems)")
        #expect(problems.last?.problem.hasPrefix("is not said: taken as Disabled") == true, "\(problems)")
    }
}
