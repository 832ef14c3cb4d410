/// What the platform itself does: health probes, its own services, and the firewall's metrics.
extension Lab {
    mutating func addPlatformTraffic() {
        var random = random("platform")
        for minute in 0..<schedule.minutes {
            let start = schedule.start(ofMinute: minute)
            for machine in plan.machines {
                for _ in 0..<scale.probesPerMinute {
                    beProbed(machine, at: start + random.milliseconds(0...59_900), &random)
                }
                report(machine, at: start + random.milliseconds(0...59_000), &random)
            }
        }
    }

    /// A health probe: counted one way only, and no asymmetry.
    private mutating func beProbed(_ machine: Machine, at time: Int64, _ random: inout SplitMix64) {
        let flow = Conversation(
            client: .platform, clientPort: random.int(49_152...65_500), server: machine.address, serverPort: 443,
            begin: time, end: time)
        logTuple(
            flow, at: machine, inbound: true, rule: NetworkRule.platform, state: "E", time: time,
            Counters(packetsSent: 1, bytesSent: 128))
    }

    /// The machine's agent reports to the platform.
    private mutating func report(_ machine: Machine, at begin: Int64, _ random: inout SplitMix64) {
        let flow = Conversation(
            client: machine.address, clientPort: port(of: machine.address), server: .platform,
            serverPort: random.pick([80, 32_526]), begin: begin, end: begin + random.milliseconds(5...900),
            bytesSent: random.int(400...1_600), bytesReceived: random.int(500...6_000))
        logFlow(flow, at: machine, rule: NetworkRule.platform)
    }

    /// The firewall's metrics, one point a minute each, as diagnostic settings write them (no category, no wrapper).
    func metricRows() -> [LogRow] {
        var random = random("metrics")
        let networkHits = hits(.networkRule)
        let applicationHits = hits(.applicationRule)
        var rows: [LogRow] = []
        for minute in 0..<schedule.minutes {
            let time = schedule.start(ofMinute: minute)
            let bytes = Int(crossingBytes[minute] * random.double(0.992...1.008))
            let snat = options.isSmall ? random.int(0...1) : random.int(1...4)
            let points: [(name: String, value: String)] = [
                ("DataProcessed", "\(bytes)"), ("FirewallHealth", "100"), ("SNATPortUtilization", "\(snat)"),
                ("FirewallLatencyPng", "\(random.int(0...1)).\(random.int(600...999))"),
                ("NetworkRuleHit", "\(networkHits[minute])"), ("ApplicationRuleHit", "\(applicationHits[minute])"),
            ]
            for point in random.shuffled(points) {
                let text =
                    "{\"count\":1,\"total\":\(point.value),\"minimum\":\(point.value),\"maximum\":\(point.value),"
                    + "\"average\":\(point.value),\"resourceId\":\"\(plan.firewallID.uppercased())\","
                    + "\"time\":\"\(Clock.text(time, .sixDigits))\",\"metricName\":\"\(point.name)\","
                    + "\"timeGrain\":\"PT1M\"}"
                rows.append(LogRow(time: time, text: text))
            }
        }
        return rows
    }

    private func hits(_ category: FirewallCategory) -> [Int] {
        var counts = Array(repeating: 0, count: schedule.minutes)
        for row in firewallRows[category] ?? [] { counts[schedule.minute(of: row.time)] += 1 }
        return counts
    }
}
