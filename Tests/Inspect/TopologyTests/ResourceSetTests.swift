import FlowModel
import Runtime
import Foundation
import Topology
import Testing

/// The canonical form: the same for the same resources, and enough to give the same answers.
@Suite struct ResourceSetTests {
    private let lab = HubAndSpoke(seed: 5)

    @Test func anEmptySetHasNoDigest() throws {
        #expect(ResourceSet().digest.isEmpty && ResourceSet().isEmpty)
    }

    @Test(arguments: 0..<12)
    func shuffledAndSplitDocumentsGiveTheSameDigest(seed: UInt64) throws {
        let network = lab.network()
        let whole = try Imported(network.documents)
        var generator = SplitMix64(seed: 0xd16e + seed)
        var files = Array(repeating: [String](), count: Int.random(in: 1...6, using: &generator))
        for resource in network.resources.shuffled(using: &generator) {
            files[Int.random(in: 0..<files.count, using: &generator)].append(resource)
            // Some are exported twice.
            if Bool.random(using: &generator) {
                files[Int.random(in: 0..<files.count, using: &generator)].append(resource)
            }
        }
        let texts = files.map { "{\"value\":[\($0.joined(separator: ","))]}" } + network.overlays
        let split = try Imported(Imported.documents(texts.shuffled(using: &generator)))
        #expect(split.set.digest == whole.set.digest)
        #expect(split.json["resources"] == whole.json["resources"])
        #expect(whole.set.digest.utf8.count == 64)
    }

    @Test func anImportedFileGivesTheSameTopology() throws {
        var network = lab.network()
        network.addNIC("stray", "10.9.9.9", vnet: "nowhere", subnet: "x")
        let page =
            "{\"value\":[{\"id\":\"\(Imported.id("bars/b"))\"},{\"id\":\"\(Imported.id("routeTables/t/routes/r"))\"}],\"nextLink\":\"x\"}"
        let documents =
            network.documents + Imported.documents([page, "{\"log\":{}}", "{\"flowsight_overlay\":1,\"nmes\":{}}"])
        let imported = try Imported(documents)
        let again = try Imported([imported.document])
        #expect(again.document.bytes == imported.document.bytes)
        #expect(again.set.digest == imported.set.digest)
        #expect(again.set.notUnderstood == imported.set.notUnderstood)
        let (one, other) = (try Topology(documents: documents), try Topology(again.set))
        #expect(one.version == other.version && one.version == imported.set.digest)
        #expect(one.problems == other.problems && one.problems.contains { $0.field == "nextLink" })
        #expect(one.problems.contains { $0.field == "nmes" })
        #expect(one.notUnderstood == other.notUnderstood && one.notUnderstood.count == 2)
        #expect(one.placement.endpoints == other.placement.endpoints)
        #expect(one.placement.observers == other.placement.observers)
        #expect(one.privateEndpoints.map(\.id) == other.privateEndpoints.map(\.id) && one.firewalls == other.firewalls)
        for (from, to) in [(lab.machine, lab.endpoint), (lab.machine, lab.dns)] {
            let answers = try [one, other].map {
                $0.explain(from: try $0.place(from), to: try $0.place(to), ipProtocol: IPProtocol.tcp, port: 443).text()
            }
            #expect(answers[0] == answers[1])
        }
    }

    @Test func everyAttributeCountsForTheDigestAndNothingElseDoes() throws {
        func digest(_ extra: String) throws -> String {
            try Imported("{\"id\":\"\(Imported.id("routeTables/t"))\",\(extra)\"name\":\"t\",\"properties\":{}}").set
                .digest
        }
        let plain = try digest("")
        for extra in [
            "\"etag\":\"x\",", "\"location\":\"x\",", "\"tags\":{\"owner\":\"x\"},", "\"resourceGroup\":\"x\",",
        ] {
            #expect(try digest(extra) == plain, "\(extra)")
        }
        for extra in ["\"disableBgpRoutePropagation\":false,", "\"tags\":{\"disableSnatOnPL\":\"true\"},"] {
            #expect(try digest(extra) != plain, "\(extra)")
        }
        // A tag's case has a meaning.
        #expect(try digest("\"tags\":{\"disablesnatonpl\":\"true\"},") == plain)
    }

    /// What has the same texts, in other places, is something else.
    @Test func theDigestTellsPlacesTypesAndKeysApart() throws {
        func resource(_ type: String, _ name: String, _ properties: String) -> String {
            "{\"id\":\"\(Imported.id("\(type)/\(name)"))\",\"name\":\"\(name)\",\"properties\":{\(properties)}}"
        }
        func route(_ prefix: String, _ hop: String) -> String {
            "\"routes\":[{\"name\":\"r\",\"properties\":{\"addressPrefix\":\"\(prefix)\",\"nextHopIpAddress\":\"\(hop)\"}}]"
        }
        let (here, there) = ("10.0.0.0/24", "10.0.1.0/24")
        let sets: [[String]] = [
            [resource("routeTables", "a", route(here, there))],
            [resource("routeTables", "a", route(there, here))],
            [resource("routeTables", "a", route(here, here))],
            [resource("routeTables", "b", route(here, there))],
            [resource("routeTables", "a", route(here, there)), resource("routeTables", "b", "")],
            [resource("routeTables", "a", ""), resource("routeTables", "b", route(here, there))],
            [resource("routeTables", "a", ""), resource("publicIPAddresses", "b", route(here, there))],
            [resource("publicIPAddresses", "a", "\"ipAddress\":\"\(here)\"")],
            [resource("publicIPAddresses", "a", "\"privateIPAddress\":\"\(here)\"")],
            [resource("publicIPAddresses", "a", "\"ipAddress\":true")],
            [resource("publicIPAddresses", "a", "\"ipAddress\":1")],
            [resource("publicIPAddresses", "a", "\"ipAddress\":\"1\"")],
            [resource("publicIPAddresses", "a", "\"ipAddress\":[\"1\"]")],
            [resource("publicIPAddresses", "a", "\"ipAddress\":[\"1\",\"1\"]")],
            [resource("publicIPAddresses", "a", "\"ipAddress\":[[\"1\"],\"1\"]")],
            [resource("publicIPAddresses", "a", ""), "{\"flowsight_overlay\":1}"],
            ["{\"flowsight_overlay\":1}"],
            [resource("publicIPAddresses", "a", "")],
            ["{\"value\":[\(resource("publicIPAddresses", "a", ""))],\"nextLink\":\"x\"}"],
        ]
        // Nothing here is new but the last resource, and of that only the place of what the others said.
        let known = [
            resource("publicIPAddresses", "a", "\"ipAddress\":\"\(here)\",\"privateIPAddress\":\"\(there)\""),
            resource("routeTables", "b", route(here, there)),
        ]
        let id = "\"id\":\"\(Imported.id("publicIPAddresses/c"))\""
        let last = [
            "{\(id),\"ipAddress\":\"\(here)\"}", "{\(id),\"ipAddress\":\"\(there)\"}",
            "{\(id),\"privateIPAddress\":\"\(here)\"}",
            "{\(id),\"privateIPAddress\":\"\(here)\",\"type\":\"Microsoft.Network/routeTables\"}",
        ]
        let all = sets + last.map { known + [$0] }
        let digests = try all.map { try Imported(Imported.documents($0)).set.digest }
        for (place, digest) in digests.enumerated() {
            #expect(digests.firstIndex(of: digest) == place, "\(all[place])")
        }
    }

    @Test func secretsLeaveNoTrace() throws {
        let secret = "hunter2-\(UInt64(77))"
        let id = Imported.id("virtualNetworkGateways/g")
        let texts = [
            "{\"id\":\"\(id)\",\"adminPassword\":\"\(secret)\",\"properties\":{\"gatewayType\":\"Vpn\",\"vpnClientConfiguration\":"
                + "{\"radiusServerSecret\":\"\(secret)\",\"vpnClientRootCertificates\":[{\"name\":\"\(secret)\"}]},"
                + "\"tags\":{\"\(secret)\":\"\(secret)\"}},\"tags\":{\"password\":\"\(secret)\",\"k\":{\"id\":\"\(secret)\"}}}",
            "{\"id\":\"\(Imported.id("connections/c"))\",\"sharedKey\":\"\(secret)\",\"authorizationKey\":\"\(secret)\"}",
            "{\"id\":\"/subscriptions/s/resourceGroups/r/providers/Microsoft.Storage/storageAccounts/a\",\"name\":\"\(secret)\","
                + "\"properties\":{\"ipAddress\":\"\(secret)\",\"primaryConnectionString\":\"AccountKey=\(secret)\"}}",
            "{\"id\":\"/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/virtualMachines/v\",\"name\":\"v\",\"properties\":"
                + "{\"osProfile\":{\"adminPassword\":\"\(secret)\",\"address\":\"\(secret)\"},\"networkProfile\":{\"fqdn\":\"\(secret)\"}}}",
            "{\"password\":\"\(secret)\",\"properties\":{\"name\":\"\(secret)\"}}",
            "{\"data\":{\"columns\":[{\"name\":\"id\"},{\"name\":\"identity\"}],\"rows\":[[\"\(id)\",\"\(secret)\"]]}}",
        ]
        let imported = try Imported(Imported.documents(texts))
        #expect(imported.resources.count == 3)
        let text = String(decoding: imported.document.bytes, as: UTF8.self)
        #expect(!text.contains(secret))
        let topology = try Topology(imported.set)
        #expect(!"\(topology.problems)\(topology.notUnderstood)".contains(secret))
    }

    @Test(arguments: [
        ("{\"flowsight_topology\":2,\"resources\":[]}", TopologyError.Code.unsupportedOverlay),
        ("{\"flowsight_topology\":1,\"resources\":[1,]}", .notJSON),
    ])
    func filesOfAnotherVersionAreRefused(text: String, code: TopologyError.Code) throws {
        let error = #expect(throws: TopologyError.self) { try Imported(text) }
        #expect(error?.code == code)
    }

    @Test func errorsNameTheByte() throws {
        let error = #expect(throws: TopologyError.self) { try Imported("{\"value\":[\n{\"id\":}]}") }
        #expect(error?.cause == "is no JSON: a value is missing at byte 17")
    }
}
