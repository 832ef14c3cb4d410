import FlowModel
import Testing
import Topology

/// Resources of the azapi provider: the body of the REST interface inside a state.
struct TerraformRESTResourceTests {
    private static let vnet =
        "{\"properties\":{\"addressSpace\":{\"addressPrefixes\":[\"10.4.0.0/16\"]},\"sharedKey\":\"s3cret\"}}"
    private static let subnet =
        "{\"properties\":{\"addressPrefix\":\"10.4.1.0/24\",\"privateEndpointNetworkPolicies\":\"RouteTableEnabled\"}}"

    /// As a text of JSON, as a value with its type, and as the value alone.
    static let forms: [@Sendable (String) -> String] = [
        { "\"" + $0.replacing("\"", with: "\\\"") + "\"" },
        { "{\"value\":\($0),\"type\":[\"object\",{\"properties\":\"dynamic\"}]}" },
        { $0 },
    ]

    private func state(_ body: (String) -> String, type: String = "Microsoft.Network/virtualNetworks") -> TerraformState
    {
        var state = TerraformState()
        let provider = "provider[\\\"registry.terraform.io/azure/azapi\\\"]"
        state.add(
            "azapi_resource", "virtualNetworks/v",
            "\"type\":\"\(type)@2023-11-01\",\"sensitive_body\":{\"properties\":{\"addressPrefix\":\"s3cret\"}},"
                + "\"output\":\"s3cret\",\"body\":\(body(TerraformRESTResourceTests.vnet))", provider: provider)
        state.add(
            "azapi_resource", "virtualNetworks/v/subnets/endpoints",
            "\"type\":\"Microsoft.Network/virtualNetworks/subnets@2023-11-01\","
                + "\"body\":\(body(TerraformRESTResourceTests.subnet))", provider: provider)
        return state
    }

    @Test(arguments: forms.indices) func bodiesOfAllVersionsAreRead(form: Int) throws {
        let reader = try state(TerraformRESTResourceTests.forms[form]).reader()
        #expect(!reader.resources.contains { $0.json.contains("s3cret") })
        #expect(reader.notUnderstood.isEmpty && reader.problems.isEmpty)
        let text = state(TerraformRESTResourceTests.forms[form]).text
        let topology = try Topology(documents: [TopologyDocument(name: "a.tfstate", bytes: Array(text.utf8))])
        let place = try topology.place("10.4.1.9")
        #expect(place.endpoint.name == "v/endpoints")
        #expect(topology.problems.isEmpty)
    }

    @Test func anUpdateAddsToWhatSomethingElseMade() throws {
        var state = state { $0 }
        state.add(
            "azapi_update_resource", "virtualNetworks/v/subnets/endpoints",
            "\"type\":\"Microsoft.Network/virtualNetworks/subnets@2023-11-01\",\"resource_id\":"
                + "\"\(TerraformState.id("virtualNetworks/v/subnets/endpoints"))\",\"body\":{\"properties\":{\"routeTable\":"
                + "{\"id\":\"\(TerraformState.id("routeTables/t"))\"}}}")
        let subnet = try state.reader().resources.first { $0["id"]?.string?.hasSuffix("endpoints") == true }
        #expect(subnet?["properties"]?["routeTable"]?["id"]?.string == TerraformState.id("routeTables/t"))
        #expect(subnet?["properties"]?["addressPrefix"]?.string == "10.4.1.0/24")
    }

    /// The body may be absent, or hidden as a whole: what Azure answered stands in its place.
    @Test(
        arguments: forms.indices,
        ["", "\"body\":null,", "\"body\":\"(sensitive value)\",", "\"body\":{\"value\":null,\"type\":\"dynamic\"},"])
    func withoutABodyTheAnswerIsRead(form: Int, body: String) throws {
        func reader(_ output: String) throws -> TerraformReader {
            var state = TerraformState()
            state.add(
                "azapi_resource", "virtualNetworks/v",
                "\(body)\"type\":\"Microsoft.Network/virtualNetworks@2023-11-01\",\"output\":\(output)")
            return try state.reader()
        }
        let whole = try reader(TerraformRESTResourceTests.forms[form](TerraformRESTResourceTests.vnet))
        #expect(
            whole.single?["properties"]
                == (try TerraformState.json("{\"addressSpace\":{\"addressPrefixes\":[\"10.4.0.0/16\"]}}")))
        #expect(whole.problems.isEmpty)
        for output in ["null", TerraformRESTResourceTests.forms[form]("{\"id\":\"s3cret\"}")] {
            let empty = try reader(output)
            #expect(empty.resources.isEmpty)
            #expect(empty.problems.map(\.resource) == [TerraformState.id("virtualNetworks/v").lowercased()])
            #expect(empty.problems.first?.field == "body" && !"\(empty.problems)".contains("s3cret"))
        }
    }

    /// Some resources have no properties but their name.
    @Test func aBodyMayBeEmpty() throws {
        var state = TerraformState()
        state.add(
            "azapi_resource", "applicationSecurityGroups/a",
            "\"type\":\"Microsoft.Network/applicationSecurityGroups@2023-11-01\",\"body\":{}")
        #expect(try state.reader().single?["name"]?.string == "a")
        #expect(try state.reader().problems.isEmpty)
    }

    @Test func ofUnknownTypesNothingIsKept() throws {
        let reader = try state({ $0 }, type: "Microsoft.Storage/storageAccounts").reader()
        #expect(reader.resources.count == 1)
        let type = "azapi_resource of Microsoft.Storage/storageAccounts"
        #expect(reader.notUnderstood == ["1 of Terraform type \(type): not used"])
    }
}
