import FlowModel
import Foundation
import Testing
import Topology

/// What a document of Terraform may be, and what of it is read.
struct TerraformReaderTests {
    private let subnet = TerraformState.id("virtualNetworks/v/subnets/a")

    private func state(_ resources: String) -> String {
        "{\"version\":4,\"terraform_version\":\"1.9.5\",\"lineage\":\"x\",\"resources\":[\(resources)]}"
    }

    @Test(arguments: [
        ("{\"version\":4,\"terraform_version\":\"1.5.0\",\"resources\":[]}", true),
        ("{\"version\":3,\"terraform_version\":\"0.11.14\",\"modules\":[]}", true),
        ("{\"version\":4,\"resources\":[{\"type\":\"azurerm_subnet\",\"instances\":[]}]}", true),
        ("{\"format_version\":\"1.0\",\"terraform_version\":\"1.5.0\",\"values\":{\"root_module\":{}}}", true),
        ("{\"format_version\":\"1.2\",\"planned_values\":{},\"resource_changes\":[]}", true),
        (
            "{\"serial\":1,\"lineage\":\"x\",\"meta\":{},\"encrypted_data\":\"aGk=\",\"encryption_version\":\"v0\"}",
            true
        ),
        ("{\"value\":[]}", false), ("[]", false), ("{\"version\":4}", false), ("{\"flowsight_overlay\":1}", false),
        ("{\"$schema\":\"https://x\",\"contentVersion\":\"1.0.0.0\",\"resources\":[{\"resources\":[]}]}", false),
        ("{\"id\":\"/subscriptions/s\",\"name\":\"n\",\"type\":\"Microsoft.Network/virtualNetworks\"}", false),
    ])
    func whatTerraformWroteIsKnown(text: String, isTerraform: Bool) throws {
        #expect(TerraformReader.isState(try TerraformState.json(text)) == isTerraform)
    }

    @Test(arguments: [
        (
            "{\"format_version\":\"1.2\",\"planned_values\":{\"root_module\":{}},\"resource_changes\":[]}",
            "plan, no state"
        ),
        ("{\"terraform_version\":\"1.5\",\"resource_changes\":[]}", "plan, no state"),
        ("{\"lineage\":\"x\",\"encrypted_data\":\"aGk=\"}", "encrypted"),
        ("{\"version\":4,\"terraform_version\":\"1.5.0\",\"resources\":[]}", "without resources"),
        ("{\"format_version\":\"1.0\",\"terraform_version\":\"1.5.0\"}", "without resources"),
        (
            "{\"version\":3,\"terraform_version\":\"0.11.0\",\"modules\":[{\"path\":[\"root\"],\"resources\":{}}]}",
            "without resources"
        ),
    ])
    func whatHoldsNothingIsRefusedWithTheReason(text: String, reason: String) throws {
        let reader = try TerraformState.reader(text)
        #expect(reader.resources.isEmpty && reader.problems.isEmpty)
        #expect(reader.notUnderstood.count == 1)
        #expect(reader.notUnderstood.first?.hasPrefix("a.tfstate: ") == true)
        #expect(reader.notUnderstood.first?.contains(reason) == true, "\(reader.notUnderstood)")
    }

    @Test(arguments: [
        "provider[\\\"registry.terraform.io/hashicorp/azurerm\\\"]", "provider.azurerm",
        "module.net.provider.azurerm.west", "provider[\\\"registry.opentofu.org/hashicorp/azurerm\\\"].hub",
    ])
    func theProviderMayBeSpeltInAnyWay(provider: String) throws {
        var state = TerraformState()
        state.add(
            "azurerm_subnet", "virtualNetworks/v/subnets/a", "\"address_prefixes\":[\"10.0.1.0/24\"]",
            provider: provider)
        #expect(try state.reader().single?["properties"]?["addressPrefixes"] == .array([.string("10.0.1.0/24")]))
    }

    @Test func deposedInstancesAreIgnoredAndTaintedOnesAreNot() throws {
        var state = TerraformState()
        state.add("azurerm_subnet", "virtualNetworks/v/subnets/old", instance: ",\"deposed\":\"ab12cd34\"")
        state.add("azurerm_subnet", "virtualNetworks/v/subnets/new", instance: ",\"status\":\"tainted\"")
        #expect(try state.reader().resources.map { $0["name"]?.string } == ["new"])
    }

    @Test func aDataSourceTellsFactsAndWhatIsManagedWins() throws {
        var state = TerraformState()
        state.add(
            "azurerm_subnet", "virtualNetworks/v/subnets/a",
            "\"address_prefixes\":[\"10.9.0.0/24\"],\"route_table_id\":\"\(TerraformState.id("routeTables/t"))\"",
            mode: "data")
        state.add("azurerm_subnet", "virtualNetworks/v/subnets/a", "\"address_prefixes\":[\"10.0.1.0/24\"]")
        let single = try #require(try state.reader().single)
        #expect(single["properties"]?["addressPrefixes"] == .array([.string("10.0.1.0/24")]))
        #expect(single["properties"]?["routeTable"]?["id"]?.string == TerraformState.id("routeTables/t"))
    }

    @Test func strippedInstancesAreToldByTypeAndTheRestIsUsed() throws {
        let text = state(
            """
            {"mode":"managed","type":"azurerm_subnet","name":"a","instances":[{"schema_version":0},{"attributes":null},{"attributes":{}}]},
            {"mode":"managed","type":"azurerm_subnet","name":"b","instances":[{"attributes":{"id":"\(subnet)","name":"a"}}]}
            """)
        let reader = try TerraformState.reader(text)
        #expect(reader.single?["id"]?.string == subnet)
        #expect(reader.problems.map(\.resource) == ["a.tfstate"])
        #expect(reader.problems.map(\.field) == ["azurerm_subnet"])
        #expect(reader.problems.first?.problem.hasPrefix("3 without id and attributes: the state was stripped") == true)
    }

    @Test func typesWithoutAMappingAreCounted() throws {
        var state = TerraformState()
        for name in ["a", "b"] { state.add("azurerm_bastion_host", "bastionHosts/\(name)") }
        state.add("random_password", "x")
        let reader = try state.reader()
        #expect(reader.resources.isEmpty && reader.problems.isEmpty)
        #expect(
            reader.notUnderstood == [
                "2 of Terraform type azurerm_bastion_host: not used", "1 of Terraform type random_password: not used",
            ])
    }

    @Test func statesOfVersion3HaveFlatKeys() throws {
        let vnet = TerraformState.id("virtualNetworks/v")
        let text = """
            {"version":3,"terraform_version":"0.11.14","serial":1,"lineage":"x","modules":[
             {"path":["root"],"outputs":{"secret":{"value":"hunter2"}},"resources":{
              "azurerm_virtual_network.v":{"type":"azurerm_virtual_network","depends_on":[],"primary":{"id":"\(vnet)","attributes":{
                "id":"\(vnet)","name":"v","address_space.#":"2","address_space.0":"10.1.0.0/16","address_space.1":"10.2.0.0/16",
                "subnet.#":"2","subnet.99.name":"a","subnet.99.address_prefix":"10.1.1.0/24","subnet.99.security_group":"",
                "subnet.1234.name":"b","subnet.1234.address_prefix":"10.1.2.0/24",
                "tags.%":"2","tags.env.name":"prod","tags.Owner":"me"},"meta":{},"tainted":false},"deposed":[],"provider":"provider.azurerm"}}},
             {"path":["root","net"],"resources":{
              "data.azurerm_route_table.t":{"type":"azurerm_route_table","primary":{"id":"t","attributes":{
                "id":"\(TerraformState.id("routeTables/t"))","name":"t","route.#":"1","route.0.name":"d","route.0.address_prefix":"0.0.0.0/0",
                "route.0.next_hop_type":"VirtualAppliance","route.0.next_hop_in_ip_address":"10.0.0.4","disable_bgp_route_propagation":"true"}},
                "provider":"module.net.provider.azurerm"},
              "azurerm_subnet.gone":{"type":"azurerm_subnet","primary":null,"deposed":[{"id":"x","attributes":{"id":"\(subnet)"}}]}}}]}
            """
        let reader = try TerraformState.reader(text)
        #expect(reader.resources.count == 2)
        let expected = try TerraformState.json(
            """
            {"id":"\(vnet)","type":"Microsoft.Network/virtualNetworks","name":"v","tags":{"env.name":"prod","Owner":"me"},"properties":{
             "addressSpace":{"addressPrefixes":["10.1.0.0/16","10.2.0.0/16"]},"subnets":[
              {"id":"\(vnet)/subnets/a","name":"a","properties":{"addressPrefixes":["10.1.1.0/24"]}},
              {"id":"\(vnet)/subnets/b","name":"b","properties":{"addressPrefixes":["10.1.2.0/24"]}}]}}
            """)
        #expect(reader.resource("virtualNetworks/v") == expected)
        let table = try #require(reader.resource("routeTables/t")?["properties"])
        #expect(table["disableBgpRoutePropagation"] == .bool(true))
        #expect(table["routes"]?.array?.first?["properties"]?["nextHopIpAddress"]?.string == "10.0.0.4")
    }

    @Test func whatShowWritesOfAStateIsReadWithItsModules() throws {
        let text = """
            {"format_version":"1.0","terraform_version":"1.9.5","values":{"outputs":{},"root_module":{"resources":[
              {"address":"azurerm_subnet.a","mode":"managed","type":"azurerm_subnet","name":"a","values":{"id":"\(subnet)","name":"a"}}],
             "child_modules":[{"address":"module.x","resources":[
              {"mode":"data","type":"azurerm_public_ip","values":{"id":"\(TerraformState.id("publicIPAddresses/p"))","name":"p"}},
              {"mode":"managed","type":"azurerm_route_table","deposed_key":"ab","values":{"id":"\(TerraformState.id("routeTables/t"))"}}]}]}}}
            """
        #expect(try TerraformState.reader(text).resources.map { $0["name"]?.string } == ["p", "a"])
    }

    @Test func attributesOfAnUnknownSchemaAreFlatInVersion4() throws {
        let text = state(
            """
            {"mode":"managed","type":"azurerm_subnet","instances":[{"attributes_flat":{"id":"\(subnet)","address_prefixes.#":"1","address_prefixes.0":"10.0.1.0/24"}}]}
            """)
        #expect(
            try TerraformState.reader(text).single?["properties"]?["addressPrefixes"]
                == .array([.string("10.0.1.0/24")]))
    }

    @Test(arguments: [(512, true), (513, false), (50_000, false)])
    func flatKeysNestToALimit(segments: Int, isRead: Bool) throws {
        let key = Array(repeating: "a", count: segments).joined(separator: ".")
        let text = state(
            """
            {"mode":"managed","type":"azurerm_subnet","instances":[{"attributes_flat":{"id":"\(subnet)",\
            "address_prefixes.#":"1","address_prefixes.0":"10.0.1.0/24","\(key)":"s3cret"}}]}
            """)
        let reader = try TerraformState.reader(text)
        #expect(
            reader.single?["properties"]?["addressPrefixes"] == .array([.string("10.0.1.0/24")]))
        guard !isRead else { return #expect(reader.problems.isEmpty) }
        let problem = try #require(reader.problems.first)
        #expect(problem.resource == subnet.lowercased() && problem.field.hasPrefix("a.a.a"))
        #expect(problem.problem == "a key of more than 512 parts: it is not read")
        #expect(problem.field.utf8.count < 200 && !"\(reader.problems)".contains("s3cret"))
    }

    @Test func theOrderOfTheStateDoesNotCount() throws {
        let lab = TerraformLab()
        let texts = [lab.state.resources, Array(lab.state.resources.reversed())].map {
            state($0.joined(separator: ","))
        }
        let readers = try texts.map(TerraformState.reader)
        #expect(Set(readers[0].resources) == Set(readers[1].resources))
        #expect(readers[0].resources.count > 10)
    }

    private static let samples = ProcessInfo.processInfo.environment["FLOWSIGHT_SAMPLES"]

    @Test(.enabled(if: samples != nil, "needs FLOWSIGHT_SAMPLES, a folder of exports written by others"))
    func aRealStateIsReadWhole() throws {
        let file = URL(filePath: try #require(TerraformReaderTests.samples)).appending(
            path: "topology/tf-firewall.tfstate")
        let reader = try TerraformState.reader(String(decoding: try Data(contentsOf: file), as: UTF8.self))
        #expect(reader.problems.isEmpty)
        #expect(reader.notUnderstood == ["1 of Terraform type azurerm_resource_group: not used"])
        #expect(
            Set(reader.resources.compactMap { $0["type"]?.string }) == [
                "Microsoft.Network/azureFirewalls", "Microsoft.Network/firewallPolicies",
                "Microsoft.Network/firewallPolicies/ruleCollectionGroups", "Microsoft.Network/publicIPAddresses",
                "Microsoft.Network/virtualNetworks", "Microsoft.Network/virtualNetworks/subnets",
            ])
        let subnet = reader.resources.first { $0["type"]?.string?.hasSuffix("/subnets") == true }
        #expect(subnet?["properties"]?["privateEndpointNetworkPolicies"]?.string == "Enabled")
        let topology = try reader.topology()
        #expect(topology.firewalls.count == 1 && topology.problems.isEmpty)
    }
}
