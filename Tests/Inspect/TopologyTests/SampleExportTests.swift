import FlowModel
import Foundation
import Topology
import Testing

/// Exports written by others, found by `FLOWSIGHT_SAMPLES`: what each holds was counted by hand and by script.
@Suite struct SampleExportTests {
    private static let folder = ProcessInfo.processInfo.environment["FLOWSIGHT_SAMPLES"]

    /// File; resources by type without the provider; children by their key.
    struct Expectation: Sendable, CustomTestStringConvertible {
        var file: String
        var resources: [String: Int]
        var children: [String: Int] = [:]
        var notUnderstood = 0

        var testDescription: String { file }
    }

    static let expectations: [Expectation] = [
        .init(file: "arg-table-vm.json", resources: ["virtualMachines": 1]),
        .init(
            file: "cli-private-endpoint.json", resources: ["privateEndpoints": 1],
            children: ["privateLinkServiceConnections": 1, "customDnsConfigs": 1]),
        .init(file: "cli-routes-concatenated.json", resources: ["routes": 2]),
        .init(file: "cli-subnet-peering.json", resources: ["virtualNetworkPeerings": 1]),
        .init(
            file: "cli-vnet-list.json", resources: ["virtualNetworks": 4],
            children: ["subnets": 10, "virtualNetworkPeerings": 29]),
        .init(
            file: "powershell-pascal-case.json",
            resources: [
                "applicationGateways": 3, "loadBalancers": 3, "networkSecurityGroups": 3, "routeTables": 1,
                "virtualNetworkGateways": 4, "virtualNetworks": 5,
            ], children: ["subnets": 21, "virtualNetworkPeerings": 4]),
        .init(file: "rest-firewall-basic.json", resources: ["azureFirewalls": 1]),
        .init(file: "rest-firewall-policies-2019.json", resources: ["firewallPolicies": 2]),
        .init(file: "rest-firewall-policy-snat.json", resources: ["firewallPolicies": 1]),
        .init(file: "rest-flow-logs.json", resources: ["flowLogs": 1]),
        .init(file: "rest-load-balancers.json", resources: ["loadBalancers": 4]),
        .init(
            file: "rest-mixed-children-twice.json",
            resources: ["networkInterfaces": 1, "networkSecurityGroups": 2, "routeTables": 1, "virtualNetworks": 10],
            children: ["subnets": 14, "routes": 1, "securityRules": 1], notUnderstood: 1),
        .init(file: "rest-nics.json", resources: ["networkInterfaces": 13]),
        .init(
            file: "rest-private-endpoints-2019.json", resources: ["privateEndpoints": 1],
            children: ["privateLinkServiceConnections": 1]),
        .init(
            file: "rest-private-endpoints-manual.json", resources: ["privateEndpoints": 2],
            children: [
                "privateLinkServiceConnections": 1, "manualPrivateLinkServiceConnections": 1, "customDnsConfigs": 4,
            ]),
        .init(file: "rest-route-tables.json", resources: ["routeTables": 2], children: ["routes": 4]),
        .init(file: "rest-virtual-hubs.json", resources: ["virtualHubs": 2]),
        .init(file: "rest-vnet-gateways.json", resources: ["virtualNetworkGateways": 2]),
        .init(
            file: "rest-vnets.json", resources: ["virtualNetworks": 23],
            children: ["subnets": 28, "virtualNetworkPeerings": 2]),
        .init(file: "effective-routes-rest.json", resources: [:], notUnderstood: 1),
    ]

    @Test(
        .enabled(if: folder != nil, "needs FLOWSIGHT_SAMPLES, a folder of exports written by others"),
        arguments: expectations)
    func realExportsHoldWhatWasCountedInThem(expectation: Expectation) throws {
        let path = URL(filePath: try #require(Self.folder)).appending(path: "topology/\(expectation.file)")
        let imported = try Imported([
            TopologyDocument(name: expectation.file, bytes: Array(try Data(contentsOf: path)))
        ])
        var resources: [String: Int] = [:]
        var children: [String: Int] = [:]
        for resource in imported.resources.values {
            resources[String(resource["type"]?.string?.split(separator: "/").last ?? ""), default: 0] += 1
            for key in expectation.children.keys {
                children[key, default: 0] += resource["properties"]?[key]?.array?.count ?? 0
            }
        }
        #expect(resources == expectation.resources)
        #expect(children.filter { $0.value > 0 } == expectation.children)
        #expect(imported.set.notUnderstood.count == expectation.notUnderstood, "\(imported.set.notUnderstood)")
        #expect(imported.set.problems.isEmpty, "\(imported.set.problems)")
        #expect(try Imported([imported.document]).set.digest == imported.set.digest)
    }
}
