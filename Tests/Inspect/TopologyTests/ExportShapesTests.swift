import FlowModel
import Topology
import Testing

/// What tools make of one and the same resource. The numbers are those of the list of oddities that an importer must
/// survive, which was made from some 70 real exports.
@Suite struct ExportShapesTests {
    private static let vnet =
        "{\"id\":\"\(Imported.id("virtualNetworks/V"))\",\"name\":\"V\",\"type\":\"Microsoft.Network/virtualNetworks\","
        + "\"properties\":{\"addressSpace\":{\"addressPrefixes\":[\"10.1.0.0/16\"]}}}"

    private static let nic =
        "{\"id\":\"\(Imported.id("networkInterfaces/n"))\",\"name\":\"n\",\"properties\":{\"ipConfigurations\":[]}}"

    private static func route(_ name: String) -> String {
        "{\"id\":\"\(Imported.id("routeTables/T/routes/\(name)"))\",\"name\":\"\(name)\",\"addressPrefix\":\"10.9.0.0/16\","
            + "\"nextHopType\":\"None\"}"
    }

    @Test(
        "1, 3, 4: every wrapper holds the same VNet",
        arguments: [
            vnet, "[\(vnet)]", "{\"value\":[\(vnet)]}", "{\"value\":\(vnet)}", "{\"data\":[\(vnet)]}",
            "{\"data\":\(vnet)}",
            "\(vnet)\n\(vnet)", "\u{feff}\(vnet)\r\n", "{\"newVNet\":\(vnet)}",
            "[{\"value\":[\(vnet)]},{\"value\":[]}]",
            "{\"value\":[\(vnet)]}{\"value\":[\(vnet)]}",
        ])
    func everyWrapperHoldsTheSameVNet(text: String) throws {
        let imported = try Imported(text)
        #expect(imported.set.digest == (try Imported(Self.vnet).set.digest))
        #expect(imported.resources.count == 1)
        #expect(imported.property("virtualNetworks/V", "addressSpace", "addressPrefixes", "0")?.string == "10.1.0.0/16")
        #expect(imported.set.problems.isEmpty && imported.set.notUnderstood.isEmpty)
    }

    @Test(
        "1, 4: lists under names of their own, and lists in a list",
        arguments: [
            ("{\"vnet\":\(vnet),\"nics\":[\(nic)]}", [String]()), ("{\"vnets\":[\(vnet)],\"nics\":[\(nic)]}", []),
            ("[[\(vnet)],[\(nic)]]", []), ("[[\(vnet)],[],[\(nic)]]", []),
            ("{\"vnets\":[\(vnet)],\"nics\":[\(nic)],\"gateways\":[ ],\"tags\":{}}", []),
            ("[{\"value\":[\(vnet)]},[\(nic)]]", []),
            ("{\"value\":[\(vnet)],\"nics\":[\(nic)],\"facets\":[{\"data\":[{\"count\":1}]}]}", []),
            ("{\"a\":{\"value\":[\(vnet)]},\"b\":{\"data\":[\(nic)]}}", []),
            (
                "{\"vnets\":[\(vnet)],\"nics\":[\(nic),{\"a\":1}],\"count\":2}",
                ["0.json: an object without the id of an Azure resource"]
            ),
            (
                "{\"vnets\":[\(vnet)],\"nics\":[\(nic)],\"zones\":[{\"a\":1}],\"more\":{\"b\":[]}}",
                ["0.json: its member more holds no resource", "0.json: its member zones holds no resource"]
            ),
        ])
    func listsUnderNamesOfTheirOwn(text: String, notes: [String]) throws {
        let imported = try Imported(text)
        #expect(imported.resources.count == 2)
        #expect(imported.set.notUnderstood == notes)
        #expect(imported.set.digest == (try Imported(Self.vnet, Self.nic).set.digest))
    }

    @Test(
        "1: wrappers in wrappers are read to a limit, and what lies deeper is told",
        arguments: [(7, true), (40, false), (250, false)])
    func wrappersNestToALimit(depth: Int, isRead: Bool) throws {
        for (open, close) in [("{\"value\":", "}"), ("[", "]"), ("{\"value\":[", "]}")] {
            let text = String(repeating: open, count: depth) + Self.vnet + String(repeating: close, count: depth)
            let imported = try Imported(text, Self.nic)
            #expect(imported.resources.count == (isRead ? 2 : 1))
            #expect(
                imported.set.notUnderstood
                    == (isRead ? [] : ["0.json: wrappers more than 8 deep: what lies deeper is not read"]))
        }
    }

    @Test(
        "9: the NIC of a scale set's machine is a NIC, whether a type says so or not",
        arguments: [
            "", "\"type\":\"Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces\",",
            "\"type\":\"Microsoft.Network/networkInterfaces\",",
        ])
    func interfacesOfScaleSets(type: String) throws {
        let id =
            "/subscriptions/s/resourceGroups/RG/providers/Microsoft.Compute/virtualMachineScaleSets/x/virtualMachines/0/"
            + "networkInterfaces/n"
        let imported = try Imported("{\"value\":[{\(type)\"name\":\"n\",\"id\":\"\(id)\",\"properties\":{}}]}")
        #expect(imported.resources[id.lowercased()]?["type"]?.string == "Microsoft.Network/networkInterfaces")
        #expect(imported.set.notUnderstood.isEmpty)
    }

    @Test("2: Resource Graph's table form")
    func tables() throws {
        let text = """
            {"totalRecords":1,"count":1,"resultTruncated":"false","facets":[],"data":{"rows":[["\(Imported.id("virtualNetworks/V"))",
            "V","microsoft.network/virtualnetworks","secret",{"addressSpace":{"addressPrefixes":["10.1.0.0/16"]}},null]],
            "columns":[{"name":"id","type":"string"},{"name":"name","type":"string"},{"name":"type","type":"string"},
            {"name":"identity","type":"string"},{"name":"properties","type":"object"},{"name":"tags","type":"object"}]}}
            """
        #expect(try Imported(text).set.digest == Imported(Self.vnet).set.digest)
    }

    @Test(
        "2: a page that is not the last is said to be incomplete, with file and field",
        arguments: [
            ("nextLink", "\"nextLink\":\"https://x\"", true), ("nextLink", "\"nextLink\":null", false),
            ("nextLink", "\"nextLink\":\"\"", false), ("$skipToken", "\"$skipToken\":\"x\"", true),
            ("skip_token", "\"skip_token\":\"x\"", true), ("skip_token", "\"skip_token\":null", false),
            ("resultTruncated", "\"resultTruncated\":\"true\"", true),
            ("resultTruncated", "\"resultTruncated\":\"false\"", false),
            ("resultTruncated", "\"resultTruncated\":true", true),
            ("totalRecords", "\"totalRecords\":250,\"count\":100", true),
            ("total_records", "\"total_records\":100,\"count\":100", false),
        ])
    func pages(field: String, member: String, isCut: Bool) throws {
        for text in ["{\(member),\"data\":[\(Self.vnet)]}", "{\"value\":[\(Self.vnet)],\(member)}"] {
            let imported = try Imported(text)
            #expect(imported.set.problems.map(\.field) == (isCut ? [field] : []))
            #expect(imported.set.problems.allSatisfy { $0.resource == "0.json" })
            #expect((imported.set.digest == (try Imported(Self.vnet).set.digest)) != isCut)
        }
    }

    @Test(
        "5, 25, 28: what is no export is named",
        arguments: [
            ("{\"log\":{\"entries\":[]}}", "HAR"), ("{\"interactions\":[{\"request\":{}}]}", "interactions"),
            ("{\"response\":{\"body\":{\"data\":{}}}}", "recording"),
            ("{\"responses\":{\"200\":{\"body\":{}}}}", "specification"),
            ("{\"format_version\":\"1\",\"planned_values\":{}}", "plan"),
            ("{\"$schema\":\"https://x/deploymentParameters.json#\",\"parameters\":{}}", "parameters"),
            (
                "{\"value\":[{\"source\":\"Default\",\"state\":\"Active\",\"addressPrefix\":[\"10.0.0.0/16\"],\"nextHopType\":\"VnetLocal\"}]}",
                "effective routes: compare them with `flowsight topology verify`"
            ),
            ("[1,\"a\"]", "no resources"), ("7", "no object"), ("{}", "empty"), ("[[]]", "holds no resource"),
            ("[[1]]", "no resources"),
            ("{\"a\":1}", "without the id"), ("", "is empty"), ("[]", "holds no resource"),
            ("{\"value\":[]}", "holds no resource"),
        ])
    func refusals(text: String, word: String) throws {
        let imported = try Imported(text, Self.vnet)
        #expect(imported.set.notUnderstood.count == 1)
        #expect(imported.set.notUnderstood.first?.hasPrefix("0.json: ") == true)
        #expect(imported.set.notUnderstood.first?.contains(word) == true, "\(imported.set.notUnderstood)")
        #expect(imported.resources.count == 1)
    }

    @Test("6, 7, 8, 9: REST, the command line and PowerShell say the same of a NIC")
    func spellings() throws {
        let id = Imported.id("networkInterfaces/n")
        let subnet = Imported.id("virtualNetworks/v/subnets/s")
        let rest = """
            {"id":"\(id)","name":"n","type":"Microsoft.Network/networkInterfaces","etag":"e","location":"x","properties":
            {"enableIPForwarding":true,"provisioningState":"Succeeded","macAddress":"00-0D-3A-00-00-01","ipConfigurations":
            [{"name":"a","id":"\(id)/ipConfigurations/a","type":"Microsoft.Network/networkInterfaces/ipConfigurations",
            "properties":{"primary":true,"provisioningState":"Succeeded","privateIPAddress":"10.1.0.4","subnet":{"id":"\(subnet)"}}}]}}
            """
        let cli = """
            {"id":"\(id.uppercased())","name":"n","resourceGroup":"RG","enableIpForwarding":true,"provisioningState":"Succeeded",
            "macAddress":"00-0D-3A-00-00-01","networkSecurityGroup":null,"dnsSettings":{"dnsServers":[]},"ipConfigurations":
            [{"name":"a","id":"\(id)/ipConfigurations/a","resourceGroup":"RG","primary":true,"privateIpAddress":"10.1.0.4",
            "subnet":{"id":"\(subnet.uppercased())","resourceGroup":"RG"}}],"tags":null}
            """
        let powershell = """
            {"Name":"n","ResourceId":"\(id)","Id":"\(id)","ResourceType":"Microsoft.Network/networkInterfaces","Sku":null,"Tags":{},
            "Properties":{"enableIPForwarding":"True","provisioningState":"Succeeded","macAddress":"00-0D-3A-00-00-01",
            "ipConfigurations":[{"Name":"a","Properties":{"Primary":true,"PrivateIPAddress":"10.1.0.4","Subnet":{"Id":"\(subnet)"}}}]}}
            """
        let digests = try [rest, cli, powershell, "{\"NewNIC\":\(cli)}", "[\(rest),\(cli),\(powershell)]"].map {
            try Imported($0).set.digest
        }
        #expect(Set(digests).count == 1)
        #expect(try Imported(rest, cli, powershell).set.problems.isEmpty)
    }

    @Test("8, 24: the firewall's SKU is taken from where it says something")
    func skus() throws {
        let id = Imported.id("azureFirewalls/f")
        let texts = [
            "{\"Id\":\"\(id)\",\"Sku\":null,\"Properties\":{\"sku\":{\"name\":\"AZFW_VNet\",\"tier\":\"Basic\"}}}",
            "{\"id\":\"\(id)\",\"sku\":{\"name\":\"AZFW_VNet\",\"tier\":\"Basic\"}}",
        ]
        for text in texts {
            #expect(try Imported(text).property("azureFirewalls/f", "sku", "tier")?.string == "Basic", "\(text)")
        }
    }

    @Test("9: types in any case, old names, and types that only the id spells")
    func types() throws {
        let imported = try Imported(
            "[{\"id\":\"\(Imported.id("publicIPAddresses/p"))\",\"type\":\"Microsoft.Network/publicIpAddresses\"},"
                + "{\"id\":\"\(Imported.id("networkWatchers/w/FlowLogs/l"))\",\"properties\":{\"targetResourceId\":\"/X\"}},"
                + "{\"id\":\"\(Imported.id("FirewallPolicies/p/RuleCollectionGroups/g"))\",\"properties\":{\"priority\":100}}]"
        )
        let types = imported.resources.values.compactMap { $0["type"]?.string }.sorted()
        #expect(
            types == [
                "Microsoft.Network/firewallPolicies/ruleCollectionGroups", "Microsoft.Network/networkWatchers/flowLogs",
                "Microsoft.Network/publicIPAddresses",
            ])
    }

    @Test("10, 11: ids compare without case, whatever the subscription is called")
    func ids() throws {
        let id = "/subscriptions/не-GUID/resourceGroups/Г/providers/Microsoft.Network/routeTables/T"
        let imported = try Imported(
            "{\"id\":\"\(id)\",\"properties\":{}}", "{\"id\":\"\(id.uppercased())/\",\"properties\":{}}")
        #expect(imported.resources.keys.sorted() == [id.lowercased()])
    }

    @Test("12: a name that differs from the id is shown, and the place decides whose peering it is")
    func names() throws {
        let peering =
            "{\"id\":\"\(Imported.id("virtualNetworks/other/virtualNetworkPeerings/p"))\",\"name\":\"p\",\"properties\":"
            + "{\"remoteVirtualNetwork\":{\"id\":\"\(Imported.id("virtualNetworks/W"))\"},\"peeringState\":\"Connected\"}}"
        let text =
            "{\"id\":\"\(Imported.id("virtualNetworks/V"))\",\"name\":\"shown\",\"properties\":{\"addressSpace\":"
            + "{\"addressPrefixes\":[\"10.1.0.0/16\"]},\"virtualNetworkPeerings\":[\(peering)]}}"
        let topology = try Topology(documents: Imported.documents([text]))
        #expect(topology.name(of: "\(Imported.group)/virtualnetworks/v").name == "shown")
        #expect(topology.problems.map(\.resource) == ["\(Imported.group)/virtualnetworks/v/virtualnetworkpeerings/p"])
    }
}
