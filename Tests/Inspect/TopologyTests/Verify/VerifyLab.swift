import FlowModel
import Topology

/// A hub with firewall, gateway and a private endpoint; a spoke with an application and a private endpoint whose /32 a user
/// route invalidates; and what Azure says of the application's NIC.
struct VerifyLab {
    /// A row of Azure's table.
    struct Row: Hashable {
        var source = "Default"
        var state = "Active"
        var prefixes: [String]
        var hop: String
        var nextHops: [String] = []
        var tags: [String] = []
    }

    var propagates = false
    var policies: String? = "Enabled"
    var hasHub = true
    var hubPeering = TestNetwork.peering(to: "hub", remoteGateways: true)
    var routes = [
        TestNetwork.route("0.0.0.0/0", "VirtualAppliance", "10.0.1.4"),
        TestNetwork.route("10.1.2.0/24", "VirtualAppliance", "10.0.1.4"),
    ]
    var table: String? = "rt-app"
    var holdsTable = true
    var status = "Approved"
    var overlay =
        "{\"flowsight_overlay\":1,\"on_premises\":[{\"name\":\"hq\",\"prefixes\":[\"192.168.0.0/16\"],\"via\":\"gw\"}]}"

    /// What Azure says where all is as the model believes.
    static let azure = [
        Row(prefixes: ["10.1.0.0/16"], hop: "VnetLocal"),
        Row(prefixes: ["10.0.0.0/16"], hop: "VNetPeering"),
        Row(state: "Invalid", prefixes: ["0.0.0.0/0"], hop: "Internet"),
        Row(prefixes: ["10.0.5.4/32"], hop: "InterfaceEndpoint"),
        Row(state: "Invalid", prefixes: ["10.1.2.4/32"], hop: "InterfaceEndpoint"),
        Row(source: "User", prefixes: ["0.0.0.0/0"], hop: "VirtualAppliance", nextHops: ["10.0.1.4"]),
        Row(source: "User", prefixes: ["10.1.2.0/24"], hop: "VirtualAppliance", nextHops: ["10.0.1.4"]),
    ]

    static let nic = TestNetwork.network("networkInterfaces", "app-nic").lowercased()

    func network() -> TestNetwork {
        var network = TestNetwork()
        if hasHub {
            network.addVNet(
                "hub", ["10.0.0.0/16"],
                subnets: [
                    TestNetwork.subnet("hub", "AzureFirewallSubnet", "10.0.1.0/26"),
                    TestNetwork.subnet("hub", "GatewaySubnet", "10.0.2.0/27"),
                    TestNetwork.subnet("hub", "data", "10.0.5.0/24"),
                ], peerings: [TestNetwork.peering(to: "spoke", transit: true)])
            network.addFirewall("fw", "10.0.1.4", vnet: "hub")
            network.addGateway("gw", vnet: "hub")
            network.addPrivateEndpoint("pe-hub", "10.0.5.4", vnet: "hub", subnet: "data")
        }
        network.addVNet(
            "spoke", ["10.1.0.0/16"],
            subnets: [
                TestNetwork.subnet("spoke", "app", "10.1.1.0/24", table: table),
                TestNetwork.subnet("spoke", "data", "10.1.2.0/24", policies: policies),
            ], peerings: [hubPeering])
        // Not peered with the spoke.
        network.addVNet(
            "far", ["10.7.0.0/16"], subnets: [TestNetwork.subnet("far", "data", "10.7.2.0/24")])
        network.addPrivateEndpoint("pe-far", "10.7.2.4", vnet: "far", subnet: "data")
        if let table, holdsTable { network.addTable(table, routes, propagation: propagates) }
        network.addNIC("app-nic", "10.1.1.4", vnet: "spoke", subnet: "app", machine: "app-vm")
        network.addPrivateEndpoint("pe", "10.1.2.4", vnet: "spoke", subnet: "data", status: status)
        network.overlays.append(overlay)
        return network
    }

    func verify(_ rows: [Row], name: String = "routes.json") throws -> Verification {
        try verify(VerifyLab.rest(rows), name: name)
    }

    func verify(_ text: String, name: String = "routes.json") throws -> Verification {
        let file = try EffectiveRouteFile(name: name, bytes: Array(text.utf8))
        return try network().topology().verify(effective: file, nic: VerifyLab.nic)
    }

    // MARK: The shapes in which people have it

    static func object(_ row: Row) -> String {
        let prefixes = row.prefixes.map { "\"\($0)\"" }.joined(separator: ",")
        let hops = row.nextHops.map { "\"\($0)\"" }.joined(separator: ",")
        let tags = row.tags.map { "\"\($0)\"" }.joined(separator: ",")
        return
            "{\"disableBgpRoutePropagation\":false,\"source\":\"\(row.source)\",\"state\":\"\(row.state)\",\"addressPrefix\":[\(prefixes)],"
            + "\"nextHopType\":\"\(row.hop)\",\"nextHopIpAddress\":[\(hops)],\"destinationServiceTags\":[\(tags)],\"tagMap\":{}}"
    }

    static func list(_ rows: [Row]) -> String { "[\(rows.map(object).joined(separator: ",\n"))]" }

    static func rest(_ rows: [Row]) -> String { "{\"value\":\(list(rows))}" }

    /// As `-o table` prints it: columns as wide as their widest cell, several prefixes in one.
    static func table(_ rows: [Row]) -> String {
        let cells =
            [["Source", "State", "Address Prefix", "Next Hop Type", "Next Hop IP"]]
            + rows.map {
                [$0.source, $0.state, $0.prefixes.joined(separator: " "), $0.hop, $0.nextHops.joined(separator: " ")]
            }
        let widths = (0..<5).map { column in cells.map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String {
            zip(cells, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        }
        let rule = line(widths.map { String(repeating: "-", count: $0) })
        return ([line(cells[0]), rule] + cells.dropFirst().map(line)).joined(separator: "\n") + "\n"
    }

    /// As `Format-List` prints it; a long list goes on in the next line.
    static func powerShellList(_ rows: [Row]) -> String {
        rows.map { row in
            let attributes = [
                ("Name", ""), ("DisableBgpRoutePropagation", "False"), ("State", row.state), ("Source", row.source),
                ("AddressPrefix", "{\(row.prefixes.joined(separator: ",\n                             "))}"),
                ("NextHopType", row.hop), ("NextHopIpAddress", "{\(row.nextHops.joined(separator: ", "))}"),
            ]
            return attributes.map { $0.padding(toLength: 27) + ": \($1)\n" }.joined() + "\n"
        }.joined()
    }
}

extension String {
    fileprivate func padding(toLength length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - count))
    }
}

extension Verification {
    /// `prefix kind`, for expectations in one line each.
    var kinds: [String] { differences.map { "\($0.prefix) \($0.kind.rawValue)" } }

    func reasons(_ prefix: String) -> [String] { notCompared.filter { $0.prefix == prefix }.map(\.reason) }
}
