import FlowModel
import Foundation
import Testing
import Topology

/// The shapes of effective routes; that they are read is shown by a difference that each of them must bring to light.
struct EffectiveRouteFileTests {
    private static let azure =
        VerifyLab.azure + [VerifyLab.Row(prefixes: ["127.0.0.0/8", "198.18.0.0/15"], hop: "None")]
    /// The /32 that the model holds for invalid stands, a route is gone, another leads to another appliance.
    private static let other =
        azure.filter { ![["10.1.2.0/24"], ["10.1.2.4/32"]].contains($0.prefixes) && $0 != azure[5] } + [
            VerifyLab.Row(prefixes: ["10.1.2.4/32"], hop: "InterfaceEndpoint"),
            VerifyLab.Row(
                source: "User", prefixes: ["0.0.0.0/0"], hop: "VirtualAppliance", nextHops: ["10.0.1.9"]),
        ]

    enum Shape: String, CaseIterable {
        case rest, cli, bareArray, resourceGraph, pascalCase, texts, table, indented, collapsed, markdown, portal,
            powerShell, powerShellList

        func text(_ rows: [VerifyLab.Row]) -> String {
            let list = VerifyLab.list(rows)
            switch self {
            case .rest: return "{\"value\":\(list)}"
            case .cli:
                return "\u{feff}{\"nextLink\":null,\"value\":\(list)}\r\n".replacing(
                    "{\"disable", with: "{\"name\":null,\"disable")
            case .bareArray: return list
            case .resourceGraph: return "{\"totalRecords\":\(rows.count),\"count\":\(rows.count),\"data\":\(list)}"
            case .pascalCase:
                return list.replacing("\"source\"", with: "\"Source\"").replacing("\"state\"", with: "\"State\"")
                    .replacing("\"addressPrefix\"", with: "\"AddressPrefix\"").replacing(
                        "\"nextHopType\"", with: "\"NextHopType\""
                    )
                    .replacing("\"nextHopIpAddress\"", with: "\"NextHopIpAddress\"")
            case .texts:
                let single = rows.flatMap { row in
                    row.prefixes.map { prefix in
                        var row = row
                        row.prefixes = [prefix]
                        return row
                    }
                }
                return VerifyLab.list(single).replacing("\"addressPrefix\":[", with: "\"addressPrefix\":")
                    .replacing("],\"nextHopType\"", with: ",\"nextHopType\"")
                    .replacing("\"nextHopIpAddress\":[]", with: "\"nextHopIpAddress\":null")
            case .table: return VerifyLab.table(rows)
            case .indented:
                return "$ az network nic show-effective-route-table -g r -n x -o table\n"
                    + VerifyLab.table(rows).split(separator: "\n").map { "    \($0)\r\n" }.joined()
            case .collapsed:
                return rows.map {
                    ([$0.source, $0.state] + $0.prefixes + [$0.hop] + $0.nextHops).joined(separator: " ")
                }
                .joined(separator: "\n")
            case .markdown:
                return "| Source | State | Address Prefix | Next Hop Type | Next Hop IP |\n|---|---|---|---|---|\n"
                    + rows.map {
                        "| \($0.source) | \($0.state) | \($0.prefixes.joined(separator: " ")) | \($0.hop) | \($0.nextHops.joined(separator: " ")) |\n"
                    }
                    .joined()
            case .portal:
                let words = [
                    "VnetLocal": "Virtual network", "VNetPeering": "VNet peering",
                    "VirtualAppliance": "Virtual appliance",
                    "InterfaceEndpoint": "InterfaceEndpoint",
                ]
                return "Source,State,Address Prefixes,Next Hop Type,Next Hop IP Address,User Defined Route Name\n"
                    + rows.map {
                        "\($0.source),\($0.state),\($0.prefixes.joined(separator: " ")),\(words[$0.hop] ?? $0.hop),"
                            + "\($0.nextHops.first ?? "-"),\($0.source == "User" ? "my-route" : "-")\n"
                    }.joined()
            case .powerShell:
                return "Name State   Source  AddressPrefix   NextHopType       NextHopIpAddress\n---- -----   ------\n"
                    + rows.map {
                        "     \($0.state)  \($0.source) {\($0.prefixes.joined(separator: ", "))} \($0.hop)  {\($0.nextHops.joined(separator: ", "))}\n"
                    }
                    .joined()
            case .powerShellList: return VerifyLab.powerShellList(rows)
            }
        }
    }

    @Test(arguments: Shape.allCases)
    func everyShapeSaysTheSame(shape: Shape) throws {
        let lab = VerifyLab()
        let agreed = try lab.verify(shape.text(EffectiveRouteFileTests.azure))
        #expect(agreed.kinds == [])
        #expect(agreed.agreeing == 7)
        #expect(agreed.notCompared.map(\.prefix) == ["::/0", "127.0.0.0/8", "198.18.0.0/15"])
        let differs = try lab.verify(shape.text(EffectiveRouteFileTests.other))
        #expect(differs.kinds == ["0.0.0.0/0 other_next_hop", "10.1.2.0/24 only_in_model", "10.1.2.4/32 other_state"])
    }

    @Test(arguments: [true, false], [VerifyLab.rest(VerifyLab.azure), VerifyLab.table(VerifyLab.azure)])
    func oldPowerShellWritesUTF16(isLittle: Bool, text: String) throws {
        let bytes = ([0xfeff] + Array(text.utf16)).flatMap { unit in
            let (low, high) = (UInt8(unit & 0xff), UInt8(unit >> 8))
            return isLittle ? [low, high] : [high, low]
        }
        let file = try EffectiveRouteFile(name: "routes.json", bytes: bytes)
        #expect(try VerifyLab().network().topology().verify(effective: file, nic: VerifyLab.nic).agreeing == 7)
    }

    @Test(arguments: [
        (Array("[{\"a\": 1} {}]".utf8), "f: is no JSON: a comma or the end of the array is missing at byte 10; give"),
        (Array("  [1] $ ".utf8), "f: is no JSON: something follows the document at byte 6; give"),
        (Array("{\"a\":\"".utf8) + [0xff], "f: cannot be read: the text is not UTF-8 at byte 6; give"),
        (
            Array("Source State Address Prefix Next Hop Type\nUser Active 10.0.0.0/8".utf8),
            "f: line 2 of its table is no row that can be read; give"
        ),
        (
            Array("State : Active\nSource : User\nAddressPrefix : {}\nNextHopType : None\n".utf8),
            "f: line 1 of its table is no row that can be read; give"
        ),
    ])
    func whatIsWrongIsToldWithItsPlace(bytes: [UInt8], text: String) {
        let error = #expect(throws: VerificationError.self) { try EffectiveRouteFile(name: "f", bytes: bytes) }
        #expect(error?.code == .notEffectiveRoutes)
        #expect(error?.description.hasPrefix(text) == true, "\(error?.description ?? "")")
    }

    @Test(.timeLimit(.minutes(1))) func blanksBeforeTheAnswerCostNothing() throws {
        let text = String(repeating: " ", count: 4_000_000) + VerifyLab.rest(VerifyLab.azure)
        #expect(try VerifyLab().verify(text).agrees)
    }

    @Test(arguments: [Shape.table, .collapsed, .markdown, .portal, .powerShell, .powerShellList, .rest])
    func rowsOfServiceTagsAreListed(shape: Shape) throws {
        let rows = [
            VerifyLab.Row(source: "User", prefixes: ["Storage.WestEurope"], hop: "Internet"),
            VerifyLab.Row(
                source: "User", state: "Invalid", prefixes: ["AzureMonitor"], hop: "VirtualAppliance",
                nextHops: ["10.0.1.4"]),
        ]
        let verification = try VerifyLab().verify(shape.text(VerifyLab.azure + rows))
        #expect(verification.agrees && verification.agreeing == 7)
        for tag in ["Storage.WestEurope", "AzureMonitor"] {
            #expect(verification.reasons(tag) == ["a service tag: its ranges are in no export"])
        }
    }

    @Test(arguments: [
        // The list goes on.
        ("{10.1.0.0/16}", "{10.1.0.0/16, ...}", "...", 7), ("{10.1.0.0/16}", "{10.1.0.0/16, 10.99.0…", "10.99.0…", 7),
        // The rest of the column is gone.
        ("{10.0.0.0/16} VNetPeering", "{10.0.0.0/16} VNetPee...", "10.0.0.0/16", 6),
        ("{10.0.0.0/16}", "{10.0.0....", "10.0.0....", 6),
        ("{10.1.2.0/24} VirtualAppliance  {10.0.1.4}", "{10.1.2.0/24} VirtualAppliance  {10.0...", "10.1.2.0/24", 6),
    ])
    func whatPowerShellShortenedIsNotCompared(whole: String, cut: String, left: String, agreeing: Int) throws {
        let text = Shape.powerShell.text(VerifyLab.azure)
        #expect(text.contains(whole))
        let verification = try VerifyLab().verify(text.replacing(whole, with: cut, maxReplacements: 1))
        #expect(verification.kinds == [])
        #expect(verification.agreeing == agreeing)
        #expect(
            verification.reasons(left).contains("PowerShell shortened it: print it with `| ConvertTo-Json`"),
            "\(verification.notCompared)")
    }

    @Test func aRowThatCannotBeReadIsListed() throws {
        let text = VerifyLab.table(VerifyLab.azure) + "Default  Active  what  ever\n"
        #expect(try VerifyLab().verify(text).reasons("line 10") == ["a row that cannot be read"])
    }

    @Test(arguments: [
        (
            "{\"value\":[{\"addressPrefixes\":[\"10.0.0.0/8\"],\"nextHops\":[\"x\"],\"nextHopType\":\"Remote Hub\",\"asPath\":\"65520\",\"routeOrigin\":\"x\"}]}",
            VerificationError.Code.ofVirtualHub
        ),
        (
            "Address Prefix    Next Hop Type    Next Hop    Route Origin    As Path\n10.0.0.0/8  Remote Hub  hub2  hub2  65520-65520\n",
            .ofVirtualHub
        ),
        ("{\"value\":[]}", .noRows), ("{\"value\":null}", .noRows), ("[]", .noRows),
        ("Source    State    Address Prefix    Next Hop Type    Next Hop IP\n--------  -------\n", .noRows),
        ("{\"value\":[", .notEffectiveRoutes), ("hello world", .notEffectiveRoutes), ("", .notEffectiveRoutes),
        ("{\"id\":\"/subscriptions/s\",\"name\":\"n\"}", .notEffectiveRoutes),
        ("[{\"id\":\"/subscriptions/s\"}]", .notEffectiveRoutes),
        ("{\"value\":[{\"nextHopType\":\"None\"}]}", .notEffectiveRoutes),
    ])
    func whatIsNoTableOfANICIsRefused(text: String, code: VerificationError.Code) {
        let error = #expect(throws: VerificationError.self) {
            try EffectiveRouteFile(name: "f", bytes: Array(text.utf8))
        }
        #expect(error?.code == code)
        #expect(error?.isUsage == false)
    }

    @Test func anAnswerWithFurtherPagesMissesNothing() throws {
        let rows = VerifyLab.azure.filter { $0.prefixes != ["10.1.2.0/24"] }
        let text = "{\"nextLink\":\"https://x\",\"value\":\(VerifyLab.list(rows))}"
        let verification = try VerifyLab().verify(text)
        #expect(verification.agrees)
        #expect(verification.reasons("10.1.2.0/24") == ["Azure's answer is not whole: further pages follow"])
        #expect(try EffectiveRouteFile(name: "f", bytes: Array(text.utf8)).isWhole == false)
    }

    private static let samples = ProcessInfo.processInfo.environment["FLOWSIGHT_SAMPLES"]

    @Test(.enabled(if: samples != nil, "needs FLOWSIGHT_SAMPLES, a folder of exports written by others"))
    func aRealAnswerAgreesWithAnEmptyVNet() throws {
        let path = URL(filePath: try #require(EffectiveRouteFileTests.samples)).appending(
            path: "topology/effective-routes-rest.json")
        let file = try EffectiveRouteFile(name: path.lastPathComponent, bytes: Array(try Data(contentsOf: path)))
        var network = TestNetwork()
        network.addVNet("v", ["10.0.0.0/16"], subnets: [TestNetwork.subnet("v", "s", "10.0.1.0/24")])
        network.addNIC("n", "10.0.1.4", vnet: "v", subnet: "s")
        let topology = try network.topology()
        let verification = try topology.verify(effective: file, nic: topology.interface(named: "n"))
        #expect(verification.agrees && verification.agreeing == 5)
        // One documented range was not reserved yet in 2019.
        #expect(verification.notCompared.map(\.prefix) == ["::/0", "172.16.0.0/12"])
    }
}
