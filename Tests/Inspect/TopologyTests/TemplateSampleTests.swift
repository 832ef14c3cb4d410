import FlowModel
import Foundation
import Testing
import Topology

/// Templates written by others, by their counts.
@Suite struct TemplateSampleTests {
    private static let samples = ProcessInfo.processInfo.environment["FLOWSIGHT_SAMPLES"]

    private func read(_ name: String) throws -> TemplateReader {
        let folder = URL(filePath: try #require(TemplateSampleTests.samples)).appending(path: "topology")
        let value = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: folder.appending(path: name)))
        var reader = TemplateReader(document: name)
        let template = TemplateReader.isTemplate(value) ? value : try #require(value["value"])
        #expect(TemplateReader.isTemplate(template))
        reader.read(template)
        return reader
    }

    /// How many ids there are of each type, children in their parents among them.
    private func counts(_ reader: TemplateReader) -> [String: Int] {
        var ids = Set<String>()
        for resource in reader.resources { gather(resource, into: &ids) }
        return Dictionary(grouping: ids, by: type).mapValues(\.count)
    }

    private func gather(_ value: JSONValue, into ids: inout Set<String>) {
        if value["properties"] != nil || value["type"] != nil, let id = value["id"]?.string {
            ids.insert(id.lowercased())
        }
        for member in (value["properties"]?.object ?? [:]).values {
            for child in member.array ?? [] { gather(child, into: &ids) }
        }
    }

    private func type(_ id: String) -> String {
        let parts = id.split(separator: "/")
        let start = (parts.lastIndex(of: "providers") ?? 0) + 2
        return stride(from: start, to: parts.count, by: 2).map { String(parts[$0]) }.joined(separator: "/")
    }

    @Test(
        .enabled(if: samples != nil, "needs FLOWSIGHT_SAMPLES, a folder of exports written by others"),
        arguments: [
            (
                "arm-export-wrapped.json",
                [
                    "virtualnetworks": 10, "virtualnetworks/subnets": 14, "routetables": 1, "routetables/routes": 1,
                    "networkinterfaces": 1, "networkprofiles": 1, "networksecuritygroups": 2,
                    "networksecuritygroups/securityrules": 1,
                ]
            ),
            (
                "arm-bicep-compiled.json",
                [
                    "virtualnetworks": 5, "virtualnetworks/subnets": 7, "virtualnetworks/virtualnetworkpeerings": 8,
                    "azurefirewalls": 2, "firewallpolicies": 2, "firewallpolicies/rulecollectiongroups": 2,
                    "publicipaddresses": 4, "networkinterfaces": 3, "virtualmachines": 3,
                ]
            ),
            (
                "arm-hub-transit.json",
                [
                    "virtualnetworks": 1, "virtualnetworks/subnets": 3, "routetables": 1, "routetables/routes": 2,
                    "azurefirewalls": 1, "bastionhosts": 1, "networksecuritygroups": 1, "publicipaddresses": 3,
                    "virtualnetworkgateways": 1, "diagnosticsettings": 3,
                ]
            ),
            (
                "arm-private-endpoint.json",
                [
                    "privateendpoints": 1, "privateendpoints/privatednszonegroups": 1,
                    "privateendpoints/privatelinkserviceconnections": 1,
                ]
            ),
        ])
    func eachDeclaredResourceIsThereOnce(name: String, expected: [String: Int]) throws {
        let reader = try read(name)
        let counts = counts(reader)
        for (type, count) in expected { #expect(counts[type] == count, "\(name): \(type) \(counts[type] ?? 0)") }
        for resource in reader.resources {
            #expect(resource["id"]?.string?.hasPrefix("/subscriptions/") == true)
            #expect(!"\(resource)".contains("parameters("), "\(resource)")
        }
    }

    @Test(.enabled(if: samples != nil, "needs FLOWSIGHT_SAMPLES, a folder of exports written by others"))
    func whatTheSamplesLeaveOpenIsSaid() throws {
        let transit = try read("arm-hub-transit.json")
        let routes = transit.resources.filter { $0["type"]?.string == "Microsoft.Network/routeTables/routes" }
        #expect(routes.allSatisfy { $0["properties"]?["nextHopType"]?.string == "VirtualAppliance" })
        #expect(routes.allSatisfy { $0["properties"]?["nextHopIpAddress"] == nil })
        #expect(transit.problems.filter { $0.field == "properties.nextHopIpAddress" }.count == 2)
        #expect(transit.notUnderstood.filter { $0.contains("linked") }.count == 4)
        let table = transit.resources.first { $0["type"]?.string == "Microsoft.Network/routeTables" }
        #expect(table?["properties"]?["disableBgpRoutePropagation"]?.bool == false)
        #expect(try read("arm-export-wrapped.json").problems.isEmpty)
        let bicep = try read("arm-bicep-compiled.json")
        let spoke = bicep.resources.first { $0["name"]?.string == "spoke-vnet-2" }
        #expect(
            spoke?["properties"]?["subnets"]?.array?.first?["properties"]?["addressPrefix"]?.string == "192.168.0.0/24")
        // Only the public addresses that the firewalls translate are left to the deployment.
        #expect(Set(bicep.problems.map(\.resource)).count == 1)
    }
}
