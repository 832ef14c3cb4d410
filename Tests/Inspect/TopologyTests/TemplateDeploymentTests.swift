import FlowModel
import Foundation
import Testing
import Topology

/// Nested deployments, and references that the template itself answers.
@Suite struct TemplateDeploymentTests {
    private let network = TemplateFixture.network
    private let outer = "\"parameters\": {\"name\": {\"type\": \"string\", \"defaultValue\": \"outer\"}}"
    private let inner = "\"parameters\": {\"name\": {\"type\": \"string\", \"defaultValue\": \"inner\"}}"

    @Test(arguments: [
        ("inner", "{}", "inner"), ("inner", "{\"name\": {\"value\": \"passed\"}}", "passed"),
        ("inner", "{\"NAME\": {\"value\": \"[concat('from-', parameters('name'))]\"}}", "from-outer"),
        // Null is as good as nothing passed.
        ("inner", "{\"name\": {\"value\": \"[null()]\"}}", "inner"),
        // Outer is the default: the nested template's own parameters are not looked at.
        ("outer", "{\"name\": {\"value\": \"passed\"}}", "outer"), (nil, "{}", "outer"),
        ("inner", "{\"name\": {\"reference\": {\"keyVault\": {}}}}", "{name}"),
    ])
    func theScopeSaysWhoseParametersCount(scope: String?, parameters: String, expected: String) throws {
        let resource = TemplateFixture.vnet("[parameters('name')]")
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.nested(
                "d", "\(inner), \"resources\": [\(resource)]", scope: scope, parameters: parameters),
            outer)
        #expect(reader.ids == [network + "/virtualNetworks/\(expected)"])
    }

    @Test(arguments: [
        ("inner", "\"resourceGroup\": \"far\", ", "/subscriptions/{subscription}/resourceGroups/far", true),
        (
            "inner", "\"subscriptionId\": \"s\", \"resourceGroup\": \"far\", ", "/subscriptions/s/resourceGroups/far",
            true
        ),
        (
            "inner", "\"scope\": \"[format('/subscriptions/{0}/resourceGroups/{1}', 's', 'far')]\", ",
            "/subscriptions/s/resourceGroups/far", true
        ),
        ("inner", "\"subscriptionId\": \"s\", \"location\": \"x\", ", "/subscriptions/s", true),
        // The resource goes where the deployment goes, but an outer expression speaks of where the parent goes.
        ("outer", "\"resourceGroup\": \"far\", ", "/subscriptions/{subscription}/resourceGroups/far", false),
    ])
    func aDeploymentGoesElsewhere(scope: String, target: String, prefix: String, isSame: Bool) throws {
        let table = "{\"id\": \"[resourceId('Microsoft.Network/routeTables', 't')]\"}"
        let resource = TemplateFixture.vnet("v", "{\"routeTable\": \(table)}")
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.nested("d", "\"resources\": [\(resource)]", scope: scope, target: target))
        #expect(reader.ids == [prefix + "/providers/Microsoft.Network/virtualNetworks/v"])
        let id = reader.properties("/v")?["routeTable"]?["id"]?.string
        #expect(id == (isSame ? prefix + "/providers/Microsoft.Network" : network) + "/routeTables/t")
    }

    @Test func oneNetworkDeclaredTwiceHasOneID() throws {
        let again = TemplateFixture.vnet("[variables('v')]", "{\"dhcpOptions\": {\"dnsServers\": [\"10.0.0.4\"]}}")
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.vnet("[variables('v')]") + ","
                + TemplateFixture.nested("again", "\"resources\": [\(again)]", scope: nil),
            "\"variables\": {\"v\": \"hub\"}")
        #expect(reader.ids == [network + "/virtualNetworks/hub", network + "/virtualNetworks/hub"])
    }

    @Test func outputsOfNestedDeploymentsAreFollowed() throws {
        let hub = """
            "parameters": {"n": {"type": "string"}}, "resources": [\(TemplateFixture.vnet("[parameters('n')]"))],
            "outputs": {"id": {"type": "string", "value": "[resourceId('Microsoft.Network/virtualNetworks', parameters('n'))]"},
              "all": {"type": "array", "copy": {"count": 2, "input": "[concat(parameters('n'), copyIndex())]"}},
              "secret": {"type": "securestring", "value": "hunter2"}}
            """
        let spoke = """
            "parameters": {"hubId": {"type": "string"}, "name": {"type": "string"}},
            "resources": [\(TemplateFixture.vnet("[parameters('name')]", "{\"hubId\": \"[parameters('hubId')]\"}"))]
            """
        // The deployments stand last: what names need is not yet declared when it is come upon.
        let passed = """
            {"hubId": {"value": "[reference(resourceId('Microsoft.Resources/deployments', 'hub-d'), '2022-09-01').outputs.id.value]"},
             "name": {"value": "[reference('hub-d').outputs.all.value[1]]"}}
            """
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.vnet("[reference('hub-d').outputs.all.value[0]]") + ","
                + TemplateFixture.nested("a-spoke", spoke, parameters: passed) + ","
                + TemplateFixture.nested("hub-d", hub, parameters: "{\"n\": {\"value\": \"hub\"}}") + ","
                + TemplateFixture.vnet(
                    "x",
                    "{\"mode\": \"[reference('hub-d').outputs.secret.value]\", \"port\": \"[reference('hub-d').outputs.no.value]\"}"
                ))
        #expect(reader.ids == ["hub", "hub0", "hub1", "x"].map { network + "/virtualNetworks/" + $0 })
        #expect(reader.properties("/hub1")?["hubId"]?.string == network + "/virtualNetworks/hub")
        #expect(reader.properties("/x")?.object?.isEmpty == true)
        #expect(reader.problems.map(\.field) == ["properties.mode", "properties.port"])
        #expect(!"\(reader.resources)".contains("hunter2"))
    }

    /// Two modules of one shape in two groups: in each the name means its own firewall.
    @Test func namesMeanTheResourceOfTheirOwnTemplate() throws {
        let table = """
            {"type": "Microsoft.Network/routeTables", "name": "[concat('t', parameters('ip'))]",
             "properties": {"routes": [{"name": "r", "properties": {"nextHopIpAddress": "[parameters('ip')]"}}]}}
            """
        let address = "[reference('fw').ipConfigurations[0].properties.privateIPAddress]"
        let routes = TemplateFixture.nested(
            "routes", "\"parameters\": {\"ip\": {\"type\": \"string\"}}, \"resources\": [\(table)]",
            parameters: "{\"ip\": {\"value\": \"\(address)\"}}")
        let firewall = "{\"type\": \"Microsoft.Network/azureFirewalls\", \"name\": \"fw\", \"properties\": {}}"
        let modules = ["a", "b"].map {
            TemplateFixture.nested(
                $0, "\"resources\": [\(firewall), \(routes)]", target: "\"resourceGroup\": \"\($0)\", ")
        }
        let reader = try TemplateFixture.read(resources: modules.joined(separator: ","))
        let tables = reader.resources.filter { $0["type"]?.string == "Microsoft.Network/routeTables" }
        #expect(tables.count == 2)
        for table in tables {
            let hop = table["properties"]?["routes"]?.array?.first?["properties"]?["nextHopResource"]?["id"]?.string
            let group = table["id"]?.string?.contains("/resourceGroups/a/") == true ? "a" : "b"
            #expect(hop?.hasSuffix("/resourceGroups/\(group)/providers/Microsoft.Network/azureFirewalls/fw") == true)
        }
    }

    /// An output that is known in part names as far as it goes.
    @Test func outputsMayBeKnownInPart() throws {
        let module =
            "\"resources\": [], \"outputs\": {\"name\": {\"type\": \"string\", \"value\": \"[concat('a', parameters('free'))]\"}}"
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.nested("m", module) + ","
                + TemplateFixture.vnet("[reference('m').outputs.name.value]"),
            outer)
        #expect(reader.ids == [network + "/virtualNetworks/a{free}"])
    }

    @Test func linkedTemplatesAreSaid() throws {
        let reader = try TemplateFixture.read(
            resources: """
                {"type": "Microsoft.Resources/deployments", "name": "d", "properties": {"templateLink": {"uri": "https://x/y.json"}}},
                \(TemplateFixture.vnet("v", "{\"mode\": \"[reference('d').outputs.x.value]\"}"))
                """)
        #expect(reader.notUnderstood == ["t.json: deployment d: its template is linked and cannot be read"])
        #expect(reader.problems.map(\.field) == ["properties.mode"])
    }

    @Test(arguments: [("false", 0, 0), ("\"[parameters('on')]\"", 1, 1)])
    func aDeploymentsConditionHoldsForAllInIt(condition: String, resources: Int, problems: Int) throws {
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.nested(
                "d", "\"resources\": [\(TemplateFixture.vnet("v"))]", target: "\"condition\": \(condition), "),
            "\"parameters\": {\"on\": {\"type\": \"bool\"}}")
        #expect(reader.resources.count == resources && reader.problems.count == problems)
    }

    @Test func deploymentsInALoopHaveTheirOwnParameters() throws {
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.nested(
                "[concat('d', copyIndex())]",
                "\(inner), \"resources\": [\(TemplateFixture.vnet("[parameters('name')]"))]",
                parameters: "{\"name\": {\"value\": \"[concat('v', copyIndex('all'))]\"}}",
                target: "\"copy\": {\"name\": \"all\", \"count\": 3}, "))
        #expect(reader.ids == (0...2).map { network + "/virtualNetworks/v\($0)" })
    }

    private static let firewall = """
        {"type": "Microsoft.Network/azureFirewalls", "name": "fw", "properties": {"ipConfigurations": [
          {"name": "c", "properties": {"privateIPAddress": "[variables('address')]"}}], "hop": "[reference('t').first]"}}
        """

    @Test(arguments: [
        (
            "reference(resourceId('Microsoft.Network/azureFirewalls', 'fw')).ipConfigurations[0].properties.privateIPAddress",
            true
        ),
        ("reference('fw').ipConfigurations[0].properties.privateIPAddress", true),
        ("reference('FW', '2023-01-01').ipConfigurations[0].Properties.privateIpAddress", true),
        ("reference('Microsoft.Network/azureFirewalls/fw').ipConfigurations[0].properties.privateIPAddress", true),
        ("reference('fw', '2023-01-01', 'Full').properties.ipConfigurations[0].properties.privateIPAddress", true),
        // A circle only when the resources are looked at whole.
        ("reference('fw').hop", true),
        ("reference('fw').ipConfigurations[1].properties.privateIPAddress", false),
        ("reference('fw').provisioningState", false), ("reference('t').itself", false),
        ("reference(resourceId('other', 'Microsoft.Network/azureFirewalls', 'fw')).hop", false),
        ("reference('twice').x", false),
    ])
    func aReferenceIsFollowedToWhatIsDeclared(reference: String, isKnown: Bool) throws {
        let table = """
            {"type": "Microsoft.Network/routeTables", "name": "t", "properties": {"first": "10.0.0.4",
              "itself": "[reference('t').itself]"}}
            """
        let sameName = ["routeTables", "publicIPAddresses"].map {
            "{\"type\": \"Microsoft.Network/\($0)\", \"name\": \"twice\", \"properties\": {\"x\": \"10.0.0.4\"}}"
        }
        let route = TemplateFixture.vnet("v", "{\"nextHop\": \"[\(reference)]\"}")
        let reader = try TemplateFixture.read(
            resources: ([route, TemplateDeploymentTests.firewall, table] + sameName).joined(separator: ","),
            "\"variables\": {\"address\": \"10.0.0.4\"}")
        #expect(reader.properties("/v")?["nextHop"]?.string == (isKnown ? "10.0.0.4" : nil))
        #expect(reader.problems.contains { $0.resource.hasSuffix("/v") } != isKnown)
    }

    /// The address is not known, but whose it is: from the reference itself, an output, a parameter.
    @Test(arguments: [
        (
            "[reference(resourceId('Microsoft.Network/azureFirewalls', 'hub')).ipConfigurations[0].properties.privateIPAddress]",
            "/azureFirewalls/hub"
        ),
        ("[reference('bare').ipConfigurations[0].properties.privateIpAddress]", "/networkInterfaces/bare"),
        ("[reference('d').outputs.ip.value]", "/networkInterfaces/bare"), ("[reference('bare').macAddress]", nil),
        ("[reference('elsewhere').ipConfigurations[0].properties.privateIPAddress]", nil), ("10.0.0.4", nil),
    ])
    func anUnknownNextHopSaysWhoseAddressItIs(hop: String, expected: String?) throws {
        let routes = "[{\"name\": \"r\", \"properties\": {\"nextHopIpAddress\": \"[parameters('ip')]\"}}]"
        let table =
            "{\"type\": \"Microsoft.Network/routeTables\", \"name\": \"t\", \"properties\": {\"routes\": \(routes)}}"
        let bare = "{\"type\": \"Microsoft.Network/networkInterfaces\", \"name\": \"bare\", \"properties\": {}}"
        let output = "[reference('bare').ipConfigurations[0].properties.privateIPAddress]"
        let parameter = "\"parameters\": {\"ip\": {\"type\": \"string\"}}"
        let reader = try TemplateFixture.read(
            resources: [
                bare,
                TemplateFixture.nested(
                    "d", "\"resources\": [], \"outputs\": {\"ip\": {\"type\": \"string\", \"value\": \"\(output)\"}}",
                    scope: nil),
                TemplateFixture.nested(
                    "routes", "\(parameter), \"resources\": [\(table)]", parameters: "{\"ip\": {\"value\": \"\(hop)\"}}"
                ),
            ].joined(separator: ","))
        let route = reader.properties("/t")?["routes"]?.array?.first?["properties"]
        #expect(route?["nextHopResource"]?["id"]?.string == expected.map { network + $0 })
        #expect((route?["nextHopIpAddress"] == nil) == (hop != "10.0.0.4"))
    }

    @Test func twoDeclarationsThatDifferAnswerNothing() throws {
        func firewall(_ address: String, _ condition: String) -> String {
            "{\"type\": \"Microsoft.Network/azureFirewalls\", \"name\": \"fw\", \"condition\": \(condition), "
                + "\"properties\": {\"ip\": \"\(address)\"}}"
        }
        for (condition, expected) in [("true", nil), ("false", "10.0.0.4")] {
            let reader = try TemplateFixture.read(
                resources: firewall("10.0.0.4", "true") + "," + firewall("10.0.0.5", condition) + ","
                    + TemplateFixture.vnet("v", "{\"hop\": \"[reference('fw').ip]\"}"))
            #expect(reader.properties("/v")?["hop"]?.string == expected)
        }
    }
}
