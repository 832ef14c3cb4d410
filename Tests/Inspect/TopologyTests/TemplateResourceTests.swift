import FlowModel
import Foundation
import Testing
import Topology

/// What a template declares: names, children, loops, conditions.
@Suite struct TemplateResourceTests {
    private let network = TemplateFixture.network

    @Test func aResourceComesAsRESTWouldAnswerIt() throws {
        let reader = try TemplateFixture.read(
            resources: """
                {"type": "Microsoft.Network/publicIPAddresses", "apiVersion": "2023-01-01", "name": "p", "location": "westeurope",
                 "tags": {"a": "[variables('tag')]", "b": "[parameters('x')]"}, "sku": {"name": "Standard"}, "zones": ["1"],
                 "dependsOn": ["x"], "properties": {"publicIPAllocationMethod": "Static"}}
                """, "\"variables\": {\"tag\": \"t\"}")
        let expected = try TemplateFixture.json(
            """
            [{"id": "\(network)/publicIPAddresses/p", "type": "Microsoft.Network/publicIPAddresses", "name": "p",
              "location": "westeurope", "tags": {"a": "t"}, "sku": {"name": "Standard"}, "zones": ["1"],
              "properties": {"publicIPAllocationMethod": "Static"}}]
            """)
        #expect(.array(reader.resources) == expected)
        #expect(reader.problems.isEmpty && reader.notUnderstood.isEmpty)
    }

    @Test func keysInAnyCaseAreRead() throws {
        let text = TemplateFixture.template(
            """
            "Parameters": {"vnetName": {"Type": "string", "DefaultValue": "v"}},
            "Resources": [{"TYPE": "Microsoft.Network/virtualNetworks", "Name": "[parameters('VNETNAME')]",
              "Properties": {"Copy": [{"Name": "subnets", "Count": 2, "Input": {"name": "[string(copyIndex('subnets'))]"}}]}}]
            """)
        let reader = try TemplateFixture.read(text)
        #expect(reader.ids == [network + "/virtualNetworks/v"])
        #expect(reader.properties("/v")?["subnets"]?.array?.count == 2)
        let lowered = try TemplateFixture.read(text.replacing("\"Default", with: "\"default").lowercased())
        #expect(lowered.ids.map { $0.lowercased() } == reader.ids.map { $0.lowercased() })
    }

    @Test func oneParameterWithoutAValueIsOneResource() throws {
        let name = "[parameters('virtualNetworks_x_name')]"
        let subnet = "[concat(parameters('virtualNetworks_x_name'), '/', 'a')]"
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.vnet(name, "{\"subnets\": [{\"name\": \"a\", \"properties\": {}}]}")
                + ",{\"type\": \"Microsoft.Network/virtualNetworks/subnets\", \"name\": \"\(subnet)\", \"properties\": {}}",
            "\"parameters\": {\"virtualNetworks_x_name\": {\"type\": \"String\"}}")
        let vnet = network + "/virtualNetworks/{virtualNetworks_x_name}"
        #expect(reader.ids == [vnet, vnet + "/subnets/a"])
        #expect(reader.resources[0]["properties"]?["subnets"]?.array?.first?["id"]?.string == vnet + "/subnets/a")
        #expect(reader.resources[1]["name"]?.string == "a")
    }

    @Test(arguments: [
        // Children under `resources`: relative type and name, or whole ones.
        ("subnets", "s", "/subnets/s"), ("subnets", "v/s", "/subnets/s"),
        ("Microsoft.Network/virtualNetworks/subnets", "s", "/subnets/s"),
        ("Microsoft.Network/virtualNetworks/subnets", "v/s", "/subnets/s"),
        ("virtualNetworkPeerings", "[concat('to-', parameters('far'))]", "/virtualNetworkPeerings/to-{far}"),
        ("providers/locks", "Microsoft.Authorization/keep", "/providers/Microsoft.Authorization/locks/keep"),
    ])
    func childrenAreResourcesOfTheirOwn(type: String, name: String, end: String) throws {
        let child = "{\"type\": \"\(type)\", \"name\": \"\(name)\", \"properties\": {}}"
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.vnet("v", "{}", "\"resources\": [\(child)]"),
            "\"parameters\": {\"far\": {\"type\": \"string\"}}")
        #expect(reader.ids == [network + "/virtualNetworks/v", network + "/virtualNetworks/v" + end])
        #expect(reader.problems.isEmpty)
    }

    @Test(arguments: [("v", false), ("v/s/x", false), ("v//", false), ("v/s", true), ("[parameters('whole')]", true)])
    func aNameHasAsManyPartsAsItsType(name: String, isRead: Bool) throws {
        let reader = try TemplateFixture.read(
            resources: "{\"type\": \"Microsoft.Network/virtualNetworks/subnets\", \"name\": \"\(name)\"}",
            "\"parameters\": {\"whole\": {\"type\": \"string\"}}")
        #expect(reader.resources.isEmpty != isRead)
        #expect(reader.problems.isEmpty == isRead)
        if name.hasPrefix("[") {
            #expect(reader.ids == [network + "/virtualNetworks/{parent 1 of {whole}}/subnets/{whole}"])
        }
    }

    @Test(arguments: [
        ("[resourceId('Microsoft.Network/routeTables', 't')]", "\(TemplateFixture.network)/routeTables/t"),
        (
            "[resourceId('g', 'Microsoft.Network/routeTables', 't')]",
            "/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.Network/routeTables/t"
        ),
        (
            "[resourceId(subscription().subscriptionId, 'g', 'Microsoft.Network/virtualNetworks/subnets', 'v', 's')]",
            "/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s"
        ),
        (
            "[resourceId('S', 'G', 'Microsoft.Network/routeTables', 't')]",
            "/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/routeTables/t"
        ),
        (
            "[resourceId(parameters('far'), parameters('far'), 'Microsoft.Network/routeTables', parameters('far'))]",
            "/subscriptions/{far}/resourceGroups/{far}/providers/Microsoft.Network/routeTables/{far}"
        ),
        (
            "[subscriptionResourceId('Microsoft.Network/policies', 'p')]",
            "/subscriptions/{subscription}/providers/Microsoft.Network/policies/p"
        ),
        (
            "[subscriptionResourceId('Microsoft.Resources/resourceGroups', 'g')]",
            "/subscriptions/{subscription}/resourceGroups/g"
        ),
        (
            "[tenantResourceId('Microsoft.Authorization/policyDefinitions', 'p')]",
            "/providers/Microsoft.Authorization/policyDefinitions/p"
        ),
        (
            "[managementGroupResourceId('Microsoft.Authorization/policyDefinitions', 'p')]",
            "/providers/Microsoft.Management/managementGroups/{managementgroup}/providers/Microsoft.Authorization/policyDefinitions/p"
        ),
        (
            "[extensionResourceId(resourceId('Microsoft.Network/routeTables', 't'), 'Microsoft.Authorization/locks', 'l')]",
            "\(TemplateFixture.network)/routeTables/t/providers/Microsoft.Authorization/locks/l"
        ),
        (
            "[format('{0}/subnets/{1}', resourceId('Microsoft.Network/virtualNetworks', 'v'), 's')]",
            "\(TemplateFixture.network)/virtualNetworks/v/subnets/s"
        ),
        (
            "[concat(resourceGroup().id, '/providers/Microsoft.Network/routeTables/t')]",
            "\(TemplateFixture.network)/routeTables/t"
        ),
        ("[resourceId('Microsoft.Network/virtualNetworks/subnets', 'v')]", nil), ("[resourceId('noType', 'v')]", nil),
        ("[parameters('far')]", "{far}"),
    ])
    func idsAreMadeInAllForms(expression: String, expected: String?) throws {
        let (value, _) = try TemplateFixture.value(
            expression, key: "id", "\"parameters\": {\"far\": {\"type\": \"string\"}}")
        #expect(value?.string == expected)
    }

    @Test func loopsAreUnrolled() throws {
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.vnet(
                "[concat('v', copyIndex(1))]",
                """
                {"addressSpace": {"addressPrefixes": ["[format('10.{0}.0.0/16', copyIndex('nets'))]"]},
                 "copy": [{"name": "subnets", "count": "[length(variables('names'))]", "input": {
                   "name": "[variables('names')[copyIndex('subnets')]]",
                   "properties": {"addressPrefix": "[cidrSubnet(format('10.{0}.0.0/16', copyIndex('nets')), 24, copyIndex('subnets'))]"}}}]}
                """, "\"copy\": {\"name\": \"nets\", \"count\": 3}"), "\"variables\": {\"names\": [\"a\", \"b\"]}")
        #expect(reader.ids == (1...3).map { network + "/virtualNetworks/v\($0)" })
        let subnets = reader.properties("/v3")?["subnets"]?.array
        #expect(subnets?.map { $0["properties"]?["addressPrefix"]?.string } == ["10.2.0.0/24", "10.2.1.0/24"])
        #expect(reader.properties("/v3")?["copy"] == nil)
        #expect(reader.problems.isEmpty)
    }

    @Test(arguments: [
        ("0", 0, true), ("800", 800, true), ("801", 0, false), ("-1", 0, false), ("\"[parameters('n')]\"", 0, false),
    ])
    func aLoopOfUnknownOrForbiddenLengthIsSaid(count: String, resources: Int, isRight: Bool) throws {
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.vnet(
                "[concat('v', copyIndex())]", "{}", "\"copy\": {\"name\": \"nets\", \"count\": \(count)}"),
            "\"parameters\": {\"n\": {\"type\": \"int\"}}")
        #expect(reader.resources.count == resources)
        #expect(reader.problems.map(\.field) == (isRight ? [] : ["resources[nets].copy.count"]))
        let inner = try TemplateFixture.read(
            resources: TemplateFixture.vnet(
                "v", "{\"copy\": [{\"name\": \"subnets\", \"count\": \(count), \"input\": {\"name\": \"s\"}}]}"),
            "\"parameters\": {\"n\": {\"type\": \"int\"}}")
        #expect(inner.properties("/v")?["subnets"]?.array?.count == (isRight ? resources : nil))
        #expect(inner.problems.map(\.field) == (isRight ? [] : ["properties.subnets"]))
    }

    @Test(arguments: [
        ("false", 0, false), ("true", 1, false), ("\"[equals('a', 'b')]\"", 0, false),
        ("\"[not(equals('a', 'b'))]\"", 1, false),
        ("\"[parameters('on')]\"", 1, true), ("\"False\"", 0, false),
    ])
    func aConditionDecidesOrIsSaid(condition: String, resources: Int, isSaid: Bool) throws {
        let reader = try TemplateFixture.read(
            resources: TemplateFixture.vnet("v", "{}", "\"condition\": \(condition)"),
            "\"parameters\": {\"on\": {\"type\": \"bool\"}}")
        #expect(reader.resources.count == resources)
        #expect(reader.problems.map(\.field) == (isSaid ? ["condition"] : []))
    }

    @Test func aRouteWithoutAKnownNextHopStaysARoute() throws {
        let reader = try TemplateFixture.read(
            resources: """
                {"type": "Microsoft.Network/routeTables", "name": "T", "properties": {"disableBgpRoutePropagation": "True", "routes": [
                 {"name": "r", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance",
                  "nextHopIpAddress": "[reference('fw').ipConfigurations[0].properties.privateIPAddress]"}}]}}
                """)
        let table = network + "/routeTables/T"
        #expect(
            reader.properties("/T")
                == (try TemplateFixture.json(
                    """
                    {"disableBgpRoutePropagation": true, "routes": [{"id": "\(table)/routes/r", "name": "r",
                     "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance"}}]}
                    """)))
        #expect(
            reader.problems == [
                TopologyProblem(
                    resource: table.lowercased(), field: "properties.routes[0].properties.nextHopIpAddress",
                    problem:
                        "cannot be known from a template: reference('fw').ipConfigurations[0].properties.privateIPAddress"
                )
            ])
    }

    @Test func symbolicNamesAndExistingResources() throws {
        let reader = try TemplateFixture.read(
            TemplateFixture.template(
                """
                "languageVersion": "2.0", "resources": {
                  "hub": {"existing": true, "type": "Microsoft.Network/virtualNetworks", "name": "hub", "resourceGroup": "far"},
                  "fw": {"type": "Microsoft.Network/azureFirewalls", "name": "fw", "properties": {"ipConfigurations": [
                    {"name": "c", "properties": {"privateIPAddress": "10.0.0.4"}}]}},
                  "spoke": {"copy": {"name": "spokes", "count": 2}, "type": "Microsoft.Network/virtualNetworks",
                    "name": "[format('spoke{0}', copyIndex())]", "properties": {"n": "[copyIndex()]"}},
                  "table": {"type": "Microsoft.Network/routeTables", "name": "t", "properties": {
                    "hubId": "[resourceInfo('hub').id]", "hop": "[reference('fw').ipConfigurations[0].properties.privateIPAddress]",
                    "second": "[reference('spoke[1]').n]", "mode": "[reference('hub').addressSpace]"}}}
                """))
        #expect(reader.ids.map { lastPart($0) } == ["fw", "t", "spoke0", "spoke1"])
        let table = reader.properties("/t")
        #expect(
            table?["hubId"]?.string
                == "/subscriptions/{subscription}/resourceGroups/far/providers/Microsoft.Network/virtualNetworks/hub")
        #expect(table?["hop"]?.string == "10.0.0.4" && table?["second"]?.number == 1)
        #expect(reader.problems.map(\.field) == ["properties.mode"])
    }

    @Test(arguments: [
        ("subscriptionDeploymentTemplate", "/subscriptions/{subscription}"),
        ("managementGroupDeploymentTemplate", "/providers/Microsoft.Management/managementGroups/{managementgroup}"),
        ("tenantDeploymentTemplate", ""),
        ("deploymentTemplate", "/subscriptions/{subscription}/resourceGroups/{resourcegroup}"),
    ])
    func theSchemaSaysWhereTheTemplateGoes(schema: String, prefix: String) throws {
        let reader = try TemplateFixture.read(
            TemplateFixture.template("\"resources\": [{\"type\": \"Microsoft.X/y\", \"name\": \"z\"}]", schema: schema))
        #expect(reader.ids == [prefix + "/providers/Microsoft.X/y/z"])
    }

    /// What Bicep makes of `vnet.properties.subnets[1].id`, and of a firewall whose address Azure chooses.
    @Test(arguments: [["10.9.0.4"], ["10.9.0.4", "10.9.0.5"], []])
    func subnetsByPlaceAndAFirewallWithoutAddress(hops: [String]) throws {
        let vnet = "reference(resourceId('Microsoft.Network/virtualNetworks', 'v'), '2023-09-01').subnets"
        let routes = hops.enumerated().map { number, hop in
            "{\"name\": \"r\(number)\", \"properties\": {\"addressPrefix\": \"10.9.\(number + 2).0/24\", \"nextHopType\": "
                + "\"VirtualAppliance\", \"nextHopIpAddress\": \"\(hop)\"}}"
        }
        let text = TemplateFixture.template(
            """
            "resources": [
              {"type": "Microsoft.Network/routeTables", "name": "t", "properties": {"routes": [\(routes.joined(separator: ","))]}},
              {"type": "Microsoft.Network/virtualNetworks", "name": "v", "properties": {"addressSpace": {"addressPrefixes":
                ["10.9.0.0/16"]}, "subnets": [
                {"name": "AzureFirewallSubnet", "properties": {"addressPrefix": "10.9.0.0/26"}},
                {"name": "client", "properties": {"addressPrefix": "10.9.1.0/24", "routeTable":
                  {"id": "[resourceId('Microsoft.Network/routeTables', 't')]"}}},
                {"name": "endpoints", "properties": {"addressPrefix": "10.9.2.0/24", "privateEndpointNetworkPolicies": "Enabled"}}
              ]}},
              {"type": "Microsoft.Network/azureFirewalls", "name": "fw", "properties": {"sku": {"name": "AZFW_VNet"},
                "ipConfigurations": [{"name": "c", "properties": {"subnet": {"id": "[\(vnet)[0].id]"}}}]}},
              {"type": "Microsoft.Network/privateEndpoints", "name": "pe", "properties": {"subnet": {"id": "[\(vnet)[2].id]"},
                "ipConfigurations": [{"name": "i", "properties": {"privateIPAddress": "10.9.2.5"}}],
                "privateLinkServiceConnections": [{"name": "c", "properties": {"privateLinkServiceId":
                  "[resourceId('Microsoft.Storage/storageAccounts', 's')]", "groupIds": ["blob"]}}]}}
            ]
            """)
        let topology = try Topology(documents: [TopologyDocument(name: "t.json", bytes: Array(text.utf8))])
        let answer = topology.explain(
            from: try topology.place("10.9.1.4"), to: try topology.place("10.9.2.5"), ipProtocol: IPProtocol.tcp,
            port: 443)
        #expect(topology.problems.contains { $0.problem.hasPrefix("is missing") })
        switch hops.count {
        case 0: #expect(answer.inspected == false)
        case 1:
            #expect(answer.inspected == true)
            #expect(answer.confidence < .high)
            #expect(answer.restsOn.contains { $0.hasPrefix("the export names no address of fw") })
        default: #expect(answer.inspected == nil, "which of the two the firewall has is not known")
        }
    }

    /// As people write templates by hand: comments where JSON has none, expressions over several lines.
    @Test func templatesMayHoldCommentsAndTextsOfSeveralLines() throws {
        let text = """
            // The hub.
            {
              /* "$schema": "none", */
              "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
              "contentVersion": "1.0.0.0", // never changed
              "variables": {"link": "https://example.com/* no comment */ // neither", "quoted": "a \\" // b"},
              "resources": [
                {"type": "Microsoft.Network/virtualNetworks", "name": "[concat('vnet',
                    '-hub')]", "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16" /* all */]}}}
              ]
            }
            """
        var resources = ResourceSet()
        try resources.add(TopologyDocument(name: "t.json", bytes: Array(text.utf8)))
        let topology = try Topology(resources)
        #expect(topology.vnetDomains.keys.map { $0.hasSuffix("/virtualnetworks/vnet-hub") } == [true])
        // The same in a file that is no template, and a comment without an end, are errors with their place.
        for (broken, place) in [
            (text.replacing("$schema", with: "scheme"), "byte 0"), (text.replacing("all */", with: "all"), "byte"),
        ] {
            var resources = ResourceSet()
            let error = #expect(throws: TopologyError.self) {
                try resources.add(TopologyDocument(name: "t.json", bytes: Array(broken.utf8)))
            }
            #expect(error?.cause.contains(place) == true)
        }
    }

    @Test func templatesAndParameterFilesAreRecognised() throws {
        let parameters = TemplateFixture.template(
            "\"parameters\": {\"a\": {\"value\": 1}}", schema: "deploymentParameters")
        let reader = try TemplateFixture.read(parameters)
        #expect(reader.resources.isEmpty && reader.notUnderstood.count == 1)
        #expect(reader.notUnderstood.first?.hasPrefix("t.json: parameters of an ARM template: ") == true)
        for (text, isTemplate) in [
            (parameters, true), (TemplateFixture.template("\"resources\": []"), true),
            (TemplateFixture.template("\"RESOURCES\": {}"), true),
            ("{\"contentVersion\": \"1.0.0.0\", \"resources\": []}", true),
            ("{\"resources\": []}", false), ("{\"$schema\": \"x\", \"resources\": []}", false), ("[]", false),
            ("{}", false),
            ("{\"version\": 4, \"terraform_version\": \"1\", \"resources\": []}", false), ("{\"value\": []}", false),
        ] {
            #expect(TemplateReader.isTemplate(try TemplateFixture.json(text)) == isTemplate, "\(text)")
        }
    }
}

private func lastPart(_ id: String) -> String { id.split(separator: "/").last.map(String.init) ?? id }
