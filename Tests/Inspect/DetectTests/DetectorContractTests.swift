import Detect
import FlowModel
import Foundation
import Testing
import Topology

/// What every detector of the catalogue keeps, whatever it finds.
@Suite struct DetectorContractTests {
    /// One that fires, with the log lines and the network in which it does.
    struct Case: Sendable, CustomTestStringConvertible {
        let detector: String
        /// Keys of the subject.
        let keys: Set<String>
        let network: Network
        let logs: Logs
        var testDescription: String { detector }
    }

    static let cases: [Case] = {
        func logs(_ acts: (inout Logs) -> Void) -> Logs {
            var logs = Logs()
            logs.healthy(minutes: 0..<60)
            acts(&logs)
            return logs
        }
        var wishing = Network()
        wishing.wantsInspection = true
        var broken = Network()
        broken.sharedRoutes = [("10.2.2.5/32", "VirtualAppliance", "10.0.1.4")]
        let bypass = logs {
            $0.probes(minutes: 5..<15)
            $0.blobs(minutes: 6..<20)
        }
        return [
            Case(
                detector: PrivateEndpointICMPUDPOnlyDetector.id, keys: ["private_endpoint", "client_subnet"],
                network: Network(), logs: bypass),
            Case(
                detector: InspectionBypassedDetector.id, keys: ["private_endpoint", "client_subnet"], network: wishing,
                logs: bypass),
            Case(
                detector: AsymmetricSessionDetector.id, keys: ["from", "to"], network: Network(),
                logs: logs { $0.strays(sessions: 0..<8, from: 10) }),
            Case(
                detector: InspectionBrokenDetector.id, keys: ["private_endpoint", "client_subnet", "appliance"],
                network: broken, logs: logs { $0.tries(5..<15) }),
            Case(
                detector: FirewallBottleneckDetector.id, keys: ["firewall", "limit"], network: Network(),
                logs: logs { $0.backup(minutes: 25..<60, percent: 0.93) }),
        ]
    }()

    private func finding(_ example: Case) throws -> Finding {
        let found = try Inspection(example.logs, in: example.network).sorted
        #expect(found.map(\.detector) == [example.detector], "one cause, one finding")
        return try #require(found.first)
    }

    @Test func everyDetectorHasACase() { #expect(Self.cases.map(\.detector).sorted() == Catalogue.ids) }

    @Test(arguments: cases) func theSubjectIsTheCataloguesAndMakesTheFingerprint(_ example: Case) throws {
        let finding = try finding(example)
        #expect(Set(finding.subject.keys) == example.keys)
        #expect(finding.fingerprint == fingerprint(detector: example.detector, subject: finding.subject))
        for (key, value) in finding.subject where key != "limit" {
            #expect(value == value.lowercased() && finding.names[value] != nil, "\(key) \(value)")
        }
        #expect(finding.names[finding.cause] != nil)
    }

    @Test(arguments: cases) func itSaysWhatWhyAndWhatToDo(_ example: Case) throws {
        let finding = try finding(example)
        #expect(!finding.title.isEmpty && !finding.title.hasSuffix(".") && !finding.title.contains("\n"))
        #expect(finding.why.hasSuffix(".") && !finding.why.contains("  ") && !finding.why.contains(".."))
        #expect(finding.proof == .none || !finding.proofWhy.isEmpty)
        #expect(!finding.remedy.isEmpty && finding.remedy.allSatisfy { !$0.isEmpty })
        #expect(finding.explain.isEmpty || finding.explain.hasPrefix("flowsight explain --topology "))
        for id in finding.subject.values where id.hasPrefix("/") {
            #expect(!finding.title.contains(id), "names, not ids")
        }
    }

    @Test(arguments: cases) func itShowsItsEvidenceAndCountsItAll(_ example: Case) throws {
        let finding = try finding(example)
        #expect(!finding.evidence.isEmpty && finding.evidence.count <= Finding.evidenceLimit)
        let order = finding.evidence.map { "\($0.time) \($0.source) \($0.recordHash)" }
        #expect(order == order.sorted())
        for row in finding.evidence {
            #expect(!row.what.isEmpty && !row.source.isEmpty && !row.vantage.isEmpty)
            // A load's last sighting is the start of a minute, and a row stands at the end of the interval that it counts.
            let latest = finding.lastSeen.advanced(seconds: 360)
            #expect(row.time >= finding.firstSeen && row.time <= latest, "\(row.time)")
        }
        #expect(finding.counts.records > 0 && finding.counts.clients > 0)
        #expect(finding.clients.count <= Int(finding.counts.clients))
        #expect(finding.clients.map(\.sessions) == finding.clients.map(\.sessions).sorted(by: >))
    }

    @Test(arguments: cases) func itsTimesAreEventTimesInOrder(_ example: Case) throws {
        let finding = try finding(example)
        #expect(finding.firstSeen <= finding.lastSeen && finding.firstSeen >= Logs.start)
        #expect(finding.openedAt > finding.firstSeen)
        #expect(finding.state == .open && finding.resolvedAt == nil && finding.resolvedBecause == nil)
    }

    @Test(arguments: cases) func itComesBackFromItsJSON(_ example: Case) throws {
        let finding = try finding(example)
        var writer = JSONWriter()
        finding.write(to: &writer)
        let read = try JSONDecoder().decode(Finding.self, from: Data(writer.string.utf8))
        #expect(read == finding)
    }

    /// The same lines in the network as it should be.
    @Test(arguments: cases) func itIsQuietWithoutItsLines(_ example: Case) throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        #expect(try Inspection(logs, in: example.network).sorted.isEmpty)
    }

    /// Nothing is open twice, and what was open goes stale, not away, when the logs fall silent.
    @Test(arguments: cases) func silenceResolvesNothing(_ example: Case) throws {
        var logs = example.logs
        // Something else is logged much later, by another network's client: time goes on.
        logs.flow(400 * 60, "10.2.1.5", 1, "203.0.113.10", 443, state: .begin, mac: Network.backupMAC)
        let inspection = try Inspection(logs, in: example.network)
        #expect(inspection.findings(example.detector).allSatisfy { $0.state == .stale || $0.state == .open })
        #expect(inspection.changes.count { $0.kind == .opened && $0.finding.detector == example.detector } == 1)
    }
}
