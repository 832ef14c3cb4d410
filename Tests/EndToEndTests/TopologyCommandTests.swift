import Foundation
import TestSupport
import Testing

/// `flowsight topology`: exports in, one file out.
@Suite struct TopologyCommandTests {
    private static let group = "/subscriptions/s/resourceGroups/RG/providers/Microsoft.Network"

    private func vnet(_ name: String, _ prefix: String) -> String {
        """
        {"id":"\(Self.group)/virtualNetworks/\(name)","name":"\(name)","etag":"etag-of-\(name)","properties":{"addressSpace":
        {"addressPrefixes":["\(prefix).0.0/16"]},"subnets":[{"name":"s","properties":{"addressPrefix":"\(prefix).1.0/24"}}]}}
        """
    }

    private func write(_ text: String, _ name: String, in folder: URL) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    @Test func aFolderBecomesOneFileThatStandsForIt() throws {
        try withFolder { folder in
            let exports = folder.appending(path: "exports")
            try write("{\"value\":[\(vnet("a", "10.1"))],\"nextLink\":\"https://x\"}", "list.json", in: exports)
            try write(vnet("b", "10.2"), "deep/er/show.json", in: exports)
            try write(vnet("hidden", "10.3"), ".git/x.json", in: exports)
            try write("no export", "notes.txt", in: exports)
            try write("{\"id\":\"\(Self.group)/unheardOf/x\"}", "other.json", in: exports)
            let file = folder.appending(path: "topology.json").path
            let result = try Program.run("flowsight", ["topology", "import", exports.path, "--output", file])
            #expect(result.status == 0 && result.output.isEmpty)
            for part in [
                "list.json: nextLink: the export is not whole", "1 of type microsoft.network/unheardof",
                "2 Microsoft.Network/virtualNetworks",
            ] {
                #expect(result.talk.contains(part), "\(part) in \(result.talk)")
            }
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(text.hasPrefix("{\"flowsight_topology\":1,"))
            #expect(!text.contains("etag-of") && !text.contains("hidden"))
            let again = try Program.run("flowsight", ["topology", "import", file])
            #expect(again.status == 0 && again.output == text)
            let answers = try [exports.path, file].map { path in
                try Program.run(
                    "flowsight",
                    [
                        "explain", "--topology", path, "--from", "10.1.1.4", "--to", "10.2.1.4", "--protocol", "tcp",
                        "--json",
                    ])
            }
            #expect(answers[0].status == 0 && answers[0].output == answers[1].output)
        }
    }

    @Test func whatCannotBeUsedEndsWith65AndWhatCannotBeWrittenWith1() throws {
        try withFolder { folder in
            try write(vnet("a", "10.1"), "good.json", in: folder)
            try write("{\"value\":[}", "bad.json", in: folder)
            try write("{\"log\":{}}", "recording.json", in: folder)
            try FileManager.default.createDirectory(
                at: folder.appending(path: "empty"), withIntermediateDirectories: true)
            func run(_ arguments: String...) throws -> (status: Int32, talk: String) {
                let result = try Program.run("flowsight", ["topology", "import"] + arguments)
                return (Int32(result.status), result.talk)
            }
            let path = { (name: String) in folder.appending(path: name).path }
            let broken = try run(path("good.json"), path("bad.json"), path("missing.json"), path("empty"))
            #expect(broken.status == 65)
            #expect(broken.talk.contains("bad.json: is no JSON: a value is missing at byte 10"))
            #expect(broken.talk.contains("missing.json: does not exist"))
            #expect(broken.talk.contains("empty: is a folder without any *.json or *.tfstate"))
            let useless = try run(path("recording.json"))
            #expect(useless.status == 65 && useless.talk.contains("a recording of requests"))
            #expect(try run(path("good.json"), "--output", path("no/such/folder.json")).status == 1)
            #expect(try run().status == 64)
        }
    }

    /// A wish that asks for nothing was mistyped: its audit is not clean.
    @Test(arguments: ["*", "nobody"])
    func anAuditOfNothingIsNotClean(endpoints: String) throws {
        try withFolder { folder in
            try write(vnet("a", "10.1"), "vnet.json", in: folder)
            let subnet = "{\"id\":\"\(Self.group)/virtualNetworks/a/subnets/s\"}"
            try write(
                """
                {"id":"\(Self.group)/privateEndpoints/pe","name":"pe","properties":{"subnet":\(subnet),"ipConfigurations":[
                {"name":"c","properties":{"privateIPAddress":"10.1.1.4"}}]}}
                """, "pe.json", in: folder)
            try write(
                """
                {"id":"\(Self.group)/networkInterfaces/n","name":"n","properties":{"macAddress":"000d3a000001","ipConfigurations":[
                {"name":"c","properties":{"privateIPAddress":"10.1.1.9","subnet":\(subnet)}}]}}
                """, "nic.json", in: folder)
            try write(
                """
                {"flowsight_overlay":1,"inspect":[{"private_endpoints":["\(endpoints)"],"from":["*"],"by":[]}]}
                """, "overlay.json", in: folder)
            let result = try Program.run("flowsight", ["audit", "--topology", folder.path])
            #expect(result.status == 2)
            #expect(result.output.contains("nothing was audited") == (endpoints == "nobody"), "\(result.output)")
        }
    }

    @Test func effectiveRoutesThatCannotBeReadSayWhyAndWhatToDo() throws {
        try withFolder { folder in
            try write(vnet("a", "10.1"), "export.json", in: folder)
            let folders = folder.appending(path: "routes")
            try FileManager.default.createDirectory(at: folders, withIntermediateDirectories: true)
            for (path, cause) in [
                (folder.appending(path: "gone.json").path, "gone.json: does not exist; --effective takes"),
                (folders.path, "routes: is a folder; --effective takes the file of one NIC"),
            ] {
                let result = try Program.run(
                    "flowsight",
                    [
                        "topology", "verify", "--topology", folder.appending(path: "export.json").path, "--effective",
                        path,
                    ])
                #expect(result.status == 65 && result.output.isEmpty)
                #expect(result.talk.contains(cause), "\(cause) in \(result.talk)")
            }
        }
    }

    @Test func explainCountsTheProblemsOnStandardErrorAlone() throws {
        try withFolder { folder in
            try write(vnet("a", "10.1"), "export.json", in: folder)
            let arguments = [
                "explain", "--topology", folder.path, "--from", "10.1.1.4", "--to", "10.1.1.5", "--protocol", "tcp",
            ]
            let quiet = try Program.run("flowsight", arguments)
            #expect(quiet.status == 0 && quiet.talk.isEmpty)
            try write(
                "{\"flowsight_overlay\":1,\"inspect\":[{\"private_endpoints\":[\"nope\"],\"from\":[\"*\"]}]}",
                "overlay.json", in: folder)
            let told = try Program.run("flowsight", arguments)
            #expect(told.status == 0 && told.output == quiet.output)
            #expect(told.talk.hasPrefix("topology: 1 problem of exports and overlays: `flowsight topology show`"))
        }
    }
}
