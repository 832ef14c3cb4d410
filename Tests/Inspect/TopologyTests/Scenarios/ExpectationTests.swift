import FlowModel
import Topology
import Testing

/// The tables' own controls: a wrong cell is noticed whichever it is, and no answer hangs on the order of the input.
@Suite struct ExpectationTests {
    private static let right = ScenarioTwoTests.right

    private static func wrong(_ change: (inout Outcome) -> Void) -> Fixture {
        Fixture(
            name: "wrong", network: right.network, client: right.client, endpoint: right.endpoint,
            rows: [.tcp("10.1.2.5/32 VirtualAppliance", Outcome.inspected.with(change))])
    }

    @Test(arguments: [
        wrong { $0.forward = "client endpoint" }, wrong { $0.back = "endpoint client" }, wrong { $0.works = "null" },
        wrong { $0.symmetric = "false" }, wrong { $0.inspected = "false" },
        wrong { $0.client = "true on_path, false not_on_path" }, wrong { $0.firewall = "true on_path, true on_path" },
        wrong { $0.server = "false not_on_path, false not_on_path" }, wrong { $0.atBest = .low },
        Fixture(
            name: "wrong route", network: right.network, client: right.client, endpoint: right.endpoint,
            rows: [.tcp("10.1.2.5/32 InterfaceEndpoint", .inspected)]),
    ])
    func aWrongCellIsNoticed(_ fixture: Fixture) {
        withKnownIssue { try fixture.check() }
    }

    private static let everything =
        ScenarioOneTests.mistakes + ScenarioTwoTests.mistakes + ScenarioThreeTests.mistakes
        + ScenarioFourTests.mistakes("Vpn") + LabTableTests.asItStands + LabTableTests.fixed
        + [ScenarioOneTests.right, ScenarioTwoTests.right, ScenarioThreeTests.right, ScenarioFourTests.right("Vpn")]

    /// One document a resource, backwards.
    @Test(arguments: everything) func theOrderOfTheInputDoesNotCount(_ fixture: Fixture) throws {
        let single = fixture.network.resources.map { TopologyDocument(name: "r.json", bytes: Array($0.utf8)) }
        let overlays = fixture.network.documents.dropFirst()
        let backwards = try Topology(documents: (single + overlays).reversed())
        for row in fixture.rows {
            let answer = backwards.explain(
                from: try backwards.place(fixture.clientAddress), to: try backwards.place(fixture.endpoint),
                ipProtocol: row.ipProtocol, port: row.ipProtocol == IPProtocol.icmp ? nil : fixture.port)
            #expect(try answer == fixture.answer(row.ipProtocol))
        }
    }

    /// Every table asks for all three protocols.
    @Test(arguments: everything) func aTableIsWhole(_ fixture: Fixture) {
        #expect(fixture.rows.map(\.ipProtocol) == [IPProtocol.tcp, IPProtocol.udp, IPProtocol.icmp])
    }
}
