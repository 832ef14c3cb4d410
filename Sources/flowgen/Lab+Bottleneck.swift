/// Act 3: the backup machine writes to on-premises through the firewall, 20 flows at once, for 30 minutes.
///
/// None of them is near the ceiling of one flow; together they are at 90 to 97 % of the capacity that the overlay
/// gives (1,000 Mbps, both ways added). Configured right, the backup keeps to 40 %.
extension Lab {
    static let capacityMbps = 1_000
    private static let flowCount = 20

    mutating func addBottleneck() {
        var random = random("bottleneck")
        let loads = minuteLoads(&random)
        let weights = (0..<Lab.flowCount).map { _ in random.double(0.8...1.2) }
        let whole = weights.reduce(0, +)
        let vault = plan.vaults[0]
        for weight in random.shuffled(weights) {
            // The flows begin within the minute before the act and end within the one after it.
            let begin = schedule.start(ofMinute: schedule.bottleneck.lowerBound) - random.milliseconds(4_000...50_000)
            let end = schedule.start(ofMinute: schedule.bottleneck.upperBound) + random.milliseconds(4_000...50_000)
            let flow = Conversation(
                client: plan.backup.address, clientPort: port(of: plan.backup.address), server: vault,
                serverPort: plan.backupPort, begin: begin, end: end)
            openAtFirewall(flow, rule: "allow-backup")
            traceWhole(flow, &random)
            logLoad(flow, share: weight / whole, of: loads, &random)
        }
    }

    /// Bytes a minute, by minute of the lab; the same level just before and after the act as in it.
    private func minuteLoads(_ random: inout SplitMix64) -> [Double] {
        let perMinute = Double(Lab.capacityMbps) * 1_000_000 / 8 * 60
        return (0..<schedule.minutes).map { _ in
            perMinute * (options.isFixed ? random.double(0.39...0.41) : random.double(0.92...0.95))
        }
    }

    /// One flow's rows: B, then C each minute at the flow's own second, then E.
    private mutating func logLoad(
        _ flow: Conversation, share: Double, of loads: [Double], _ random: inout SplitMix64
    ) {
        logTuple(flow, at: plan.backup, rule: NetworkRule.internetOut, state: "B", time: flow.begin)
        var previous = flow.begin
        while previous < flow.end {
            let next = min(previous + Clock.minute, flow.end)
            let due = Lab.bytes(of: loads, share: share, from: previous, to: next, schedule)
            let bytes = due * random.double(0.99...1.01)
            let received = Int(bytes * random.double(0.015...0.025))
            logTuple(
                flow, at: plan.backup, rule: NetworkRule.internetOut, state: next == flow.end ? "E" : "C", time: next,
                since: previous, Lab.counters(sent: Int(bytes) - received, received: received))
            sample(flow, bytes: bytes, from: previous, to: next)
            previous = next
        }
    }

    /// The share of the minutes' loads that lies between two moments.
    private static func bytes(
        of loads: [Double], share: Double, from: Int64, to: Int64, _ schedule: LabSchedule
    ) -> Double {
        var moment = from
        var sum = 0.0
        while moment < to {
            let minute = schedule.minute(of: moment)
            let next = min(to, schedule.start(ofMinute: minute + 1))
            sum += loads[minute] * share * Double(next - moment) / Double(Clock.minute)
            moment = next
        }
        return sum
    }

    /// Each third minute the firewall samples its fat flows.
    private mutating func sample(_ flow: Conversation, bytes: Double, from: Int64, to: Int64) {
        guard schedule.minute(of: to) % 3 == 0, flow.clientPort % 2 == 0 else { return }
        let rate = bytes * 8 / Double(max(1, to - from))
        fatFlow(
            from: flow.client, flow.clientPort, to: flow.server, flow.serverPort, rate: rate,
            at: schedule.start(ofMinute: schedule.minute(of: to)) + 2 * Clock.second + Int64(flow.clientPort % 900))
    }
}
