import Detect
import FlowModel
import Testing
import Topology

@Suite struct FirewallBottleneckTests {
    private func logs(
        percent: Double, metric: Double? = 1, minutes: Int = 30, streams: Int = 20, until: Int = 90
    ) -> Logs {
        var logs = Logs()
        logs.healthy(minutes: 0..<until)
        logs.backup(minutes: 10..<(10 + minutes), percent: percent, metric: metric, streams: streams)
        return logs
    }

    @Test func firesAtItsCapacityAndSaysWho() throws {
        let inspection = try Inspection(logs(percent: 0.93, until: 60))
        let finding = try #require(inspection.sorted.first)
        #expect(inspection.sorted.count == 1)
        #expect(finding.detector == FirewallBottleneckDetector.id)
        #expect(finding.subject == ["firewall": Network.firewall, "limit": "throughput"])
        #expect(finding.cause == Network.firewall)
        #expect(finding.confidence == .high)
        #expect(finding.clients.first?.address == "10.2.1.5")
        #expect(finding.clients.first?.sessions == 30)
        #expect(finding.why.contains("10.2.1.5"))
        #expect(finding.state == .open)
        #expect(!finding.evidence.isEmpty)
        #expect(finding.openedAt > Logs.start.advanced(seconds: 14 * 60))
    }

    @Test func reportsTheLoadOfEveryMinute() throws {
        let inspection = try Inspection(logs(percent: 0.93))
        let busy = inspection.loads.filter { $0.minute == Logs.start.advanced(seconds: 20 * 60) }
        #expect(busy.count == 1)
        let load = try #require(busy.first)
        // 930 Mbit/s for a minute, and two small sessions.
        #expect(abs(load.bytes - 6_975_000_000) < 20_000)
        #expect(load.capacityBytes == 7_500_000_000)
        #expect(load.processedBytes == 6_975_000_000)
        #expect(Set(inspection.loads.map(\.minute)).count == inspection.loads.count)
    }

    @Test(arguments: [0.40, 0.84])
    func staysQuietBelowItsCapacity(percent: Double) throws {
        #expect(try Inspection(logs(percent: percent)).sorted.isEmpty)
    }

    @Test func nearMissThreeMinutesOfTen() throws {
        #expect(try Inspection(logs(percent: 0.95, minutes: 3)).sorted.isEmpty)
        #expect(try Inspection(logs(percent: 0.95, minutes: 6, until: 60)).sorted.count == 1)
    }

    @Test func cannotTellWhereTheMetricContradicts() throws {
        #expect(try Inspection(logs(percent: 0.93, metric: 0.2)).sorted.isEmpty)
    }

    @Test func withoutTheMetricItIsLessSure() throws {
        let finding = try #require(try Inspection(logs(percent: 0.93, metric: nil)).sorted.first)
        #expect(finding.confidence == .medium)
    }

    @Test func resolvesAfterTenMinutesUnderSeventyPercent() throws {
        let inspection = try Inspection(logs(percent: 0.93))
        let finding = try #require(inspection.sorted.first)
        #expect(finding.state == .resolved)
        // From minute 40 on there is little, ten minutes are over at 50, and loads are final an interval after that.
        #expect(finding.resolvedAt == Logs.start.advanced(seconds: 55 * 60))
    }

    @Test func staysOpenWhereTheSourcesFallSilent() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<41)
        logs.backup(minutes: 10..<40, percent: 0.93)
        for minute in 41..<120 { logs.processed(Double(minute * 60), bytes: 10) }
        #expect(try Inspection(logs).sorted.map(\.state) == [.open])
    }

    @Test func countsAFlowOnceWhereBothEndsAndTwoLogsTellIt() throws {
        var logs = Logs()
        logs.healthy(minutes: 0..<60)
        logs.backup(minutes: 10..<40, percent: 0.45)
        // The same rows from a flow log of the subnet: a better source, which tells the same observer's minutes.
        let once = try Inspection(logs)
        var both = logs
        both.add(Logs.retold(percent: 0.45))
        let twice = try Inspection(both)
        #expect(twice.sorted.isEmpty)
        let minute = Logs.start.advanced(seconds: 20 * 60)
        let first = try #require(once.loads.first { $0.minute == minute }?.bytes)
        let second = try #require(twice.loads.first { $0.minute == minute }?.bytes)
        #expect(abs(first - second) < 20_000)
    }

    /// A megabyte a minute between two NICs of the topology, through the firewall, as either or both tell it.
    @Test(arguments: [[Logs.Side.client], [.server], [.client, .server]])
    func theReceiversViewCountsOnlyWhereTheInitiatorsIsMissing(sides: [Logs.Side]) throws {
        var network = Network()
        network.applicationRoutes.append(("10.0.2.0/24", "VirtualAppliance", "10.0.1.4"))
        var logs = Logs()
        for minute in 0..<40 {
            for side in sides {
                logs.flow(
                    Double(minute * 60) + 30, "10.2.1.4", Int32(30_000 + minute), "10.0.2.4", 443, state: .end,
                    sent: (700, 600_000), received: (500, 400_000), at: side,
                    mac: side == .client ? Network.applicationMAC : 0x000d_3a00_0009,
                    log: side == .client ? Network.flowLog : "/flowlogs/fl-hub",
                    vantage: side == .client ? Network.spoke : Network.hub)
            }
        }
        let loads = try Inspection(logs, in: network).loads
        #expect(!loads.isEmpty)
        #expect(Set(loads.map(\.bytes)) == [1_000_000])
    }

    @Test func findsOneSessionAtTheCeilingOfOneConnection() throws {
        var network = Network()
        network.capacityMbps = 30_000
        // Standard gives one connection 1,500 Mbit/s: 1,425 of it.
        let inspection = try Inspection(logs(percent: 1.425, minutes: 20, streams: 1, until: 60), in: network)
        #expect(inspection.sorted.map(\.subject["limit"]) == ["flow"])
        #expect(inspection.sorted.first?.why.contains("10.2.1.5") == true)
        // The same bytes in 20 sessions are no such thing.
        #expect(try Inspection(logs(percent: 1.425, minutes: 20, until: 60), in: network).sorted.isEmpty)
    }
}

extension Logs {
    /// The backup's rows as another flow log tells them.
    fileprivate static func retold(percent: Double) -> Logs {
        var logs = Logs(seed: 77)
        let bytes = 7_500_000 * 1_000 * percent / 20
        for stream in 0..<20 {
            let port = Int32(33_000 + stream)
            let phase = Double(stream) * 2.7
            for minute in 10..<40 {
                logs.flow(
                    Double(minute * 60 + 60) + phase, "10.2.1.5", port, "192.168.9.9", 873,
                    state: minute == 39 ? .end : .continue, sent: (60_000, Int64(bytes * 0.97)),
                    received: (30_000, Int64(bytes * 0.03)), mac: Network.backupMAC, log: "/flowlogs/fl-subnet",
                    vantage: Network.applicationSubnet)
            }
        }
        return logs
    }
}
