import Decode
import FlowModel
import Foundation
import Testing

private let samples = ProcessInfo.processInfo.environment["FLOWSIGHT_SAMPLES"]
/// The youngest sample is of September 2026.
private let sampleNow = EventTime(seconds: 1_789_000_000)

private struct Expectation: Sendable {
    var file: String
    var records: Int64
    var decoded: Int
    var stored: Int
    var sent: Int64 = -1
    var received: Int64 = -1
}

private let expectations: [Expectation] = [
    Expectation(file: "nsg-v1.json", records: 3, decoded: 1_758, stored: 1_758),
    Expectation(file: "nsg-v2.json", records: 8, decoded: 153, stored: 153, sent: 71_455, received: 6_490),
    Expectation(file: "vnet-v4-nic.json", records: 4, decoded: 61, stored: 49, sent: 2_486_235, received: 3_705_520),
    Expectation(file: "vnet-v4-subnet.json", records: 4, decoded: 68, stored: 34, sent: 31_764, received: 24_700),
    Expectation(file: "vnet-v4-vnet.json", records: 8, decoded: 166, stored: 83, sent: 70_556, received: 82_064),
    Expectation(file: "AZFWNetworkRule.jsonl", records: 65, decoded: 65, stored: 65),
    Expectation(file: "AzureFirewallNetworkRule.jsonl", records: 65, decoded: 65, stored: 65),
    Expectation(file: "AZFWDnsQuery.jsonl", records: 4, decoded: 4, stored: 4),
    Expectation(file: "AzureFirewallDnsProxy.jsonl", records: 4, decoded: 4, stored: 4),
    Expectation(file: "azure-metrics.json", records: 6, decoded: 6, stored: 3),
]

@Suite(.enabled(if: samples != nil, "FLOWSIGHT_SAMPLES names no folder of real logs"))
struct SampleTests {
    private func bytes(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(samples ?? "")/\(file)")))
    }

    private func count(
        _ bytes: [UInt8], skipsRepeated: Bool
    ) -> (rows: [FlowRow], points: Int, letters: Int, records: Int64) {
        var decoder = DropDecoder(file: "sample", now: sampleNow, skipsRepeated: skipsRepeated)
        var known = RecordSet()
        var batch = FlowBatch()
        decoder.append(bytes.span)
        #expect(decoder.decode(into: &batch, known: &known) == .needsInput)
        decoder.finish(into: &batch)
        return (batch.rows, batch.metrics.count, batch.deadLetters.count, decoder.recordsRead)
    }

    @Test(arguments: expectations.indices)
    func everySampleHoldsWhatItsIndexSays(_ index: Int) throws {
        let expected = expectations[index]
        let bytes = try bytes(expected.file)
        let decoded = count(bytes, skipsRepeated: false)
        #expect(decoded.records == expected.records)
        #expect(decoded.rows.count + decoded.points == expected.decoded)
        #expect(decoded.letters == 0)
        let stored = count(bytes, skipsRepeated: true)
        #expect(stored.rows.count + stored.points == expected.stored)
        #expect(stored.letters == 0)
        if expected.sent >= 0 {
            #expect(decoded.rows.reduce(0) { $0 + max($1.bytesSent, 0) } == expected.sent)
            #expect(decoded.rows.reduce(0) { $0 + max($1.bytesReceived, 0) } == expected.received)
        }
    }

    @Test func structuredAndLegacyFirewallLogsTellTheSameEvents() throws {
        func keys(_ file: String) throws -> [String] {
            count(try bytes(file), skipsRepeated: true).rows.map {
                "\($0.time) \($0.sourceAddress):\($0.sourcePort) \($0.destinationAddress):\($0.destinationPort) \($0.ipProtocol) \($0.icmpType) \($0.action) \($0.rule.isNone)"
            }.sorted()
        }
        #expect(try keys("AZFWNetworkRule.jsonl") == keys("AzureFirewallNetworkRule.jsonl"))
        #expect(try keys("AZFWDnsQuery.jsonl") == keys("AzureFirewallDnsProxy.jsonl"))
    }

    @Test func statesAndProtocolsOfTheNICSample() throws {
        let rows = count(try bytes("vnet-v4-nic.json"), skipsRepeated: false).rows
        #expect(rows.count { $0.ipProtocol == IPProtocol.tcp } == 58)
        #expect(rows.count { $0.ipProtocol == IPProtocol.udp } == 3)
        #expect(rows.count { $0.state == .begin } == 13)
        #expect(rows.count { $0.state == .end } == 12)
        #expect(rows.count { $0.state == .deny && $0.action == .deny } == 36)
    }
}
