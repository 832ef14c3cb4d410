import FlowModel
import Testing
import Topology

/// A spoke whose subnet `apps` has the group under test, beside a hub with firewall and gateway.
struct SecurityLab {
    /// Rules as JSON objects, inside the group.
    var rules: [String] = []
    /// Rules as own resources: name and JSON properties.
    var ownRules: [(name: String, properties: String)] = []
    /// Azure's default rules, where the export holds them.
    var defaults: String?
    var interfaceRules: [String]?
    var endpointRules: [String]?
    var policies: String?
    var routes: [String] = []
    var hasGateway = false
    var onPremises = ""
    var groupsOfClient: [String] = []
    var groupsOfServer: [String] = []
    var isGroupExported = true
    var hasAccessToHub = true

    static func rule(
        _ name: String, _ priority: Int, _ direction: String, _ access: String, _ ipProtocol: String = "*",
        from: String = "*", to: String = "*", ports: String = "*", extra: String = ""
    ) -> String {
        "{\"name\":\"\(name)\",\"properties\":{\(properties(priority, direction, access, ipProtocol, from, to, ports, extra))}}"
    }

    static func properties(
        _ priority: Int, _ direction: String, _ access: String, _ ipProtocol: String = "*", _ from: String = "*",
        _ to: String = "*", _ ports: String = "*", _ extra: String = ""
    ) -> String {
        func field(_ name: String, _ text: String) -> String {
            text.contains(",")
                ? "\"\(name)es\":[\(text.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ","))]"
                : "\"\(name)\":\"\(text)\""
        }
        let portField = field("destinationPortRange", ports).replacing("PortRangees", with: "PortRanges")
        return
            "\"priority\":\(priority),\"direction\":\"\(direction)\",\"access\":\"\(access)\",\"protocol\":\"\(ipProtocol)\","
            + "\(field("sourceAddressPrefix", from)),\(field("destinationAddressPrefix", to)),\(portField)\(extra)"
    }

    static func group(_ name: String) -> String { TestNetwork.network("applicationSecurityGroups", name) }

    private func subnet(
        _ name: String, _ prefix: String, group: String? = nil, table: String? = nil, policies: String? = nil
    )
        -> String
    {
        let nsg = group.map {
            ",\"networkSecurityGroup\":{\"id\":\"\(TestNetwork.network("networkSecurityGroups", $0))\"}"
        }
        let routes = table.map { ",\"routeTable\":{\"id\":\"\(TestNetwork.network("routeTables", $0))\"}" }
        let policy = policies.map { ",\"privateEndpointNetworkPolicies\":\"\($0)\"" }
        return
            "{\"name\":\"\(name)\",\"properties\":{\"addressPrefix\":\"\(prefix)\"\(nsg ?? "")\(routes ?? "")\(policy ?? "")}}"
    }

    private func addNIC(_ network: inout TestNetwork, _ name: String, _ address: String, groups: [String]) {
        let nsg =
            name == "client" && interfaceRules != nil
            ? ",\"networkSecurityGroup\":{\"id\":\"\(TestNetwork.network("networkSecurityGroups", "nic-nsg"))\"}" : ""
        let members = groups.map { "{\"id\":\"\(SecurityLab.group($0))\"}" }.joined(separator: ",")
        network.add(
            "networkInterfaces", name,
            "\"ipConfigurations\":[{\"name\":\"a\",\"properties\":{\"privateIPAddress\":\"\(address)\","
                + "\"applicationSecurityGroups\":[\(members)],\"subnet\":{\"id\":\"\(TestNetwork.subnetID("spoke", "apps"))\"}}}]"
                + nsg)
    }

    private func addGroup(_ network: inout TestNetwork, _ name: String, _ rules: [String]) {
        let written = defaults.map { ",\"defaultSecurityRules\":\($0)" } ?? ""
        network.add("networkSecurityGroups", name, "\"securityRules\":[\(rules.joined(separator: ","))]\(written)")
    }

    func topology() throws -> Topology {
        var network = TestNetwork()
        var hub = [subnet("AzureFirewallSubnet", "10.0.1.0/24", group: "apps-nsg")]
        if hasGateway { hub.append(subnet("GatewaySubnet", "10.0.2.0/24")) }
        network.addVNet(
            "hub", ["10.0.0.0/16"], subnets: hub, peerings: [TestNetwork.peering(to: "spoke", transit: hasGateway)])
        network.addVNet(
            "spoke", ["10.1.0.0/16", "fd00:1::/48"],
            subnets: [
                subnet("apps", "10.1.1.0/24", group: "apps-nsg", table: routes.isEmpty ? nil : "apps-table"),
                subnet("endpoints", "10.1.3.0/24", group: endpointRules == nil ? nil : "pe-nsg", policies: policies),
            ],
            peerings: [
                TestNetwork.peering(to: "hub", remoteGateways: hasGateway).replacing(
                    "\"allowVirtualNetworkAccess\":true", with: "\"allowVirtualNetworkAccess\":\(hasAccessToHub)")
            ])
        network.addVNet("other", ["10.9.0.0/16"], subnets: [subnet("default", "10.9.1.0/24")])
        if isGroupExported { addGroup(&network, "apps-nsg", rules) }
        if let interfaceRules { addGroup(&network, "nic-nsg", interfaceRules) }
        if let endpointRules { addGroup(&network, "pe-nsg", endpointRules) }
        if !routes.isEmpty { network.addTable("apps-table", routes) }
        addNIC(&network, "client", "10.1.1.4", groups: groupsOfClient)
        addNIC(&network, "server", "10.1.1.5", groups: groupsOfServer)
        network.addPrivateEndpoint("pe", "10.1.3.4", vnet: "spoke", subnet: "endpoints")
        if hasGateway { network.addGateway("gw", vnet: "hub") }
        if !onPremises.isEmpty {
            network.overlays.append("{\"flowsight_overlay\":1,\"on_premises\":[\(onPremises)]}")
        }
        let group = TestNetwork.network("networkSecurityGroups", "apps-nsg")
        let own = ownRules.map {
            "{\"id\":\"\(group)/securityRules/\($0.name)\",\"name\":\"\($0.name)\",\"properties\":{\($0.properties)}}"
        }
        let document = TopologyDocument(name: "rules.json", bytes: Array("[\(own.joined(separator: ","))]".utf8))
        return try Topology(documents: network.documents + (own.isEmpty ? [] : [document]))
    }

    /// The side that has the address: `client` and `server` in `apps`, the private endpoint, else no resource.
    static func side(_ text: String) throws -> SecurityFlow.Side {
        let address = try #require(IPAddress(text))
        let apps = TestNetwork.subnetID("spoke", "apps").lowercased()
        func nic(_ name: String) -> String { TestNetwork.network("networkInterfaces", name).lowercased() }
        switch text {
        case "10.1.1.4": return SecurityFlow.Side(address: address, subnet: apps, interface: nic("client"))
        case "10.1.1.5": return SecurityFlow.Side(address: address, subnet: apps, interface: nic("server"))
        case "10.1.1.9": return SecurityFlow.Side(address: address, subnet: apps)
        case "fd00:1::4": return SecurityFlow.Side(address: address, subnet: apps)
        case "10.0.1.4":
            return SecurityFlow.Side(
                address: address, subnet: TestNetwork.subnetID("hub", "AzureFirewallSubnet").lowercased())
        case "10.1.3.4":
            return SecurityFlow.Side(
                address: address, subnet: TestNetwork.subnetID("spoke", "endpoints").lowercased(),
                privateEndpoint: TestNetwork.network("privateEndpoints", "pe").lowercased())
        default: return SecurityFlow.Side(address: address)
        }
    }

    func checks(_ from: String, _ to: String, _ ipProtocol: Int16 = 6, _ port: Int? = nil) throws -> [SecurityCheck] {
        try topology().securityChecks(
            SecurityFlow(
                source: SecurityLab.side(from), destination: SecurityLab.side(to), ipProtocol: ipProtocol, port: port))
    }

    /// `+rule` allowed, `+rule (note)`, `-rule` denied, `?` unknown, `!` not in the export; one word for each group.
    func verdicts(_ from: String, _ to: String, _ ipProtocol: Int16 = 6, _ port: Int? = nil) throws -> String {
        try checks(from, to, ipProtocol, port).map { check in
            switch check.verdict {
            case .allowed(let rule, let note): return "+\(rule)\(note.map { " (\($0))" } ?? "")"
            case .denied(let rule): return "-\(rule)"
            case .unknown: return "?"
            case .notInExport: return "!"
            }
        }.joined(separator: " ")
    }
}
